"""Finds tasks: what is to be done, by whom, by when and how much (docs/annotation.md, rule 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newslake.annotate.article import Article, Directive, Found, Sentence
from newslake.annotate.directives.context import Context, Task
from newslake.annotate.directives.domains import domain_of
from newslake.annotate.directives.english import find_english_directives
from newslake.annotate.directives.instructions import read_tasks
from newslake.annotate.directives.lists import Lists
from newslake.annotate.directives.objects import split_objects
from newslake.annotate.directives.targets import Target, find_target
from newslake.annotate.directives.verbs import TRIGGER
from newslake.annotate.matters import is_vague, matter

_PUSHED = ("推动", "促进", "推进", "带动", "实现", "确保", "保持", "力争", "争取", "力求")
_NOTICE = re.compile("通知|通告|公告|意见|方案|措施|清单|要点|分工")
_ISSUED = re.compile("(?:印发|发布|下发|发出|出台)[^，。]{0,40}?(?:通知|通告|公告|意见|方案|措施)")
_LEAD = 3  # sentences


def find_directives(article: Article, found: Found) -> None:
    """Adds tasks of an article to what was found.

    Organisations, figures and quotes must have been found before: a body is responsible only as a mention, a number is
    a target only as one, and the speaker is that of the quote in which the task stands.

    >>> from datetime import date
    >>> from newslake.annotate.article import Sentence
    >>> import pyarrow as pa
    >>> text = "会议强调，要加快建设龙头港专用线，年底前建成北渡大桥。"
    >>> one = Article("a", text, "zh", None, None, None, date(2024, 1, 7), None, "2024-01", (Sentence(0, 0, 0, 28),), pa.array([]))
    >>> found = Found()
    >>> find_directives(one, found)
    >>> [(row.task, row.deadline and row.deadline.isoformat(), row.parent) for row in found.directives]
    [('加快建设龙头港专用线', None, None), ('建成北渡大桥', '2024-12-31', (5, 16))]
    """
    context = Context(
        article.text,
        article.event_date or article.published_date,
        {mention.start: mention for mention in reversed(found.of_kind("organisation"))},
        sorted(found.quotes, key=lambda quote: quote.start),
        found.of_kind("figure"),
    )
    if not article.language.startswith("zh"):
        found.directives.extend(find_english_directives(article, context, found.jurisdiction))
        return
    rows: list[Directive] = []
    issuer, is_notice = _issuer(article, context)
    lists = Lists(article, is_notice)
    for sentence, is_listed in _telling_sentences(article, lists):
        last: str | None = None
        before: str | None = None
        end = lists.end_of_task(sentence.start, sentence.end)
        for task in read_tasks(context, sentence.start, end, is_listed, lists.is_noted(sentence.start)):
            known = before if task.names_nothing else last
            made = list(_directives(context, task, found.jurisdiction, known, issuer if is_listed else None))
            rows.extend(made)
            before = made[-1].matter
            last = made[0].matter if task.kind == "own" or not last else last
    found.directives.extend(lists.with_notes(context, rows))


def _telling_sentences(article: Article, lists: Lists) -> Iterator[tuple[Sentence, bool]]:
    """Sentences with a word that can ask, and whether each is a point of a list of tasks."""
    if lists:
        for sentence in article.sentences:
            is_listed = lists.is_listed(sentence.start, sentence.end)
            if is_listed or TRIGGER.search(article.text, sentence.start, sentence.end):
                yield sentence, is_listed
        return
    found = TRIGGER.search(article.text) if article.sentences else None
    while found:
        sentence = article.sentence_at(found.start())
        if sentence.start <= found.start() < sentence.end:
            yield sentence, False
        found = TRIGGER.search(article.text, max(sentence.end, found.end()))


def _issuer(article: Article, context: Context) -> tuple[str | None, bool]:
    """The body that issued the notice whose points the article lists, and whether it lists those of one.

    Both are said at the article's beginning; the title tells the second too.
    """
    end = article.sentences[_LEAD - 1].end if len(article.sentences) >= _LEAD else len(article.text)
    issued = _ISSUED.search(article.text, 0, end)
    if issued is None:
        return None, _NOTICE.search(article.title or "") is not None
    sentence = article.sentence_at(issued.start())
    named = [one for one in context.bodies.values() if sentence.start <= one.start and one.end <= issued.start()]
    body = max(named, key=lambda one: one.start, default=None)
    return (body.resolved_name or body.name) if body else None, True


def _directives(
    context: Context, task: Task, jurisdiction: str | None, known: str | None, issuer: str | None
) -> Iterator[Directive]:
    """A row for each object of a task that is told apart.

    Args:
        context: the article's.
        task: the task.
        jurisdiction: the division the article is about.
        known: the matter of the sentence so far, for tasks that say nothing of their own.
        issuer: the body whose notice the task is a point of.
    """
    text = context.text
    speech = context.quote_at(task.start)
    items = split_objects(text, task.object_start, task.end) if task.object_start < task.end else []
    parent = task.parent
    for position, (first, end) in enumerate(items or [(task.start, task.end)]):
        start = task.start if position == 0 else first
        words = text[task.words_start : end] if position == 0 else task.verb + text[first:end]
        name = matter(words, jurisdiction)
        target = _target(context, task, first, end)
        yield Directive(
            start=start,
            end=end,
            verb=task.verb,
            task=words,
            matter=known if known and (task.names_nothing or is_vague(name)) else name,
            confidence=round(task.confidence, 2),
            parent=parent,
            speaker=speech.speaker if speech else issuer,
            speaker_title=speech.speaker_title if speech else None,
            responsible_bodies=task.bodies,
            deadline=task.deadline.at if task.deadline else None,
            deadline_precision=task.deadline.precision if task.deadline else None,
            deadline_text=task.deadline.words if task.deadline else None,
            target=text[target.start : target.end] if target else None,
            quantity=target.quantity if target else None,
            unit=target.unit if target else None,
            modifier=target.modifier if target else None,
            domain=domain_of(words),
        )
        parent = parent or (start, end)


def _target(context: Context, task: Task, first: int, end: int) -> Target | None:
    """The aim of an object, or the size that a clause behind states.

    Its words begin at the verb of change, or behind a verb that only pushes (推动, 确保).
    """
    is_whole = first == task.object_start and not task.verb.endswith(_PUSHED)
    start = task.words_start if is_whole else first
    target = find_target(context.text, start, end, context.figures_in(first, end), task.verb)
    if target is None and task.aim:
        return find_target(context.text, *task.aim, context.figures_in(*task.aim), "")
    return target
