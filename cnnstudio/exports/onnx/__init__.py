"""ONNX files: the graph with the shape of every row, light or with seeded weights."""

from __future__ import annotations

from functools import partial
from math import prod

from cnnstudio.core.arithmetic.convention import PYTORCH
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.lookup import owner_paths
from cnnstudio.core.counting.rows import BlockRow, Row
from cnnstudio.core.network.distribution import one_step
from cnnstudio.core.network.wiring import all_feeds
from cnnstudio.dialects.onnx import ONNX as DIALECT
from cnnstudio.dialects.onnx import OPSET
from cnnstudio.exports.onnx import wire
from cnnstudio.exports.onnx.building import BATCH, GraphBuilder, element_of
from cnnstudio.exports.onnx.layers import add_layer
from cnnstudio.exports.onnx.results import add_results
from cnnstudio.exports.onnx.steps import examples_as_steps, steps_as_examples
from cnnstudio.exports.source.saying import CannotSay
from cnnstudio.exports.target import (
    Companion,
    Exported,
    ExportError,
    ExportOptions,
    Target,
    Unsayable,
    counted_for,
    require_countable,
    unsaid,
)
from cnnstudio.layers.structure import Input, Output
from cnnstudio.version import __version__

TITLE = "ONNX"
Further = dict[str, dict[str, str]]
"""The outputs of the operators of a row, by its path and the names of the outputs."""
IR_VERSION = 10
MAX_INLINE_BYTES = 2_000_000_000
"""Bytes of weights that the file itself can hold: protocol buffers end at 2 GiB."""
DATA_SUFFIX = ".data"


def write(analysis: Analysis, options: ExportOptions) -> Exported:
    """The bytes of a model; raises ExportError with every layer that ONNX cannot say exactly."""
    analysis = counted_for(analysis, PYTORCH)
    graph, inputs = _graph(analysis, options)
    outputs = _outputs(analysis, graph)
    make = partial(_model, analysis, graph, inputs, outputs)
    if graph.stored_bytes <= MAX_INLINE_BYTES:
        return Exported(make([*graph.constants, *graph.inline_tensors()]))
    return Exported(
        b"",
        companions=(Companion(DATA_SUFFIX, graph.external_data),),
        named=lambda name: make([*graph.constants, *graph.external_tensors(name + DATA_SUFFIX)]),
    )


def every_row(analysis: Analysis) -> bytes:
    """A light model of which every row is an output, so that a runtime tells all shapes; raises ExportError."""
    analysis = counted_for(analysis, PYTORCH)
    graph, inputs = _graph(analysis, ExportOptions())
    return _model(analysis, graph, inputs, graph.values, graph.constants)


def _graph(analysis: Analysis, options: ExportOptions) -> tuple[GraphBuilder, list[bytes]]:
    """The graph of all rows, and its inputs; raises ExportError."""
    require_countable(analysis, TITLE, flat=True)
    graph = GraphBuilder(options.weights)
    refusals: list[Unsayable] = []
    inputs: list[bytes] = []
    owners = owner_paths(analysis.rows)
    further: Further = {row.inputs[0]: {} for row in analysis.rows if row.picks}
    for row in analysis.rows:
        refusals += _add_row(graph, row, inputs, owners.get(row.path, row.path), further)
    if refusals:
        raise ExportError(TITLE, refusals)
    return graph, inputs


def _add_row(graph: GraphBuilder, row: Row, inputs: list[bytes], owner: str, further: Further) -> list[Unsayable]:
    """Adds the operators of a row under its path, with the weights of the row at the path `owner`.

    `further` are the outputs of rows of which more than the output is taken, and gets those of this row.

    Returns its refusal if it cannot be said.
    """
    refusal = unsaid(row, DIALECT)
    if refusal is not None or row.counts is None:
        return [refusal] if refusal else []
    output = row.counts.output
    if isinstance(row.layer, Input):
        inputs.append(wire.value_info(row.path, (BATCH, *output.to_list())))
        return []
    graph.begin(row.path, owner)
    try:
        if row.layer.picks:
            # What was refused gives nothing, and is told of already.
            taken = further[row.inputs[0]].get(row.picks, row.inputs[0]) if row.picks else row.inputs[0]
            result = graph.add("Identity", taken)
        else:
            results = _results(graph, row, output, spreads=row.path in further)
            further[row.path] = results
            result = results[""]
    except CannotSay as reason:
        return [Unsayable(row.path, f"{row.layer.type_name}: {reason.reason}", reason.remedy)]
    # A layer that does nothing gave its input back. Its path must still name a value, and the input needs its own name.
    if result in row.inputs:
        result = graph.add("Identity", result)
    graph.rename_last(row.path)
    graph.shaped(row.path, output)
    return []


def _results(graph: GraphBuilder, row: Row, output: Shape, *, spreads: bool) -> dict[str, str]:
    """Adds the operators of a row; its output under no name, and with `spreads` all that it gives by name."""
    shapes, inner = row.taken_shapes, one_step(output, row.step_axes)
    given = zip(row.inputs, row.input_shapes, strict=True)
    inputs = [steps_as_examples(graph, value, shape, row.step_axes) for value, shape in given if shape is not None]
    if not (spreads and row.layer.further_outputs):
        results, sizes = {"": add_layer(graph, row.layer, inputs, shapes, inner)}, {"": inner}
    else:
        results = add_results(graph, row.layer, inputs, shapes, inner)
        sizes = {name: row.layer.further_output(name, shapes, inner) if name else inner for name in results}
    steps = output.spatial[: row.step_axes]
    return {name: examples_as_steps(graph, value, sizes[name], steps) for name, value in results.items()}


def _outputs(analysis: Analysis, graph: GraphBuilder) -> list[bytes]:
    """The outputs of the graph: what an Output marks, and what nothing takes."""
    items, entries = analysis.design.layers, analysis.entries
    taken = {name for names in all_feeds(items, inside=()).values() for name in names}
    # A block may end in an Input, too.
    given = {row.path for row in analysis.rows if isinstance(row.layer, Input)}
    outputs: dict[str, Shape] = {}
    for item, entry in zip(items, entries, strict=True):
        path = entry.result if isinstance(entry, BlockRow) else entry.path
        shape = entry.output_shape
        if shape is None or (item.name in taken and not isinstance(item, Output)):
            continue
        if path in given:
            graph.begin(path)
            path = graph.add("Identity", path)
        if shape.within:
            # ONNX counts places through the whole batch; a design does in each map, as PyTorch.
            graph.begin(path)
            path = graph.add("Mod", path, graph.whole((prod(shape.within),)))
        outputs[path] = shape
    return [wire.value_info(path, (BATCH, *shape.to_list()), element_of(shape)) for path, shape in outputs.items()]


def _model(
    analysis: Analysis, graph: GraphBuilder, inputs: list[bytes], outputs: list[bytes], tensors: list[bytes]
) -> bytes:
    design = analysis.design
    totals = analysis.totals
    learned = totals.weights + totals.biases
    text = f"{design.note}\n\n{learned:,} parameters, {totals.state:,} stored statistics".strip()
    message = wire.graph(design.name, graph.nodes, tensors, inputs, outputs, graph.values, text)
    return wire.model(message, OPSET, IR_VERSION, "CNN Studio", __version__)


ONNX_FILE = Target(
    "onnx",
    TITLE,
    "a model file for onnxruntime and viewers, light or with seeded weights",
    (".onnx",),
    DIALECT,
    is_text=False,
    choices=("weights",),
    write=write,
)
