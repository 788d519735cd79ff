"""When too much is refused: against what is usual for a source."""

from __future__ import annotations

from math import lgamma, log

import numpy as np
import pytest

from newslake.errors import BatchStopped
from newslake.refusals import DEVIATIONS, LEAST_KNOWN, LEAST_REFUSED, MARGIN, Refusals, stop_if_unusual

KNOWN = 10_000


def smallest_that_stops(documents: int, usual: float) -> int | None:
    found = (
        refused
        for refused in range(documents + 1)
        if Refusals("a", documents, refused, KNOWN, round(usual * KNOWN)).is_unusual
    )
    return next(found, None)


def chance_of(documents: int, least: int, usual: float) -> float:
    """That at least so many of independent documents are refused."""
    counts = np.arange(least, documents + 1)
    choices = np.array([lgamma(documents + 1) - lgamma(n + 1) - lgamma(documents - n + 1) for n in counts])
    return float(np.exp(choices + counts * log(usual) + (documents - counts) * log(1 - usual)).sum())


@pytest.mark.parametrize("usual", [0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("documents", [20, 25, 30, 40, 60, 100, 300, 1000])
def test_a_source_that_goes_on_as_before_hardly_ever_stops(documents: int, usual: float) -> None:
    least = smallest_that_stops(documents, usual)
    assert least is None or chance_of(documents, least, usual) < 2e-4


@pytest.mark.parametrize(
    ("documents", "refused", "usual", "is_unusual"),
    [
        (30, 30, 0.04, True),
        (200, 60, 0.04, True),
        (10_000, 2_000, 0.04, False),
        (10_000, 2_600, 0.04, True),
        (19, 19, 0.0, False),
        (100, 100, 0.5, True),
        (100, 60, 0.5, False),
        (100, 100, 0.95, False),
    ],
)
def test_examples(documents: int, refused: int, usual: float, is_unusual: bool) -> None:
    assert Refusals("a", documents, refused, KNOWN, round(usual * KNOWN)).is_unusual is is_unusual


def test_where_too_little_is_known_only_nearly_all_of_it_stops() -> None:
    assert Refusals("a", 100, 100).is_unusual
    assert Refusals("a", 100, 95, LEAST_KNOWN - 1, 0).is_unusual
    assert not Refusals("a", 100, 94).is_unusual
    assert not Refusals("a", LEAST_REFUSED - 1, LEAST_REFUSED - 1).is_unusual
    assert Refusals("a", 100, 94, LEAST_KNOWN, 0).is_unusual
    assert (MARGIN, DEVIATIONS) == (0.2, 4.0)


def test_what_a_person_is_told() -> None:
    reasons = {f"reason_{n}": (n + 1, f"https://e.example/{n}", "seen") for n in range(7)}
    stopped = Refusals("gazette", 240, 230, 3_200, 128, reasons)
    fine = Refusals("herald", 100, 3, 3_200, 128)
    with pytest.raises(BatchStopped) as error:
        stop_if_unusual([stopped, fine], ())
    told = str(error.value)
    assert "source gazette: 230 of 240 documents are refused (96%), usually 4% of 3,200" in told
    assert "7 reason_6: e.g. https://e.example/6: seen" in told
    assert "and 2 reasons more" in told
    assert "newslake run --accept-refusals gazette" in told
    assert "herald" not in told
    stop_if_unusual([stopped, fine], ["gazette"])
