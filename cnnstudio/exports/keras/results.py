"""Layers that give more than their output, as Keras says them: one call, and the parts of what it returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.keras.attention import multi_head_results
from cnnstudio.exports.keras.naming import Parts
from cnnstudio.exports.keras.recurrent import conv_lstm_results, recurrent_results
from cnnstudio.exports.source.saying import CannotSay, Results, sayer_of
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.pooling import AdaptiveMaxPool, MaxPool
from cnnstudio.layers.sequences.convolutional import ConvLSTM
from cnnstudio.layers.sequences.recurrent import RecurrentLayer
from cnnstudio.layers.shuffling import Split


def results_of(item: Layer, inputs: tuple[Shape, ...]) -> Results[Parts]:
    """All that a layer with further outputs gives; raises CannotSay if Keras cannot say it exactly."""
    return sayer_of(RESULTS, item, "Keras source")(item, inputs)


def _parts(item: Split, _inputs: tuple[Shape, ...]) -> Results[Parts]:
    parts = {name: f"{{0}}[{at}]" for at, name in enumerate(("", *item.further_outputs))}
    return Results(("ops.split(", 0, f", {item.parts}, axis=-1)"), parts)


def _places(_item: Layer, _inputs: tuple[Shape, ...]) -> Results[Parts]:
    raise CannotSay(
        "Keras' pools do not give the places of their maximums", "Let MaxUnpool take the map that was pooled."
    )


RESULTS: dict[type[Layer], Callable[[Any, tuple[Shape, ...]], Results[Parts]]] = {
    RecurrentLayer: recurrent_results,
    ConvLSTM: conv_lstm_results,
    Split: _parts,
    MultiHeadAttention: multi_head_results,
    MaxPool: _places,
    AdaptiveMaxPool: _places,
}
"""The function for each layer type with further outputs, or for a type that it extends."""
