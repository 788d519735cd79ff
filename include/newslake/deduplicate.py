"""Copies of articles: clusters of articles whose fingerprints match.

Two articles match when their texts are equal but for white space, or when they share a band of their MinHash
signatures and agree in at least `THRESHOLD` of the minima. Articles connected by matches are a cluster.
A match depends on the two articles alone, so clusters depend neither on batches nor on order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newslake.fingerprint import ROWS_A_BAND, Rows, Signatures, band_keys
from newslake.tables.fingerprints import BANDS, PERMUTATIONS

# Calibrated on generated articles (weather, traffic, recruitment and meeting notices of one office, 150 each, which
# differ in dates, figures and names) and on edits of 265 news pages. Share of pairs that match at 0.55:
#   copies: a word changed in every sentence .96, in a third 1.00; a paragraph dropped 1.00; other lead and end 1.00;
#           a fifth of the sentences rewritten .77 (the rest are short texts); a third cut off .97; half cut off .33
#   two notices of one template: weather, traffic, recruitment .000, meetings .002; at 0.5 .000 and .009, at 0.4 .065.
# With figures counting once the last four were .005, .025, .015 and .236: the weight is what tells notices apart.
THRESHOLD = 0.55

CLUSTERS = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("duplicate_of", pa.string()),
        pa.field("is_duplicate", pa.bool_(), nullable=False),
        pa.field("similarity", pa.float64()),
    ]
)

_PAIRS_AT_ONCE = 200_000  # pairs compared in one go: 100 MB
# Above this size a bucket's pairs are not listed; members are visited until all that are connected are found.
_LARGE_BUCKET = 100


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
    has_band = equal[similar].reshape(-1, BANDS, ROWS_A_BAND).all(axis=2).any(axis=1)
    share[similar[~has_band]] = 0
    return share


def _matches(signatures: Signatures) -> Iterator[tuple[Rows, Rows]]:
    """Pairs that match, enough of them to connect all that are connected."""
    keys = band_keys(signatures).ravel()
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
    keys = band_keys(signatures)
    lake_keys = keys[theirs].ravel()
    order = np.argsort(lake_keys, kind="stable")
    low, high = (np.searchsorted(lake_keys[order], keys[ours].ravel(), side) for side in ("left", "right"))
    for left, right in _expand(np.repeat(ours, BANDS), low, high):
        _, found = _matching(signatures, left, theirs[order[right] // BANDS])
        is_matched[found] = True
    names = sharing["article_id"].to_pylist()
    return {names[row] for row in np.flatnonzero(is_matched[group[len(new) :]]).tolist()}
