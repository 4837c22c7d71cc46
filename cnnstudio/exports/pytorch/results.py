"""Layers that give more than their output, as PyTorch says them: one call, and the parts of what it returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.pytorch.recurrent import recurrent_results
from cnnstudio.exports.source.saying import Results, Said, sayer_of
from cnnstudio.layers.sequences.recurrent import RecurrentLayer
from cnnstudio.layers.shuffling import Split


def results_of(layer: Layer, inputs: tuple[Shape, ...]) -> Results[Said]:
    """All that a layer with further outputs gives; raises CannotSay if PyTorch cannot say it exactly."""
    return sayer_of(RESULTS, layer, "PyTorch source")(layer, inputs)


def _parts(layer: Split, _inputs: tuple[Shape, ...]) -> Results[Said]:
    parts = {name: f"{{0}}[{at}]" for at, name in enumerate(("", *layer.further_outputs))}
    return Results(Said((0, f".chunk({layer.parts}, 1)")), parts)


RESULTS: dict[type[Layer], Callable[[Any, tuple[Shape, ...]], Results[Said]]] = {
    RecurrentLayer: recurrent_results,
    Split: _parts,
}
"""The function for each layer type with further outputs, or for a type that it extends."""
