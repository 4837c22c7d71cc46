"""Row differences: from any list to any other, in few steps, and none where nothing changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.app.rows.steps import Step, difference

lists = st.lists(st.integers(0, 9), unique=True, max_size=9)


def apply(steps: list[Step], old: list[int], new: list[int]) -> list[int]:
    """Applies the steps as a model does."""
    rows = list(old)
    for step in steps:
        run = rows[step.first : step.last + 1]
        if step.kind == "remove":
            del rows[step.first : step.last + 1]
        elif step.kind == "insert":
            rows[step.first : step.first] = new[step.first : step.last + 1]
        elif step.kind == "replace":
            rows[step.first] = new[step.first]
        else:
            assert not step.first <= step.target <= step.last + 1, "Qt refuses a move into itself"
            del rows[step.first : step.last + 1]
            at = step.target if step.target < step.first else step.target - len(run)
            rows[at:at] = run
    return rows


@given(lists, lists)
def test_steps_lead_from_old_to_new(old: list[int], new: list[int]) -> None:
    assert apply(difference(old, new), old, new) == new


@pytest.mark.parametrize(
    ("old", "new", "steps"),
    [
        ("abc", "abc", []),
        ("abc", "axbc", [Step("insert", 1, 1)]),
        ("abcd", "ad", [Step("remove", 1, 2)]),
        ("abc", "axc", [Step("replace", 1, 1)]),
        ("abcd", "bcda", [Step("move", 0, 0, 4)]),
        ("abcd", "dabc", [Step("move", 3, 3, 0)]),
        ("abcde", "acdbe", [Step("move", 1, 1, 4)]),
        ("abcdef", "aefbcd", [Step("move", 4, 5, 1)]),
    ],
)
def test_one_step_for_one_deed(old: str, new: str, steps: list[Step]) -> None:
    assert difference(old, new) == steps
