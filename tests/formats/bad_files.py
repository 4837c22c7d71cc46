"""The files under files/bad: what each must be refused with stands in the file itself.

A line `# expect: 7:18: sentence` is one fault with line and column; `# expect: sentence` is a fault of the file as a
whole. `# schema: accepts` marks a file that is faulty in a way that a JSON Schema cannot see.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from cnnstudio.formats.fault import FileFault
from tests.places import FILES

FOLDER = FILES / "bad"
_EXPECTATION = re.compile(r"# expect: (?:(\d+):(\d+): )?(.+)")


class BadFile(Struct, frozen=True):
    """A file and the faults that it says it has, in their order."""

    path: Path
    faults: tuple[FileFault, ...]
    schema_accepts: bool


def bad_files() -> list[BadFile]:
    """Every file of the folder."""
    return [_read(path) for path in sorted(FOLDER.glob("*.yaml"))]


def _read(path: Path) -> BadFile:
    text = _text_of(path.read_bytes())
    found = [match.groups() for line in text.splitlines() if (match := _EXPECTATION.fullmatch(line))]
    faults = tuple(FileFault(int(line or 0), int(column or 0), sentence) for line, column, sentence in found)
    return BadFile(path, faults, "# schema: accepts" in text.splitlines())


def _text_of(content: bytes) -> str:
    """The text as far as it is one: some of the files are not in UTF-8, and that is what is wrong with them."""
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if is_utf_16 else "utf-8", errors="replace")
