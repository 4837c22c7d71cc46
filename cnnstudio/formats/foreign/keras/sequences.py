"""Layers of Keras for sequences, as placeholders with the numbers that Keras' own formulas give.

A sequence of L steps of C features is a map of C channels and length L.
"""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.problem import with_article
from cnnstudio.formats.foreign.draft import Numbers, placeholder
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.formats.foreign.keras.config import Config
from cnnstudio.layers.attention.heads import MultiHeadAttention

_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1, "CuDNNLSTM": 4, "CuDNNGRU": 3}


def recurrent(call: Call) -> Layer:
    """LSTM, GRU or SimpleRNN: gates · (C + U) · U weights, and gates · U biases, two sets with reset_after.

    Raises NotUnderstood for an input that is no sequence.
    """
    shape = call.shape
    if shape.rank != 1:
        raise call.refusal("runs over a sequence, and receives something else.")
    gates, units = _GATES[call.kind], call.integer("units", "output_dim")
    sets = 1
    # cuDNN adds a bias to the input's product and another to the state's, and `reset_after` follows it to run there.
    if (call.kind == "GRU" and call.flag("reset_after", default=False)) or call.kind.startswith("CuDNN"):
        sets = 2
    weights = gates * (shape.channels + units) * units
    biases = sets * gates * units if call.flag("use_bias", default=True) else 0
    spatial = shape.spatial if call.flag("return_sequences", default=False) else ()
    return placeholder(Shape(units, spatial), Numbers(weights + biases), weights * shape.spatial[0], biases)


def is_recurrent(kind: str) -> bool:
    """True if `recurrent` knows a class."""
    return kind in _GATES


def bidirectional(call: Call) -> Layer:
    """A recurrent layer in both directions. Raises NotUnderstood if it is not recurrent."""
    inner = _inner(call)
    if not is_recurrent(inner.kind):
        raise call.refusal(f"runs {with_article(inner.kind)} in both directions, which is not read.")
    layer: Any = recurrent(inner)
    joins = call.get("merge_mode", default="concat") == "concat"
    shape = Shape(layer.channels * (2 if joins else 1), layer.size)
    return placeholder(shape, Numbers(2 * layer.parameters), 2 * layer.macs, 2 * layer.biases)


def _inner(call: Call) -> Call:
    """The layer that a wrapper holds."""
    entry = call.get("layer")
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise call.refusal("wraps something that the file does not describe.")
    config: Config = entry["config"]
    kind = str(entry.get("class_name")).rpartition(">")[2]
    return Call(kind, f"{call.name}/{config.get('name', kind)}", config, call.shapes, call.channels_first)


def wrapped(call: Call) -> Call:
    """The layer inside a TimeDistributed, as it is called for one step of time.

    Raises NotUnderstood for a tensor without time.
    """
    inner = _inner(call)
    shape = call.shape
    if not shape.rank or call.channels_first:
        raise call.refusal("repeats a layer along time, and receives a tensor without it.")
    return Call(inner.kind, inner.name, inner.config, (Shape(shape.channels, shape.spatial[1:]),), False)


def embedding(call: Call) -> Layer:
    """An Embedding: a vector for each of so many words."""
    words, features = call.integer("input_dim"), call.integer("output_dim")
    length = call.shape.elements
    return placeholder(Shape(features, (length,)), Numbers(words * features), 0)


def attention(call: Call) -> Layer:
    """MultiHeadAttention over maps. Raises NotUnderstood for axes of its own that are not the last alone."""
    rank = call.shape.rank
    axes = call.get("attention_axes")
    places = sorted({call.axis(axis) for axis in (axes if isinstance(axes, list) else [axes])}) if axes else []
    if places not in ([], [rank], list(range(1, rank + 1))):
        raise call.refusal("attends along other axes than all or the last.")
    units = call.get("output_shape")
    if isinstance(units, list) and len(units) == 1:
        units = units[0]
    if units is not None and type(units) is not int:
        raise call.refusal("gives an output of several axes of channels, which is not read.")
    heads, size = call.integer("num_heads"), call.integer("key_dim")
    values = call.integer("value_dim", default=size)
    return MultiHeadAttention(
        heads=heads,
        key_size=None if heads * size == call.shape.channels else size,
        value_size=None if values == size else values,
        units=None if units == call.shape.channels else units,
        bias=call.flag("use_bias", default=True),
        attends_to="last_axis" if places == [rank] and rank > 1 else "map",
    )


def attended(sources: list[int]) -> list[int]:
    """The inputs of an attention in a design's order: Keras has the value before the key, and names one input twice."""
    query, value = sources[0], sources[min(1, len(sources) - 1)]
    key = sources[2] if len(sources) > 2 else value
    if key != value:
        return [query, key, value]
    return [query] if query == value else [query, value]
