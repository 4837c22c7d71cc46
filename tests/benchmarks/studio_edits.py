"""One process that `window` measures: the studio on a long network, edited by the keyboard. Prints one line of JSON.

Called with a file for settings, the file of the network, the layer whose fields are edited and that is moved, and the
layer before all others. Every block is unfolded; with the word `repeats` at the end, every repeat is listed besides.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, thread_time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.application import Studio, make_application
from cnnstudio.app.code.panel import MAX_AT_ONCE
from cnnstudio.app.inspector.inspector import Inspector
from cnnstudio.app.platform.garbage_collection import GarbageCollector
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.platform.settings_file import SettingsFile
from cnnstudio.core import edits
from tests.benchmarks.paints import Paints
from tests.benchmarks.probe import tell

WARM_UP = 5
EDITS = 60


class Session:
    """The studio on a long network, opened in a program that already runs."""

    def __init__(self, settings: Path, design: Path, *, repeats: bool = False) -> None:
        self.application = make_application(sys.argv[:1])
        theme = Theme()
        theme.apply()
        self.studio = Studio(Settings(SettingsFile(settings)), theme)
        collector = GarbageCollector(self.studio)
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
        while window.chart.plot is None:
            QTest.qWait(100)
        self.window = window
        window.actions_of["unfold_all"].trigger()
        if repeats:
            window.actions_of["show_repeats"].trigger()
        QTest.qWait(500)
        self.paints = Paints([*views, window.chart.plot.canvas.viewport()])
        # As in the midst of work: something can be undone already. The first edit of all enables the button besides.
        window.document.apply(edits.rename(window.document.design, ("image",), "picture"))
        QTest.qWait(200)
        collector.settle()

    def measured(self, do: Callable[[], None]) -> tuple[float, float]:
        """Milliseconds from an edit until list, table and chart are painted again: by the clock, and of computing."""
        QTest.qWait(15)
        before = self.window.document.design
        self.paints.restart()
        start, computed = perf_counter(), thread_time()
        do()
        assert self.paints.wait(), "an edit did not repaint list, table and chart"
        spent = (perf_counter() - start) * 1e3, (thread_time() - computed) * 1e3
        assert self.window.document.design is not before, "a key did not edit"
        return spent

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One keystroke, where the keyboard is."""
        QTest.keyClick(self.application.focusWidget() or self.window, key, modifier)

    def times(self, *keys: Callable[[], None]) -> list[tuple[float, float]]:
        """The milliseconds of many edits, some more to warm up; keys in turn, there and back."""
        rounds = WARM_UP + EDITS
        return [self.measured(keys[turn % len(keys)]) for turn in range(rounds)][WARM_UP:]

    def edit_field(self, path: tuple[str, ...], field: str) -> list[tuple[float, float]]:
        """Arrow keys in a field of the inspector."""
        self.window.view_state.select((path,))
        QTest.qWait(100)
        self.window.docks.view("inspector", Inspector).focus_field(field)
        return self.times(lambda: self.press(Qt.Key.Key_Up), lambda: self.press(Qt.Key.Key_Down))

    def move(self, path: tuple[str, ...]) -> list[tuple[float, float]]:
        """Alt and the arrow keys in the list."""
        self.window.view_state.select((path,))
        self.window.layers.setFocus()
        alt = Qt.KeyboardModifier.AltModifier
        return self.times(lambda: self.press(Qt.Key.Key_Down, alt), lambda: self.press(Qt.Key.Key_Up, alt))

    def beside_code(self, path: tuple[str, ...]) -> list[tuple[float, float]]:
        """Arrow keys in a field while the code is in sight, which long networks let follow a moment later."""
        self.window.actions_of["show_code"].trigger()
        code, chart = self.window.center.code, self.window.chart.plot
        assert chart is not None
        views: list[QWidget] = [self.window.layers.viewport(), chart.canvas.viewport()]
        if self.window.document.analysis.totals.layers <= MAX_AT_ONCE:
            views.append(code.view.viewport())
        self.paints = Paints(views)
        return self.edit_field(path, "filters")

    def undo(self) -> list[tuple[float, float]]:
        """Ctrl+Z, back through the moves."""
        self.window.layers.setFocus()
        return self.times(lambda: self.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier))


def measure(settings: Path, design: Path, layer: str, first: str, *options: str) -> None:
    """Opening a long network, and the times of edits in it."""
    session = Session(settings, design, repeats="repeats" in options)
    conv = tuple(layer.split("/"))
    marks: dict[str, object] = {"opening": session.opening, "field": session.edit_field(conv, "filters")}
    marks["all_rows"] = session.edit_field((first,), "kernel_size")
    marks["move"] = session.move(conv)
    marks["undo"] = session.undo()
    marks["code"] = session.beside_code(conv)
    session.window.actions_of["show_table"].trigger()
    tell(marks)
    # Nothing is asked about unsaved changes.
    session.window.document.undo_stack.setClean()
    for window in list(session.studio.windows):
        window.close()


if __name__ == "__main__":
    measure(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
