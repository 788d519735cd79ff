"""What became of tasks: statements that a named matter was begun, has advanced, is done, put off or called off.

Only a plain report counts (evidence_reports.py): a clause that holds anything else is no evidence, whatever it may mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import rjieba

from newslake.annotate.article import Article, Evidence, Found, Sentence
from newslake.annotate.evidence_changes import change_words, find_changes
from newslake.annotate.evidence_english import REPORT, english_evidence
from newslake.annotate.evidence_names import Named, names_of
from newslake.annotate.evidence_reports import Frame, before_adverbs, frame_of, is_governed, is_under_other_times
from newslake.annotate.evidence_times import Days, told_on
from newslake.annotate.words.patterns import alternation, kinds_of_words
from newslake.tables.evidence import EVIDENCE_KINDS

REPORTS = EVIDENCE_KINDS[:3]
"""Kinds of what became of a task, as far as it has come: begun, advanced, done."""
PHASE_BEFORE = 8
"""Code points before a word of completion in which a part may be named: 征地拆迁工作全部完成, 一期工程建成."""

_CLAUSE = re.compile(r"[^，；。！？,;!?\n]+")
_COUNT = re.compile(
    r"(?:首|第?一)(?P<one>[所座个条家处栋])|(?<![一二两三四五六七八九十\d第])(?P<many>[二两三四五六七八九十])(?P<unit>[所座个条家处栋])(?!月)"
)
_HAN_COUNTS = {han: float(number) for number, han in enumerate("一二三四五六七八九十", 1)} | {"两": 2.0}
_NOT_COUNTED = frozenset(("个月", "月", "天", "年", "日", "期", "小时"))
_SINGLE = re.compile("[一-鿿]")
_PART = re.compile(r"\s*\d+(?:\.\d+)?(?!个月)[个件家条座项处公亩户所套]")
# A share that is done: 完成路基工程的82%.
_SHARE = r"完成(?=[^，；。]{2,20}\d%)"
# Behind such a word it is a word of something else: 完工率, 竣工后.
_NO_REPORT = "之?后|时间|目标|之?前|以[前后来]|时|的(?!\\d)|制|率(?!达)|者"
# By such a time something is to be done: 10月1日前完成投资3亿元.
_BY_THEN = r"\d[日月]之?前|[年月季度][底末]之?前"


class Told(NamedTuple):
    """A word that tells what became of something; places are code points of the article.

    Attributes:
        kind: one of EVIDENCE_KINDS.
        position: the number of its clause.
        frame: what stands around it; null for progress, which may be told in many ways.
        goes_on: no subject stands in the clause: it is that of the clause before.
        at: the day, as the sentence gives it.
        is_stage: a stage is named beside it, whose completion is the whole's only where it belongs to the name.
    """

    kind: str
    start: int
    end: int
    position: int
    frame: Frame | None
    goes_on: bool
    at: date | None
    is_stage: bool = False


def find_evidence(article: Article, found: Found) -> None:
    """Adds what the article plainly reports of named matters.

    Not evidence: what stands within a directive (unless it calls a task off or puts it off), what a condition, a hope, a
    plan or a question governs, what lies ahead or long ago, and success without a name (取得良好成效).
    """
    taken = sorted((one.start, one.end) for one in found.directives)
    for sentence in _telling(article):
        told = english_evidence(article, sentence) if article.language != "zh" else _chinese(article, sentence, found)
        for evidence in told:
            is_taken = any(start < evidence.end and evidence.start < end for start, end in taken)
            if not is_taken or evidence.kind not in REPORTS:
                found.evidence.append(evidence)


def _telling(article: Article) -> Iterator[Sentence]:
    """Sentences that hold a word that may tell."""
    if article.language == "zh":
        places = [start for _, start, _ in _matcher().find_matches_as_indexes(article.text)]
    else:
        places = [match.start() for match in REPORT.finditer(article.text)]
    last = None
    for place in places:
        sentence = article.sentence_at(place)
        if sentence is not last:
            yield sentence
        last = sentence


@cache
def _matcher() -> Any:
    """Finds the words of the list, faster than a regular expression of them all."""
    from ahocorasick_rs import AhoCorasick

    words = kinds_of_words("evidence_words")
    return AhoCorasick(["完成", *change_words(), *(word for kind in REPORTS for word in words[kind])])


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    """What tells, what makes progress unreal, and single characters that do so where they are words of their own."""
    words = kinds_of_words("evidence_words")
    # Atomic: where the longest word is none, its beginning is none either (建成通车后).
    telling = re.compile(
        f"(?>{alternation(word for kind in REPORTS for word in words[kind])}|{_SHARE})(?!{_NO_REPORT})"
    )
    listed = (*words["unreal"], *words["past"])
    single = frozenset(word for word in listed if _SINGLE.fullmatch(word))
    longer = alternation(word for word in listed if word not in single)
    unreal = re.compile(f"{_BY_THEN}|{longer}(?!小学|中学|学校|大道|广场)")  # 希望小学 is a name
    return telling, unreal, single


def _is_unreal(text: str, start: int, end: int) -> bool:
    """Whether words speak of plans, hopes or other times; 应急中心, 将军山 and 重要 do not."""
    _, unreal, single = _patterns()
    if unreal.search(text, start, end):
        return True
    if not any(one in single for one in text[start:end]):
        return False
    return not single.isdisjoint(rjieba.cut(text[start:end], False))


@cache
def _kind(told: str) -> str:
    words = kinds_of_words("evidence_words")
    return next((kind for kind in REPORTS if told in words[kind]), "progress")


def _days(article: Article) -> Days | None:
    days = [day for day in (article.event_date, article.published_date) if day is not None]
    return Days(days[0], max(days)) if days else None


def _chinese(article: Article, sentence: Sentence, found: Found) -> Iterator[Evidence]:
    text, days = article.text, _days(article)
    clauses = [match.span() for match in _CLAUSE.finditer(text, sentence.start, sentence.end)]
    if is_under_other_times(article, sentence):
        return
    changes = list(find_changes(text, clauses, days))
    for change in changes:
        end = clauses[change.position][1]
        words = (change.start, change.end)
        order = "a" if change.is_object else "bc"
        for name in names_of(text, words, change.position, clauses, found, order, change.goes_on):
            told = Told(change.kind, change.start, change.end, change.position, None, change.goes_on, change.at)
            yield _evidence(article, found, sentence, told, end, name)
    changed = {change.position for change in changes}
    for told in _told(text, clauses, found, days):
        if told.position in changed:
            continue
        end = clauses[told.position][1]
        names = names_of(
            text, (told.start, told.end), told.position, clauses, found, _order(text, told, end), told.goes_on
        )
        for name in names:
            evidence = _evidence(article, found, sentence, told, end, name)
            yield evidence._replace(quantity=None, unit=None) if len(names) > 1 else evidence


def _order(text: str, told: Told, end: int) -> str:
    """Where the name is looked for, as letters of `names_of`."""
    if told.frame is not None:
        return "a" if told.frame.is_object else "bc"
    return "bc" if _phases().search(text, told.end, end) else "bac"


def _told(text: str, clauses: list[tuple[int, int]], found: Found, days: Days | None) -> Iterator[Told]:
    """The word of each clause that tells, where the clause is a plain report of what has come about."""
    telling, _, _ = _patterns()
    for position, clause in enumerate(clauses):
        words = list(telling.finditer(text, *clause))
        if not words:
            continue
        word = max(words, key=lambda one: (REPORTS.index(_kind(one[0])), one.start()))
        kind, is_stage = _kind_in(text, clause[0], word, clause[1])
        frame = frame_of(text, clause, word.span(), found)
        # 全部完成意见征集 has advanced, however it is put.
        is_advance = kind == "progress" and (_kind(word[0]) == "progress" or "完成" in word[0])
        if frame is None and (not is_advance or _is_unreal(text, *clause)):
            continue
        is_done = frame.is_done if frame else "已" in text[clause[0] : word.end()]
        at = told_on(text, clauses, position, word.start(), days, is_done) if days else None
        if days and at is None:
            continue
        subject_end = frame.subject_end if frame else before_adverbs(text, clause[0], word.start())
        is_dated = is_done or at != (days.known if days else None)
        if not is_governed(text, clauses, position, subject_end, is_dated):
            goes_on = frame.goes_on if frame else position > 0 and subject_end == clause[0]
            yield Told(kind, word.start(), word.end(), position, frame, goes_on, at, is_stage)


def _kind_in(text: str, start: int, word: re.Match[str], end: int) -> tuple[str, bool]:
    """What a word tells where it stands, and whether of a stage: a part that is done, or so many of more, is progress."""
    kind = _kind(word[0])
    behind = text[word.end() : end]
    is_all = "全" in word[0] or "全部" in text[max(0, word.start() - 6) : word.start()]
    before = text[max(start, word.start() - PHASE_BEFORE) : word.start()]
    is_part = _phases().search(behind) or _phases().search(before) or (_PART.match(behind) and not is_all)
    is_stage = _stages().search(behind) or _stages().search(before)
    return ("progress" if is_part and kind == "completed" else kind), is_stage is not None


@cache
def _phases() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, kinds_of_words("evidence_words")["phase"])))


@cache
def _stages() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, kinds_of_words("evidence_words")["stage"])))


def _evidence(article: Article, found: Found, sentence: Sentence, told: Told, end: int, name: Named) -> Evidence:
    """A row for what was told of one matter."""
    inside = [
        one
        for one in found.of_kind("figure")
        if name.start <= one.start and one.end <= end and one.unit not in _NOT_COUNTED
    ]
    figure = inside[-1] if inside else None
    counted_from = max(name.start, article.text.rfind("的", name.start, told.start))  # 三所之一的柳湾幼儿园 is one
    count = _COUNT.search(article.text, counted_from, end) if figure is None and told.kind in REPORTS else None
    bodies = [
        one.resolved_name or one.name
        for one in found.of_kind("organisation")
        if sentence.start <= one.start and one.end <= told.start and one.name not in name.matter
    ]
    is_of_whole = told.is_stage and not _stages().search(name.matter)
    return Evidence(
        start=name.start,
        end=end,
        kind="progress" if is_of_whole and told.kind == "completed" else told.kind,
        matter=name.matter,
        confidence=name.confidence,
        bodies=tuple(dict.fromkeys(bodies)) or None,
        speaker=_speaker(found, told.start),
        quantity=figure.quantity if figure else _counted(count),
        unit=figure.unit if figure else (count["one"] or count["unit"]) if count else None,
        at=told.at,
    )


def _counted(count: re.Match[str] | None) -> float | None:
    """How many a numeral tells: 一所, 首所, 两所."""
    if count is None:
        return None
    return 1.0 if count["one"] else _HAN_COUNTS[count["many"]]


def _speaker(found: Found, place: int) -> str | None:
    """Who says it; null where the article itself reports it."""
    return next((one.speaker for one in found.quotes if one.start <= place < one.end), None)
