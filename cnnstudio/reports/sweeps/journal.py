"""The journal of a sweep that runs: what was counted, chunk by chunk, so that it goes on after a kill.

The first line says which sweep it is, and each other line is one chunk. A line that a kill cut short is no chunk.
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.problem import Problem
from cnnstudio.core.sweeps.running import CHUNK
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import Chunk, column_of
from cnnstudio.version import __version__


class Journal:
    """The journal of a sweep in a file.

    Raises OSError where it cannot be read or written, and ValueError for a file that is anything else, which stays.
    """

    def __init__(self, path: Path, space: Space) -> None:
        self.path = path
        self._head = json.dumps({"cnnstudio": __version__, "sweep": _digest(space)}).encode() + b"\n"
        self._end = len(self._head)
        with suppress(FileNotFoundError), path.open("rb") as file:
            # A kill may have cut the head itself short.
            if not self._head.startswith(file.read(len(self._head))):
                raise ValueError(
                    f"'{path}' is in the place of the journal and is not that of this sweep; "
                    "rename or delete it, or write the rows to another file."
                )

    def chunks(self) -> Iterator[Chunk]:
        """The chunks that are there; from now on the journal ends behind the last whole one."""
        self._end = len(self._head)
        with suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(self._end)
            for line in file:
                chunk = _chunk(line) if line.endswith(b"\n") else None
                if chunk is None:
                    return
                self._end += len(line)
                yield chunk

    def __enter__(self) -> Journal:
        """Opens it for more chunks; a line that was cut short is dropped."""
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        if self._end == len(self._head):
            os.ftruncate(self._file, 0)
            os.write(self._file, self._head)
        os.ftruncate(self._file, self._end)
        os.lseek(self._file, 0, os.SEEK_END)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def add(self, chunk: Chunk) -> None:
        """Appends a chunk, and sees it to the disk."""
        content = memoryview(_line(chunk))
        while content:
            content = content[os.write(self._file, content) :]
        with suppress(OSError):
            os.fsync(self._file)

    def remove(self) -> None:
        """Deletes the file, once the rows are written elsewhere."""
        self.path.unlink(missing_ok=True)


def _digest(space: Space) -> str:
    """A text that is another one for every other sweep."""
    what = (CHUNK, space.design, space.axes, space.is_paired, space.sample, space.conditions, space.has_memory)
    return sha256(repr(what).encode()).hexdigest()


def _line(chunk: Chunk) -> bytes:
    record = {
        "first": chunk.first,
        "columns": [list(column) for column in chunk.columns],
        "shapes": list(chunk.shapes),
        "remarks": list(chunk.remarks),
        "verdicts": list(chunk.verdicts),
        "outputs": [msgspec.to_builtins(shape) for shape in chunk.outputs],
        "problems": [msgspec.to_builtins(problems) for problems in chunk.problems],
        "refused": sorted(chunk.refused),
    }
    # By the standard library, which writes whole numbers of any length.
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _chunk(line: bytes) -> Chunk | None:
    """The chunk of a line; None if it is none."""
    try:
        record: dict[str, Any] = json.loads(line)
        return Chunk(
            record["first"],
            tuple(map(column_of, record["columns"])),
            column_of(record["shapes"]),
            column_of(record["remarks"]),
            array("b", record["verdicts"]),
            tuple(msgspec.convert(record["outputs"], list[Shape | None])),
            tuple(map(tuple, msgspec.convert(record["problems"], list[list[Problem]]))),
            frozenset(record["refused"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, msgspec.ValidationError):
        return None
