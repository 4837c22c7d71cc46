"""ONNX files as drafts."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import structs

from cnnstudio.core.network.layer import natural_name
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.onnx.inlining import inlined
from cnnstudio.formats.foreign.onnx.messages import GraphMessage, Model, Node, read_model
from cnnstudio.formats.foreign.onnx.naming import Naming
from cnnstudio.formats.foreign.passes.all_passes import tidy
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.foreign.torch.operators import OPERATORS
from cnnstudio.formats.foreign.tracing.graph import Graph, GraphInput, Operation
from cnnstudio.formats.foreign.tracing.rules import trace
from cnnstudio.formats.foreign.wire.buffers import mapped

STUDIO = "CNN Studio"
STATISTICS = (".mean", ".variance")
"""The ends of the names of what the studio's own files store without learning it; what else they name is learned."""
_WEIGHED = ("MatMul", "Gemm", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "BatchNormalization")
"""Operations that take weights, whatever an exporter calls them."""
LAST_AXIS_OPSET = 13
"""The opset from which on softmax takes the last axis where nothing else is said; before it took the first."""


def read_onnx(path: Path, input_size: tuple[int, ...] | None) -> Source:
    """An `.onnx` file."""
    with mapped(path) as content:
        model = read_model(content)
    if model.graph is None or not model.graph.nodes:
        raise NotUnderstood("is an ONNX file without a graph.")
    graph = _graph(model, model.graph)
    draft = Draft("pytorch")
    trace(graph, draft, input_size)
    stated = sum(step.numbers.learned for step in draft.steps if step.numbers is not None)
    tidy(draft)
    stated -= draft.discounted
    _note_computed(graph, draft)
    producer = f"{model.producer} {model.version}".strip() or "an unknown program"
    name = path.stem if model.graph.name in ("", "main_graph", "torch_jit", "torch-jit-export") else model.graph.name
    return Source("onnx", producer, name, draft, stated)


def _graph(model: Model, message: GraphMessage) -> Graph:
    """The graph with its functions put in place, and with a path for every operation."""
    nodes = inlined(model)
    naming = Naming(nodes, set(message.initializers))
    if model.opset < LAST_AXIS_OPSET:
        for node in nodes:
            if node.kind in ("Softmax", "LogSoftmax"):
                # The default changed from 1 to -1 with opset 13, and a file does not repeat it.
                node.attributes.setdefault("axis", 1)
    operations = [_operation(node, naming) for node in nodes]
    inputs = [
        GraphInput(name, dims or (), is_float)
        for name, dims, is_float in message.inputs
        # Before version 4 of the format every weight had to be listed as an input of the graph too.
        if name not in message.initializers
    ]
    weights = message.initializers
    is_own = model.producer == STUDIO
    if is_own:
        weights = {name: structs.replace(weight, is_learned=_studio_learns(name)) for name, weight in weights.items()}
    are_stored = any(weight.is_float and weight.size > 1 for weight in weights.values())
    are_filled = any(node.kind == "ConstantOfShape" for node in nodes)
    return Graph(
        inputs,
        message.outputs,
        operations,
        weights,
        message.stated,
        # The studio itself merges none: what its files take twice is shared.
        merges_equal=not is_own,
        holds_weights_apart=is_own or are_stored or are_filled,
        fills_are_weights=not are_stored,
        says_learned=_studio_learns if is_own else lambda _name: None,
    )


def _note_computed(graph: Graph, draft: Draft) -> None:
    """Says which numbers an exporter of PyTorch computed from others: a mask, or a table of positions written out.

    Weights keep the names of their modules, or are transposed for a product, or have a normalization folded in; a
    computed tensor is called by the operator that gave it.
    """
    as_weights = {name for operation in graph.operations if operation.kind in _WEIGHED for name in operation.inputs[1:]}
    taken = {name for operation in graph.operations for name in operation.inputs} - as_weights
    computed = {
        name: weight.learned
        for name, weight in graph.constants.items()
        if weight.learned and name in taken and _is_computed(name)
    }
    if computed:
        draft.notes.append(
            f"{sum(computed.values()):,} of the numbers stand in tensors that the exporter computed, such as "
            f"'{next(iter(computed))}': masks and written-out tables among them are no weights. A .pt2 file of "
            "torch.export tells what is learned."
        )


def _is_computed(name: str) -> bool:
    return name.startswith(("onnx::", "val_")) or re.sub(r"_\d+$", "", name) in OPERATORS


def _studio_learns(name: str) -> bool:
    return not name.endswith(STATISTICS)


def _operation(node: Node, naming: Naming) -> Operation:
    kind = node.kind
    if node.domain not in ("", "ai.onnx", "com.microsoft"):
        kind = f"{node.domain}.{kind}"
    path = naming.path(node) or (natural_name(kind),)
    return Operation(kind, tuple(node.inputs), tuple(node.outputs), node.attributes, path, naming.scope(node))
