"""Networks that torchvision gives by name, as the built-in designs that equal them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from msgspec import Struct

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers.structure import Input, Output

TORCHVISION: dict[str, str] = {
    "googlenet": "googlenet",
    "inception_v3": "inception-v3",
    "regnet_y_400mf": "regnet-y-400mf",
    "swin_t": "swin-t",
}
"""Functions of torchvision.models that no source stands for, and the built-in designs that equal them."""
_POOLED = ("GlobalAvgPool", "Flatten")
_HEAD = ("Dense", "Dropout", "Activation")
_PLACE = re.compile(r"\[(\d+)\]")


class ZooRow(Struct, frozen=True):
    """One layer: its path, the rows that it takes, -1 for the input, and its learned numbers."""

    layer: Layer
    path: tuple[str, ...]
    inputs: tuple[int, ...]
    parameters: int


@cache
def rows_of(stem: str) -> tuple[ZooRow, ...]:
    """The layers of a built-in design in their order, its input and output left out."""
    rows: list[ZooRow] = []
    places: dict[str, int] = {}
    for row in analyze(open_design(stem).design).rows:
        if isinstance(row.layer, Input):
            places[row.path] = -1
        elif isinstance(row.layer, Output):
            places[row.path] = places[row.inputs[0]]
        else:
            places[row.path] = len(rows)
            path = tuple(part for part in _PLACE.sub(r"/\1", row.path).split("/") if part)
            inputs = tuple(places[name] for name in row.inputs)
            rows.append(ZooRow(row.layer, path, inputs, (row.weights or 0) + (row.biases or 0)))
    return tuple(rows)


def head_of(rows: tuple[ZooRow, ...]) -> int:
    """The place at which the head begins: what follows the last pooling or flattening."""
    place = len(rows)
    while place and rows[place - 1].layer.type_name in _HEAD:
        place -= 1
    return place


def body_of(rows: tuple[ZooRow, ...]) -> int:
    """The place at which the pooling before the head begins."""
    place = head_of(rows)
    while place and rows[place - 1].layer.type_name in _POOLED:
        place -= 1
    return place


def units_in(rows: tuple[ZooRow, ...]) -> list[tuple[int, int]]:
    """For each Dense of the head its features and units."""
    found: list[tuple[int, int]] = []
    for row in rows[head_of(rows) :]:
        units: Any = getattr(row.layer, "units", None)
        if units is not None:
            found.append((row.parameters // units - 1, units))
    return found
