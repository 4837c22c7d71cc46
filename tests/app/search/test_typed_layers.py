"""Layers typed in one line."""

from __future__ import annotations

import re

import pytest

from cnnstudio.app.search.typed_layers import read_line
from cnnstudio.core.network.design import Block
from cnnstudio.formats.building_blocks import BuildingBlock, builtin_blocks
from cnnstudio.layers import LAYER_TYPES

TWICE = (
    *(
        "conv 64 x2",
        "conv 64 x 2",
        "conv 64 ×2",
        "conv 64 *2",
        "conv 64 * 2",
        "conv 64 2x",
        "conv 64 twice",
        "conv 64, x2",
    ),
    *(
        "conv 64 3x3 x2",
        "conv 64 3x3 x 2",
        "conv 64 times 2",
        "2x conv 64",
        "2 x conv 64",
        "2*conv 64",
        "2 times conv 64",
    ),
    *("conv 64, x2", "2 times conv 64", "2 conv 64", "2 convs 64", "x2 conv 64", "2x(conv 64)", "(conv 64 3x3) x 2"),
)
"""Ways to say that a convolution is added two times."""
PAIRS_TWICE = ("conv 64 bn x2", "2x conv 64 bn", "(conv 64, bn) x 2", "2 × (conv 64, bn)", "2 conv 64 bn")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "conv 60 7x7 valid, pool 2, dense 250, softmax",
            [
                "Conv2D: filters 60, kernel size 7, padding valid",
                "MaxPool2D: pool size 2",
                "Dense: units 250",
                "Activation: function softmax",
            ],
        ),
        ("softmax", ["Activation: function softmax"]),
        ("dense 1", ["Dense: units 1"]),
        ("dense 10 softmax", ["Dense: units 10, activation softmax"]),
        ("conv 7x7 64 /2 p3 relu", ["Conv2D: filters 64, kernel size 7, stride 2, padding 3, activation relu"]),
        ("conv 11x11/4 96 valid", ["Conv2D: filters 96, kernel size 11, stride 4, padding valid"]),
        (
            "3x3 conv 64 bn relu",
            ["Conv2D: filters 64, kernel size 3, padding same", "BatchNorm: ", "Activation: function relu"],
        ),
        ("conv3-64 x2", 2 * ["Conv2D: filters 64, kernel size 3, padding same"]),
        ("conv 64 3 x 5 valid", ["Conv2D: filters 64, kernel size 3 × 5, padding valid"]),
        ("conv 64 with 3x3 kernel and stride 2", ["Conv2D: filters 64, kernel size 3, stride 2, padding same"]),
        ("conv 64 5x5x5", ["Conv3D: filters 64, kernel size 5, padding same"]),
        ("conv 64 groups 32 nobias", ["Conv2D: filters 64, kernel size 3, padding same, groups 32, bias no"]),
        ("Conv2DTranspose 32 2x2 strides=2", ["ConvTranspose2D: filters 32, kernel size 2, stride 2"]),
        ("InnerProduct num_output=10", ["Dense: units 10"]),
        ("dense 10 activation=swish", ["Dense: units 10, activation silu"]),
        ("avg pool 3x3/2 same", ["AvgPool2D: pool size 3, stride 2, padding same"]),
        ("max pool 3 2", ["MaxPool2D: pool size 3, stride 2"]),
        ("group norm 32, dropout 50%", ["GroupNorm: groups 32", "Dropout: rate 0.5"]),
        ("input 224x224x3", ["Input: size 224 × 224, channels 3"]),
        ("input 3x224x224", ["Input: size 224 × 224, channels 3"]),
        ("input 100x100 1", ["Input: size 100 × 100, channels 1"]),
        ("input 10x16x64x64x1", ["Input: size 10 × 16 × 64 × 64, channels 1"]),
        ("convlstm 8 3x3x3", ["ConvLSTM3D: filters 8, kernel size 3, padding same"]),
        ("gap", ["GlobalAvgPool: "]),
        ("3x3 conv, 64, /2", ["Conv2D: filters 64, kernel size 3, stride 2, padding same"]),
        ("conv3x3 64 + relu", ["Conv2D: filters 64, kernel size 3, padding same", "Activation: function relu"]),
        ("conv 64@5x5 | pool 2 avg", ["Conv2D: filters 64, kernel size 5, padding same", "AvgPool2D: pool size 2"]),
        ("2x conv 8", 2 * ["Conv2D: filters 8, kernel size 3, padding same"]),
        *[(text, 2 * ["Conv2D: filters 64, kernel size 3, padding same"]) for text in TWICE],
        *[(text, 2 * ["Conv2D: filters 64, kernel size 3, padding same", "BatchNorm: "]) for text in PAIRS_TWICE],
        ("lstm 64 bidirectional, bigru 32", ["LSTM: units 64, direction both", "GRU: units 32, direction both"]),
        ("bilstmLayer 64", ["LSTM: units 64, return sequences yes, direction both"]),
        ("maxPooling2dLayer 2", ["MaxPool2D: pool size 2, stride 1"]),
        ("mean pool 2, global max pooling", ["AvgPool2D: pool size 2", "GlobalMaxPool: "]),
        ("depthwise separable conv 64", ["SeparableConv2D: filters 64, kernel size 3, padding same"]),
        ("pointwise conv 64", ["Conv2D: filters 64, kernel size 1, padding same"]),
        ("dilated conv 64 d4", ["Conv2D: filters 64, kernel size 3, padding same, dilation 4"]),
        ("causal conv 64", ["Conv1D: filters 64, kernel size 3, causal yes"]),
        ("conv 7x7, 64, stride 2", ["Conv2D: filters 64, kernel size 7, stride 2, padding same"]),
        ("conv 64 3 1 1", ["Conv2D: filters 64, kernel size 3, stride 1, padding 1"]),
        ("FC-4096, fc1000, dense(10)", ["Dense: units 4096", "Dense: units 1000", "Dense: units 10"]),
        ("leaky relu 0.2", ["Activation: function leaky_relu, slope 0.2"]),
        ("self attention 8", ["MultiHeadAttention: heads 8"]),
        ("attention 4 heads", ["DotProductAttention: heads 4"]),
        ("upsample bilinear, reduce max", ["Upsample: scale 2, mode bilinear", "Reduce: function max, axes 0"]),
        ("gru 64 return sequences", ["GRU: units 64, return sequences yes"]),
        ("input 28", ["Input: size 28 × 28, channels 3"]),
        ("dense 128 x 2, dropout .5 x 2", 2 * ["Dense: units 128"] + 2 * ["Dropout: rate 0.5"]),
        ("conv1d 64 x 2", 2 * ["Conv1D: filters 64, kernel size 3, padding same"]),
        ("2 x Conv2D(64, 3)", 2 * ["Conv2D: filters 64, kernel size 3"]),
        ("pool 2 x 2, upsample 2 x 2", ["MaxPool2D: pool size 2", "Upsample: scale 2"]),
        ("conv 3 x 3 64", ["Conv2D: filters 64, kernel size 3, padding same"]),
        ("64 conv 3", ["Conv2D: filters 64, kernel size 3, padding same"]),
        ("conv 64 3 x 3 x 2", ["Conv3D: filters 64, kernel size 3 × 3 × 2, padding same"]),
        ("reshape 4x4x512, reshape 16x7x7", ["Reshape: channels 512, size 4 × 4", "Reshape: channels 16, size 7 × 7"]),
        ("dropout .5", ["Dropout: rate 0.5"]),
        (
            "transposed conv 8 2 2, dw 5x5",
            [
                "ConvTranspose2D: filters 8, kernel size 2, stride 2",
                "DepthwiseConv2D: kernel size 5, padding same",
            ],
        ),
        (
            "Conv2D(64, (3, 3), strides=(2, 1), padding='same', activation='relu', kernel_initializer='zeros')",
            ["Conv2D: filters 64, kernel size 3, stride 2 × 1, padding same, activation relu"],
        ),
        (
            "nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False), nn.ReLU(inplace=True), nn.Linear(9, 4)",
            [
                "Conv2D: filters 64, kernel size 7, stride 2, padding 3, bias no",
                "Activation: function relu",
                "Dense: units 4",
            ],
        ),
        ("keras.layers.Dense(10)", ["Dense: units 10"]),
        (
            "TimeDistributed(conv 8, flatten), layers.TimeDistributed(layers.Dense(10))",
            ["TimeDistributed: at each step: Conv1D, Flatten", "TimeDistributed: at each step: Dense"],
        ),
        ("", []),
    ],
)
def test_a_line_is_read(text: str, read: list[str]) -> None:
    assert [f"{layer.name}: {layer.words}" for layer in read_line(text)] == read


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("conv 0", "Filters must be 1 or more, not 0."),
        ("conv 64 3x3 5x5", "'5x5' says nothing of Conv2D: it has filters, kernel size, stride, "),
        ("conv 64 wobbly", "'wobbly' says nothing of Conv2D"),
        ("conv 3 filters 4", "Filters of Conv2D is given twice."),
        ("conv -3", "'-3' says nothing of Conv2D: it has filters"),
        ("dense ten", "'ten' says nothing of Dense: it has units"),
        ("/3x3x conv 8", "'/3x3x' says nothing of Conv2D."),
        ("Conv2D(n, 3)", "'Conv2D(n, 3)' cannot be read: give numbers, such as"),
        ("nn.Conv2d(3)", "nn.Conv2d needs out_channels."),
        ("Conv2D(8, 3, wobbly=1)", "Conv2D has no argument 'wobbly' that is known here."),
        ("nn.Wobbly(3)", "There is no layer 'nn.Wobbly' in PyTorch or Keras that has a type here."),
        ("60", "'60' belongs to no layer: name the layer first, such as conv."),
        ("wobbly", "There is no layer type 'wobbly'."),
        ("softmax 10", "'10' says nothing of Activation"),
        ("se 4", "There is no layer type 'se'."),
        ("conv 64 x 0", "'x0' adds no layer: repeat it once or more."),
        ("conv 64 x 300", "Add at most 200 layers at a time."),
        ("conv x150 bn x150", "Add at most 200 layers at a time."),
        ("conv x201", "Add at most 200 layers at a time."),
        ("TimeDistributed()", "TimeDistributed needs a layer: TimeDistributed(Dense(64))."),
        ("embeddingbag 3", "There is no layer type for 'embeddingbag': add Opaque"),
    ],
)
def test_what_is_not_understood_is_said(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read_line(text)


def test_what_a_framework_leaves_unsaid_is_said_here() -> None:
    """So that who picks the name alone gets that layer, and no other one of the same type."""
    (pool,), (plain,) = read_line("maxPooling2dLayer"), read_line("maxpool")
    assert (pool.said, plain.said) == (("stride",), ())


def test_the_axes_are_those_of_the_place() -> None:
    assert [layer.name for layer in read_line("conv 4, pool 2, conv2d 8", rank=1)] == ["Conv1D", "MaxPool1D", "Conv2D"]
    # Steps are an axis of the place, and none of the kernel.
    found = [read_line("convlstm 8", rank=rank)[0].name for rank in (2, 3, 4)]
    assert found == ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]


def test_sizes_that_are_typed_are_all_taken() -> None:
    assert [read_line("input 9x9x9x9x2", rank)[0].words for rank in (1, 2, 4)] == 3 * ["size 9 × 9 × 9 × 9, channels 2"]


def test_what_is_typed_at_each_step_is_a_block_that_is_so_applied() -> None:
    (found,) = read_line("TimeDistributed(3x3 conv 8, bn)", rank=3)
    assert isinstance(found.item, BuildingBlock)
    (block,) = found.item.design.layers
    assert isinstance(block, Block)
    assert block.time_distributed
    assert [(item.name, item.type_name) for item in block.layers] == [
        ("conv2d_1", "Conv2D"),
        ("batch_norm_1", "BatchNorm"),
    ]


def test_a_building_block_stands_among_layers() -> None:
    blocks = builtin_blocks()
    assert [layer.name for layer in read_line("conv 8, bottleneck", blocks=blocks)] == ["Conv2D", "Bottleneck"]
    assert [layer.name for layer in read_line("2x bottleneck, bottleneck x2", blocks=blocks)] == 4 * ["Bottleneck"]
    with pytest.raises(ValueError, match="'7' says nothing of Bottleneck, a building block"):
        read_line("bottleneck 7", blocks=blocks)


@pytest.mark.parametrize("name", LAYER_TYPES)
def test_every_type_is_read_by_its_name(name: str) -> None:
    assert [layer.name for layer in read_line(name)] == [name]
