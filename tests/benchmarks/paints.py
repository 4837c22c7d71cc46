"""A record of the widgets painted since a moment."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

PATIENCE_SECONDS = 20.0


class Paints(QObject):
    """Notes which of some widgets have been painted."""

    def __init__(self, widgets: Iterable[QWidget]) -> None:
        super().__init__()
        self.widgets = tuple(widgets)
        self.painted: set[QObject] = set()
        for widget in self.widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.painted.add(watched)
        return False

    def restart(self) -> None:
        """Forgets the paints so far."""
        self.painted.clear()

    def wait(self) -> bool:
        """Lets the program run until all are painted; whether they were."""
        end = perf_counter() + PATIENCE_SECONDS
        while len(self.painted) < len(self.widgets):
            QApplication.processEvents()
            if perf_counter() > end:
                return False
        return True
