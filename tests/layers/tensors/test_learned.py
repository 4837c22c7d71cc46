"""Learned tensors, and windows cut and put together."""

from __future__ import annotations

import pytest

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import NUMBERS, Counts, Layer
from cnnstudio.core.network.problem import Refusal
from cnnstudio.layers.tensors.learned import Parameter
from cnnstudio.layers.tensors.partition import WindowMerge, WindowPartition

PATCHES = Shape(768, (196,))


def counted(layer: Layer, *inputs: Shape) -> Counts:
    return layer.count(inputs, NUMBERS["pytorch"])


def test_a_class_token_is_one_more_position() -> None:
    counts = counted(Parameter(use="first"), PATCHES)
    assert (counts.output, counts.weights) == (Shape(768, (197,)), 768)


def test_a_position_embedding_is_as_large_as_what_it_is_added_to() -> None:
    counts = counted(Parameter(), Shape(768, (197,)))
    assert (counts.output, counts.weights) == (Shape(768, (197,)), 197 * 768)


@pytest.mark.parametrize(
    ("layer", "output", "weights"),
    [
        (Parameter(use="multiply", channels=1, size=1), PATCHES, 1),
        (Parameter(use="last", size=4), Shape(768, (200,)), 4 * 768),
        (Parameter(use="last", axis=0), Shape(769, (196,)), 196),
        (Parameter(use="alone", channels=256, size=100), Shape(256, (100,)), 25_600),
    ],
)
def test_a_shape_may_be_stated(layer: Parameter, output: Shape, weights: int) -> None:
    counts = counted(layer, PATCHES)
    assert (counts.output, counts.weights) == (output, weights)


@pytest.mark.parametrize("layer", [Parameter(size=195), Parameter(size=(14, 14)), Parameter(use="first", channels=7)])
def test_a_tensor_that_does_not_fit_is_refused(layer: Parameter) -> None:
    with pytest.raises(Refusal, match=r"a learned tensor of .* does not fit a map of 768 channels, length 196"):
        counted(layer, PATCHES)


def test_an_axis_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refusal, match="axis 2 does not exist"):
        counted(Parameter(use="first", axis=2), PATCHES)


def test_windows_come_back_to_the_map_that_they_were_cut_from() -> None:
    image = Shape(96, (56, 28))
    cut = counted(WindowPartition(window=7), image).output
    assert cut == Shape(96, (32, 49))
    assert counted(WindowMerge(window=7, size=(56, 28)), cut).output == image
    with pytest.raises(Refusal, match="has 64 windows of 49 places, and it receives"):
        counted(WindowMerge(window=7, size=56), cut)
