"""The library of the chart: loaded between events, and what knows Qt in the window's own thread alone."""

from __future__ import annotations

import json
import subprocess
import sys

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from cnnstudio.app.chart.lazy_library import ChartLibrary

IN_A_FRESH_PROCESS = """
import json, sys, threading
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication
from cnnstudio.app.chart.lazy_library import ChartLibrary

class Watch:
    aside, here = set(), set()
    def find_spec(self, name, path=None, target=None):
        is_main = threading.current_thread() is threading.main_thread()
        (self.here if is_main else self.aside).add(name.partition(".")[0])

application = QApplication([])
sys.meta_path.insert(0, Watch())
parent = QObject()
library = ChartLibrary(parent)
ticks = []
timer = QTimer(interval=0)
timer.timeout.connect(lambda: ticks.append(1))
timer.start()
library.loaded.connect(application.quit)
library.failed.connect(sys.exit)
library.start()
application.exec()
import pyqtgraph
from PySide6 import QtCore, QtGui, QtWidgets
modules = (QtCore, QtGui, QtWidgets)
made, known = (sum(map(len, map(look, modules))) for look in (vars, dir))
mirrors = [
    pyqtgraph.QtCore.QObject is QtCore.QObject,
    pyqtgraph.QtWidgets.QDial is QtWidgets.QDial,
    not hasattr(pyqtgraph.QtGui, "QNothing"),
]
print(json.dumps([sorted(Watch.aside), sorted(Watch.here), len(ticks), mirrors, made, known]))
"""


def test_what_knows_qt_is_loaded_in_the_window_s_thread() -> None:
    """In another one it would meet that thread while it makes a class of Qt, which crashes the process."""
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS], capture_output=True, text=True, timeout=120, check=True
    )
    aside, here, ticks, mirrors, made, known = json.loads(done.stdout)
    assert "numpy" in aside
    assert not {"PySide6", "shiboken6", "pyqtgraph", "cnnstudio"} & set(aside)
    assert {"pyqtgraph", "cnnstudio"} <= set(here)
    assert ticks > 3
    assert mirrors == [True, True, True]
    # What nobody asked for has not been made, and can still be found.
    assert made < 350
    assert known > 600


def test_a_library_that_is_there_is_soon_loaded_again(qtbot: QtBot) -> None:
    parent = QObject()
    library = ChartLibrary(parent)
    with qtbot.waitSignal(library.loaded):
        library.start()
