"""The window of the welcome page: where a start without a file begins."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.files import ask_for_design
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.welcome.page import WelcomePage
from cnnstudio.formats.builtin import is_builtin
from cnnstudio.formats.gallery import gallery

WIDTH, HEIGHT = 1040, 720


class WelcomeWindow(QMainWindow):
    """Shows the welcome page until something is chosen."""

    design_chosen = Signal(str)
    file_chosen = Signal(Path)
    source_dropped = Signal(str)
    new_chosen = Signal()
    first_steps_chosen = Signal()
    quit_requested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.setWindowTitle(self.tr("CNN Studio"))
        self._shown = gallery(settings.course_folder, settings.welcome_groups)
        page = WelcomePage(theme, settings.recent, self, self._shown)
        page.design_chosen.connect(self.choose)
        page.file_chosen.connect(self.file_chosen)
        page.source_dropped.connect(self.source_dropped)
        page.new_chosen.connect(self.new_chosen)
        page.first_steps_chosen.connect(self.first_steps_chosen)
        set_topic(page, "first-network.md")
        page.open_chosen.connect(self._open)
        self.setCentralWidget(page)
        self._add_action(self.tr("New"), "Ctrl+N").triggered.connect(self.new_chosen)
        self._add_action(self.tr("Open…"), "Ctrl+O").triggered.connect(self._open)
        self._add_action(self.tr("Close window"), "Ctrl+W").triggered.connect(self.close)
        self._add_action(self.tr("Quit"), "Ctrl+Q").triggered.connect(self.quit_requested)
        room = self.screen().availableSize()
        self.resize(min(WIDTH, room.width()), min(HEIGHT, room.height()))

    def _add_action(self, text: str, shortcut: str) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(shortcut))
        self.addAction(action)
        return action

    def choose(self, name: str) -> None:
        """Opens one of the designs that are offered, by its short name."""
        path = self._shown.paths[name]
        if is_builtin(path):
            self.design_chosen.emit(name)
        else:
            self.file_chosen.emit(path)

    def _open(self) -> None:
        path = ask_for_design(self, self._settings.recent)
        if path is not None:
            self.file_chosen.emit(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.closed.emit()
        self.deleteLater()
