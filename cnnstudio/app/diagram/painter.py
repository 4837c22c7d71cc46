"""Paints the shapes of a drawing with Qt: on the screen, into a picture, or onto a page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontDatabase, QFontMetricsF, QPainter, QPainterPath, QPen

from cnnstudio import resources
from cnnstudio.drawings.diagram.drawing import Drawing, Path, Rect, Shape, Text

NO_BRUSH: Final = QBrush()
NO_PEN: Final = QPen(Qt.PenStyle.NoPen)


class Painter:
    """Paints shapes with the letters of one font, whose size the shapes say."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._fonts: dict[tuple[int, bool], tuple[QFont, QFontMetricsF]] = {}

    def paint(self, painter: QPainter, shapes: Iterable[Shape], *, has_texts: bool = True) -> None:
        """Paints shapes, from back to front; without their texts where nobody could read them."""
        for shape in shapes:
            if isinstance(shape, Rect):
                _paint_rect(painter, shape)
            elif isinstance(shape, Path):
                _paint_path(painter, shape)
            elif has_texts:
                self._paint_text(painter, shape)

    def paint_drawing(self, painter: QPainter, drawing: Drawing) -> None:
        """Paints a whole drawing with its ground."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, drawing.width, drawing.height), QColor(drawing.background))
        for group in drawing.groups:
            self.paint(painter, group.shapes)

    def _paint_text(self, painter: QPainter, text: Text) -> None:
        font, metrics = self._sized(text.size, is_bold=text.is_bold)
        x = text.x
        if text.anchor != "start":
            width = metrics.horizontalAdvance(text.text)
            x -= width / 2 if text.anchor == "middle" else width
        painter.setFont(font)
        painter.setPen(_colour(text.fill))
        painter.drawText(QPointF(x, text.y), text.text)

    def _sized(self, size: int, *, is_bold: bool) -> tuple[QFont, QFontMetricsF]:
        key = (size, is_bold)
        if key not in self._fonts:
            font = QFont(self._font)
            font.setPixelSize(size)
            font.setBold(is_bold)
            # Letters keep their places at every magnification.
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            self._fonts[key] = (font, QFontMetricsF(font))
        return self._fonts[key]


def page_font() -> QFont:
    """The font of files, which comes with the program, so that files are the same everywhere."""
    number = QFontDatabase.addApplicationFont(str(resources.path("fonts", "DejaVuSans.ttf")))
    families = QFontDatabase.applicationFontFamilies(number)
    return QFont(families[0]) if families else QFont()


@lru_cache(maxsize=512)
def _colour(name: str) -> QColor:
    return QColor(name)


@lru_cache(maxsize=512)
def _pen(colour: str, width: float, dash: tuple[float, ...] = ()) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dash:
        # Qt counts dashes in widths of the line.
        pen.setDashPattern([length / width for length in dash])
    return pen


@lru_cache(maxsize=512)
def _brush(colour: str) -> QBrush:
    return QBrush(QColor(colour))


def _paint_rect(painter: QPainter, rect: Rect) -> None:
    painter.setPen(_pen(rect.stroke, rect.stroke_width) if rect.stroke else NO_PEN)
    painter.setBrush(_brush(rect.fill))
    painter.drawRoundedRect(QRectF(rect.x, rect.y, rect.width, rect.height), rect.radius, rect.radius)


def _paint_path(painter: QPainter, path: Path) -> None:
    painter.setPen(_pen(path.stroke, path.stroke_width, path.dash) if path.stroke else NO_PEN)
    painter.setBrush(_brush(path.fill) if path.fill else NO_BRUSH)
    painter.drawPath(traced(path))


@lru_cache(maxsize=8192)
def traced(path: Path) -> QPainterPath:
    """The path as Qt draws it."""
    traced = QPainterPath()
    for letter, places in path.steps:
        match letter:
            case "M":
                traced.moveTo(*places)
            case "L":
                traced.lineTo(*places)
            case "Q":
                traced.quadTo(*places)
            case "Z":
                traced.closeSubpath()
    return traced
