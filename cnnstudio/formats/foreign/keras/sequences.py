"""Layers of Keras for sequences; those that a design lacks as placeholders with the numbers that Keras' formulas give.

A sequence of L steps of C features is a map of C channels and length L.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.design import FurtherOutput
from cnnstudio.core.network.layer import NUMBERS, Layer
from cnnstudio.core.network.problem import with_article
from cnnstudio.formats.foreign.draft import Draft, Numbers, placeholder
from cnnstudio.formats.foreign.keras import activations
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.formats.foreign.keras.config import Config
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.attention.running import SCORES
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.reshaping import Permute, Slice
from cnnstudio.layers.sequences.convolutional import ConvLSTM, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.sequences.recurrent import GRU, LSTM, RecurrentLayer, SimpleRNN

_TYPES: dict[str, type[RecurrentLayer]] = {
    "LSTM": LSTM,
    "GRU": GRU,
    "SimpleRNN": SimpleRNN,
    "CuDNNLSTM": LSTM,
    "CuDNNGRU": GRU,
}
_MERGES = {"concat": "concat", "sum": "sum", "mul": "multiply", "ave": "average"}


def recurrent(call: Call) -> Layer:
    """LSTM, GRU or SimpleRNN; a placeholder with its numbers where it computes what a design has no words for.

    Raises NotUnderstood for an input that is no sequence.
    """
    return _read(call, {"direction": "backward" if call.flag("go_backwards", default=False) else "forward"})


def is_recurrent(kind: str) -> bool:
    """True if `recurrent` knows a class."""
    return kind in _TYPES


def bidirectional(call: Call) -> Layer:
    """A recurrent layer in both directions. Raises NotUnderstood if it is not recurrent, or gives two outputs."""
    inner = _inner(call)
    if not is_recurrent(inner.kind):
        raise call.refusal(f"runs {with_article(inner.kind)} in both directions, which is not read.")
    merge = _MERGES.get(call.config.get("merge_mode", "concat"))
    if merge is None:
        raise call.refusal("gives the outputs of both directions apart, which is not read.")
    return _read(inner, {"direction": "both", "merge": merge})


def _read(call: Call, order: dict[str, Any]) -> Layer:
    """The layer of a class, read in this order."""
    if call.shape.rank != 1:
        raise call.refusal("runs over a sequence, and receives something else.")
    functions = {"function": _function(call, "tanh", "activation")}
    kind = _TYPES[call.kind]
    if kind is not SimpleRNN:
        functions["gate_function"] = _function(call, "sigmoid", "recurrent_activation", "inner_activation")
    given: dict[str, Any] = {name: found for name, found in functions.items() if found is not None}
    given |= {
        "units": call.integer("units", "output_dim"),
        "return_sequences": call.flag("return_sequences", default=False),
        "bias": call.flag("use_bias", default=True),
        **order,
    }
    if kind is GRU:
        # Files from before there was a choice do not state it, and reset before.
        given["reset_after"] = call.kind == "CuDNNGRU" or call.flag("reset_after", default=False)
    layer: RecurrentLayer = kind(**given)
    turned = call.flag("go_backwards", default=False) and (layer.return_sequences or layer.direction == "both")
    # cuDNN adds a bias to the input's product and another to the state's, also in Keras.
    has_two = call.kind == "CuDNNLSTM" and layer.bias
    if not turned and not has_two and None not in functions.values():
        return layer
    counts = layer.count(call.shapes[:1], NUMBERS["pytorch" if has_two else "keras"])
    return placeholder(counts.output, Numbers(counts.parameters), counts.macs, counts.biases)


def begun(draft: Draft, layer: Layer, sources: Sequence[int], path: tuple[str, ...]) -> tuple[int, ...]:
    """The sequence that a recurrent layer takes, and the states with which it begins: of both directions joined."""
    sequence, *states = sources
    if not isinstance(layer, RecurrentLayer) or layer.direction != "both" or len(states) != 2 * len(layer.states):
        return tuple(sources)
    half = len(layer.states)
    pairs = zip(layer.states, zip(states[:half], states[half:], strict=True), strict=True)
    return (sequence, *[draft.add(Concat(), (*path[:-1], f"{path[-1]}_first_{name}"), pair) for name, pair in pairs])


def states_given(draft: Draft, layer: Layer, step: int, path: tuple[str, ...]) -> list[int]:
    """The last states that a recurrent layer gives beside its output: those of the one direction, then of the other."""
    if not isinstance(layer, (RecurrentLayer, ConvLSTM)):
        return []
    if isinstance(layer, RecurrentLayer) and layer.direction == "both" and layer.merge != "concat":
        return []
    within, own = path[:-1], path[-1]
    names = layer.further_outputs
    steps = [draft.add(FurtherOutput(output=name), (*within, f"{own}_{name}"), (step,)) for name in names]
    if isinstance(layer, ConvLSTM) or layer.direction != "both":
        return steps
    halves = []
    for start in (0, 1):
        for name, (state, size) in zip(layer.states, zip(steps, layer.states.values(), strict=True), strict=True):
            half = Slice(start=start * size // 2, stop=(start + 1) * size // 2)
            halves.append(draft.add(half, (*within, f"{own}_{name}_{start + 1}"), (state,)))
    return halves


def scores_given(draft: Draft, layer: Layer, step: int, path: tuple[str, ...]) -> list[int]:
    """The scores that an attention gives beside its output, with the axes of Keras, whose last are a design's channels.

    None where those are more than a design holds.
    """
    shape = draft.steps[step].shape
    apart = shape.rank - 1 if isinstance(layer, MultiHeadAttention) and layer.attends_to == "last_axis" else 0
    if not isinstance(layer, MultiHeadAttention) or shape.rank != apart + 1 or apart > 1:
        return []
    scores = draft.add(FurtherOutput(output=SCORES), (*path[:-1], f"{path[-1]}_{SCORES}"), (step,))
    order = Permute(dims=(2 + apart, *range(1, 1 + apart), 0, 1 + apart))
    return [draft.add(order, (*path[:-1], f"{path[-1]}_{SCORES}_ordered"), (scores,))]


def _function(call: Call, usual: str, *names: str) -> str | None:
    """The function of a state or of gates; None for one that a design has no word for."""
    given = next((call.config[name] for name in names if name in call.config), usual)
    return activations.FUNCTIONS.get(activations.name_of(given))


def _inner(call: Call) -> Call:
    """The layer that a wrapper holds."""
    entry = call.get("layer")
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise call.refusal("wraps something that the file does not describe.")
    config: Config = entry["config"]
    kind = str(entry.get("class_name")).rpartition(">")[2]
    return Call(kind, f"{call.name}/{config.get('name', kind)}", config, call.shapes, call.channels_first)


CONV_LSTMS: dict[str, type[ConvLSTM]] = {kind.__name__: kind for kind in (ConvLSTM1D, ConvLSTM2D, ConvLSTM3D)}
"""LSTMs of convolutions, by the name that Keras and a design give them."""


def conv_lstm(call: Call) -> Layer:
    """An LSTM of convolutions. Raises NotUnderstood for what a design has no words for."""
    kind = CONV_LSTMS[call.kind]
    axes = kind.rank - 1
    functions = _function(call, "tanh", "activation"), _function(call, "sigmoid", "recurrent_activation")
    if call.channels_first or call.flag("go_backwards", default=False) or None in functions:
        raise call.refusal("reads backwards, channels first, or by a function of its own, which is not read.")
    given: dict[str, Any] = {
        "filters": call.integer("filters"),
        "kernel_size": call.sizes("kernel_size", rank=axes),
        "stride": call.sizes("strides", rank=axes),
        "padding": str(call.get("padding", default="valid")).lower(),
        "dilation": call.sizes("dilation_rate", rank=axes),
        "bias": call.flag("use_bias", default=True),
        "return_sequences": call.flag("return_sequences", default=False),
        "function": functions[0],
        "gate_function": functions[1],
    }
    return kind(**given)


def embedding(call: Call) -> Layer:
    """An Embedding: a vector for each of so many words."""
    words, features = call.integer("input_dim"), call.integer("output_dim")
    length = call.shape.elements
    if not call.shape.rank:
        return Embedding(vocabulary=words, width=features)
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


def dot(call: Call) -> Layer:
    """A Dot: a sum over one axis of each of two tensors. Raises NotUnderstood where they do not fit."""
    axes = call.get("axes")
    pair = axes if isinstance(axes, list) else [axes, axes]
    if len(call.shapes) != 2 or len(pair) != 2 or not all(type(axis) is int for axis in pair):
        raise call.refusal("multiplies along axes that the file does not state.")
    rows = [call.sizes_of(shape) for shape in call.shapes]
    places = [axis % (len(row) + 1) - 1 for axis, row in zip(pair, rows, strict=True)]
    if min(places) < 0 or rows[0][places[0]] != rows[1][places[1]]:
        raise call.refusal(f"multiplies tensors of {rows[0]} and {rows[1]} along axes that do not fit.")
    left, right = (row[:place] + row[place + 1 :] for row, place in zip(rows, places, strict=True))
    sizes = [*left, *right] or [1]
    return placeholder(call.shape_from(sizes), Numbers(), prod(sizes) * rows[0][places[0]])


def dot_attention(call: Call) -> Layer:
    """An Attention or AdditiveAttention: of queries to values, by keys if there are any; they learn a scale at most."""
    rows = [call.sizes_of(shape) for shape in call.shapes]
    gives_scores = call.flag("return_attention_scores", default=False)
    if not 2 <= len(rows) <= 3 or any(len(row) != 2 for row in rows) or gives_scores:
        raise call.refusal("attends to what is no sequence, or gives its scores, which is not read.")
    (queries, width), (places, features) = rows[0], rows[1]
    is_additive = call.kind == "AdditiveAttention"
    is_joined = call.get("score_mode", default="dot") == "concat"
    is_scaled = call.flag("use_scale", default=is_additive)
    learned = (width if is_additive else 1) * is_scaled + (is_joined and not is_additive)
    # The additive ones sum up what each query and key give, by a learned scale in the one class.
    scores = 0 if is_joined or (is_additive and not is_scaled) else queries * places * width
    return placeholder(call.shape_from([queries, features]), Numbers(learned), queries * places * features + scores)


def attended(sources: list[int]) -> list[int]:
    """The inputs of an attention in a design's order: Keras has the value before the key, and names one input twice."""
    query, value = sources[0], sources[min(1, len(sources) - 1)]
    key = sources[2] if len(sources) > 2 else value
    if key != value:
        return [query, key, value]
    return [query] if query == value else [query, value]
