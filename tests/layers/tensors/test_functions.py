"""Functions, reductions and stacks: shapes by hand, and what they refuse."""

from __future__ import annotations

import pytest
from msgspec import ValidationError, convert

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import NUMBERS, Counts, Layer
from cnnstudio.core.network.problem import Refusal
from cnnstudio.layers.activation import Activation, PReLU
from cnnstudio.layers.convolution import Conv1D
from cnnstudio.layers.normalization import GlobalResponseNorm, Scale
from cnnstudio.layers.pooling import AdaptiveAvgPool
from cnnstudio.layers.reshaping import ZeroPad
from cnnstudio.layers.tensors.functions import GLU, Function
from cnnstudio.layers.tensors.reductions import Reduce, Stack

IMAGE = Shape(6, (4, 5))


def counted(layer: Layer, *inputs: Shape) -> Counts:
    return layer.count(inputs, NUMBERS["pytorch"])


@pytest.mark.parametrize(
    ("layer", "output", "learned"),
    [
        (GLU(), Shape(3, (4, 5)), 0),
        (GLU(axis=1), Shape(6, (2, 5)), 0),
        (Function(function="top-k"), IMAGE, 0),
        (Function(function="region proposals", channels=4, size=100), Shape(4, (100,)), 0),
        (Reduce(function="sum", axes=(0,)), Shape(4, (5,)), 0),
        (Reduce(function="norm", axes=(1, 2), keepdims=True), Shape(6, (1, 1)), 0),
        (Reduce(function="max", axes=(0, 1, 2)), Shape(1), 0),
        (Activation(function="softmax", axis=-1), IMAGE, 0),
        (PReLU(coefficients="element", shared_axes=(2,)), IMAGE, 6 * 4),
        (PReLU(coefficients="element", shared_axes=(0, 1, 2)), IMAGE, 1),
        (Scale(factors="layer"), IMAGE, 1),
        (Scale(factors="layer", bias=True), IMAGE, 2),
        (GlobalResponseNorm(), IMAGE, 12),
    ],
)
def test_shapes_and_parameters(layer: Layer, output: Shape, learned: int) -> None:
    counts = counted(layer, IMAGE)
    assert (counts.output, counts.parameters, counts.macs) == (output, learned, 0)


@pytest.mark.parametrize(("axis", "output"), [(0, Shape(3, (6, 4, 5))), (3, Shape(6, (4, 5, 3)))])
def test_a_stack_has_an_axis_more(axis: int, output: Shape) -> None:
    assert counted(Stack(axis=axis), IMAGE, IMAGE, IMAGE).output == output


def test_a_softmax_over_positions_sees_everything() -> None:
    assert counted(Activation(function="softmax", axis=-1), IMAGE).reach == "whole"
    assert counted(Activation(function="softmax"), IMAGE).reach == "pointwise"


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (GLU(axis=2), "the size of the halved axis must be even, and it is 5. Give it a size of 4 or 6"),
        (
            AdaptiveAvgPool(output_size=(3,)),
            "output_size of AdaptiveAvgPool is given for 1 spatial axis, and it receives",
        ),
        (GLU(axis=3), "axis 3 does not exist"),
        (Reduce(function="sum", axes=(3,)), "axis 3 does not exist"),
        (Activation(function="softmax", axis=3), "axis 3 does not exist"),
        (PReLU(coefficients="element", shared_axes=(3,)), "axis 3 does not exist"),
    ],
)
def test_an_axis_that_does_not_do_is_refused(layer: Layer, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        counted(layer, IMAGE)


def test_half_of_one_is_nothing_to_advise() -> None:
    with pytest.raises(Refusal, match=r"it is 1\. Give it a size of 2\."):
        counted(GLU(), Shape(1, (4, 4)))


def test_a_stack_of_unequal_maps_is_refused() -> None:
    with pytest.raises(Refusal, match="Stack needs branches of equal shape and receives 6 × 4 × 5 and 6 × 4"):
        counted(Stack(), IMAGE, Shape(6, (4,)))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"shared_axes": [1]}, "only slopes an element are shared"),
        ({"coefficients": "element", "shared_axes": [1, 1]}, "names an axis twice"),
    ],
)
def test_shared_axes_belong_to_slopes_of_elements(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        convert(fields, PReLU)


def test_zeros_stand_before_and_after_the_channels() -> None:
    assert counted(ZeroPad(padding=0, channels=8), Shape(16, (4, 4))).output == Shape(32, (4, 4))
    assert counted(ZeroPad(channels=(0, 3)), Shape(16, (4, 4))).output == Shape(19, (6, 6))
    with pytest.raises(ValidationError, match="padded with zeros alone, and padding_mode is reflect"):
        convert({"channels": 1, "padding_mode": "reflect"}, ZeroPad)


def test_a_causal_convolution_pads_before_and_never_after() -> None:
    layer = Conv1D(filters=4, kernel_size=3, dilation=2, causal=True)
    counts = counted(layer, Shape(3, (9,)))
    assert counts.output == Shape(4, (9,))
    assert counts == counted(Conv1D(filters=4, kernel_size=3, dilation=2, padding=((4, 0),)), Shape(3, (9,)))
    with pytest.raises(ValidationError, match="the padding follows from the kernel; leave padding out"):
        convert({"filters": 4, "kernel_size": 3, "causal": True, "padding": "same"}, Conv1D)
