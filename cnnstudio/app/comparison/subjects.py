"""What can be compared: an open design as it is at every moment, its last saved version, or a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from cnnstudio.app.appearance.questions import warn
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.reports.opening import export_comparison
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.fault import FileError

if TYPE_CHECKING:
    from cnnstudio.app.comparison.choice_dialog import Choice
    from cnnstudio.app.comparison.window import ComparisonWindow
    from cnnstudio.app.window.main_window import MainWindow

translate = QCoreApplication.translate


class Subject(QObject):
    """One design of a comparison.

    `source` tells it from others of the same name; `view_state` is there if it is open in a window.
    """

    changed = Signal()

    def __init__(self, analysis: Analysis, source: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.analysis = analysis
        self.source = source
        self.view_state: ViewState | None = None

    @property
    def name(self) -> str:
        """What the design is called."""
        return self.analysis.design.name


class OpenSubject(Subject):
    """A design in a window, as it is edited. Once its window is closed it stays as it was last."""

    def __init__(self, document: Document, view_state: ViewState, source: str, parent: QObject | None = None) -> None:
        super().__init__(document.analysis, source, parent)
        self.view_state = view_state
        document.changed.connect(self._on_changed)
        document.destroyed.connect(self._on_gone)

    def _on_changed(self, _old: Analysis, new: Analysis) -> None:
        self.analysis = new
        self.changed.emit()

    def _on_gone(self) -> None:
        self.view_state = None


class SavedSubject(Subject):
    """What the file of an open design holds: read anew whenever it is saved, or loaded again."""

    def __init__(self, document: Document, file: DesignFile, source: str, parent: QObject | None = None) -> None:
        super().__init__(analyze(file.design), source, parent)
        self._document = document
        document.path_changed.connect(self._read)
        document.modified_changed.connect(self._read)

    def _read(self) -> None:
        path = self._document.path
        if path is None or self._document.is_modified:
            return
        try:
            self.analysis = analyze(read_file(path).design)
        except FileError:
            return  # somebody else has it in hand just now; what was saved last is still true
        self.changed.emit()


def file_subject(file: DesignFile, path: Path, parent: QObject | None = None) -> Subject:
    """A design file, or a built-in design."""
    return Subject(analyze(file.design), path.name, parent)


class Comparisons:
    """Opens the comparisons that the windows ask for. `windows` gives all that are open."""

    def __init__(self, windows: Callable[[], Sequence[MainWindow]]) -> None:
        self._windows = windows

    def ask(self, window: MainWindow) -> None:
        """Asks what to compare the design of a window with, and shows the comparison."""
        from cnnstudio.app.comparison.choice_dialog import ComparisonChoice

        others = [candidate for candidate in self._windows() if candidate is not window]
        dialog = ComparisonChoice(window.theme, window.document.title, _choices(window, others), window)
        accepted = dialog.exec() == ComparisonChoice.DialogCode.Accepted
        choice = dialog.chosen
        dialog.deleteLater()
        if accepted and choice is not None:
            subjects = _subjects(choice, window, others)
            if subjects is not None:
                show_comparison(subjects, window)


def show_comparison(subjects: tuple[Subject, Subject], window: MainWindow) -> ComparisonWindow:
    """A window that compares two designs; it closes with the window it was asked for in."""
    from cnnstudio.app.comparison.window import ComparisonWindow

    shown = ComparisonWindow(subjects, window.settings, window.theme, window)
    window.closed.connect(shown.close)
    shown.report_requested.connect(lambda report: export_comparison(report, window.settings, window.theme, shown))
    shown.show()
    return shown


def _choices(window: MainWindow, others: Sequence[MainWindow]) -> list[Choice]:
    from cnnstudio.app.comparison.choice_dialog import Choice

    choices = []
    if window.document.path is not None:
        choices.append(Choice("saved", translate("Comparing", "Its last saved version"), window.document.path.name))
    for number, other in enumerate(others):
        name, title = other.document.design.name, other.document.title
        choices.append(Choice("open", name, "" if title == name else title, number))
    choices += [Choice("builtin", stem, path=path) for stem, path in builtin_paths().items()]
    return choices


def _subjects(choice: Choice, window: MainWindow, others: Sequence[MainWindow]) -> tuple[Subject, Subject] | None:
    """The two sides, the older version first; None, which was told, if a file cannot be read or none was chosen."""
    here = OpenSubject(window.document, window.view_state, translate("Comparing", "as it is now"))
    if choice.kind == "open":
        other = others[choice.number]
        return here, OpenSubject(other.document, other.view_state, other.document.title)
    path = window.document.path if choice.kind == "saved" else choice.path or window.files.ask_for_file()
    if path is None:
        return None
    try:
        file = read_file(path)
    except FileError as error:
        text = translate("Comparing", "'{name}' is no design that can be compared.").format(name=path.name)
        warn(window, translate("Comparing", "Not compared"), f"{text}\n\n{error.lines()[0]}")
        return None
    if choice.kind == "saved":
        return SavedSubject(window.document, file, translate("Comparing", "saved")), here
    return here, file_subject(file, path)
