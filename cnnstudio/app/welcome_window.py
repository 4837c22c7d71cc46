"""The window of the welcome page: where a start without a file begins."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow

from cnnstudio.app.files import FILTER
from cnnstudio.app.settings import Settings
from cnnstudio.app.theme import Theme
from cnnstudio.app.views.welcome import WelcomePage


class WelcomeWindow(QMainWindow):
    """Shows the welcome page until something is chosen."""

    design_chosen = Signal(str)
    file_chosen = Signal(Path)
    new_chosen = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("CNN Studio"))
        page = WelcomePage(theme, settings.recent, self)
        page.design_chosen.connect(self.design_chosen)
        page.file_chosen.connect(self.file_chosen)
        page.new_chosen.connect(self.new_chosen)
        page.open_chosen.connect(self._open)
        self.setCentralWidget(page)
        self.resize(1000, 680)

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Open design"), str(Path.home()), FILTER)
        if name:
            self.file_chosen.emit(Path(name))

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.closed.emit()
        self.deleteLater()
