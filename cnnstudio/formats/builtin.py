"""The designs that come with the program, by name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from cnnstudio import resources
from cnnstudio.core.network.problem import did_you_mean
from cnnstudio.formats import read_file
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.fault import FileError, FileFault


@cache
def builtin_paths() -> dict[str, Path]:
    """The files of the built-in designs by their short names, in the order of the alphabet, 18 before 101."""
    paths = {path.stem: path for path in _folder().glob("*.yaml")}
    return {stem: paths[stem] for stem in sorted(paths, key=_natural_order)}


@cache
def _folder() -> Path:
    return resources.path("designs")


def is_builtin(path: Path) -> bool:
    """True if a file is one of the built-in designs."""
    try:
        return path.resolve().parent == _folder().resolve()
    except (OSError, ValueError):
        return False


def _natural_order(stem: str) -> list[tuple[int, str]]:
    # Pairs, as a number and a word cannot be compared with each other.
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", stem)]


def find_builtin(name: str) -> Path | None:
    """The file of the built-in design with this name; case, spaces and dashes do not matter."""
    wanted = _letters(name)
    return next((path for stem, path in builtin_paths().items() if _letters(stem) == wanted), None)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def open_design(source: str) -> DesignFile:
    """Reads the file of this name, or the built-in design; FileError if there is neither, or it is faulty."""
    return read_file(locate_design(source))


def locate_design(source: str) -> Path:
    """The path of a design file, or of the built-in design of that name; FileError if there is neither.

    A file comes before a built-in design, and that before a folder.
    """
    path = Path(source)
    try:
        is_there, is_folder = bool(source) and path.exists(), path.is_dir()
    except (OSError, ValueError):
        raise FileError(source, [FileFault(0, 0, "is not a valid file name.")]) from None
    builtin = None if is_there and not is_folder else find_builtin(source)
    if is_there or builtin is not None:
        return builtin or path
    hint = did_you_mean(source, list(builtin_paths()))
    sentence = f"there is no such file, and no built-in design of that name.{hint}"
    raise FileError(source or "''", [FileFault(0, 0, sentence)])
