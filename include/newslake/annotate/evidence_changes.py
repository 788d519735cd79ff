"""Tasks that are called off or put off, as articles plainly report it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from newslake.annotate.evidence_reports import before_adverbs, is_governed, is_named, is_work
from newslake.annotate.evidence_times import Days, told_on
from newslake.annotate.words.patterns import alternation, kinds_of_words

_NEW_TIME = (
    r"(?:(?P<year>20\d\d|[今明后])年)?(?:第?(?P<quarter>[一二三四])季度|(?P<half>[上下])半年|(?P<month>1[0-2]|[1-9])月(?:份"
    r"|(?P<day>3[01]|[12]\d|[1-9])日|(?P<part>[底末初中]|[上中下]旬))?|(?P<turn>年?[底末内])|(?P<feast>国庆节?|元旦|五一))?"
    r"(?P<next>下个?月[底末初]?)?"
)
_TIME = (
    r"(?:20\d\d年|[今明后]年)?(?:\d{1,2}月(?:\d{1,2}日|[底末初中]|[上中下]旬)?|第?[一二三四]季度|[上下]半年|年?[底末])?"
)
_YEARS_AHEAD = {"今": 0, "明": 1, "后": 2}
_QUARTER_ENDS = {"一": 3, "二": 6, "三": 9, "四": 12}
_FEASTS = {"国庆": (9, 30), "元旦": (12, 31), "五一": (4, 30)}
_STAGES = (
    "(?:计划|预计)?(?:建成|完工|竣工|通车|投用|投产|开园|开放|交付|运营|开工|启动|完成|建成通车|建成投用|建设|施工)*"
)
_DEADLINE = f"(?:的?{_STAGES}(?:时间|日期|工期|期限|节点|建设期))?"
_MOVES = "(?:推迟|延期|延后|延迟|顺延|延长|调整|变更|改|提前)(?:至|到|为)"
_LONG = r"[近约]?[一二两三四五六七八九十半\d]+(?:年半?|个?半?多?月|个?季度|天|个半月)"
_DID = "(?:底|之?前|以前)?(?:全面|正式|全部)?(?:建成|完工|竣工|通车|投用|投产|投入使用|开园|开放|交付|使用|完成|实施|开工|开工建设|启动|建设)*"
_MARKS = "[”’」』）)】\"' \u3000]*"
_LONGEST_CLAUSE = 200  # code points; a longer one is no plain report
_DECIDED = re.compile("(?:决定|宣布|同意)(?:正式|依法)?$")
_WORKS_END = re.compile("(?:(?:建设)?(?:项目|工程)|建设|实施)$")


class Change(NamedTuple):
    """A word that calls off or puts off, in a clause.

    Attributes:
        kind: cancelled or rescheduled.
        start: where the name ends and the words of the change begin, in code points of the article.
        end: where they end.
        position: the number of its clause.
        at: the new deadline, or the day of the news where none is given.
        is_object: the name stands behind the word.
        goes_on: the name stands in the clause before.
    """

    kind: str
    start: int
    end: int
    position: int
    at: date | None
    is_object: bool = False
    goes_on: bool = False


def find_changes(text: str, clauses: list[tuple[int, int]], days: Days | None) -> Iterator[Change]:
    """What a sentence plainly says is called off or put off: the matter itself, not its fee, its ceremony or its name.

    >>> words = "白鹭湾大桥建成通车时间由2026年底调整为2027年6月底"
    >>> days = Days(date(2026, 5, 1), date(2026, 5, 1))
    >>> [(one.kind, str(one.at)) for one in find_changes(words, [(0, len(words))], days)]
    [('rescheduled', '2027-06-30')]
    >>> list(find_changes("白鹭湾大桥不得延期", [(0, 9)], days))
    []
    """
    for position, (start, end) in enumerate(clauses):
        if end - start > _LONGEST_CLAUSE or not any(word in text[start:end] for word in change_words()):
            continue
        change = _called_off(text, clauses, position, days) or _put_off(text, clauses, position, days)
        if change is None or is_governed(text, clauses, position, change.start, False):
            continue
        stop = change.start if change.kind == "rescheduled" else change.end
        if days is None or told_on(text, clauses, position, stop, days, False):
            yield change


def change_words() -> tuple[str, ...]:
    """Words one of which every clause with a change holds."""
    words = kinds_of_words("evidence_words")
    return (
        *words["cancelled"],
        *words["rescheduled"],
        "调整为",
        "调整至",
        "调整到",
        "变更为",
        "改为",
        "提前至",
        "提前到",
        "延长至",
        "延长到",
    )


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = kinds_of_words("evidence_words")
    off = alternation(words["cancelled"])
    later = alternation(words["rescheduled"])
    return (
        re.compile(f"(?P<word>{off})了?{_MARKS}"),
        re.compile(f"{_DEADLINE}(?:[由从]{_TIME})?(?:{_MOVES})(?P<time>[^，。；]{{1,14}}?){_DID}{_MARKS}"),
        re.compile(f"{_DEADLINE}{later}了?(?:{_LONG})?{_DID}{_MARKS}"),
        re.compile(f"(?:{off}|{later})(?P<name>.+?){_MARKS}"),
    )


def _called_off(text: str, clauses: list[tuple[int, int]], position: int, days: Days | None) -> Change | None:
    """柳湾水库停建, 会议决定取消柳湾广场建设项目; of the second kind also what is put off (决定暂缓…)."""
    start, end = clauses[position]
    backward, _, _, forward = _patterns()
    for found in _words_in(text, start, end):
        known = days.known if days else None
        if backward.fullmatch(text, found[0], end):
            subject_end = before_adverbs(text, start, found[0])
            goes_on = _goes_on(text, start, subject_end)
            if goes_on or _is_matter(text[start:subject_end]):
                kind = _kind(text[found[0] : found[1]])
                return Change(
                    kind, subject_end if subject_end > start else found[0], end, position, known, False, goes_on
                )
        behind = forward.fullmatch(text, found[0], end)
        before = (
            text[clauses[position - 1][0] : clauses[position - 1][1]]
            if position and found[0] == start
            else text[start : found[0]]
        )
        if behind and _DECIDED.search(before) and _is_matter(behind["name"]):
            return Change(_kind(text[found[0] : found[1]]), found[0], behind.start("name"), position, known, True)
    return None


def _words_in(text: str, start: int, end: int) -> list[tuple[int, int]]:
    words = kinds_of_words("evidence_words")
    pattern = re.compile(alternation((*words["cancelled"], *words["rescheduled"])))
    return [match.span() for match in pattern.finditer(text, start, end)]


def _kind(word: str) -> str:
    return "cancelled" if word in kinds_of_words("evidence_words")["cancelled"] else "rescheduled"


def _put_off(text: str, clauses: list[tuple[int, int]], position: int, days: Days | None) -> Change | None:
    """白鹭湾大桥完工时间推迟至2027年6月; 白鹭湾大桥延期一年，到2027年12月完工."""
    start, end = clauses[position]
    _, moved, later, _ = _patterns()
    for place in range(start, end):
        for pattern in (moved, later):
            found = pattern.fullmatch(text, place, end)
            if found is None or "仪式" in found[0]:
                continue
            subject_end = before_adverbs(text, start, place)
            goes_on = _goes_on(text, start, subject_end)
            if not goes_on and not _is_matter(text[start:subject_end]):
                continue
            given = found.groupdict().get("time")
            at = _new_deadline(given, days) if given else _deadline_behind(text, clauses, position, days)
            if given and at is None:
                return None
            at = at or (days.known if days else None)
            return Change("rescheduled", max(subject_end, start + 1), end, position, at, False, goes_on)
    return None


def _goes_on(text: str, start: int, end: int) -> bool:
    return start == end or re.fullmatch(r"[其、 ]*第?[一二三四五1-5]期(?:工程|项目|建设)*", text[start:end]) is not None


def _is_matter(words: str) -> bool:
    return (is_named(words) and is_work(_WORKS_END.sub("", words))) or (
        bool(_WORKS_END.search(words)) and is_named(words)
    )


def _deadline_behind(text: str, clauses: list[tuple[int, int]], position: int, days: Days | None) -> date | None:
    """The deadline that the next clause gives: 延期一年，到2027年12月完工."""
    if position + 1 == len(clauses):
        return None
    found = re.fullmatch(
        f"(?:到|至|预计|改?于|将于|计划)+(?P<time>.{{1,14}}?){_DID}{_MARKS}", text[slice(*clauses[position + 1])]
    )
    return _new_deadline(found["time"], days) if found else None


def _new_deadline(words: str, days: Days | None) -> date | None:
    """The last day of a time that lies ahead; null where words are none, or no year can be told.

    >>> days = Days(date(2026, 7, 4), date(2026, 7, 5))
    >>> [str(_new_deadline(one, days)) for one in ("2027年6月", "明年三季度", "下月底", "今年国庆前", "春节后")]
    ['2027-06-30', '2027-09-30', '2026-08-31', '2026-09-30', 'None']
    """
    words = re.sub("(?:之?前|以前)$", "", words.strip())
    found = re.fullmatch(_NEW_TIME, words)
    if found is None or not found[0]:
        return None
    if found["next"]:
        ahead = days.latest.replace(day=1) + timedelta(days=32) if days else None
        return ahead.replace(day=monthrange(ahead.year, ahead.month)[1]) if ahead else None
    year, month, day = _year_of(found["year"], days), 12, 31
    if year is None:
        return None
    if found["feast"]:
        month, day = _FEASTS[found["feast"][:2]]
    elif found["half"] or found["quarter"] or found["month"]:
        half = {"上": 6, "下": 12}.get(found["half"] or "", 0)
        month = half or _QUARTER_ENDS.get(found["quarter"] or "", int(found["month"] or 12))
        day = int(found["day"] or 31)
    if not found["year"] and days and month < days.latest.month:
        year += 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def _year_of(word: str | None, days: Days | None) -> int | None:
    if word is not None and word.isdigit():
        return int(word)
    return days.latest.year + _YEARS_AHEAD[word or "今"] if days else None
