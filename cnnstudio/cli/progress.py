"""Progress of a batch command: one line, rewritten in place, on terminals only."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TextIO

from cnnstudio.cli.failures import one_line

ERASE = "\r\x1b[K"
MAX_TEXT_LENGTH = 60


class Progress:
    """`3 of 56: resnet-18`, while a `with` block runs; nothing for a single file, or where nobody looks."""

    def __init__(self, total: int, stream: TextIO | None) -> None:
        self._total = total
        self._done = 0
        # In a file or a log the codes that rewrite a line would stand as rubbish.
        self._stream = stream if stream is not None and total > 1 and stream.isatty() else None

    def show(self, what: str) -> None:
        """Says what is done next."""
        self._done += 1
        self._write(f"{ERASE}{self._done} of {self._total}: {one_line(what)[:MAX_TEXT_LENGTH]}")

    def reach(self, done: int, what: str) -> None:
        """Says how far it has come: `12,000 of 100,000 variants`."""
        self._write(f"{ERASE}{done:,} of {self._total:,} {what}")

    def clear(self) -> None:
        """Makes room for other lines."""
        self._write(ERASE)

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(text)
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
