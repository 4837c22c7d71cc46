"""Settings by name in a JSON file: text, numbers, switches and lists of text, and nothing that could be run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from cnnstudio.app.platform.places import FOLDER, portable_folder, settings_path
from cnnstudio.formats.content import read_content
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.saving import write_atomically

MAX_BYTES = 1_000_000
"""More than anybody has to remember; a larger file is a damaged one."""


class SettingsFile:
    """The content of a JSON file of names and values: `{"view/theme": "dark"}`.

    A file that is missing, damaged or out of reach is an empty one, and what cannot be written is remembered until the
    program ends. Each change is written at once, into what the file holds by then: several programs share it.
    """

    def __init__(self, path: Path, first: Callable[[], dict[str, Any]] = dict) -> None:
        """`first` gives the values of a file that is not there yet."""
        self._path = path
        self._values = _read(path) if path.exists() else first()
        self._is_new = not path.exists()

    def value(self, name: str) -> object:
        """The value of that name, None if there is none; whoever asks has to look at its type."""
        return self._values.get(name)

    def set_values(self, values: dict[str, object]) -> None:
        """Remembers values, but no text that is not Unicode, as some file names are not; None is forgotten."""
        if not self._is_new:
            # Another window may have written since; what it remembered would be lost with an older copy.
            self._values |= _read(self._path)
        self._values = {name: value for name, value in {**self._values, **values}.items() if _can_be_kept(value)}
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, msgspec.json.format(msgspec.json.encode(self._values)) + b"\n")
            self._is_new = False


def _can_be_kept(value: object) -> bool:
    try:
        # Tried, not looked at: lists may hold such texts as well. A lone surrogate has no UTF-8, which JSON is written
        # in.
        return value is not None and bool(msgspec.json.encode(value))
    except ValueError:
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        values = msgspec.json.decode(read_content(path, MAX_BYTES))
    except (FileError, msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def user_settings() -> SettingsFile:
    """The settings of this user, which begin with those of an earlier version, if it left any."""
    from cnnstudio.app.platform.earlier_settings import earlier_values

    if portable_folder() is not None:
        return SettingsFile(settings_path())
    return SettingsFile(settings_path(), lambda: earlier_values(_earlier_path()))


def _earlier_path() -> Path:
    """The place where versions before the JSON file had their settings, as an INI file of Qt."""
    usual = Path.home() / ".config"
    folder = os.environ.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME", "")
    return (Path(folder) if folder else usual) / FOLDER / f"{FOLDER}.ini"
