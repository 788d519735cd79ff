"""Copies of articles: fingerprints, and clusters of articles that match.

Two articles match when their texts are equal but for white space, or when they share a band of their MinHash
signatures and agree in at least `THRESHOLD` of the minima. Articles connected by matches are a cluster.
A match depends on the two articles alone, so clusters depend neither on batches nor on order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake.tables.fingerprints import BANDS, FINGERPRINTS, PERMUTATIONS

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Signatures = npt.NDArray[np.uint32]

# Calibrated on generated articles (weather, traffic, recruitment and meeting notices of one office, 150 each, which
# differ in dates, figures and names) and on edits of 265 news pages. Share of pairs that match at 0.55:
#   copies: a word changed in every sentence .96, in a third 1.00; a paragraph dropped 1.00; other lead and end 1.00;
#           a fifth of the sentences rewritten .77 (the rest are short texts); a third cut off .97; half cut off .33
#   two notices of one template: weather, traffic, recruitment .000, meetings .002; at 0.5 .000 and .009, at 0.4 .065.
# With figures counting once the last four were .005, .025, .015 and .236: the weight is what tells notices apart.
THRESHOLD = 0.55
SHORTEST = 50  # letters and digits; in shorter texts chance decides, so they are compared by their hash alone
HAN_SHINGLE, WORD_SHINGLE = 5, 3  # characters, words: characters would merge long English texts
FIGURE_WEIGHT = 6  # a shingle with a digit counts as often as this many others

CLUSTERS = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("duplicate_of", pa.string()),
        pa.field("is_duplicate", pa.bool_(), nullable=False),
        pa.field("similarity", pa.float64()),
    ]
)

_ROWS_A_BAND = PERMUTATIONS // BANDS
_BUCKET_SHIFT = np.uint64(64 - (PERMUTATIONS - 1).bit_length())
_VALUE_SHIFT = np.uint64(25)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_RARE_HAN = 0x20000  # stands for all characters beyond the basic plane
_PAIRS_AT_ONCE = 200_000  # pairs compared in one go: 100 MB
# Above this size a bucket's pairs are not listed; members are visited until all that are connected are found.
_LARGE_BUCKET = 100


def fingerprint(articles: pa.Table) -> pa.Table:
    """Computes MinHash signatures by one permutation, as exact integers on every platform.

    Shingles are five neighbouring characters where the text is mostly Han or Kana, else three neighbouring words;
    case, width, white space and marks do not count, so that a copy set with other marks stays a copy.

    Args:
        articles: `tables.ARTICLES`; only `article_id` and `text` are read.

    Returns:
        `tables.FINGERPRINTS`, a row an article, in the order given.
    """
    texts = articles["text"].to_pylist()
    found = [_signature(text) for text in texts]
    has_signature = np.array([signature is not None for signature in found], dtype=bool)
    signatures = np.array([signature for signature in found if signature is not None], np.uint32)
    signatures = signatures.reshape(-1, PERMUTATIONS)
    return pa.Table.from_arrays(
        [
            articles["article_id"],
            pa.array([hashlib.sha256("".join(text.split()).encode()).hexdigest() for text in texts], pa.string()),
            _lists(signatures.view(np.int32), has_signature),
            _lists(_band_keys(signatures).view(np.int64), has_signature),
        ],
        schema=FINGERPRINTS.schema,
    )


def cluster(articles: pa.Table, fingerprints: pa.Table) -> pa.Table:
    """Finds the clusters of copies among some articles.

    Args:
        articles: columns article_id, published_date, published_at; every article once.
        fingerprints: `tables.FINGERPRINTS` with at least these articles' rows.

    Returns:
        Columns of `CLUSTERS`, in the order given. The original is the earliest by published_date, published_at
        and article_id, a missing date last. A copy's `duplicate_of` is the original where the two match,
        else the earliest article that it matches; `similarity` is 1 for equal texts.

    Raises:
        KeyError: an article has no fingerprint.
    """
    earliest_first = pc.sort_indices(
        articles,
        sort_keys=[(name, "ascending") for name in ("published_date", "published_at", "article_id")],
    )
    ids = articles["article_id"].take(earliest_first)
    place = pc.index_in(ids, value_set=fingerprints["article_id"])
    if place.null_count:
        raise KeyError(f"no fingerprint of {ids.filter(pc.is_null(place)).to_pylist()[:3]}")
    group, first_rows, signatures = _collapse(fingerprints.take(place))
    component = _components(len(first_rows), _matches(signatures))[group]
    copy_of, similarity = _assign(group, component, signatures)
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


def _signature(text: str) -> Signatures | None:
    """The minima of a text, or None where it is too short."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    folded = _folding()[np.minimum(codes, _RARE_HAN)]
    places = np.flatnonzero(folded)
    if len(places) < SHORTEST:
        return None
    units = folded[places].astype(np.uint64)
    is_figure = (units >= ord("0")) & (units <= ord("9"))
    if np.count_nonzero(units >= 0x2E80) * 3 >= len(units):
        return _minima(_shingles(units, is_figure, HAN_SHINGLE))
    starts = np.flatnonzero(np.diff(places, prepend=-2) > 1)
    within = np.arange(len(units)) - np.repeat(starts, np.diff(starts, append=len(units)))
    words = np.add.reduceat(_mix(units + within.astype(np.uint64) * _BASE), starts)
    if len(words) < WORD_SHINGLE:
        return None
    return _minima(_shingles(words, np.logical_or.reduceat(is_figure, starts), WORD_SHINGLE))


@cache
def _folding() -> npt.NDArray[np.uint32]:
    """Code point → the one as which it counts; 0 for white space and marks."""
    table = np.zeros(_RARE_HAN + 1, np.uint32)
    for code in range(0x10000):
        character = chr(code - 0xFEE0 if 0xFF01 <= code <= 0xFF5E else code).lower()
        if len(character) == 1 and character.isalnum():
            table[code] = ord(character)
    table[_RARE_HAN] = _RARE_HAN
    return table


def _shingles(units: Hashes, is_figure: npt.NDArray[np.bool_], width: int) -> Hashes:
    """Hashes of all runs of `width` units; a run with a figure in it gives `FIGURE_WEIGHT` hashes."""
    count = len(units) - width + 1
    hashes = units[:count].copy()
    has_figure = is_figure[:count].copy()
    for shift in range(1, width):
        hashes *= _BASE
        hashes += units[shift : shift + count]
        has_figure |= is_figure[shift : shift + count]
    hashes = _mix(hashes)
    figures = hashes[has_figure]
    return np.concatenate([hashes, *(_mix(figures + np.uint64(copy)) for copy in range(1, FIGURE_WEIGHT))])


def _mix(values: Hashes) -> Hashes:
    """The finalizer of SplitMix64: every bit of the input changes half of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _minima(hashes: Hashes) -> Signatures:
    """The least hash in each of `PERMUTATIONS` buckets; an empty bucket borrows from the first filled one of its own list.

    One-permutation hashing with optimal densification (Shrivastava 2017): similar sets borrow alike.
    """
    least = np.full(PERMUTATIONS, ~np.uint64(0))
    bucket = (hashes >> _BUCKET_SHIFT).astype(np.intp)
    np.minimum.at(least, bucket, hashes)
    is_filled = np.zeros(PERMUTATIONS, bool)
    is_filled[bucket] = True
    minima = (least >> _VALUE_SHIFT).astype(np.uint32)
    empty = np.flatnonzero(~is_filled)
    if len(empty):
        lenders = _lenders()[empty]
        lender = lenders[np.arange(len(empty)), is_filled[lenders].argmax(axis=1)]
        minima[empty] = minima[lender]
    return minima


@cache
def _lenders() -> Rows:
    """For each bucket, all buckets in the order in which it asks them."""
    pairs = np.arange(PERMUTATIONS * PERMUTATIONS, dtype=np.uint64).reshape(PERMUTATIONS, PERMUTATIONS)
    return np.argsort(_mix(pairs + _BASE), axis=1, kind="stable")


def _band_keys(signatures: Signatures) -> Hashes:
    """A hash a band and signature, (n, BANDS); bands of different places never share one."""
    minima = signatures.astype(np.uint64).reshape(-1, BANDS, _ROWS_A_BAND)
    keys = np.broadcast_to(_mix(np.arange(1, BANDS + 1, dtype=np.uint64)), minima.shape[:2])
    for row in range(_ROWS_A_BAND):
        keys = _mix(keys + minima[:, :, row] + _BASE)
    return keys


def _lists(values: npt.NDArray[np.signedinteger], is_filled: npt.NDArray[np.bool_]) -> pa.ListArray:
    """A list a row of `is_filled`: the next row of `values` where it is true, else empty."""
    offsets = np.concatenate(([0], np.cumsum(is_filled * values.shape[1])))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values.ravel()))


def _collapse(fingerprints: pa.Table) -> tuple[Rows, Rows, Signatures]:
    """Puts equal articles into groups, so that a thousand equal texts are compared as one.

    Returns:
        The group of each row; each group's first row; each group's signature. Groups of texts
        without a signature come last and have none.
    """
    lists = fingerprints["signature"].combine_chunks()
    minima = lists.flatten().to_numpy().view(np.uint32).reshape(-1, PERMUTATIONS)
    is_long = pc.list_value_length(lists).to_numpy() > 0
    keys: list[bytes | str] = fingerprints["text_sha256"].to_pylist()
    long_rows = np.flatnonzero(is_long)
    for row, signature in zip(long_rows.tolist(), minima, strict=True):
        keys[row] = signature.tobytes()
    by_key: dict[bytes | str, int] = {}
    for row in [*long_rows.tolist(), *np.flatnonzero(~is_long).tolist()]:
        by_key.setdefault(keys[row], row)
    numbers = {key: number for number, key in enumerate(by_key)}
    first = np.fromiter(by_key.values(), np.int64, len(by_key))
    group = np.fromiter((numbers[key] for key in keys), np.int64, len(keys))
    return group, first, minima[np.searchsorted(long_rows, first[is_long[first]])]


def _compare(signatures: Signatures, left: Rows, right: Rows | int) -> npt.NDArray[np.float64]:
    """The estimated similarity of pairs; 0 where they do not match. `right` may be one row for all."""
    equal = signatures[left] == signatures[right]
    share: npt.NDArray[np.float64] = np.count_nonzero(equal, axis=1) / PERMUTATIONS
    share[share < THRESHOLD] = 0
    similar = np.flatnonzero(share)
    has_band = equal[similar].reshape(-1, BANDS, _ROWS_A_BAND).all(axis=2).any(axis=1)
    share[similar[~has_band]] = 0
    return share


def _matches(signatures: Signatures) -> Iterator[tuple[Rows, Rows]]:
    """Pairs that match, enough of them to connect all that are connected."""
    keys = _band_keys(signatures).ravel()
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], keys[order][1:] != keys[order][:-1]))[: len(keys)])
    ends = np.append(starts[1:], len(keys))
    rows = order // BANDS
    is_large = ends - starts > _LARGE_BUCKET
    large = {
        rows[start:end].tobytes(): (start, end) for start, end in zip(starts[is_large], ends[is_large], strict=True)
    }
    for start, end in large.values():  # bands of one template often hold the same members: these are visited once
        yield from _visit(signatures, rows[start:end])
    is_small = (ends - starts > 1) & ~is_large
    last = np.repeat(ends[is_small], (ends - starts)[is_small])
    first = np.flatnonzero(np.repeat(is_small, ends - starts))
    for left, right in _expand(first, first + 1, last):
        yield _matching(signatures, rows[left], rows[right])


def _visit(signatures: Signatures, members: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Matching pairs that connect the members of a large bucket, each new one compared with those not yet reached."""
    minima = signatures[members]
    while len(members):
        frontier = [(int(members[0]), minima[0])]
        members, minima = members[1:], minima[1:]
        while frontier and len(members):
            current, own = frontier.pop()
            is_match = np.count_nonzero(minima == own, axis=1) >= THRESHOLD * PERMUTATIONS
            if is_match.any():
                reached = members[is_match]
                frontier.extend(zip(reached.tolist(), minima[is_match], strict=True))
                members, minima = members[~is_match], minima[~is_match]
                yield np.full(len(reached), current), reached


def _expand(left: Rows, low: Rows, high: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of each `left` with every number from its `low` up to its `high`, some at a time."""
    counts = high - low
    borders = np.searchsorted(np.cumsum(counts), np.arange(0, counts.sum() + _PAIRS_AT_ONCE, _PAIRS_AT_ONCE), "right")
    for a, b in pairwise([*dict.fromkeys(borders.tolist()), len(left)]):
        size = counts[a:b]
        before = np.cumsum(size) - size
        yield np.repeat(left[a:b], size), np.arange(size.sum()) + np.repeat(low[a:b] - before, size)


def _matching(signatures: Signatures, left: Rows, right: Rows) -> tuple[Rows, Rows]:
    """Those of some pairs that match; a pair given several times is compared once."""
    pairs = np.unique(left * len(signatures) + right)
    left, right = np.divmod(pairs, max(len(signatures), 1))
    is_match = _compare(signatures, left, right) > 0
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


def _assign(group: Rows, component: Rows, signatures: Signatures) -> tuple[Rows, npt.NDArray[np.float64]]:
    """What each row copies (-1 for an original) and how similar the two are. Rows are the earliest first."""
    original = _first_with_same(component)
    copy_of = np.where(original == np.arange(len(group)), -1, original)
    similarity = np.ones(len(group))
    others = np.flatnonzero((copy_of >= 0) & (group != group[original]))
    for part in np.array_split(others, len(others) // _PAIRS_AT_ONCE + 1):
        similarity[part] = _compare(signatures, group[part], group[original[part]])
    for row in np.flatnonzero(similarity == 0).tolist():
        members = np.flatnonzero(component == component[row])
        members = members[members != row]
        shares = np.where(group[members] == group[row], 1.0, _compare(signatures, group[members], int(group[row])))
        earliest = int(np.flatnonzero(shares)[0])
        copy_of[row], similarity[row] = members[earliest], shares[earliest]
    return copy_of, similarity


def _matched_in_lake(new: pa.Table, lake_paths: Sequence[Path | str]) -> set[str]:
    """Articles of the lake that match a new one. Only rows that share a band leave DuckDB, each once."""
    import duckdb

    with duckdb.connect() as connection:
        connection.register("new", new)
        sharing = connection.sql(
            """
            WITH lake AS (FROM read_parquet($paths) ANTI JOIN new USING (article_id)),
                 near AS (
                    SELECT article_id FROM (SELECT article_id, unnest(bands) AS band FROM lake)
                    WHERE band IN (SELECT unnest(bands) FROM new)
                    UNION
                    SELECT article_id FROM lake WHERE text_sha256 IN (SELECT text_sha256 FROM new)
                 )
            SELECT article_id, text_sha256, signature, bands FROM lake SEMI JOIN near USING (article_id)
            """,
            params={"paths": [str(path) for path in lake_paths]},
        ).to_arrow_table()
    if not len(sharing):
        return set()
    both = pa.concat_tables([new.select(sharing.column_names).cast(sharing.schema), sharing])
    group, first, signatures = _collapse(both)
    is_new = np.zeros(len(first), bool)
    is_new[group[: len(new)]] = True
    is_matched = is_new.copy()
    ours, theirs = np.flatnonzero(is_new[: len(signatures)]), np.flatnonzero(~is_new[: len(signatures)])
    keys = _band_keys(signatures)
    lake_keys = keys[theirs].ravel()
    order = np.argsort(lake_keys, kind="stable")
    low, high = (np.searchsorted(lake_keys[order], keys[ours].ravel(), side) for side in ("left", "right"))
    for left, right in _expand(np.repeat(ours, BANDS), low, high):
        _, found = _matching(signatures, left, theirs[order[right] // BANDS])
        is_matched[found] = True
    names = sharing["article_id"].to_pylist()
    return {names[row] for row in np.flatnonzero(is_matched[group[len(new) :]]).tolist()}
