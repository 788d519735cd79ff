"""Finds tasks in English: must, shall, is to; ordered somebody to; will build, plans to open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newslake.annotate.article import Article, Directive
from newslake.annotate.directives.context import Context
from newslake.annotate.directives.deadlines_english import find_english_deadline
from newslake.annotate.directives.domains import domain_of
from newslake.annotate.directives.targets import find_target
from newslake.annotate.matters import matter

_WORKS = (
    "accelerate|add|build|clean|complete|connect|construct|create|cut|deliver|establish|expand|extend|finish|fund|hire|"
    "improve|install|introduce|invest|launch|link|modernize|modernise|open|plant|provide|publish|raise|rebuild|recruit|"
    "reduce|renovate|repair|replace|restore|set up|speed up|start|train|upgrade|widen"
)
_SET = re.compile(
    rf"\b(?:(?P<must>must|shall|ha(?:s|ve) to|needs? to|(?:is|are) to)\s+(?:also\s+)?(?P<any>(?!not\b|have\b|say\b|admit\b|know\b)[a-z]+)"
    rf"|(?P<will>will|plans? to|aims? to|pledge[sd]? to|promise[sd]? to|vow(?:s|ed) to)\s+(?:also\s+)?(?P<work>{_WORKS})\b"
    r"|(?P<order>ordered|told|instructed|required|requires|directed|urged|called on)\s+(?P<who>[^,.;:?!]{2,60}?)\s+to\s+"
    r"(?P<ordered>(?!be\b|have\b)[a-z]+))"
)
_END = re.compile(
    r"[;:!?\"”)]|,(?!\s?\d)|\s[-–—]+\s|\.(?=\s|$)(?<!\b[A-Z][a-z]{2}\.)(?<!Sept\.)"
    r"|\s(?:said|says|according to|because|which|while|so that|although|officials said)\b"
)
_AND = re.compile(rf"\s+(?:and|to)\s+(?=(?:to\s+)?(?:{_WORKS})\b)")
_NO_OBJECT = re.compile(r"\s*(?:$|(?:by|before|in|within|on|this|next|at|no later)\b)")
_THING = re.compile(r"\b(?:an?|the|its)\s+(?P<thing>(?:(?!\b(?:an?|the|its)\s)[^,;:]){3,60}?)\s+(?:that|which)\s$")
CONFIDENCE = {"must": 0.75, "order": 0.75, "will": 0.6}


def find_english_directives(article: Article, context: Context, jurisdiction: str | None) -> Iterator[Directive]:
    """Tasks of an English article; the first of a clause is the parent of those joined to it with and.

    Args:
        article: the article.
        context: bodies, figures and statements found in it.
        jurisdiction: the division it is about.
    """
    for sentence in article.sentences:
        reached = sentence.start
        for found in _SET.finditer(article.text, sentence.start, sentence.end):
            if found.start() < reached:
                continue
            rows = list(_tasks(context, found, sentence.start, sentence.end, jurisdiction))
            yield from rows
            reached = rows[-1].end if rows else reached


def _tasks(
    context: Context, found: re.Match[str], first: int, last: int, jurisdiction: str | None
) -> Iterator[Directive]:
    """The tasks behind a modal or an order, up to the clause's end."""
    text = context.text
    group = "any" if found["must"] else "work" if found["will"] else "ordered"
    start = found.start(group)
    stop = _END.search(text, found.end(), last)
    end = stop.start() if stop else last
    if found[group] == "be" or _NO_OBJECT.match(text, found.end(), end):
        before = max(text.rfind(mark, first, found.start()) for mark in (", ", "; ", '"', "“"))
        start = before + 1 if before >= first else first
        start += len(text[start:end]) - len(text[start:end].lstrip(' ,;"“'))
    bodies = _bodies(context, found, first)
    confidence = CONFIDENCE["must" if found["must"] else "will" if found["will"] else "order"]
    parent: tuple[int, int] | None = None
    while start < end:
        joint = _AND.search(text, start + 1, end)
        until = joint.start() if joint else end
        until -= len(text[start:until]) - len(text[start:until].rstrip(" .,"))
        if until - start > len(found[group]) + 2:
            made = _directive(context, (start, until), parent, bodies, confidence, jurisdiction)
            thing = _THING.search(text, first, found.start())
            yield made._replace(matter=matter(thing["thing"], jurisdiction)) if thing else made
            parent = parent or (start, until)
        start = joint.end() if joint else end


def _bodies(context: Context, found: re.Match[str], first: int) -> tuple[str, ...] | None:
    """The body told to act, or the one that stands directly before must or will."""
    if found["order"]:
        named, _ = context.read_bodies(found.start("who"), found.end("who"))
        if not named and found["who"].startswith("the "):
            named, _ = context.read_bodies(found.start("who") + 4, found.end("who"))
        return named or None
    mention = context.body_ends.get(found.start() - 1)
    return (mention.resolved_name or mention.name,) if mention and mention.start >= first else None


def _directive(
    context: Context,
    span: tuple[int, int],
    parent: tuple[int, int] | None,
    bodies: tuple[str, ...] | None,
    confidence: float,
    jurisdiction: str | None,
) -> Directive:
    start, end = span
    text, speech = context.text, context.quote_at(start)
    words = text[start:end]
    deadline = find_english_deadline(text, start, end, context.reference)
    target = find_target(text, start, end, context.figures_in(start, end), "")
    return Directive(
        start=start,
        end=end,
        verb=words.split(" ", 1)[0],
        task=words,
        matter=matter(words, jurisdiction),
        confidence=confidence,
        parent=parent,
        speaker=speech.speaker if speech else None,
        speaker_title=speech.speaker_title if speech else None,
        responsible_bodies=bodies,
        deadline=deadline.at if deadline else None,
        deadline_precision=deadline.precision if deadline else None,
        deadline_text=deadline.words if deadline else None,
        target=text[target.start : target.end] if target else None,
        quantity=target.quantity if target else None,
        unit=target.unit if target else None,
        modifier=target.modifier if target else None,
        domain=domain_of(words.lower()),
    )
