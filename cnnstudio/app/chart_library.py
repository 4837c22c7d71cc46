"""Loads the library of the chart once the window has been seen, in steps that nobody notices.

Classes and enumerations of Qt come to be when they are first touched, and pyqtgraph touches all of them when it is
imported. Done in a thread, that meets the window's own thread in the midst of making one: about one start in a hundred
ended in a segmentation fault. So everything that knows Qt is done in the window's thread, most of it a few
milliseconds at a time; numpy, which does not, is loaded in a thread beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from threading import Thread
from time import monotonic
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

STEP_SECONDS: Final = 0.012
WAIT_MS: Final = 3
QT_MODULES: Final = ("PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets")
"""What pyqtgraph copies, name by name."""


class ChartLibrary(QObject):
    """Loads it once; then `loaded` or, with the reason, `failed` follows."""

    loaded = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._arrays = Thread(target=_load_arrays, name="numpy")
        self._touched = _touch_classes()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._take_step)

    def start(self) -> None:
        """Begins."""
        self._arrays.start()
        self._timer.start(0)

    def _take_step(self) -> None:
        end = monotonic() + STEP_SECONDS
        for _ in self._touched:
            if monotonic() > end:
                return
        if self._arrays.is_alive():
            self._timer.setInterval(WAIT_MS)
            return
        self._timer.stop()
        try:
            import_module("cnnstudio.app.views.bar_plot")
        except (ImportError, OSError) as error:
            self.failed.emit(str(error))
        else:
            self.loaded.emit()


def _touch_classes() -> Iterator[None]:
    """Lets Qt make its classes, one at a time."""
    for name in QT_MODULES:
        module = import_module(name)
        for one in dir(module):
            getattr(module, one)
            yield


def _load_arrays() -> None:
    """Imports numpy; what goes wrong is said when it is imported again, with the chart."""
    with suppress(ImportError, OSError):
        import_module("numpy")
