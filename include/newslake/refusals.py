"""How much of a source is refused: counted by reason, and compared with what is usual for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from newslake.errors import BatchStopped

if TYPE_CHECKING:
    from newslake.lake.merge import Merge

LEAST_REFUSED: Final = 20
"""Fewer refused documents stop nothing: a small batch that is refused whole is a bad day of a small source."""

MARGIN: Final = 0.2
"""How much larger than usual a share has to be. Of pages that one template makes all break with it, and a site has a few
templates; what changes by less is the mix of a source's pages (articles beside lists, pictures and videos)."""

DEVIATIONS: Final = 4.0
"""How many standard deviations of a binomial count it has to be away. With MARGIN and LEAST_REFUSED, a source that goes on
as before stops by chance in less than 1 of 5,000 batches, whatever is usual for it: computed in tests/test_refusals.py."""

LEAST_KNOWN: Final = 100
"""Documents of a source that the lake must know before anything is usual for it."""

UNKNOWN_SHARE: Final = 0.95
"""A share that stops a source of which too little is known. An archive may be lists and pictures for the most part, but
where hardly anything is an article, the source or its settings are most often wrong."""

SHOWN_REASONS: Final = 5


@dataclass(frozen=True)
class Refusals:
    """What a batch has refused of a source, beside what the newest snapshot has of it.

    Attributes:
        source: its name.
        documents: of the batch, replayed ones left out.
        refused: of these.
        known: documents of the snapshot, refused ones included.
        known_refused: of these.
        reasons: reason → (documents of the batch refused for it, the address of one, what was seen there).
    """

    source: str
    documents: int
    refused: int
    known: int = 0
    known_refused: int = 0
    reasons: Mapping[str, tuple[int, str, str]] | None = None

    @property
    def is_unusual(self) -> bool:
        """Whether a person has to look at it.

        >>> Refusals("gazette", 100, 100, known=1000, known_refused=40).is_unusual
        True
        >>> Refusals("gazette", 100, 20, known=1000, known_refused=40).is_unusual
        False
        """
        if self.refused < LEAST_REFUSED:
            return False
        if self.known < LEAST_KNOWN:
            return self.refused >= UNKNOWN_SHARE * self.documents
        usual = (self.known_refused + 1) / (self.known + 2)
        excess = self.refused - usual * self.documents
        deviation = (usual * (1 - usual) * self.documents) ** 0.5
        return excess > MARGIN * self.documents and excess > DEVIATIONS * deviation

    def __str__(self) -> str:
        """What a person has to know of it, in a few lines."""
        share = f"{self.refused / self.documents:.0%}" if self.documents else "none"
        usual = (
            f"usually {self.known_refused / self.known:.0%} of {self.known:,}"
            if self.known >= LEAST_KNOWN
            else f"and the lake knows only {self.known:,} others of it"
        )
        lines = [
            f"source {self.source}: {self.refused:,} of {self.documents:,} documents are refused ({share}), {usual}"
        ]
        reasons = sorted((self.reasons or {}).items(), key=lambda item: (-item[1][0], item[0]))
        lines += [f"  {count:6,} {reason}: e.g. {url}: {detail}" for reason, (count, url, detail) in reasons][
            :SHOWN_REASONS
        ]
        if len(reasons) > SHOWN_REASONS:
            lines.append(f"  and {len(reasons) - SHOWN_REASONS} reasons more")
        return "\n  ".join(lines)


def of(merge: Merge) -> list[Refusals]:
    """What the staged batches have refused, a row a source, in their order."""
    fresh = "batch_id::VARCHAR NOT IN (FROM replays)"
    rows = merge.connection.execute(
        f"""
        WITH given AS (
            SELECT raw_id, source, NULL AS reason, NULL AS url, NULL AS detail
            FROM staging_articles SEMI JOIN new_articles USING (raw_id) WHERE {fresh}
            UNION ALL SELECT raw_id, source, reason, url, detail FROM staged_quarantine WHERE {fresh}
        ), reasons AS (
            SELECT source, map_from_entries(list((reason, (count, url, detail)))) AS reasons FROM (
                SELECT source, reason, count(DISTINCT raw_id) AS count, min(url) AS url, arg_min(detail, url) AS detail
                FROM given WHERE reason IS NOT NULL GROUP BY source, reason
            ) GROUP BY source
        ), known AS (
            SELECT source, count(*) AS known, count(*) FILTER (is_refused) AS known_refused FROM (
                SELECT source, false AS is_refused FROM all_articles
                UNION ALL SELECT source, false FROM all_article_versions
                UNION ALL SELECT any_value(source), true FROM all_quarantine WHERE NOT is_replayed GROUP BY raw_id
            ) GROUP BY source
        )
        SELECT source, count(DISTINCT raw_id), count(DISTINCT raw_id) FILTER (reason IS NOT NULL),
               coalesce(any_value(known), 0), coalesce(any_value(known_refused), 0), any_value(reasons)
        FROM given LEFT JOIN known USING (source) LEFT JOIN reasons USING (source) GROUP BY source ORDER BY source
        """
    ).fetchall()
    return [Refusals(*row) for row in rows]


def by_reason(merge: Merge) -> dict[tuple[str, str], int]:
    """(stage, reason) → documents that the staged batches add to `quarantine` for it."""
    rows = merge.connection.execute(
        "SELECT stage, reason, count(DISTINCT raw_id) FROM staged_quarantine GROUP BY stage, reason ORDER BY stage, reason"
    ).fetchall()
    return {(stage, reason): count for stage, reason, count in rows}


def stop_if_unusual(found: Iterable[Refusals], accepted: Collection[str]) -> None:
    """Stops a batch for a person's look.

    Args:
        found: what `of` gave.
        accepted: sources that a person has looked at.

    Raises:
        BatchStopped: names each source, its share, the reasons, and what to do.
    """
    if unusual := [one for one in found if one.is_unusual and one.source not in accepted]:
        options = " ".join(f"--accept-refusals {one.source}" for one in unusual)
        stopped = BatchStopped(
            "nothing was published, the lake is unchanged: more is refused than usual:\n  "
            + "\n  ".join(map(str, unusual))
            + "\nLook at some with `newslake quarantine list --stopped`. If they are wrongly refused, or wrongly fetched, mend "
            f"the rule or the source, then run again. If they are rightly refused: `newslake run {options}`"
        )
        stopped.sources = tuple(one.source for one in unusual)
        raise stopped
