"""The settings that the program remembers between starts, by name and with its type."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from math import isfinite
from pathlib import Path
from typing import Literal, NamedTuple
from zlib import crc32

from PySide6.QtCore import QByteArray

from cnnstudio.app.platform.settings_file import SettingsFile, user_settings
from cnnstudio.app.platform.site_settings import SiteSettings, folder_of
from cnnstudio.core.arithmetic.convention import CONVENTIONS, ConventionKey

LAYOUT_VERSION = 1
"""Raised when docks change, so that an old layout is not forced onto new docks."""
MAX_RECENT = 10
ORGANIZATION = "CNNStudio"
APPLICATION = "CNNStudio"


class WindowLayout(NamedTuple):
    """Of a window: its place on the screen, its docks, and how the table and the chart share the middle."""

    geometry: QByteArray
    state: QByteArray
    center: QByteArray


class Settings:
    """Typed access to what the program remembers. A value of the wrong type is as good as none.

    Where the user has chosen nothing, and where it is locked, what an institution has set holds.
    """

    def __init__(self, file: SettingsFile | None = None, site: SiteSettings | None = None) -> None:
        """`file` holds them, that of this user if none is given; `site` is what an institution has set."""
        self._file = file or user_settings()
        self.site = site or SiteSettings()

    @property
    def recent(self) -> list[Path]:
        """The files opened last, the latest first; those that are gone are left out."""
        return [path for path in map(Path, self._texts("files/recent")) if _is_there(path)]

    def add_recent(self, path: Path) -> None:
        """Puts a file at the head of the recent ones."""
        # One file is listed once, whichever way somebody came to it.
        path = path.resolve()
        others = [text for text in self._texts("files/recent") if text != str(path)]
        self._set("files/recent", [str(path), *others][:MAX_RECENT])

    def clear_recent(self) -> None:
        """Forgets the recent files."""
        self._set("files/recent", None)

    @property
    def theme_mode(self) -> str:
        """`system`, `light` or `dark`."""
        return self._choice("view/theme", "system", "light", "dark")

    @theme_mode.setter
    def theme_mode(self, mode: str) -> None:
        self._set("view/theme", mode)

    @property
    def text_scale(self) -> float:
        """Factor of the text size, 1 for the desktop's own."""
        try:
            scale = float(str(self._value("view/text_scale")))
        except ValueError:
            return 1.0
        # The file can be edited by hand, and `nan` and `inf` are numbers for `float`.
        return min(3.0, max(0.6, scale)) if isfinite(scale) else 1.0

    @text_scale.setter
    def text_scale(self, scale: float) -> None:
        self._set("view/text_scale", scale)

    @property
    def shape_order(self) -> str:
        """`convention`, `channels_last` or `channels_first`."""
        return self._choice("view/shape_order", "convention", "channels_last", "channels_first")

    @shape_order.setter
    def shape_order(self, order: str) -> None:
        self._set("view/shape_order", order)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table in order; empty for the standard ones."""
        return tuple(self._texts("table/columns"))

    @columns.setter
    def columns(self, keys: tuple[str, ...]) -> None:
        self._set("table/columns", list(keys))

    @property
    def comparison_toggles(self) -> tuple[str, ...]:
        """The switches that are on in a comparison window."""
        return tuple(self._texts("comparison/toggles"))

    @comparison_toggles.setter
    def comparison_toggles(self, keys: tuple[str, ...]) -> None:
        self._set("comparison/toggles", list(keys))

    @property
    def compared_quantity(self) -> str:
        """The key of the quantity that is compared line by line."""
        return self._text("comparison/quantity", "parameters")

    @compared_quantity.setter
    def compared_quantity(self, key: str) -> None:
        self._set("comparison/quantity", key)

    @property
    def center_view(self) -> str:
        """The view in the upper half of the middle: `table`, `diagram`, `code` or `memory`."""
        return self._choice("view/center", "table", "diagram", "code", "memory")

    @center_view.setter
    def center_view(self, key: str) -> None:
        self._set("view/center", key)

    @property
    def diagram(self) -> tuple[Literal["boxes", "volumes"], Literal["down", "right"]]:
        """The style and the direction of the diagram."""
        style: Literal["boxes", "volumes"] = "volumes" if self._text("diagram/style") == "volumes" else "boxes"
        usual = "right" if style == "volumes" else "down"
        return style, "right" if self._text("diagram/direction", usual) == "right" else "down"

    @diagram.setter
    def diagram(self, look: tuple[str, str]) -> None:
        self._file.set_values({"diagram/style": look[0], "diagram/direction": look[1]})

    @property
    def code_target(self) -> str:
        """The key of the target whose code is shown."""
        return self._text("code/target", "pytorch")

    @code_target.setter
    def code_target(self, key: str) -> None:
        self._set("code/target", key)

    @property
    def memory_choice(self) -> tuple[str, ...]:
        """Batch, optimizer, precision, mode and card of the memory view; empty for the usual ones."""
        return tuple(self._texts("memory/choice"))

    @memory_choice.setter
    def memory_choice(self, words: tuple[str, ...]) -> None:
        self._set("memory/choice", list(words))

    @property
    def verify_python(self) -> str:
        """The interpreter that has the frameworks; empty if nobody named one."""
        return self._text("verify/python")

    @verify_python.setter
    def verify_python(self, path: str) -> None:
        self._set("verify/python", path)

    @property
    def report_choice(self) -> str:
        """The choices for the last report, as `report_choice` writes it."""
        return self._text("report/choice")

    @report_choice.setter
    def report_choice(self, text: str) -> None:
        self._set("report/choice", text)

    @property
    def report_folder(self) -> Path:
        """The folder of the last report; the user's own folder if that is gone."""
        folder = Path(self._text("report/folder"))
        return folder if folder.is_absolute() and _is_there(folder) and folder.is_dir() else Path.home()

    @report_folder.setter
    def report_folder(self, folder: Path) -> None:
        self._set("report/folder", str(folder))

    @property
    def keeps_recovery(self) -> bool:
        """True if unsaved work is kept beside the program's state, in case of a crash."""
        return self._value("files/keeps_recovery") is not False

    @keeps_recovery.setter
    def keeps_recovery(self, keeps: bool) -> None:
        self._set("files/keeps_recovery", keeps)

    def layout(self) -> WindowLayout:
        """The layout of the last window; empty if there is none, or if it was damaged.

        Qt crashes or hangs on a damaged layout; so each part bears a checksum.
        """
        return WindowLayout(*(_unsealed(self._text(name)) for name in _LAYOUT))

    def set_layout(self, layout: WindowLayout) -> None:
        """Remembers where everything is."""
        self._file.set_values({name: _sealed(part) for name, part in zip(_LAYOUT, layout, strict=True)})

    def clear_layout(self) -> None:
        """Forgets where the docks were."""
        self._file.set_values(dict.fromkeys(_LAYOUT))

    # What an institution alone can set.

    @property
    def new_convention(self) -> ConventionKey:
        """The convention by which a new design is counted."""
        wanted = self._text("design/convention")
        return next((item.key for item in CONVENTIONS.values() if item.key == wanted), "pytorch")

    @property
    def recovery_folder(self) -> Path | None:
        """The folder in which unsaved work is kept; None for the usual one."""
        return folder_of(str(self.site.values.get("files/recovery_folder", "")))

    @property
    def course_folder(self) -> Path | None:
        """The folder with designs of a course, and below it in `blocks` its building blocks."""
        return folder_of(str(self.site.values.get("course/folder", "")))

    @property
    def welcome_groups(self) -> tuple[str, ...]:
        """The titles of the groups of designs on the welcome page; empty for all."""
        return tuple(self.site.values.get("welcome/groups", ()))

    def is_locked(self, name: str) -> bool:
        """True if the institution does not let users choose it."""
        return name in self.site.locked

    # Every setting goes through these.

    def _value(self, name: str) -> object:
        own = None if self.is_locked(name) else self._file.value(name)
        return self.site.values.get(name) if own is None else own

    def _set(self, name: str, value: object) -> None:
        if not self.is_locked(name):
            self._file.set_values({name: value})

    def _text(self, name: str, usual: str = "") -> str:
        value = self._value(name)
        return value if isinstance(value, str) else usual

    def _choice(self, name: str, usual: str, *others: str) -> str:
        value = self._text(name)
        return value if value in others else usual

    def _texts(self, name: str) -> list[str]:
        value = self._value(name)
        if isinstance(value, str):
            return [value]
        return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


_LAYOUT = ("window/geometry", "window/state", "window/center")


def _sealed(part: QByteArray) -> str:
    """Bytes as text, with their checksum: `5d3f1a07:AAH/...`."""
    content = part.data()
    return f"{crc32(content):08x}:{b2a_base64(content, newline=False).decode()}"


def _unsealed(text: str) -> QByteArray:
    """The bytes of a text; none where the checksum is another one."""
    checksum, _, encoded = text.partition(":")
    try:
        content = a2b_base64(encoded)
    except ValueError:
        return QByteArray()
    return QByteArray(content) if checksum == f"{crc32(content):08x}" else QByteArray()


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
