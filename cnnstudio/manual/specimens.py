"""The specimen of a layer type: a small network with one layer of it, counted."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.layer import Layer
from cnnstudio.layers.starting import starting_layer
from cnnstudio.layers.structure import Input

CHANNELS: Final = 32
SIZES: Final[tuple[tuple[int, ...], ...]] = ((32, 32), (32,), (32, 32, 32), (), (56, 56), (64, 49), (49, 49))
"""Spatial sizes of the maps that are tried, the usual ones first: small enough to work out by hand, divisible by what
layers divide by, a map for windows of 7 × 7, the windows that it is cut into, and the scores within one."""


def specimen(type_name: str) -> Analysis:
    """A network with a layer of this type as the palette gives it, on the first kind of map that it takes willingly.

    ValueError if no kind of map can be counted.
    """
    tried = [analyze(_design(type_name, size)) for size in SIZES]
    willing = [analysis for analysis in tried if not analysis.problems]
    counted = willing or [analysis for analysis in tried if not analysis.errors]
    if not counted:
        raise ValueError(f"a {type_name} as the palette gives it takes no map: {tried[0].errors[0]}")
    return counted[0]


def row_of(analysis: Analysis) -> Row:
    """The row of the layer that a specimen shows: its last."""
    row = analysis.entries[-1]
    assert isinstance(row, Row)
    return row


def _design(type_name: str, size: tuple[int, ...]) -> Design:
    layer = starting_layer(type_name)
    number = layer.max_inputs if layer.max_inputs in (0, 1) else max(2, layer.min_inputs)
    names = ("x",) if number == 1 else tuple(f"x{at + 1}" for at in range(number))
    inputs: list[Layer] = [Input(name=name, channels=CHANNELS, size=size) for name in names]
    shown = structs.replace(layer, name=type_name, inputs=names if len(names) > 1 else ())
    return Design(name=type_name, layers=(*inputs, shown))
