"""Blocks and building blocks by pointer and keyboard, on a real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design
from cnnstudio.formats.design_yaml import parse_items
from tests.e2e.conftest import Driver, driver_of
from tests.networks import drawn

pytestmark = pytest.mark.xvfb

NESTED = """cnnstudio: 1
name: Driven
layers:
- {type: Input, name: image, size: [32, 32], channels: 3}
- {type: Conv2D, name: first, filters: 8, kernel_size: 3, padding: same}
- type: Block
  name: stage
  repeat: 2
  layers:
  - {type: Conv2D, name: a, filters: 8, kernel_size: 3, padding: same}
  - {type: Activation, name: b, function: relu}
  - {type: Add, name: sum, inputs: [b, input]}
- type: Block
  name: other
  layers:
  - {type: MaxPool2D, name: p, pool_size: 2}
- {type: Flatten, name: flat}
"""
BEFORE = "image first stage×2(a b sum<b,input) other(p) flat"


@pytest.fixture
def hands(display: str, tmp_path: Path) -> Iterator[Driver]:
    """The studio on a design with two blocks."""
    yield from driver_of(NESTED, display, tmp_path)


def shown(hands: Driver) -> str:
    return drawn(design_of(hands))


def design_of(hands: Driver) -> Design:
    return Design(layers=parse_items(str(hands.ask("text")), "window"))


def middle(place: tuple[int, int, int]) -> tuple[int, int, int]:
    """A place whose edges are as good as its middle: a drop there is onto the row."""
    return place[0], place[1], 6


def test_into_a_folded_block_and_between_what_is_in_an_open_one(hands: Driver) -> None:
    hands.drag(hands.place("list first"), middle(hands.place("list other")))
    assert shown(hands) == "image stage×2(a b sum<b,input) other(p first) flat"
    hands.key("ctrl+z")
    assert shown(hands) == BEFORE
    hands.ask("open stage")
    hands.drag(hands.place("list flat"), hands.place("list stage/a"))
    assert shown(hands) == "image first stage×2(a flat b sum<b,input) other(p)"
    hands.drag(hands.place("list first"), hands.place("list stage/a"), below=False)
    # What took the input of the block takes the layer that was put after it.
    assert shown(hands) == "image stage×2(first a flat b sum<b,first) other(p)"


def test_out_of_a_block_above_and_below_it(hands: Driver) -> None:
    hands.ask("open stage")
    hands.drag(hands.place("list stage/b"), hands.place("list first"), below=False)
    assert shown(hands) == "image b first stage×2(a sum<a,input) other(p) flat"
    hands.key("ctrl+z")
    hands.drag(hands.place("list stage/sum"), hands.place("list flat"), below=False)
    # On the connection to the row below it: nothing would take it there otherwise.
    assert shown(hands) == "image first stage×2(a b) other(p) sum<other,first flat"
    hands.key("ctrl+z")
    assert shown(hands) == BEFORE


def test_a_block_into_another_and_never_into_itself(hands: Driver) -> None:
    hands.drag(hands.place("list other"), middle(hands.place("list stage")))
    assert shown(hands) == "image first stage×2(a b sum<b,input other(p)) flat"
    hands.key("ctrl+z")
    hands.ask("open stage")
    hands.drag(hands.place("list stage"), hands.place("list stage/b"))
    hands.drag(hands.place("list stage"), middle(hands.place("list stage")))
    assert shown(hands) == BEFORE


def test_building_blocks_from_the_palette_fit_where_they_are_dropped(hands: Driver) -> None:
    hands.ask("open stage")
    hands.drag(hands.place("palette Bottleneck"), hands.place("list first"))
    hands.drag(hands.place("palette ConvNeXt"), hands.place("list stage/b"))
    text = shown(hands)
    assert text.startswith(
        "image first bottleneck(conv1 bn1 relu1 conv2 bn2 relu2 conv3 bn3 add<bn3,input relu3) stage×2(a b"
    )
    assert "convnext(" in text
    analysis = analyze(design_of(hands))
    assert analysis.errors == ()
    assert [row.output_shape.channels for row in analysis.rows if row.output_shape and row.path.endswith("add")] == [
        8
    ] * 3


def test_group_repeat_and_ungroup_by_keys(hands: Driver) -> None:
    hands.click(hands.place("list first"))
    hands.click(hands.place("list stage"), holding="shift")
    hands.key("ctrl+g")
    assert shown(hands) == "image block_1(first stage×2(a b sum<b,input)) other(p) flat"
    hands.key("ctrl+r")
    hands.type("4")
    hands.key("Return")
    assert shown(hands) == "image block_1×4(first stage×2(a b sum<b,input)) other(p) flat"
    hands.key("ctrl+z", "ctrl+shift+g")
    assert shown(hands) == BEFORE
    hands.click(hands.place("list stage"))
    hands.key("ctrl+shift+g")
    assert shown(hands) == "image first a_1 b_1 sum_1<b_1,first a_2 b_2 sum_2<b_2,sum_1 other(p) flat"


def test_quick_add_of_a_building_block_and_a_residual_connection(hands: Driver) -> None:
    hands.click(hands.place("list other"))
    hands.key("ctrl+space")
    hands.type("fire")
    hands.key("Return")
    assert "fire(" in shown(hands)
    hands.click(hands.place("list first"))
    hands.key("ctrl+shift+r")
    assert shown(hands).startswith("image first shortcut<image add_1<first,shortcut stage×2(")


def test_a_selection_becomes_a_building_block_and_is_dragged_from_the_palette(hands: Driver) -> None:
    hands.ask("open stage")
    hands.click(hands.place("list stage/a"))
    hands.click(hands.place("list stage/sum"), holding="shift")
    hands.key("ctrl+b")
    hands.type("Mine")
    hands.key("Return")
    hands.drag(hands.place("palette Mine"), hands.place("list image"))
    assert shown(hands).startswith("image Mine(a b sum<b,input) first stage")
    assert analyze(design_of(hands)).errors == ()
