"""Layers that give more than their output, as ONNX says them: operators with several outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.step import INDICES
from cnnstudio.exports.onnx.attention import multi_head_results
from cnnstudio.exports.onnx.building import GraphBuilder
from cnnstudio.exports.onnx.recurrent import recurrent_results
from cnnstudio.exports.onnx.sliding import max_pool
from cnnstudio.exports.source.saying import CannotSay, sayer_of
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.pooling import AdaptiveMaxPool, MaxPool
from cnnstudio.layers.sequences.recurrent import RecurrentLayer
from cnnstudio.layers.shuffling import Split

Shapes = tuple[Shape, ...]


def add_results(
    graph: GraphBuilder, layer: Layer, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> dict[str, str]:
    """Adds the operators of a layer; returns its further outputs by name, and last its output under none.

    Raises CannotSay if it cannot be said exactly.
    """
    return sayer_of(RESULTS, layer, "ONNX")(graph, layer, inputs, shapes, output)


def _parts(graph: GraphBuilder, layer: Split, inputs: list[str], shapes: Shapes, _output: Shape) -> dict[str, str]:
    sizes = graph.whole((shapes[0].channels // layer.parts,) * layer.parts)
    first, *others = graph.add_several("Split", inputs[0], sizes, wanted=range(layer.parts), axis=1)
    # The output gets the name of the layer, and so has to come out of an operator of its own.
    return {**dict(zip(layer.further_outputs, others, strict=True)), "": graph.add("Identity", first)}


def _pooled(graph: GraphBuilder, layer: MaxPool, inputs: list[str], shapes: Shapes, output: Shape) -> dict[str, str]:
    result, places = max_pool(graph, layer, inputs[0], shapes[0], output)
    return {INDICES: places, "": graph.add("Identity", result)}


def _pooled_adaptively(
    _graph: GraphBuilder, _layer: AdaptiveMaxPool, _inputs: list[str], _shapes: Shapes, _output: Shape
) -> dict[str, str]:
    raise CannotSay("ONNX has no adaptive pool that gives the places of its maximums", "Use a MaxPool.")


RESULTS: dict[type[Layer], Callable[[GraphBuilder, Any, list[str], Shapes, Shape], dict[str, str]]] = {
    RecurrentLayer: lambda graph, layer, inputs, shapes, _output: recurrent_results(graph, layer, inputs, shapes[0]),
    Split: _parts,
    MultiHeadAttention: multi_head_results,
    MaxPool: _pooled,
    AdaptiveMaxPool: _pooled_adaptively,
}
"""The function for each layer type with further outputs, or for a type that it extends."""
