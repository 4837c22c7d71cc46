"""Layers that give more than their output, as PyTorch says them: one call, and the parts of what it returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.step import INDICES
from cnnstudio.exports.pytorch.attention import multi_head_results
from cnnstudio.exports.pytorch.recurrent import conv_lstm_results, recurrent_results
from cnnstudio.exports.pytorch.sliding import adaptive_pool, pool
from cnnstudio.exports.source.saying import APPLIED, CannotSay, Results, Said, sayer_of
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.pooling import AdaptiveMaxPool, AdaptivePool, MaxPool
from cnnstudio.layers.sequences.convolutional import ConvLSTM
from cnnstudio.layers.sequences.recurrent import RecurrentLayer
from cnnstudio.layers.shuffling import Split


def results_of(layer: Layer, inputs: tuple[Shape, ...], output: Shape) -> Results[Said]:
    """All that a layer with further outputs gives; raises CannotSay if PyTorch cannot say it exactly."""
    return sayer_of(RESULTS, layer, "PyTorch source")(layer, inputs, output)


def _parts(layer: Split, _inputs: tuple[Shape, ...], _output: Shape) -> Results[Said]:
    parts = {name: f"{{0}}[{at}]" for at, name in enumerate(("", *layer.further_outputs))}
    return Results(Said((0, f".chunk({layer.parts}, 1)")), parts)


def _pooled(layer: MaxPool, inputs: tuple[Shape, ...], output: Shape) -> Results[Said]:
    said = pool(layer, inputs[0], output, gives_places=True)
    if said.expression != APPLIED:
        reason = "PyTorch pools a padded copy of its map here, and would give the places in that"
        raise CannotSay(reason, "Pad as much at both ends of an axis, and by at most half the window.")
    return Results(said, _WITH_PLACES)


def _pooled_adaptively(layer: AdaptivePool, inputs: tuple[Shape, ...], _output: Shape) -> Results[Said]:
    return Results(adaptive_pool(layer, inputs[0], gives_places=True), _WITH_PLACES)


_WITH_PLACES = {"": "{0}[0]", INDICES: "{0}[1]"}

RESULTS: dict[type[Layer], Callable[[Any, tuple[Shape, ...], Shape], Results[Said]]] = {
    RecurrentLayer: lambda layer, inputs, _output: recurrent_results(layer, inputs),
    ConvLSTM: lambda layer, inputs, _output: conv_lstm_results(layer, inputs),
    Split: _parts,
    MultiHeadAttention: multi_head_results,
    MaxPool: _pooled,
    AdaptiveMaxPool: _pooled_adaptively,
}
"""The function for each layer type with further outputs, or for a type that it extends."""
