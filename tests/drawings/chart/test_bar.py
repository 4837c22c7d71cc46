"""The scale of the chart and its texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.drawings.chart.bar import METRICS, Bar, end_text, position, ticks, top_position
from cnnstudio.layers.families import FAMILY


def bar(value: int | None, share: float | None = 0.5, *, is_sum: bool = False) -> Bar:
    return Bar(("a",), "a", "dense", value, share, is_sum=is_sum)


def test_every_metric_is_a_column_that_can_be_summed_up() -> None:
    assert all(COLUMN[key].summed is not None for key in METRICS)


def test_every_family_has_a_letter_of_its_own() -> None:
    assert len({family.letter for family in FAMILY.values()}) == len(FAMILY)


@pytest.mark.parametrize(
    ("value", "share", "is_sum", "expected"),
    [
        (8_393_728, 0.718, False, "8,393,728 · 71.8 %"),
        (8_393_728, 0.718, True, "Σ 8,393,728 · 71.8 %"),
        (20, None, False, "20"),
        (0, 0.0, False, "0"),
        (None, None, False, "unknown"),
    ],
)
def test_the_end_of_a_bar_says_value_and_share(
    value: int | None, share: float | None, is_sum: bool, expected: str
) -> None:
    assert end_text(bar(value, share, is_sum=is_sum), "parameters") == expected


def test_log_positions_are_powers_of_ten_from_1_on() -> None:
    assert [position(value, is_log=True) for value in (0, 1, 10, 10**12)] == pytest.approx([0, 0, 1, 12])


def test_the_axis_is_as_long_as_the_longest_bar_and_never_empty() -> None:
    assert top_position((bar(3), bar(None), bar(700)), is_log=False) == 700
    assert top_position((bar(0), bar(None)), is_log=False) == 1
    assert top_position((), is_log=True) == 1


def labels(top: float, metric: str = "parameters", *, is_log: bool = False, most: int = 5) -> list[str]:
    return [text for _, text in ticks(top, metric, is_log=is_log, most=most)]


def test_ticks_are_round_and_short() -> None:
    assert labels(8_393_728) == ["0", "5 M"]
    assert labels(8_393_728, most=6) == ["0", "2 M", "4 M", "6 M", "8 M"]
    assert labels(1_000, "activation_bytes") == ["0 B", "500 B", "1 kB"]
    assert labels(3) == ["0", "1", "2", "3"]
    assert labels(1) == ["0", "1"]


def test_log_ticks_are_whole_powers_of_ten() -> None:
    assert labels(6.4, is_log=True, most=9) == ["1", "10", "100", "1 k", "10 k", "100 k", "1 M"]
    assert labels(6.4, is_log=True, most=3) == ["1", "10 k"]


def test_a_narrow_axis_still_shows_a_second_tick() -> None:
    assert labels(1_162_000, "activation_bytes", most=2) == ["0 B", "1 MB"]


@given(st.integers(1, 10**30), st.integers(2, 20), st.booleans())
def test_ticks_begin_at_the_start_stay_on_the_axis_and_are_not_too_many(value: int, most: int, is_log: bool) -> None:
    top = top_position((bar(value),), is_log=is_log)
    places = [place for place, _ in ticks(top, "parameters", is_log=is_log, most=most)]
    assert places[0] == 0
    assert places[-1] <= top * (1 + 1e-6)
    # Where nothing round fits in between, the one tick beside 0 may be followed by its doubles.
    assert len(places) <= max(most, 3)
    assert len(places) >= 2
