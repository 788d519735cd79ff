"""clean: raw bytes → repaired lines, one to one with the lines as found.

The order is decode, take the lines out of their markup, detect the language, repair. Each repair
is a pure function in a file of its own; `STEPS` is their order. To add one, write its file and
put it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import pyarrow as pa

from newslake.clean.compose import compose
from newslake.clean.decode import Decoded, decode
from newslake.clean.defects import ERROR_REACH, refuse_error_page, refuse_oversized
from newslake.clean.edits import NO_EDITS, Repaired
from newslake.clean.extract import extract, looks_like_html
from newslake.clean.glosses import strip_glosses
from newslake.clean.invisible import (
    mark_surrogates,
    strip_bidi_controls,
    strip_controls,
    strip_soft_hyphens,
    strip_zero_width,
)
from newslake.clean.language import Writing, detect_writing
from newslake.clean.line_changes import RepairedLines, line_changes
from newslake.clean.lines import GIVEN_NAMES, GIVEN_TEXTS, Document, Given, split_lines, with_marks, without_markup
from newslake.clean.mapping import Change
from newslake.clean.misread import misread
from newslake.clean.mojibake import Misreading
from newslake.clean.punctuation import widen_punctuation
from newslake.clean.record import read_record
from newslake.clean.script import simplify
from newslake.clean.whitespace import normalize_whitespace
from newslake.errors import ArticleRejected
from newslake.tables.pages import PAGES
from newslake.tables.quarantine import QUARANTINE

__all__ = ["CHINESE", "DID", "REPAIRS", "STEPS", "Step", "clean", "clean_document", "repair"]

CHINESE: Final = ("Hans", "Hant")


class Step(NamedTuple):
    """A repair.

    The function takes a page's lines joined by line feeds and returns them with its edits, see
    `clean/edits.py`. It never adds, removes or joins lines.

    Attributes:
        name: in `repairs`.
        function: see above.
        did: what it did, for people.
        scripts: those it is for; None for all.
    """

    name: str
    function: Callable[[str], Repaired]
    did: str = ""
    scripts: tuple[str, ...] | None = None


STEPS: Final = (
    Step("surrogates", mark_surrogates, "halves of characters were marked as lost"),
    Step("soft_hyphens", strip_soft_hyphens, "soft hyphens were taken out"),
    Step("bidi_controls", strip_bidi_controls, "marks that turn the direction of writing were taken out"),
    Step("controls", strip_controls, "control characters were taken out"),
    Step("zero_width", strip_zero_width, "characters without width were taken out"),
    Step("compose", compose, "accented letters were written as one character"),
    Step("glosses", strip_glosses, "readings that a mirror site put in were taken out", CHINESE),
    Step("script", simplify, "Traditional characters were written as Simplified", ("Hant",)),
    Step("punctuation", widen_punctuation, "marks between Chinese words were made fullwidth", CHINESE),
    Step("whitespace", normalize_whitespace, "spaces were evened out"),
)


MOJIBAKE: Final = "mojibake"
REPAIRS: Final = (MOJIBAKE, *(step.name for step in STEPS))
"""Names of the repairs, in their order. Mojibake is taken back before lines are: see `misread`."""
DID: Final = {
    MOJIBAKE: "text that had been read in a wrong charset was taken back",
    **{step.name: step.did for step in STEPS},
}
"""Repair → what it did, for people."""


class Cleaned(NamedTuple):
    """One document on its way into `pages`."""

    decoded: Decoded
    document: Document
    writing: Writing
    lines: list[str]
    found: list[str]
    given: Given
    repaired: RepairedLines


def repair_lines(lines: list[str], script: str, misreadings: Sequence[Misreading] = ()) -> RepairedLines:
    """Runs the repairs over a page.

    Args:
        lines: the page as found, without line breaks inside.
        script: ISO 15924 script of the page; decides which repairs apply.
        misreadings: what was taken back already; the text as found is then the one before.
    """
    text = "\n".join(lines)
    found, edits = misread(lines, misreadings) if misreadings else (lines, NO_EDITS)
    counts = {MOJIBAKE: len(edits)} if len(edits) else {}
    steps = [(sum(map(len, found)) + len(found) - 1, edits)]
    for step in STEPS:
        length, edits = len(text) if lines else -1, NO_EDITS
        if lines and (step.scripts is None or script in step.scripts):
            text, edits = step.function(text)
        if len(edits):
            counts[step.name] = len(edits)
        steps.append((length, edits))
    repaired = text.split("\n") if lines else []
    if len(repaired) != len(lines):
        raise AssertionError(f"the repairs made {len(repaired)} lines of {len(lines)}")
    if "surrogates" in counts:  # No table holds halves of characters.
        found = list(map(with_marks, found))
    return RepairedLines(found, repaired, counts, steps)


def repair(lines: list[str], script: str) -> tuple[list[str], dict[str, int], list[list[Change]]]:
    """Runs the repairs over a page, and tells what they changed.

    Args:
        lines: the page as found, without line breaks inside.
        script: ISO 15924 script of the page; decides which repairs apply.

    Returns:
        As many lines; repair → how many edits it made, zeros left out; the changes of each line.

    >>> lines, counts, changes = repair(["今日\u200b,會議召開"], "Hant")
    >>> lines, counts
    (['今日，会议召开'], {'zero_width': 1, 'script': 3, 'punctuation': 1})
    >>> for change in changes[0]: print(*change)
    zero_width 2 2 2 3
    punctuation 2 3 3 4
    script 3 5 4 6
    script 6 7 7 8
    """
    repaired = repair_lines(lines, script)
    changes: list[list[Change]] = [[] for _ in lines]
    for row in line_changes(REPAIRS, [repaired], [len(lines)])[0].as_py():
        changes[row.pop("line_no")].append(Change(**row))
    return repaired.lines, repaired.counts, changes


def clean_document(data: bytes, content_type: str, charset: str | None, language: str | None = None) -> Cleaned:
    """Decodes, reads and repairs one document.

    Args:
        data: as they came.
        content_type: media type.
        charset: named by the transport, if any.
        language: of a document that does not tell, if the source states one.

    Raises:
        ArticleRejected: it cannot become an article; see the stage's modules for the reasons.
    """
    refuse_oversized(data)
    decoded = decode(data, charset)
    document = _read(decoded.text, content_type)
    writing = detect_writing("\n".join(document.lines), language)
    lines, given, repaired = _repaired(document, writing.script, decoded.misreadings + document.misreadings)
    return Cleaned(decoded, document, writing, lines, repaired.found[: len(lines)], given, repaired)


def _repaired(
    document: Document, script: str, misreadings: tuple[Misreading, ...]
) -> tuple[list[str], Given, RepairedLines]:
    """Repairs the lines and the given texts, all at once: what the page shows decides on both.

    A given text that is also a line is repaired, and counted, once.
    """
    count = len(document.lines)
    lines = list(document.lines)
    places: dict[str, int] = {}
    for name in GIVEN_TEXTS:
        if value := document.given.get(name):
            if value not in lines:
                lines.append(value)
            places[name] = lines.index(value)
    repaired = repair_lines(lines, script, misreadings)
    given = {**document.given, **{name: repaired.lines[place] or None for name, place in places.items()}}
    return repaired.lines[:count], given, repaired


def _read(text: str, content_type: str) -> Document:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.endswith("json"):
        return read_record(text.replace("\0", ""))
    page = text.replace("\0", "")  # No parser takes NULs; in plain text they are found by the repairs.
    if "html" in media_type or looks_like_html(page):
        return extract(page)
    document = without_markup(split_lines(text))
    if not document.lines:
        raise ArticleRejected("empty", "no line can be seen")
    refuse_error_page(document.lines[:ERROR_REACH], sum(map(len, document.lines)))
    return document


def clean(raw: pa.Table, languages: Mapping[str, str] = MappingProxyType({})) -> tuple[pa.Table, pa.Table]:
    """The stage: raw documents → pages and what was refused.

    Args:
        raw: rows of `raw_documents`.
        languages: source name → language tag, for sources that state one; for documents that do not tell.

    Returns:
        `pages`, one row a document that could be read, in the order of `raw`; `quarantine`, one
        row a document that could not, with stage `clean` (or `acquire`, where fetching had failed).
    """
    accepted: list[int] = []
    cleaned: list[Cleaned] = []
    refused: list[dict[str, object]] = []
    columns = raw.select(["bytes", "content_type", "charset", "error", "source"]).to_pydict()
    for index, data in enumerate(columns["bytes"]):
        error = columns["error"][index]
        try:
            if error is not None:
                reason, _, detail = error.partition(": ")
                raise ArticleRejected(reason, detail)
            language = languages.get(columns["source"][index])
            cleaned.append(clean_document(data, columns["content_type"][index], columns["charset"][index], language))
            accepted.append(index)
        except ArticleRejected as rejection:
            stage = "clean" if error is None else "acquire"
            refused.append(_refusal(raw, index, stage, rejection))
    raw = raw.drop_columns(["bytes"])  # The only heavy one; the pages have their lines.
    return _pages(raw.take(pa.array(accepted, pa.int64())), cleaned), QUARANTINE.from_rows(refused)


def _refusal(raw: pa.Table, index: int, stage: str, rejection: ArticleRejected) -> dict[str, object]:
    identity = {name: raw[name][index].as_py() for name in ("raw_id", "source", "url")}
    return {**identity, "stage": stage, "reason": rejection.reason, "detail": rejection.detail, "is_replayed": False}


def _pages(raw: pa.Table, cleaned: list[Cleaned]) -> pa.Table:
    values: dict[str, list[object]] = {
        "charset": [one.decoded.charset for one in cleaned],
        "charset_source": [one.decoded.charset_source for one in cleaned],
        "language": [one.writing.language for one in cleaned],
        "script": [one.writing.script for one in cleaned],
        "lines": [one.lines for one in cleaned],
        "lines_found": [one.found for one in cleaned],
        "hints": [one.document.hints for one in cleaned],
        "repairs": [list(one.repaired.counts.items()) for one in cleaned],
        "given": [{name: one.given.get(name) for name in GIVEN_NAMES} for one in cleaned],
        "given_sources": [list(one.document.given_sources.items()) for one in cleaned],
        "is_converted": [one.writing.is_converted for one in cleaned],
    }
    kept = [len(one.lines) for one in cleaned]
    columns = {name: pa.array(values[name], PAGES.schema.field(name).type) for name in values}
    columns["edits"] = line_changes(REPAIRS, [one.repaired for one in cleaned], kept)
    arrays = [columns[name] if name in columns else raw[name].combine_chunks() for name in PAGES.column_names]
    return pa.Table.from_arrays(arrays, schema=PAGES.schema)
