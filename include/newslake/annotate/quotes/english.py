"""Who says what in English: direct speech with a verb of saying beside it, and one sentence of reported speech."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from newslake.annotate.article import Article, Found, Mention, Quote
from newslake.annotate.words.patterns import kinds_of_words

CONFIDENCE = {"direct": 0.95, "reported": 0.85}
_LEAST = 4

_DIRECT = re.compile(r"[\"“](?P<words>[^\"“”\n]{4,}?)[\"”]")
_NAME = re.compile(r"\b[A-Z][\w'’-]+(?: (?:of |for |the )*[A-Z][\w'’-]+)+")
_DATELINE = re.compile(r"[A-Z][A-Z ,.\w]{2,40}?(?:\([A-Z][a-z]+\)\s*)?(?:--|—|–)\s+")
_NOTHING_BUT_TIME = re.compile(
    r"(?:\s+(?:(?:on|in|at|during|late|earlier|this|last|yesterday|today)\b[^,.]{0,40}"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?:\s(?:morning|afternoon|evening|night))?))?[.!\s]*"
)
_NOTHING_BUT_DAY = re.compile(r"\s+\w+day\b[.!\s]*")
_SAID = re.compile(
    r"(?:\s+(?:on \w+|in [^,]{3,40}|at [^,]{3,60}|late \w+|earlier|yesterday|today|\w+day)){0,2},?\s+(?:that\s+)?(?=\w)"
)
_BODY_WORDS = frozenset(
    [
        "School",
        "County",
        "City",
        "District",
        "Town",
        "Province",
        "River",
        "University",
        "Bureau",
        "Committee",
        "Government",
        "Hospital",
        "University",
        "Company",
        "Group",
        "Ministry",
        "Center",
        "Centre",
        "Association",
        "Department",
        "Office",
        "Corp",
        "Inc",
        "Council",
        "Bank",
        "Agency",
    ]
)
_LOOKED_BACK = 400  # code points in which a pronoun's person is looked for
_PRONOUN = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)
_NO_SUBJECT = re.compile(
    r"^(?:according to|as|when|while|which|who|it is|it was|is|was|has been|have been)\b", re.IGNORECASE
)


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(rf"\b(?P<verb>{'|'.join(kinds_of_words('verbs_of_saying')['english'])})\b")


def find_quotes_english(article: Article, found: Found) -> Iterator[Quote]:
    """Statements of an English article, by place.

    Direct speech goes on over the words that name its speaker; reported speech is what one sentence reports.
    Left alone: what follows `according to`, and verbs without a subject before or behind them.
    """
    speakers = sorted(found.of_kind("person", "organisation"), key=lambda one: one.start)
    for sentences in article.blocks():
        start, end = sentences[0].start, sentences[-1].end
        yield from _direct(article.text, start, end, speakers)
        for sentence in sentences:
            has_marks = any(mark in article.text[sentence.start : sentence.end] for mark in '"“”')
            quote = None if has_marks else _reported(article.text, sentence.start, sentence.end, speakers)
            if quote:
                yield quote


def _direct(text: str, start: int, end: int, speakers: list[Mention]) -> Iterator[Quote]:
    matches = list(_DIRECT.finditer(text, start, end))
    position = 0
    while position < len(matches):
        match = matches[position]
        following = matches[position + 1] if position + 1 < len(matches) else None
        behind = text[match.end() : following.start() if following else end]
        verb = _verb().search(behind) if match["words"][-1] in ",.?!" else None
        if verb and not re.search(r"[.;]\s", behind[: verb.start()]):
            attributed = re.split(r"(?<=[a-z\d])[.](?:\s|$)", behind, maxsplit=1)[0]
            is_split = bool(following) and (len(attributed) >= len(behind.strip()) - 1) and len(behind) < 120
            last = following if is_split and following else match
            place = match.end()
            yield _quote(
                text,
                match.start("words"),
                last.end("words"),
                (place, place + len(attributed)),
                verb["verb"],
                speakers,
                "direct",
            )
            position += 2 if last is following else 1
            continue
        lead_start = max(start, text.rfind(". ", start, match.start()) + 1)
        lead = text[lead_start : match.start()]
        verb = next((one for one in reversed(list(_verb().finditer(lead)))), None)
        if verb and re.fullmatch(r"[,:]?\s*(?:that)?\s*", lead[verb.end() :]):
            yield _quote(
                text, *match.span("words"), (lead_start, lead_start + verb.end()), verb["verb"], speakers, "direct"
            )
        position += 1


def _reported(text: str, start: int, end: int, speakers: list[Mention]) -> Quote | None:
    sentence = text[start:end]
    for verb in _verb().finditer(sentence):
        lead = sentence[: verb.start()]
        comma = lead.rfind(",")
        is_last = _NOTHING_BUT_TIME.fullmatch(sentence, verb.end()) is not None
        if is_last and not lead[comma + 1 :].strip():
            continue  # Lin Hao, mayor of Linjiang, said Monday.
        if is_last and comma > 0:
            dateline = _DATELINE.match(sentence)
            return _quote(
                text,
                start + (dateline.end() if dateline else 0),
                start + comma,
                (start + comma, start + verb.start()),
                verb["verb"],
                speakers,
                "reported",
            )
        tail = re.match(r"\s+(?P<subject>[^,.]{2,80})[.\s]*$", sentence[verb.end() :])
        if tail and lead.rstrip().endswith(","):
            place = start + verb.end()
            return _quote(text, start, start + len(lead.rstrip()) - 1, (place, end), verb["verb"], speakers, "reported")
        said = _SAID.match(sentence[verb.end() :])
        if (
            lead.strip()
            and not _NOTHING_BUT_DAY.fullmatch(sentence, verb.end())
            and said
            and not _NO_SUBJECT.search(lead.strip())
            and _speaker(text, start, start + verb.start(), speakers)
        ):
            return _quote(
                text,
                start + verb.end() + said.end(),
                end,
                (start, start + verb.start()),
                verb["verb"],
                speakers,
                "reported",
            )
    return None


def _speaker(text: str, start: int, end: int, speakers: list[Mention]) -> tuple[str | None, str | None, str] | None:
    """Name, title and words of who speaks between two places; None where nobody does."""
    inside = [one for one in speakers if start <= one.start and one.end <= end]
    people = [one for one in inside if one.kind == "person"]
    if people or inside:
        one = (people or inside)[-1]
        return (
            (one.name if one.kind == "person" else one.resolved_name or one.name),
            one.title,
            text[one.start : one.end],
        )
    known = [one for one in speakers if one.kind == "person" and one.end <= start]
    if named := list(_NAME.finditer(text, start, end)):
        words = named[-1][0].split(" ")
        is_person_with_title = len(words) > 2 and not _BODY_WORDS.intersection(words) and "of" not in words
        return " ".join(words[-2:] if is_person_with_title else words), None, named[-1][0]
    if pronoun := _PRONOUN.search(text, start, end):
        names = [(one.name, one.title) for one in known[-1:]] or [
            (match[0], None)
            for match in _NAME.finditer(text, max(0, start - _LOOKED_BACK), start)
            if _is_person(match[0])
        ]
        return (*names[-1], pronoun[0]) if names else (None, None, pronoun[0])
    for family in re.finditer(r"\b[A-Z][a-z]+\b", text[start:end]):
        bearers = [(one.name, one.title) for one in known if family[0] in one.name.split(" ")] or [
            (" ".join(match[0].split(" ")[-2:]), None)
            for match in _NAME.finditer(text, 0, start)
            if family[0] in match[0].split(" ")[-2:] and _is_person(match[0])
        ]
        if bearers:
            return (*bearers[0], family[0])
    return None


def _is_person(name: str) -> bool:
    words = name.split(" ")
    return len(words) < 4 and not _BODY_WORDS.intersection(words) and "of" not in words


def _quote(
    text: str, start: int, end: int, subject: tuple[int, int], verb: str, speakers: list[Mention], rule: str
) -> Quote:
    while end > start and text[end - 1].isspace():
        end -= 1
    name, title, words = _speaker(text, *subject, speakers) or (None, None, text[slice(*subject)].strip(" ,.") or verb)
    return Quote(
        start=start,
        end=end,
        speaker=name,
        speaker_title=title,
        speaker_text=words,
        verb=verb,
        is_direct=rule == "direct",
        confidence=CONFIDENCE[rule],
    )
