"""A drawing as a picture of pixels or as a page, painted with Qt and no screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter

from cnnstudio.app.diagram.painter import Painter, page_font
from cnnstudio.app.platform.pdf_bytes import fixed
from cnnstudio.drawings.diagram.drawing import Drawing
from cnnstudio.version import __version__

SHARPNESS: Final = 2.0
MIN_SHARPNESS: Final = 0.5
MAX_SIDE: Final = 32_000
"""Pixels; Qt draws no longer picture."""
MAX_PIXELS: Final = 120_000_000
DOTS_PER_METER: Final = 3780
POINTS: Final = 0.75
"""Points in a pixel of 1/96 inch."""
MAX_PAGE_SIDE: Final = 14_000.0
"""Points; readers of PDF refuse pages beyond 14,400."""
RESOLUTION: Final = 300


def png_bytes(drawing: Drawing) -> bytes | None:
    """The drawing as a PNG at twice its size, or less where it is very large; None if it would not be legible."""
    width, height = max(1.0, drawing.width), max(1.0, drawing.height)
    factor = min(SHARPNESS, MAX_SIDE / max(width, height), (MAX_PIXELS / (width * height)) ** 0.5)
    if factor < MIN_SHARPNESS:
        return None
    image = QImage(max(1, round(width * factor)), max(1, round(height * factor)), QImage.Format.Format_RGB32)
    image.fill(QColor(drawing.background))
    painter = QPainter(image)
    painter.scale(factor, factor)
    Painter(page_font()).paint_drawing(painter, drawing)
    painter.end()
    image.setDotsPerMeterX(round(DOTS_PER_METER * factor))
    image.setDotsPerMeterY(round(DOTS_PER_METER * factor))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def pdf_bytes(drawing: Drawing, title: str) -> bytes:
    """The drawing as a PDF of one page of its own size, with letters as letters."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator(f"CNN Studio {__version__}")
    writer.setResolution(RESOLUTION)
    shrink = min(1.0, MAX_PAGE_SIDE / (POINTS * max(drawing.width, drawing.height, 1.0)))
    size = QSizeF(max(1.0, drawing.width), max(1.0, drawing.height)) * (POINTS * shrink)
    page = QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    # Qt turns a page on its side that is wider than high, unless it is told that it lies already.
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    painter = QPainter(writer)
    scale = RESOLUTION / 72 * POINTS * shrink
    painter.scale(scale, scale)
    painter.setClipRect(QRectF(0, 0, drawing.width, drawing.height))
    Painter(page_font()).paint_drawing(painter, drawing)
    painter.end()
    return fixed(bytes(buffer.data().data()), None)
