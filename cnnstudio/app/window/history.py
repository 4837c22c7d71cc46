"""The list of what was done, to go back to any step."""

from __future__ import annotations

from PySide6.QtWidgets import QUndoView, QWidget

from cnnstudio.app.document.document import Document


class HistoryView(QUndoView):
    """Every step of undo; a click goes there."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setStack(document.undo_stack)
        self.setEmptyLabel(self.tr("As opened"))
        self.setAccessibleName(self.tr("History"))
