"""One process that `window` measures: the studio. Prints one line of JSON and ends.

Called with `start` or `edits`, the time of the start as `time.monotonic_ns()`, a file for settings, and a design.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from tests.benchmarks.bare_window import memory, since_start, tell

WARM_UP = 5
EDITS = 60
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


def measure_start(started: int, settings: Path, design: str) -> None:
    """First paint, chart drawn, and memory at rest of the studio, run as a user runs it."""
    from cnnstudio.app import application

    marks: dict[str, object] = {}

    class Watched(application.MainWindow):
        """The studio's window, which tells when it is first painted."""

        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            if "first_paint" not in marks:
                marks["first_paint"] = 0.0
                QTimer.singleShot(0, self.note_first_paint)

        def note_first_paint(self) -> None:
            """After the whole window has been painted."""
            marks["first_paint"] = since_start(started)
            marks["charts_loaded_before"] = sorted({"pyqtgraph", "numpy"} & sys.modules.keys())
            self.look_for_chart()

        def look_for_chart(self) -> None:
            """Until the chart is there, and then painted."""
            plot = self.chart.plot
            if plot is None:
                QTimer.singleShot(1, self.look_for_chart)
                return
            self.paints = Paints([plot.canvas.viewport()])
            self.paints.wait()
            marks["chart_drawn"] = since_start(started)
            QTimer.singleShot(1_000, self.note_memory)

        def note_memory(self) -> None:
            """When the program has come to rest."""
            marks["memory"] = memory()
            tell(marks)
            QApplication.quit()

    application.MainWindow = Watched  # type: ignore[misc]
    application.run(design, QSettings(str(settings), QSettings.Format.IniFormat))


class Session:
    """The studio on a long network, opened in a program that already runs."""

    def __init__(self, settings: Path, design: Path) -> None:
        from cnnstudio.app.application import Studio, make_application
        from cnnstudio.app.settings import Settings
        from cnnstudio.app.theme import Theme

        self.application = make_application(sys.argv[:1])
        theme = Theme()
        theme.apply()
        self.studio = Studio(Settings(QSettings(str(settings), QSettings.Format.IniFormat)), theme)
        self.studio.open_builtin("alexnet")
        QTest.qWait(1_500)
        before = perf_counter()
        window = self.studio.open(design)
        assert window is not None
        views = [window.layers.viewport(), window.table.grid.viewport()]
        assert Paints(views).wait()
        self.opening = (perf_counter() - before) * 1e3
        QTest.qWait(1_500)
        window.activateWindow()
        assert window.chart.plot is not None
        self.window = window
        self.paints = Paints([*views, window.chart.plot.canvas.viewport()])
        QTest.qWait(200)

    def measured(self, do: Callable[[], None]) -> float:
        """Milliseconds from an edit until list, table and chart are painted again."""
        QTest.qWait(15)
        before = self.window.document.design
        self.paints.restart()
        start = perf_counter()
        do()
        assert self.paints.wait(), "an edit did not repaint list, table and chart"
        spent = (perf_counter() - start) * 1e3
        assert self.window.document.design is not before, "a key did not edit"
        return spent

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One keystroke, where the keyboard is."""
        QTest.keyClick(self.application.focusWidget() or self.window, key, modifier)

    def times(self, *keys: Callable[[], None]) -> list[float]:
        """The milliseconds of many edits, some more to warm up; the keys in turn, so that there and back is measured."""
        rounds = WARM_UP + EDITS
        return [self.measured(keys[turn % len(keys)]) for turn in range(rounds)][WARM_UP:]

    def edit_field(self, path: tuple[str, ...], field: str) -> list[float]:
        """Arrow keys in a field of the inspector."""
        self.window.view_state.select((path,))
        QTest.qWait(100)
        self.window.inspector.focus_field(field)
        return self.times(lambda: self.press(Qt.Key.Key_Up), lambda: self.press(Qt.Key.Key_Down))

    def move(self, path: tuple[str, ...]) -> list[float]:
        """Alt and the arrow keys in the list."""
        self.window.view_state.select((path,))
        self.window.layers.setFocus()
        alt = Qt.KeyboardModifier.AltModifier
        return self.times(lambda: self.press(Qt.Key.Key_Down, alt), lambda: self.press(Qt.Key.Key_Up, alt))

    def undo(self) -> list[float]:
        """Ctrl+Z, back through the moves."""
        self.window.layers.setFocus()
        return self.times(lambda: self.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier))


def measure_edits(settings: Path, design: str) -> None:
    """Opening a long network, and the times of edits in it."""
    session = Session(settings, Path(design))
    conv = ("Conv-170",)
    marks: dict[str, object] = {"opening": session.opening, "field": session.edit_field(conv, "filters")}
    marks["all_rows"] = session.edit_field(("Conv-1",), "kernel_size")
    marks["move"] = session.move(conv)
    marks["undo"] = session.undo()
    tell(marks)
    # Nothing is asked about unsaved changes.
    sys.stdout.flush()
    session.window.document.undo_stack.setClean()
    for window in list(session.studio.windows):
        window.close()


def main(words: list[str]) -> None:
    """One measurement."""
    kind, started, settings, design = words
    if kind == "start":
        measure_start(int(started), Path(settings), design)
    else:
        measure_edits(Path(settings), design)


if __name__ == "__main__":
    main(sys.argv[1:])
