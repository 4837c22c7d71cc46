"""Random weights that are always the same: made of bytes, without arithmetic on each number."""

from __future__ import annotations

import random
import struct
from math import floor, log2

_BATCH = 1 << 22


def seeded_floats(name: str, count: int, scale: float, *, signed: bool = True) -> bytes:
    """`count` numbers of four bytes, little end first, each of magnitude `scale` to 2 · `scale`, seeded by the name.

    A float is put together of random bytes: all but the exponent, which makes the magnitude, is random.
    """
    exponent = 127 + floor(log2(scale))
    low = bytes([(byte & 0x7F) | ((exponent & 1) << 7) for byte in range(256)])
    high = bytes([(exponent >> 1) | ((byte & 1) << 7 if signed else 0) for byte in range(256)])
    source = random.Random(name)
    parts = []
    for start in range(0, count, _BATCH):
        size = min(_BATCH, count - start)
        numbers = bytearray(4 * size)
        numbers[0::4] = source.randbytes(size)
        numbers[1::4] = source.randbytes(size)
        numbers[2::4] = source.randbytes(size).translate(low)
        numbers[3::4] = source.randbytes(size).translate(high)
        parts.append(bytes(numbers))
    return b"".join(parts)


def repeated_float(value: float, count: int) -> bytes:
    """`count` times one number."""
    return struct.pack("<f", value) * count
