"""Icons in the colours of the theme, at any size: SVG files whose `currentColor` is replaced when drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from os import scandir
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from cnnstudio import resources
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tokens import DARK, LIGHT, Tokens
from cnnstudio.layers.families import FAMILY

SEVERITY_SIGNS: Final = {"error": ("circle-x", "danger"), "warning": ("triangle-alert", "warning")}
"""The icon of a problem by how bad it is, and the token of its colour."""
MIDDLE_LIGHTNESS: Final = 128
"""The lightness of a window, of 255, below which it is a dark one."""
MAX_PICTURES: Final = 500
"""So many are kept, which only somebody who zooms in many steps comes to."""

Pick = Callable[[Tokens], str]


def icon(name: str, theme: Theme, token: str = "text") -> QIcon:
    """The icon of this name in a colour of the theme, which it follows; FileNotFoundError for no name."""
    return QIcon(_ThemedEngine(f"{name}.svg", theme, lambda tokens: str(getattr(tokens, token))))


def family_icon(family: str, theme: Theme) -> QIcon:
    """The sign of a layer family, or of `block`, in the colour of the family."""
    return QIcon(_ThemedEngine(FAMILY[family].picture, theme, lambda tokens: tokens.family(family)))


def application_icon() -> QIcon:
    """The icon of the program."""
    return QIcon(str(resources.path("icons", "cnnstudio.svg")))


def paint_family(painter: QPainter, rect: QRect | QRectF, family: str, theme: Theme) -> None:
    """Paints the sign of a layer family into the middle of a rectangle, for delegates."""
    _paint(painter, QRectF(rect), FAMILY[family].picture, theme.tokens.family(family), theme)


def paint_icon(painter: QPainter, rect: QRect | QRectF, name: str, theme: Theme, token: str = "text") -> None:
    """Paints an icon into the middle of a rectangle, for delegates."""
    _paint(painter, QRectF(rect), f"{name}.svg", str(getattr(theme.tokens, token)), theme)


def icon_pixmap(name: str, token: str, side: int, widget: QWidget | None) -> QPixmap:
    """An icon of the program for a box of Qt's, in a colour that goes with the palette of the application."""
    window = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    tokens = DARK if window.lightness() < MIDDLE_LIGHTNESS else LIGHT
    ratio = widget.devicePixelRatioF() if widget is not None else 1.0
    pixmap = QPixmap(_drawn(f"{name}.svg", str(getattr(tokens, token)), round(side * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon_names() -> list[str]:
    """The names of the icons there are."""
    return sorted(path.stem for path in _folder().glob("*.svg") if path.stem != "cnnstudio")


@cache
def _folder() -> Path:
    return resources.path("icons")


@cache
def _files() -> frozenset[str]:
    """The pictures there are; they are read when they are painted first."""
    own = (entry.name for entry in scandir(_folder()))
    families = (f"families/{entry.name}" for entry in scandir(_folder() / "families"))
    return frozenset((*own, *families))


@cache
def _source(path: str) -> str:
    return (_folder() / path).read_text("utf-8")


def _paint(painter: QPainter, rect: QRectF, path: str, colour: str, theme: Theme) -> None:
    """Paints a picture into the middle of a rectangle, on whole device pixels, so that it is sharp."""
    side = min(rect.width(), rect.height())
    # The device itself may be a widget of Qt's own, for which Python would look through all there are.
    ratio = painter.deviceTransform().m11()
    if ratio <= 0:  # turned, or mirrored
        ratio = 1.0
    pixmap = _pixmap(path, colour, round(side * ratio), theme)
    x = round((rect.center().x() - side / 2) * ratio) / ratio
    y = round((rect.center().y() - side / 2) * ratio) / ratio
    painter.drawPixmap(QRectF(x, y, side, side), pixmap, QRectF(pixmap.rect()))


def _pixmap(path: str, colour: str, side: int, theme: Theme) -> QPixmap:
    """A square picture of so many device pixels, which the theme keeps: there are few, and they are painted often."""
    key = (path, colour, side)
    pixmap = theme.pictures.get(key)
    if pixmap is None:
        if len(theme.pictures) >= MAX_PICTURES:
            theme.pictures.clear()
        pixmap = theme.pictures[key] = _drawn(path, colour, side)
    return pixmap


def _drawn(path: str, colour: str, side: int) -> QPixmap:
    # A button in a bar that has no room left asks for a picture of no size.
    if side <= 0:
        return QPixmap()
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    # Qt draws `currentColor` black, which nobody sees on a dark ground.
    text = _source(path).replace("currentColor", colour)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap


class _ThemedEngine(QIconEngine):
    """Draws one SVG file in the colour that the theme has at that moment."""

    def __init__(self, path: str, theme: Theme, pick: Pick) -> None:
        super().__init__()
        # A wrong name is told here, and not in the middle of painting.
        if path not in _files():
            raise FileNotFoundError(f"there is no icon '{path}'")
        self._path = path
        self._theme = theme
        self._pick = pick

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        _paint(painter, QRectF(rect), self._path, self._colour(mode), self._theme)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return _pixmap(self._path, self._colour(mode), min(size.width(), size.height()), self._theme)

    def clone(self) -> QIconEngine:
        return _ThemedEngine(self._path, self._theme, self._pick)

    def _colour(self, mode: QIcon.Mode) -> str:
        tokens = self._theme.tokens
        return tokens.faint if mode == QIcon.Mode.Disabled else self._pick(tokens)
