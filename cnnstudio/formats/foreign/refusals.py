"""Refusals of foreign files: one sentence, whatever the bytes."""

from __future__ import annotations

import binascii
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

from msgspec import MsgspecError

from cnnstudio.formats.fault import FileError, FileFault, brief

_T = TypeVar("_T")

MALFORMED: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadZipFile,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    MsgspecError,
    NotImplementedError,
    RecursionError,
    StopIteration,
    SyntaxError,
    TypeError,
    ValueError,
    binascii.Error,
    re.error,
    struct.error,
    zlib.error,
)
"""Errors that reading a damaged file raises, wherever the damage is met."""


class NotUnderstood(Exception):
    """A file, or a part of it, that cannot be read; the text is the sentence for the user, without the file's name."""


def require_axes(wanted: tuple[int, ...], axes: int, name: str) -> None:
    """Refuses an input size that a user gives for another number of axes than the input has."""
    if len(wanted) != axes:
        sizes = "one number" if axes == 1 else f"{axes} numbers"
        raise NotUnderstood(
            f"has the input '{name}', whose size is {sizes}, channels first; received were {len(wanted)}."
        )


def guarded(path: Path, what: str, read: Callable[[], _T]) -> _T:
    """Returns what `read` returns.

    Raises FileError with one sentence for everything that a damaged or strange file makes it raise.
    """
    try:
        return read()
    # It has its sentence already.
    except FileError:
        raise
    except NotUnderstood as refusal:
        raise FileError(str(path), [FileFault(0, 0, str(refusal))]) from None
    except OSError as error:
        reason = error.strerror or "the system refuses"
        raise FileError(str(path), [FileFault(0, 0, f"cannot be read: {reason}.")]) from None
    except MALFORMED as error:
        sentence = f"is not {what} that can be read: it is damaged or cut off ({_detail(error)})."
        raise FileError(str(path), [FileFault(0, 0, sentence)]) from None


def _detail(error: Exception) -> str:
    text = " ".join(str(error).split())
    return brief(f"{type(error).__name__}: {text}" if text else type(error).__name__)
