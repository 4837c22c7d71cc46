"""Each error of the analysis, word for word, at its place: what cannot be computed, and why."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting import analysis as analysis_module
from cnnstudio.core.counting.analysis import analyze, count_layer
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.network.problem import Remark
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.convolution import Conv1D, Conv2D, Conv3D, DepthwiseConv2D
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm, GroupNorm
from cnnstudio.layers.pooling import AdaptiveAvgPool, AvgPool3D, GlobalAvgPool, MaxPool1D, MaxPool2D, Subsampling
from cnnstudio.layers.reshaping import (
    Crop,
    Flatten,
    Permute,
    Reshape,
    Slice,
    Upsample,
    ZeroPad,
)
from cnnstudio.layers.shuffling import PixelShuffle, PixelUnshuffle
from cnnstudio.layers.starting import starting_layer
from cnnstudio.layers.structure import Identity, Input
from cnnstudio.layers.transposed import ConvTranspose2D
from tests.core.counting.problem_lines import said
from tests.networks import image

CONV = Conv2D(name="conv", filters=4, kernel_size=3, padding=1)
HALVE = Conv2D(name="halve", filters=4, kernel_size=3, stride=2, padding=1, inputs=("image",))

ERRORS: list[tuple[Item, Item, str]] = [
    (
        image(5, 7),
        Conv2D(name="x", filters=4, kernel_size=(1, 9)),
        "a 1 × 9 kernel does not fit its 5 × 7 input. Use a kernel with a width of 7 or less, or add padding.",
    ),
    (
        image(1, 3),
        Conv2D(name="x", filters=4, kernel_size=3),
        "a 3 × 3 kernel does not fit its 1 × 3 input. Use a kernel of 1, or one with a height of 1, or add padding.",
    ),
    (
        image(16, 16),
        ZeroPad(name="x", padding=((8, 8), (0, 0), (0, 0))),
        "its padding has a value for the channels, too, and it receives a map of 3 channels, 16 × 16. "
        "State the zeros along the channels as its channels, and the padding for each spatial axis.",
    ),
    (
        image(5, 5),
        Conv2D(name="x", filters=4, kernel_size=7),
        "a 7 × 7 kernel does not fit its 5 × 5 input. Use a kernel of 5 or less, or add padding.",
    ),
    (
        image(5),
        Conv1D(name="x", filters=4, kernel_size=11, padding=1),
        "a kernel of 11 does not fit its padded input of 7. Use a kernel of 7 or less, or add padding.",
    ),
    (
        image(5, 6),
        Conv2D(name="x", filters=4, kernel_size=(3, 2), dilation=3),
        "a 3 × 2 kernel, dilated to 7 × 4, does not fit its 5 × 6 input. "
        "Use a kernel with a height of 2 or less, or a dilation of 2 or less, or add padding.",
    ),
    (
        image(5, 7),
        Conv2D(name="x", filters=4, kernel_size=3, dilation=(2, 4)),
        "a 3 × 3 kernel, dilated to 5 × 9, does not fit its 5 × 7 input. "
        "Use a kernel with a width of 2 or less, or a dilation with a width of 3 or less, or add padding.",
    ),
    (
        image(5, 5),
        MaxPool2D(name="x", pool_size=8, padding=1),
        "an 8 × 8 window does not fit its 7 × 7 padded input. Use a window of 7 or less, or add padding.",
    ),
    (
        image(5, 5),
        Subsampling(name="x", pool_size=11),
        "an 11 × 11 window does not fit its 5 × 5 input. Use a window of 5 or less.",
    ),
    (
        image(5, 5, 6),
        AvgPool3D(name="x", pool_size=6, padding=1),
        "a 6 × 6 × 6 window is larger than its 5 × 5 × 6 input. "
        "Use a window of 5 or less, or one with a depth of 5 or less and a height of 5 or less; "
        "AvgPool3D does not let padding make room.",
    ),
    (
        image(8, 8),
        MaxPool2D(name="x", pool_size=3, padding=2),
        "padding may be at most half the window, and 2 is more than half of 3. Use a padding of 1 or less.",
    ),
    (
        image(8),
        MaxPool1D(name="x", pool_size=1, padding=2),
        "padding may be at most half the window, and 2 is more than half of 1. Use a padding of 0.",
    ),
    (
        image(55, 55, channels=96),
        Conv1D(name="x", filters=4, kernel_size=3),
        "Conv1D needs a map with 1 spatial axis and receives a map of 96 channels, 55 × 55. "
        "Use the Conv2D form, or a Reshape before it.",
    ),
    (
        image(9, channels=1),
        Conv3D(name="x", filters=4, kernel_size=3),
        "Conv3D needs a map with 3 spatial axes and receives a map of 1 channel, length 9. "
        "Use the Conv1D form, or a Reshape before it.",
    ),
    (
        image(9, 9, 9),
        DepthwiseConv2D(name="x", kernel_size=3),
        "DepthwiseConv2D needs a map with 2 spatial axes and receives a map of 3 channels, 9 × 9 × 9. "
        "Put a Reshape before it.",
    ),
    (
        image(channels=10),
        MaxPool2D(name="x", pool_size=2),
        "MaxPool2D needs a map with 2 spatial axes and receives a vector of 10. "
        "Put it before the layer that makes a vector, or put a Reshape before it.",
    ),
    (
        image(channels=10),
        GlobalAvgPool(name="x"),
        "GlobalAvgPool needs a map and receives a vector of 10. Leave it out: there is nothing to pool.",
    ),
    (
        image(channels=10),
        AdaptiveAvgPool(name="x", output_size=1),
        "AdaptiveAvgPool needs a map and receives a vector of 10. Leave it out: there is nothing to pool.",
    ),
    (
        image(8, 8),
        AdaptiveAvgPool(name="x", output_size=(1, 2, 3)),
        "output_size of AdaptiveAvgPool is given for 3 spatial axes, and it receives a map of 3 channels, 8 × 8. "
        "Give one integer, or one for each spatial axis of the input.",
    ),
    (
        image(channels=10),
        ZeroPad(name="x"),
        "ZeroPad needs a map and receives a vector of 10. Put it before the layer that makes a vector.",
    ),
    (
        image(8, 8),
        Upsample(name="x", scale=(2, 2, 2)),
        "scale of Upsample is given for 3 spatial axes, and it receives a map of 3 channels, 8 × 8. "
        "Give one integer, or one for each spatial axis of the input.",
    ),
    (
        image(8, 8),
        Conv2D(name="x", filters=4, kernel_size=1, groups=2),
        "input channels must be a multiple of groups, and 3 is not a multiple of 2. Use 2 or 4, or other groups.",
    ),
    (
        image(8, 8, channels=4),
        ConvTranspose2D(name="x", filters=5, kernel_size=2, groups=2),
        "filters must be a multiple of groups, and 5 is not a multiple of 2. Use 4 or 6, or other groups.",
    ),
    (
        image(8, 8),
        GroupNorm(name="x"),
        "input channels must be a multiple of groups, and 3 is not a multiple of 32. Use 32, or other groups.",
    ),
    (
        image(8, 8),
        PixelShuffle(name="x"),
        "input channels must be a multiple of scale to the power 2, and 3 is not a multiple of 4. "
        "Use 4, or another scale.",
    ),
    (
        image(8, 9),
        PixelUnshuffle(name="x"),
        "spatial sizes must be a multiple of scale, and 9 is not a multiple of 2. Use 8 or 10, or another scale.",
    ),
    (
        image(8, 8, channels=4),
        Conv2D(name="x", filters=2, kernel_size=1, connections=((0,), (1, 5))),
        "connections name channel 5, and the input has channels 0 to 3. Use channels up to 3.",
    ),
    (
        image(4, 4),
        ZeroPad(name="x", padding=4, padding_mode="reflect"),
        "reflect padding of 4 needs more elements than the input of 4 has. "
        "Use a padding of 3 or less, or padding_mode: zeros.",
    ),
    (
        image(4, 4),
        Conv2D(name="x", filters=1, kernel_size=11, padding=5, padding_mode="circular"),
        "circular padding of 5 needs more elements than the input of 4 has. "
        "Use a padding of 4 or less, or padding_mode: zeros.",
    ),
    (
        image(4, 4),
        ConvTranspose2D(name="x", filters=1, kernel_size=3, output_padding=1),
        "output padding must be less than the stride, and 1 is not less than 1. Use an output padding of 0.",
    ),
    (
        image(4, 4),
        ConvTranspose2D(name="x", filters=1, kernel_size=3, padding=0, stride=2, dilation=3, output_padding=3),
        "output padding must be less than the stride or the dilation, and 3 is not less than 3. "
        "Use an output padding of 2 or less.",
    ),
    (
        image(4, 4),
        ConvTranspose2D(name="x", filters=1, kernel_size=1, padding=2),
        "with this padding nothing is left of the output: 4 × 4 becomes 0 × 0. "
        "Use less padding, or a larger kernel or stride.",
    ),
    (
        image(4, 5),
        Crop(name="x", cropping=2),
        "cropping leaves nothing of 4 × 5. Cut off less than 4 elements of each axis.",
    ),
    (
        image(4, 4),
        Upsample(name="x", scale=0.1),
        "with this scale nothing is left of 4 × 4. Use a larger scale.",
    ),
    (
        image(10**9),
        Upsample(name="x", scale=10**7),
        "an axis of its output has 10,000,000,000,000,000 elements, and at most 1,000,000,000,000,000 are counted. "
        "Enlarge less, or repeat less often.",
    ),
    (
        image(4, 4),
        Slice(name="x", start=3),
        "the slice from 3 to 3 does not lie in the 3 elements of axis 0. "
        "Use a start below the stop, and a stop up to 3.",
    ),
    (
        image(4, 4),
        Slice(name="x", axis=3),
        "axis 3 does not exist in a map of 3 channels, 4 × 4. Use an axis from 0 to 2.",
    ),
    (
        image(4, 4),
        Concat(name="x", axis=3, inputs=("image", "image")),
        "axis 3 does not exist in a map of 3 channels, 4 × 4. Use an axis from 0 to 2.",
    ),
    (
        image(4, 4),
        Reshape(name="x", channels=2, size=(5, 5)),
        "3 × 4 × 4 has 48 elements, and 2 × 5 × 5 has 50. Use sizes whose product is the number of elements.",
    ),
    (
        image(4, 4),
        Reshape(name="x", channels=-1, size=(5, 5)),
        "3 × 4 × 4 has 48 elements, and -1 × 5 × 5 needs a multiple of 25. "
        "Use sizes whose product is the number of elements.",
    ),
    (
        image(4, 4),
        Permute(name="x", dims=(1, 0)),
        "dims names 2 axes and receives a map of 3 channels, 4 × 4, which has 3. Name each of the axes 0 to 2 once.",
    ),
    (
        image(4, 4),
        Add(name="x"),
        "Add needs at least 2 inputs and receives 1. Name the layers it joins in inputs.",
    ),
    (
        image(4, 4),
        Identity(name="x", inputs=("nowhere",)),
        "inputs names 'nowhere', which is not an earlier layer. Name an earlier layer.",
    ),
    (
        image(4, 4),
        Block(name="x", layers=(Flatten(name="flat"),), inputs=("nowhere",)),
        "inputs names 'nowhere', which is not an earlier layer. Name an earlier layer.",
    ),
]


@pytest.mark.parametrize(("start", "layer", "sentence"), ERRORS)
def test_what_cannot_be_computed_is_named_with_the_reason_and_a_remedy(start: Item, layer: Item, sentence: str) -> None:
    errors = [line for line in said(start, layer) if line.startswith("error")]
    assert errors == [f"error x: {sentence}"]


@pytest.mark.parametrize(
    ("merge", "sentence"),
    [
        (
            Add(name="sum", inputs=("conv", "halve")),
            "Add needs branches of equal shape and receives 4 × 8 × 8 and 4 × 4 × 4. "
            "Give the branches the same total stride and equal padding.",
        ),
        (
            Concat(name="sum", inputs=("conv", "halve")),
            "Concat needs branches of the same spatial size and receives 4 × 8 × 8 and 4 × 4 × 4. "
            "Give the branches the same total stride and equal padding.",
        ),
        (
            Concat(name="sum", axis=1, inputs=("conv", "halve")),
            "Concat needs branches of sizes that differ only on axis 1 and receives 4 × 8 × 8 and 4 × 4 × 4. "
            "Give the branches the same total stride and equal padding.",
        ),
    ],
)
def test_branches_that_do_not_go_together(merge: Item, sentence: str) -> None:
    assert said(image(8, 8), CONV, HALVE, merge) == [f"error sum: {sentence}"]


def test_maps_that_differ_by_a_row_are_not_told_to_have_equal_strides() -> None:
    short = MaxPool2D(name="short", pool_size=2, inputs=("image",))
    other = MaxPool2D(name="other", pool_size=2, ceil_mode=True, inputs=("image",))
    assert said(image(85, 128), short, other, Concat(name="sum", inputs=("short", "other")))[1:] == [
        "error sum: Concat needs branches of the same spatial size and receives 3 × 42 × 64 and 3 × 43 × 64. "
        "Crop the larger maps or pad the smaller ones by 1, or use an input size that divides evenly."
    ]


def test_a_vector_and_a_map_are_not_put_side_by_side() -> None:
    both = Concat(name="both", inputs=("image", "squeeze"))
    assert said(image(8, 8), GlobalAvgPool(name="squeeze"), both) == [
        "error both: Concat needs branches of the same spatial size and receives 3 × 8 × 8 and 3. "
        "Pool or flatten the maps to vectors first, or make a map of the vector by a Reshape and an Upsample."
    ]


def test_maps_of_unlike_axes_do_not_go_together() -> None:
    line, plane = Input(name="line", size=(8,), channels=3), Input(name="plane", size=(8, 8), channels=3)
    assert said(line, plane, Add(name="sum", inputs=("line", "plane"))) == [
        "error sum: Add needs branches of equal shape and receives 3 × 8 and 3 × 8 × 8. "
        "Give all branches as many spatial axes: put a Reshape before those with fewer."
    ]


def test_nothing_to_begin_with() -> None:
    assert said() == ["warning the design has no layers. Begin with an Input layer."]
    assert said(CONV, BatchNorm(name="norm"))[:1] == [
        "error conv: Conv2D receives nothing. Put an Input layer before it."
    ]
    assert said(Block(name="stage", layers=(Identity(name="same"),))) == [
        "error stage: Block receives nothing. Put an Input layer before it."
    ]


@pytest.mark.parametrize("name", [name for name, layer_type in LAYER_TYPES.items() if layer_type.min_inputs > 1])
def test_a_layer_of_several_inputs_that_takes_one_is_told_so(name: str) -> None:
    layer_type = LAYER_TYPES[name]
    alone = msgspec.convert({**layer_type.starts_with, "name": "alone"}, layer_type)
    (problem,) = analyze(Design(layers=(image(8), alone))).problems
    assert (problem.path, problem.rule) == ("alone", "missing-input")


def test_a_problem_of_a_repeated_layer_is_said_once() -> None:
    shrinking = Block(name="stage", repeat=9, layers=(structs.replace(CONV, padding=0),))
    assert said(image(8, 8), shrinking) == [
        "error stage/conv: a 3 × 3 kernel does not fit its 2 × 2 input. Use a kernel of 2 or less, or add padding."
    ]


def test_a_design_with_too_many_layers_says_where_counting_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis_module, "MAX_ANALYZED", 2_000)  # the sentence names the real bound
    growing = (structs.replace(CONV, filters=1), Concat(name="both", inputs=("conv", "input")))
    inner = Block(name="inner", repeat=9_000, layers=growing)
    assert said(image(8, 8), Block(name="outer", repeat=5_000, layers=(inner,))) == [
        "error outer/inner: the design has more than 100,000 different layers and connections, and is not counted from "
        "here on. Use a smaller repeat than 9,000.",
        "error outer: the design has more than 100,000 different layers and connections, and is not counted from "
        "here on. Use a smaller repeat than 5,000.",
    ]


@pytest.mark.parametrize("name", sorted(LAYER_TYPES))
def test_a_layer_with_too_few_inputs_is_refused_and_raises_nothing(name: str) -> None:
    layer = starting_layer(name)
    for count in range(layer.fewest_named):
        found = count_layer(layer, (Shape(4, (8, 8)),) * count, "pytorch")
        assert isinstance(found, Remark)
        assert found.rule == "missing-input"
