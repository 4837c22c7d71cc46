"""Connections dragged with a real pointer, from the rails beside the list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnstudio.core.network.design import Design, find
from cnnstudio.formats.design_yaml import read_design
from tests.e2e.conftest import Driver, driver_of

pytestmark = pytest.mark.xvfb

BRANCHES = """cnnstudio: 1
name: Driven
layers:
- {type: Input, name: image, size: [32, 32], channels: 8}
- {type: Conv2D, name: one, filters: 8, kernel_size: 3, padding: same}
- {type: Conv2D, name: two, filters: 8, kernel_size: 3, padding: same}
- {type: Add, name: sum, inputs: [two, one]}
- {type: Conv2D, name: end, filters: 8, kernel_size: 3, padding: same}
"""


@pytest.fixture
def branches(display: str, tmp_path: Path) -> Iterator[Driver]:
    """The studio on a design with a branch."""
    yield from driver_of(BRANCHES, display, tmp_path)


def saved(driver: Driver) -> Design:
    """The design as it is in its file after saving."""
    driver.key("ctrl+s")
    driver.wait_for(lambda: driver.ask("title") == ["driven.yaml — Driven[*] — CNN Studio", False])
    return read_design(driver.file).design


def test_a_connection_is_dragged_cancelled_refused_and_undone(branches: Driver) -> None:
    before = branches.ask("text")
    branches.drag(branches.place("rail image"), branches.place("list sum"), end_key="Escape")
    assert branches.ask("text") == before
    branches.drag(branches.place("rail end"), branches.place("list two"))
    branches.drag(branches.place("rail one"), branches.place("list sum"))
    assert branches.ask("text") == before, "later to earlier, and what is there already"
    branches.drag(branches.place("rail image"), branches.place("list sum"))
    assert branches.ask("selection") == ["sum"]
    assert find(saved(branches), ("sum",)).inputs == ("two", "one", "image")
    branches.key("ctrl+z")
    branches.wait_for(lambda: branches.ask("text") == before)
    assert branches.ask("text") == before


def test_rows_are_still_dragged_as_rows(branches: Driver) -> None:
    branches.drag(branches.place("rail image"), branches.place("rail end"))
    assert branches.names() == ["image", "one", "two", "sum", "end"]
    assert find(saved(branches), ("end",)).inputs == ("image",)
    branches.drag(branches.place("list end"), branches.place("list one"))
    assert branches.names() == ["image", "one", "end", "two", "sum"]


def test_a_click_beside_the_row_selects_it(branches: Driver) -> None:
    branches.click(branches.place("rail two"))
    assert branches.ask("selection") == ["two"]
    branches.click(branches.place("rail end"), holding="ctrl")
    assert branches.ask("selection") == ["two", "end"]


def test_rows_and_layer_types_can_be_dropped_beside_the_list(branches: Driver) -> None:
    branches.drag(branches.place("list end"), branches.place("rail one"))
    assert branches.names() == ["image", "one", "end", "two", "sum"]
    branches.drag(branches.place("palette Conv2D"), branches.place("rail image"))
    assert branches.names() == ["image", "conv2d_1", "one", "end", "two", "sum"]
    branches.key("ctrl+z", "ctrl+z")
    branches.wait_for(lambda: branches.names() == ["image", "one", "two", "sum", "end"])
    assert branches.names() == ["image", "one", "two", "sum", "end"]
