"""Opened files, whose text is known: those of the project that hold data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnstudio.formats.source.language.values import Native, Thing


class TextFile(Thing):
    """A file that is open for reading."""

    title = "an opened file"

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.place = 0

    def attribute(self, name: str) -> Any:
        """Its methods that read, each from where the last one stopped."""
        if name in ("read", "read_text"):
            return Native(name, lambda _given, _named: "".join(self._rest()))
        if name == "readlines":
            return Native(name, lambda _given, _named: self._rest())
        if name == "readline":
            return Native(name, lambda _given, _named: "".join(self._rest(1)))
        if name in ("close", "__exit__", "seek"):
            return Native(name, lambda _given, _named: None)
        if name == "__enter__":
            return Native(name, lambda _given, _named: self)
        return super().attribute(name)

    def _rest(self, count: int | None = None) -> list[str]:
        end = None if count is None else self.place + count
        found = self.lines[self.place : end]
        self.place += len(found)
        return found

    def items(self) -> Iterator[Any]:
        """Its lines."""
        yield from self._rest()
