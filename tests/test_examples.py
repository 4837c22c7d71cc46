"""A quick run leaves out cases, never tests."""

from __future__ import annotations

from tests.examples import spread


def test_the_first_the_last_and_some_between() -> None:
    assert spread("abcdefghijk", 3) == ["a", "f", "k"]
    assert spread(range(100), 6) == [0, 19, 39, 59, 79, 99]


def test_few_are_all_tried() -> None:
    assert spread("abc", 3) == ["a", "b", "c"]
    assert spread("", 3) == []
