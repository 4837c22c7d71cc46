"""ONNX's file form, written by hand: protocol buffers, of which a model needs few messages.

Source of the field numbers: onnx.proto3 of ONNX 1.17 (opset 21, IR version 10).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache

FLOAT, INT64 = 1, 7
"""Element types of tensors."""
_A_FLOAT, _AN_INT, _A_STRING, _INTS, _STRINGS = 1, 2, 3, 7, 8


@lru_cache(maxsize=4096)
def varint(number: int) -> bytes:
    """A whole number in groups of seven bits, the low ones first; negative ones as of 64 bits."""
    # A negative number is written as the unsigned one of the same 64 bits.
    number &= (1 << 64) - 1
    groups = bytearray()
    while True:
        low, number = number & 0x7F, number >> 7
        groups.append(low | (0x80 if number else 0))
        if not number:
            return bytes(groups)


def whole(field: int, number: int) -> bytes:
    """A field that holds a whole number."""
    return varint(field << 3) + varint(number)


def block(field: int, content: bytes | str) -> bytes:
    """A field that holds text, bytes or another message."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(data)) + data


Attribute = int | float | str | Sequence[int] | Sequence[str]


def attribute(name: str, value: Attribute) -> bytes:
    """An AttributeProto: a whole number, a number, text, or several whole numbers or texts."""
    # The kind is a part of the key: 1, 1.0 and True are equal in Python, and would share one entry of the cache.
    return _attribute(name, type(value).__name__, tuple(value) if isinstance(value, (list, tuple)) else value)


@lru_cache(maxsize=4096)
def _attribute(name: str, _kind: str, value: Attribute) -> bytes:
    head = block(1, name)
    if isinstance(value, str):
        return head + block(4, value) + whole(20, _A_STRING)
    if isinstance(value, float):
        return head + varint(2 << 3 | 5) + struct.pack("<f", value) + whole(20, _A_FLOAT)
    if isinstance(value, int):
        return head + whole(3, int(value)) + whole(20, _AN_INT)
    if value and all(isinstance(part, str) for part in value):
        return head + b"".join([block(9, str(part)) for part in value]) + whole(20, _STRINGS)
    return head + b"".join([whole(8, int(number)) for number in value]) + whole(20, _INTS)


def tensor_attribute(name: str, tensor_message: bytes) -> bytes:
    """An AttributeProto that holds a tensor."""
    return block(1, name) + block(5, tensor_message) + whole(20, 4)


def node(
    operator: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    name: str,
    attributes: dict[str, Attribute] | None = None,
) -> bytes:
    """A NodeProto."""
    parts = [block(1, text) for text in inputs] + [block(2, text) for text in outputs]
    parts += [block(3, name), block(4, operator)]
    parts += [block(5, attribute(key, value)) for key, value in (attributes or {}).items()]
    return b"".join(parts)


def integers(name: str, values: Sequence[int]) -> bytes:
    """A TensorProto of whole numbers, along one axis."""
    data = struct.pack(f"<{len(values)}q", *values)
    return whole(1, len(values)) + whole(2, INT64) + block(8, name) + block(9, data)


def floats(name: str, dims: Sequence[int], data: bytes) -> bytes:
    """A TensorProto of numbers of four bytes each, little end first."""
    return b"".join([whole(1, size) for size in dims]) + whole(2, FLOAT) + block(8, name) + block(9, data)


def external_floats(name: str, dims: Sequence[int], location: str, offset: int, length: int) -> bytes:
    """A TensorProto whose numbers lie in another file."""
    entries = {"location": location, "offset": str(offset), "length": str(length)}
    stored = b"".join([block(13, block(1, key) + block(2, value)) for key, value in entries.items()])
    head = b"".join([whole(1, size) for size in dims])
    return head + whole(2, FLOAT) + block(8, name) + stored + whole(14, 1)


def value_info(name: str, dims: Sequence[int | str], element: int = FLOAT) -> bytes:
    """A ValueInfoProto: the shape of a tensor; text is the name of a size that is open."""
    sizes = b"".join([block(1, block(2, size) if isinstance(size, str) else whole(1, size)) for size in dims])
    return block(1, name) + block(2, block(1, whole(1, element) + block(2, sizes)))


def graph(
    name: str,
    nodes: Sequence[bytes],
    tensors: Sequence[bytes],
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    values: Sequence[bytes],
    text: str,
) -> bytes:
    """A GraphProto."""
    parts = [block(1, message) for message in nodes]
    parts += [block(2, name)]
    parts += [block(5, message) for message in tensors]
    parts += [block(10, text)] if text else []
    for field, messages in ((11, inputs), (12, outputs), (13, values)):
        parts += [block(field, message) for message in messages]
    return b"".join(parts)


def model(graph_message: bytes, opset: int, ir_version: int, producer: str, version: str) -> bytes:
    """A ModelProto."""
    return b"".join(
        [
            whole(1, ir_version),
            block(2, producer),
            block(3, version),
            block(7, graph_message),
            block(8, block(1, "") + whole(2, opset)),
        ]
    )
