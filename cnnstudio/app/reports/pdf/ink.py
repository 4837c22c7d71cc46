"""Fonts and measures of a printed page, in tenths of a point, the unit of everything that is laid out here."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html import unescape
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from cnnstudio import resources
from cnnstudio.drawings.colours import LIGHT_PAGE

POINT: Final = 10
"""Units of a point. Fonts have whole units, so that text is measured as it is painted."""
RESOLUTION: Final = 72 * POINT
_TAG: Final = re.compile("(<[^>]+>)")
_COLOUR: Final = re.compile("color:(#[0-9a-f]+)")
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
    # Hinting fits letters to the pixels of a screen, so that widths on paper would differ from those measured.
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
    """A text, broken into lines that are not longer than a width; a word that is too long is broken anywhere.

    `height` is that of all lines, and `used` the width of the longest.
    With `is_rich` it is HTML of the few tags that formulas are written with: `i`, `b`, `sub`, `sup`, and `span` with
    a colour.
    """

    def __init__(
        self, text: str, points: float, width: float, *, bold: bool = False, right: bool = False, is_rich: bool = False
    ) -> None:
        plain, formats = self._read(text, points) if is_rich else (printable(text), [])
        self._layout = QTextLayout(plain, font_of(points, bold=bold))
        self._layout.setFormats(formats)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        option.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute)
        self._layout.setTextOption(option)
        self.height = self._break(width, points)
        lines = map(self._layout.lineAt, range(self._layout.lineCount()))
        self.used = max((line.naturalTextWidth() for line in lines), default=0.0)

    def _read(self, html: str, _points: float) -> tuple[str, list[QTextLayout.FormatRange]]:
        """The text of the HTML, and where it looks otherwise."""
        return read_rich(html)

    def _break(self, width: float, points: float) -> float:
        spacing = metrics_of(points).height() * 1.12
        y = 0.0
        self._layout.beginLayout()
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(width)
            above, below = self._beyond(line)
            line.setPosition(QPointF(0, y + above))
            y += spacing + above + below
        self._layout.endLayout()
        return y

    def _beyond(self, _line: QTextLine) -> tuple[float, float]:
        """The room that a line needs above and below that of its letters."""
        return 0.0, 0.0

    def draw(self, painter: QPainter, x: float, y: float, colour: str = "text") -> None:
        """Draws the lines below each other from that corner on."""
        painter.setPen(colour_of(colour))
        self._layout.draw(painter, QPointF(x, y))


def read_rich(html: str) -> tuple[str, list[QTextLayout.FormatRange]]:
    """The text of a piece of HTML, and where it looks otherwise; lengths are counted as Qt counts them."""
    text, length, tags = [], 0, [""]
    formats: list[QTextLayout.FormatRange] = []
    for part in _TAG.split(html):
        if part.startswith("</"):
            tags.pop()
        elif part.startswith("<"):
            tags.append(tags[-1] + part)
        elif part:
            letters = printable(unescape(part))
            # Qt counts in units of UTF-16, in which an emoji is two; Python counts it as one.
            size = len(letters.encode("utf-16-le")) // 2
            if tags[-1]:
                formats.append(_range_of(length, size, tags[-1]))
            text.append(letters)
            length += size
    return "".join(text), formats


def _range_of(start: int, length: int, tags: str) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start, found.length, found.format = start, length, _format_of(tags)
    return found


@cache
def _format_of(tags: str) -> QTextCharFormat:
    """The look of the text inside these tags."""
    look = QTextCharFormat()
    if "<i>" in tags:
        look.setFontItalic(True)
    if "<b" in tags:
        look.setFontWeight(QFont.Weight.Bold)
    for tag, place in (("<sub>", "AlignSubScript"), ("<sup>", "AlignSuperScript")):
        if tag in tags:
            look.setVerticalAlignment(QTextCharFormat.VerticalAlignment[place])
    colours = _COLOUR.findall(tags)
    if colours:
        look.setForeground(QColor(colours[-1]))
    return look


def hairline(
    painter: QPainter, x: float, y: float, width: float, colour: str = "hairline", weight: float = 0.5
) -> None:
    """A thin level line."""
    painter.fillRect(QRectF(x, y, width, weight * POINT), colour_of(colour))
