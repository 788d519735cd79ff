"""People whom the text names with an office, and the places where it names them again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake.annotate.names_chinese import CONFIDENCE, Found, Words, find_with_title, is_glued, may_begin_name
from newslake.annotate.names_english import find_people_english
from newslake.annotate.titles import is_title
from newslake.tables.mentions import MENTIONS

# A byline names who wrote, not whom the article is about.
_BYLINE = re.compile(r"(?:记者|通讯员|编辑|责编|摄影|摄影师|作者|撰稿|实习生|校对)[\s:：]*(?:[一-鿿]{2,4}[\s、,，]+)*$")
_BYLINE_WIDTH = 24  # code points looked back for one


@dataclass(frozen=True)
class Batch:
    """A batch's sentences; `borders[i]:borders[i + 1]` are the words of sentence i in the flat arrays.

    Attributes:
        titled: the words of each sentence that holds a title, by row.
    """

    table: pa.Table
    starts: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]
    borders: npt.NDArray[np.int64]
    has_title: npt.NDArray[np.bool_]
    titled: dict[int, Words]


def find_people(articles: pa.Table, sentences: pa.Table) -> pa.Table:
    """Finds people by rule.

    In Chinese: title before name, name before title, and bare repetitions of a name found in these ways.
    In other languages: English titles, and bare repetitions. A person who is never named with an office
    is not found; neither are journalists (记者 …) and surnames alone (王书记).

    Args:
        articles: `tables.ARTICLES`.
        sentences: `tables.SENTENCES` of these articles, each article's rows together and in order.

    Returns:
        `tables.MENTIONS` of kind `person`; `text` spans title and name, `title` is null for a bare name.
    """
    if not len(sentences):
        return MENTIONS.empty()
    batch = _flatten(sentences)
    texts = dict(zip(articles["article_id"].to_pylist(), articles["text"].to_pylist(), strict=True))
    languages = dict(zip(articles["article_id"].to_pylist(), articles["language"].to_pylist(), strict=True))
    rows: list[dict[str, object]] = []
    for article_id, first, end in _articles(batch.table):
        is_chinese = languages[article_id] == "zh"
        found = _find_titled(batch, first, end, is_chinese)
        if found:
            found += _find_bare(texts[article_id], found, batch, first, end, is_chinese)
            rows.extend(_rows(article_id, texts[article_id], found, batch, first, end))
    return MENTIONS.from_rows(rows)


def _flatten(sentences: pa.Table) -> Batch:
    """Takes the words out of the sentences, and marks the sentences that hold a title beside a possible name."""
    lists = sentences["tokens"].combine_chunks()
    tokens = lists.flatten()
    borders = np.concatenate(([0], np.cumsum(pc.list_value_length(lists).to_numpy()))).astype(np.int64)
    known = tokens.field("text").dictionary_encode()
    are_titles = np.fromiter(map(is_title, known.dictionary.to_pylist()), bool, len(known.dictionary))
    hits = np.flatnonzero(are_titles[known.indices.to_numpy()])
    hits = hits[_beside_a_name(tokens, hits)]
    has_title = np.zeros(len(sentences), bool)
    has_title[np.searchsorted(borders, hits, side="right") - 1] = True
    starts, ends = (tokens.field(name).to_numpy() for name in ("start", "end"))
    titled = _words_of(np.flatnonzero(has_title), borders, tokens, starts)
    return Batch(sentences, starts, ends, borders, has_title, titled)


def _beside_a_name(tokens: pa.StructArray, hits: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which titles may have a name behind them, or in the two words before: most have not, and cost nothing more."""

    def near(offset: int, field: str) -> pa.StringArray:
        return tokens.field(field).take(pa.array(np.clip(hits + offset, 0, max(len(tokens) - 1, 0))))

    found = may_begin_name(near(1, "text"), near(1, "pos"))
    for offset in (-1, -2):
        found = pc.or_(found, pc.starts_with(near(offset, "pos"), "nr"))
    mask: npt.NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    return mask


def _words_of(
    rows: npt.NDArray[np.int64], borders: npt.NDArray[np.int64], tokens: pa.StructArray, starts: npt.NDArray[np.int32]
) -> dict[int, Words]:
    """The words of some sentences as Python lists, all taken out at once."""
    counts = borders[rows + 1] - borders[rows]
    ends = np.cumsum(counts)
    places = np.repeat(borders[rows] - (ends - counts), counts) + np.arange(ends[-1] if len(ends) else 0)
    taken = pa.array(places)
    words, tags = (tokens.field(name).take(taken).to_pylist() for name in ("text", "pos"))
    begins = starts[places].tolist()
    spans = zip(rows.tolist(), (ends - counts).tolist(), ends.tolist(), strict=True)
    return {row: Words(words[first:end], tags[first:end], begins[first:end]) for row, first, end in spans}


def _articles(sentences: pa.Table) -> Iterator[tuple[str, int, int]]:
    """Runs of sentences of one article: (article_id, first row, end)."""
    ids = sentences["article_id"].to_pylist()
    first = 0
    for row in range(1, len(ids) + 1):
        if row == len(ids) or ids[row] != ids[first]:
            yield ids[first], first, row
            first = row


def _find_titled(batch: Batch, first: int, end: int, is_chinese: bool) -> list[Found]:
    """People named with an office in one article."""
    if is_chinese:
        hits = (np.flatnonzero(batch.has_title[first:end]) + first).tolist()
        return [person for row in hits for person in find_with_title(batch.titled[row])]
    rows = batch.table.slice(first, end - first)
    pairs = zip(rows["text"].to_pylist(), rows["start"].to_pylist(), strict=True)
    return [person for text, start in pairs for person in find_people_english(text, start)]


def _find_bare(text: str, titled: list[Found], batch: Batch, first: int, end: int, is_chinese: bool) -> list[Found]:
    """Other places of the names found; longer names first, so that none is found within another."""
    taken = bytearray(len(text))
    for person in titled:
        taken[person.start : person.end] = b"\1" * (person.end - person.start)
    words = slice(batch.borders[first], batch.borders[end])
    starts, ends = batch.starts[words], batch.ends[words]
    found: list[Found] = []
    for name in sorted({person.name for person in titled}, key=lambda name: (-len(name), name)):
        place = text.find(name)
        while place >= 0:
            stop = place + len(name)
            is_free = not any(taken[place:stop])
            is_whole = (is_chinese and len(name) > 2) or (
                _holds(starts, place) and (_holds(ends, stop) or (is_chinese and is_glued(text[stop])))
            )
            if is_free and is_whole and not _BYLINE.search(text[max(0, place - _BYLINE_WIDTH) : place]):
                found.append(Found(place, stop, name, None, CONFIDENCE["bare"]))
                taken[place:stop] = b"\1" * (stop - place)
            place = text.find(name, stop)
    return found


def _holds(values: npt.NDArray[np.int32], value: int) -> bool:
    """Whether rising numbers hold a value."""
    return bool(values[min(int(np.searchsorted(values, value)), len(values) - 1)] == value)


def _rows(
    article_id: str, text: str, found: list[Found], batch: Batch, first: int, end: int
) -> Iterator[dict[str, Any]]:
    """Rows of `mentions`, each with the sentence it stands in."""
    rows = batch.table.slice(first, end - first)
    starts, numbers = rows["start"].to_pylist(), rows["sentence_no"].to_pylist()
    date, month = rows["published_date"][0].as_py(), rows["published_month"][0].as_py()
    for person in found:
        yield {
            "article_id": article_id,
            "sentence_no": numbers[bisect_right(starts, person.start) - 1],
            "kind": "person",
            "text": text[person.start : person.end],
            "name": person.name,
            "title": person.title,
            "start": person.start,
            "end": person.end,
            "confidence": person.confidence,
            "published_date": date,
            "published_month": month,
        }
