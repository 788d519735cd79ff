"""Names of those who made an article: bylines split by role, and cleaned of role, medium and place words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain

from newslake.config import reference_lines

_RANK = "(?:首席|特约|特派|实习|见习|资深|全?融媒体?|全媒体|文字)*"
# Behind a word of these the names follow, or, where none do, stand before it: 记者 李明, 李明 摄.
# The first characters, looked for ahead of the words, spare most places the trial of each word.
_ROLE = re.compile(
    "(?=[首特实见资全融文记撰作采通图摄拍供])(?:"
    rf"{_RANK}(?:(?P<reporter>记者(?!手记|[注按][:：])团?|特派员|实习生|撰稿人?|撰文|作者|采写)|(?P<correspondent>通讯员|通联员))"
    r"|(?P<both>文\s*[/／、]\s*[图摄]片?|图\s*[/／、]\s*文|摄影报道|图文报道|图文|文图)"
    r"|(?P<picture>摄影记者|图片|摄影|拍摄|供图|(?<=[\s/／)）])摄|摄(?=\s*(?:$|[/／:：)）、]))|图(?=\s*[/／:：])|(?<=[/／\s])图)"
    r"|(?P<word>文(?=\s*[/／:：])|(?<=[/／])文|(?<=\s)文(?=\s)))"
)
_FILLERS = re.compile(r"综合报[道导]|报[道导]|综合|整理|供稿|提供|发自")
_SEPARATORS = re.compile(r"[\s、,，;；/／|丨:：&()（）【】\[\]。.]+")
# A family name and a given name of one character each, set apart to be as wide as the names around them.
_APART = re.compile(
    r"(?<![\u4e00-\u9fff])(?P<family>[\u4e00-\u9fff])[ \t\u3000]+(?P<given>[\u4e00-\u9fff])(?![\u4e00-\u9fff])"
)
_AND = re.compile(r"(?<=[\u4e00-\u9fff]{2})[和与](?=[\u4e00-\u9fff]{2})")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}(?:[·•‧][\u4e00-\u9fff]{1,8})+")
# Words of two to four characters that stand where names stand.
_NOT_NAMES = frozenset(
    ("本报", "本网", "本台", "本站", "本刊", "本社", "文图", "图文", "通讯", "报道", "综合", "整理", "编辑", "实习", "记者", "责编", "校对",
     "专电", "消息", "获悉", "了解", "采访", "网易", "新浪", "腾讯", "搜狐", "凤凰", "新华", "佚名", "匿名", "小编", "管理员", "未知", "不详",
     "转载", "原创", "网络", "互联网", "来源", "受访者", "资料", "资料图", "网友", "读者", "官方", "官网", "现场", "主办方", "当事人", "有关部门",
     "打印", "关闭", "收藏", "分享", "点击", "浏览", "字号", "字体", "大中", "大中小", "无名", "本网站", "出处", "职员", "访问", "统计", "转自", "转发",
     "特约", "撰写", "文字", "原作者", "半月谈", "瞭望", "网络截图", "截图", "翻译", "编译", "评论员", "特邀", "专稿", "供稿", "暂无", "不明", "无", "见习",
     "企业", "单位", "警方", "校方", "家属", "作者", "本人", "片方", "剧组", "央视", "中心", "视觉中国", "图虫", "摄影", "供图", "图片", "视频")
)  # fmt: skip
_PLACE = re.compile(
    r"(?:北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|云南"
    r"|陕西|甘肃|青海|内蒙古|宁夏|新疆|西藏|香港|澳门|台湾)(?:[\u4e00-\u9fff]{2})?"
)
_BODY_NAME = re.compile(
    r".{1,3}(?:[省县区镇乡局委办厅社台网报站院校馆]|公司|中心|医院|学校|集团|部门|大学|新闻|传媒|融媒|频道|在线|视频|客户端"
    r"|财经|体育|娱乐|科技|视觉|发布|编辑|记者|周刊|杂志|平台)|.{2,3}[部室组队处刊]|驻.*"
)
# Rarer family names, believed only where a label or a role says that a name stands there.
_RARE_FAMILY_NAMES = frozenset("杭萧亓逯仉郄荀裘钮冀苑尉桓郏訾佀禤缪眭亢谯伊嵇阎展哈桂初楮别邰郇雒")
_HAN_ONLY = re.compile("[\u4e00-\u9fff]{2,4}")
# Words that begin with a character that is a family name, too, and stand alone on pages.
_EVERYDAY = """
金融 金属 高校 高考 高端 高清 时尚 时政 时评 时间 时事 方案 方法 方式 安全 安徽 江苏 江西 黄金 白银 文化 文学 文艺 文体 文件 文章 文旅
成都 成语 成人 公司 公告 公益 云南 石油 石化 马上 钱币 花卉 花絮 路况 车市 商业 商务 农业 牛市 熊市 熊猫 项目 程序 计划 严打 游戏 游记
明星 明日 申请 关注 关闭 关于 任务 单位 温馨 温度 祝福 祝贺 危机 双语 全文 全国 党建 国际 国内 和平 平安 房产 强国 常识 景点 景区 和谐
水利 水产 山西 山东 河南 河北 湖北 湖南 广告 广州 广东 广西 海南 海外 别墅 万家 万象 万科 华人 华语 华夏 毛利 元旦 元宵 康复 康健 曲艺
米其林 高新区 云计算 高速路 金融界 周末版 周刊 余杭 余姚 安吉 安庆 金华 金坛 方正 常州 常熟 温州 温岭 江阴 江门 江津 万州 万宁 梅州 柳州 林州 房山 平湖 平谷 康定 周边游 周报 周一 周二 周三 周四 周五 周六 周日 年度 终于
"""
_AROUND_NAMES = re.compile(r"^\s*[Bb][Yy]:?\s+(?=[A-Z])|\s*(?:\||\b(?:Updated|Published|Posted)\b).*", re.DOTALL)
_CAPITAL = "[A-ZÀ-ÖØ-ÞĀ-ž]"
_ENGLISH_NAME = re.compile(rf"{_CAPITAL}[\w.'’-]*(?: (?:{_CAPITAL}[\w.'’-]*|de|van|von|der|bin|al|la|del|di)){{1,4}}")
_ENGLISH_SEPARATORS = re.compile(r"\s*(?:,|、|&|;|\band\b)\s*|\s+with\s+|/")
_WHEREABOUTS = re.compile(r"\s+(?:in|at|from|of|for)\s+.*", re.DOTALL)
_ENGLISH_NOT_NAMES = re.compile(
    r"\b(?:Staff|Writers?|Reporters?|Correspondents?|Editors?|News|Press|Reuters|Agency|Team|Desk|Service|Images"
    r"|Newsroom|Photographers?|Shimbun|Xinhua|AFP|Times|Herald|Tribune|Journal|Gazette|Magazine|Contributors?)\b"
)
_AGENCY_BEHIND = re.compile(
    r"[\s,]+(?:[Tt]he )?(?:Associated Press|Agence France-Presse|Reuters|Bloomberg(?: News)?|AFP|AP|Xinhua|Staff Writers?|Staff Reporters?)\.?\s*$"
)
_BY = re.compile(r"^[Bb][Yy]:?\s+(?P<names>[A-ZÀ-Þ][^\d:;!?]{2,120})$")


@dataclass(frozen=True, slots=True)
class Names:
    """Names in the order in which they are printed, each once, by what their bearers did."""

    reporters: tuple[str, ...] = ()
    correspondents: tuple[str, ...] = ()
    photographers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.reporters or self.correspondents or self.photographers)

    def __add__(self, other: Names) -> Names:
        if not other or not self:
            return self or other
        return Names(
            distinct(self.reporters + other.reporters),
            distinct(self.correspondents + other.correspondents),
            distinct(self.photographers + other.photographers),
        )

    def credible(self) -> Names:
        """Those that begin with a family name: what stands behind 记者 without a label's colon may be any word.

        Beside such a name one of three characters is believed, too: its family name may be a rare one.
        """
        groups = (self.reporters, self.correspondents, self.photographers)
        is_any = any(has_family_name(name) for names in groups for name in names)
        return Names(*(tuple(n for n in names if has_family_name(n) or (is_any and len(n) == 3)) for names in groups))


NO_NAMES = Names()


def split_roles(text: str, role: str = "reporter") -> Names:
    """Splits a Chinese byline by its role words.

    Names follow their role, or stand before it where none follow. 文/图 and 摄影报道 make photographers of
    reporters; 摄 says who took the picture only.

    Args:
        text: the byline, without its brackets.
        role: reporter, correspondent or picture: what names are that no role word belongs to.

    >>> split_roles("本报记者 李明 通讯员 赵强 文/图")
    Names(reporters=('李明',), correspondents=('赵强',), photographers=('赵强',))
    >>> split_roles("见习记者 李明 摄影 王小红")
    Names(reporters=('李明',), correspondents=(), photographers=('王小红',))
    >>> split_roles("全媒体记者 李明 摄").photographers
    ('李明',)
    """
    found: dict[str, list[str]] = {"reporter": [], "correspondent": [], "picture": []}
    marks = list(_ROLE.finditer(text))
    if not marks:
        found[role] += _plain_names(text)
        return Names(*(distinct(names) for names in found.values()))
    starts = [mark.end() for mark in marks]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    # Before 记者 stands what she works for, before 摄 her name.
    group = () if marks[0].lastgroup in ("reporter", "correspondent") else _plain_names(text[: marks[0].start()])
    found[role] += group
    for mark, start, end in zip(marks, starts, ends, strict=True):
        following = _plain_names(text[start:end])
        kind = str(mark.lastgroup)
        if kind in ("reporter", "correspondent"):
            role = kind
            found[role] += following
            group = following
        elif group and (not following or mark[0][0] in "/／" or text[mark.start() - 1] in "/／"):
            _mark_group(found, role, group, kind)
            role, group = "reporter", following
            found[role] += following
        else:
            role = "picture" if kind == "picture" else "reporter"
            found[role] += following
            if kind == "both":
                found["picture"] += following
            group = following
    return Names(*(distinct(names) for names in found.values()))


def _mark_group(found: dict[str, list[str]], role: str, group: tuple[str, ...], kind: str) -> None:
    """Applies a role word to the names before it."""
    if kind == "word":
        return
    found["picture"] += group
    if kind == "picture":
        found[role] = [name for name in found[role] if name not in group or role == "picture"]


def split_names(text: str) -> tuple[str, ...]:
    """Splits a list of Chinese names at spaces, 、, 和 and role words; what is not 2-4 characters is no name.

    A two-character name set with a space between its characters (李 明) is put together again;
    和 splits only where a name can stand on both sides, so that it may be part of one. Places and bodies are no names.

    >>> split_names("记者 吴一凡 李 明、周和平 通讯员 赵强和钱小兰")
    ('吴一凡', '李明', '周和平', '赵强', '钱小兰')
    >>> split_names("李明 山东某县报道"), split_names("交通局供图"), split_names("李图文一")
    (('李明',), (), ())
    """
    return _plain_names(_ROLE.sub("、", text))


def _plain_names(text: str) -> tuple[str, ...]:
    """Splits a list of Chinese names that has no role words in it."""
    if not text or text.isspace():
        return ()
    # No space: what stood on either side of a word is no name set apart.
    bare = _FILLERS.sub("、", text)
    if _APART.search(bare):
        bare = _APART.sub(_put_together, bare)
    parts: Iterable[str] = _SEPARATORS.split(bare)
    if "和" in bare or "与" in bare:
        parts = chain.from_iterable(map(_AND.split, parts))
    return distinct(part for part in parts if _NAME.fullmatch(part) and not _is_no_name(part))


def _put_together(found: re.Match[str]) -> str:
    """李 明 → 李明; 大 中 stays as it is."""
    return found["family"] + found["given"] if found["family"] in _surnames() else found[0]


def _is_no_name(part: str) -> bool:
    return part in _NOT_NAMES or _PLACE.fullmatch(part) is not None or _BODY_NAME.fullmatch(part) is not None


@cache
def _everyday() -> frozenset[str]:
    return frozenset(_EVERYDAY.split())


@cache
def _surnames() -> frozenset[str]:
    return frozenset(reference_lines("surnames"))


def is_person(text: str) -> bool:
    """Whether two or three Han characters are a family name and a given name, and no everyday word.

    For places where nothing but the place says that a name stands there.

    >>> [is_person(text) for text in ("李明", "欧阳小红", "金融", "昨日", "会议召开")]
    [True, True, False, False, False]
    """
    surnames = _surnames()
    if text in _everyday() or _is_no_name(text) or not _HAN_ONLY.fullmatch(text):
        return False
    return (len(text) <= 3 and text[0] in surnames) or (len(text) in (3, 4) and text[:2] in surnames)


def has_family_name(name: str) -> bool:
    """Whether a name of two to four Han characters begins with a family name, or is a transliterated one.

    >>> [has_family_name(name) for name in ("李明", "欧阳小红", "陈李小红", "罗伯特·李", "访问统计", "流泉")]
    [True, True, True, True, False, False]
    """
    surnames = _surnames()
    if len(name) <= 3:
        return name[:1] in surnames or name[:1] in _RARE_FAMILY_NAMES
    return name[:2] in surnames or "·" in name or (len(name) == 4 and name[0] in surnames and name[1] in surnames)


def credible_names(value: str) -> tuple[str, ...]:
    """The names in the value of a label that names persons, those left out that may be something else.

    Beside a person a word set apart by a space that has no family name is the page's (`作者：李明 职员`); where there
    is no person, one word alone may be a pen name.

    >>> credible_names("李明 访问统计"), credible_names("李明、流泉"), credible_names("流泉"), credible_names("流泉 清溪")
    (('李明',), ('李明', '流泉'), ('流泉',), ())
    """
    names = split_names(value)
    persons = tuple(filter(has_family_name, names))
    if persons and len(persons) < len(names):
        is_listed = any(mark in value for mark in "、，,")
        return names if is_listed and all(len(name) <= 3 for name in names) else persons
    if persons or not names:
        return names
    return names if len(names) == 1 and "".join(value.split()).strip("()（）[]【】") == names[0] else ()


def read_english_byline(line: str) -> tuple[str, ...]:
    """Names of a line `By A and B`.

    >>> read_english_byline("By Jane Doe and John Q. Smith, Staff Writers")
    ('Jane Doe', 'John Q. Smith')
    >>> read_english_byline("By the river")
    ()
    """
    match = _BY.match(line.strip())
    return split_english_names(match["names"]) if match else ()


def split_english_names(text: str) -> tuple[str, ...]:
    """Splits a list of English names at commas, `and` and `&`; job, agency and place words are no names.

    >>> split_english_names("By Jane Doe in Springfield and John Q. Smith, Staff Writers")
    ('Jane Doe', 'John Q. Smith')
    """
    bare = _AGENCY_BEHIND.sub("", _AROUND_NAMES.sub("", text))
    parts = (_WHEREABOUTS.sub("", part) for part in _ENGLISH_SEPARATORS.split(bare))
    names = (part.strip(" .()") for part in parts)
    return distinct(name for name in names if _ENGLISH_NAME.fullmatch(name) and not _ENGLISH_NOT_NAMES.search(name))


def split_any_names(text: str) -> tuple[str, ...]:
    """Names in a value of either language."""
    return split_names(text) or split_english_names(text)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names in order, each once."""
    return tuple(dict.fromkeys(names))
