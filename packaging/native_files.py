"""Cleans the libraries of a bundle for Linux of all that only the machine needs that built them.

Standard library only; of the system it needs strip, from binutils.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ELF: Final = b"\x7fELF\x02\x01"
"""Beginning of the ELF files of all machines that the bundle is made for: 64 bits, the low byte first."""
UNTOUCHED: Final = ("PySide6", "numpy", "numpy.libs", "shiboken6")
"""Qt stays as its makers packed it, and numpy too: its OpenBLAS does not load any more after strip."""
LOADED: Final = 1
DYNAMIC: Final = 2
TEXTS: Final = 5
NEEDED: Final = 1
SEARCH_PATHS: Final = (15, 29)  # DT_RPATH and DT_RUNPATH


def is_elf(file: Path) -> bool:
    """True if a file is a program or a library of Linux."""
    with file.open("rb") as content:
        return content.read(len(ELF)) == ELF


def native_files(folder: Path) -> Iterator[Path]:
    """Every program and library below a folder, links left out."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink() and is_elf(file):
            yield file


def clean(inside: Path) -> None:
    """Takes symbols, which only a debugger reads, and foreign search paths out of what the folder `_internal` holds."""
    strip = shutil.which("strip")
    for file in native_files(inside):
        drop_search_paths(file)
        if strip is not None and file.relative_to(inside).parts[0] not in UNTOUCHED:
            subprocess.run([strip, "--strip-unneeded", str(file)], check=True)


def drop_search_paths(file: Path) -> None:
    """Takes out the search paths that do not begin at the library itself.

    A Python that was built in a home leaves that home in each of its modules. On other machines it may belong to
    somebody else, who could put a library of his own there, for all who start the program.
    """
    content = bytearray(file.read_bytes())
    start, entries, strings = _dynamic(content)
    kept = [entry for entry in entries if entry[0] not in SEARCH_PATHS or _begins_here(content, strings + entry[1])]
    kept += [(0, 0)] * (len(entries) - len(kept))
    content[start : start + 16 * len(kept)] = b"".join(struct.pack("<qQ", *entry) for entry in kept)
    file.write_bytes(content)


def needed_libraries(file: Path) -> set[str]:
    """The names of the libraries that a file itself asks for, without those that they ask for."""
    content = bytearray(file.read_bytes())
    _, entries, strings = _dynamic(content)
    return {_text(content, strings + at) for kind, at in entries if kind == NEEDED}


def _dynamic(content: bytearray) -> tuple[int, list[tuple[int, int]], int]:
    """The table that the loader reads: where it stands in the file, its entries, and where the texts of these begin."""
    (first,) = struct.unpack_from("<Q", content, 0x20)
    length, count = struct.unpack_from("<HH", content, 0x36)
    loaded: list[tuple[int, int, int]] = []
    begin = end = 0
    for at in range(first, first + length * count, length):
        kind, _, start, address, _, size = struct.unpack_from("<IIQQQQ", content, at)
        if kind == LOADED:
            loaded.append((start, address, size))
        elif kind == DYNAMIC:
            begin, end = start, start + size
    entries = [struct.unpack_from("<qQ", content, at) for at in range(begin, end, 16)]
    texts = dict(entries).get(TEXTS, 0)
    places = [start + texts - address for start, address, size in loaded if address <= texts < address + size]
    return begin, [(kind, value) for kind, value in entries], (places or [0])[0]


def _begins_here(content: bytearray, at: int) -> bool:
    """True if all search paths that are written at this place begin at the library itself."""
    return all(path.startswith("$ORIGIN") for path in _text(content, at).split(":"))


def _text(content: bytearray, at: int) -> str:
    """The text that begins at a place and ends before a zero."""
    return content[at : content.index(0, at)].decode()
