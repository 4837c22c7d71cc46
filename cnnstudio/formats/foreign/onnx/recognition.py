"""A test of whether bytes begin an ONNX model: the first fields of a ModelProto, one of which is its graph or its
version.
"""

from __future__ import annotations

_VARINT_FIELDS = {1, 5}
_BYTES_FIELDS = {2, 3, 4, 6, 7, 8, 14, 20, 25, 26}


def is_onnx(head: bytes) -> bool:
    """True if the first bytes of a file are those of an ONNX model."""
    at, seen = 0, set()
    while at < len(head):
        number, kind = head[at] >> 3, head[at] & 7
        # A tag of two bytes: the numbers of fields from 16 on, such as 20 and 25.
        if head[at] & 0x80:
            tag, at = _varint(head, at)
            number, kind = tag >> 3, tag & 7
        else:
            at += 1
        if not (kind == 0 and number in _VARINT_FIELDS) and not (kind == 2 and number in _BYTES_FIELDS):
            return False
        seen.add(number)
        value, at = _varint(head, at)
        if at < 0:
            return False
        if kind == 2:
            # Beyond the head for the graph itself, where the loop ends: all before it was as it should be.
            at += value
        elif number == 1 and not 1 <= value <= 100:
            return False
    return bool(seen & {1, 8}) and bool(seen - {1})


def _varint(head: bytes, at: int) -> tuple[int, int]:
    """A number and the place after it, which is -1 where it does not end."""
    value = shift = 0
    while at < len(head) and shift < 64:
        value |= (head[at] & 0x7F) << shift
        shift += 7
        at += 1
        if head[at - 1] < 0x80:
            return value, at
    return 0, -1
