"""Functions that an ONNX file brings along, and branches whose condition is known, put in the place of their call."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.formats.foreign.onnx.messages import GraphMessage, Model, Node
from cnnstudio.formats.foreign.refusals import NotUnderstood

MAX_NODES = 200_000
MAX_DEPTH = 24


def inlined(model: Model) -> list[Node]:
    """The nodes of the graph, calls of the file's own functions replaced by what is in them."""
    if model.graph is None:
        return []
    if not model.functions:
        return model.graph.nodes
    nodes: list[Node] = []
    for node in model.graph.nodes:
        _add(nodes, node, model, 0, "")
    return nodes


def _add(nodes: list[Node], node: Node, model: Model, depth: int, prefix: str) -> None:
    function = model.functions.get((node.domain, node.kind))
    if function is None:
        nodes.append(node)
        if len(nodes) > MAX_NODES:
            raise NotUnderstood(f"holds more than {MAX_NODES:,} operations, and so many are not read.")
        return
    if depth > MAX_DEPTH:
        raise NotUnderstood("nests its functions too deeply.")
    # Two calls of one function would otherwise give their inner values the same names.
    place = f"{prefix}{node.name or node.kind}#{len(nodes)}/"
    names = _names(function, node)
    for inner in function.nodes:
        called = structs.replace(
            inner,
            inputs=[names.get(name, f"{place}{name}") if name else "" for name in inner.inputs],
            outputs=[names.get(name, f"{place}{name}") if name else "" for name in inner.outputs],
            attributes={**inner.attributes, **_referred(inner, node)},
            references={},
            metadata=node.metadata or inner.metadata,
            name=node.name or inner.name,
        )
        _add(nodes, called, model, depth + 1, place)


def _names(function: GraphMessage, node: Node) -> dict[str, str]:
    """The names of a function's inputs and outputs where it is called."""
    names = {name: given for (name, _, _), given in zip(function.inputs, node.inputs, strict=False)}
    # Trailing inputs that are optional may be left out of a call; inside, an empty name stands for absent.
    for name, _, _ in function.inputs[len(node.inputs) :]:
        names[name] = ""
    names.update(zip(function.outputs, node.outputs, strict=False))
    return names


def _referred(inner: Node, node: Node) -> dict[str, object]:
    """Attributes of a node that are those of the call."""
    return {name: node.attributes[of] for name, of in inner.references.items() if of in node.attributes}
