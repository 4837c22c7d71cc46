"""A titled part of the window that is no dock: the same quiet title, and room for tools at its right."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.app.appearance.theme import Theme


def hairline(parent: QWidget, *, upright: bool = False) -> QFrame:
    """A thin line that parts what lies at its sides."""
    line = QFrame(parent)
    line.setFrameShape(QFrame.Shape.VLine if upright else QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setForegroundRole(QPalette.ColorRole.Mid)
    (line.setFixedWidth if upright else line.setFixedHeight)(1)
    return line


class Panel(QFrame):
    """A view under a title line."""

    def __init__(self, title: str, view: QWidget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.view = view
        head = QFrame(self)
        head.setObjectName("panel_head")
        self.tools = QHBoxLayout(head)
        self.tools.setContentsMargins(10, 0, 6, 0)
        label = QLabel(title, head)
        label.setObjectName("panel_title")
        self.tools.addWidget(label)
        self.tools.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(view, 1)
