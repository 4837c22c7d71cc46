"""The layer list together with its rails."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.rail_gutter import RailGutter
from cnnstudio.app.layer_list.view import LayerList


class RailedList(QWidget):
    """The list, and at its left the gutter with the rails."""

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers = LayerList(document, view_state, theme, self)
        self.gutter = RailGutter(self.layers, document, view_state, theme, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.gutter)
        row.addWidget(self.layers, 1)
        self.setFocusProxy(self.layers)
