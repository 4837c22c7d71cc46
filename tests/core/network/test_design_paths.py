"""Paths of items as one text, and back."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cnnstudio.core.network.design import path_from, path_text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("conv1",), "conv1"),
        (("stage2", "conv1"), "stage2/conv1"),
        (("in/out", "a[1]"), r"in\/out/a\[1]"),
        (("back\\", "slash"), r"back\\/slash"),
    ],
)
def test_what_separates_is_escaped_in_names(path: tuple[str, ...], text: str) -> None:
    assert path_text(path) == text
    assert path_from(text) == path


@given(st.lists(st.text(alphabet="a/[]\\ ü", min_size=1), min_size=1).map(tuple))
@example(("\\", "/", "\\/"))
def test_there_and_back(path: tuple[str, ...]) -> None:
    assert path_from(path_text(path)) == path
