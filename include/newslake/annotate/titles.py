"""Chinese titles of office: which words are titles, and how far a title reaches to the left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from newslake.config import reference_lines


def _words(text: str) -> list[str]:
    """The words of a list written in lines, which reads better than one a line."""
    return text.split()


_PREFIXES = frozenset(_words("副 正 原 前 代 时任 现任 常务 第一 执行 名誉 轮值 候任 资深 高级 总"))
# What an organisation's name may begin with, beside a place.
_LEVELS = frozenset(
    _words(
        "中共 中央 全国 国家 国务院 最高 省 市 区 县 州 镇 乡 村 街道 社区 党 共青团 党委 党组 党工委 机关 公司 "
        "集团 本报"
    )
)
_BODY_ENDS = tuple(
    _words(
        "委 局 部 厅 院 会 府 办 省 市 区 县 州 镇 乡 村 街道 社区 集团 公司 银行 大学 学院 学校 中学 小学 医院 "
        "中心 处 科 室 站 所 党组 党委 工委 支部 总队 支队 大队 协会 商会 学会 工会 妇联 团委 政协 人大 法院 "
        "检察院 分局 总局 总社 报社 电视台 厂 社 组"
    )
)
# Verbs that are parts of organisations' names (发展改革委, 应急管理局).
_NAME_VERBS = frozenset(
    _words(
        "发展 改革 建设 管理 规划 研究 服务 监督 监管 检查 检察 监察 应急 统战 宣传 组织 教育 投资 开发 保护 统计 "
        "审计 运输 协商 控股 执法 指导 领导 工作 治理 保障 合作 交易 设计 测绘 气象 农业 救援 防治 促进 推进 勘察 "
        "勘测 销售 经营 生产 外事 营销"
    )
)
_LONGEST = 24  # code points of an organisation in front of a title; longer ones have swallowed a clause


@cache
def _titles() -> tuple[frozenset[str], tuple[str, ...]]:
    titles = reference_lines("titles")
    return frozenset(titles), tuple(title for title in titles if len(title) > 1)


@lru_cache(maxsize=200_000)
def is_title(word: str) -> bool:
    """Whether a word is a title of the reference list or ends with one.

    >>> is_title("书记"), is_title("副秘书长"), is_title("书记处")
    (True, True, False)
    """
    known, endings = _titles()
    return word in known or (2 < len(word) <= 12 and word.endswith(endings))


def find_title_start(words: Sequence[str], tags: Sequence[str], starts: Sequence[int], head: int) -> int:
    """The first word of the title whose last word is `head`.

    Takes in the body to which the office belongs, and offices that stand before it after a pause mark.

    Args:
        words: words of the sentence, with their parts of speech and places.
        tags: parts of speech, as `segment` gives them.
        starts: where each word begins, in code points.
        head: position of the title's last word.

    Returns:
        Position of the first word.

    >>> words = ["会见", "区委", "副书记", "、", "区政府", "区长"]
    >>> find_title_start(words, ["v", "n", "n", "w", "n", "n"], [0, 2, 4, 7, 8, 11], 5)
    1
    """
    first = head
    while True:
        reached = _take_in_body(words, tags, starts, first)
        if reached >= 2 and words[reached - 1] == "、" and is_title(words[reached - 2]):
            first = reached - 2
        else:
            return reached


def _take_in_body(words: Sequence[str], tags: Sequence[str], starts: Sequence[int], head: int) -> int:
    """Goes left over the words of a body's name; stops where no body can begin."""
    first = head
    position = head - 1
    while position >= 0 and starts[position] + len(words[position]) == starts[position + 1]:
        word, tag = words[position], tags[position]
        if starts[head] - starts[position] > _LONGEST or not _is_part(word, tag):
            break
        if word in _PREFIXES or word in _LEVELS or tag in ("ns", "nt") or word.endswith(_BODY_ENDS) or is_title(word):
            first = position
        position -= 1
    return first


def _is_part(word: str, tag: str) -> bool:
    """Whether a word may stand within a body's name or before a title."""
    if word in _NAME_VERBS or word in _PREFIXES or word in _LEVELS:
        return True
    return tag in ("n", "ns", "nt", "nz", "ng", "vn", "b", "j", "zg", "eng", "an") and word[-1].isalnum()
