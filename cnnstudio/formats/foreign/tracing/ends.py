"""Inputs of a graph, where their channels stand and how many there are, and outputs that depend on no input."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnnstudio.formats.foreign.draft import Draft, Numbers
from cnnstudio.formats.foreign.tracing.attention.realizing import MAX_AXES
from cnnstudio.formats.foreign.tracing.graph import Graph, GraphInput, Operation
from cnnstudio.formats.foreign.tracing.values import Constant
from cnnstudio.layers.tensors.learned import Parameter

USUAL_CHANNELS = 3
IMAGE_CHANNELS = (1, 3, 4)
MAX_FOLLOWED = 12
"""Operations between an input and the first one with weights, beyond which nobody looks."""
WINDOWS = ("Conv", "ConvTranspose", "MaxPool", "AveragePool")
PASSING = frozenset(
    (
        "Transpose",
        "Exchange",
        "MoveAxes",
        "Identity",
        "Cast",
        "Dropout",
        "Add",
        "Mul",
        "Div",
        "Sub",
        "Reshape",
        "Unsqueeze",
        "Squeeze",
    )
)
"""Operations that keep the features of a sequence together, as far as this looks."""


def has_channels_last(graph: Graph, given: GraphInput) -> bool:
    """True if an input is an image whose channels come last, as TensorFlow writes it, or a sequence of features."""
    if given.channels_last is not None:
        return given.channels_last
    dims = given.dims
    takers = _takers(graph, given.name)
    order = [0, len(dims) - 1, *range(1, len(dims) - 1)]
    if takers and all(taker.kind == "Transpose" and taker.attributes.get("perm") == order for taker in takers):
        return len(dims) > 2 and (len(dims) > 3 or not _meets_features(graph, given, dims[1]))
    if len(dims) == 3 and dims[-1] is not None:
        return _meets_features(graph, given, dims[-1])
    # Without a transpose to tell it, a last axis of 1, 3 or 4 is taken for colours, unless a convolution takes it so:
    # ONNX has the channels first in all of its windows.
    is_image = len(dims) == 4 and dims[-1] in IMAGE_CHANNELS and dims[1] not in IMAGE_CHANNELS
    return is_image and not any(taker.kind in WINDOWS for taker in takers)


def channels_of(graph: Graph, name: str) -> int:
    """The channels that the first convolution expects of an input."""
    for operation in graph.operations:
        if operation.kind == "Conv" and operation.inputs[0] == name:
            weights = graph.constants.get(operation.inputs[1])
            if weights is not None and len(weights.shape) > 2:
                # ONNX stores [N, C / G, K, K], so that the groups have to be multiplied in again.
                return weights.shape[1] * int(operation.attributes.get("group", 1))
    return USUAL_CHANNELS


def _takers(graph: Graph, name: str) -> list[Operation]:
    return [operation for operation in graph.operations if name in operation.inputs]


def _meets_features(graph: Graph, given: GraphInput, features: int | None) -> bool:
    """True if the first operations with weights that an input reaches take so many features at each position."""
    found = list(_expected(graph, given.name, MAX_FOLLOWED))
    return bool(found) and all(expected == features for expected in found)


def _expected(graph: Graph, name: str, left: int) -> Iterator[int | None]:
    """The features that the first operations with weights take; None for one that takes windows of a map."""
    for taker in _takers(graph, name):
        if taker.kind in PASSING and left:
            yield from _expected(graph, taker.outputs[0], left - 1)
            continue
        weights = [graph.constants[item] for item in taker.inputs if item in graph.constants]
        if weights:
            yield _features(taker, weights)
        elif taker.kind in WINDOWS:
            yield None


def _features(taker: Operation, weights: list[Constant]) -> int | None:
    shape = weights[0].shape
    if taker.kind == "LayerNormalization":
        return shape[-1] if len(shape) == 1 else None
    if taker.kind in ("Linear", "NativeMultiHeadAttention", "Recurrent") and len(shape) == 2:
        return shape[1]
    if taker.kind in ("LSTM", "GRU", "RNN") and len(shape) == 3:
        return shape[2]
    return shape[0] if taker.kind == "MatMul" and len(shape) == 2 else None


def learned_output(draft: Draft, name: str, tensor: Constant) -> int | None:
    """The step of a learned tensor that is an output, alike for every example; None for another constant."""
    sizes = tensor.shape[1:]
    is_held = tensor.is_float and tensor.is_learned is not False and tensor.numbers == prod(sizes) > 0
    # A Parameter that states no sizes has those of the input, which is the first step.
    least = 2 if draft.steps[0].shape.rank else 1
    if not is_held or not least <= len(sizes) <= MAX_AXES:
        return None
    layer = Parameter(use="alone", channels=sizes[0], size=sizes[1:] or None)
    return draft.add(layer, (name,), (0,), Numbers(tensor.numbers))
