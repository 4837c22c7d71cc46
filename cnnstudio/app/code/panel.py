"""The code view: the design as source, live, selected as the list is, and what a framework cannot say."""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QHideEvent,
    QMouseEvent,
    QShowEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QStackedWidget, QTextBrowser, QTextEdit, QVBoxLayout, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.code.content import CodeContent, code_of
from cnnstudio.app.code.highlighter import Highlighter
from cnnstudio.app.code.tools import CodeTools
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.background import Background
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.network.design import path_from, path_text
from cnnstudio.exports import TARGETS
from cnnstudio.formats.saving import write_atomically

MARGIN = 10
"""Pixels around the text."""
MAX_AT_ONCE = 400
"""Layers up to which code is made at once; that of more is made in a thread, and the window goes on."""
FOLLOWS_MS = 250
"""The pause after an edit before that thread starts: both share one interpreter, and painting has the first claim."""


class CodeText(QPlainTextEdit):
    """The text, read only."""

    line_clicked = Signal(int)
    """The number of a line, from 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.line_clicked.emit(self.cursorForPosition(event.position().toPoint()).blockNumber() + 1)


class CodePanel(QWidget):
    """The design as code. What is shown is never older than the design: until it is made anew it is greyed out."""

    def __init__(
        self,
        document: Document,
        view_state: ViewState,
        theme: Theme,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._view_state = document, view_state
        self._theme, self._settings = theme, settings
        self._content = CodeContent("")
        self._is_stale = True
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_waited)
        self._goes_there = True
        self.tools = CodeTools(theme, self)
        self.tools.choose(settings.code_target)
        self.view = CodeText()
        self.refusals = QTextBrowser()
        self._pages = QStackedWidget()
        self._background = Background(self)
        self._build()
        self._highlighter = Highlighter(self.view.document(), theme)
        self._connect()
        self._apply_theme()

    def _build(self) -> None:
        self.setAccessibleName(self.tr("Code"))
        self.view.setAccessibleName(self.tr("Code"))
        # A link is the path of a layer here, which the browser would try to load as a file.
        self.refusals.setOpenLinks(False)
        self.refusals.setFrameShape(QTextBrowser.Shape.NoFrame)
        for page in (self.view, self.refusals):
            page.document().setDocumentMargin(MARGIN)
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self._show_page(self.view)

    def _connect(self) -> None:
        self._document.changed.connect(lambda _old, _new: self._wait())
        self._view_state.selection_changed.connect(partial(self._show_selection, goes_there=True))
        self._theme.changed.connect(self._apply_theme)
        self._background.done.connect(self._show)
        self.tools.changed.connect(self._on_choice)
        self.tools.search_requested.connect(self.find_text)
        self.tools.copy_requested.connect(self.copy)
        self.tools.save_requested.connect(self.ask_and_save)
        self.tools.add_search_key(self.view)
        self.view.line_clicked.connect(self._on_line)
        self.refusals.anchorClicked.connect(self._on_link)

    @property
    def text(self) -> str:
        """The code of the design as it is, made if need be; empty if it cannot be said."""
        if self._is_stale:
            self.refresh()
        return self._content.text

    @property
    def is_current(self) -> bool:
        """True if what is shown is the design as it is."""
        return not self._is_stale

    # Following the document.

    def _wait(self) -> None:
        """Greys out the code of an earlier design, and makes the new one after what happens now, once it is seen."""
        self._is_stale = True
        self._background.cancel()
        self._mark_refusals()
        # Code of an earlier design must not be copied for that of this one.
        self._pages.setEnabled(False)
        self.tools.tell(self.tr("follows…"))
        if self.isVisible():
            self._timer.start(0 if self._is_made_at_once else FOLLOWS_MS)

    @property
    def _is_made_at_once(self) -> bool:
        return self._document.analysis.totals.layers <= MAX_AT_ONCE

    def _on_waited(self) -> None:
        if not self._is_stale or not self.isVisible():
            return
        if self._is_made_at_once:
            self.refresh()
        else:
            key, flat = self.tools.key, self.tools.is_flat
            self._background.start(partial(code_of, self._document.analysis, key, flat=flat))

    def refresh(self) -> None:
        """Makes the code of the design as it is, at once."""
        self._background.cancel()
        self._show(code_of(self._document.analysis, self.tools.key, flat=self.tools.is_flat))

    def _show(self, content: CodeContent) -> None:
        self._is_stale = False
        self._pages.setEnabled(True)
        self.tools.tell("")
        is_changed = content.text != self._content.text
        self._content = content
        self._mark_refusals()
        if content.refusals:
            self.refusals.setHtml(self._refusals_html(content))
            self._show_page(self.refusals)
            return
        self._show_page(self.view)
        if is_changed or not self.view.toPlainText():
            bars = (self.view.verticalScrollBar(), self.view.horizontalScrollBar())
            places = [bar.value() for bar in bars]
            # The scroll bars go to 0 by this, and are put back where they were.
            self.view.setPlainText(content.text)
            for bar, place in zip(bars, places, strict=True):
                bar.setValue(place)
        self._show_selection(goes_there=self._goes_there)
        self._goes_there = False

    def _show_page(self, page: QWidget) -> None:
        """Shows the code or the refusals, and leads the keyboard there: a page that is hidden would lead it nowhere."""
        self._pages.setCurrentWidget(page)
        self.setFocusProxy(page)

    def _mark_refusals(self) -> None:
        """Marks in the other views what is refused, as long as somebody looks at the code."""
        current = () if self._is_stale or not self.isVisible() else self._content.refusals
        title = self._content.title
        told = {path_from(refusal.path): f"{title}: {refusal.reason}" for refusal in current if refusal.path}
        self._view_state.set_unsayable(told)

    def _refusals_html(self, content: CodeContent) -> str:
        """Each refusal with a link to its layer."""
        rows = []
        for refusal in content.refusals:
            place = escape(refusal.path)
            link = f'<a href="{place}">{place}</a>: ' if place else ""
            rows.append(f"<p>{link}{escape(refusal.reason)}. {escape(refusal.remedy)}</p>")
        head = self.tr("{target} cannot say this design exactly:").format(target=escape(content.title))
        return f"<p><b>{head}</b></p>{''.join(rows)}"

    def _on_choice(self) -> None:
        self._settings.code_target = self.tools.key
        self._wait()

    # The selection, in both directions.

    def _show_selection(self, *, goes_there: bool) -> None:
        """Marks the lines of what is selected."""
        if self._is_stale:
            self._goes_there = self._goes_there or goes_there
            return
        marked = [span for path in self._view_state.selection for span in self._content.lines_of(path_text(path))]
        self.view.setExtraSelections([self._extra(line) for first, last in marked for line in range(first, last + 1)])
        if goes_there and marked:
            self._go_to(marked[0][0])

    def _extra(self, line: int) -> QTextEdit.ExtraSelection:
        look = QTextCharFormat()
        look.setBackground(QColor(self._theme.tokens.selection))
        look.setProperty(QTextFormat.Property.FullWidthSelection, True)
        extra = QTextEdit.ExtraSelection()
        extra.format, extra.cursor = look, self._cursor_at(line)
        return extra

    def _cursor_at(self, line: int) -> QTextCursor:
        return QTextCursor(self.view.document().findBlockByNumber(line - 1))

    def _go_to(self, line: int) -> None:
        """Brings a line into sight, if it is not."""
        first = self.view.firstVisibleBlock().blockNumber() + 1
        height = max(1, self.view.viewport().height() // max(1, self.view.fontMetrics().lineSpacing()))
        if not first <= line < first + height - 1:
            self.view.verticalScrollBar().setValue(max(0, line - 1 - height // 3))

    def _on_line(self, line: int) -> None:
        """Selects the item that a line says; of several that share it, the one that is selected stays."""
        paths = self._content.paths_at(line)
        if paths and not self._is_stale and not set(paths) & set(self._view_state.selection):
            self._view_state.select((paths[0],))

    def _on_link(self, url: QUrl) -> None:
        self._view_state.select((path_from(url.toString()),))

    # Finding, copying, saving.

    def find_text(self, text: str, goes_on: bool) -> None:
        """Goes to a text from where the cursor is, or to the next one, and begins again at the top."""
        cursor = self.view.textCursor()
        cursor.setPosition(cursor.selectionEnd() if goes_on else cursor.selectionStart())
        found = self.view.document().find(text, cursor) if text else QTextCursor()
        if text and found.isNull():
            found = self.view.document().find(text)
        if found.isNull():
            cursor.clearSelection()
            found = cursor
        self.view.setTextCursor(found)

    def copy(self) -> None:
        """Copies the code of the design as it is."""
        if self.text:
            QGuiApplication.clipboard().setText(self.text)
            self._document.noted.emit(self.tr("The code was copied."))

    def ask_and_save(self) -> None:
        """Asks for a file and saves the code."""
        suffix = TARGETS[self.tools.key].suffixes[0]
        start = Path(self._document.path or self._document.design.name.replace("/", "-")).with_suffix(suffix)
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save code"), str(start), f"*{suffix}")
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> bool:
        """Saves the code of the design as it is. Returns True if that succeeded."""
        if not self.text:
            self._document.refused.emit(self.tr("There is no code to save: the layers in the way are listed."))
            return False
        try:
            write_atomically(path, self._content.text.encode())
        except OSError as error:
            sentence = self.tr("{file} cannot be written: {reason}.")
            self._document.refused.emit(sentence.format(file=path, reason=error.strerror))
            return False
        self._document.noted.emit(self.tr("The code was saved as {file}.").format(file=path))
        return True

    def _apply_theme(self) -> None:
        font = self._theme.text_font()
        font.setFamilies(["DejaVu Sans Mono", "Menlo", "Consolas", "monospace"])
        self.view.setFont(font)
        self._highlighter.apply_theme()
        self._show_selection(goes_there=False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._wait()
        else:
            self._mark_refusals()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._mark_refusals()
