"""EfficientNet-B4, which was measured and is no built-in design: 19,341,616 parameters. Source: Tan and Le 2019."""

from __future__ import annotations

from cnnstudio.core.network.design import Block, Design, Item
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D, DepthwiseConv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Multiply
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import GlobalAvgPool
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.structure import Input

STAGES = ((24, 1, 3, 1, 2), (32, 6, 3, 2, 4), (56, 6, 5, 2, 4), (112, 6, 3, 2, 6), (160, 6, 5, 1, 6), (272, 6, 5, 2, 8))
LAST = (448, 6, 3, 1, 2)
"""Channels, expansion, kernel, stride and number of the blocks of each stage."""


def efficientnet_b4() -> Design:
    """The network for images of 380 × 380, without stochastic depth."""
    layers: list[Item] = [Input(name="image", size=(380, 380), channels=3), *_conv("stem", 48, kernel=3, stride=2)]
    channels = 48
    for number, (width, expansion, kernel, stride, blocks) in enumerate((*STAGES, LAST), 1):
        first = _block(channels, width, expansion, kernel, stride)
        rest = (*_block(width, width, expansion, kernel, 1), Add(name="add", inputs=("project_bn", "input")))
        layers.append(Block(name=f"stage{number}", layers=first))
        layers.append(Block(name=f"stage{number}_rest", repeat=blocks - 1, layers=rest))
        channels = width
    end = (GlobalAvgPool(name="pool"), Dropout(name="dropout", rate=0.4), Dense(name="fc", units=1000))
    return Design(name="EfficientNet-B4", layers=(*layers, *_conv("head", 1792), *end))


def _conv(name: str, filters: int, *, kernel: int = 1, stride: int = 1) -> tuple[Item, ...]:
    conv = Conv2D(name=name, filters=filters, kernel_size=kernel, stride=stride, padding=kernel // 2, bias=False)
    return (conv, BatchNorm(name=f"{name}_bn"), Activation(name=f"{name}_silu", function="silu"))


def _block(channels: int, width: int, expansion: int, kernel: int, stride: int) -> tuple[Item, ...]:
    inner = channels * expansion
    return (
        *(_conv("expand", inner) if expansion > 1 else ()),
        DepthwiseConv2D(name="depthwise", kernel_size=kernel, stride=stride, padding=kernel // 2, bias=False),
        BatchNorm(name="depthwise_bn"),
        Activation(name="depthwise_silu", function="silu"),
        GlobalAvgPool(name="squeeze", keepdims=True),
        Conv2D(name="reduce", filters=channels // 4, kernel_size=1, activation="silu"),
        Conv2D(name="widen", filters=inner, kernel_size=1, activation="sigmoid"),
        Multiply(name="excite", inputs=("depthwise_silu", "widen")),
        Conv2D(name="project", filters=width, kernel_size=1, bias=False),
        BatchNorm(name="project_bn"),
    )
