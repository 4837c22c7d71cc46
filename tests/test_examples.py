"""A quick run leaves out cases, never tests."""

from __future__ import annotations

from tests.examples import spread
from tests.places import ROOT


def test_the_first_the_last_and_some_between() -> None:
    assert spread("abcdefghijk", 3) == ["a", "f", "k"]
    assert spread(range(100), 6) == [0, 19, 39, 59, 79, 99]


def test_few_are_all_tried() -> None:
    assert spread("abc", 3) == ["a", "b", "c"]
    assert spread("", 3) == []


def test_every_property_takes_a_share_of_what_the_profile_gives() -> None:
    """A number of its own would make it slow in a quick run and weak in a thorough one."""
    files = [path for path in (ROOT / "tests").rglob("*.py") if path.name not in ("examples.py", "test_examples.py")]
    assert [path.name for path in files if "max_examples" in path.read_text(encoding="utf-8")] == []
