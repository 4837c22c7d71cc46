"""The working: how the number in question came about, set so large that a lecture room can read it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QTextBrowser, QToolButton, QVBoxLayout, QWidget

from cnnstudio.app.document import Document
from cnnstudio.app.icons import icon
from cnnstudio.app.models.working_lines import WorkingLine, in_question, working_lines
from cnnstudio.app.models.working_page import PageHead, PageStyle, working_page
from cnnstudio.app.theme import Theme
from cnnstudio.app.view_state import ViewState
from cnnstudio.core.analysis import BlockRow, Entry
from cnnstudio.core.columns import name_of, type_of

SMALLEST, LARGEST = 0.6, 5.0
NOTCH: Final = 120


class WorkingText(QTextBrowser):
    """The page itself; Ctrl and the wheel change its size, and nothing is loaded through a link."""

    def __init__(self, view: WorkingView) -> None:
        super().__init__(view)
        self._view = view
        self.setObjectName("working_text")
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(14)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._view.zoom(1.1 ** (event.angleDelta().y() / NOTCH))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copies the working where no text is selected."""
        if event.matches(QKeySequence.StandardKey.Copy) and not self.textCursor().hasSelection():
            self._view.copy_text()
        else:
            super().keyPressEvent(event)

    def line_at(self, point: QPoint) -> int:
        """The number of the line at a point, -1 where there is none: its name lies on it or above it."""
        block = self.cursorForPosition(point).block()
        while block.isValid():
            link = QTextCursor(block)
            link.movePosition(QTextCursor.MoveOperation.NextCharacter)
            name = link.charFormat().anchorHref()
            if name.startswith("#"):
                return int(name[1:])
            block = block.previous()
        return -1
