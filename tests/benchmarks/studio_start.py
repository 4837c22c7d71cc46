"""One process that `window` measures: the studio from its start until it has come to rest. Prints one line of JSON.

Called with the time of the start as `time.monotonic_ns()`, and a design.
"""

from __future__ import annotations

import gc
import sys

from cnnstudio import cli


def measure(started: int, design: str) -> None:
    """First paint, chart drawn, and memory at rest of the studio, started as the command starts it."""
    # As the command does before it loads the window.
    gc.disable()
    from cnnstudio.app.platform.lazy_qt import import_qt

    import_qt()

    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication

    from cnnstudio.app import application
    from cnnstudio.app.window.main_window import MainWindow
    from tests.benchmarks.probe import memory, since_start, tell

    marks: dict[str, object] = {}

    class Watched(MainWindow):
        """The studio's window, which tells when it is first painted."""

        def paintEvent(self, event: QPaintEvent) -> None:
            if "first_paint" not in marks:
                marks["first_paint"] = 0.0
                QTimer.singleShot(0, self.note_first_paint)
            super().paintEvent(event)

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
            from tests.benchmarks.paints import Paints

            Paints([plot.canvas.viewport()]).wait()
            marks["chart_drawn"] = since_start(started)
            QTimer.singleShot(1_000, self.note_memory)

        def note_memory(self) -> None:
            """Notes the memory once the program has come to rest."""
            marks["memory"] = memory()
            tell(marks)
            QApplication.quit()

    vars(application)["MainWindow"] = Watched
    cli.main([design])


if __name__ == "__main__":
    measure(int(sys.argv[1]), sys.argv[2])
