"""Errors that end a command early; each carries the sentence for the user."""

from __future__ import annotations


class UsageError(Exception):
    """The command line is not right; the text is the sentence for the user."""


class BadFile(Exception):
    """A design file is not right; the lines name it and the places in it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))


class OutputError(Exception):
    """The output cannot be written; the text is the sentence for the user."""


def one_line(text: str) -> str:
    """The text with what would break its line, or act on a terminal, written out."""
    from cnnstudio.formats.fault import one_line as written_out

    return written_out(text)
