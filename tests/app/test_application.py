"""The studio as a whole: windows that open and close, files that are large or faulty, and what nobody caught."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QProgressDialog, QPushButton
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.questions import Button
from cnnstudio.app.application import Studio, Unexpected
from cnnstudio.app.document import background_reading as loading
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core import edits
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.design import Design
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.design_yaml import read_design, write_design
from cnnstudio.formats.format import ReadOptions
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Input
from tests.app.conftest import Answers, opened_window
from tests.fresh_python import printed_by

FAULTY = "cnnstudio: 1\nlayers:\n- {type: Conf2D}\n- {type: Dense}\n"


def long_design(length: int) -> Design:
    convolutions = (Conv2D(name=f"c{n}", filters=8, kernel_size=3, padding="same") for n in range(length))
    return Design(name="Long", layers=(Input(name="image", size=(32, 32), channels=8), *convolutions))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    write_design(path, long_design(3))
    return path


# Opening.


def test_a_file_opens_once(studio: Studio, file: Path) -> None:
    window = studio.open(file)
    assert window is not None
    assert studio.open(file.parent / "." / file.name) is window
    assert (studio.windows, window.document.path) == ([window], file)
    assert studio.settings.recent == [file]


def test_a_link_to_an_open_file_is_that_file(studio: Studio, file: Path) -> None:
    link = file.with_name("link.yaml")
    link.symlink_to(file)
    assert studio.open(link) is studio.open(file)


def test_a_builtin_design_is_a_new_one_each_time(studio: Studio) -> None:
    first, second = opened_window(studio, "lenet-5"), opened_window(studio, "lenet-5")
    assert first is not second
    assert first.document.path is None
    assert not first.isWindowModified()
    assert studio.settings.recent == []


def test_a_new_design_has_an_input(studio: Studio) -> None:
    window = studio.new()
    assert [item.name for item in window.document.design.layers] == ["input_1"]
    assert not window.document.analysis.problems


def test_a_file_that_is_gone_is_told_in_the_window(studio: Studio, tmp_path: Path, answers: Answers) -> None:
    answers.give(Button.Ok)
    studio.start(str(tmp_path / "gone.yaml"))
    assert answers.texts[0].startswith("'gone.yaml' cannot be opened.")
    assert "there is no such file" in answers.texts[0]
    assert studio.welcome is not None


def test_a_faulty_file_is_told_with_every_fault_and_the_welcome_page_stays(
    studio: Studio, tmp_path: Path, answers: Answers
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(FAULTY)
    answers.give(Button.Ok)
    studio.start(str(path))
    assert answers.texts[0].startswith("'bad.yaml' cannot be opened.")
    assert "bad.yaml:3:4: layers[0]: there is no layer type 'Conf2D'" in answers.texts[0]
    assert [line.rpartition(": ")[2] for line in answers.details[0].splitlines()] == [
        "there is no layer type 'Conf2D'. Did you mean 'Conv2D'?",
        "units is missing; give a whole number.",
    ]
    assert studio.windows == []
    assert studio.welcome is not None


def test_the_welcome_page_leads_on_and_goes(studio: Studio, file: Path) -> None:
    for signal, chosen in (("new_chosen", ()), ("design_chosen", ("alexnet",)), ("file_chosen", (file,))):
        studio.show_welcome()
        before = len(studio.windows)
        getattr(studio.welcome, signal).emit(*chosen)
        assert (len(studio.windows), studio.welcome) == (before + 1, None)


def test_the_same_welcome_page_is_shown_again(studio: Studio) -> None:
    studio.show_welcome()
    welcome = studio.welcome
    studio.show_welcome()
    assert studio.welcome is welcome


# Large files.


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    path = tmp_path / "large.yaml"
    write_design(path, long_design(6_000))
    assert path.stat().st_size > loading.LARGE_BYTES
    return path


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Reading waits until this is set."""
    opened = threading.Event()

    def read_slowly(path: Path, _options: ReadOptions) -> DesignFile:
        assert opened.wait(20)
        return read_design(path)

    monkeypatch.setattr(loading, "read_file", read_slowly)
    monkeypatch.setattr(loading, "PATIENCE_SECONDS", 0.01)
    return opened


def progress_dialog() -> QProgressDialog | None:
    dialogs = [
        widget
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, QProgressDialog) and widget.isVisible()
    ]
    return dialogs[0] if dialogs else None


class Ticks(QObject):
    """Counts how often the window's thread comes round, and acts once there is a progress dialog."""

    def __init__(self, act: object) -> None:
        super().__init__()
        self.count = 0
        self._act = act
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    def _tick(self) -> None:
        dialog = progress_dialog()
        self.count += dialog is not None
        if self.count == 20 and dialog is not None and callable(self._act):
            self._act(dialog)


def test_a_large_file_is_read_while_the_windows_live(studio: Studio, large_file: Path, gate: threading.Event) -> None:
    ticks = Ticks(lambda _dialog: gate.set())
    window = studio.open(large_file)
    assert window is not None
    assert ticks.count >= 20
    assert len(window.document.design.layers) == 6_001
    assert progress_dialog() is None


def test_reading_a_large_file_can_be_cancelled(studio: Studio, large_file: Path, gate: threading.Event) -> None:
    labels: list[str] = []

    def cancel(dialog: QProgressDialog) -> None:
        labels.append(dialog.labelText())
        button = dialog.findChild(QPushButton)
        assert isinstance(button, QPushButton)
        button.click()

    ticks = Ticks(cancel)
    assert studio.open(large_file) is None
    gate.set()
    assert ticks.count == 20
    assert (studio.windows, studio.settings.recent, progress_dialog()) == ([], [], None)


def test_a_large_file_with_faults(studio: Studio, tmp_path: Path, answers: Answers, gate: threading.Event) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(FAULTY + f"# {'x' * loading.LARGE_BYTES}\n")
    answers.give(Button.Ok)
    ticks = Ticks(lambda _dialog: gate.set())
    assert studio.open(path) is None
    assert ticks.count >= 20
    assert "there is no layer type 'Conf2D'" in answers.texts[0]


def test_a_small_file_is_read_without_a_thread(studio: Studio, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readers: list[int] = []

    def read(path: Path, _options: ReadOptions) -> DesignFile:
        readers.append(threading.get_ident())
        return read_design(path)

    monkeypatch.setattr(loading, "read_file", read)
    assert studio.open(file) is not None
    assert readers == [threading.get_ident()]


def test_a_large_file_that_is_quick_shows_no_dialog(
    studio: Studio, large_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "PATIENCE_SECONDS", 60)
    monkeypatch.setattr(loading, "_progress_dialog", None)
    assert studio.open(large_file) is not None


# Several windows, and the end.


def test_documents_know_nothing_of_each_other(studio: Studio) -> None:
    first, second = opened_window(studio), opened_window(studio)
    first.document.apply(edits.remove(first.document.design, [("Conv-2",)]))
    assert first.isWindowModified()
    assert not second.isWindowModified()
    assert len(second.document.design.layers) == len(first.document.design.layers) + 1
    assert first.pos() != second.pos()


def test_quitting_stops_at_the_window_that_stays(studio: Studio, answers: Answers) -> None:
    first, second, third = (opened_window(studio) for _ in range(3))
    second.document.apply(edits.remove(second.document.design, [("Conv-2",)]))
    answers.give(Button.Cancel)
    third.actions_of["quit"].trigger()
    assert studio.windows == [second, third]
    answers.give(Button.Discard)
    third.actions_of["quit"].trigger()
    assert studio.windows == []
    assert not first.isVisible()


def wait_for_chart(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.chart.plot is not None)


def test_a_closed_window_leaves_nothing_behind(studio: Studio, qtbot: QtBot) -> None:
    window = opened_window(studio)
    window.document.apply(edits.remove(window.document.design, [("Conv-2",)]))
    window.document.undo_stack.undo()
    window.view_state.select((("Conv-3",),))
    wait_for_chart(window, qtbot)
    seen = [weakref.ref(thing) for thing in (window, window.document, window.layers, window.table, window.chart)]
    window.close()
    del window
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    gc.collect()
    assert [reference() for reference in seen] == [None] * len(seen)


def test_a_theme_that_changes_later_asks_no_closed_window(studio: Studio, qtbot: QtBot) -> None:
    window = opened_window(studio)
    qtbot.waitUntil(lambda: window.chart.plot is not None)
    window.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    studio.theme.changed.emit()


LEFT_OPEN = """
from pathlib import Path
from cnnstudio.app.application import Studio, make_application
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.platform.settings_file import SettingsFile
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.core import edits
application = make_application([])
studio = Studio(Settings(SettingsFile(Path("SETTINGS"))), Theme("light"))
window = studio.open_builtin("alexnet")
window.document.apply(edits.remove(window.document.design, [("Conv-2",)]))
window.document.undo_stack.undo()
window.document.apply(edits.remove(window.document.design, [("Conv-3",)]))
application.processEvents()
print("end", flush=True)
"""


def test_an_interpreter_that_ends_with_a_window_open_says_nothing(tmp_path: Path) -> None:
    script = LEFT_OPEN.replace("SETTINGS", str(tmp_path / "left.json"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    said = [line for line in done.stderr.splitlines() if not line.startswith("This plugin does not support")]
    assert (done.stdout, said) == ("end\n", [])


# What nobody caught.


@pytest.mark.usefixtures("qapp")
def test_an_error_of_the_program_is_told_once_at_a_time(
    answers: Answers, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = Unexpected()
    error = ValueError("from inside")
    told = answers.answer

    def fail_again(box: QMessageBox) -> int:
        hook(ValueError, error, None)
        return told(box)

    monkeypatch.setattr(answers, "answer", fail_again)
    answers.give(Button.Ok, Button.Ok)
    hook(ValueError, error, None)
    assert len(answers.texts) == 1
    hook(ValueError, error, None)
    assert len(answers.texts) == 2
    assert answers.texts[0].startswith("Something went wrong inside the program.")
    assert capsys.readouterr().err.count("from inside") == 4


# Sizes that nobody expects.


@pytest.mark.parametrize("length", [0, 1, 1_000])
def test_designs_of_any_length_open(studio: Studio, tmp_path: Path, length: int) -> None:
    path = tmp_path / "net.yaml"
    write_design(path, Design(name="N", layers=long_design(1_000).layers[:length]))
    started = time.perf_counter()
    window = studio.open(path)
    assert window is not None
    assert window.layers.layer_model.rowCount() == length
    assert window.table.grid.layers.rowCount() == length
    assert time.perf_counter() - started < 5


@pytest.mark.usefixtures("qapp")
def test_a_trillion_parameters(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "cnnstudio: 1\nlayers:\n- {type: Input, name: i, size: [1000, 1000], channels: 1}\n"
        "- {type: Dense, name: d, units: 1000000, bias: false}\n"
    )
    window = studio.open(path)
    assert window is not None
    assert window.document.analysis.totals.parameters == 10**12
    assert window.document.analysis.entries[1].output_shape == Shape(10**6, ())
    shown = {str(window.table.grid.layers.index(1, column).data()) for column in range(6)}
    assert "1,000,000,000,000" in shown
    window.grab()


def test_a_file_that_the_system_asks_for_is_told() -> None:
    # A program has one application, and this one has none of this kind.
    script = """
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFileOpenEvent
from cnnstudio.app.application import make_application
application = make_application(["cnnstudio"])
application.open_requested.connect(lambda path: print(path.as_posix()))
QCoreApplication.sendEvent(application, QFileOpenEvent("/tmp/a design.yaml"))
QCoreApplication.sendEvent(application, QFileOpenEvent(""))
"""
    assert printed_by(script) == ["/tmp/a design.yaml"]
