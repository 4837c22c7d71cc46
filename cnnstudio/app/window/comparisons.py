"""Opens the comparisons that windows ask for: which designs, and the window that shows them side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from cnnstudio.app.appearance.questions import warn
from cnnstudio.app.comparison.subjects import ComparedDesign, OpenSubject, SavedSubject, file_subject
from cnnstudio.app.reports.opening import export_comparison
from cnnstudio.app.window.frame import WindowFrame
from cnnstudio.formats import read_file
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.fault import FileError

if TYPE_CHECKING:
    from cnnstudio.app.comparison.choice_dialog import SubjectChoice
    from cnnstudio.app.comparison.window import ComparisonWindow

translate = QCoreApplication.translate


class Comparisons:
    """Opens the comparisons that the windows ask for. `windows` gives all that are open."""

    def __init__(self, windows: Callable[[], Sequence[WindowFrame]]) -> None:
        self._windows = windows

    def ask(self, window: WindowFrame) -> None:
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


def show_comparison(subjects: tuple[ComparedDesign, ComparedDesign], window: WindowFrame) -> ComparisonWindow:
    """A window that compares two designs; it closes with the window it was asked for in."""
    from cnnstudio.app.comparison.window import ComparisonWindow

    shown = ComparisonWindow(subjects, window.settings, window.theme, window)
    window.closed.connect(shown.close)
    shown.report_requested.connect(lambda report: export_comparison(report, window.settings, window.theme, shown))
    shown.show()
    return shown


def _choices(window: WindowFrame, others: Sequence[WindowFrame]) -> list[SubjectChoice]:
    from cnnstudio.app.comparison.choice_dialog import SubjectChoice

    choices = []
    if window.document.path is not None:
        choices.append(
            SubjectChoice("saved", translate("Comparing", "Its last saved version"), window.document.path.name)
        )
    if window.document.design != window.document.opened.design:
        choices.append(SubjectChoice("opened", translate("Comparing", "As it was opened"), window.document.title))
    for number, other in enumerate(others):
        name, title = other.document.design.name, other.document.title
        choices.append(SubjectChoice("open", name, "" if title == name else title, number))
    choices += [SubjectChoice("builtin", stem, path=path) for stem, path in builtin_paths().items()]
    return choices


def _subjects(
    choice: SubjectChoice, window: WindowFrame, others: Sequence[WindowFrame]
) -> tuple[ComparedDesign, ComparedDesign] | None:
    """The two sides, the older version first; None, after a message, if a file cannot be read or none was chosen."""
    here = OpenSubject(window.document, window.view_state, translate("Comparing", "as it is now"))
    if choice.kind == "open":
        other = others[choice.number]
        return here, OpenSubject(other.document, other.view_state, other.document.title)
    if choice.kind == "opened":
        return ComparedDesign(window.document.opened, translate("Comparing", "as opened")), here
    path = window.document.path if choice.kind == "saved" else choice.path or window.files.ask_for_file()
    if path is None:
        return None
    try:
        file = read_file(path)
    except FileError as error:
        text = translate("Comparing", "'{name}' cannot be opened.").format(name=path.name)
        warn(window, translate("Comparing", "Not compared"), f"{text}\n\n{error.lines()[0]}")
        return None
    if choice.kind == "saved":
        return SavedSubject(window.document, file, translate("Comparing", "saved")), here
    return here, file_subject(file, path)
