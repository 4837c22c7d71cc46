"""Layers of Keras for sequences, as placeholders with the numbers that Keras' own formulas give.

A sequence of L steps of C features is a map of C channels and length L.
"""

from __future__ import annotations

from math import prod
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Numbers, placeholder
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.formats.foreign.keras.config import Config

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
        raise call.refusal(f"runs a {inner.kind} in both directions, which is not read.")
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
    """MultiHeadAttention over sequences: projections to query, key, value, and back.

    Raises NotUnderstood for an output shape of its own.
    """
    query = call.shape
    value = call.shapes[1] if len(call.shapes) > 1 else query
    key = call.shapes[2] if len(call.shapes) > 2 else value
    heads, size = call.integer("num_heads"), call.integer("key_dim")
    values = call.integer("value_dim", default=size)
    wanted = call.get("output_shape")
    if wanted is not None:
        raise call.refusal("gives another output shape than its query, which is not read.")
    into = heads * (query.channels * size + key.channels * size + value.channels * values)
    weights = into + heads * values * query.channels
    biases = heads * (2 * size + values) + query.channels if call.flag("use_bias", default=True) else 0
    queries, keys = prod(query.spatial), prod(value.spatial)
    macs = heads * (query.channels * size * queries + key.channels * size * keys + value.channels * values * keys)
    macs += heads * queries * keys * (size + values) + heads * values * query.channels * queries
    return placeholder(query, Numbers(weights + biases), macs, biases)
