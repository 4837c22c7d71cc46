"""The settings that the program remembers between starts, by name and with its type."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Literal, NamedTuple

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

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
    """Typed access to the settings file of this user."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANIZATION, APPLICATION
        )

    @property
    def recent(self) -> list[Path]:
        """The files opened last, the latest first; those that are gone are left out."""
        return [path for path in map(Path, self._texts("files/recent")) if path.exists()]

    def add_recent(self, path: Path) -> None:
        """Puts a file at the head of the recent ones."""
        path = path.resolve()
        others = [text for text in self._texts("files/recent") if text != str(path)]
        self._store.setValue("files/recent", [str(path), *others][:MAX_RECENT])

    def clear_recent(self) -> None:
        """Forgets the recent files."""
        self._store.remove("files/recent")

    @property
    def theme_mode(self) -> str:
        """`system`, `light` or `dark`."""
        mode = str(self._store.value("view/theme", "system", type=str))
        return mode if mode in ("system", "light", "dark") else "system"

    @theme_mode.setter
    def theme_mode(self, mode: str) -> None:
        self._store.setValue("view/theme", mode)

    @property
    def text_scale(self) -> float:
        """Factor of the text size, 1 for the desktop's own."""
        try:
            scale = float(str(self._store.value("view/text_scale", 1.0)))
        except ValueError:
            return 1.0
        return min(3.0, max(0.6, scale)) if isfinite(scale) else 1.0

    @text_scale.setter
    def text_scale(self, scale: float) -> None:
        self._store.setValue("view/text_scale", scale)

    @property
    def shape_order(self) -> str:
        """`convention`, `channels_last` or `channels_first`."""
        order = str(self._store.value("view/shape_order", "convention", type=str))
        return order if order in ("channels_last", "channels_first") else "convention"

    @shape_order.setter
    def shape_order(self, order: str) -> None:
        self._store.setValue("view/shape_order", order)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table in order; empty for the standard ones."""
        return tuple(self._texts("table/columns"))

    @columns.setter
    def columns(self, keys: tuple[str, ...]) -> None:
        self._store.setValue("table/columns", list(keys))

    @property
    def comparison_toggles(self) -> tuple[str, ...]:
        """The switches that are on in a comparison window."""
        return tuple(self._texts("comparison/toggles"))

    @comparison_toggles.setter
    def comparison_toggles(self, keys: tuple[str, ...]) -> None:
        self._store.setValue("comparison/toggles", list(keys))

    @property
    def compared_quantity(self) -> str:
        """The key of the quantity that is compared line by line."""
        return str(self._store.value("comparison/quantity", "parameters", type=str))

    @compared_quantity.setter
    def compared_quantity(self, key: str) -> None:
        self._store.setValue("comparison/quantity", key)

    @property
    def center_view(self) -> str:
        """The view in the upper half of the middle: `table` or `diagram`."""
        return "diagram" if str(self._store.value("view/center", "table")) == "diagram" else "table"

    @center_view.setter
    def center_view(self, key: str) -> None:
        self._store.setValue("view/center", key)

    @property
    def diagram(self) -> tuple[Literal["boxes", "volumes"], Literal["down", "right"]]:
        """The style and the direction of the diagram."""
        style: Literal["boxes", "volumes"] = "volumes" if self._is("diagram/style", "volumes") else "boxes"
        usual = "right" if style == "volumes" else "down"
        return style, "right" if self._is("diagram/direction", "right", usual) else "down"

    @diagram.setter
    def diagram(self, look: tuple[str, str]) -> None:
        self._store.setValue("diagram/style", look[0])
        self._store.setValue("diagram/direction", look[1])

    @property
    def report_choice(self) -> str:
        """The choices for the last report, as `report_choice` writes it."""
        return str(self._store.value("report/choice", "", type=str))

    @report_choice.setter
    def report_choice(self, text: str) -> None:
        self._store.setValue("report/choice", text)

    @property
    def report_folder(self) -> Path:
        """The folder of the last report; the user's own folder if that is gone."""
        folder = Path(str(self._store.value("report/folder", "", type=str)))
        return folder if folder.is_absolute() and folder.is_dir() else Path.home()

    @report_folder.setter
    def report_folder(self, folder: Path) -> None:
        self._store.setValue("report/folder", str(folder))

    @property
    def keeps_recovery(self) -> bool:
        """True if unsaved work is kept beside the program's state, in case of a crash."""
        return bool(self._store.value("files/keeps_recovery", defaultValue=True, type=bool))

    @keeps_recovery.setter
    def keeps_recovery(self, keeps: bool) -> None:
        self._store.setValue("files/keeps_recovery", keeps)

    def layout(self) -> WindowLayout:
        """The layout of the last window; empty if there is none."""
        return WindowLayout(self._bytes("window/geometry"), self._bytes("window/state"), self._bytes("window/center"))

    def set_layout(self, layout: WindowLayout) -> None:
        """Remembers where everything is."""
        self._store.setValue("window/geometry", layout.geometry)
        self._store.setValue("window/state", layout.state)
        self._store.setValue("window/center", layout.center)

    def clear_layout(self) -> None:
        """Forgets where the docks were."""
        self._store.remove("window")

    def _is(self, key: str, value: str, usual: str = "") -> bool:
        return str(self._store.value(key, usual)) == value

    def _texts(self, key: str) -> list[str]:
        value = self._store.value(key, [])
        if isinstance(value, str):
            return [value]
        return [str(item) for item in value] if isinstance(value, list) else []

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()


def state_folder() -> Path:
    """The folder for files that must survive a crash."""
    location = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.StateLocation)
    fallback = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    return Path(location or fallback)


def blocks_folder() -> Path:
    """The folder of this user's building blocks, one file each."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)) / "blocks"
