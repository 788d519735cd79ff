"""Datelines and bylines: who reported, from where, filed in which month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from newslake.parse.dates import MONTH_NAME, MONTHS, valid_date
from newslake.parse.names import NO_NAMES, Names, is_person, split_names, split_roles

_HAN = "[\u4e00-\u9fff]"
_MEDIUM = rf"(?:本报|本刊|本网|本台|本社|{_HAN}{{1,10}}?(?:社|网|报|台|中心|客户端|新闻|在线|融媒))"
_AGENCY = re.compile(
    rf"^[【\[(（]?(?:据)?(?P<medium>{_MEDIUM})(?:"
    rf"(?P<place>{_HAN}{{2,8}}?)?(?:(?P<year>(?:19|20)\d{{2}})年)?(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日(?:专?电|讯|消息)"
    rf"|(?P<bare_place>{_HAN}{{2,4}}?)?(?:讯|电|消息)(?=[\s(（:：,，】\])）]|$|记者|通讯员))[】\])）]?\s*"
)
_ENGLISH = re.compile(
    r"^(?P<place>[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,3})(?:, [A-Z][A-Za-z. ]{1,20}?)?"
    rf"(?:, (?P<month>{MONTH_NAME}) (?P<day>\d{{1,2}}))?\s*(?:\((?P<agency>[^()]{{2,40}})\))?\s*(?:—|–|--| - )\s*"
)
_ROLE = r"(?:首席|特约|特派|实习|见习|融媒体?|全媒体?)*(?:记者|通讯员|实习生|撰稿人?)(?!手记|[注按][:：])"
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
# Names alone in brackets behind the last sentence, and perhaps from where they report.
_SIGNED = re.compile(
    rf"[。！？!?…”」]\s*[(（【\[]\s*(?P<names>{_HAN}{{1,4}}(?:[\s、，]+{_HAN}{{1,4}}){{0,4}}?)\s*(?P<reported>[\s、，]+{_HAN}{{0,6}}报道)?\s*[)）】\]]$"
)
# Words that stand where the place stands.
NO_PLACES = ("综合", "整理", "编译", "特稿", "专题", "即时", "独家", "连线")
_NAME_BORDERS = re.compile(r"[\s、，]+")
_PICTURED = re.compile(r"[摄图]\s*$|^\s*(?:图|摄影)(?!文)")
# As printed in Taiwan without a slash: （中央社记者李明台北20日电）, 【记者李明台北报导】.
_TAIWAN = re.compile(
    rf"^[〔\[(（【]\s*(?:{_MEDIUM})?(?:记者|特派员)\s*(?P<names>{_HAN}{{2,3}}(?:、{_HAN}{{2,3}})*)\s*"
    rf"(?P<place>{_HAN}{{2,4}})(?:(?P<day>\d{{1,2}})日)?(?:综合)?(?:专?电|报[导道])[〕\])）】]\s*"
)
# A whole date in the brackets of any medium's dateline: 【某某2024年2月20日讯】.
_DATED = re.compile(
    rf"^[【〔\[(（]{_HAN}{{2,12}}?(?P<year>(?:19|20)\d{{2}})年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日(?:专?电|讯|消息)[】〕\])）]\s*"
)
_FILED = re.compile(r"[讯电]|消息")
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
        filed: the day of filing where its year is printed, too.
    """

    names: Names = NO_NAMES
    place: str | None = None
    month: int | None = None
    end: int = 0
    filed: date | None = None


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
    if slashed is not None and (names := split_roles(slashed["names"]).credible()):
        return Dateline(names, _place(slashed["place"]), None, slashed.end())
    taiwan = _TAIWAN.match(opening) if opening[:1] in "〔[(（【" and "者" in opening else None
    if taiwan is not None and all(map(is_person, names_of := tuple(taiwan["names"].split("、")))):
        return Dateline(Names(names_of), _place(taiwan["place"]), None, taiwan.end())
    agency = _AGENCY.match(opening) if _FILED.search(opening) else None
    start = agency.end() if agency else 0
    names, end = _read_byline(opening, start)
    if agency is None and (dated := _DATED.match(opening) if _FILED.search(opening) else None):
        filed = valid_date(int(dated["year"]), int(dated["month"]), int(dated["day"]))
        return Dateline(month=filed.month if filed else None, end=dated.end(), filed=filed)
    if agency is None:
        return Dateline(names, None, None, end) if names else NO_DATELINE
    month = int(agency["month"]) if agency["month"] else 0
    filed = valid_date(int(agency["year"]), month, int(agency["day"])) if agency["year"] else None
    place = agency["place"] or agency["bare_place"]
    return Dateline(names, place, month if 1 <= month <= 12 else None, max(start, end), filed)


def _place(printed: str) -> str | None:
    return None if printed in NO_PLACES else printed


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
            names = split_roles(match[0]).credible()
            if names:
                return names, start + match.end()
    return NO_NAMES, start


def read_closing_byline(paragraph: str) -> Names:
    """Names in brackets at the end of a paragraph: behind a role, or alone behind the last sentence.

    >>> read_closing_byline("大桥昨日通车。(记者 李明 通讯员 赵强)").correspondents
    ('赵强',)
    >>> read_closing_byline("大桥昨日通车。（李明 清水报道）").reporters, read_closing_byline("比去年多一成(同比)").reporters
    (('李明',), ())
    """
    if paragraph[-1:] not in (")", "）", "】", "]"):
        return NO_NAMES
    tail = paragraph[-_BYLINE_WINDOW:]
    for match in _BRACKETED.finditer(tail):
        if match.end() == len(tail):
            return NO_NAMES if _PICTURED.search(match["names"]) else split_roles(match["names"]).credible()
    signed = _SIGNED.search(tail)
    if signed is None:
        return NO_NAMES
    names = split_names(signed["names"])
    is_all = len(names) == len(_NAME_BORDERS.split(signed["names"]))
    if len(names) < 2 and not signed["reported"]:
        return NO_NAMES
    return Names(names) if is_all and all(map(is_person, names)) else NO_NAMES
