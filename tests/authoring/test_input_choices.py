"""The inputs that an item can take, and their order."""

from __future__ import annotations

from cnnstudio.authoring.input_choices import input_choices
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Block, Design, Item, ItemPath
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add
from cnnstudio.layers.pooling import MaxPool2D
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from tests.networks import conv


def drawn(design: Design, path: ItemPath) -> list[str]:
    """The names, those that fit with a tick."""
    return [("+ " if choice.fits else "- ") + choice.name for choice in input_choices(analyze(design), path)]


def design(*last: Item) -> Design:
    """An image, a convolution, a smaller map, a vector, and what comes behind."""
    pool = MaxPool2D(name="pool", pool_size=2)
    return Design(layers=(Input(name="image", size=(8, 8), channels=4), conv("a"), pool, Flatten(name="flat"), *last))


def test_those_that_fit_come_first_and_the_nearest_first() -> None:
    assert drawn(design(conv("c")), ("c",)) == ["+ pool", "+ a", "+ image", "- flat"]
    assert drawn(design(Dense(name="d", units=2)), ("d",)) == ["+ flat", "+ pool", "+ a", "+ image"]


def test_a_merge_is_offered_what_goes_with_its_other_inputs() -> None:
    add = Add(name="add", inputs=("image", "a"))
    assert drawn(design(add), ("add",)) == ["+ a", "+ image", "- flat", "- pool"]


def test_a_block_takes_what_leaves_nothing_wrong() -> None:
    """Not only what is like the input it has: a smaller map can be counted, a vector cannot."""
    block = Block(name="block", layers=(conv("x"), Add(name="sum", inputs=("x", "input"))), inputs=("image",))
    assert drawn(design(block), ("block",)) == ["+ pool", "+ a", "+ image", "- flat"]
    other = Block(name="block", layers=(conv("x", filters=8), Add(name="sum", inputs=("x", "input"))), inputs=("a",))
    wide = Design(layers=(Input(name="image", size=(8, 8), channels=4), conv("a", filters=8), other))
    assert drawn(wide, ("block",)) == ["+ a", "- image"], "its sum needs eight channels"


def test_inside_a_block_its_input_comes_first() -> None:
    block = Block(name="block", layers=(conv("x"), conv("y"), Add(name="sum", inputs=("y", "x"))), inputs=("a",))
    assert drawn(design(block), ("block", "sum")) == ["+ input", "+ y", "+ x"]


def test_a_real_network() -> None:
    found = input_choices(analyze(open_design("googlenet").design), ("inception4b",))
    assert {choice.name for choice in found if choice.fits} >= {"inception4a", "maxpool3", "inception3b"}
