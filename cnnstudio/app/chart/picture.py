"""The chart as a file: the whole of it, in light colours, however much of it is in sight."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

from cnnstudio.app.appearance.tokens import LIGHT
from cnnstudio.drawings.colours import ChartColours

SHARPNESS: Final = 2.0
MAX_HEIGHT: Final = 32_000
"""Pixels; Qt draws no taller picture."""

LIGHT_COLOURS: Final = ChartColours(LIGHT.surface, LIGHT.text, LIGHT.muted, LIGHT.hairline, LIGHT.families)


def png_bytes(svg: str) -> bytes | None:
    """The drawing as a PNG at twice its size, or smaller where it is very tall; None if it would not be legible."""
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    size = renderer.defaultSize()
    factor = min(SHARPNESS, MAX_HEIGHT / max(1, size.height()))
    if factor < 1:
        return None
    image = QImage(size * factor, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    image.setDotsPerMeterX(round(3780 * factor))
    image.setDotsPerMeterY(round(3780 * factor))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
