"""Layers that no framework's rows cover, against numbers worked out by hand."""

from __future__ import annotations

import pytest

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import NUMBERS, Counts, Layer
from cnnstudio.core.network.problem import Refusal
from cnnstudio.layers.convolution import Conv2D, DepthwiseConv2D, SeparableConv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Average, Concat, Maximum, Minimum, Multiply, Subtract
from cnnstudio.layers.normalization import LocalResponseNorm, Normalization, Rescaling, Scale
from cnnstudio.layers.pooling import Subsampling
from cnnstudio.layers.regularization import Dropout, DropPath, SpatialDropout
from cnnstudio.layers.reshaping import Slice, Upsample, ZeroPad
from cnnstudio.layers.shuffling import ChannelShuffle
from cnnstudio.layers.structure import Identity, Input, Opaque, Output

IMAGE = Shape(6, (28, 28))
C3_LINKS = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)
"""The maps of S2 that each map of C3 takes, in LeNet-5 (LeCun et al. 1998, table I)."""


def counted(layer: Layer, *inputs: Shape) -> Counts:
    """The counts of a layer for these inputs."""
    return layer.count(inputs, NUMBERS["pytorch"])


LEARNING: list[tuple[Layer, Shape, Shape, tuple[int, int, int, int]]] = [
    # weights, biases, state, MACs
    (Subsampling(), IMAGE, Shape(6, (14, 14)), (6, 6, 0, 0)),
    (Subsampling(pool_size=3, stride=2), IMAGE, Shape(6, (13, 13)), (6, 6, 0, 0)),
    (
        Conv2D(filters=16, kernel_size=5, connections=C3_LINKS),
        Shape(6, (14, 14)),
        Shape(16, (10, 10)),
        (1500, 16, 0, 150_000),
    ),
    (Dense(units=10), IMAGE, Shape(10), (47_040, 10, 0, 47_040)),
    (Dense(units=10, bias=False), Shape(84), Shape(10), (840, 0, 0, 840)),
    (Dense(units=10, apply_to="channels"), IMAGE, Shape(10, (28, 28)), (60, 10, 0, 60 * 784)),
    (SeparableConv2D(filters=64, kernel_size=3), Shape(32, (9, 9)), Shape(64, (7, 7)), (2336, 64, 0, 2336 * 49)),
    (
        DepthwiseConv2D(kernel_size=3, depth_multiplier=2),
        Shape(32, (9, 9)),
        Shape(64, (7, 7)),
        (576, 64, 0, 576 * 49),
    ),
    (Scale(), IMAGE, IMAGE, (6, 0, 0, 0)),
    (Scale(bias=True), IMAGE, IMAGE, (6, 6, 0, 0)),
    (Normalization(), Shape(3, (224, 224)), Shape(3, (224, 224)), (0, 0, 7, 0)),
    (Normalization(track_statistics=False), IMAGE, IMAGE, (0, 0, 0, 0)),
    (Opaque(channels=8, size=4, parameters=50, biases=8, state=3, macs=9), IMAGE, Shape(8, (4,)), (42, 8, 3, 9)),
]


@pytest.mark.parametrize(("layer", "given", "output", "numbers"), LEARNING)
def test_numbers_by_hand(layer: Layer, given: Shape, output: Shape, numbers: tuple[int, int, int, int]) -> None:
    counts = counted(layer, given)
    assert counts.output == output
    assert (counts.weights, counts.biases, counts.state, counts.macs) == numbers


@pytest.mark.parametrize(
    "layer",
    [
        *(LocalResponseNorm(), Rescaling(scale=1 / 255), Dropout(), SpatialDropout(), DropPath(rate=0)),
        *(Identity(), Output(), ChannelShuffle(groups=3), Upsample(scale=1), ZeroPad(padding=0)),
    ],
)
def test_layers_that_leave_the_shape_and_learn_nothing(layer: Layer) -> None:
    counts = counted(layer, IMAGE)
    assert counts.output == IMAGE
    assert (counts.parameters, counts.state, counts.macs) == (0, 0, 0)


@pytest.mark.parametrize("layer", [Add(), Subtract(), Multiply(), Average(), Maximum(), Minimum()])
def test_merging_repeats_axes_of_size_1(layer: Layer) -> None:
    assert counted(layer, IMAGE, Shape(6, (1, 1))).output == IMAGE
    assert counted(layer, Shape(1, (28, 1)), Shape(6, (1, 28))).output == IMAGE
    assert counted(layer, Shape(6), Shape(6)).output == Shape(6)


def test_concatenating_adds_the_sizes_of_one_axis() -> None:
    assert counted(Concat(), IMAGE, Shape(2, (28, 28)), IMAGE).output == Shape(14, (28, 28))
    assert counted(Concat(axis=2), IMAGE, Shape(6, (28, 4))).output == Shape(6, (28, 32))
    assert counted(Concat(), Shape(3), Shape(4)).output == Shape(7)


@pytest.mark.parametrize(
    ("layer", "output"),
    [
        (Slice(stop=2), Shape(2, (28, 28))),
        (Slice(start=1), Shape(5, (28, 28))),
        (Slice(start=1, step=2), Shape(3, (28, 28))),
        (Slice(axis=2, start=4, stop=9, step=2), Shape(6, (28, 3))),
    ],
)
def test_a_slice_is_a_range_of_one_axis(layer: Slice, output: Shape) -> None:
    assert counted(layer, IMAGE).output == output
    size = IMAGE.to_list()[layer.axis]
    assert output.to_list()[layer.axis] == len(range(size)[layer.start : layer.stop : layer.step])


def test_scales_multiply_as_floating_point_numbers_do() -> None:
    assert counted(Upsample(scale=0.7), Shape(1, (10,))).output == Shape(1, (7,))
    assert counted(Upsample(scale=1 / 3), Shape(1, (15,))).output == Shape(1, (5,))
    assert counted(Upsample(scale=(1.7, 2)), Shape(1, (10, 3))).output == Shape(1, (17, 6))


def test_padding_at_one_end_needs_room_too() -> None:
    with pytest.raises(Refusal, match=r"^reflect padding of 4 needs more elements than the input of 4 has\."):
        counted(Conv2D(filters=1, kernel_size=3, padding=((0, 4), 0), padding_mode="reflect"), Shape(1, (4, 4)))
    with pytest.raises(Refusal, match=r"^circular padding of 5 needs more elements than the input of 4 has\."):
        counted(ZeroPad(padding=((5, 0), 0), padding_mode="circular"), Shape(1, (4, 4)))


def test_an_input_is_what_it_states() -> None:
    assert counted(Input(channels=3, size=(8, 9))).output == Shape(3, (8, 9))
    assert counted(Input(channels=3, size=8)).output == Shape(3, (8,))
    assert counted(Input(channels=3)).output == Shape(3)
