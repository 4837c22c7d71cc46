"""Sequences laid side by side: against the best pairing found by trying all, and in bands."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cnnstudio.core.comparison import alignment
from cnnstudio.core.comparison.alignment import MIN_SCORE, NAME, PLACE, SHAPE, Trait, aligned

SORTS = st.integers(0, 3)
LIKENESS = {0: 7, 1: 4, 2: 3, 3: 0}


def likeness(first: int, second: int) -> int:
    """Sorts are the more alike the nearer their numbers."""
    return LIKENESS[abs(first - second)]


def traits(text: str) -> list[Trait]:
    """One trait a letter: equal letters are equal, others are alike by their place in the alphabet, in fours."""
    return [Trait(ord(letter), ord(letter) % 4, ord(letter), 0, index) for index, letter in enumerate(text)]


def worth(first: Trait, second: Trait) -> int:
    """The score that a pair adds to the sum; -1 where it must not be."""
    alike = likeness(first.sort, second.sort)
    score = alike + NAME * (first.name == second.name) + SHAPE * (first.shape == second.shape)
    score += PLACE * (first.place == second.place)
    return score if alike and score >= MIN_SCORE else -1


def best_sum(first: list[Trait], second: list[Trait]) -> int:
    """The greatest sum of all pairings, by recursion."""

    @cache
    def from_here(i: int, j: int) -> int:
        if i == len(first) or j == len(second):
            return 0
        pair = worth(first[i], second[j])
        paired = pair + from_here(i + 1, j + 1) if pair >= 0 else -1
        return max(paired, from_here(i + 1, j), from_here(i, j + 1))

    return from_here(0, 0)


def shown(first: str, second: str) -> str:
    """The pairs as a text: `ab|ab`, with `-` for what has no partner."""
    pairs = aligned(traits(first), traits(second), likeness)
    above = below = ""
    i = j = 0
    for i_end, j_end in [*pairs, (len(first), len(second))]:
        above += first[i:i_end] + "-" * (j_end - j) + first[i_end : i_end + 1]
        below += "-" * (i_end - i) + second[j:j_end] + second[j_end : j_end + 1]
        i, j = i_end + 1, j_end + 1
    return f"{above}|{below}"


trait_lists = st.lists(
    st.builds(Trait, st.integers(0, 5), SORTS, st.integers(0, 3), st.integers(0, 2), st.integers(0, 3)), max_size=9
)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("abc", "abc", "abc|abc"),
        ("abc", "abxc", "ab-c|abxc"),
        ("", "ab", "--|ab"),
        ("ab", "", "ab|--"),
        ("aaa", "a", "aaa|a--"),
        ("abab", "ababab", "abab--|ababab"),
    ],
)
def test_shown(first: str, second: str, expected: str) -> None:
    assert shown(first, second) == expected


@given(trait_lists, trait_lists)
def test_pairs_ascend_and_may_stand_in_one_line(first: list[Trait], second: list[Trait]) -> None:
    pairs = aligned(first, second, likeness)
    for (i, j), (k, m) in pairwise(pairs):
        assert i < k
        assert j < m
    assert all(first[i].key == second[j].key or worth(first[i], second[j]) >= MIN_SCORE for i, j in pairs)


@given(trait_lists, trait_lists)
def test_the_pairing_between_anchors_is_the_best_there_is(first: list[Trait], second: list[Trait]) -> None:
    first = [Trait(-1 - index, *_rest(trait)) for index, trait in enumerate(first)]
    pairs = aligned(first, second, likeness)
    assert sum(worth(first[i], second[j]) for i, j in pairs) == best_sum(first, second)


def _rest(trait: Trait) -> tuple[int, int, int, int]:
    return trait.sort, trait.name, trait.shape, trait.place


@given(trait_lists, trait_lists, st.integers(0, 3))
@example([Trait(0, 1, 1, 1, 1), Trait(2, 3, 0, 0, 0)], [Trait(1, 0, 0, 0, 0), *[Trait(0, 0, 0, 0, 0)] * 2], 0)
def test_a_narrow_band_still_gives_pairs_in_order(first: list[Trait], second: list[Trait], reach: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "REACH", reach)
        pairs = aligned(first, second, likeness)
    assert pairs == sorted(set(pairs))
    assert len({j for _, j in pairs}) == len({i for i, _ in pairs}) == len(pairs)
    for i, j in pairs:
        assert first[i].key == second[j].key or likeness(first[i].sort, second[j].sort)


@given(trait_lists)
def test_a_list_beside_itself(first: list[Trait]) -> None:
    assert aligned(first, first, likeness) == [(index, index) for index in range(len(first))]


def test_the_longest_run_in_order_is_kept_where_items_moved() -> None:
    assert shown("abcdefgh", "efghabcd").count("-") == 8
