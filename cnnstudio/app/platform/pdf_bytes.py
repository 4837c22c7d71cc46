"""Makes the parts of Qt's PDF files that differ from run to run constant: times and the identifier."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Final
from uuid import UUID

UNDATED: Final = date(2000, 1, 1)
"""The creation date of a file that has none."""
_TIME: Final = re.compile(rb"\(D:\d{14}(?:Z|[+-]\d\d'\d\d')\)")
_XMP_TIME: Final = re.compile(rb'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"')
_IDENTIFIER: Final = re.compile(rb"uuid:([0-9a-f-]{36})")
_NONE: Final = b"0" * 36
_PLACE: Final = re.compile(rb"^(\d{10})(?= \d{5} n)", re.MULTILINE)
_START: Final = re.compile(rb"(startxref\s+)(\d+)")


def fixed(content: bytes, day: date | None) -> bytes:
    """The file as if it had been made at midnight of its day, with an identifier made from what it holds."""
    midnight = f"{day or UNDATED:%Y-%m-%d}T00:00:00+00:00"
    content = _XMP_TIME.sub(f'"{midnight}"'.encode(), content)
    return _with_identifier(_with_time(content, f"(D:{day or UNDATED:%Y%m%d}000000Z)".encode()))


def _with_time(content: bytes, time: bytes) -> bytes:
    """Puts in the time, which is shorter than one with a time zone, and corrects the places of what follows it."""
    moves = [(match.end(), len(time) - len(match[0])) for match in _TIME.finditer(content)]

    def moved(place: int) -> int:
        return place + sum(length for end, length in moves if end <= place)

    # The last one, because the bytes of a compressed stream may happen to spell it. Places in it count bytes from the
    # start of the file, and readers that trust them fail when they are off by one.
    table = content.rindex(b"\nxref\n")
    body, places = content[:table], content[table:]
    places = _PLACE.sub(lambda match: b"%010d" % moved(int(match[1])), places)
    places = _START.sub(lambda match: match[1] + b"%d" % moved(int(match[2])), places)
    return _TIME.sub(time, body) + places


def _with_identifier(content: bytes) -> bytes:
    """Puts a hash of the file in place of a random number, which stands there as it is and in hexadecimal digits."""
    found = _IDENTIFIER.search(content)
    if found is None:
        return content
    random = found[1]
    # Zeros first, of the same length: a hash cannot contain itself, and no place in the file may move.
    nothing = content.replace(random, _NONE).replace(random.hex().encode(), _NONE.hex().encode())
    made = str(UUID(bytes=hashlib.sha256(nothing).digest()[:16])).encode()
    return content.replace(random, made).replace(random.hex().encode(), made.hex().encode())
