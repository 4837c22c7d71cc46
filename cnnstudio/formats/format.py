"""File formats: how it is recognized, and how it is read and written."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from cnnstudio.core.arithmetic.numerals import whole_number
from cnnstudio.core.arithmetic.shape import MAX_RANK
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.layer import MAX_SIZE
from cnnstudio.formats.content import Sample
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.saving import Precautions
from cnnstudio.formats.saving.stamp import Stamp

MAX_AXES = MAX_RANK + 1
"""The axes of an input: channels, and up to four of time and space."""


class ReadOptions(Struct, frozen=True):
    """The user's answers to what a file leaves open; a design file leaves nothing open.

    `input_size` is channels first, as (3, 224, 224); `network` is the name of one of several; `arguments` are names and
    values that source code leaves open, as ("num_classes", "10"); `fold` makes blocks.
    """

    input_size: tuple[int, ...] | None = None
    network: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    fold: bool = True


def input_size_from(text: str) -> tuple[int, ...] | None:
    """`3,224,224`, `3x224x224` or `3 × 224 × 224` as an input size; None for what is none."""
    parts = re.split(r"\s*[×x,;]\s*|\s+", text.strip())
    sizes = [whole_number(part, 1, MAX_SIZE) for part in parts[: MAX_AXES + 1]]
    return tuple(size for size in sizes if size) if len(sizes) <= MAX_AXES and None not in sizes else None


def is_settable(name: str) -> bool:
    """True for what a value can be given for: a name, or an expression that a layer of source code takes."""
    return re.fullmatch(r"[^\W\d][^=;\n]*", name) is not None


class Format(Struct, frozen=True):
    """A kind of file that holds a network.

    `suffixes` are in small letters, with the dot; the first is what a new file gets. `recognizes` looks at the content.
    `read` gives the design; FileError, with every fault in it, if that is not possible, and nothing else whatever
    the bytes. `write` saves one atomically and returns the stamp of the file; OSError, with the old file whole, if it
    cannot, and ChangedMeanwhile where the precautions say so. A format without it is
    imported: its `read` gives a report as well, may take long, and the design is new and unsaved.
    """

    key: str
    title: str
    suffixes: tuple[str, ...]
    recognizes: Callable[[Sample], bool]
    read: Callable[[Path, ReadOptions], DesignFile]
    write: Callable[[Path, Design, Precautions], Stamp] | None = None

    @property
    def is_import(self) -> bool:
        """True if it can only be read, not written."""
        return self.write is None
