"""The measurable aim of a task: which figure of a clause it is, and the words that state it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newslake.annotate.article import Mention

_BOUND_BEHIND = re.compile(r"(?:以上|以下|以内|左右|之内|次)*")
_ATTRIBUTE = re.compile(r"(?:以上|左右|以下)?(?:的|级|期|版|制)")
_SIZE_OF_A_THING = (
    "总投资",
    "投资额",
    "全长",
    "长",
    "长约",
    "占地",
    "总面积",
    "建筑面积",
    "总建筑面积",
    "每年",
    "设计年",
    "年均",
    "近",
    "为期",
)
_DURATIONS = frozenset(("小时", "分钟", "秒", "天", "日", "周", "个月", "年", "次"))
_SMALL_NUMBERS = frozenset("一二两三四五六七八九十")  # written out they count what is spoken of: 两个难题, 三场攻坚战
_STRIVE = ("力争", "争取", "力求")
_OBTAINED = re.compile(
    "争取(?:到|上级|中央|国家|[省市]级)*[^，。；争取完成达实现]{0,6}(?:资金|补助|债券?|贷款|指标|支持|政策|经费|项目|试点)"
)
_LONGEST_VERB = 4  # code points in front of an aim: 努力争取
_BOUNDS = ("at_least", "at_most", "about", "more_than", "less_than")


@dataclass(frozen=True)
class Target:
    """A measurable aim: `start` and `end` of its words in code points; figures as in `tables.mentions`."""

    start: int
    end: int
    quantity: float
    unit: str | None
    modifier: str | None


def find_target(text: str, start: int, end: int, figures: Sequence[Mention], verb: str) -> Target | None:
    """The aim stated in a task.

    A figure that only describes a thing (3.2公里的铁路, 总投资5亿元) is no aim. Of several, the one at the end of the
    clause or before a comma is it (改造小区42个), else the first.

    Args:
        text: the article's.
        start: where the words that state the aim begin: at the verb of change or the thing counted.
        end: the end of the task.
        figures: mentions of kind `figure` that lie between `start` and `end`, by place.
        verb: the words that make it a task; 力争 among them makes the figure one to strive for unless it is bounded.

    Returns:
        The aim; null where the task has no figure of its own.
    """
    best: Target | None = None
    for figure in figures:
        is_attribute = _ATTRIBUTE.match(text, figure.end, end) is not None
        is_aside = figure.unit in _DURATIONS or text[figure.start] in _SMALL_NUMBERS
        if figure.quantity is None or ((is_attribute or is_aside) and figure.modifier not in _BOUNDS):
            continue
        if figure.modifier not in _BOUNDS and _is_size(text, start, figure.start):
            continue
        behind = _BOUND_BEHIND.match(text, figure.end, end)
        reached = behind.end() if behind else figure.end
        is_last = reached == end or text[reached] in "、，；。 "
        aim = Target(
            min(start, figure.start),
            reached if is_last else end,
            figure.quantity,
            figure.unit,
            None if _is_obtained(text, start, figure) else _modifier(figure.modifier, verb),
        )
        if is_last:
            return aim
        best = best or aim
    return best


def _is_size(text: str, start: int, place: int) -> bool:
    """Whether what stands before a figure makes it the size of a thing: 全长, 总投资; not 增长."""
    return text.endswith(_SIZE_OF_A_THING, start, place) and not text.endswith("增长", start, place)


def _is_obtained(text: str, start: int, figure: Mention) -> bool:
    """Whether 争取 says that something is to be got (争取资金5000万元), and not that the figure is striven for."""
    if figure.modifier not in (None, "strive"):
        return False
    found = _OBTAINED.search(text, max(0, start - _LONGEST_VERB), figure.start)
    return found is not None and text.find("，", found.end(), figure.start) < 0


def _modifier(of_figure: str | None, verb: str) -> str | None:
    """What bounds wins over striving, striving over reaching and changing (docs/annotation.md, rule 6)."""
    return "strive" if of_figure not in _BOUNDS and verb.startswith(_STRIVE) else of_figure
