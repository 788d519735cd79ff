"""Datelines and bylines: who reported, from where, filed in which month."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from newslake.parse.dates import MONTH_NAME, MONTHS

_HAN = "[\u4e00-\u9fff]"
_MEDIUM = rf"(?:本报|本刊|本网|本台|本社|{_HAN}{{1,10}}?(?:社|网|报|台|中心|客户端|新闻|在线|融媒))"
_AGENCY = re.compile(
    rf"^[【\[(（]?(?:据)?(?P<medium>{_MEDIUM})(?:"
    rf"(?P<place>{_HAN}{{2,8}}?)?(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日(?:专?电|讯|消息)"
    rf"|(?P<bare_place>{_HAN}{{2,4}}?)?(?:讯|电|消息)(?=[\s(（:：,，】\])）]|$|记者|通讯员))[】\])）]?\s*"
)
_ENGLISH = re.compile(
    r"^(?P<place>[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,3})(?:, [A-Z][A-Za-z. ]{1,20}?)?"
    rf"(?:, (?P<month>{MONTH_NAME}) (?P<day>\d{{1,2}}))?\s*(?:\((?P<agency>[^()]{{2,40}})\))?\s*(?:—|–|--| - )\s*"
)
_ROLE = r"(?:首席|特约|特派|实习|见习|融媒体?|全媒体?)*(?:记者|通讯员|实习生|撰稿人?)"
_BRACKETED = re.compile(
    rf"[(（【\[](?P<names>[^()（）【】\[\]。]{{0,30}}?{_ROLE}[^()（）【】\[\]。！？!?]{{1,60}})[)）】\]]"
)
_SPACED = re.compile(
    rf"^(?:{_MEDIUM})?(?:驻{_HAN}{{2,6}})?{_ROLE}[\s:：]+(?P<names>{_HAN}{{2,4}}(?:[\s、]+(?:通讯员\s*)?{_HAN}{{2,4}}(?![\u4e00-\u9fff]))*)(?=[\s,，:：。(（]|报道|$)"
)
_GLUED = re.compile(
    rf"^(?:{_MEDIUM})?(?:驻{_HAN}{{2,6}})?{_ROLE}(?P<names>{_HAN}{{2,3}}?)(?=报道|发自|摄|综合|\s*[(（]?文/)"
)
# As printed in Taiwan: 〔記者某某／台北報導〕.
_SLASHED = re.compile(
    rf"^[〔\[(（【]?(?:{_MEDIUM})?(?:记者|特派员|特约记者|通讯员)\s*(?P<names>[\u4e00-\u9fff、\s]{{2,20}}?)[／/]\s*(?P<place>{_HAN}{{2,6}}?)\s*(?:报导|报道|综合报导|专电|电)[〕\])）】]?\s*"
)
_BY = re.compile(r"^[Bb][Yy]:?\s+(?P<names>[A-Z][^\d:;!?]{2,120})$")

_ROLES = re.compile(
    rf"(?:{_HAN}{{0,10}}?(?:报|网|台|社|客户端|融媒体?|中心))?(?:首席|特约|特派|实习|见习|全媒体?)*(?:记者|通讯员|实习生|撰稿人?)|摄影报道|文/图|图/文|摄影|报道|供图|综合|整理|[文图摄]/|/[文图摄]"
)
_SEPARATORS = re.compile(r"[\s、,，;；/／|:：&]+")
_AND = re.compile(r"(?<=[\u4e00-\u9fff]{2})[和与](?=[\u4e00-\u9fff]{2})")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}(?:[·•‧][\u4e00-\u9fff]{1,8})+")
_AROUND_NAMES = re.compile(r"^\s*[Bb][Yy]:?\s+(?=[A-Z])|\s*(?:\||\b(?:Updated|Published|Posted)\b).*", re.DOTALL)
_ENGLISH_NAME = re.compile(r"[A-Z][\w.'’-]*(?: (?:[A-Z][\w.'’-]*|de|van|von|der|bin|al|la|del|di)){1,4}")
_ENGLISH_SEPARATORS = re.compile(r"\s*(?:,|&|;|\band\b)\s*|\s+with\s+")
# Words of two to four characters that stand where names stand.
_NOT_NAMES = frozenset(
    ("本报", "本网", "本台", "本站", "文图", "图文", "通讯", "报道", "综合", "整理", "编辑", "实习", "记者", "责编", "校对", "专电", "消息", "获悉",
     "了解", "采访", "网易", "新浪", "腾讯", "搜狐", "凤凰", "新华", "佚名", "匿名", "小编", "管理员")
)  # fmt: skip
_ENGLISH_NOT_NAMES = re.compile(
    r"\b(?:Staff|Writers?|Reporters?|Correspondents?|Editors?|News|Press|Reuters|Agency|Team|Desk|Service)\b"
)
# Bylines stand at the very start of a paragraph or right behind its dateline.
_BYLINE_WINDOW = 90


@dataclass(frozen=True, slots=True)
class Dateline:
    """What the start of a paragraph says of its origin.

    Attributes:
        reporters: names in order, reporters and correspondents alike.
        place: where it was filed, as printed (English: from capitals to title case).
        month: month of filing, 1-12.
        end: where the dateline and byline end in the paragraph, in code points; 0 where there is none.
    """

    reporters: tuple[str, ...] = ()
    place: str | None = None
    month: int | None = None
    end: int = 0


NO_DATELINE = Dateline()


def read_dateline(paragraph: str) -> Dateline:
    """Reads the dateline and byline at the start of a paragraph.

    >>> read_dateline("新华社上海1月5日电(记者 李明 王小红)港口恢复作业。")
    Dateline(reporters=('李明', '王小红'), place='上海', month=1, end=21)
    >>> read_dateline("记者从市教育局获悉,新学校开学。")
    Dateline(reporters=(), place=None, month=None, end=0)
    >>> read_dateline("NEW YORK, Jan. 5 (Agency) — Ports opened again.").place
    'New York'
    """
    opening = paragraph[: 2 * _BYLINE_WINDOW]
    if opening[:1].isascii() and opening[:2].isupper():
        english = _ENGLISH.match(opening)
        if english is not None:
            month = _english_month(english["month"])
            return Dateline((), english["place"].title(), month, english.end())
    slashed = _SLASHED.match(opening) if "／" in opening or "/" in opening else None
    if slashed is not None and (names := split_names(slashed["names"])):
        return Dateline(names, slashed["place"], None, slashed.end())
    agency = _AGENCY.match(opening) if "讯" in opening or "电" in opening or "消息" in opening else None
    start = agency.end() if agency else 0
    reporters, end = _read_byline(opening, start)
    if agency is None:
        return Dateline(reporters, None, None, end) if reporters else NO_DATELINE
    month = int(agency["month"]) if agency["month"] else 0
    return Dateline(
        reporters, agency["place"] or agency["bare_place"], month if 1 <= month <= 12 else None, max(start, end)
    )


def _english_month(printed: str | None) -> int | None:
    return MONTHS[printed[:3].lower()] if printed else None


def _read_byline(opening: str, start: int) -> tuple[tuple[str, ...], int]:
    """Names of the byline that begins at `start`, and where it ends."""
    rest = opening[start : start + _BYLINE_WINDOW]
    if "记者" not in rest and "通讯员" not in rest and "实习生" not in rest:
        return (), start
    for pattern in (_BRACKETED, _SPACED, _GLUED):
        match = pattern.match(rest)
        if match is not None:
            names = split_names(match["names"])
            if names:
                return names, start + match.end()
    return (), start


def read_closing_byline(paragraph: str) -> tuple[str, ...]:
    """Names in brackets at the end of a paragraph.

    >>> read_closing_byline("大桥昨日通车。(记者 李明 通讯员 赵强)")
    ('李明', '赵强')
    """
    if paragraph[-1:] not in (")", "）", "】", "]"):
        return ()
    tail = paragraph[-_BYLINE_WINDOW:]
    for match in _BRACKETED.finditer(tail):
        if match.end() == len(tail):
            return split_names(match["names"])
    return ()


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
    """Splits a list of English names at commas, `and` and `&`; job and agency words are no names.

    >>> split_english_names("By Jane Doe and John Q. Smith, Staff Writers")
    ('Jane Doe', 'John Q. Smith')
    """
    names = (part.strip() for part in _ENGLISH_SEPARATORS.split(_AROUND_NAMES.sub("", text)))
    return _distinct(name for name in names if _ENGLISH_NAME.fullmatch(name) and not _ENGLISH_NOT_NAMES.search(name))


def split_names(text: str) -> tuple[str, ...]:
    """Splits a list of Chinese names at spaces, 、, 和 and role words; what is not 2-4 characters is no name.

    A two-character name set with a space between its characters (李 明) is put together again;
    和 splits only where a name can stand on both sides, so that it may be part of one.

    >>> split_names("记者 吴一凡 李 明、周和平 通讯员 赵强和钱小兰")
    ('吴一凡', '李明', '周和平', '赵强', '钱小兰')
    """
    parts = chain.from_iterable(_AND.split(part) for part in _SEPARATORS.split(_ROLES.sub(" ", text)))
    names: list[str] = []
    single = ""
    for part in parts:
        if len(part) == 1:
            single += part
            if len(single) == 2:
                names.append(single)
                single = ""
            continue
        single = ""
        if _NAME.fullmatch(part) and part not in _NOT_NAMES:
            names.append(part)
    return _distinct(names)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
