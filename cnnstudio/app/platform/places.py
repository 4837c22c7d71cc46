"""The folders in which the program keeps what it remembers: those of the user, or one beside the program."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStandardPaths

from cnnstudio.installation import bundle

VARIABLE: Final = "CNNSTUDIO_HOME"
"""The variable that names the one folder for everything; it comes before the folder beside the program."""
BESIDE: Final = "cnnstudio-data"
"""The folder beside the program that makes it portable, if it is there."""
FOLDER: Final = "CNNStudio"
_Place = QStandardPaths.StandardLocation


def portable_folder() -> Path | None:
    """The one folder for settings, unsaved work and building blocks; None where they lie with the user's other files.

    It is the one that `CNNSTUDIO_HOME` names, else `cnnstudio-data` beside the program of a bundle, or in the virtual
    environment.
    """
    named = os.environ.get(VARIABLE, "")
    if named and os.path.isabs(named):
        return Path(named)
    program = Path(sys.prefix) if bundle() is None else Path(sys.executable).parent
    beside = program / BESIDE
    return beside if beside.is_dir() else None


def settings_path() -> Path:
    """The settings of this user."""
    return _folder("config", _Place.GenericConfigLocation, FOLDER) / "settings.json"


def state_folder() -> Path:
    """The folder for files that must survive a crash."""
    return _folder("state", _Place.StateLocation)


def state_folders() -> list[Path]:
    """The folder for files that must survive a crash, and that of this user where the program is portable."""
    return list(dict.fromkeys((state_folder(), _own_folder(_Place.StateLocation))))


def blocks_folder() -> Path:
    """The folder of this user's building blocks, one file each."""
    return _folder("data", _Place.AppDataLocation) / "blocks"


def _folder(name: str, place: QStandardPaths.StandardLocation, below: str = "") -> Path:
    portable = portable_folder()
    if portable is not None:
        return portable / name
    return _own_folder(place) / below


def _own_folder(place: QStandardPaths.StandardLocation) -> Path:
    found = QStandardPaths.writableLocation(place)
    # Some systems have no place for states.
    return Path(found or QStandardPaths.writableLocation(_Place.AppDataLocation))


def site_paths() -> list[Path]:
    """The places where an institution may keep its settings: the first that is there holds."""
    folders = [Path(folder) for folder in QStandardPaths.standardLocations(_Place.GenericConfigLocation)[1:]]
    if sys.platform == "darwin":
        folders.append(Path("/Library/Application Support"))
    return [folder / FOLDER / "settings.json" for folder in folders]
