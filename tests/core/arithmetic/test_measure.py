"""Measures: what is known of a number, of differences and of ratios, and how that is said."""

from __future__ import annotations

import pytest

from cnnstudio.core.arithmetic.measure import BOUNDS, Measure, bound_words
from cnnstudio.core.arithmetic.numerals import exact

FIVE, TWO, NOTHING = Measure(5), Measure(2), Measure(0)
SOME = Measure(3, "at least")
UNKNOWN = Measure(None, "unknown")


@pytest.mark.parametrize(
    ("measure", "text", "brief"),
    [
        (Measure(62_378_344), "62,378,344", "62,378,344"),
        (Measure(1_000, "at least"), "at least 1,000", "≥ 1,000"),
        (Measure(0, "at least"), "at least 0", "≥ 0"),
        (Measure(-7, "at most"), "at most -7", "≤ -7"),
        (UNKNOWN, "unknown", "unknown"),
    ],
)
def test_a_measure_in_words(measure: Measure, text: str, brief: str) -> None:
    assert (measure.text(exact), measure.brief(exact)) == (text, brief)


@pytest.mark.parametrize(
    ("measure", "base", "difference", "ratio"),
    [
        (FIVE, TWO, Measure(3), Measure(2.5)),
        (SOME, TWO, Measure(1, "at least"), Measure(1.5, "at least")),
        (FIVE, SOME, Measure(2, "at most"), Measure(5 / 3, "at most")),
        (SOME, SOME, UNKNOWN, UNKNOWN),
        (FIVE, NOTHING, FIVE, Measure(None)),
        (SOME, NOTHING, SOME, UNKNOWN),
        (NOTHING, FIVE, Measure(-5), Measure(0.0)),
    ],
)
def test_the_difference_and_the_ratio_of_two(
    measure: Measure, base: Measure, difference: Measure, ratio: Measure
) -> None:
    assert measure.minus(base) == difference
    assert measure.over(base) == ratio


def test_every_bound_has_words() -> None:
    assert [bound_words(bound) for bound in BOUNDS] == ["", "at least ", "at most ", ""]
