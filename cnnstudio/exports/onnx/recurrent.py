"""ONNX's way to say layers over sequences: recurrent operators take the steps first, with both directions at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.dialects.onnx import ONNX, RECURRENT_FUNCTIONS
from cnnstudio.exports.onnx.building import GraphBuilder
from cnnstudio.exports.onnx.wire import INT64
from cnnstudio.exports.source.saying import CannotSay
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.sequences.recurrent import LSTM, RecurrentLayer, SimpleRNN

JOINED = {"sum": "ReduceSum", "multiply": "ReduceProd", "average": "ReduceMean"}


def recurrent(graph: GraphBuilder, layer: RecurrentLayer, inputs: list[str], shape: Shape) -> str:
    """A recurrent layer; raises CannotSay for a projection and for functions that ONNX' operators have not."""
    (read,) = _read(graph, layer, inputs, shape, (0 if layer.return_sequences else 1,))
    return _output(graph, layer, read, shape)


def recurrent_results(graph: GraphBuilder, layer: RecurrentLayer, inputs: list[str], shape: Shape) -> dict[str, str]:
    """All that a recurrent layer gives: its last states by their names, and its output by none; raises CannotSay."""
    sequence, *states = _read(graph, layer, inputs, shape, range(1 + len(layer.states)))
    named = zip(layer.states.items(), states, strict=True)
    given = {name: _ordered(graph, layer, state, (), size) for (name, size), state in named}
    return {**given, "": _output(graph, layer, sequence if layer.return_sequences else states[0], shape)}


def _read(
    graph: GraphBuilder, layer: RecurrentLayer, inputs: list[str], shape: Shape, wanted: Sequence[int]
) -> tuple[str, ...]:
    """The wanted outputs of the operator: those of every step, and the last states."""
    if getattr(layer, "projection", None) is not None:
        raise CannotSay("ONNX' LSTM has no projection", "Set projection: none, or put a Dense after it.")
    spelling = ONNX.spelling_of(layer, 1)
    if spelling is None:
        raise LookupError(layer.type_name)
    directions, rows = 2 if layer.direction == "both" else 1, layer.gates * layer.units
    attributes: dict[str, Any] = spelling.written(layer, 1) | {"activations": _functions(layer) * directions}
    steps_first = graph.add("Transpose", inputs[0], perm=(2, 0, 1))
    initial = [_initial(graph, layer, state, directions) for state in inputs[1:]]
    weights = [
        graph.weight("weight", (directions, rows, shape.channels), "weight", shape.channels),
        graph.weight("recurrent", (directions, rows, layer.units), "weight", layer.units),
        *([_bias(graph, layer, directions, rows)] if layer.bias else []),
    ]
    # An empty name is an input that is left out: the bias, and the lengths of the sequences.
    left_out = [""] * (2 - int(layer.bias)) if initial else []
    given = [*weights, *left_out, *initial]
    return graph.add_several(spelling.name, steps_first, *given, wanted=wanted, **attributes)


def _initial(graph: GraphBuilder, layer: RecurrentLayer, state: str, directions: int) -> str:
    """An initial state, with the directions first."""
    return graph.add(
        "Transpose", graph.add("Reshape", state, graph.whole((0, directions, layer.units))), perm=(1, 0, 2)
    )


def _output(graph: GraphBuilder, layer: RecurrentLayer, read: str, shape: Shape) -> str:
    return _ordered(graph, layer, read, shape.spatial[: int(layer.return_sequences)], layer.outputs)


def _ordered(graph: GraphBuilder, layer: RecurrentLayer, read: str, steps: tuple[int, ...], channels: int) -> str:
    """An output as channels and steps: it is read as steps, directions, batch, units; a state without the steps."""
    ordered = graph.add("Transpose", read, perm=(2, 1, 3, 0) if steps else (1, 0, 2))
    if layer.direction == "both" and layer.merge != "concat":
        return _joined(graph, layer, ordered)
    return graph.add("Reshape", ordered, graph.whole((0, channels, *steps)))


def embedding(graph: GraphBuilder, layer: Embedding, x: str, shape: Shape) -> str:
    """A table lookup; of a map after its one channel has gone."""
    words = graph.add("Reshape", x, graph.whole((0, *shape.spatial))) if shape.rank else x
    numbers = graph.add("Cast", words, to=INT64)
    found = graph.add("Gather", graph.weight("weight", (layer.vocabulary, layer.width), "weight"), numbers, axis=0)
    axes = max(shape.rank, 1)
    return graph.add("Transpose", found, perm=(0, axes + 1, *range(1, axes + 1)))


def _joined(graph: GraphBuilder, layer: RecurrentLayer, ordered: str) -> str:
    """The two directions, which lie along the first axis, as one."""
    return graph.add(JOINED[layer.merge], ordered, graph.whole((1,)), keepdims=0)


def _bias(graph: GraphBuilder, layer: RecurrentLayer, directions: int, rows: int) -> str:
    """ONNX always has two biases a gate; where the layer has one, the second is 0."""
    if getattr(layer, "reset_after", True):
        return graph.weight("bias", (directions, 2 * rows), "bias")
    own = graph.weight("bias", (directions, rows), "bias")
    return graph.add("Concat", own, graph.filled((directions, rows), 0.0), axis=1)


def _functions(layer: RecurrentLayer) -> list[str]:
    """The functions in the order of the operator: of the gates, of the new content, of what an LSTM gives."""
    named = [layer.function] * (2 if isinstance(layer, LSTM) else 1)
    if not isinstance(layer, SimpleRNN):
        named = [getattr(layer, "gate_function", "sigmoid"), *named]
    unknown = [name for name in named if name not in RECURRENT_FUNCTIONS]
    if unknown:
        raise CannotSay(f"ONNX' recurrent operators have no {unknown[0]}", "Use tanh, sigmoid or relu.")
    return [RECURRENT_FUNCTIONS[name] for name in named]
