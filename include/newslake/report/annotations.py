"""What was found in an article, laid over its text: for the terminal, the page and the exports.

Spans may lie within each other and may cross. Here they become openings, texts and closings that nest: where two
cross, the one that began later ends at the border and is opened again behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

from markupsafe import Markup, escape

from newslake.lake import database
from newslake.report import templates
from newslake.report.article import facts, shown
from newslake.report.values import cell, web_address

if TYPE_CHECKING:
    import duckdb

LAYERS: Final = ("quotes", "directives", "evidence", "mentions")
"""Tables of spans."""
ORDER: Final = ("sentences", *LAYERS, "repairs")
"""Of two with the same span, the one whose layer comes first is the outer one."""
WORDS: Final = {
    "quote": "what somebody said",
    "directive": "a task that is set",
    "evidence": "what became of a task: begun, advanced, done, called off or put off",
    "person": "somebody, with the office beside the name",
    "journalist": "who wrote it or took its pictures",
    "organisation": "a body: department, company, school, medium",
    "place": "a division, down to the village",
    "work": "a document or work in 《》",
    "initiative": "a programme or slogan with a name of its own",
    "figure": "a number with its unit",
}
"""What is marked → what that is, in words."""
_OF_THE_ARTICLE = ("article_id", "sentence_no", "kind", "text", "start", "end", "published_date", "published_month")


@dataclass(frozen=True)
class Annotation:
    """A row of one of the layers.

    Attributes:
        layer: its table.
        number: its position in the layer, from 1, by place in the text.
        kind: quote, directive, one of the kinds of evidence, or one of mentions.
        start: where it begins in `articles.text`, in code points.
        end: where it ends, exclusive.
        text: its words.
        fields: the other columns that are not null.
    """

    layer: str
    number: int
    kind: str
    start: int
    end: int
    text: str
    fields: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """The word of the legend."""
        return {"evidence": "evidence", "repairs": "repair"}.get(self.layer, self.kind)

    @property
    def order(self) -> tuple[int, int, int, int]:
        """Outer ones before inner ones."""
        return self.start, -self.end, ORDER.index(self.layer), self.number

    @property
    def told(self) -> list[tuple[str, str]]:
        """Names and values of the fields for the eyes, without ids."""
        return [(name, _told(value)) for name, value in self.fields.items() if not name.endswith("_id")]

    @property
    def label(self) -> str:
        """Its kind, and its number where a table lists it."""
        return self.kind if self.layer == "mentions" else f"{self.kind} {self.number}"


@dataclass(frozen=True)
class Event:
    """A step through the text: an annotation opens or closes, or some text comes.

    Attributes:
        covering: what is open, from the outermost; of an opening and a closing, its annotation comes last.
        is_first: whether an opening is the annotation's first.
    """

    kind: Literal["open", "text", "close"]
    covering: tuple[Annotation, ...]
    text: str = ""
    is_first: bool = False

    @property
    def annotation(self) -> Annotation:
        """What opens or closes; of a text, the innermost that is open."""
        return self.covering[-1]

    @property
    def about(self) -> str:
        """Kind and fields of what opens, and what it lies in, a line each."""
        own = [self.annotation.label, *(f"{name}: {value}" for name, value in self.annotation.told)]
        around = [f"within {one.label}" for one in reversed(self.covering[:-1]) if one.layer != "sentences"]
        return "\n".join(shown(line, False) for line in own + around)


def read(connection: duckdb.DuckDBPyConnection, articles: Sequence[Mapping[str, Any]]) -> dict[str, list[Annotation]]:
    """article_id → what was found in it, by place in the text.

    Args:
        connection: to a snapshot.
        articles: rows as `scope` takes them.
    """
    found: dict[str, list[Annotation]] = {row["article_id"]: [] for row in articles}
    condition, values = scope(articles)
    for layer in LAYERS:
        query = f'FROM {layer} WHERE {condition} ORDER BY article_id, start, "end", text'
        rows = connection.sql(query, params=values).to_arrow_table()
        count: Counter[str] = Counter()
        for row in rows.to_pylist():
            count[row["article_id"]] += 1
            found[row["article_id"]].append(_annotation(layer, count[row["article_id"]], row))
    return {article_id: sorted(own, key=lambda one: one.order) for article_id, own in found.items()}


def scope(articles: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
    """What chooses rows of these articles in any table of the lake, so that only files and parts of their time are read.

    Args:
        articles: rows with article_id, published_month and published_date.

    Returns:
        A condition of SQL, and the values it names.
    """
    values: dict[str, Any] = {"ids": [row["article_id"] for row in articles]}
    months = ", ".join(database.quoted(month) for month in sorted({row["published_month"] for row in articles}))
    condition = f"published_month IN ({months}) AND article_id IN (SELECT unnest($ids))"
    dates = [row["published_date"] for row in articles]
    if None not in dates:
        condition += " AND published_date BETWEEN $first AND $last"
        values |= {"first": min(dates), "last": max(dates)}
    return condition, values


def _annotation(layer: str, number: int, row: Mapping[str, Any]) -> Annotation:
    kind = row.get("kind") or layer.removesuffix("s")
    fields = {name: value for name, value in row.items() if name not in _OF_THE_ARTICLE and value is not None}
    return Annotation(layer, number, kind, row["start"], row["end"], row["text"], fields)


def lines(text: str, annotations: Iterable[Annotation]) -> list[list[Event]]:
    """The text, line by line, as openings, texts and closings; what goes on over a line break is opened again.

    >>> crossing = [Annotation("quotes", 1, "quote", 0, 3, "", {}), Annotation("directives", 1, "directive", 2, 5, "", {})]
    >>> [(event.kind, event.text or event.annotation.kind) for event in lines("加快建港。", crossing)[0]]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('open', 'quote'), ('text', '加快'), ('open', 'directive'), ('text', '建'), ('close', 'directive'), ('close', 'quote'),
     ('open', 'directive'), ('text', '港。'), ('close', 'directive')]
    """
    starting: dict[int, list[Annotation]] = {}
    borders = {0, len(text)}
    for one in annotations:
        starting.setdefault(one.start, []).append(one)
        borders |= {one.start, one.end}
    breaks = [place for place, mark in enumerate(text) if mark == "\n"]
    borders.update(breaks, (place + 1 for place in breaks))
    ordered: list[list[Event]] = [[]]
    before: tuple[Annotation, ...] = ()
    active: list[Annotation] = []
    for start, end in pairwise(sorted(borders)):
        active = [one for one in active if one.end > start] + starting.get(start, [])
        is_break = text[start] == "\n"
        now = () if is_break else tuple(sorted(active, key=lambda one: one.order))
        ordered[-1] += _between(before, now, start)
        if is_break:
            ordered.append([])
        else:
            ordered[-1].append(Event("text", now, text[start:end]))
        before = now
    ordered[-1] += _between(before, (), len(text))
    return ordered


def _between(before: tuple[Annotation, ...], now: tuple[Annotation, ...], place: int) -> list[Event]:
    """What closes and opens between two texts, so that what is open nests."""
    kept = 0
    while kept < min(len(before), len(now)) and before[kept] is now[kept]:
        kept += 1
    closing = [Event("close", before[: last + 1]) for last in reversed(range(kept, len(before)))]
    opening = [Event("open", now[: last + 1], is_first=now[last].start == place) for last in range(kept, len(now))]
    return closing + opening


def counts(annotations: Iterable[Annotation]) -> dict[str, int]:
    """Mark → how often it occurs, in the order of the legend."""
    total = Counter(one.mark for one in annotations)
    return {mark: total[mark] for mark in WORDS if total[mark]}


def _told(value: Any) -> str:
    """A field for the eyes; numbers as they are written.

    >>> _told(48_630_000_000.0), _told(0.949999988), _told(["区交通局"])
    ('48,630,000,000', '0.95', '区交通局')
    """
    if isinstance(value, float):
        return f"{round(value, 6):,}".removesuffix(".0")
    return cell(value).text


def deadline(fields: Mapping[str, Any]) -> str:
    """A directive's deadline: its last day, and the words that give it.

    >>> from datetime import date
    >>> deadline({"deadline": date(2024, 12, 31), "deadline_text": "年底前"}), deadline({"deadline_text": "春节前"})
    ('2024-12-31 (年底前)', '(春节前)')
    """
    words = fields.get("deadline_text")
    return " ".join([str(day) for day in [fields.get("deadline")] if day] + ([f"({words})"] if words else []))


def marked(line: Iterable[Event]) -> Markup:
    """A line of the text with its marks; sentences get anchors (`s3`), and so do rows that tables list (`quote-1`)."""
    parts: list[str] = []
    for event in line:
        if event.kind == "text":
            parts.append(escape(shown(event.text, False)))
        elif event.kind == "close":
            parts.append("</span>")
        else:
            parts.append(_opening(event))
    return Markup("".join(parts))


def _opening(event: Event) -> str:
    one = event.annotation
    if one.layer == "sentences":
        return f'<span class="sentence" id="s{one.number}">' if event.is_first else '<span class="sentence">'
    is_listed = event.is_first and one.layer not in ("mentions", "repairs")
    anchor = f' id="{one.mark}-{one.number}"' if is_listed else ""
    number = f'<sup aria-hidden="true">{one.number}</sup>' if is_listed else ""
    names = f"{one.mark} mention" if one.layer == "mentions" else one.mark
    return f'<span class="{names}"{anchor} data-about="{escape(event.about)}">{number}'


def render(article: Mapping[str, Any], annotations: Sequence[Annotation]) -> str:
    """The page of one article with what was found in it.

    Args:
        article: a row of `articles`.
        annotations: what `read` gave for it.
    """
    by_layer = {layer: [one for one in annotations if one.layer == layer] for layer in LAYERS}
    return templates.render(
        "annotations.html",
        functions={
            "deadline": deadline,
            "shown": lambda value: shown(str(value), False),
            "marked": marked,
            "say": str,
            "word": str,
        },
        article={**article, "title": shown(article["title"] or "", False)},
        address=web_address(article["url"]),
        url=shown(article["url"], False),
        facts=[(name, cell(value).text) for name, value in facts(article) if name in ("published_date", "source_name")],
        language="zh-Hans" if article["language"] == "zh" else article["language"],
        lines=lines(article["text"], annotations),
        counts=counts(annotations),
        words=WORDS,
        **by_layer,
    )
