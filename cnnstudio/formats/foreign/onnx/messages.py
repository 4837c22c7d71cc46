"""The messages of an ONNX file, read field by field from where they lie; weights are passed over.

https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

import struct
from math import prod
from typing import Any

from msgspec import Struct, field, structs

from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.tracing.graph import Dims
from cnnstudio.formats.foreign.tracing.values import MAX_VALUES, Constant, Number
from cnnstudio.formats.foreign.wire.buffers import Buffer
from cnnstudio.formats.foreign.wire.protobuf import BYTES, FIXED32, VARINT, fields, float32, packed, signed, text

MAX_DEPTH = 24
MAX_RANK = 32
MAX_NUMBERS = 100_000
FLOATS = frozenset((1, 10, 11, 16, 17, 18, 19, 20, 23))
"""Element types of floating-point numbers."""
_FORMATS = {1: "f", 2: "B", 3: "b", 4: "H", 5: "h", 6: "i", 7: "q", 9: "?", 10: "e", 11: "d", 12: "I", 13: "Q"}


class Node(Struct):
    """A NodeProto."""

    kind: str = ""
    name: str = ""
    domain: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)


class GraphMessage(Struct):
    """A GraphProto, or the body of a FunctionProto."""

    nodes: list[Node] = field(default_factory=list)
    initializers: dict[str, Constant] = field(default_factory=dict)
    inputs: list[tuple[str, Dims | None, bool]] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    stated: dict[str, Dims] = field(default_factory=dict)
    name: str = ""
    domain: str = ""


class Model(Struct):
    """A ModelProto."""

    graph: GraphMessage | None = None
    producer: str = ""
    version: str = ""
    opset: int = 0
    functions: dict[tuple[str, str], GraphMessage] = field(default_factory=dict)


def read_model(data: Buffer) -> Model:
    """The whole model."""
    model = Model()
    for number, kind, start, stop in fields(data, 0, len(data)):
        if kind != BYTES:
            continue
        if number == 2:
            model.producer = text(data, start, stop)[:200]
        elif number == 3:
            model.version = text(data, start, stop)[:200]
        elif number == 7:
            model.graph = _graph(data, start, stop, 0)
        elif number == 8:
            domain, version = _opset(data, start, stop)
            # Both spell the standard operators; the opset of any other domain says nothing about them.
            if domain in ("", "ai.onnx"):
                model.opset = version
        elif number == 25:
            function = _function(data, start, stop)
            model.functions[function.domain, function.name] = function
    return model


def _opset(data: Buffer, start: int, stop: int) -> tuple[str, int]:
    domain, version = "", 0
    for number, kind, begin, end in fields(data, start, stop):
        if number == 1 and kind == BYTES:
            domain = text(data, begin, end)
        elif number == 2 and kind == VARINT:
            version = begin
    return domain, version


def _graph(data: Buffer, start: int, stop: int, depth: int) -> GraphMessage:
    if depth > MAX_DEPTH:
        raise NotUnderstood("nests its graphs too deeply.")
    graph = GraphMessage()
    for number, kind, begin, end in fields(data, start, stop):
        if kind != BYTES:
            continue
        if number == 1:
            graph.nodes.append(_node(data, begin, end, depth))
        elif number == 5:
            name, constant = tensor(data, begin, end)
            graph.initializers[name] = structs.replace(constant, origin=name)
        elif number == 2:
            graph.name = text(data, begin, end)[:500]
        elif number in (11, 12, 13):
            name, dims, is_float = _value_info(data, begin, end)
            if dims is not None:
                graph.stated[name] = dims
            if number == 11:
                graph.inputs.append((name, dims, is_float))
            elif number == 12:
                graph.outputs.append(name)
    return graph


def _function(data: Buffer, start: int, stop: int) -> GraphMessage:
    """A FunctionProto: names of inputs and outputs, and nodes."""
    function = GraphMessage()
    for number, kind, begin, end in fields(data, start, stop):
        if kind != BYTES:
            continue
        if number == 1:
            function.name = text(data, begin, end)
        elif number == 4:
            function.inputs.append((text(data, begin, end), None, True))
        elif number == 5:
            function.outputs.append(text(data, begin, end))
        elif number == 7:
            function.nodes.append(_node(data, begin, end, 1))
        elif number == 10:
            function.domain = text(data, begin, end)
    return function


def _node(data: Buffer, start: int, stop: int, depth: int) -> Node:
    node = Node()
    for number, kind, begin, end in fields(data, start, stop):
        if kind != BYTES:
            continue
        if number == 1:
            node.inputs.append(text(data, begin, end))
        elif number == 2:
            node.outputs.append(text(data, begin, end))
        elif number == 3:
            node.name = text(data, begin, end)
        elif number == 4:
            node.kind = text(data, begin, end)
        elif number == 5:
            _attribute(data, begin, end, node, depth)
        elif number == 7:
            node.domain = text(data, begin, end)
        elif number == 9:
            key, value = _entry(data, begin, end)
            node.metadata[key] = value
    return node


def _entry(data: Buffer, start: int, stop: int) -> tuple[str, str]:
    key = value = ""
    for number, kind, begin, end in fields(data, start, stop):
        if kind == BYTES and number == 1:
            key = text(data, begin, end)
        elif kind == BYTES and number == 2:
            value = text(data, begin, min(end, begin + 10_000))
    return key, value


def _attribute(data: Buffer, start: int, stop: int, node: Node, depth: int) -> None:
    name, value, listed = "", None, []  # type: str, Any, list[Any]
    for number, kind, begin, end in fields(data, start, stop):
        if number == 1:
            name = text(data, begin, end)
        elif number == 2 and kind == FIXED32:
            value = float32(data, begin)
        elif number == 3 and kind == VARINT:
            value = signed(begin)
        elif number == 4 and kind == BYTES:
            value = text(data, begin, min(end, begin + 10_000))
        elif number == 5 and kind == BYTES:
            value = tensor(data, begin, end)[1]
        elif number == 6 and kind == BYTES:
            value = _graph(data, begin, end, depth + 1)
        elif number in (7, 8):
            listed.extend(_numbers(data, number, kind, begin, end))
        elif number == 9 and kind == BYTES:
            listed.append(text(data, begin, min(end, begin + 10_000)))
        elif number == 21 and kind == BYTES:
            node.references[name] = text(data, begin, end)
        if len(listed) > MAX_NUMBERS:
            raise NotUnderstood(f"states an attribute of more than {MAX_NUMBERS:,} numbers.")
    if value is not None or listed:
        node.attributes[name] = value if value is not None else listed


def _numbers(data: Buffer, number: int, kind: int, begin: int, end: int) -> list[Any]:
    """A list of floats (7) or integers (8), packed or one by one."""
    if kind == VARINT:
        # Packed and unpacked lists both occur, and every reader of protobuf has to take both.
        return [signed(begin)]
    if kind == FIXED32:
        return [float32(data, begin)]
    if number == 8:
        return packed(data, begin, end, MAX_NUMBERS + 1)
    count = min((end - begin) // 4, MAX_NUMBERS + 1)
    return list(struct.unpack_from(f"<{count}f", data, begin))


def tensor(data: Buffer, start: int, stop: int) -> tuple[str, Constant]:
    """Name and shape of a TensorProto, and its values if it is small and they are in the file."""
    name, kind_of, dims = "", 1, []  # type: str, int, list[int]
    raw: tuple[int, int] | None = None
    typed: list[tuple[int, int, int, int]] = []
    is_outside = False
    for entry in fields(data, start, stop):
        number, kind, begin, end = entry
        if number == 1:
            dims.extend([signed(begin)] if kind == VARINT else packed(data, begin, end, MAX_RANK + 1))
        elif number == 2 and kind == VARINT:
            kind_of = begin
        elif number == 8 and kind == BYTES:
            name = text(data, begin, end)
        elif number == 9 and kind == BYTES:
            raw = (begin, end)
        elif number in (4, 5, 7, 10, 11) and len(typed) <= MAX_VALUES:
            typed.append(entry)
        elif number == 14 and kind == VARINT:
            is_outside = begin == 1
    if len(dims) > MAX_RANK or any(size < 0 for size in dims):
        raise NotUnderstood(f"holds the tensor '{name}' with the impossible shape {dims[:8]}.")
    shape = tuple(dims)
    count = prod(shape)
    # Only small tensors, of sizes and axes, are read; VGG-16 has 527 MiB of weights that nothing here asks for.
    values = None if is_outside or count > MAX_VALUES else _values(data, kind_of, count, raw, typed)
    is_float = kind_of in FLOATS
    return name, Constant(shape, values, is_float, count if is_float else 0)


def _values(
    data: Buffer, kind_of: int, count: int, raw: tuple[int, int] | None, typed: list[tuple[int, int, int, int]]
) -> tuple[Number, ...] | None:
    letter = _FORMATS.get(kind_of)
    if raw is not None:
        if letter is None or raw[1] - raw[0] < count * struct.calcsize(letter):
            return None
        return struct.unpack_from(f"<{count}{letter}", data, raw[0])
    found: list[Number] = []
    for number, kind, begin, end in typed:
        if number == 10:
            found.extend(struct.unpack_from(f"<{max(0, min(count, (end - begin) // 8))}d", data, begin))
        elif number == 4:
            found.extend(_numbers(data, 7, kind, begin, end))
        else:
            found.extend([signed(begin)] if kind == VARINT else packed(data, begin, end, MAX_VALUES))
    return tuple(found) if len(found) == count and (kind_of not in (10, 16) or not count) else None


def _value_info(data: Buffer, start: int, stop: int) -> tuple[str, Dims | None, bool]:
    """Name, sizes and whether the elements are numbers with a point, of a ValueInfoProto that is a tensor."""
    name, dims, kind_of = "", None, 1  # type: str, Dims | None, int
    for number, kind, begin, end in fields(data, start, stop):
        if kind != BYTES:
            continue
        if number == 1:
            name = text(data, begin, end)
        elif number == 2:
            for inner, inner_kind, first, last in fields(data, begin, end):
                if inner == 1 and inner_kind == BYTES:
                    kind_of, dims = _tensor_type(data, first, last)
    return name, dims, kind_of in FLOATS


def _tensor_type(data: Buffer, start: int, stop: int) -> tuple[int, Dims | None]:
    kind_of, dims = 1, None  # type: int, Dims | None
    for number, kind, begin, end in fields(data, start, stop):
        if number == 1 and kind == VARINT:
            kind_of = begin
        elif number == 2 and kind == BYTES:
            dims = tuple(_dim(data, first, last) for n, k, first, last in fields(data, begin, end) if (n, k) == (1, 2))
    return kind_of, dims


def _dim(data: Buffer, start: int, stop: int) -> int | None:
    for number, kind, value, _ in fields(data, start, stop):
        if number == 1 and kind == VARINT:
            # A size of 0 or less can only stand for one that is open.
            return signed(value) if signed(value) > 0 else None
    return None
