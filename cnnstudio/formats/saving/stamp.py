"""The content of a file in brief, to see whether somebody else has written it since."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

from msgspec import Struct

from cnnstudio.formats.content import open_regular

_PART_BYTES = 1 << 20


class Stamp(Struct, frozen=True):
    """Size and checksum of a content. Two contents that differ in up to 32 bits that lie together never share one."""

    size: int
    checksum: int


ABSENT = Stamp(-1, 0)
"""Of a file that is not there."""


def stamp(content: bytes) -> Stamp:
    """The stamp of a content."""
    # Against accidents and not against attacks: a checksum that is quick, and size beside it.
    return Stamp(len(content), crc32(content))


def stamp_of(path: Path) -> Stamp:
    """The stamp of what a regular file holds now, ABSENT if there is none; OSError if it cannot be read."""
    checksum = size = 0
    try:
        with open_regular(path) as file:
            while part := file.read(_PART_BYTES):
                checksum, size = crc32(part, checksum), size + len(part)
    except FileNotFoundError:
        return ABSENT
    return Stamp(size, checksum)
