"""A bar chart of months, as numbers for a template: SVG with places in per cent, so that words keep their size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor, log10

MOST_BARS = 72
"""Six years: on a phone a bar is then still 3 pixels wide. Months before that are in the table under the chart."""
MOST_LINES = 4
YEAR_WIDTH = 10
"""Per cent of the plot that the word for a year needs on a phone; where there is less, the first one is left out."""


@dataclass(frozen=True)
class Bar:
    """A month; places and heights are per cent of the plot, from its upper left corner."""

    month: str
    originals: int
    copies: int
    x: float
    originals_y: float
    originals_height: float
    copies_y: float
    copies_height: float


@dataclass(frozen=True)
class Chart:
    """Bars with what stands around them.

    Attributes:
        bars: one a month from the first to the last, also where there is nothing.
        width: of a bar, per cent of the plot.
        lines: (value, y in per cent) of the grid, from 0 up.
        years: (year, x in per cent where its first bar begins).
        undated: articles without a date.
        earlier: articles before the first bar.
    """

    bars: tuple[Bar, ...]
    width: float
    lines: tuple[tuple[int, float], ...]
    years: tuple[tuple[str, float], ...]
    undated: int
    earlier: int

    @property
    def has_month_labels(self) -> bool:
        """Whether there is room for a word under each bar."""
        return len(self.bars) <= 36


def draw(counts: Sequence[tuple[str, int, int]]) -> Chart:
    """Places bars.

    Args:
        counts: (YYYY-MM or `undated`, originals, copies), in any order.

    >>> chart = draw([("2024-01", 3, 1), ("undated", 2, 0), ("2024-03", 8, 0)])
    >>> [bar.month for bar in chart.bars], chart.undated, [value for value, _ in chart.lines]
    (['2024-01', '2024-02', '2024-03'], 2, [0, 2, 4, 6, 8])
    """
    dated = {month: (originals, copies) for month, originals, copies in counts if month != "undated"}
    newest = max(dated, default="")
    shown = months_between(max(min(dated), month_after(newest, 1 - MOST_BARS)), newest) if dated else []
    total = {month: sum(dated.get(month, (0, 0))) for month in shown}
    lines = grid(max(total.values(), default=0))
    top = max(lines[-1], 1)
    slot = 100 / max(len(shown), 1)
    bars = []
    for number, month in enumerate(shown):
        originals, copies = dated.get(month, (0, 0))
        heights = (100 * originals / top, 100 * copies / top)
        bars.append(
            Bar(
                month,
                originals,
                copies,
                x=(number + 0.1) * slot,
                originals_y=100 - heights[0],
                originals_height=heights[0],
                copies_y=100 - heights[0] - heights[1],
                copies_height=heights[1],
            )
        )
    firsts = [next(own) for _, own in groupby(bars, key=lambda bar: bar.month[:4])]
    if len(firsts) > 1 and firsts[1].x - firsts[0].x < YEAR_WIDTH:
        del firsts[0]
    return Chart(
        bars=tuple(bars),
        width=0.8 * slot,
        lines=tuple((value, 100 - 100 * value / top) for value in lines),
        years=tuple((bar.month[:4], bar.x) for bar in firsts),
        undated=sum(originals + copies for month, originals, copies in counts if month == "undated"),
        earlier=sum(originals + copies for month, (originals, copies) in dated.items() if month not in total),
    )


def months_between(first: str, last: str) -> list[str]:
    """All months from the first to the last.

    >>> months_between("2023-11", "2024-02")
    ['2023-11', '2023-12', '2024-01', '2024-02']
    """
    return [month_after(first, distance) for distance in range(_number(last) - _number(first) + 1)]


def month_after(month: str, distance: int) -> str:
    """The month so many months later, or earlier.

    >>> month_after("2024-11", 3), month_after("2024-01", -12)
    ('2025-02', '2023-01')
    """
    year, place = divmod(_number(month) + distance, 12)
    return f"{year:04d}-{place + 1:02d}"


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def grid(highest: int) -> list[int]:
    """Round values from 0 to at least the highest one, at most `MOST_LINES` above 0.

    >>> grid(0), grid(7), grid(1234)
    ([0], [0, 2, 4, 6, 8], [0, 500, 1000, 1500])
    """
    if highest <= 0:
        return [0]
    power = 10 ** max(floor(log10(highest / MOST_LINES)), 0)
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * MOST_LINES >= highest)
    return list(range(0, highest + step, step)) if highest % step else list(range(0, highest + 1, step))
