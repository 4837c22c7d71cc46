"""A file as bytes that are looked at where they lie: mapped into memory, so that weights are never read."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Buffer = memoryview


@contextmanager
def mapped(path: Path) -> Iterator[Buffer]:
    """The content of a file, mapped; OSError if the system refuses."""
    with path.open("rb") as file:
        # An empty file cannot be mapped: mmap raises ValueError.
        if not file.seek(0, 2):
            yield memoryview(b"")
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            view = memoryview(content)
            try:
                yield view
            finally:
                _release(view)


def _release(view: Buffer) -> None:
    """Gives the mapping back; a traceback that is still about may hold parts of it, which then keep it a while."""
    try:
        view.release()
    except BufferError:
        return
