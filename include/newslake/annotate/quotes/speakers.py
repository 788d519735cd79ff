"""Whom the text makes say something: a person, a body, a meeting, or somebody whom it does not name."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import NamedTuple

from newslake.annotate.article import Article, Found, Mention, Sentence
from newslake.annotate.words.patterns import alternation, kinds_of_words
from newslake.config import reference_lines

# Read by eye on 100 Chinese news pages: of 190 statements 184 had the right speaker, nearly all misses being of the
# later rules; the values leave room for other papers.
CONFIDENCE = {
    "person": 0.95,
    "pronoun": 0.85,
    "earlier": 0.8,
    "meeting": 0.9,
    "body": 0.85,
    "unnamed": 0.8,
    "surname": 0.7,
    "body_by_form": 0.7,
    "none": 0.6,
}

_CLAUSE_MARKS = frozenset("，,；;：:。！？!?\n”」")
_CLAUSE_MARK = re.compile(f"[{''.join(sorted(_CLAUSE_MARKS))}]")
_PRONOUN = re.compile(r"(?:^|[，,；：:、]|同时|其中|随后|接着|最后)\s*(?P<word>他|她|其)(?!他|中|余|实|们)")
_OPENS_WITH_PRONOUN = re.compile(r"\s*(?:随后，?|接着，?)?[他她](?!们)")
# What may stand between whoever speaks and the verb.
_MANNER = (
    "(?:[^，。一-鿿]|在[^，。]{1,20}|还|也|都|则|就|却|并|曾|普遍|纷纷|同时|特别|再次|笑着|高兴地|激动地|兴奋地|感慨地|坦率地|告诉|对|向|如是|这样"
    "|由衷|不禁|连声|自豪地|一致|进一步|边[^，。]{1,10}边){0,3}$"
)


def _any_of(kind: str) -> str:
    return alternation(kinds_of_words("speakers")[kind])


@cache
def _meeting() -> re.Pattern[str]:
    return re.compile(rf"(?P<word>[一-鿿\d（）()“”]{{0,20}}?{_any_of('meeting')})上?[^，。]{{0,8}}$")


@cache
def _document() -> re.Pattern[str]:
    return re.compile(rf"(?P<word>《[^《》]{{1,60}}》|{_any_of('document')})(?:还|也|同时|中|明确|特别|并)*$")


@cache
def _unnamed() -> re.Pattern[str]:
    return re.compile(rf"(?:^据)?(?P<word>{_any_of('which')}?[一-鿿]{{0,12}}?{_any_of('unnamed')}){_MANNER}")


@cache
def _body_by_form() -> re.Pattern[str]:
    words = rf"(?!有关|相关|部分|一些|该|各)[一-鿿]{{3,22}}{_any_of('body')}"
    return re.compile(rf"^(?P<word>{words})(?:还|也|同时|随后|当天|方面)?$")


@cache
def _no_names() -> frozenset[str]:
    return frozenset((*kinds_of_words("speakers")["no_name"], *reference_lines("titles")))


_SPOKEN_TO = re.compile("[对向给]")
_NAME_BY_FORM = re.compile(
    r"(?:^\s*|[员长师授家民人任手者工兵士商农户席官生代友妈嫂叔姨爷奶爸弟哥姐妹伯总记])(?P<name>[一-鿿]{2,3})"
    r"(?:还|也|则|同时|特别|坦率地|高兴地|感慨地|兴奋地|激动地|边[^，。]{1,8}边|在[^，。]{1,16}时)?$"
)
# What makes a person or body in front of the verb the object or the owner of something, not the speaker.
_OBJECT_BEFORE = re.compile(
    r"(?:对|向|给|跟|同|与|问|请|让|叫|被|把|替|为|和|告诉|得知|听|按照|根据|依照|落实|响应|应|对照|以及|感谢|祝贺|邀请|陪同|经)$"
)
_NOT_SPEAKING = re.compile(r"^的|的$|指示|批示|精神|重要|讲话$|^[、和及与]|按照$|根据$|提出的|^(?:介绍|陪同)下")
# What may stand between a body and its verb.
_BODY_GAP = re.compile(
    r"(?:还|也|则|就|却|并|同时|方面|当天|随后|日前|今天|昨天|昨日|近日|特别|再次|明确|进一步|\d+日|在[^，。]{1,16}(?:中|时|上|里|内|日)|向[^，。]{1,10}|对[^，。]{1,10})*"
)
_LONGEST_LEAD = 80  # code points looked back for the subject


class Speaker(NamedTuple):
    """Who says something, as the article makes it known.

    Attributes:
        name: of the person or body; null where the article does not name it.
        title: the person's office.
        text: the words that stand for the speaker.
        start: where these begin.
        rule: how it was found, a key of `CONFIDENCE`.
    """

    name: str | None
    title: str | None
    text: str
    start: int
    rule: str


class Speakers:
    """Finds speakers of one article."""

    def __init__(self, article: Article, found: Found) -> None:
        self._text = article.text
        self._people = found.of_kind("person")
        self._bodies = found.of_kind("organisation")
        self._article = article
        self._people_starts = [one.start for one in self._people]
        self._bodies_starts = [one.start for one in self._bodies]
        self._surnames = frozenset(reference_lines("surnames"))

    def before(self, verb: int, floor: int) -> Speaker | None:
        """The speaker that stands before a verb of saying; None where none does.

        Args:
            verb: where the verb begins.
            floor: where the sentence or what belongs to it begins.
        """
        floor = max(floor, verb - _LONGEST_LEAD)
        clause = min(floor, verb)
        for mark in _CLAUSE_MARK.finditer(self._text, floor, verb):
            clause = mark.end()
        return (
            self._person(clause, verb)
            or self._by_form(clause, verb, _meeting(), _document())
            or self._named_by_form(clause, verb)
            or self._body(clause, verb)
            or self._pronoun(clause, verb)
            or self._by_form(clause, verb, _unnamed())
            or self._body_by_form(clause, verb)
            or self._earlier_clause(floor, clause)
            or self._without_subject(clause, verb)
        )

    def _within(self, mentions: list[Mention], starts: list[int], start: int, end: int) -> list[Mention]:
        first = bisect_left(starts, start)
        if first == len(starts) or starts[first] >= end:
            return []
        return [one for one in mentions[first : bisect_left(starts, end, first)] if one.end <= end]

    def _person(self, start: int, end: int) -> Speaker | None:
        for person in self._within(self._people, self._people_starts, start, end):
            if person.start > start and _OBJECT_BEFORE.search(self._text[start : person.start]):
                continue
            if person.end == end or not _NOT_SPEAKING.search(self._text[person.end : end]):
                return self._named(person, "person")
        return None

    def _named(self, person: Mention, rule: str) -> Speaker:
        name = person.resolved_name or person.name
        return Speaker(name, person.title, self._text[person.start : person.end], person.start, rule)

    def _body(self, start: int, end: int) -> Speaker | None:
        for body in reversed(self._within(self._bodies, self._bodies_starts, start, end)):
            gap = self._text[body.end : end]
            if not _BODY_GAP.fullmatch(gap):
                return None
            if not _OBJECT_BEFORE.search(self._text[start : body.start]):
                name = body.resolved_name or body.name
                return Speaker(name, None, self._text[body.start : body.end], body.start, "body")
        return None

    def _pronoun(self, start: int, end: int) -> Speaker | None:
        match = _PRONOUN.match(self._text[start:end])
        if match is None:
            return None
        person = self.last_subject(start)
        name, title = (person.resolved_name or person.name, person.title) if person else (None, None)
        return Speaker(name, title, match["word"], start + match.start("word"), "pronoun")

    def _by_form(self, start: int, end: int, *patterns: re.Pattern[str]) -> Speaker | None:
        clause = self._text[start:end]
        for pattern in patterns:
            match = pattern.search(clause)
            if match and not _NOT_SPEAKING.search(clause[match.end("word") :]) and not _SPOKEN_TO.search(match["word"]):
                rule = "unnamed" if pattern is _unnamed() else "meeting"
                return Speaker(None, None, match["word"], start + match.start("word"), rule)
        return None

    def _body_by_form(self, start: int, end: int) -> Speaker | None:
        body = _body_by_form().search(self._text[start:end])
        return Speaker(body["word"], None, body["word"], start + body.start("word"), "body_by_form") if body else None

    def _named_by_form(self, start: int, end: int) -> Speaker | None:
        """Somebody who is no person found yet: a family name and a given one, alone or behind an occupation."""
        clause = self._text[start:end]
        match = _NAME_BY_FORM.search(clause)
        if match is None or self._within(self._people, self._people_starts, start, end):
            return None
        name, place = match["name"], start + match.start("name")
        has_family_name = name[0] in self._surnames or name[:2] in self._surnames
        if not has_family_name or name in _no_names() or _OBJECT_BEFORE.search(self._text[start:place]):
            return None
        if name[1:] in _no_names():
            return self._by_family_name(name, place)
        return Speaker(name, None, name, place, "surname")

    def _by_family_name(self, words: str, place: int) -> Speaker:
        """沈书记: the one person of that family name, if the article names just one."""
        bearers = {(one.resolved_name or one.name, one.title) for one in self._people if one.name[0] == words[0]}
        name, title = bearers.pop() if len(bearers) == 1 else (None, None)
        return Speaker(name, title, words, place, "surname" if name else "unnamed")

    def _earlier_clause(self, floor: int, clause: int) -> Speaker | None:
        """The subject of the sentence, where the clause of the verb has none: 沈怀舟出席会议，强调…."""
        people = self._within(self._people, self._people_starts, floor, clause)
        for person in people:
            if not _OBJECT_BEFORE.search(self._text[floor : person.start]):
                return self._named(person, "earlier")
        pronoun = _PRONOUN.search(self._text[floor:clause])
        return self._pronoun(floor + pronoun.start(), clause) if pronoun else None

    def _without_subject(self, start: int, end: int) -> Speaker | None:
        if self._text[start:end].strip() not in ("", "同时", "并", "还", "也"):
            return None
        person = self.last_subject(start)
        return (
            Speaker(
                person.resolved_name or person.name, person.title, self._text[person.start : person.end], end, "none"
            )
            if person
            else None
        )

    def opens_clause(self, place: int) -> bool:
        """Whether a clause begins at a place."""
        return not place or self._text[place - 1] in _CLAUSE_MARKS

    def last_subject(self, place: int) -> Mention | None:
        """The last person before a place who could be meant by 他: one with whom a sentence begins, else the last one named."""
        behind = self._people[: bisect_left(self._people_starts, place)]
        sentences = self._article.sentences
        here = self._article.sentence_at(place)
        for sentence in reversed(sentences[max(0, here.number - 6) : here.number + 1]):
            for person in behind:
                if sentence.start <= person.start < min(sentence.end, place) and self._opens(
                    sentence.start, person.start
                ):
                    return person
        near = [
            person
            for person in behind
            if not _OBJECT_BEFORE.search(self._text[max(0, person.start - 4) : person.start])
        ]
        return near[-1] if near else None

    def opens_with_person(self, sentence: Sentence) -> bool:
        """Whether a sentence begins with a person, so that it tells of somebody: 沈怀舟当场请…."""
        people = self._within(self._people, self._people_starts, sentence.start, sentence.end)
        if people and self._opens(sentence.start, people[0].start):
            return True
        return _OPENS_WITH_PRONOUN.match(self._text[sentence.start : sentence.start + 6]) is not None

    def _opens(self, start: int, place: int) -> bool:
        """Whether nothing but a dateline, a time or a phrase with a comma stands before a place in its sentence."""
        lead = self._text[start:place]
        return not lead.strip() or lead[-1] in "，）)》】 　日午" or lead.endswith(("会上", "时", "中"))
