"""Body text in sentences, words and terms, with offsets into `articles.text`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake.segment.sentences import split_blocks
from newslake.segment.terms import add_terms
from newslake.segment.words import cut_sentences, is_cut_by_dictionary
from newslake.tables.blocks import BODY_KINDS
from newslake.tables.sentences import SENTENCES, TERM

__all__ = ["add_terms", "segment"]


def segment(articles: pa.Table, blocks: pa.Table) -> pa.Table:
    """Splits the body blocks of a batch into sentences, and these into words.

    Args:
        articles: `tables.ARTICLES`.
        blocks: `tables.BLOCKS` of these articles, in any order; other articles' blocks are left out.

    Returns:
        `tables.SENTENCES`: articles in the order given, sentences in the order of the text.
        What a row says depends on its article alone, never on the batch. `terms` are added by `add_terms`.
    """
    body = _body_in_order(articles["article_id"], blocks)
    article_no = body["article_no"].to_numpy()
    is_chinese = _by_dictionary(articles)[article_no]
    languages = pc.if_else(pa.array(is_chinese), "zh", articles["language"].take(body["article_no"]))
    spans = split_blocks(body["text"].to_pylist(), body["start"].to_numpy(), languages.to_pylist())
    article = pa.array(article_no[spans.block], pa.int64())
    columns = {
        "article_id": articles["article_id"].take(article),
        "sentence_no": pa.array(_number_within(article.to_numpy()), pa.int32()),
        "block_no": body["block_no"].take(pa.array(spans.block)),
        "start": pa.array(spans.start, pa.int32()),
        "end": pa.array(spans.end, pa.int32()),
        "text": pa.array(spans.text, pa.string()),
        "tokens": cut_sentences(spans.text, spans.start, is_chinese[spans.block].tolist()),
        "terms": pa.array([[]] * len(spans.text), pa.list_(TERM)),
        "published_date": articles["published_date"].take(article),
        "published_month": articles["published_month"].take(article),
    }
    return pa.Table.from_arrays([columns[name] for name in SENTENCES.column_names], schema=SENTENCES.schema)


def _body_in_order(article_ids: pa.ChunkedArray, blocks: pa.Table) -> pa.Table:
    """The body blocks with `article_no`, the row of their article, in the order of the text."""
    row = pc.index_in(blocks["article_id"], value_set=article_ids)
    is_body = pc.and_(pc.is_in(blocks["kind"], value_set=pa.array(BODY_KINDS)), pc.is_valid(row))
    body = blocks.select(["block_no", "start", "text"]).append_column("article_no", row).filter(is_body)
    return body.sort_by([("article_no", "ascending"), ("start", "ascending")])


def _by_dictionary(articles: pa.Table) -> npt.NDArray[np.bool_]:
    """Per article, whether the dictionary cuts its words."""
    pairs = zip(articles["language"].to_pylist(), articles["script"].to_pylist(), strict=True)
    return np.fromiter((is_cut_by_dictionary(*pair) for pair in pairs), bool, len(articles))


def _number_within(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Numbers the rows of each run of equal values from 0.

    >>> _number_within(np.array([4, 4, 4, 7, 7])).tolist()
    [0, 1, 2, 0, 1]
    """
    if not len(groups):
        return np.zeros(0, np.int64)
    first = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    return np.arange(len(groups)) - np.repeat(first, np.diff(first, append=len(groups)))
