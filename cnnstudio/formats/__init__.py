"""The file formats: one row each, in the order in which they are tried.

Open, drop, save, dialogs and command line all read `FORMATS`. A format is added by one row: how it is recognized, and
a function that reads it. Such a function imports its reader itself, so that a start pays for no format but its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from cnnstudio.core.network.design import Design
from cnnstudio.formats.content import Sample
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.foreign.rows import FOREIGN
from cnnstudio.formats.format import Format, ReadOptions
from cnnstudio.formats.saving import NO_PRECAUTIONS, Precautions
from cnnstudio.formats.saving.stamp import Stamp

_AS_IT_IS: Final = ReadOptions()
_VERSION_KEY = re.compile(rb"""(?:^|[{,]\s*)["']?cnnstudio["']?\s*:""", re.MULTILINE)


def _is_design(sample: Sample) -> bool:
    return _VERSION_KEY.search(sample.head.removeprefix(b"\xef\xbb\xbf")) is not None


def _read_design(path: Path, _options: ReadOptions) -> DesignFile:
    from cnnstudio.formats.design_yaml import read_design

    return read_design(path)


def _write_design(path: Path, design: Design, precautions: Precautions) -> Stamp:
    from cnnstudio.formats.design_yaml import write_design

    return write_design(path, design, precautions)


DESIGN: Final = Format("design", "CNN Studio designs", (".yaml", ".yml"), _is_design, _read_design, _write_design)
"""The studio's own format: what a design is saved in, and how a file is read that nothing else recognizes."""
FORMATS: Final[tuple[Format, ...]] = (DESIGN, *FOREIGN)
"""Every format, in the order in which they are tried."""


def suffixes(*, writable: bool = False) -> tuple[str, ...]:
    """The suffixes of all formats, or of those that can be written; in their order, each once."""
    rows = [row for row in FORMATS if row.write is not None or not writable]
    return tuple(dict.fromkeys(suffix for row in rows for suffix in row.suffixes))


def format_of(path: Path) -> Format:
    """The format of a file, by its content and then by its suffix; FileError if its content cannot be read."""
    sample = Sample(path)
    by_content = next((row for row in FORMATS if row.recognizes(sample)), None)
    return by_content or next((row for row in FORMATS if sample.suffix in row.suffixes), DESIGN)


def read_file(path: Path, options: ReadOptions = _AS_IT_IS) -> DesignFile:
    """Reads the design in a file of any format; FileError with every fault if that is not possible."""
    return format_of(path).read(path, options)


def write_file(path: Path, design: Design, precautions: Precautions = NO_PRECAUTIONS) -> Stamp:
    """Saves a design in the format that the suffix names, or as a design file; the stamp of what the file holds now.

    OSError, with the old file whole, if it cannot be written; ChangedMeanwhile where the precautions say so.
    """
    suffix = path.suffix.lower()
    write = next((row.write for row in FORMATS if row.write and suffix in row.suffixes), _write_design)
    return write(path, design, precautions)


def without_suffix(name: str) -> str:
    """A file name without the suffix of a format; any other belongs to the name, as in `v1.0`."""
    stem, dot, suffix = name.rpartition(".")
    return stem if stem and f"{dot}{suffix}".lower() in suffixes() else name
