"""Lists of tasks with notes behind each: 1.新建…；责任单位：县教委；完成时限：2026年11月底."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from datetime import date
from functools import cache

from newslake.annotate.article import Article, Directive
from newslake.annotate.directives.context import Context
from newslake.annotate.directives.deadlines import Deadline, find_deadline
from newslake.annotate.words.patterns import alternation, kinds_of_words

_POINT = re.compile(
    r"(?:(?P<han>[一二三四五六七八九十]{1,3})、|[（(](?P<in_brackets>[一二三四五六七八九十\d]{1,3})[）)]|(?P<digits>\d{1,2})[.．、](?!\d)|(?P<ring>[①-⑳]))"
)
_DONE = re.compile("已(?!有)|(?<!未)完成了")
_OPENS_NOTE = " 　（(【[，,；;、"
_ENDS_TIME = re.compile(r"[。；;，,、）)】\]\s]|$")
_IN_CHARGE = "(?:责任|牵头|主办|主责)(?:责任)?(?:单位|部门|主体)(?:[及和]责任人|[及和]配合单位)?"
_BESIDE = "(?:配合|协办|协同|参与|参加|监督|督办|指导)(?:单位|部门)|(?:责任|分管|牵头|包联)(?:人|领导)"
_BY_WHEN = "(?:计划|预计)?(?:完成|办结|整改|办理|落实|竣工|建成|达标|销号|实施)(?:时限|时间|期限|时间节点|日期)(?:要求)?|时限要求|时间节点"
_NOTE = re.compile(
    rf"(?:(?P<in_charge>{_IN_CHARGE})|(?P<by_when>{_BY_WHEN})|{_BESIDE})(?:[：:]|(?<=[位门体限间期点])[为是](?=\S))[^\S\n]*"
)
# Most articles have no note; every branch begins with a character, so that a search passes over other places at once.
_MAY_NOTE = re.compile(
    "单位[：:及和为是]|部门[：:及和为是]|主体[：:及和为是]|时限[：:要为是]|期限[：:要为是]|时间[：:节要为是]|节点[：:为是]|日期[：:要为是]"
)
_NUMBERED_DAY = re.compile(r"(?P<year>20\d\d)[-./](?P<month>\d{1,2})(?:[-./](?P<day>\d{1,2}))?(?!\d)")
_LONGEST_TIME = 24  # code points


class Lists:
    """Numbered points of one article, and the notes behind tasks."""

    def __init__(self, article: Article, is_notice: bool) -> None:
        """Reads both.

        Args:
            article: the article.
            is_notice: whether all its points set tasks; else those of a list in which a point has a note do.
        """
        self._text = article.text
        self._article = article
        has_notes = _MAY_NOTE.search(article.text) is not None
        self.notes = list(_NOTE.finditer(article.text)) if has_notes else []
        self._note_starts = [note.start() for note in self.notes]
        points = []
        if is_notice or self.notes:
            found = ((one.start, _POINT.match(article.text, one.start, one.end)) for one in article.sentences)
            points = [(start, match) for start, match in found if match is not None]
        self._points = [start for start, _ in points]
        self._noted_points = self._points_with_notes()
        self._listed = set(self._points) if is_notice else self._with_notes([match for _, match in points])

    def __bool__(self) -> bool:
        """Whether any point sets a task."""
        return bool(self._listed)

    def is_listed(self, start: int, end: int) -> bool:
        """Whether a sentence is a point that sets tasks, and not only the heading of what follows (三、保障措施。)."""
        if start not in self._listed:
            return False
        point = _POINT.match(self._text, start, end)
        return point is None or _headings().fullmatch(self._text, point.end(), end) is None

    def end_of_task(self, start: int, end: int) -> int:
        """Where the notes of a point begin, or of a sentence that is one; the sentence's end where it has none."""
        position = bisect_left(self._note_starts, start)
        note = self._note_starts[position] if position < len(self._note_starts) else end
        if note >= end or not (start in self._listed or note == start):
            return end
        return start + len(self._text[start:note].rstrip(_OPENS_NOTE))

    def is_noted(self, start: int) -> bool:
        """Whether a sentence begins a point with a note of its own, so that whatever it names is a task."""
        return start in self._noted_points

    def _point_of(self, place: int) -> int:
        """The position of the point in which a place lies, or -1."""
        return bisect_right(self._points, place) - 1

    def _points_with_notes(self) -> set[int]:
        """Where points begin that have a note of their own and do not tell of what is done already."""
        first: dict[int, int] = {}
        for note in self._note_starts:
            point = self._point_of(note)
            if point >= 0:
                first.setdefault(self._points[point], note)
        return {start for start, note in first.items() if not _DONE.search(self._text, start, note)}

    def _with_notes(self, points: list[re.Match[str]]) -> set[int]:
        """Points with a note of their own, and those that the same list counts on with."""
        listed: set[int] = set()
        is_of_list = False
        for position, match in enumerate(points):
            is_next = position > 0 and _follows(points[position - 1], match)
            is_of_list = self._points[position] in self._noted_points or (is_of_list and is_next)
            if is_of_list:
                listed.add(self._points[position])
        return listed

    def with_notes(self, context: Context, rows: list[Directive]) -> list[Directive]:
        """Adds the bodies and times of notes to the tasks before them, back to where their point begins.

        Args:
            context: the article's.
            rows: tasks by place; changed.
        """
        starts = [row.start for row in rows]
        before = {"in_charge": 0, "by_when": 0}
        for note in self.notes:
            if note.lastgroup is None:
                continue
            first, last = self._noted(note.start(), starts, before[note.lastgroup])
            before[note.lastgroup] = last
            if note["in_charge"]:
                bodies, _ = context.read_bodies(note.end(), len(self._text))
                for position in range(first, last) if bodies else ():
                    rows[position] = rows[position]._replace(
                        responsible_bodies=rows[position].responsible_bodies or bodies
                    )
            elif deadline := _time_of(self._text, note.end(), context.reference):
                for position in range(first, last):
                    if rows[position].deadline_text is None:
                        rows[position] = rows[position]._replace(
                            deadline=deadline.at, deadline_precision=deadline.precision, deadline_text=deadline.words
                        )
        return rows

    def _noted(self, note: int, starts: list[int], before: int) -> tuple[int, int]:
        """Positions of the tasks that a note belongs to: from the first up to before the last."""
        last = bisect_left(starts, note)
        point = self._point_of(note)
        if point >= 0 and self._points[point] in self._listed:
            return max(before, bisect_left(starts, self._points[point])), last
        first = max(before, bisect_left(starts, self._article.sentence_at(note).start))
        if first == last and last > before and self._is_beside(starts[last - 1], note):
            first = max(before, bisect_left(starts, self._article.sentence_at(starts[last - 1]).start))
        return first, last

    def _is_beside(self, task: int, note: int) -> bool:
        """Whether a note belongs to a task before its sentence: in its block, or right above where it begins one."""
        sentence, earlier = self._article.sentence_at(note), self._article.sentence_at(task)
        if earlier.block_no == sentence.block_no:
            return True
        position = self._article.sentences.index(sentence)
        starts_block = not self._text[sentence.start : note].strip("（(【[ ")
        above = self._article.sentences[position - 1] if position else None
        return starts_block and above is not None and above.block_no == earlier.block_no


@cache
def _headings() -> re.Pattern[str]:
    """What is only the heading of what follows: 保障措施, 时间要求."""
    words = kinds_of_words("directive_verbs")
    return re.compile(rf"\s*(?:{alternation(words['heading'])})+\s*[。：:；;]?\s*")


def _follows(before: re.Match[str], point: re.Match[str]) -> bool:
    """Whether two points are counted in the same way, the second after the first."""
    if before.lastgroup != point.lastgroup or point.lastgroup is None:
        return False
    first, second = before[point.lastgroup], point[point.lastgroup]
    if second.isdecimal() and first.isdecimal():
        return int(second) == int(first) + 1
    return second != "一" and first != second


def _time_of(text: str, place: int, reference: date | None) -> Deadline | None:
    """The time with which a note begins, in words or in figures (2026-11-30)."""
    end = text.find("\n", place, place + _LONGEST_TIME)
    end = min(len(text), place + _LONGEST_TIME) if end < 0 else end
    numbered = _NUMBERED_DAY.match(text, place, end)
    if numbered:
        words = f"{numbered['year']}年{int(numbered['month'])}月" + (
            f"{int(numbered['day'])}日" if numbered["day"] else ""
        )
        found = find_deadline(words, 0, len(words), reference) if 1 <= int(numbered["month"]) <= 12 else None
        return Deadline(place, numbered.end(), numbered[0], found.at, found.precision) if found else None
    found = find_deadline(text, place, end, reference)
    is_all = found is not None and not text[place : found.start].strip("在到于至 　")
    return found if found and is_all and _ENDS_TIME.match(text, found.end) else None
