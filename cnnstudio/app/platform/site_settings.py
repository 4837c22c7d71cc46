"""The settings of an institution for all users of a machine: defaults, and locks that nobody can change.

They are data: a JSON file of known names, which is read and never run. A faulty file gives one sentence, and counts for
nothing.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from PySide6.QtCore import QCoreApplication

from cnnstudio.app.platform.places import site_paths
from cnnstudio.core.arithmetic.convention import ConventionKey
from cnnstudio.formats.content import read_content
from cnnstudio.formats.fault import FileError

translate = QCoreApplication.translate
MAX_BYTES = 1_000_000
Name = Literal[
    "design/convention",
    "files/keeps_recovery",
    "files/recovery_folder",
    "view/theme",
    "view/text_scale",
    "view/shape_order",
    "welcome/groups",
    "course/folder",
]
"""The names that an institution can set."""


class Defaults(Struct, frozen=True, forbid_unknown_fields=True):
    """The values that hold until a user chooses another, or always where they are locked."""

    convention: ConventionKey | UnsetType = msgspec.field(default=UNSET, name="design/convention")
    keeps_recovery: bool | UnsetType = msgspec.field(default=UNSET, name="files/keeps_recovery")
    recovery_folder: str | UnsetType = msgspec.field(default=UNSET, name="files/recovery_folder")
    theme: Literal["system", "light", "dark"] | UnsetType = msgspec.field(default=UNSET, name="view/theme")
    text_scale: Annotated[float, Meta(ge=0.6, le=3)] | UnsetType = msgspec.field(default=UNSET, name="view/text_scale")
    shape_order: Literal["convention", "channels_last", "channels_first"] | UnsetType = msgspec.field(
        default=UNSET, name="view/shape_order"
    )
    groups: tuple[str, ...] | UnsetType = msgspec.field(default=UNSET, name="welcome/groups")
    course: str | UnsetType = msgspec.field(default=UNSET, name="course/folder")


class SiteFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the file."""

    defaults: Defaults = Defaults()
    locked: tuple[Name, ...] = ()


class SiteSettings(Struct, frozen=True):
    """The settings that hold on this machine. `fault` is the sentence about a file that could not be used."""

    values: dict[str, Any] = {}
    locked: frozenset[str] = frozenset()
    fault: str = ""


def read_site_settings(paths: Sequence[Path] | None = None) -> SiteSettings:
    """The settings of the first of these files that is there; those of this machine if none are given."""
    for path in site_paths() if paths is None else paths:
        try:
            content = read_content(path, MAX_BYTES) if path.exists() else None
        except OSError:
            continue  # a folder that nobody may look into
        except FileError as error:
            text = translate("SiteSettings", "The settings for all users are not used: {fault}")
            return SiteSettings(fault=text.format(fault=error.lines()[0]))
        if content is not None:
            return _read(path, content)
    return SiteSettings()


def _read(path: Path, content: bytes) -> SiteSettings:
    try:
        file = msgspec.json.decode(content, type=SiteFile)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        reason = str(error).rstrip(".")
        text = translate("SiteSettings", "The settings for all users in {path} are not used: {reason}.")
        return SiteSettings(fault=text.format(path=path, reason=reason))
    return SiteSettings(msgspec.to_builtins(file.defaults), frozenset(file.locked))


def folder_of(text: str) -> Path | None:
    """The folder that a setting names, `~` and `{user}` replaced; None unless it is a whole path."""
    path = Path(text.replace("{user}", _user())).expanduser() if text else None
    return path if path is not None and path.is_absolute() else None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "user"
