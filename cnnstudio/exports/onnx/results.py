"""Layers that give more than their output, as ONNX says them: operators with several outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.onnx.building import GraphBuilder
from cnnstudio.exports.onnx.recurrent import recurrent_results
from cnnstudio.exports.source.saying import sayer_of
from cnnstudio.layers.sequences.recurrent import RecurrentLayer
from cnnstudio.layers.shuffling import Split


def add_results(graph: GraphBuilder, layer: Layer, inputs: list[str], shapes: tuple[Shape, ...]) -> dict[str, str]:
    """Adds the operators of a layer; returns its further outputs by name, and last its output under none.

    Raises CannotSay if it cannot be said exactly.
    """
    return sayer_of(RESULTS, layer, "ONNX")(graph, layer, inputs, shapes[0])


def _parts(graph: GraphBuilder, layer: Split, inputs: list[str], shape: Shape) -> dict[str, str]:
    sizes = graph.whole((shape.channels // layer.parts,) * layer.parts)
    first, *others = graph.add_several("Split", inputs[0], sizes, wanted=range(layer.parts), axis=1)
    # The output gets the name of the layer, and so has to come out of an operator of its own.
    return {**dict(zip(layer.further_outputs, others, strict=True)), "": graph.add("Identity", first)}


RESULTS: dict[type[Layer], Callable[[GraphBuilder, Any, list[str], Shape], dict[str, str]]] = {
    RecurrentLayer: recurrent_results,
    Split: _parts,
}
"""The function for each layer type with further outputs, or for a type that it extends."""
