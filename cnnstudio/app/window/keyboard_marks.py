"""Marks the title of the panel that has the keyboard."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow, QWidget

from cnnstudio.app.appearance.panel import Panel

HAS_KEYBOARD: Final = "hasKeyboard"
"""The property by which the style sheet knows the marked title."""


class KeyboardMarks(QObject):
    """Follows the keyboard through the docks and the panels of a window."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._marked: QWidget | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    def _follow(self, _old: QWidget | None, now: QWidget | None) -> None:
        title = None if now is None or now.window() is not self._window else _title_of(now)
        if now is None or title is self._marked:
            return  # a menu or another program has it for a moment
        for widget, has_keyboard in ((self._marked, False), (title, True)):
            if widget is not None:
                widget.setProperty(HAS_KEYBOARD, has_keyboard)
                # Qt works out a style sheet when a widget is polished, and does not look at properties that change
                # later.
                widget.style().unpolish(widget)
                widget.style().polish(widget)
                widget.update()
        self._marked = title


def _title_of(widget: QWidget) -> QWidget | None:
    """The widget that draws the title of the panel around another; None where there is none."""
    around: QWidget | None = widget
    while around is not None:
        if isinstance(around, QDockWidget):
            return around
        if isinstance(around, Panel):
            return around.findChild(QLabel, "panel_title")
        around = around.parentWidget()
    return None
