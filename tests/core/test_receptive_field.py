"""Receptive fields, against index sets that are passed through small networks element by element."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core.analysis import Analysis, Row, analyze, count_layer
from cnnstudio.core.design import Block, Design, Item
from cnnstudio.core.layer import Counts, Layer
from cnnstudio.core.receptive_field import AxisField, ReceptiveField, of_input, through, union
from cnnstudio.core.shape import Shape, Window
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv1D, Conv2D, ConvTranspose1D, DepthwiseConv1D, SeparableConv1D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Concat, Multiply
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.pooling import AdaptiveAvgPool, AvgPool1D, GlobalAvgPool, MaxPool1D
from cnnstudio.layers.reshaping import Crop, Flatten, PixelShuffle, PixelUnshuffle, Slice, Upsample, ZeroPad
from cnnstudio.layers.structure import Input, Opaque
from tests.core.simulation import Seen, behind, itself
from tests.strategies import accepted, designs, plain_layers

KEEPING_STEP: tuple[type[Layer], ...] = (
    *(Conv1D, DepthwiseConv1D, SeparableConv1D, MaxPool1D, AvgPool1D),
    *(ZeroPad, Crop, Slice, PixelUnshuffle, Activation, BatchNorm),
)
ENLARGING: tuple[type[Layer], ...] = (ConvTranspose1D, PixelShuffle, Upsample)
"""Layers behind which fields step by fractions of an input element."""
START = Input(name="start", size=(96,), channels=12)


@st.composite
def networks(draw: st.DrawFn, kinds: tuple[type[Layer], ...]) -> Design:
    """A small network along one axis, with additions of branches that have equal shapes."""
    items: list[Item] = [START]
    shapes = {START.name: Shape(12, (96,))}
    for number in range(draw(st.integers(1, 6))):
        before = items[-1].name
        others = [name for name, shape in shapes.items() if shape == shapes[before] and name != before]
        name = f"layer {number}"
        if others and draw(st.booleans()):
            items.append(Add(name=name, inputs=(before, draw(st.sampled_from(others)))))
            shapes[name] = shapes[before]
        else:
            layer = draw(_simulated_layers(kinds, shapes[before]))
            items.append(structs.replace(layer, name=name))
            counts = count_layer(layer, (shapes[before],), "pytorch")
            assert isinstance(counts, Counts)
            shapes[name] = counts.output
    return Design(layers=tuple(items))


@st.composite
def _simulated_layers(draw: st.DrawFn, kinds: tuple[type[Layer], ...], shape: Shape) -> Layer:
    """A layer that takes this shape and that the simulation knows."""
    for _ in range(20):
        kind = draw(st.sampled_from(kinds))
        given_fields = {**draw(plain_layers(kind, 1)), "trainable": True}
        if kind is Upsample:
            given_fields = {"scale": draw(st.integers(1, 3))}
        if kind is ConvTranspose1D and given_fields.get("padding") == "same":
            continue
        layer = accepted(given_fields, kind)
        if layer is not None and isinstance(count_layer(layer, (shape,), "pytorch"), Counts):
            return layer
    return BatchNorm()


def simulated(analysis: Analysis, axis: int = 0) -> dict[str, Seen]:
    """What the outputs of each layer of a flat design see along an axis."""
    seen: dict[str, Seen] = {}
    for row in analysis.rows:
        shapes = tuple(shape for shape in row.input_shapes if shape)
        below = [seen[name] for name in row.inputs]
        seen[row.path] = behind(row.layer, shapes, axis, below) if below else itself
    return seen
