"""Items as text, for the clipboard: what is copied can be pasted, and what is not a list of layers is refused."""

from __future__ import annotations

import pytest
from hypothesis import given

from cnnstudio.core.network.design import Block, Design
from cnnstudio.formats.design_yaml import design_text, items_text, parse_items
from cnnstudio.formats.fault import FileError
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Identity, Input
from tests.hostile import renamed
from tests.strategies import designs

CONV = Conv2D(name="conv", filters=8, kernel_size=3)
BLOCK = Block(name="stage", repeat=2, layers=(CONV,))


@given(renamed(designs()))
def test_items_survive(design: Design) -> None:
    assert parse_items(items_text(design.layers)) == design.layers


def test_items_are_written_as_in_a_file() -> None:
    text = "- {type: Conv2D, name: conv, filters: 8, kernel_size: 3}\n"
    assert items_text((CONV,)) == text
    assert text in design_text(Design(layers=(CONV,)))


def test_layers_of_a_whole_design() -> None:
    assert parse_items(design_text(Design(layers=(BLOCK, CONV)))) == (BLOCK, CONV)


def test_one_layer_that_is_no_list() -> None:
    assert parse_items("{type: Conv2D, name: conv, filters: 8, kernel_size: 3}") == (CONV,)
    assert parse_items("type: Identity\n") == (Identity(name="identity_1"),)


def test_one_block_that_is_no_list_stays_a_block() -> None:
    text = "type: Block\nname: stage\nrepeat: 2\nlayers:\n- {type: Conv2D, name: conv, filters: 8, kernel_size: 3}\n"
    assert parse_items(text) == (BLOCK,)


def test_inputs_from_elsewhere_and_names_that_repeat_are_left_alone() -> None:
    items = (Identity(name="a", inputs=("elsewhere",)), Identity(name="a"))
    assert parse_items(items_text(items)) == items


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "clipboard: is not a list of layers."),
        ("hello", "clipboard: is not a list of layers."),
        ("3", "clipboard: is not a list of layers."),
        ("[]", "clipboard: is not a list of layers."),
        ("- hello", r"clipboard:1:3: layers\[0\]: a layer is a mapping such as {type: Flatten}, and received text."),
        (
            "- {type: Conv}",
            r"clipboard:1:4: layers\[0\]: there is no layer type 'Conv'. Did you mean 'Conv2D', 'Conv1D' or",
        ),
        ("{type: Dense, units: 0}", r"clipboard:1:15: layers\[0\]: units must be a whole number from 1"),
        ("cnnstudio: 2\nlayers: []", "clipboard:1:1: this file has format version 2"),
        ("- [a\n", "clipboard:2:1: not valid YAML"),
        ("- {type: Block, layers: []}", r"clipboard:1:17: layers\[0\] 'block_1': the block 'block_1' is empty"),
        (
            "- {type: Block, name: b, layers: [{type: Identity, name: c, inputs: [image]}]}",
            r"clipboard:1:61: layers\[0\] 'b', layers\[0\] 'c': inputs names 'image', which is not a layer",
        ),
    ],
)
def test_text_that_is_no_list_of_layers(text: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        parse_items(text, "clipboard")


def test_an_input_may_be_pasted() -> None:
    image = Input(name="image", size=(8, 8), channels=3)
    assert parse_items(items_text((image,))) == (image,)
