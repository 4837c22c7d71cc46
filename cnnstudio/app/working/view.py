"""The working: how the number in question came about, set so large that a lecture room can read it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPalette,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QTextBrowser, QToolButton, QToolTip, QVBoxLayout, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.working.lines import WorkingLine, line_symbols, repeats_of, sum_line, working_lines
from cnnstudio.app.working.page import PageStyle, working_page
from cnnstudio.core.counting.rows import BlockRow, Entry, unknown_text

MIN_ZOOM, MAX_ZOOM = 0.6, 5.0
NOTCH: Final = 120
POINTS_OF_INCH: Final = 72
AFTER_EDIT_MS: Final = 50
"""The delay after the other views with which the page follows an edit: a frame or so."""


class WorkingText(QTextBrowser):
    """The page itself; Ctrl and the wheel change its size, and nothing is loaded through a link."""

    zoom_requested = Signal(float)
    copy_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("working_text")
        self.setAccessibleName(self.tr("Working"))
        # A link here is a line of the page and no address: QTextBrowser would try to load it and empty the page.
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.document().setDocumentMargin(12)
        self.setWordWrapMode(QTextOption.WrapMode.WordWrap)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_requested.emit(1.1 ** (event.angleDelta().y() / NOTCH))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copies the working where no text is selected."""
        if event.matches(QKeySequence.StandardKey.Copy) and not self.textCursor().hasSelection():
            self.copy_requested.emit()
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tells the meaning of the symbol under a pointer that rests."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.meaning_at(event.pos()), self)
            return True
        return super().viewportEvent(event)

    def meaning_at(self, point: QPoint) -> str:
        """The meaning of the symbol at a point; empty where there is none."""
        cursor = self.cursorForPosition(point)
        before = cursor.charFormat().toolTip()
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
        # In its left half the place of a sign is the gap before it, which belongs to what stands there.
        return before or cursor.charFormat().toolTip()

    def line_at(self, point: QPoint) -> int:
        """The number of the line at a point, whose name stands there or above; -1 where there is none."""
        block = self.cursorForPosition(point).block()
        while block.isValid():
            cursor = QTextCursor(block)
            cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
            name = cursor.charFormat().anchorHref()
            if name.startswith("#"):
                return int(name[1:])
            block = block.previous()
        return -1


class WorkingView(QWidget):
    """The working of the quantity in question, and below it that of every other quantity."""

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._theme = theme
        self._zoom = 1.0
        self._is_stale = True
        self._question: tuple[WorkingLine, ...] = ()
        self._others: tuple[WorkingLine, ...] = ()
        self._page = ""
        self._subject = ("", "")
        self.text = WorkingText(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._refresh)
        self._build()
        self.text.anchorClicked.connect(self._on_clicked)
        self.text.zoom_requested.connect(self.zoom)
        self.text.copy_requested.connect(self.copy_text)
        self.text.customContextMenuRequested.connect(self._show_menu)
        # After an edit the list, the table and the chart are painted first: setting a page takes as long as they do.
        document.changed.connect(lambda _old, _new: self._pause.start(AFTER_EDIT_MS))
        view_state.selection_changed.connect(self._on_other_subject)
        view_state.quantity_changed.connect(self._on_other_subject)
        view_state.shape_order_changed.connect(self._refresh)
        theme.changed.connect(self._refresh)

    def _build(self) -> None:
        self.setObjectName("working_view")
        self.setFocusProxy(self.text)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._head = QLabel(self)
        self._head.setTextFormat(Qt.TextFormat.PlainText)
        self._head.setMinimumWidth(40)
        self._head.setObjectName("working_head")
        self.copy_button = self._button(self.tr("Copy"), self.tr("Copy the working as text"), self.copy_text)
        self.latex_button = self._button(
            self.tr("LaTeX"), self.tr("Copy the working as LaTeX, for math mode"), self.copy_latex
        )
        line = QHBoxLayout()
        line.setContentsMargins(12, 4, 6, 0)
        line.setSpacing(2)
        line.addWidget(self._head, 1)
        line.addWidget(self.copy_button)
        line.addWidget(self.latex_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.text, 1)

    def _button(self, text: str, tip: str, handler: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda _checked=False: handler())
        return button

    # Following the document.

    def _on_other_subject(self) -> None:
        self._refresh()
        self.text.verticalScrollBar().setValue(0)

    def _refresh(self) -> None:
        """Writes the page anew, at once or when it is next seen; one that is as it was is left alone."""
        self._pause.stop()
        self._is_stale = not self.isVisible()
        if self._is_stale:
            return
        analysis, entries = self._document.analysis, self._view_state.selected_entries()
        self._question, self._others = working_lines(entries, analysis, self._view_state.quantity)
        self._subject = self._subject_text(entries)
        self._head.setFont(self._theme.text_font(bold=True))
        self._fit_head()
        symbols = line_symbols(entries, (*self._question, *self._others))
        page = working_page(self._subject[1], self._question, self._others, self._style(), symbols)
        if page != self._page:
            self._page = page
            # `setHtml` scrolls to the top, away from the line that somebody watches while editing.
            place = self.text.verticalScrollBar().value()
            self.text.setHtml(page)
            self.text.verticalScrollBar().setValue(place)

    def _style(self) -> PageStyle:
        tokens = self._theme.tokens
        size = self._theme.text_font().pointSizeF() * self._zoom
        pixels = self.text.viewport().width() - 2 * self.text.document().documentMargin()
        # Whoever wants it larger than it fits gets it, and scrolls.
        width = pixels * POINTS_OF_INCH / max(1, self.logicalDpiX()) if self._zoom <= 1 else 0.0
        return PageStyle(tokens.text, tokens.muted, tokens.accent, tokens.danger, size, self.tr("unknown"), width)

    def _subject_text(self, entries: tuple[Entry, ...]) -> tuple[str, str]:
        """Whose working it is, and a quieter remark beside it."""
        analysis = self._document.analysis
        if not entries:
            count = analysis.totals.layers
            layers = self.tr("1 layer") if count == 1 else self.tr("{count} layers").format(count=f"{count:,}")
            return analysis.design.name, self.tr("whole network, {layers}").format(layers=layers)
        if len(entries) > 1:
            return self.tr("{count} selected").format(count=f"{len(entries):,}"), self.tr("their sum")
        entry = entries[0]
        parts = [entry.item.type_name, self._flow_text(entry)]
        if isinstance(entry, BlockRow) and entry.block.repeat > 1:
            parts[0] = f"{parts[0]} × {entry.block.repeat:,}"
        repeats = repeats_of(analysis.design, self._view_state.selection[0][:-1])
        if repeats > 1:
            parts.append(self.tr("one of {count} repeats").format(count=f"{repeats:,}"))
        return entry.item.name, ", ".join(parts)

    def _flow_text(self, entry: Entry) -> str:
        """`27 × 27 × 96 → 27 × 27 × 256`."""
        shapes = (*entry.input_shapes, entry.output_shape)
        *inputs, output = (self._view_state.shape_text(shape) if shape else unknown_text(entry) for shape in shapes)
        return f"{', '.join(inputs)} → {output}" if inputs else output

    def _fit_head(self) -> None:
        """The name of the subject, as much of it as there is room for."""
        name = self._subject[0]
        self._head.setText(self._head.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, self._head.width()))
        self._head.setToolTip(escape(name))

    @property
    def subject(self) -> str:
        """The name of the layer or the design whose working is shown."""
        return self._subject[0]

    # Choosing and copying.

    def zoom(self, factor: float) -> None:
        """Makes the page larger or smaller, apart from the text of the program; 0 makes it as it was."""
        self._zoom = max(MIN_ZOOM, min(MAX_ZOOM, self._zoom * factor)) if factor else 1.0
        self._refresh()

    @property
    def question(self) -> tuple[WorkingLine, ...]:
        """The lines of the quantity in question."""
        if self._pause.isActive():
            self._refresh()
        return self._question

    def copy_text(self) -> None:
        """Copies the working in question as plain text, a line for each number."""
        self._copy("\n".join(line.working.text() for line in self.question))

    def copy_latex(self) -> None:
        """Copies the working in question as LaTeX, a formula for each number."""
        self._copy("\n".join(line.working.latex() for line in self.question))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def _line(self, number: int) -> WorkingLine:
        """A line by its number on the page, with its terms."""
        line = (*self._question, *self._others)[number]
        if number < len(self._question) or line.working.number is None:
            return line
        entries = self._view_state.selected_entries()
        is_sum = len(entries) != 1 or isinstance(entries[0], BlockRow)
        return sum_line(entries, self._document.analysis, line.key) if is_sum else line

    def _on_clicked(self, link: QUrl) -> None:
        self._view_state.set_quantity(self._line(int(link.fragment())).key)

    def _show_menu(self, point: QPoint) -> None:
        menu = self.menu_at(point)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.text.viewport().mapToGlobal(point))

    def menu_at(self, point: QPoint) -> QMenu:
        """The menu of the line at a point."""
        menu = QMenu(self)
        number = self.text.line_at(point)
        if number >= 0:
            line = self._line(number)
            copy = menu.addAction(icon("copy", self._theme), self.tr("Copy as text"))
            copy.triggered.connect(lambda: self._copy(line.working.text()))
            latex = menu.addAction(icon("sigma", self._theme), self.tr("Copy as LaTeX"))
            latex.triggered.connect(lambda: self._copy(line.working.latex()))
            large = menu.addAction(icon("eye", self._theme), self.tr("Show large"))
            large.triggered.connect(lambda: self._view_state.set_quantity(line.key))
            large.setEnabled(line not in self._question)
            menu.addSeparator()
        for text, factor in ((self.tr("Larger"), 1.2), (self.tr("Smaller"), 1 / 1.2), (self.tr("Normal size"), 0.0)):
            menu.addAction(text).triggered.connect(lambda *_, by=factor: self.zoom(by))
        return menu

    # Size.

    def sizeHint(self) -> QSize:
        return QSize(320, 300)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_head()
        if self.isVisible():
            self._pause.start(AFTER_EDIT_MS)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._refresh()
