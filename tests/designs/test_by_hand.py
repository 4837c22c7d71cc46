"""Designs that no framework ships, counted by arithmetic that shares nothing with the engine."""

from __future__ import annotations

import pytest

from cnnstudio.core.counting.analysis import analyze
from tests.designs.builtin import count, load, with_input


class Chain:
    """A chain of layers on square maps (or along one axis) that adds up parameters and MACs as it goes."""

    def __init__(self, channels: int, size: int, axes: int = 2, norm: int = 0) -> None:
        self.channels, self.size, self.axes, self.norm = channels, size, axes, norm
        self.parameters = self.macs = 0

    def conv(self, filters: int, kernel: int, stride: int = 1, pad: int = 0, *, bias: bool = True) -> Chain:
        """A convolution, followed by `norm` numbers a channel."""
        self.size = (self.size + 2 * pad - kernel) // stride + 1
        weights = kernel**self.axes * self.channels * filters
        self.parameters += weights + filters * (self.norm + bias)
        self.macs += weights * self.size**self.axes
        self.channels = filters
        return self

    def pool(self, kernel: int, stride: int) -> Chain:
        """Pooling that rounds up."""
        self.size = -(-(self.size - kernel) // stride) + 1
        return self

    def dense(self, *units: int) -> Chain:
        """Fully connected layers on the flattened map."""
        inputs = self.channels * self.size**self.axes
        for outputs in units:
            self.parameters += (inputs + 1) * outputs
            self.macs += inputs * outputs
            inputs = outputs
        return self

    @property
    def totals(self) -> tuple[int, int]:
        """Parameters and MACs."""
        return self.parameters, self.macs


def totals(stem: str) -> tuple[int, int]:
    """Parameters and MACs of a built-in design by its own convention."""
    return count(stem).totals.parameters, count(stem).totals.macs


def test_nin() -> None:
    chain = Chain(3, 224).conv(96, 11, 4).conv(96, 1).conv(96, 1).pool(3, 2)
    chain.conv(256, 5, 1, 2).conv(256, 1).conv(256, 1).pool(3, 2)
    chain.conv(384, 3, 1, 1).conv(384, 1).conv(384, 1).pool(3, 2)
    assert totals("nin") == chain.conv(1024, 3, 1, 1).conv(1024, 1).conv(1000, 1).totals


def test_zfnet() -> None:
    chain = Chain(3, 224).conv(96, 7, 2, 1).pool(3, 2).conv(256, 5, 2).pool(3, 2)
    chain.conv(384, 3, 1, 1).conv(384, 3, 1, 1).conv(256, 3, 1, 1).pool(3, 2)
    assert totals("zfnet") == chain.dense(4096, 4096, 1000).totals


def stream(channels: int) -> Chain:
    """One stream of the two-stream network."""
    chain = Chain(channels, 224).conv(96, 7, 2).pool(3, 2).conv(256, 5, 2, 1).pool(3, 2)
    chain.conv(512, 3, 1, 1).conv(512, 3, 1, 1).conv(512, 3, 1, 1).pool(3, 2)
    return chain.dense(4096, 2048, 101)


def test_two_streams() -> None:
    frame, flow = stream(3), stream(20)
    assert totals("two-stream") == (frame.parameters + flow.parameters, frame.macs + flow.macs)


def test_darknet_53() -> None:
    chain = Chain(3, 256, norm=2).conv(32, 3, 1, 1, bias=False)
    for stage, repeats in enumerate((1, 2, 8, 8, 4)):
        filters = 64 << stage
        chain.conv(filters, 3, 2, 1, bias=False)
        for _ in range(repeats):
            chain.conv(filters // 2, 1, bias=False).conv(filters, 3, 1, 1, bias=False)
    assert chain.size == 8
    chain.size = 1
    assert totals("darknet-53") == chain.dense(1000).totals


@pytest.mark.parametrize(("channels", "parameters"), [(1, 31_030_658), (3, 31_031_810)])
def test_u_net(channels: int, parameters: int) -> None:
    chain = Chain(channels, 572)
    for filters in (64, 128, 256, 512):
        chain.conv(filters, 3).conv(filters, 3).pool(2, 2)
    chain.conv(1024, 3).conv(1024, 3)
    for filters in (512, 256, 128, 64):
        chain.parameters += 4 * chain.channels * filters + filters
        chain.macs += 4 * chain.channels * filters * chain.size**2
        chain.size, chain.channels = 2 * chain.size, 2 * filters
        chain.conv(filters, 3).conv(filters, 3)
    chain.conv(2, 1)
    analysis = analyze(with_input(load("u-net"), 572, channels))
    output = analysis.rows[-1].output_shape
    assert output is not None
    assert (chain.parameters, chain.size) == (parameters, 388) == (analysis.totals.parameters, output.spatial[0])
    assert chain.macs == analysis.totals.macs


def test_c3d() -> None:
    """Kernels of 3 × 3 × 3; the positions are frames × height × width."""
    plan = [
        *((3, 64, 16 * 112**2), (64, 128, 16 * 56**2), (128, 256, 8 * 28**2), (256, 256, 8 * 28**2)),
        *((256, 512, 4 * 14**2), (512, 512, 4 * 14**2), (512, 512, 2 * 7**2), (512, 512, 2 * 7**2)),
    ]
    top = Chain(512, 4).dense(4096, 4096, 487)
    parameters = sum(27 * channels * filters + filters for channels, filters, _ in plan) + top.parameters
    macs = sum(27 * channels * filters * positions for channels, filters, positions in plan) + top.macs
    assert totals("c3d") == (parameters, macs)


def test_m5() -> None:
    chain = Chain(1, 8000, axes=1, norm=2)
    for filters, kernel, stride in ((32, 80, 16), (32, 3, 1), (64, 3, 1), (64, 3, 1)):
        chain.conv(filters, kernel, stride)
        chain.size //= 4
    assert chain.size == 1
    assert totals("m5-audio") == chain.dense(35).totals


def lstm(channels: int, units: int, steps: int, biases: int, directions: int = 1) -> tuple[int, int]:
    """Parameters and MACs of an LSTM: four gates that see the input and the state."""
    weights = directions * 4 * units * (channels + units)
    return weights + directions * 4 * units * biases, weights * steps


def test_crnn() -> None:
    plan = ((1, 64, 32 * 100), (64, 128, 16 * 50), (128, 256, 8 * 25), (256, 256, 8 * 25), (256, 512, 100))
    kernels = [9 * channels * filters for channels, filters, _ in plan] + [9 * 512 * 512, 4 * 512 * 512]
    places = [*[size for _, _, size in plan], 100, 24]
    parts = [lstm(512, 256, 24, 2, 2), lstm(256, 256, 24, 2, 2), (513 * 256, 24 * 512 * 256), (513 * 37, 24 * 512 * 37)]
    biases = 64 + 128 + 256 + 256 + 3 * 512 + 2 * 2 * 512
    macs = sum(weights * size for weights, size in zip(kernels, places, strict=True)) + sum(part[1] for part in parts)
    assert totals("crnn") == (sum(kernels) + biases + sum(part[0] for part in parts), macs)


def test_c_lstm() -> None:
    parameters, macs = lstm(150, 150, 54, 1)
    conv, head = 3 * 300 * 150, 150 * 5
    table = 17_836 * 300
    assert totals("c-lstm") == (table + conv + 150 + parameters + head + 5, conv * 54 + macs + head)


def test_convlstm() -> None:
    """Two convolutions to four gates, each at all places of all steps; and four numbers a channel twice."""
    plan = ((1, 25), (64, 9), (64, 1))
    weights = [kernel * (channels + 64) * 256 for channels, kernel in plan]
    parameters = sum(weights) + 3 * 256 + 2 * 256 + 27 * 64 + 1
    assert totals("convlstm-video") == (parameters, (sum(weights) + 27 * 64) * 19 * 64 * 64)


def test_fcn_for_time_series() -> None:
    plan = ((1, 128, 8), (128, 256, 5), (256, 128, 3))
    parameters = sum((kernel * channels + 1 + 4) * filters for channels, filters, kernel in plan) + 129 * 2
    macs = sum(kernel * channels * filters * 128 for channels, filters, kernel in plan) + 128 * 2
    assert totals("fcn-time-series") == (parameters, macs)
    assert count("fcn-time-series").totals.trainable == 264_962


def test_auto_encoder() -> None:
    """A transposed convolution multiplies once for each input position."""
    macs = 9 * 32 * 28**2 + 9 * 32 * 32 * (14**2 + 7**2 + 14**2) + 9 * 32 * 28**2
    assert totals("conv-autoencoder") == (10 * 32 + 3 * (9 * 32 + 1) * 32 + 9 * 32 + 1, macs)
