"""The output of the commands, a terminal or not."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

from cnnstudio.cli.failures import OutputError
from cnnstudio.reports.terminal.table import Paint, unpainted

STYLES = {
    "title": "\x1b[1m",
    "header": "\x1b[1m",
    "block": "\x1b[1m",
    "total": "\x1b[1m",
    "rule": "\x1b[2m",
    "unknown": "\x1b[31m",
    "changed": "\x1b[33m",
    "added": "\x1b[32m",
    "removed": "\x1b[31m",
    "error": "\x1b[31m",
    "warning": "\x1b[33m",
}
"""Terminal escape codes for the styles of a report."""


def print_text(text: str) -> None:
    """Prints a text with its own line ends; OutputError if it cannot be written."""
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(error) from None


def print_bytes(content: bytes) -> None:
    """Prints bytes as they are; OutputError if they cannot be written."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(error) from None


def unwritable(error: OSError) -> OutputError:
    """The sentence for standard output that takes no more."""
    return OutputError(f"the output cannot be written: {error.strerror}.")


def width_of(stream: TextIO | None) -> int | None:
    """The columns of a terminal, those of COLUMNS if that is set; None for what takes lines of any length."""
    return shutil.get_terminal_size().columns if stream is not None and stream.isatty() else None


def _has_colour(stream: TextIO | None) -> bool:
    if stream is None or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def _paint(style: str, text: str) -> str:
    """The text in the look of a style of the reports, for a terminal."""
    return f"{STYLES[style]}{text}\x1b[0m" if style in STYLES else text


def painter(stream: TextIO | None) -> Paint:
    """Colours for a terminal that wants them; nothing for files, pipes and NO_COLOR."""
    return _paint if _has_colour(stream) else unpainted
