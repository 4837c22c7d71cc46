"""The connections of a list, and the comparison of two lists' connections."""

from __future__ import annotations

import pytest
from msgspec import structs

from cnnstudio.core import edits
from cnnstudio.core.edits import Edit
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.network.wiring import feeds, same_wiring, takers
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input

ITEMS: tuple[Item, ...] = (
    Input(name="image", size=(8, 8), channels=3),
    Conv2D(name="a", filters=3, kernel_size=3, padding="same"),
    Block(name="stage", layers=(Activation(name="r", function="relu"), Flatten(name="f"))),
    Add(name="sum", inputs=("stage", "a")),
)


def test_what_an_item_takes_also_where_it_does_not_say_so() -> None:
    assert [feeds(ITEMS, index, inside=()) for index in range(4)] == [(), ("image",), ("a",), ("stage", "a")]
    assert feeds(ITEMS[1:], 0, inside=("input",)) == ("input",)
    assert takers(ITEMS, "a", inside=()) == ("stage", "sum")
    assert takers(ITEMS[1:], "input", inside=("input",)) == ("a",)


def test_numbers_do_not_change_how_things_are_connected() -> None:
    design = open_design("resnet-18").design
    changed = edits.set_field(design, [("layer1", "conv1"), ("conv1",)], "filters", 32).design
    assert changed != design
    assert same_wiring(design.layers, changed.layers)


@pytest.mark.parametrize(
    "edit",
    [
        lambda design: edits.remove(design, [("relu",)]),
        lambda design: edits.rename(design, ("layer1", "conv1"), "first"),
        lambda design: edits.set_inputs(design, ("layer1", "add"), ("bn2", "conv1")),
        lambda design: edits.move(design, [("bn1",)], ((), 1)),
        lambda design: edits.group(design, [("conv1",), ("bn1",)]),
    ],
)
def test_other_edits_do(edit: object) -> None:
    design = open_design("resnet-18").design
    assert callable(edit)
    done = edit(design)
    assert isinstance(done, Edit)
    assert not same_wiring(design.layers, done.design.layers)


def test_another_type_of_the_same_name_is_another_node() -> None:
    other = Flatten(name="a")
    assert not same_wiring(ITEMS, (ITEMS[0], other, *ITEMS[2:]))
    assert same_wiring(ITEMS, Design(layers=(ITEMS[0], structs.replace(ITEMS[1], note="new"), *ITEMS[2:])).layers)
