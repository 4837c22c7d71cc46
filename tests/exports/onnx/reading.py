"""A reader of protocol buffers in a few lines, independent of the writer."""

from __future__ import annotations

from typing import Any


def fields(message: bytes) -> dict[int, list[Any]]:
    """The values of each field by its number: whole numbers, four bytes, or bytes."""
    found: dict[int, list[Any]] = {}
    at = 0
    while at < len(message):
        tag, at = _number(message, at)
        if tag & 7 == 0:
            value, at = _number(message, at)
            found.setdefault(tag >> 3, []).append(value)
        else:
            size, at = (4, at) if tag & 7 == 5 else _number(message, at)
            found.setdefault(tag >> 3, []).append(message[at : at + size])
            at += size
    return found


def _number(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def sizes(value_info: bytes) -> tuple[str, list[Any]]:
    """The name of a tensor and its sizes, an open one by its name."""
    found = fields(value_info)
    shape = fields(fields(found[2][0])[1][0])[2][0]
    dims = [fields(dim) for dim in fields(shape).get(1, [])]
    return found[1][0].decode(), [dim[1][0] if 1 in dim else dim[2][0].decode() for dim in dims]
