"""Conditions that variants meet, and those that nothing beats."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.authoring.retyping import change_type
from cnnstudio.core.budgets.condition import condition_from
from cnnstudio.core.budgets.measuring import span_of
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.sweeps.axis import parse_axis
from cnnstudio.core.sweeps.conditions import pareto_front
from cnnstudio.core.sweeps.running import chunks
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import rows_of
from tests.designs.builtin import load

DESIGN = load("lenet-5-modern")
AXES = tuple(parse_axis(DESIGN, text, change_type) for text in ("conv1.filters=1:4", "conv2.kernel_size=3,5,99"))


@pytest.mark.parametrize(
    "texts",
    [
        ("parameters<60k",),
        ("parameters<60k", "macs>100k"),
        ("memory(8, sgd) <= 65.9MB",),
        ("kept_bytes > 1.5MB",),
        ("parameters<60k", "memory(8, sgd) <= 65.9MB"),
    ],
)
def test_rows_meet_what_their_analysis_meets(texts: tuple[str, ...]) -> None:
    conditions = tuple(map(condition_from, texts))
    space = Space(DESIGN, AXES, change_type, conditions=conditions)
    (chunk,) = chunks(space)
    rows = list(rows_of(chunk))
    for row in rows:
        analysis = analyze(space.variant(space.picks(row.variant)).design)
        held = [condition.holds(span_of(condition, analysis)) for condition in conditions]
        assert row.meets == (False if False in held else None if None in held else True)
    assert {row.meets for row in rows} >= {False, None}


def test_what_is_no_design_meets_nothing_surely() -> None:
    axes = (parse_axis(DESIGN, "conv1.filters=0,6", change_type),)
    (chunk,) = chunks(Space(DESIGN, axes, change_type, conditions=(condition_from("parameters>1"),)))
    assert [row.meets for row in rows_of(chunk)] == [None, True]


numbers = st.integers(0, 6)


@given(st.one_of(st.lists(st.tuples(numbers, numbers)), st.lists(st.tuples(numbers, numbers, numbers))))
def test_the_front_are_the_points_that_nothing_beats(points: list[tuple[int, ...]]) -> None:
    def beats(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
        return first != second and all(a <= b for a, b in zip(first, second, strict=True))

    beaten = {at for at, other in product(range(len(points)), points) if beats(other, points[at])}
    assert pareto_front(enumerate(points)) == set(range(len(points))) - beaten
