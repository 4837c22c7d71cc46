"""A manuscript on paper: laid out in pages, which are painted into a PDF, on a printer, or into a picture."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Final

from PySide6.QtCore import QBuffer, QHashSeed, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from cnnstudio.app.platform.offscreen import require_application
from cnnstudio.app.platform.pdf_bytes import fixed
from cnnstudio.app.reports.pdf.flow import Placed, paginating
from cnnstudio.app.reports.pdf.ink import POINT, RESOLUTION, colour_of, font_of, load_fonts, metrics_of, printable
from cnnstudio.app.reports.pdf.part_pieces import manuscript_pieces
from cnnstudio.app.reports.pdf.table_pieces import table_points
from cnnstudio.reports.content.manuscript import Manuscript, Paper, Table
from cnnstudio.version import __version__

MARGIN: Final = 42.0
FOOT: Final = 24.0
UPRIGHT_POINTS: Final = 6.4
"""The page is turned where a table would be set smaller than this."""
_SIZES: Final[dict[Paper, QPageSize.PageSizeId]] = {
    "a4": QPageSize.PageSizeId.A4,
    "letter": QPageSize.PageSizeId.Letter,
}


def _size(paper: Paper) -> QSizeF:
    points = QPageSize(_SIZES[paper]).size(QPageSize.Unit.Point)
    return QSizeF(points.width() * POINT, points.height() * POINT)


def _wants_landscape(manuscript: Manuscript, upright: QSizeF) -> bool:
    """True if a table would be small on an upright page, or not fit it at all."""
    width = upright.width() - 2 * MARGIN * POINT
    return any(table_points(table, width) < UPRIGHT_POINTS for table in manuscript.parts(Table))


def _draw(painter: QPainter, placed: Placed) -> None:
    placed.piece.draw(painter, MARGIN * POINT, MARGIN * POINT + placed.y)


class Pages:
    """A manuscript laid out in pages of one size, given in tenths of a point."""

    def __init__(self, manuscript: Manuscript) -> None:
        for _ in self._lay_out(manuscript):
            pass

    @classmethod
    def in_steps(cls, manuscript: Manuscript) -> Generator[int, None, Pages]:
        """Lays out in short steps, each of which says how many pages there are: windows must not wait for it."""
        pages = cls.__new__(cls)
        yield from pages._lay_out(manuscript)
        return pages

    def _lay_out(self, manuscript: Manuscript) -> Iterator[int]:
        require_application()
        load_fonts()
        self._title = manuscript.title
        upright = _size(manuscript.page.paper)
        self.is_landscape = _wants_landscape(manuscript, upright)
        self.size = upright.transposed() if self.is_landscape else upright
        self.paper: Paper = manuscript.page.paper
        self._width = self.size.width() - 2 * MARGIN * POINT
        height = self.size.height() - (2 * MARGIN + FOOT) * POINT
        self._pages: list[list[Placed]] = [[]]
        yield from paginating(manuscript_pieces(manuscript, self._width, height), height, self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    def paint(self, painter: QPainter, number: int) -> None:
        """Paints one page, the first is 0, in tenths of a point from its upper left corner on."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for placed in self._pages[number]:
            _draw(painter, placed)
        self._draw_foot(painter, number)

    def page_layout(self) -> QPageLayout:
        """The same size for a printer or a PDF, without margins of its own."""
        turned = QPageLayout.Orientation.Landscape if self.is_landscape else QPageLayout.Orientation.Portrait
        return QPageLayout(QPageSize(_SIZES[self.paper]), turned, QMarginsF(0, 0, 0, 0))

    def _draw_foot(self, painter: QPainter, number: int) -> None:
        metrics = metrics_of(7.5)
        base = self.size.height() - MARGIN * POINT
        place = f"page {number + 1} of {len(self)}"
        room = self._width - metrics.horizontalAdvance(place) - 30 * POINT
        painter.setFont(font_of(7.5))
        painter.setPen(colour_of("muted"))
        title = metrics.elidedText(printable(self._title), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(MARGIN * POINT, base - metrics.height(), room, metrics.height()), title)
        right = MARGIN * POINT + self._width - metrics.horizontalAdvance(place)
        painter.drawText(QRectF(right, base - metrics.height(), self._width, metrics.height()), place)


def pdf_bytes(manuscript: Manuscript) -> bytes:
    """The manuscript as a PDF; the same bytes for the same manuscript."""
    steps = pdf_in_steps(Pages(manuscript), manuscript)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            content: bytes = done.value
            return content


def pdf_in_steps(pages: Pages, manuscript: Manuscript) -> Generator[int, None, bytes]:
    """Paints page after page, and says after each how many there are; the PDF when all are painted."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # Qt writes fonts in the order of a hash table, which differs from one process to the next unless it is told.
    QHashSeed.setDeterministicGlobalSeed()
    try:
        yield from _write(pages, manuscript.title, buffer)
    finally:
        QHashSeed.resetRandomGlobalSeed()
    return fixed(bytes(buffer.data().data()), manuscript.date)


def _write(pages: Pages, title: str, device: QIODevice) -> Iterator[int]:
    writer = QPdfWriter(device)
    writer.setResolution(RESOLUTION)
    writer.setPageLayout(pages.page_layout())
    writer.setTitle(title)
    writer.setCreator(f"CNN Studio {__version__}")
    painter = QPainter(writer)
    try:
        for number in range(len(pages)):
            if number:
                writer.newPage()
            pages.paint(painter, number)
            yield number + 1
    finally:
        painter.end()
