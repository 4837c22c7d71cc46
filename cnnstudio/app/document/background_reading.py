"""Reading design files: a small one at once, a large one in a thread, with a dialog that can be cancelled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QWidget

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats import format_of, read_file
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.fault import OpenQuestion
from cnnstudio.formats.format import ReadOptions

if TYPE_CHECKING:
    from concurrent.futures import Future

    from PySide6.QtWidgets import QProgressDialog

AS_IT_IS = ReadOptions()
LARGE_BYTES = 300_000
"""From this size on reading may take longer than anybody should look at a window that does nothing."""
PATIENCE_SECONDS = 0.2
POLL_MS = 15


def load_design(path: Path, parent: QWidget | None = None, options: ReadOptions = AS_IT_IS) -> DesignFile | None:
    """The design in a file, None if the user cancelled; FileError with every fault if it cannot be read.

    A file that leaves something open is asked about once.
    """
    try:
        return _load(path, parent, options)
    except OpenQuestion as question:
        from cnnstudio.app.document.questions import ask  # only where something is open

        answers = ask(question, options, parent)
    return None if answers is None else _load(path, parent, answers)


def _load(path: Path, parent: QWidget | None, options: ReadOptions) -> DesignFile | None:
    if not _may_take_long(path):
        return read_file(path, options)
    from concurrent.futures import ThreadPoolExecutor  # not at every start

    reader = ThreadPoolExecutor(max_workers=1)
    future = reader.submit(_read_and_count, path, options)
    # The thread ends with its one task; closing the window must not wait for a file that was cancelled.
    reader.shutdown(wait=False)
    try:
        return future.result(PATIENCE_SECONDS)
    except TimeoutError:
        return future.result() if _wait(future, path, parent) else None


def _may_take_long(path: Path) -> bool:
    try:
        return path.stat().st_size >= LARGE_BYTES or format_of(path).is_import
    except (OSError, ValueError):
        return False


def _read_and_count(path: Path, options: ReadOptions) -> DesignFile:
    """Counts as well: what was counted once is remembered, and the window need not wait for it."""
    file = read_file(path, options)
    analyze(file.design)
    return file


def _wait(future: Future[DesignFile], path: Path, parent: QWidget | None) -> bool:
    """Shows that something is going on until it is done; False if the user cancelled before."""
    dialog = _progress_dialog(path, parent)
    loop = QEventLoop()
    timer = QTimer()
    timer.setInterval(POLL_MS)
    timer.timeout.connect(lambda: loop.quit() if future.done() else None)
    dialog.canceled.connect(loop.quit)
    timer.start()
    dialog.show()
    loop.exec()
    timer.stop()
    is_cancelled = dialog.wasCanceled()
    dialog.deleteLater()
    dialog.hide()
    return not is_cancelled


def _progress_dialog(path: Path, parent: QWidget | None) -> QProgressDialog:
    from PySide6.QtWidgets import QLabel, QProgressDialog  # not at every start

    translate = QCoreApplication.translate
    dialog = QProgressDialog("", translate("Loading", "Cancel"), 0, 0, parent)
    dialog.setWindowTitle(translate("Loading", "Open design"))
    dialog.setWindowModality(Qt.WindowModality.ApplicationModal)
    label = QLabel(translate("Loading", "Reading '{name}'…").format(name=path.name))
    label.setTextFormat(Qt.TextFormat.PlainText)
    dialog.setLabel(label)
    return dialog
