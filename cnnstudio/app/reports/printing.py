"""Pages on a printer."""

from __future__ import annotations

from PySide6.QtGui import QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from cnnstudio.app.reports.pdf import Pages
from cnnstudio.app.reports.pdf.ink import RESOLUTION


def print_pages(pages: Pages, title: str, parent: QWidget) -> bool:
    """Asks for a printer and which pages, and prints them. Returns True if it printed."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setFullPage(True)
    printer.setPageLayout(pages.page_layout())
    dialog = QPrintDialog(printer, parent)
    dialog.setMinMax(1, len(pages))
    accepted = dialog.exec() == QPrintDialog.DialogCode.Accepted
    dialog.deleteLater()
    return accepted and paint_pages(pages, printer)


def paint_pages(pages: Pages, printer: QPrinter) -> bool:
    """Paints the pages that the printer was told to print; False if it takes none."""
    first = max(1, printer.fromPage()) if printer.fromPage() else 1
    last = min(len(pages), printer.toPage()) if printer.toPage() else len(pages)
    painter = QPainter()
    if not painter.begin(printer):
        return False
    scale = printer.resolution() / RESOLUTION
    for number in range(first - 1, last):
        if number >= first and not printer.newPage():
            painter.end()
            return False
        painter.save()
        painter.scale(scale, scale)
        pages.paint(painter, number)
        painter.restore()
    return painter.end()
