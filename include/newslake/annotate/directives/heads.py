"""How the words of a task begin: its verb, and where its object starts."""

from __future__ import annotations

from typing import NamedTuple

from newslake.annotate.directives.context import Context, Task
from newslake.annotate.directives.deadlines import Deadline
from newslake.annotate.directives.objects import is_concrete
from newslake.annotate.directives.verbs import COMES_ABOUT, MANNER, DirectiveWords, directive_words


class Head(NamedTuple):
    """Places in code points.

    Attributes:
        object_start: behind the verb; equal to `start` where no verb was found.
        names_nothing: whether there is a verb alone (年底前建成).
        has_object_first: whether 把 or 为 moves the object in front of the verb.
    """

    start: int
    verb: str
    object_start: int
    names_nothing: bool = False
    has_object_first: bool = False


def behind_time(text: str, place: int, deadline: Deadline | None) -> int:
    """The place behind a time that stands here (在年底前), else the place itself."""
    if deadline is None:
        return place
    first = place + 1 if text[place : place + 1] in "在于到至" else place
    if first != deadline.start:
        return place
    return deadline.end + (1 if text[deadline.end : deadline.end + 1] == "，" else 0)


def is_of_the_task(text: str, deadline: Deadline, head: Head) -> bool:
    """Whether a time says by when, and does not only describe the object (2024年的任务, “十四五”期间…的经验)."""
    if text[deadline.end : deadline.end + 1] == "的" and not deadline.is_bound:
        return False
    return deadline.is_bound or deadline.start < head.object_start or text[deadline.start - 1] in "到至在于"


def read_head(
    context: Context, place: int, end: int, deadline: Deadline | None, has_modal: bool, is_a_task: bool = False
) -> Head | None:
    """How a task begins at a place.

    Args:
        context: the article's.
        place: behind 要, subject and time, in code points.
        end: the clause's end.
        deadline: the clause's.
        has_modal: whether 要 stands in front, which makes any words a task.
        is_a_task: whether a thing with what is to become of it is one without a time or a figure too.

    Returns:
        The head; null where the words are no task. Its `object_start` is its `start` where no verb was found.
    """
    words, text = directive_words(), context.text
    if words.only_done.match(text, place, end):
        return Head(place, text[place:end], end, True)
    verb, object_start = _verb(words, text, place, end, deadline)
    if object_start > place:
        return Head(place, verb, object_start, object_start == end)
    manner = MANNER.match(text, place, end)
    if manner:
        is_kept = manner["kept"] is not None
        return (
            Head(place, manner[0], manner.end(), False, True)
            if is_kept
            else Head(manner.start("verb"), manner["verb"], manner.end())
        )
    if has_modal:
        return Head(place, "", place)
    is_bare = deadline is None and not is_a_task and not context.figures_in(place, end)
    return None if is_bare else _what_comes_about(context.text, words, place, end)


def _verb(words: DirectiveWords, text: str, place: int, end: int, deadline: Deadline | None) -> tuple[str, int]:
    """Words of manner and verb, with a time between them left out (力争9月底前完成 is 力争完成), and where they end."""
    head = words.head.match(text, place, end)
    if head is None or (not head["verb"] and len(head["degree"]) < 2):
        return "", place
    behind = behind_time(text, head.end(), deadline)
    if head["verb"] or behind == head.end():
        return head[0].rstrip("、，"), head.end()
    if words.only_done.match(text, behind, end):
        return head[0] + text[behind:end], end
    second = words.head.match(text, behind, end)
    return (head[0] + second[0], second.end()) if second else (head[0], behind)


def _what_comes_about(text: str, words: DirectiveWords, place: int, end: int) -> Head | None:
    """A thing with what is to become of it: 主体结构封顶, 货运量达到120万吨."""
    found = COMES_ABOUT.search(text, place + 1, end) or words.done.search(text, place + 1, end)
    return Head(place, found[0], found.start()) if found else None


def tells(context: Context, task: Task) -> bool:
    """Whether a task has a measurable aim, a time or a concrete object."""
    return (
        (task.deadline is not None and (task.names_nothing or task.deadline.at is not None or task.deadline.is_bound))
        or bool(context.figures_in(task.start, task.end))
        or (not task.has_object_first and is_concrete(context.text, task.object_start, task.end))
    )
