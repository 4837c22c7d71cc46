"""Fonts and measures of a printed page, in tenths of a point, the unit of everything that is laid out here."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPainter, QTextLayout, QTextOption

from cnnstudio import resources
from cnnstudio.reports.colours import LIGHT_PAGE

POINT: Final = 10
"""Units of a point. Fonts have whole units, so that text is measured as it is painted."""
RESOLUTION: Final = 72 * POINT
FAMILY: Final = "DejaVu Sans"
_WITHOUT_INK: Final = frozenset(("Mn", "Me", "Cf", "Zs"))
"""Kinds of letters that combine with others or are not seen."""
FILES: Final = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


@cache
def load_fonts() -> None:
    """Makes the fonts known that come with the program, so that a page looks the same on every machine."""
    for name in FILES:
        QFontDatabase.addApplicationFont(str(resources.path("fonts", name)))


@cache
def font_of(points: float, *, bold: bool = False) -> QFont:
    """The font of the page in a size."""
    font = QFont(FAMILY)
    font.setPixelSize(round(points * POINT))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    # Letters stay letters, so that whoever searches the file for `float32` finds it.
    font.setFeature(QFont.Tag("liga"), 0)
    font.setBold(bold)
    return font


@cache
def metrics_of(points: float, *, bold: bool = False) -> QFontMetricsF:
    """The measures of that font."""
    return QFontMetricsF(font_of(points, bold=bold))


@cache
def _has_letter(letter: str) -> bool:
    return metrics_of(10).inFontUcs4(ord(letter)) or unicodedata.category(letter) in _WITHOUT_INK


def printable(text: str) -> str:
    """The text with the number in Unicode, `[U+1F600]`, in place of what no font of this machine has."""
    if text.isascii():
        return text
    return "".join(letter if _has_letter(letter) else f"[U+{ord(letter):04X}]" for letter in text)


@cache
def colour_of(name: str) -> QColor:
    """A colour of the page by the part it plays, or of a family of layers."""
    return QColor(LIGHT_PAGE.families.get(name) or getattr(LIGHT_PAGE, name))


class Words:
    """A text, broken into lines that are not longer than a width; a word that is too long is broken anywhere."""

    def __init__(self, text: str, points: float, width: float, *, bold: bool = False, right: bool = False) -> None:
        self._layout = QTextLayout(printable(text), font_of(points, bold=bold))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        option.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute)
        self._layout.setTextOption(option)
        self.height = self._break(width, points)

    def _break(self, width: float, points: float) -> float:
        spacing = metrics_of(points).height() * 1.12
        y = 0.0
        self._layout.beginLayout()
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, y))
            y += spacing
        self._layout.endLayout()
        return y

    def draw(self, painter: QPainter, x: float, y: float, colour: str = "text") -> None:
        """Draws the lines below each other from that corner on."""
        painter.setPen(colour_of(colour))
        self._layout.draw(painter, QPointF(x, y))


def hairline(
    painter: QPainter, x: float, y: float, width: float, colour: str = "hairline", weight: float = 0.5
) -> None:
    """A thin level line."""
    painter.fillRect(QRectF(x, y, width, weight * POINT), colour_of(colour))
