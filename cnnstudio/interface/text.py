"""Text that a notebook shows as it is."""

from __future__ import annotations


class Text(str):
    """A text of several lines, which an interactive session shows without quotes and escapes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
