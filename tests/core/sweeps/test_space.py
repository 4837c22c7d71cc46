"""Spaces: crossed, paired, and sampled."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.authoring.retyping import change_type
from cnnstudio.core.sweeps.axis import Axis, parse_axis
from cnnstudio.core.sweeps.space import Sample, Space
from tests.designs.builtin import load

DESIGN = load("lenet-5-modern")


def space(lengths: list[int], paired: bool = False, sample: Sample | None = None) -> Space:
    """A space whose axes have so many values."""
    axes = [
        Axis(f"x{number}.filters", "filters", ((f"x{number}",),), tuple(map(str, range(length))))
        for number, length in enumerate(lengths)
    ]
    return Space(DESIGN, tuple(axes), change_type, paired, sample)


def every(found: Space) -> list[tuple[int, ...]]:
    """The picks of all variants."""
    return [found.picks(variant) for variant in range(found.size)]


def test_crossed_axes_turn_the_last_one_first() -> None:
    assert every(space([2, 3])) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_paired_axes_go_together() -> None:
    assert every(space([3, 3], paired=True)) == [(0, 0), (1, 1), (2, 2)]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(0, 99), st.booleans(), st.data())
def test_samples_are_different_points_and_the_same_for_a_seed(
    lengths: list[int], seed: int, is_latin: bool, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, space(lengths).points))
    drawn = every(space(lengths, sample=Sample(count, seed, is_latin)))
    assert len(set(drawn)) == len(drawn) == count
    assert all(pick < length for picks in drawn for pick, length in zip(picks, lengths, strict=True))
    assert every(space(lengths, sample=Sample(count, seed, is_latin))) == drawn


def test_another_seed_draws_others() -> None:
    draws = {tuple(every(space([9, 9, 9], sample=Sample(9, seed, is_latin=True)))) for seed in range(9)}
    assert len(draws) == 9


def test_a_latin_sample_has_every_value_equally_often() -> None:
    drawn = every(space([10, 5, 20], sample=Sample(20, 3, is_latin=True)))
    counts = [sorted(Counter(column).values()) for column in zip(*drawn, strict=True)]
    assert counts == [[2] * 10, [4] * 5, [1] * 20]


@given(st.integers(1, 12), st.integers(1, 40), st.integers(0, 99))
def test_a_latin_sample_has_no_value_twice_as_long_as_another_waits(length: int, count: int, seed: int) -> None:
    drawn = every(space([length, 1000], sample=Sample(count, seed, is_latin=True)))
    often = Counter(pick for pick, _ in drawn)
    assert max(often.values()) - min(often[value] for value in range(length)) <= 1


def test_a_latin_sample_takes_any_value_of_each_part() -> None:
    # Four parts of five values each, and one point anywhere in each.
    drawn = [every(space([20, 20], sample=Sample(4, seed, is_latin=True))) for seed in range(60)]
    for column in range(2):
        assert all(sorted(picks[column] // 5 for picks in points) == [0, 1, 2, 3] for points in drawn)
        assert {picks[column] for points in drawn for picks in points} == set(range(20))


def test_a_sample_of_a_space_beyond_all_numbers() -> None:
    assert len(every(space([100_000] * 20, sample=Sample(50)))) == 50


@pytest.mark.parametrize(
    ("lengths", "paired", "sample", "sentence"),
    [
        ([], False, None, "nothing is varied"),
        ([2, 3], True, None, r"paired fields need equally many values each: x0.filters has 2, x1.filters has 3"),
        ([2, 3], False, Sample(7), "7 variants cannot be drawn from 6"),
        ([10_000, 10_000], False, None, r"these are 100,000,000 variants, and at most 5,000,000 are counted"),
        ([1] * 65, False, None, "65 fields are varied, and at most 64 can be"),
    ],
)
def test_what_leaves_nothing_or_too_much_is_refused(
    lengths: list[int], paired: bool, sample: Sample | None, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        space(lengths, paired, sample)


def test_a_field_is_varied_once() -> None:
    axes = tuple(parse_axis(DESIGN, text, change_type) for text in ("conv1.filters=1,2", "conv*.filters=*1,*2"))
    with pytest.raises(ValueError, match=r"conv1.filters and conv\*.filters both vary the filters of conv1"):
        Space(DESIGN, axes, change_type)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (("layer*.width=*2", "layer1/rest/conv1.filters=8"), r"layer\*.width scales what .* sets in layer1/rest/conv1"),
        (("layer1/rest.depth=*2", "layer1/rest.repeat=1,2"), "layer1/rest.depth scales what layer1/rest.repeat sets"),
        (("layer1.width=*2", "layer1/rest.width=*2"), "layer1.width scales what layer1/rest.width sets"),
    ],
)
def test_what_is_scaled_is_not_set_as_well(texts: tuple[str, str], sentence: str) -> None:
    design = load("resnet-50")
    with pytest.raises(ValueError, match=f"{sentence}.*; vary it once"):
        Space(design, tuple(parse_axis(design, text, change_type) for text in texts), change_type)
