"""Layers made of another type in their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.authoring.retyping import change_type, types_beside
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Block, Design, find, structure_faults, walk
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.convolution import Conv2D, DepthwiseConv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add
from cnnstudio.layers.pooling import AvgPool2D, MaxPool2D
from cnnstudio.layers.structure import Input
from tests.strategies import designs

IMAGE = Input(name="image", size=(16, 16), channels=4)


def made(layer: Conv2D | MaxPool2D | Dense | Input, type_name: str) -> tuple[object, tuple[str, ...]]:
    """A layer as one of another type, and what the edit says besides."""
    edit = change_type(Design(layers=(IMAGE, layer)), [(layer.name,)], type_name)
    return find(edit.design, (layer.name,)), edit.notes


def test_max_pooling_becomes_average_pooling_with_the_same_window() -> None:
    pool = MaxPool2D(name="pool", pool_size=3, stride=2, padding=1)
    assert made(pool, "AvgPool2D") == (AvgPool2D(name="pool", pool_size=3, stride=2, padding=1), ())


def test_a_convolution_becomes_depthwise_and_says_what_is_gone() -> None:
    conv = Conv2D(name="conv", filters=8, kernel_size=5, stride=2, padding="same", activation="relu", note="mine")
    wanted = DepthwiseConv2D(name="conv", kernel_size=5, stride=2, padding="same", activation="relu", note="mine")
    assert made(conv, "DepthwiseConv2D") == (wanted, ("DepthwiseConv2D has no filters, which is gone.",))


def test_all_that_is_gone_is_listed() -> None:
    image = Input(name="image", size=(8, 8), channels=3)
    assert made(image, "Conv2D")[1] == ("Conv2D has no size and channels, which are gone.",)


def test_filters_and_units_say_the_same() -> None:
    conv = Conv2D(name="conv", filters=8, kernel_size=5)
    assert made(conv, "Dense") == (Dense(name="conv", units=8), ("Dense has no kernel size, which is gone.",))


def test_a_stride_that_was_left_out_means_what_it_meant() -> None:
    pool, conv = MaxPool2D(name="it", pool_size=2), Conv2D(name="it", filters=64, kernel_size=2)
    layer, _ = made(pool, "Conv2D")
    assert isinstance(layer, Conv2D)
    assert (layer.kernel_size, layer.stride) == (2, 2)
    layer, _ = made(conv, "MaxPool2D")
    assert isinstance(layer, MaxPool2D)
    assert (layer.pool_size, layer.stride) == (2, 1)


def test_what_cannot_be_says_why() -> None:
    block = Block(
        name="stage", layers=(Conv2D(name="a", filters=4, kernel_size=1), Add(name="sum", inputs=("a", "input")))
    )
    design = Design(layers=(IMAGE, block))
    with pytest.raises(EditError, match="'stage' is a block, which has no other type"):
        change_type(design, [("stage",)], "Conv2D")
    with pytest.raises(EditError, match="'sum' takes 2 inputs, and Dense takes 1 at most"):
        change_type(design, [("stage", "sum")], "Dense")
    beside = Design(layers=(*design.layers, Conv2D(name="beside", filters=4, kernel_size=3, inputs=(IMAGE.name,))))
    with pytest.raises(EditError, match="'beside' takes 1 input, and Add needs 2 at least"):
        change_type(beside, [("beside",)], "Add")
    with pytest.raises(EditError, match="there is no layer type Conv9D"):
        change_type(design, [("stage", "a")], "Conv9D")


def test_beside_a_type_stand_the_others_of_its_family() -> None:
    assert types_beside(MaxPool2D(pool_size=2))[:2] == ("AvgPool2D", "GlobalAvgPool")


@given(designs(), st.sampled_from(sorted(LAYER_TYPES)), st.data())
def test_names_and_wiring_stay(design: Design, type_name: str, data: st.DataObject) -> None:
    paths = [path for path, item in walk(design.layers) if not isinstance(item, Block)]
    path = data.draw(st.sampled_from(paths))
    try:
        edit = change_type(design, [path], type_name)
    except EditError:
        return
    before, after = find(design, path), find(edit.design, path)
    assert after.type_name == type_name
    assert (after.name, after.inputs, after.note) == (before.name, before.inputs, before.note)
    assert [path for path, _ in walk(edit.design.layers)] == [path for path, _ in walk(design.layers)]
    assert not list(structure_faults(edit.design.layers))
    analyze(edit.design)
