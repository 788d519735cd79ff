"""What became of tasks: statements that a named matter was begun, has advanced or is done."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import rjieba

from newslake.annotate.article import Article, Evidence, Found, Sentence
from newslake.annotate.evidence_changes import change_words, find_changes
from newslake.annotate.evidence_names import CONFIDENCE, Named, names_of
from newslake.annotate.matters import matter
from newslake.annotate.words.patterns import alternation, kinds_of_words
from newslake.tables.evidence import EVIDENCE_KINDS

REPORTS = EVIDENCE_KINDS[:3]
"""Kinds of what became of a task, as far as it has come: begun, advanced, done."""
PHASE_BEFORE = 8
"""Code points before a word of completion in which a part may be named: 征地拆迁工作全部完成, 一期工程建成."""

_CLAUSE = re.compile(r"[^，；。！？,;!?\n]+")
_DATE = re.compile(
    r"(?:(?P<year>20\d\d)年)?(?P<month>1[0-2]|[1-9])月(?P<day>3[01]|[12]\d|[1-9])日(?!之?前|以前|起|至|到|电|讯|[-—])"
)
# Behind such a word it is a word of something else: 通车第一天, 销号制, 开工仪式; in front of it, too: 从开工到通车.
_NO_REPORT = "之?后|[一两三四五六七八九十]+周年|时间|活动|进入|目标|作准备|之?前|以[前后]|时|的|第|问|制|率|(?:仪式|典礼)(?![^，。]{0,30}举[行办])|条件|标准|程序|流程|台账|机制|申请|面|不|到(?!位)|以来|日|者"
_NO_REPORT_BEFORE = ("出席", "参加", "从", "宣布", "求", "见证", "自", "到")
# 等白鹭湾大桥通车了 waits for it.
_WAITING = re.compile(r"\s*(?:就|只|再)?(?:等(?![级等])|盼|待(?!遇))")
_ONE = re.compile("(?<![一二三四五六七八九十第])一(?P<unit>[所座个条家处栋])(?!个)")
_SINGLE = re.compile("[一-鿿]")
# 建成通车运营之后 is when something else is.
_WHEN = re.compile("(?:之后|以后|以来|之际|之时|(?<!先)后)$")
# By such a time something is to be done: 10月1日前建成开放.
_BY_THEN = r"\d[日月]之?前|[年月季度][底末]之?前"
# What a list of tasks begins its points with.
_NUMBERED = re.compile(r"\s*[（(]?[\d一二三四五六七八九十]+[)）.、．]\s*")
_PART = re.compile(r"\s*\d+(?:\.\d+)?[个件家条座项处公亩户所套]")
# A share that is done: 完成路基工程的82%.
_SHARE = r"完成(?=[^，；。]{2,20}\d%)"
_SHORTEST_ENGLISH = 3
_YEAR = re.compile(r"(20\d\d)年(?!\d{1,2}月)")
_MONTH = re.compile(r"(20\d\d)年(1[0-2]|[1-9])月(?!\d)")
_ENGLISH = re.compile(
    r"(?P<subject>[A-Z][\w '’-]{4,80}?) (?:(?:was|were|has been|have been) (?:officially |finally )?"
    r"(?:(?P<completed>completed|opened|finished|commissioned|delivered|put into (?:use|operation)|closed out)"
    r"|(?P<started>started|begun|launched))|(?P<opened>opened) (?:to traffic|to the public|on|in)\b"
    r"|(?P<began>broke ground|got under way))"
)


class Told(NamedTuple):
    """A word that tells what became of something; places are code points of the article.

    Attributes:
        kind: one of EVIDENCE_KINDS.
        position: the number of its clause.
        is_stage: a stage is named beside it, whose completion is the whole's only where it belongs to the name.
    """

    kind: str
    start: int
    end: int
    position: int
    is_stage: bool = False


def find_evidence(article: Article, found: Found) -> None:
    """Adds what the article says became of named matters.

    Not evidence: what stands within a directive (unless it calls a task off or puts it off), hopes and plans (将, 力争, 预计), what is not (尚未), and success
    without a name (取得良好成效).
    """
    taken = sorted((one.start, one.end) for one in found.directives)
    for sentence in _telling(article):
        told = _english(article, sentence) if article.language != "zh" else _chinese(article, sentence, found)
        for evidence in told:
            is_taken = any(start < evidence.end and evidence.start < end for start, end in taken)
            if not is_taken or evidence.kind not in REPORTS:
                found.evidence.append(evidence)


def _telling(article: Article) -> Iterator[Sentence]:
    """Sentences that hold a word that may tell."""
    if article.language == "zh":
        places = [start for _, start, _ in _matcher().find_matches_as_indexes(article.text)]
    else:
        places = [match.start() for match in _ENGLISH.finditer(article.text)]
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
    """What tells, what makes it unreal, and single characters that do so where they are words of their own."""
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


def _is_history(article: Article, start: int, end: int) -> bool:
    """Whether a sentence tells of an earlier year without a day: 2019年，临江大桥建成通车."""
    known = article.event_date or article.published_date
    years = _YEAR.findall(article.text, start, end)
    return known is not None and any(int(year) < known.year for year in years)


@cache
def _kind(told: str) -> str:
    words = kinds_of_words("evidence_words")
    return next((kind for kind in REPORTS if told in words[kind]), "progress")


def _chinese(article: Article, sentence: Sentence, found: Found) -> Iterator[Evidence]:
    text = article.text
    clauses = [match.span() for match in _CLAUSE.finditer(text, sentence.start, sentence.end)]
    known = article.event_date or article.published_date
    changes = list(find_changes(text, clauses, known))
    for change in changes:
        told = Told(change.kind, change.start, change.end, change.position)
        order = "ab" if change.kind == "cancelled" else "ba"
        for name in names_of(text, told[1:3], told.position, clauses, found, order):
            end = clauses[told.position][1]
            yield _evidence(article, found, sentence, told, end, name)._replace(at=change.at or known)
    changed = {change.position for change in changes}
    for told in _told(text, clauses):
        if told.position in changed or _is_history(article, sentence.start, told.start):
            continue
        end = clauses[told.position][1]
        order = "bc" if _phases().search(text, told.end, end) else "bac"
        names = names_of(text, told[1:3], told.position, clauses, found, order)
        for name in names:
            evidence = _evidence(article, found, sentence, told, end, name)
            yield evidence._replace(quantity=None, unit=None) if len(names) > 1 else evidence


def _told(text: str, clauses: list[tuple[int, int]]) -> Iterator[Told]:
    """The last word of each clause that tells, unless the clause, or the sentence before it, speaks of plans."""
    telling, _, _ = _patterns()
    for position, (start, end) in enumerate(clauses):
        words = list(telling.finditer(text, start, end))
        if not words:
            continue
        word = max(words, key=lambda one: (REPORTS.index(_kind(one[0])), one.start()))
        number = _NUMBERED.match(text, start, end)
        is_point = number is not None and number.end() == words[0].start()
        is_report = not is_point and not text[start : word.start()].endswith(_NO_REPORT_BEFORE)
        before = clauses[max(0, position - 1)][0]
        if not is_report or _WAITING.match(text, start, end) or _WHEN.search(text, word.end(), end):
            continue
        if not _is_unreal(text, before, start) and not _is_unreal(text, start, end):
            kind, is_stage = _kind_in(text, start, word, end)
            yield Told(kind, word.start(), word.end(), position, is_stage)


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
    inside = [one for one in found.of_kind("figure") if name.start <= one.start and one.end <= end]
    figure = inside[-1] if inside else None
    one_of_them = _ONE.search(article.text, name.start, told.start) if figure is None else None
    bodies = [
        one.resolved_name or one.name
        for one in found.of_kind("organisation")
        if sentence.start <= one.start and one.end <= told.start and one.name not in name.matter
    ]
    is_of_whole = told.is_stage and not name.matter.endswith("期")
    return Evidence(
        start=name.start,
        end=end,
        kind="progress" if is_of_whole and told.kind == "completed" else told.kind,
        matter=name.matter,
        confidence=name.confidence,
        bodies=tuple(dict.fromkeys(bodies)) or None,
        speaker=_speaker(found, told.start),
        quantity=figure.quantity if figure else 1.0 if one_of_them else None,
        unit=figure.unit if figure else one_of_them["unit"] if one_of_them else None,
        at=_day(article, sentence.start, told.start),
    )


def _speaker(found: Found, place: int) -> str | None:
    """Who says it; null where the article itself reports it."""
    return next((one.speaker for one in found.quotes if one.start <= place < one.end), None)


def _day(article: Article, start: int, end: int) -> date | None:
    """The day that the sentence gives, else the event's, else the publication's; a year that is not given is theirs."""
    known = article.event_date or article.published_date
    for match in reversed(list(_DATE.finditer(article.text, start, end))):
        # News is not of the future: 12月28日 in January is last year's.
        years = [int(match["year"])] if match["year"] else [known.year, known.year - 1] if known else []
        for year in years:
            try:
                day = date(year, int(match["month"]), int(match["day"]))
            except ValueError:
                continue
            if match["year"] or not known or day <= known:
                return day
    months = _MONTH.findall(article.text, start, end)
    if months:
        year, month = map(int, months[-1])
        last = date(year, month, monthrange(year, month)[1])
        return min(last, known) if known else last
    return known


def _english(article: Article, sentence: Sentence) -> Iterator[Evidence]:
    for match in _ENGLISH.finditer(article.text, sentence.start, sentence.end):
        name = matter(match["subject"], None)
        if len(name) >= _SHORTEST_ENGLISH:
            kind = "started" if match["started"] or match["began"] else "completed"
            start, end = match.span()
            yield Evidence(
                start=start,
                end=end,
                kind=kind,
                matter=name,
                confidence=CONFIDENCE["beside"],
                at=article.event_date or article.published_date,
            )
