"""Loads the library of the chart once the window has been seen.

Classes and enumerations of Qt come to be when they are first touched. Done in a thread, that meets the window's own
thread in the midst of making one: about one start in a hundred ended in a segmentation fault. So pyqtgraph, which
knows Qt, is loaded in the window's thread; numpy, which does not, in a thread before it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from threading import Thread
from types import ModuleType
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

WAIT_MS: Final = 3
MIRRORED: Final = ("QtCore", "QtGui", "QtWidgets")
"""The modules of Qt that pyqtgraph copies, name by name, into modules of its own."""


class ChartLibrary(QObject):
    """Loads it once; then `loaded` or, with the reason, `failed` follows."""

    loaded = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._arrays = Thread(target=_load_arrays, name="numpy")
        self._timer = QTimer(self)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._look_for_arrays)

    def start(self) -> None:
        """Begins."""
        self._arrays.start()
        self._timer.start()

    def _look_for_arrays(self) -> None:
        if self._arrays.is_alive():
            return
        self._timer.stop()
        try:
            with mirrors_made_lazy():
                import_module("cnnstudio.app.chart.bar_plot")
        except (ImportError, OSError) as error:
            self.failed.emit(str(error))
        else:
            self.loaded.emit()


def _load_arrays() -> None:
    """Imports numpy; what goes wrong is said when it is imported again, with the chart."""
    with suppress(ImportError, OSError):
        import_module("numpy")


@contextmanager
def mirrors_made_lazy() -> Iterator[None]:
    """While pyqtgraph is imported for the first time, lets its copies of Qt's modules look a name up when it is used.

    Copied, 700 classes and their 5,000 enumerators are made, of which pyqtgraph uses a quarter: 0.1 s and 8 MiB. It
    asks `dir` what there is to copy, and leaves a module be that was imported before.
    """
    modules = [import_module(f"PySide6.{name}") for name in MIRRORED]
    listings = [vars(module).get("__dir__") for module in modules]
    if "pyqtgraph" in sys.modules or None in listings:
        yield
        return
    for name, module in zip(MIRRORED, modules, strict=True):
        sys.modules[f"pyqtgraph.Qt.{name}"] = _mirror(name, module)
        vars(module)["__dir__"] = _nothing
    try:
        yield
    finally:
        for module, listing in zip(modules, listings, strict=True):
            vars(module)["__dir__"] = listing


def _mirror(name: str, module: ModuleType) -> ModuleType:
    """A module in which all names of another are found."""
    mirror = ModuleType(f"pyqtgraph.Qt.{name}", module.__doc__)
    vars(mirror)["__getattr__"] = partial(getattr, module)
    return mirror


def _nothing() -> list[str]:
    """The formats there are to copy: none."""
    return []
