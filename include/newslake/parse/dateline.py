"""Datelines and bylines: who reported, from where, filed in which month."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newslake.parse.dates import MONTH_NAME, MONTHS
from newslake.parse.names import NO_NAMES, Names, split_roles

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
    rf"^(?:{_MEDIUM})?(?:驻{_HAN}{{2,6}})?{_ROLE}[\s:：]+(?P<names>{_HAN}{{2,4}}(?:[\s、]+(?:(?:通讯员|实习生|见习记者|摄影)\s*)?{_HAN}{{2,4}}(?![\u4e00-\u9fff]))*)(?=[\s,，:：。(（]|报道|$)"
)
_GLUED = re.compile(
    rf"^(?:{_MEDIUM})?(?:驻{_HAN}{{2,6}})?{_ROLE}(?P<names>{_HAN}{{2,3}}?)(?=报道|发自|摄|综合|\s*[(（]?文/)"
)
# As printed in Taiwan: 〔記者某某／台北報導〕.
_SLASHED = re.compile(
    rf"^[〔\[(（【]?(?:{_MEDIUM})?(?:记者|特派员|特约记者|通讯员)\s*(?P<names>[\u4e00-\u9fff、\s]{{2,20}}?)[／/]\s*(?P<place>{_HAN}{{2,6}}?)\s*(?:报导|报道|综合报导|专电|电)[〕\])）】]?\s*"
)
# Bylines stand at the very start of a paragraph or right behind its dateline.
_BYLINE_WINDOW = 90


@dataclass(frozen=True, slots=True)
class Dateline:
    """What the start of a paragraph says of its origin.

    Attributes:
        names: those of the byline.
        place: where it was filed, as printed (English: from capitals to title case).
        month: month of filing, 1-12.
        end: where the dateline and byline end in the paragraph, in code points; 0 where there is none.
    """

    names: Names = NO_NAMES
    place: str | None = None
    month: int | None = None
    end: int = 0


NO_DATELINE = Dateline()


def read_dateline(paragraph: str) -> Dateline:
    """Reads the dateline and byline at the start of a paragraph.

    >>> dateline = read_dateline("新华社上海1月5日电(记者 李明 通讯员 王小红)港口恢复作业。")
    >>> dateline.names.reporters, dateline.names.correspondents, dateline.place, dateline.month, dateline.end
    (('李明',), ('王小红',), '上海', 1, 25)
    >>> read_dateline("记者从市教育局获悉,新学校开学。").end
    0
    >>> read_dateline("NEW YORK, Jan. 5 (Agency) — Ports opened again.").place
    'New York'
    """
    opening = paragraph[: 2 * _BYLINE_WINDOW]
    if opening[:1].isascii() and opening[:2].isupper():
        english = _ENGLISH.match(opening)
        if english is not None:
            month = _english_month(english["month"])
            return Dateline(NO_NAMES, english["place"].title(), month, english.end())
    slashed = _SLASHED.match(opening) if "／" in opening or "/" in opening else None
    if slashed is not None and (names := split_roles(slashed["names"])):
        return Dateline(names, slashed["place"], None, slashed.end())
    agency = _AGENCY.match(opening) if "讯" in opening or "电" in opening or "消息" in opening else None
    start = agency.end() if agency else 0
    names, end = _read_byline(opening, start)
    if agency is None:
        return Dateline(names, None, None, end) if names else NO_DATELINE
    month = int(agency["month"]) if agency["month"] else 0
    return Dateline(
        names, agency["place"] or agency["bare_place"], month if 1 <= month <= 12 else None, max(start, end)
    )


def _english_month(printed: str | None) -> int | None:
    return MONTHS[printed[:3].lower()] if printed else None


def _read_byline(opening: str, start: int) -> tuple[Names, int]:
    """Names of the byline that begins at `start`, and where it ends."""
    rest = opening[start : start + _BYLINE_WINDOW]
    if "记者" not in rest and "通讯员" not in rest and "实习生" not in rest:
        return NO_NAMES, start
    for pattern in (_BRACKETED, _SPACED, _GLUED):
        match = pattern.match(rest)
        if match is not None:
            names = split_roles(match[0])
            if names:
                return names, start + match.end()
    return NO_NAMES, start


def read_closing_byline(paragraph: str) -> Names:
    """Names in brackets at the end of a paragraph.

    >>> read_closing_byline("大桥昨日通车。(记者 李明 通讯员 赵强)").correspondents
    ('赵强',)
    """
    if paragraph[-1:] not in (")", "）", "】", "]"):
        return NO_NAMES
    tail = paragraph[-_BYLINE_WINDOW:]
    for match in _BRACKETED.finditer(tail):
        if match.end() == len(tail):
            return split_roles(match["names"])
    return NO_NAMES
