"""Tasks that are called off or put off, as articles tell it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from newslake.annotate.words.patterns import alternation, kinds_of_words

_TO_A_TIME = r"(?:推迟|延期|延后|延迟|顺延|延长|调整|变更|改|提前)(?:至|到|为)(?=[^，。；]{0,6}?(?:20\d\d年|[今明后]年|年底|\d{1,2}月|[一二三四]季度))"
_NEW_TIME = re.compile(
    r"(?:(?P<year>20\d\d|[今明后])年|(?P<own>年[底末内]))?(?:第?(?P<quarter>[一二三四])季度|(?P<half>上半年)|(?P<month>1[0-2]|[1-9])月"
    r"(?:(?P<day>3[01]|[12]\d|[1-9])日)?)?"
)
_YEARS_AHEAD = {"今": 0, "明": 1, "后": 2}
_QUARTER_ENDS = {"一": 3, "二": 6, "三": 9, "四": 12}
# 推迟进场 and 延期签约 put off something else.
_ALONE = r"(?=实施|建设|推进|施工|[一二两三四五六七八九十半\d]+(?:年|个?多?月|个?季度|天)|[，。；！？\s]|$)"
# 取消审批事项12项 is what was to be done.
_SO_MANY = re.compile(r"\d")
# Behind such a word it is no news: 推迟申请, 取消后, 取消的项目.
_NO_NEWS = "之?后|前|的|费|率|了?吗|申请|原因|影响"


class Change(NamedTuple):
    """A word that calls off or puts off, in a clause.

    Attributes:
        kind: cancelled or rescheduled.
        start: where the word begins, in code points of the article.
        end: where it ends.
        position: the number of its clause.
        at: the new deadline; null where none is given.
    """

    kind: str
    start: int
    end: int
    position: int
    at: date | None


def find_changes(text: str, clauses: list[tuple[int, int]], reference: date | None) -> Iterator[Change]:
    """What a sentence calls off or puts off, unless it only asks, denies or forbids it.

    >>> words = "白鹭湾大桥建成通车时间由2026年底调整为2027年6月底"
    >>> [(one.kind, str(one.at)) for one in find_changes(words, [(0, len(words))], date(2026, 5, 1))]
    [('rescheduled', '2027-06-30')]
    >>> list(find_changes("白鹭湾大桥不得延期", [(0, 9)], None))
    []
    """
    changes, denied = _patterns()
    for position, (start, end) in enumerate(clauses):
        found = changes.search(text, start, end)
        if found and not denied.search(text, start, end):
            is_off = found.lastgroup == "cancelled"
            if is_off and _SO_MANY.search(text, found.end(), end):
                continue
            at = None if is_off else _new_deadline(text, found.end(), end, reference)
            yield Change(str(found.lastgroup), found.start(), found.end(), position, at)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = kinds_of_words("evidence_words")
    return (
        re.compile(
            f"(?:(?P<rescheduled>{_TO_A_TIME}|{alternation(words['rescheduled'])}{_ALONE})"
            f"|(?P<cancelled>{alternation(words['cancelled'])}))(?!{_NO_NEWS})"
        ),
        re.compile(alternation(words["denied"])),
    )


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
    )


def _new_deadline(text: str, start: int, end: int, reference: date | None) -> date | None:
    """The last day of the time that is given behind the word; null where none is, or no year can be told."""
    found = next((one for one in _NEW_TIME.finditer(text, start, end) if one[0]), None)
    if found is None:
        return None
    word = found["year"]
    if word is None or word in _YEARS_AHEAD:
        if reference is None:
            return None
        year = reference.year + _YEARS_AHEAD.get(word or "今", 0)
    else:
        year = int(word)
    month = 6 if found["half"] else _QUARTER_ENDS.get(found["quarter"] or "", int(found["month"] or 12))
    if word is None and reference is not None and month < reference.month:
        year += 1
    last = monthrange(year, month)[1]
    return date(year, month, min(int(found["day"] or last), last))
