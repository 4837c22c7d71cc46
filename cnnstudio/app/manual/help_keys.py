"""F1 in every dialog and in windows without a menu of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from cnnstudio.app.appearance.help_topics import topic_of

KEY: Final = "F1"


class HelpKeys(QObject):
    """Gives F1 to each window when it is used first; `ask` is called with the page for what has the keyboard."""

    def __init__(self, ask: Callable[[str], object], parent: QObject) -> None:
        super().__init__(parent)
        self._ask = ask
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        window = now.window() if now is not None else None
        if window is not None and not _has_key(window):
            shortcut = QShortcut(QKeySequence(KEY), window)
            shortcut.setObjectName("help_key")
            shortcut.activated.connect(lambda: self._ask(topic_of(QApplication.focusWidget())))


def _has_key(window: QWidget) -> bool:
    """True if the window has it already, as an action of its menu or from here."""
    wanted = QKeySequence(KEY)
    is_action = any(wanted in action.shortcuts() for action in window.actions())
    return is_action or window.findChild(QShortcut, "help_key") is not None
