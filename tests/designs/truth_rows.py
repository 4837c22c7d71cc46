"""The rows of a network as a framework counts them, from `tests/truth`."""

from __future__ import annotations

import json
from math import prod
from typing import Any

from msgspec import Struct

from cnnstudio.core.counting.rows import Row
from tests.places import TRUTH

FAMILIES = {
    "Conv2d": "convolution",
    "Conv2D": "convolution",
    "DepthwiseConv2D": "convolution",
    "SeparableConv2D": "convolution",
    "Linear": "dense",
    "Dense": "dense",
    "BatchNorm2d": "normalization",
    "BatchNormalization": "normalization",
}
"""The family of each framework class that has parameters."""


class Figures(Struct, frozen=True):
    """The figures by which a layer with parameters is compared; `output` is [channels, *spatial]."""

    family: str
    output: tuple[int, ...]
    weights: int
    biases: int
    state: int
    macs: int
    trainable: int


class TruthRow(Struct, frozen=True):
    """One layer of a framework: its name and class there, and its figures."""

    name: str
    type_name: str
    figures: Figures

    @property
    def is_learned(self) -> bool:
        """True if the layer holds parameters or state."""
        return bool(self.figures.weights or self.figures.biases or self.figures.state)


def read(path: str) -> dict[str, Any]:
    """One file of `tests/truth`."""
    document: dict[str, Any] = json.loads((TRUTH / path).read_text(encoding="utf-8"))
    return document


def torch_rows(name: str) -> list[TruthRow]:
    """The module calls of a torchvision network in forward order; counters of batches are no statistics."""
    return [_torch_row(row) for row in read(f"torch/{name}.json")["rows"]]


def _torch_row(row: dict[str, Any]) -> TruthRow:
    buffers: dict[str, int] = row.get("buffers", {})
    state = sum(size for name, size in buffers.items() if name != "num_batches_tracked")
    learned = row["weight"] + row["bias"]
    family = FAMILIES.get(row["class"], "")
    figures = Figures(family, tuple(row["out"][1:]), row["weight"], row["bias"], state, row["macs"], learned)
    return TruthRow(row["path"], row["class"], figures)


def keras_rows(name: str) -> list[TruthRow]:
    """The layers of a Keras network in its own order."""
    return [_keras_row(row) for row in read(f"keras/{name}.json")["layers"]]


def _keras_row(row: dict[str, Any]) -> TruthRow:
    *spatial, channels = row["output_shape"][1:]
    variables = [(part["name"], prod(part["shape"])) for part in row.get("weights", ())]
    biases = sum(size for name, size in variables if name in ("bias", "beta"))
    state = sum(size for name, size in variables if name.startswith("moving_"))
    weights = sum(size for _, size in variables) - biases - state
    family = FAMILIES.get(row["class"], "")
    output = (channels, *spatial)
    figures = Figures(family, output, weights, biases, state, row.get("macs", 0), row["trainable_params"])
    return TruthRow(row["name"], row["class"], figures)


def figures_of(row: Row) -> Figures:
    """The engine's figures for a layer, to be compared."""
    counts = row.counts
    assert counts is not None
    assert counts.macs is not None
    output = tuple(counts.output.to_list())
    learned = row.trainable or 0
    family = row.layer.family
    return Figures(family, output, counts.weights, counts.biases, counts.state, counts.macs, learned)


def is_learned(row: Row) -> bool:
    """True if a layer of a design holds parameters or state."""
    return bool(row.weights or row.biases or row.state)


def without_unit_axes(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """(1000,) for (1000, 1, 1): frameworks differ in what global pooling leaves behind."""
    return sizes[:1] if set(sizes[1:]) == {1} else sizes
