"""Each warning of the analysis, word for word, at its place: what is counted all the same."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from cnnstudio.core.arithmetic.convention import CAFFE
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.working import is_complete
from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.core.network.layer import Layer
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.attention.windows import WindowAttention
from cnnstudio.layers.convolution import Conv1D, Conv2D, Conv3D, DepthwiseConv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm
from cnnstudio.layers.patches.local import LocallyConnected2D
from cnnstudio.layers.pooling import MaxPool2D, Subsampling
from cnnstudio.layers.reshaping import (
    Crop,
    Upsample,
    ZeroPad,
)
from cnnstudio.layers.structure import Output
from cnnstudio.layers.transposed import ConvTranspose2D
from tests.core.counting.problem_lines import said
from tests.networks import conv, design_of, image, relu

CONV = Conv2D(name="conv", filters=4, kernel_size=3, padding=1)
HALVE = Conv2D(name="halve", filters=4, kernel_size=3, stride=2, padding=1, inputs=("image",))

WARNINGS: list[tuple[Item, Item, str]] = [
    (
        image(224, 224),
        Conv2D(name="x", filters=96, kernel_size=11, stride=4),
        "the last row and column of the 224 × 224 input are not used, because the kernel does not divide it evenly. "
        "An input size of 223 or 227 fits this layer, and so does padding.",
    ),
    (
        image(224),
        Conv1D(name="x", filters=4, kernel_size=11, stride=4),
        "the last element of the input of 224 is not used, because the kernel does not divide it evenly. "
        "An input size of 223 or 227 fits this layer, and so does padding.",
    ),
    (
        image(227, 226),
        MaxPool2D(name="x", pool_size=3, stride=4),
        "the last 2 columns of the 227 × 226 input are not used, because the window does not divide it evenly. "
        "A width of 223 or 227 fits this layer, and so does padding.",
    ),
    (
        image(20, 30),
        Subsampling(name="x", pool_size=(3, 4)),
        "the last 2 rows and columns of the 20 × 30 input are not used, because the window does not divide it evenly. "
        "A height of 18 or 21 and a width of 28 or 32 fit this layer.",
    ),
    (
        image(10, 20, 30),
        Conv3D(name="x", filters=4, kernel_size=3, stride=(2, 3, 4)),
        "the last plane, the last 2 rows and the last 2 columns of the 10 × 20 × 30 input are not used, "
        "because the kernel does not divide it evenly. "
        "A depth of 9 or 11, a height of 18 or 21 and a width of 27 or 31 fit this layer, and so does padding.",
    ),
    (
        image(5, 5),
        Conv2D(name="x", filters=4, kernel_size=7, padding="same"),
        "the 7 × 7 kernel is larger than its 5 × 5 input and sees padding all the time. Use a kernel of 5 or less.",
    ),
    (
        image(5),
        Conv1D(name="x", filters=4, kernel_size=3, dilation=3, padding=1),
        "the kernel of 3, dilated to 7, is larger than its input of 5 and sees padding all the time. "
        "Use a kernel of 2 or less, or a dilation of 2 or less.",
    ),
    (
        image(8, 8),
        Dense(name="x", units=4),
        "it receives a map of 3 channels, 8 × 8, and is counted with all 192 inputs, as Caffe flattens it; Keras "
        "applies it at each position, and PyTorch refuses it. "
        "Insert a Flatten before it, or apply it to the channels if each position is meant by itself.",
    ),
]


@pytest.mark.parametrize(("start", "layer", "sentence"), WARNINGS)
def test_what_is_suspicious_is_named_and_counted_all_the_same(start: Item, layer: Item, sentence: str) -> None:
    assert said(start, layer) == [f"warning x: {sentence}"]
    assert is_complete(analyze(Design(layers=(start, layer))))


def test_alexnet_with_padding_uses_all_of_its_input() -> None:
    assert said(image(224, 224), Conv2D(name="conv", filters=96, kernel_size=11, stride=4, padding=2)) == []
    assert said(image(227, 227), Conv2D(name="conv", filters=96, kernel_size=11, stride=4)) == []


def test_an_input_that_is_not_the_designs_own_has_no_size_to_choose() -> None:
    assert said(image(6, 6), CONV, MaxPool2D(name="pool", pool_size=3, stride=2)) == [
        "warning pool: the last row and column of the 6 × 6 input are not used, "
        "because the window does not divide it evenly. An input of 5 or 7 fits this layer, and so does padding."
    ]


def test_rounding_up_uses_what_rounding_down_leaves() -> None:
    pool = MaxPool2D(name="pool", pool_size=3, stride=2, ceil_mode=True)
    assert said(image(6, 6), pool) == []
    assert analyze(Design(layers=(image(6, 6), pool)), CAFFE).problems == ()


@pytest.mark.parametrize(
    "norm", [BatchNorm(name="norm"), InstanceNorm(name="norm"), GroupNorm(name="norm", groups=CONV.filters)]
)
def test_a_bias_before_a_normalization_is_of_no_use(norm: Item) -> None:
    assert said(image(8, 8), CONV, norm) == [
        f"warning conv: its bias has no effect, because the {norm.type_name} 'norm' after it subtracts the mean. "
        "Turn its bias off."
    ]


@pytest.mark.parametrize(
    ("layer", "behind"),
    [
        (structs.replace(CONV, bias=False), BatchNorm(name="norm")),
        (structs.replace(CONV, activation="relu"), BatchNorm(name="norm")),
        (CONV, LayerNorm(name="norm")),
        (CONV, GroupNorm(name="norm", groups=1)),
        (CONV, GroupNorm(name="norm", groups=CONV.filters // 2)),
        (CONV, Activation(name="relu", function="relu")),
    ],
)
def test_a_bias_that_does_something_is_left_alone(layer: Item, behind: Item) -> None:
    assert said(image(8, 8), layer, behind) == []


@pytest.mark.parametrize(
    ("layer", "norm"),
    [
        (structs.replace(CONV, filters=1), LayerNorm(name="norm")),
        (structs.replace(CONV, filters=1), GroupNorm(name="norm", groups=1)),
        (DepthwiseConv2D(name="conv", kernel_size=3), GroupNorm(name="norm", groups=3)),
        (ConvTranspose2D(name="conv", filters=6, kernel_size=2, stride=2), GroupNorm(name="norm", groups=6)),
        (Dense(name="conv", units=5, apply_to="channels"), GroupNorm(name="norm", groups=5)),
    ],
)
def test_groups_of_one_channel_subtract_the_mean_of_each(layer: Layer, norm: Layer) -> None:
    assert [found.partition(",")[0] for found in said(image(8, 8), layer, norm)] == [
        "warning conv: its bias has no effect"
    ]
    # Something else takes the layer, too, and so its bias is seen.
    assert said(image(8, 8), layer, norm, relu("act", "conv"), Concat(name="cat", inputs=("norm", "act"))) == []


@pytest.mark.parametrize(
    ("layer", "size"),
    [
        (LocallyConnected2D(name="local", filters=4, kernel_size=3), (8, 8)),
        (MultiHeadAttention(name="attention", heads=3), (8,)),
        (WindowAttention(name="windows", heads=3, window=4), (8, 8)),
    ],
)
def test_a_bias_that_is_more_than_one_number_a_channel_does_something(layer: Item, size: tuple[int, ...]) -> None:
    assert said(image(*size), layer, BatchNorm(name="norm")) == []


@pytest.mark.parametrize(("behind", "warned"), [(relu("act"), []), (BatchNorm(name="last"), ["conv", "other"])])
def test_a_shared_bias_is_of_use_where_one_of_its_users_keeps_it(behind: Item, warned: list[str]) -> None:
    other = conv("other", padding=1, shares="conv")
    design = design_of(conv("conv", padding=1), BatchNorm(name="norm"), other, behind)
    found = [problem.path for problem in analyze(design).problems if problem.rule == "bias-before-norm"]
    assert found == warned


def test_a_bias_is_found_inside_a_block_at_its_place() -> None:
    block = Block(name="stage", repeat=3, layers=(structs.replace(CONV, filters=3), BatchNorm(name="norm")))
    assert said(image(8, 8), block) == [
        "warning stage/conv: its bias has no effect, because the BatchNorm 'norm' after it subtracts the mean. "
        "Turn its bias off."
    ]


def test_branches_that_step_differently_do_not_line_up() -> None:
    cropped = Crop(name="cropped", cropping=2, inputs=("conv",))
    assert said(image(8, 8), CONV, HALVE, cropped, Add(name="sum", inputs=("halve", "cropped"))) == [
        "warning sum: its branches step through the input at different strides, 2 × 2 and 1 × 1, "
        "so that they do not line up. Give the branches the same total stride."
    ]


def test_branches_that_step_equally_in_all_line_up() -> None:
    smaller, larger = MaxPool2D(name="smaller", pool_size=2), Upsample(name="larger", scale=2)
    assert said(image(8, 8), smaller, larger, Add(name="sum", inputs=("larger", "image"))) == []


def test_an_unused_layer_is_named() -> None:
    assert said(image(8, 8), CONV, HALVE) == [
        "warning conv: nothing takes the output of this Conv2D. Connect it, delete it, or put an Output after it."
    ]


def test_an_unused_block_is_named() -> None:
    assert said(image(8, 8), Block(name="stage", layers=(CONV,)), HALVE) == [
        "warning stage: nothing takes the output of this Block. Connect it, delete it, or put an Output after it."
    ]


def test_an_output_needs_nothing_behind_it() -> None:
    assert said(image(8, 8), CONV, Output(name="auxiliary"), HALVE) == []
    assert said(image(8, 8), Block(name="head", layers=(CONV, Output(name="auxiliary"))), HALVE) == []


@pytest.mark.parametrize(("padding", "warned"), [(3, False), (((0, 1), (0, 1)), False), (((1, 0), (1, 0)), True)])
def test_zeros_that_are_not_used_are_no_loss(padding: Any, warned: bool) -> None:
    """The last row that no window reaches was added by the layer before."""
    pad = ZeroPad(name="pad", padding=padding)
    pool = MaxPool2D(name="pool", pool_size=2)
    size = 11 if padding == 3 else 10
    assert bool(said(image(size, size), pad, pool)) is warned
    copies = ZeroPad(name="pad", padding=padding, padding_mode="replicate")
    assert said(image(size, size), copies, pool)


def test_a_dilated_kernel_is_called_by_its_own_size() -> None:
    aspp = Conv2D(name="aspp", filters=4, kernel_size=3, dilation=24, padding=24)
    assert said(image(33, 33), aspp) == [
        "warning aspp: the 3 × 3 kernel, dilated to 49 × 49, is larger than its 33 × 33 input and sees padding all the "
        "time. Use a kernel of 2 or less, or a dilation of 16 or less."
    ]


def test_what_a_framework_does_otherwise_is_told() -> None:
    strided = Conv2D(name="x", filters=4, kernel_size=3, stride=2, padding="same")
    refused = "warning x: PyTorch refuses padding 'same' with a stride, and this counts as Keras pads. "
    assert said(image(8, 8), strided) == [f"{refused}Give the padding in numbers, or count as Keras."]
    assert said(image(8, 8), strided, convention="keras") == []
    assert said(image(8, 8), structs.replace(strided, stride=1)) == []
    pool = MaxPool2D(name="x", pool_size=3, stride=2, padding=1)
    assert said(image(8, 8), pool) == []
    assert said(image(8, 8), pool, convention="caffe") == [
        "warning x: it rounds down to 4 × 4; Caffe rounds up unless told otherwise, to 5 × 5. "
        "Turn its ceil mode on, or accept it: Caffe has round_mode: FLOOR for it."
    ]
    assert said(image(9, 9), pool, convention="caffe") == []
    assert said(image(8, 8), structs.replace(pool, ceil_mode=True), convention="caffe") == []
