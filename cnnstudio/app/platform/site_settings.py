"""The settings of an institution for all users of a machine: defaults, and locks that nobody can change.

They are data: a JSON file of known names, which is read and never run. A faulty file gives one sentence, and counts for
nothing.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, structs
from PySide6.QtCore import QCoreApplication

from cnnstudio.app.platform.places import site_paths
from cnnstudio.core.arithmetic.convention import ConventionKey
from cnnstudio.core.network.field_check import expected, received
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.core.network.problem import require_known
from cnnstudio.formats.content import read_content
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.gallery import builtin_groups

translate = QCoreApplication.translate
MAX_BYTES = 1_000_000
ENTRIES = ("defaults", "locked")
FOLDERS = ("files/recovery_folder", "course/folder")


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


class SiteSettings(Struct, frozen=True):
    """The settings that hold on this machine. `fault` is the sentence about what cannot be used of them."""

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
        return _settings(msgspec.json.decode(content))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        reason = str(error) if str(error).endswith((".", "?")) else f"{error}."
        text = translate("SiteSettings", "The settings for all users in {path} are not used: {reason}")
        return SiteSettings(fault=text.format(path=path, reason=reason))


def _settings(content: Any) -> SiteSettings:
    """The settings that a file holds; ValueError with what is wrong and what would do."""
    if not isinstance(content, dict):
        raise ValueError('the file must be an object with "defaults" and "locked", in braces')
    for entry in content:
        require_known(entry, ENTRIES, "entry")
    values, locked = content.get("defaults", {}), content.get("locked", [])
    if not isinstance(values, dict):
        raise ValueError('"defaults" must be an object of names and values, in braces')
    if not (isinstance(locked, list) and all(isinstance(name, str) for name in locked)):
        raise ValueError('"locked" must be a list of names, in brackets')
    declared = dict(_declared())
    for name in (*values, *locked):
        require_known(name, declared, "setting")
    values = {name: _checked(name, declared[name], value) for name, value in values.items()}
    course = folder_of(values.get("course/folder", ""))
    text = translate("SiteSettings", "The folder of the course, {folder}, is not there, or nobody may read it.")
    fault = "" if course is None or _is_folder(course) else text.format(folder=course)
    return SiteSettings(values, frozenset(locked), fault)


def _declared() -> Iterator[tuple[str, Field]]:
    """Every setting by its name in the file."""
    names = {info.name: info.encode_name for info in structs.fields(Defaults)}
    return ((names[field.name], field) for field in fields_of(Defaults))


def _checked(name: str, field: Field, value: Any) -> Any:
    """The value as its setting takes it; ValueError with what fits, if this one does not."""
    try:
        value = msgspec.convert(value, field.hint)
    except msgspec.ValidationError:
        raise ValueError(f"{name} must be {expected(field)}, and received {received(field, value)}") from None
    if name in FOLDERS and folder_of(value) is None:
        raise ValueError(f"{name} must be a whole path, from the root on, and received '{value}'")
    if name == "welcome/groups":
        for title in value:
            require_known(title, [group.title for group in builtin_groups()], "group of designs")
    return value


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def folder_of(text: str) -> Path | None:
    """The folder that a setting names, `~` and `{user}` replaced; None unless it is a whole path."""
    path = Path(text.replace("{user}", _user())).expanduser() if text else None
    return path if path is not None and path.is_absolute() else None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "user"
