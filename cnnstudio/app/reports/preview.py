"""The preview of a report: pages, rich text or plain text, and what is said while there is none."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QImage, QPainter, QTextDocument
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.labels import tinted
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.reports.job import Made
from cnnstudio.app.reports.page_view import PageView
from cnnstudio.reports.forms.rich_text import PICTURE, RichText

MARGIN: Final = 20
MIN_WIDTH: Final = 300
"""Pixels that a picture gets in a preview that is narrower."""
PATIENCE_MS: Final = 200
"""The time before progress of a report is shown."""


class ReportPreview(QWidget):
    """Shows what a job made. `cancelled` says that the user does not want to wait for it."""

    cancelled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.pages = PageView(theme, self)
        self.rich = _RichView(self)
        self.rich.setAccessibleName(self.tr("Preview of the report"))
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.document().setDocumentMargin(MARGIN)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(self.tr("Text of the report"))
        self.message = QLabel(self)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setMargin(40)
        self.stack = QStackedWidget(self)
        for view in (self.pages, self.rich, self.text, self.message):
            self.stack.addWidget(view)
        self.note = QLabel(self)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._show_busy)
        self._lay_out()
        self.pages.page_changed.connect(self._show_page)
        self.pages.zoom_changed.connect(self._show_zoom)
        theme.changed.connect(self._apply_theme)
        self._apply_theme()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self._foot())

    def _foot(self) -> QWidget:
        foot = QWidget(self)
        row = QHBoxLayout(foot)
        row.setContentsMargins(10, 4, 10, 4)
        row.setSpacing(4)
        self.previous = self._tool(
            "chevron-up", self.tr("Previous page"), lambda: self.pages.go_to(self.pages.page - 1)
        )
        self.next = self._tool("chevron-down", self.tr("Next page"), lambda: self.pages.go_to(self.pages.page + 1))
        self.page_label = QLabel(self)
        self.smaller = self._tool("zoom-out", self.tr("Smaller"), self.pages.zoom_out)
        self.larger = self._tool("zoom-in", self.tr("Larger"), self.pages.zoom_in)
        self.fit = self._tool("maximize", self.tr("Fit to the width"), lambda: self.pages.set_zoom(0))
        self.zoom_label = QLabel(self)
        self._page_tools = [
            *(self.previous, self.next, self.page_label),
            *(self.smaller, self.zoom_label, self.larger, self.fit),
        ]
        for tool in self._page_tools[:3]:
            row.addWidget(tool)
        row.addWidget(self.note, 1)
        row.addStretch(0)
        row.addWidget(self._busy())
        for tool in self._page_tools[3:]:
            row.addWidget(tool)
        return foot

    def _busy(self) -> QWidget:
        """Says that a report is being made, and offers to give it up."""
        self.busy = QWidget(self)
        busy = QHBoxLayout(self.busy)
        busy.setContentsMargins(0, 0, 0, 0)
        self.busy_label = QLabel(self.tr("Making the report…"), self.busy)
        self.bar = QProgressBar(self.busy)
        self.bar.setRange(0, 0)
        self.bar.setFixedWidth(120)
        self.bar.setTextVisible(False)
        self.cancel = QPushButton(self.tr("Cancel"), self.busy)
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.cancelled)
        for widget in (self.busy_label, self.bar, self.cancel):
            busy.addWidget(widget)
        self.busy.hide()
        return self.busy

    def _tool(self, icon_name: str, text: str, handler: object) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name, self._theme))
        button.setIconSize(QSize(16, 16))
        button.setToolTip(text)
        button.setAccessibleName(text)
        if callable(handler):
            button.clicked.connect(lambda _checked=False: handler())
        return button

    def _apply_theme(self) -> None:
        font = self._theme.text_font()
        font.setFamilies(["DejaVu Sans Mono", "Menlo", "Consolas", "monospace"])
        self.text.setFont(font)
        for label in (self.note, self.message, self.page_label, self.zoom_label, self.busy_label):
            tinted(label, self._theme.tokens.muted)

    # What is shown.

    def wait(self) -> None:
        """A report is being made; that is said if it takes longer."""
        self._patience.start()

    def show_progress(self, pages: int) -> None:
        """Shows the number of pages so far."""
        if pages:
            self.busy_label.setText(self.tr("Making the report… page {number}").format(number=pages))

    def show_made(self, made: Made) -> None:
        """Shows what was made."""
        self._rest()
        self.pages.show_pages(made.pages)
        if made.pages is not None:
            self.stack.setCurrentWidget(self.pages)
        elif made.rich is not None:
            self.rich.show_rich(made.rich)
            self.stack.setCurrentWidget(self.rich)
        else:
            self.text.setPlainText(made.text)
            self.stack.setCurrentWidget(self.text)
        self.note.setText(self._note(made))
        self._show_page()
        self._show_zoom()

    def _note(self, made: Made) -> str:
        """A note on what the preview does not show."""
        if made.is_cut:
            return self.tr("The preview shows the beginning; the report has all of it.")
        return {
            "html": self.tr("A simple preview: the page has a style of its own."),
            "xlsx": self.tr("The workbook has these numbers as numbers, and formulas for the totals."),
        }.get(made.form, "")

    def show_message(self, text: str) -> None:
        """Says why there is nothing to see."""
        self._rest()
        self.message.setText(text)
        self.stack.setCurrentWidget(self.message)
        self.note.setText("")
        self._show_page()

    def rest(self) -> None:
        """Nothing is being made any more; what is shown stays."""
        self._rest()

    def _show_busy(self) -> None:
        self.busy_label.setText(self.tr("Making the report…"))
        self.busy.show()

    def _rest(self) -> None:
        self._patience.stop()
        self.busy.hide()

    def _show_page(self, *_: object) -> None:
        shows_pages = self.stack.currentWidget() is self.pages
        for tool in self._page_tools:
            tool.setVisible(shows_pages)
        if shows_pages:
            text = self.tr("Page {number} of {count}")
            self.page_label.setText(text.format(number=self.pages.page + 1, count=self.pages.page_count))
            self.previous.setEnabled(self.pages.page > 0)
            self.next.setEnabled(self.pages.page + 1 < self.pages.page_count)

    def _show_zoom(self, *_: object) -> None:
        self.zoom_label.setText(f"{round(self.pages.zoom * 100)} %")


class _RichView(QTextBrowser):
    """Rich text with its pictures, which were drawn as SVG."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self._pictures: tuple[str, ...] = ()

    def show_rich(self, rich: RichText) -> None:
        """Shows a text; the place in it stays as far as it can."""
        place = self.verticalScrollBar().value()
        self._pictures = rich.pictures
        self.setHtml(rich.html)
        self.document().setDocumentMargin(MARGIN)
        self.verticalScrollBar().setValue(place)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        address = name.toString() if isinstance(name, QUrl) else name
        if kind == QTextDocument.ResourceType.ImageResource.value and address.startswith(PICTURE):
            room = self.width() - self.verticalScrollBar().sizeHint().width() - 2 * self.frameWidth()
            widest = max(MIN_WIDTH, room - 2 * MARGIN)
            return drawn(self._pictures[int(address.removeprefix(PICTURE))], self.devicePixelRatioF(), widest)
        # Nothing is ever fetched for a report.
        return None


def drawn(svg: str, ratio: float, widest: int) -> QImage:
    """A picture of the size that the SVG asks for, or as wide as may be, on a screen with so many dots a pixel."""
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    size = renderer.defaultSize()
    if size.width() > widest:
        size.scale(widest, size.height(), Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image
