"""Copies of articles: clusters of articles whose fingerprints match.

Two articles match when their texts are equal but for white space, or when they share a band of their MinHash
signatures, and their wording and what they state together speak for a copy (docs/copies.md has the figures).
Articles connected by matches are a cluster. A match depends on the two articles alone, so clusters depend neither
on batches nor on order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake import known_fingerprints
from newslake.facts import Rows
from newslake.fingerprint import Signatures, band_keys
from newslake.tables.fingerprints import BANDS, MOST_FACTS, PERMUTATIONS

# How much speaks for a copy, at these estimated similarities: most where a few words were changed. Where none were, a
# fact that differs was not hit by chance. Below the first similarity nothing matches. Set on generated articles and
# notices of seeds 11, 12 and 13 of tests/quality/copies.py, as the least of false pairs at a recall of .98.
SIMILARITIES = (0.3, 0.45, 0.6, 0.75, 0.85)
WORDING = (-5.0, -2.0, 0.7, 2.7, 0.0)
SAME_FACT, OTHER_FACT, OTHER_DATE, LONE_FACT = 1.8, 2.7, 5.7, 1.35
# Texts of which more dates differ than agree are notices that come again, where this similar or where of the other facts
# one at most differs, and but a part: a word that was mistyped seldom makes another date.
NOTICE_SIMILARITY, NOTICE_FACTS = 0.82, 0.2

ORIGINAL_FIRST = ("originality", "published_date", "published_at", "article_id")
"""A mirror's stamp says when it copied, so what a source is counts more than when it published."""

CLUSTERS = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("duplicate_of", pa.string()),
        pa.field("is_duplicate", pa.bool_(), nullable=False),
        pa.field("similarity", pa.float64()),
    ]
)

_PAIRS_AT_ONCE = 50_000  # pairs compared in one go: 60 MB
# Above this size a bucket's pairs are not listed; members are visited until all that are connected are found.
_LARGE_BUCKET = 100
_NO_FACT = np.uint32(2**32 - 1)
_IS_DATE = np.uint32(1)


class _Prints(NamedTuple):
    """Fingerprints of texts that are long enough to compare, a row each."""

    signatures: Signatures
    facts: npt.NDArray[np.uint32]


def cluster(articles: pa.Table, fingerprints: pa.Table) -> pa.Table:
    """Finds the clusters of copies among some articles.

    Args:
        articles: columns article_id, published_date, published_at; every article once.
        fingerprints: `tables.FINGERPRINTS` with at least these articles' rows.

    Returns:
        Columns of `CLUSTERS`, in the order given. The original is the first in ORIGINAL_FIRST, a missing date last.
        A copy's `duplicate_of` is the original where the two match, else the first article that it matches;
        `similarity` is 1 for equal texts.

    Raises:
        KeyError: an article has no fingerprint.
    """
    place = pc.index_in(articles["article_id"], value_set=fingerprints["article_id"])
    if place.null_count:
        raise KeyError(f"no fingerprint of {articles['article_id'].filter(pc.is_null(place)).to_pylist()[:3]}")
    ranked = articles.append_column("originality", fingerprints["originality"].take(place))
    earliest_first = pc.sort_indices(ranked, sort_keys=[(name, "ascending") for name in ORIGINAL_FIRST])
    ids, place = articles["article_id"].take(earliest_first), place.take(earliest_first)
    prints_of = fingerprints.take(place)
    group, prints = _collapse(prints_of)
    text: Rows = prints_of["text_sha256"].combine_chunks().dictionary_encode().indices.to_numpy()
    component = _components(
        group.max(initial=-1) + 1, chain(_matches(prints), [(group, group[_first_with_same(text)])])
    )[group]
    copy_of, similarity = _assign(group, component, text, prints)
    given = np.argsort(earliest_first.to_numpy())
    names = ids.to_pylist()
    original = _first_with_same(component)
    is_copy = copy_of >= 0
    table = {
        "article_id": names,
        "cluster_id": [names[row] for row in original.tolist()],
        "duplicate_of": [names[row] if row >= 0 else None for row in copy_of.tolist()],
        "is_duplicate": is_copy,
        "similarity": pa.array(similarity, pa.float64(), mask=~is_copy),
    }
    return pa.table(table, schema=CLUSTERS).take(pa.array(given))


def affected(new: pa.Table, lake_paths: Sequence[Path | str], lake_clusters: pa.Table) -> set[str]:
    """Finds the articles already in the lake whose clusters new fingerprints could change.

    Clustering these together with the new articles gives the clusters that all articles together would give.

    Args:
        new: `tables.FINGERPRINTS` of new and changed articles.
        lake_paths: Parquet files of the lake's fingerprints; may be empty.
        lake_clusters: columns article_id and cluster_id of all articles in the lake.

    Returns:
        article_id of every member of a cluster with an article that matches a new one, or that has changed.
    """
    touched = set(pc.unique(new["article_id"]).to_pylist())
    if lake_paths and len(new):
        touched |= _matched_in_lake(new, lake_paths)
    is_touched = pc.is_in(lake_clusters["article_id"], value_set=pa.array(sorted(touched), pa.string()))
    clusters = lake_clusters.filter(is_touched)["cluster_id"]
    in_cluster = pc.is_in(lake_clusters["cluster_id"], value_set=clusters)
    return set(lake_clusters.filter(in_cluster)["article_id"].to_pylist())


def _collapse(fingerprints: pa.Table) -> tuple[Rows, _Prints]:
    """Puts equal articles into groups, so that a thousand equal texts are compared as one.

    Returns:
        The group of each row; each group's fingerprint. Groups of texts without a signature come last and have none.
    """
    prints, is_long = _prints(fingerprints)
    keys: list[bytes | str] = fingerprints["text_sha256"].to_pylist()
    long_rows = np.flatnonzero(is_long)
    for row, *parts in zip(long_rows.tolist(), *prints, strict=True):
        keys[row] = b"".join(part.tobytes() for part in parts)
    by_key: dict[bytes | str, int] = {}
    for row in [*long_rows.tolist(), *np.flatnonzero(~is_long).tolist()]:
        by_key.setdefault(keys[row], row)
    numbers = {key: number for number, key in enumerate(by_key)}
    first = np.fromiter(by_key.values(), np.int64, len(by_key))
    group = np.fromiter((numbers[key] for key in keys), np.int64, len(keys))
    chosen = np.searchsorted(long_rows, first[is_long[first]])
    return group, _Prints(prints.signatures[chosen], prints.facts[chosen])


def _prints(fingerprints: pa.Table) -> tuple[_Prints, npt.NDArray[np.bool_]]:
    """Columns of fingerprints as arrays, without the texts that have no signature, and which rows have one."""
    is_long = pc.list_value_length(fingerprints["signature"]).to_numpy() > 0
    signatures = _flat(fingerprints["signature"]).view(np.uint16).reshape(-1, PERMUTATIONS)
    sizes = pc.list_value_length(fingerprints["facts"]).to_numpy()
    facts = np.full((len(sizes), MOST_FACTS), _NO_FACT)
    facts[np.arange(MOST_FACTS) < sizes[:, None]] = _flat(fingerprints["facts"]).view(np.uint32)
    return _Prints(signatures, facts[is_long]), is_long


def _flat(lists: pa.ChunkedArray) -> npt.NDArray[np.signedinteger]:
    values: npt.NDArray[np.signedinteger] = lists.combine_chunks().flatten().to_numpy()
    return values


def _compare(prints: _Prints, left: Rows, right: Rows | int) -> npt.NDArray[np.float64]:
    """The estimated similarity of pairs that share a band; 0 where they do not match. `right` may be one row for all."""
    share: npt.NDArray[np.float64] = _count(prints.signatures[left] == prints.signatures[right]) / PERMUTATIONS
    share[share < SIMILARITIES[0]] = 0
    similar = np.flatnonzero(share)
    facts = prints.facts[left[similar]], prints.facts[right if isinstance(right, int) else right[similar]]
    share[similar[~_state_the_same(*facts, share[similar])]] = 0
    return share


def _count(is_true: npt.NDArray[np.bool_]) -> Rows:
    """How many are true in each row, a row a multiple of 64 values."""
    words = np.packbits(is_true, axis=1).view(np.uint64)
    counts: Rows = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    return counts


def _match(prints: _Prints, left: Rows, right: Rows | int) -> npt.NDArray[np.float64]:
    """As `_compare`, of any pairs."""
    keys = (band_keys(prints.signatures[rows]) for rows in (left, np.atleast_1d(right)))
    return np.where(np.equal(*keys).any(axis=1), _compare(prints, left, right), 0.0)


def _state_the_same(
    left: npt.NDArray[np.uint32], right: npt.NDArray[np.uint32], share: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Whether pairs of texts have facts in common as copies have.

    Of the facts of the text that has fewer, those that the other has speak for a copy, the others against it.
    """
    right = np.broadcast_to(right, left.shape)
    # Of a text with many facts only the least hashes are kept: both are looked at up to where both are known.
    end = np.minimum(left[:, -1], right[:, -1])[:, None]
    known = [(side <= end) & (side != _NO_FACT) for side in (left, right)]
    both = np.sort(np.concatenate([left, right], axis=1), axis=1)
    is_same = np.zeros(both.shape, bool)
    np.equal(both[:, 1:], both[:, :-1], out=is_same[:, 1:])
    is_same &= (both <= end) & (both != _NO_FACT)
    is_date = [side & _IS_DATE > 0 for side in (left, right)]
    dates, same_dates = (
        [np.count_nonzero(a & b, axis=1) for a, b in zip(known, is_date, strict=True)],
        _count(is_same & (both & _IS_DATE > 0)),
    )
    facts, same = [np.count_nonzero(side, axis=1) for side in known], _count(is_same)
    other, other_dates = np.minimum(*facts) - same, np.minimum(*dates) - same_dates
    against = OTHER_FACT * other + (OTHER_DATE - OTHER_FACT) * np.maximum(other_dates - same_dates, 0)
    against += LONE_FACT * ((np.minimum(*facts) == 0) & (np.maximum(*facts) > 0))
    words = [a - b for a, b in zip(facts, dates, strict=True)]
    few = np.minimum(*words) - (same - same_dates) <= np.minimum(1, NOTICE_FACTS * (same - same_dates))
    comes_again = (other_dates > same_dates) & ((share >= NOTICE_SIMILARITY) | few)
    wording = np.interp(share, SIMILARITIES, WORDING)
    is_copy: npt.NDArray[np.bool_] = ~comes_again & (wording + SAME_FACT * same - against >= 0)
    return is_copy


def _matches(prints: _Prints) -> Iterator[tuple[Rows, Rows]]:
    """Pairs that match, enough of them to connect all that are connected."""
    keys = _places(band_keys(prints.signatures)).ravel()
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], keys[order][1:] != keys[order][:-1]))[: len(keys)])
    ends = np.append(starts[1:], len(keys))
    rows = order // BANDS
    is_large = ends - starts > _LARGE_BUCKET
    large = {
        rows[start:end].tobytes(): (start, end) for start, end in zip(starts[is_large], ends[is_large], strict=True)
    }
    for start, end in large.values():  # bands of one template often hold the same members: these are visited once
        yield from _visit(prints, rows[start:end])
    is_small = (ends - starts > 1) & ~is_large
    last = np.repeat(ends[is_small], (ends - starts)[is_small])
    first = np.flatnonzero(np.repeat(is_small, ends - starts))
    for left, right in _expand(first, first + 1, last):
        yield _matching(prints, rows[left], rows[right])


def _places(keys: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """Keys of bands, (n, BANDS), that differ from band to band."""
    return keys.astype(np.uint64) << np.uint64(8) | np.arange(BANDS, dtype=np.uint64)


def _visit(prints: _Prints, members: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Matching pairs that connect the members of a large bucket, each new one compared with those not yet reached."""
    while len(members):
        frontier = [int(members[0])]
        members = members[1:]
        while frontier and len(members):
            current = frontier.pop()
            is_match = _compare(prints, members, current) > 0
            if is_match.any():
                reached = members[is_match]
                frontier.extend(reached.tolist())
                members = members[~is_match]
                yield np.full(len(reached), current), reached


def _expand(left: Rows, low: Rows, high: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of each `left` with every number from its `low` up to its `high`, some at a time."""
    counts = high - low
    borders = np.searchsorted(np.cumsum(counts), np.arange(0, counts.sum() + _PAIRS_AT_ONCE, _PAIRS_AT_ONCE), "right")
    for a, b in pairwise([*dict.fromkeys(borders.tolist()), len(left)]):
        size = counts[a:b]
        before = np.cumsum(size) - size
        yield np.repeat(left[a:b], size), np.arange(size.sum()) + np.repeat(low[a:b] - before, size)


def _matching(prints: _Prints, left: Rows, right: Rows) -> tuple[Rows, Rows]:
    """Those of some pairs that match; a pair given several times is compared once."""
    pairs = np.sort(left * len(prints.facts) + right)
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
    left, right = np.divmod(pairs, max(len(prints.facts), 1))
    is_match = _compare(prints, left, right) > 0
    return left[is_match], right[is_match]


def _components(count: int, edges: Iterator[tuple[Rows, Rows]]) -> Rows:
    """The connected component of each of `count` nodes."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in edges:
        for a, b in zip(left.tolist(), right.tolist(), strict=True):
            first, second = sorted((root(a), root(b)))
            parent[second] = first
    return np.fromiter(map(root, range(count)), np.int64, count)


def _first_with_same(values: Rows) -> Rows:
    """For each place, the first place with the same value.

    >>> _first_with_same(np.array([7, 3, 7, 3])).tolist()
    [0, 1, 0, 1]
    """
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    return first[inverse]


def _assign(group: Rows, component: Rows, text: Rows, prints: _Prints) -> tuple[Rows, npt.NDArray[np.float64]]:
    """What each row copies (-1 for an original) and how similar the two are. Rows are the earliest first."""
    original = _first_with_same(component)
    copy_of = np.where(original == np.arange(len(group)), -1, original)
    similarity = np.ones(len(group))
    others = np.flatnonzero((copy_of >= 0) & (group != group[original]) & (text != text[original]))
    for part in np.array_split(others, len(others) // _PAIRS_AT_ONCE + 1):
        similarity[part] = _match(prints, group[part], group[original[part]])
    for row in np.flatnonzero(similarity == 0).tolist():
        members = np.flatnonzero(component == component[row])
        members = members[members != row]
        is_equal = (group[members] == group[row]) | (text[members] == text[row])
        shares = np.where(is_equal, 1.0, _match(prints, group[members], int(group[row])))
        earliest = int(np.flatnonzero(shares)[0])
        copy_of[row], similarity[row] = members[earliest], shares[earliest]
    return copy_of, similarity


def _matched_in_lake(new: pa.Table, lake_paths: Sequence[Path | str]) -> set[str]:
    """Articles of the lake that match a new one."""
    near = known_fingerprints.near(new, lake_paths)
    if not len(near):
        return set()
    group, prints = _collapse(pa.concat_tables([new.select(near.column_names), near]))
    is_new = np.zeros(group.max() + 1, bool)
    is_new[group[: len(new)]] = True
    is_matched = is_new.copy()
    count = len(prints.facts)
    ours, theirs = np.flatnonzero(is_new[:count]), np.flatnonzero(~is_new[:count])
    keys = _places(band_keys(prints.signatures))
    lake_keys = keys[theirs].ravel()
    order = np.argsort(lake_keys, kind="stable")
    low, high = (np.searchsorted(lake_keys[order], keys[ours].ravel(), side) for side in ("left", "right"))
    for left, right in _expand(np.repeat(ours, BANDS), low, high):
        _, found = _matching(prints, left, theirs[order[right] // BANDS])
        is_matched[found] = True
    is_equal = pc.is_in(near["text_sha256"], value_set=new["text_sha256"].combine_chunks()).to_numpy()
    return set(near["article_id"].filter(pa.array(is_matched[group[len(new) :]] | is_equal)).to_pylist())
