"""What became of tasks: statements that a named matter was begun, has advanced or is done."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from newslake.annotate.article import Article, Evidence, Found, Sentence
from newslake.annotate.matters import is_vague, matter
from newslake.annotate.words.patterns import alternation, kinds_of_words
from newslake.tables.evidence import EVIDENCE_KINDS

CONFIDENCE = {"beside": 0.85, "clause_before": 0.7}
"""By where the matter stands: in the clause of the word that tells, or in the clause before."""
PHASE_BEFORE = 8
"""Code points before a word of completion in which a part may be named: 征地拆迁工作全部完成, 一期工程建成."""
SHORTEST, LONGEST = 3, 30
"""Code points of a matter; shorter ones name nothing (项目), longer ones are no name."""

_CLAUSE = re.compile(r"[^，；。！？,;!?\n]+")
_DATE = re.compile(
    r"(?:(?P<year>20\d\d)年)?(?P<month>1[0-2]|[1-9])月(?P<day>3[01]|[12]\d|[1-9])日(?!之?前|以前|起|至|到|电|讯|[-—])"
)
# Behind such a word it is a word of something else: 通车第一天, 销号制, 开工仪式; in front of it, too: 从开工到通车.
_NO_REPORT = "之?后|[一两三四五六七八九十]+周年|时间|活动|进入|目标|作准备|之?前|以[前后]|时|的|第|问|制|率|(?:仪式|典礼)(?![^，。]{0,30}举[行办])|条件|标准|程序|流程|台账|机制|申请|不|到(?!位)|以来|日|者"
_NO_REPORT_BEFORE = ("出席", "参加", "从", "宣布", "求", "见证", "自")
# By such a time something is to be done: 10月1日前建成开放.
_BY_THEN = r"\d[日月]之?前|[年月季度][底末]之?前"
# What a list of tasks begins its points with.
_NUMBERED = re.compile(r"\s*[（(]?[\d一二三四五六七八九十]+[)）.、．]\s*")
_PART = re.compile(r"\s*\d+(?:\.\d+)?[个件家条座项处公亩户所套]")
_COUNTED = re.compile(r"\d+(?:年|月份?|[日项个件家条座])")
# A share that is done: 完成路基工程的82%.
_SHARE = r"完成(?=[^，；。]{2,20}\d%)"
# What stands around a name: a description before it, and a day behind it.
_BESIDE = re.compile(
    r"^.*[：:]|^.*宣布|^.*(?<=[上中里])为(?=.{3})|^.*(?<=[一-鿿]{2})的(?=[^\d]{3})"
    r"|(?<=[一-鿿]{3})(?:位于|坐落|总投资|全长|占地|总建筑).*$|(?:昨[日天]|今[日天]|日前|近日|目前|现已|已经?|相继|陆续|先后|如期|顺利|于)+$"
)
_YEAR = re.compile(r"(20\d\d)年(?!\d{1,2}月)")
_MONTH = re.compile(r"(20\d\d)年(1[0-2]|[1-9])月(?!\d)")
_ENGLISH = re.compile(
    r"(?P<subject>[A-Z][\w '’-]{4,80}?) (?:(?:was|were|has been|have been) (?:officially |finally )?"
    r"(?:(?P<completed>completed|opened|finished|commissioned|delivered|put into (?:use|operation)|closed out)"
    r"|(?P<started>started|begun|launched))|(?P<opened>opened) (?:to traffic|to the public|on|in)\b"
    r"|(?P<began>broke ground|got under way))"
)


class Told(NamedTuple):
    """A word that tells what became of something, in its clause; places are code points of the article."""

    kind: str
    start: int
    end: int
    clause: tuple[int, int]


def find_evidence(article: Article, found: Found) -> None:
    """Adds what the article says became of named matters.

    Not evidence: what stands within a directive, hopes and plans (将, 力争, 预计), what is not (尚未), and success
    without a name (取得良好成效).
    """
    taken = sorted((one.start, one.end) for one in found.directives)
    for sentence in _telling(article):
        told = _english(article, sentence) if article.language != "zh" else _chinese(article, sentence, found)
        for evidence in told:
            if not any(start < evidence.end and evidence.start < end for start, end in taken):
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
    """Finds the words of the list: ten times as fast as a regular expression of them all."""
    from ahocorasick_rs import AhoCorasick

    words = kinds_of_words("evidence_words")
    return AhoCorasick(["完成", *(word for kind in EVIDENCE_KINDS for word in words[kind])])


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = kinds_of_words("evidence_words")
    kinds = {word: kind for kind in EVIDENCE_KINDS for word in words[kind]}
    # Atomic: where the longest word is none, its beginning is none either (建成通车后).
    telling = re.compile(f"(?>{alternation(kinds)}|{_SHARE})(?!{_NO_REPORT})")
    unreal = re.compile("|".join((_BY_THEN, *map(re.escape, (*words["unreal"], *words["past"])))))
    return telling, unreal


def _is_history(article: Article, start: int, end: int) -> bool:
    """Whether a sentence tells of an earlier year without a day: 2019年，临江大桥建成通车."""
    known = article.event_date or article.published_date
    years = _YEAR.findall(article.text, start, end)
    return known is not None and any(int(year) < known.year for year in years)


@cache
def _kind(told: str) -> str:
    words = kinds_of_words("evidence_words")
    return next((kind for kind in EVIDENCE_KINDS if told in words[kind]), "progress")


def _chinese(article: Article, sentence: Sentence, found: Found) -> Iterator[Evidence]:
    clauses = [match.span() for match in _CLAUSE.finditer(article.text, sentence.start, sentence.end)]
    told = list(_told(article.text, clauses))
    for one in told:
        if _is_history(article, sentence.start, one.start):
            continue
        start, name, confidence = _named(article.text, one, clauses, found)
        if name:
            yield _evidence(article, found, sentence, one, start, name, confidence)


def _told(text: str, clauses: list[tuple[int, int]]) -> Iterator[Told]:
    """The last word of each clause that tells, unless the clause, or the sentence before it, speaks of plans."""
    telling, unreal = _patterns()
    for position, (start, end) in enumerate(clauses):
        words = list(telling.finditer(text, start, end))
        if not words:
            continue
        word = max(words, key=lambda one: (EVIDENCE_KINDS.index(_kind(one[0])), one.start()))
        before = text[clauses[max(0, position - 1)][0] : word.start()]
        number = _NUMBERED.match(text, start, end)
        is_point = number is not None and number.end() == words[0].start()
        is_report = not is_point and not text[start : word.start()].endswith(_NO_REPORT_BEFORE)
        if is_report and not unreal.search(text, start, end) and not unreal.search(before):
            yield Told(_kind_in(text, start, word, end), word.start(), word.end(), (start, end))


def _kind_in(text: str, start: int, word: re.Match[str], end: int) -> str:
    """What a word tells where it stands: a part that is done, or so many of more, is progress."""
    behind = text[word.end() : end]
    is_all = "全" in word[0] or "全部" in text[max(0, word.start() - 6) : word.start()]
    before = text[max(start, word.start() - PHASE_BEFORE) : word.start()]
    is_part = _phases().search(behind) or _phases().search(before) or (_PART.match(behind) and not is_all)
    return "progress" if is_part and _kind(word[0]) == "completed" else _kind(word[0])


@cache
def _phases() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, kinds_of_words("evidence_words")["phase"])))


def _named(text: str, told: Told, clauses: list[tuple[int, int]], found: Found) -> tuple[int, str | None, float]:
    """What a word tells of: the words before it in its clause, those behind it, or the clause before."""
    start, end = told.clause
    spans = [(start, told.start), (told.end, end), (start, told.start)]
    if _phases().search(text, told.end, end):
        spans[1] = (told.end, told.end)
    for number, (first, last) in enumerate(spans):
        # Where nothing else is named, what the clause begins with is what it tells of: 区体育馆投入使用.
        begin = _behind_names(found, first, last) if number < 2 else _behind_places(found, first, last)
        if name := _name(text[begin:last], found.jurisdiction):
            return start, name, CONFIDENCE["beside"]
    position = clauses.index(told.clause)
    if position and not text[start : told.start].strip("已经于目前正式全部均现在也昨今天近0123456789月日年 "):
        first, last = clauses[position - 1]
        if name := _name(text[_behind_names(found, first, last) : last], found.jurisdiction):
            return first, name, CONFIDENCE["clause_before"]
    return start, None, 0.0


def _behind_names(found: Found, start: int, end: int) -> int:
    """Where words go on behind the divisions and bodies that they begin with: who did it is not what was done."""
    start = _behind_places(found, start, end)
    ends = [one.end for one in found.of_kind("organisation") if one.start == start and one.end <= end]
    return max(ends, default=start)


def _behind_places(found: Found, start: int, end: int) -> int:
    """Where words go on behind the divisions that they begin with."""
    for one in found.of_kind("place"):
        if one.start == start and one.end <= end and (one.end == end or one.name.endswith(tuple("省市区县州"))):
            start = one.end
    return start


def _name(words: str, jurisdiction: str | None) -> str | None:
    """The matter that words name; null where they name none.

    >>> _name("临江大桥", "澜川市/临江区"), _name("项目", None), _name("", None)
    ('临江大桥', None, None)
    >>> _name("区交通局负责的青砚镇污水处理厂昨日", "澜川市/临江区")
    '青砚镇污水处理厂'
    """
    words = _BESIDE.sub("", words)
    if not words.strip():
        return None
    name = matter(words, jurisdiction)
    if not re.search("[一-鿿]{2}", _COUNTED.sub("", name)):
        return None
    return name if SHORTEST <= len(name) <= LONGEST and not is_vague(name) else None


def _evidence(
    article: Article, found: Found, sentence: Sentence, told: Told, start: int, name: str, confidence: float
) -> Evidence:
    end = told.clause[1]
    inside = [one for one in found.of_kind("figure") if told.clause[0] <= one.start and one.end <= end]
    figure = inside[-1] if inside else None
    bodies = [
        one.resolved_name or one.name
        for one in found.of_kind("organisation")
        if sentence.start <= one.start and one.end <= told.start and one.name not in name
    ]
    return Evidence(
        start=start,
        end=end,
        kind=told.kind,
        matter=name,
        confidence=confidence,
        bodies=tuple(dict.fromkeys(bodies)) or None,
        speaker=_speaker(found, told.start),
        quantity=figure.quantity if figure else None,
        unit=figure.unit if figure else None,
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
        return date(year, month, monthrange(year, month)[1])
    return known


def _english(article: Article, sentence: Sentence) -> Iterator[Evidence]:
    for match in _ENGLISH.finditer(article.text, sentence.start, sentence.end):
        name = matter(match["subject"], None)
        if len(name) >= SHORTEST:
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
