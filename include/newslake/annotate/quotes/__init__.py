"""Who says what: a speaker, a verb of saying, and the words, in quotation marks or reported."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from newslake.annotate.article import Article, Found, Quote, Sentence
from newslake.annotate.quotes.english import find_quotes_english
from newslake.annotate.quotes.speakers import CONFIDENCE, Speaker, Speakers
from newslake.annotate.quotes.statements import (
    CLOSING,
    ENDS,
    MARKS,
    OPENING,
    closing_mark,
    find_verbs,
    goes_on,
    opens_instruction,
)

# What may follow at once on a verb without a mark: 会议要求各部门…, 沈怀舟强调要….
_AT_ONCE = re.compile(
    r"要|必须|务必|应|各|全|把|以|对|加|进一步|认真|切实|严格|坚持|继续|尽快|目前|今年|明年|未来|下一步|将|我|他们|大家|[一-鿿]{2,8}要"
)
_NOT_AT_ONCE = re.compile(
    r"的|了|过|和|与|及|下|上|中|感谢|祝贺|欢迎|慰问|肯定|歉意|遗憾|敬意|赞同|支持|满意|担忧|关注|哀悼|理解|同意|认可|标准|条件|能力|值"
)
_COUNTED = re.compile(r"\d+余?[多几]?[条件项份篇]")  # 建议326条
_LEAST = 4  # code points: shorter words are no statement
_LEAST_WHOLE = 8  # code points: shorter quotations without a mark of their own are terms
_BEFORE_SPEECH = frozenset(["道", "讲"])  # say so only before a colon or a quotation: 通道，驶向…
_WITH_OBJECT = ("要求", "希望", "建议", "呼吁", "号召", "叮嘱", "嘱咐")
_ALSO_NOUNS = frozenset(
    [
        "建议",
        "要求",
        "介绍",
        "提醒",
        "反映",
        "分析",
        "说明",
        "总结",
        "解释",
        "评价",
        "希望",
        "承诺",
        "倡议",
        "主张",
        "判断",
        "提议",
        "警告",
        "提示",
        "鼓励",
        "期待",
        "估计",
        "推测",
        "质疑",
    ]
)
_BEFORE_NOUN = re.compile(
    "(?:[的这该此条项份点些新高总老无有等]|提出|采纳|作出|做出|满足|达到|符合|按照|根据|接受|响应|指示|批示|部署|工作|目标|任务|相关|标准|具体|上级|政策|质量|安全|环保|技术|防控|时间|进度)$"
)
_NEAR = 8  # code points between a subject and a verb without a mark
_BETWEEN = 60  # code points between a quotation and the verb behind it


class Attribution(NamedTuple):
    """A verb of saying with its speaker.

    Attributes:
        begin: where what belongs to it begins: the quotation before it, or its sentence.
        before: the quotation that stands before speaker and verb, without marks.
        after: where what is said begins behind the verb; null where nothing follows.
        is_reported: whether what follows was found to be reported speech.
    """

    speaker: Speaker
    verb: str
    begin: int
    before: tuple[int, int] | None
    after: int | None
    is_reported: bool = False


def find_quotes(article: Article, found: Found) -> None:
    """Adds statements of an article to what was found.

    Left alone: passing on documents, taking the floor, speech without a speaker, and verbs that only quote a term.
    """
    if article.language == "zh":
        found.quotes.extend(_Chinese(article, found).quotes())
    elif article.language == "en":
        found.quotes.extend(find_quotes_english(article, found))


class _Chinese:
    """Statements of one Chinese article."""

    def __init__(self, article: Article, found: Found) -> None:
        self.article = article
        self.text = article.text
        self.speakers = Speakers(article, found)
        self.marks = [match.start() for match in MARKS.finditer(article.text)]
        self.found: list[Quote] = []

    def quotes(self) -> list[Quote]:
        """All statements, in order."""
        unclosed: Attribution | None = None
        for sentences in self.article.blocks():
            start, end = sentences[0].start, sentences[-1].end
            if unclosed and not unclosed.is_reported and self.text[start] in OPENING:
                unclosed = self._next_paragraph(unclosed, start, end)
            else:
                going_on = unclosed if unclosed and unclosed.is_reported else None
                unclosed = self._block(sentences, start, end, going_on)
        return self.found

    def _next_paragraph(self, unclosed: Attribution, start: int, end: int) -> Attribution | None:
        """A paragraph of direct speech that goes on, its opening mark repeated."""
        closing = closing_mark(self.text, start, end)
        self._add(unclosed, start + 1, closing if closing >= 0 else end, is_direct=True)
        return unclosed if closing < 0 else None

    def _block(
        self, sentences: Sequence[Sentence], start: int, end: int, going_on: Attribution | None
    ) -> Attribution | None:
        """Adds a paragraph's statements; what is returned may go on in the next one."""
        attributions = self._attributions(start, end)
        done, last = start, None
        if going_on and opens_instruction(self.text, start) and (not attributions or attributions[0].begin > start):
            following = attributions[0].begin if attributions else end
            done, last = (
                self._add(going_on, start, self._reported_end(sentences, start, following), is_direct=False),
                going_on,
            )
        for position, one in enumerate(attributions):
            following = attributions[position + 1].begin if position + 1 < len(attributions) else end
            if one.begin < done and one.after is not None and one.after < done:
                continue
            before = one.before if one.before and one.before[0] >= done else None
            last = one
            if after := self._direct(one, end):
                first = before[0] if before else after[0]
                done = self._add(one, first, after[1] if after[1] >= 0 else end, is_direct=True)
                if after[1] < 0:
                    return one
                continue
            if before:
                done = self._add(one, *before, is_direct=True)
            if one.after is not None:
                done = self._add(one, one.after, self._reported_end(sentences, one.after, following), is_direct=False)
                last = one._replace(is_reported=True)
        return last if last and last.is_reported and done >= end else None

    def _attributions(self, start: int, end: int) -> list[Attribution]:
        listed: list[Attribution] = []
        last_sentence = -1
        for match in find_verbs(self.text, start, end):
            sentence = self.article.sentence_at(match.start())
            if (
                self._is_noun(match)
                or (match["open"] and not self._may_follow(match))
                or self._is_quoted(max(sentence.start, start), match.start())
            ):
                continue
            one = self._attribution(match, sentence, start, is_first=sentence.number != last_sentence)
            if one is not None:
                listed.append(one)
                last_sentence = sentence.number
        return listed

    def _attribution(
        self, match: re.Match[str], sentence: Sentence, floor: int, *, is_first: bool
    ) -> Attribution | None:
        """What a verb of saying makes known; None where it has no speaker or nothing is said."""
        speaker = self.speakers.before(match.start(), sentence.start)
        if speaker is None or not (is_first or self._is_another(speaker)):
            return None
        if match["open"] and not self._is_at_once(match, speaker):
            return None
        before = self._quotation_before(floor, min(speaker.start, match.start()))
        after = self._place_behind(match)
        if before is None and after is None:
            return None
        begin = before[0] - 1 if before else sentence.start if is_first else speaker.start
        return Attribution(speaker, match["verb"] or match["open"] or match["colon"], begin, before, after)

    def _is_another(self, speaker: Speaker) -> bool:
        """Whether a second speaker of a sentence opens a clause of it; others only stand in what the first one says."""
        return speaker.rule == "person" and self.speakers.opens_clause(speaker.start)

    def _place_behind(self, match: re.Match[str]) -> int | None:
        """Where what is said begins behind a verb; None where nothing follows."""
        place = match.end()
        is_thin = match["verb"] in _BEFORE_SPEECH and match["mark"].strip() in ("，", ",")
        if is_thin or self.text[place : place + 1] in ("", "\n"):
            return None
        if match["open"] or match["colon"] or match["mark"]:
            return place
        return place if self.text[place] in OPENING and self._is_whole(place) else None

    def _is_noun(self, match: re.Match[str]) -> bool:
        """Whether the verb is a noun here: 这条建议, 的要求, 意见建议."""
        if match.group("verb", "open").count("建议") and self.text.endswith("意见", 0, match.start()):
            return True
        return match["verb"] in _ALSO_NOUNS and bool(
            _BEFORE_NOUN.search(self.text, max(0, match.start() - 4), match.start())
        )

    def _is_quoted(self, start: int, place: int) -> bool:
        """Whether a place lies in a quotation."""
        position = bisect_left(self.marks, place) - 1
        return position >= 0 and self.marks[position] >= start and self.text[self.marks[position]] in OPENING

    def _is_at_once(self, match: re.Match[str], speaker: Speaker) -> bool:
        """Whether a verb without a mark stands beside its subject, or opens its clause."""
        gap = match.start() - speaker.start - len(speaker.text)
        is_clause = self.text[match.start() - 1 : match.start()] in ("，", ",", "；")
        if speaker.rule not in ("person", "meeting", "body", "pronoun") and not (
            speaker.rule == "earlier" and is_clause
        ):
            return False
        return gap <= _NEAR or is_clause

    def _may_follow(self, match: re.Match[str]) -> bool:
        """Whether words behind a verb without a mark may be what was said."""
        if _NOT_AT_ONCE.match(self.text, match.end()) or _COUNTED.match(self.text, match.end()):
            return False
        return match["open"] in _WITH_OBJECT or bool(_AT_ONCE.match(self.text, match.end()))

    def _quotation_before(self, floor: int, place: int) -> tuple[int, int] | None:
        """The direct speech that ends in front of a speaker, with no sentence's end between."""
        closing = self._closing_before(max(floor, place - _BETWEEN), place)
        if closing < 0 or any(mark in ENDS for mark in self.text[closing + 1 : place]):
            return None
        opening = self._opening_of(floor, closing)
        inner = self.text[opening + 1 : closing]
        is_speech = opening >= floor and len(inner) >= _LEAST and inner[-1] in ENDS + "，,"
        if not is_speech or self.text[opening - 1 : opening] in ("：", ":", "，", ","):
            return None
        return opening + 1, closing

    def _closing_before(self, low: int, place: int) -> int:
        """The last mark between two places that closes a quotation, or -1."""
        for position in range(bisect_left(self.marks, place) - 1, -1, -1):
            mark = self.marks[position]
            if mark < low or self.text[mark] in CLOSING:
                return mark if mark >= low else -1
        return -1

    def _opening_of(self, floor: int, closing: int) -> int:
        opening = OPENING[CLOSING.index(self.text[closing])]
        depth = 1
        for position in range(bisect_left(self.marks, closing) - 1, -1, -1):
            place = self.marks[position]
            if place < floor:
                break
            depth += (self.text[place] == self.text[closing]) - (self.text[place] == opening)
            if not depth:
                return place
        return -1

    def _direct(self, one: Attribution, end: int) -> tuple[int, int] | None:
        """The direct speech behind a verb, its end -1 where it is not closed; None where what follows is reported."""
        if one.after is None or self.text[one.after] not in OPENING:
            return None
        closing = closing_mark(self.text, one.after, end)
        if closing < 0:
            return one.after + 1, -1
        return (one.after + 1, closing) if self._is_whole(one.after) else None

    def _is_whole(self, opening: int) -> bool:
        """Whether a quotation holds all that is said, rather than a term."""
        line_end = self.text.find("\n", opening)
        line_end = len(self.text) if line_end < 0 else line_end
        closing = closing_mark(self.text, opening, line_end)
        inner = self.text[opening + 1 : closing]
        is_last = closing + 1 >= line_end or self.text[closing + 1] in ENDS + "，"
        return closing < 0 or inner[-1:] in tuple(ENDS) or (len(inner) >= _LEAST_WHOLE and is_last)

    def _reported_end(self, sentences: Sequence[Sentence], start: int, following: int) -> int:
        """The end of reported speech: where narration, another speaker or the paragraph's end stands."""
        stop = start
        for sentence in sentences:
            if sentence.end <= start:
                continue
            if sentence.start > start and (sentence.start >= following or not self._is_his(sentence)):
                break
            stop = sentence.end if sentence.end <= following or sentence.start <= start else following
        return max(min(stop, following), start) if following > start else stop

    def _is_his(self, sentence: Sentence) -> bool:
        return goes_on(self.text, sentence.start, sentence.end) and not self.speakers.opens_with_person(sentence)

    def _add(self, one: Attribution, start: int, end: int, *, is_direct: bool) -> int:
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if end - start >= _LEAST:
            speaker = one.speaker
            self.found.append(
                Quote(
                    start=start,
                    end=end,
                    speaker=speaker.name,
                    speaker_title=speaker.title,
                    speaker_text=speaker.text,
                    verb=one.verb,
                    is_direct=is_direct,
                    confidence=CONFIDENCE[speaker.rule],
                )
            )
        return end
