"""The designs that come with the program, by name."""

from __future__ import annotations

import re
from pathlib import Path

from cnnstudio import resources
from cnnstudio.core.problem import did_you_mean
from cnnstudio.formats.design_yaml import DesignFile, read_design
from cnnstudio.formats.fault import FileError, FileFault


def builtin_paths() -> dict[str, Path]:
    """The files of the built-in designs by their short names, in the order of the alphabet."""
    return {path.stem: path for path in sorted(resources.path("designs").glob("*.yaml"))}


def find_builtin(name: str) -> Path | None:
    """The file of the built-in design with this name; case, spaces and dashes do not matter."""
    wanted = _letters(name)
    return next((path for stem, path in builtin_paths().items() if _letters(stem) == wanted), None)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def open_design(source: str) -> DesignFile:
    """Reads the file of this name, or the built-in design; FileError if there is neither, or the file is faulty."""
    return read_design(locate_design(source))


def locate_design(source: str) -> Path:
    """The path of a design file, or of the built-in design of that name; FileError if there is neither."""
    path = Path(source)
    try:
        if path.exists():
            return path
    except (OSError, ValueError):
        raise FileError(source, [FileFault(0, 0, "is no possible file name.")]) from None
    builtin = find_builtin(source)
    if builtin is not None:
        return builtin
    hint = did_you_mean(source, list(builtin_paths()))
    raise FileError(source, [FileFault(0, 0, f"there is no such file, and no built-in design of that name.{hint}")])
