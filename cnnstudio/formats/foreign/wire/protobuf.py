"""The wire format of Protocol Buffers: fields by number, without a schema and without a copy.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from cnnstudio.formats.foreign.wire.buffers import Buffer

Field = tuple[int, int, int, int]
"""Number, wire type, and the value of a varint with 0, or start and stop of the bytes of everything else."""
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Malformed(ValueError):
    """The bytes are no protobuf message."""


def varint(data: Buffer, at: int, stop: int) -> tuple[int, int]:
    """An integer of at most 64 bits, and the place after it. Raises Malformed if it does not end."""
    value = data[at]
    at += 1
    # Most integers of a model are one byte, and this runs for each field of a file of millions.
    if value < 0x80:
        return value, at
    value &= 0x7F
    # Ten bytes at most: a negative int32 is written as one of 64 bits, in all ten of them.
    for shift in range(7, 70, 7):
        if at >= stop:
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise Malformed(f"an integer that does not end, at byte {at}")


def fields(data: Buffer, start: int, stop: int) -> Iterator[Field]:
    """The fields of the message between two places; Malformed if it is none."""
    at = start
    while at < stop:
        tag, at = varint(data, at, stop)
        number, kind = tag >> 3, tag & 7
        # There is no field 0, and a run of zero bytes would read as fields of that number.
        if not number:
            raise Malformed(f"a field with the number 0, at byte {at}")
        if kind == BYTES:
            length, at = varint(data, at, stop)
            end = at + length
            yield_value = at
        elif kind == VARINT:
            yield_value, at = varint(data, at, stop)
            end = at
        elif kind in (FIXED32, FIXED64):
            yield_value, end = at, at + (4 if kind == FIXED32 else 8)
        else:
            raise Malformed(f"a field of the unknown kind {kind}, at byte {at}")
        # Without this a length that lies would read into the next message.
        if end > stop:
            raise Malformed(f"a field that ends after its message, at byte {at}")
        yield number, kind, yield_value, end
        at = end


def text(data: Buffer, start: int, stop: int) -> str:
    """A string."""
    return bytes(data[start:stop]).decode("utf-8", "replace")


def signed(value: int) -> int:
    """A varint as the signed integer of 64 bits that it stands for."""
    return value - (1 << 64) if value >> 63 else value


def float32(data: Buffer, at: int) -> float:
    """Four bytes as a number."""
    value: float = struct.unpack_from("<f", data, at)[0]
    return value


def packed(data: Buffer, start: int, stop: int, most: int) -> list[int]:
    """The varints of a packed field, signed, up to `most` of them."""
    values: list[int] = []
    at = start
    while at < stop and len(values) < most:
        value, at = varint(data, at, stop)
        values.append(signed(value))
    return values
