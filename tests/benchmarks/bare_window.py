"""One process that `window` measures: a window with a tree and a table, and nothing else. Prints one line of JSON.

Called with the time of the start as `time.monotonic_ns()`, or with `chart` for a window with a chart and its memory.
It imports no more than such a window needs, so that the studio is compared with the least there can be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDockWidget,
    QMainWindow,
    QSplitter,
    QTableView,
    QTreeView,
    QWidget,
)

from tests.benchmarks.probe import memory, since_start, tell

BARE_ROWS = 20


class Bare(QMainWindow):
    """A tree in a dock, a table beside it, and nothing else."""

    def __init__(self, on_painted: Callable[[], None], *parts: QWidget) -> None:
        super().__init__()
        self._on_painted: Callable[[], None] | None = on_painted
        tree, table = _filled(QTreeView(), 1), _filled(QTableView(), 8)
        dock = QDockWidget("Tree")
        dock.setWidget(tree)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        splitter = QSplitter()
        for part in (table, *parts):
            splitter.addWidget(part)
        self.setCentralWidget(splitter)
        self.resize(1440, 880)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._on_painted is not None:
            QTimer.singleShot(0, self._on_painted)
            self._on_painted = None


def _filled(view: QAbstractItemView, columns: int) -> QAbstractItemView:
    model = QStandardItemModel(BARE_ROWS, columns, view)
    for row in range(BARE_ROWS):
        for column in range(columns):
            model.setItem(row, column, QStandardItem(f"{row}, {column}"))
    view.setModel(model)
    return view


def bare(started: int) -> None:
    """First paint."""
    application = QApplication(sys.argv[:1])

    def on_painted() -> None:
        tell({"first_paint": since_start(started)})
        application.quit()

    window = Bare(on_painted)
    window.show()
    application.exec()


def bare_chart() -> None:
    """Memory of the window with a chart, when it has come to rest."""
    import pyqtgraph as pg

    application = QApplication(sys.argv[:1])
    plot = pg.PlotWidget()
    plot.addItem(pg.BarGraphItem(x0=[0] * BARE_ROWS, y=list(range(BARE_ROWS)), width=[1] * BARE_ROWS, height=0.8))

    def on_painted() -> None:
        QTimer.singleShot(1_000, on_rest)

    def on_rest() -> None:
        tell({"memory": memory()})
        application.quit()

    window = Bare(on_painted, plot)
    window.show()
    application.exec()


if __name__ == "__main__":
    if sys.argv[1] == "chart":
        bare_chart()
    else:
        bare(int(sys.argv[1]))
