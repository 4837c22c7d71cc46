"""The specimen of a layer type: a small network with one layer of it, counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.layer import Layer
from cnnstudio.layers import PALETTE
from cnnstudio.layers.starting import starting_layer
from cnnstudio.layers.structure import Input

CHANNELS: Final = 32
SIZES: Final[tuple[tuple[int, ...], ...]] = (
    (32, 32),
    (32,),
    (32, 32, 32),
    (),
    (56, 56),
    (64, 49),
    (49, 49),
    (8, 32, 32, 32),
)
"""Spatial sizes of the maps that are tried, the usual ones first: small enough to work out by hand, divisible by what
layers divide by, a map for windows of 7 × 7, the windows that it is cut into, the scores within one, and volumes
at steps of time."""


def specimen(type_name: str) -> Analysis:
    """A network with a layer of this type as the palette gives it, on the first map that it takes willingly.

    One that takes none of them stands behind a layer of another type, as MaxUnpool does behind MaxPool2D; else it is
    not counted, and its problem says what it needs.
    """
    unwilling: list[Analysis] = []
    for design in _designs(type_name):
        analysis = analyze(design)
        if not analysis.problems:
            return analysis
        unwilling.append(analysis)
    return next((analysis for analysis in unwilling if not analysis.errors), unwilling[0])


def row_of(analysis: Analysis) -> Row:
    """The row of the layer that a specimen shows: its last."""
    row = analysis.entries[-1]
    assert isinstance(row, Row)
    return row


def _designs(type_name: str) -> Iterator[Design]:
    """The networks that are tried, the plainest first."""
    for size in SIZES:
        yield _design(type_name, size)
    if starting_layer(type_name).max_inputs in (1, 2):
        for before in PALETTE:
            if before.min_inputs == 1 and not before.merges:
                for size in SIZES:
                    yield _design(type_name, size, starting_layer(before.__name__))


def _design(type_name: str, size: tuple[int, ...], *before: Layer) -> Design:
    """The layer on inputs of this size; what comes before it takes the first, and is the first that it takes."""
    layer = starting_layer(type_name)
    number = max(2, layer.min_inputs) if layer.merges or layer.max_inputs is None else layer.min_inputs
    taken = tuple(other.type_name for other in before)
    names = ("x",) if number == 1 or taken else tuple(f"x{at + 1}" for at in range(number))
    inputs = [Input(name=name, channels=CHANNELS, size=size) for name in names]
    between = [structs.replace(other, name=other.type_name) for other in before]
    joined = (*taken, *names)[:number] if number > 1 else ()
    return Design(name=type_name, layers=(*inputs, *between, structs.replace(layer, name=type_name, inputs=joined)))
