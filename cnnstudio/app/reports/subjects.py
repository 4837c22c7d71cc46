"""The subjects that a window can report on: its design, or a comparison.

Composing needs no Qt, and may run in a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol

from msgspec import structs

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.reports.choice import ReportChoice, report_request
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.budgets.checking import counted
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import Entry
from cnnstudio.core.network.design import path_text, walk
from cnnstudio.reports.comparison.composition import compose_comparison
from cnnstudio.reports.comparison.request import ComparisonReport
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.manuscript import Manuscript

Composer = Callable[[], Manuscript]


class ReportSubject(Protocol):
    """Something to report. `is_design` says that it takes parts, working, worksheets and a convention."""

    is_design: bool
    name: str

    def composer(self, choice: ReportChoice) -> Composer:
        """A function that composes the report; it holds everything it needs, and may be called in a thread."""
        ...


class DesignSubject:
    """The design of a window as it is now, with the layers that are selected in it."""

    is_design = True

    def __init__(self, document: Document, view_state: ViewState) -> None:
        self.name = document.title
        self.design_name = document.design.name
        self.convention = document.analysis.convention
        self._analysis = document.analysis
        self._selection = tuple(path_text(path) for path in view_state.selection)

    @property
    def levels(self) -> int:
        """The number of blocks within each other."""
        return max((len(path) - 1 for path, _ in walk(self._analysis.design.layers)), default=0)

    @property
    def has_selection(self) -> bool:
        """True if layers are selected, whose working could be shown."""
        return bool(self._selection)

    def composer(self, choice: ReportChoice) -> Composer:
        """Counts by the chosen convention and composes; all of it when it is called."""
        analysis, selection = self._analysis, self._selection
        day = date.today() if choice.is_dated else None

        def composed() -> Manuscript:
            told = counted(analysis.design, CONVENTIONS[choice.convention]) if choice.convention else analysis
            is_some = choice.working == "selected" and choice.worksheet == "none"
            selected = _selected(told, selection) if is_some else None
            return compose(report_request(told, choice, selected=selected, day=day))

        return composed


def _selected(analysis: Analysis, selection: tuple[str, ...]) -> tuple[Entry, ...]:
    """The entries at these places; of a layer in a repeated block the first."""
    found: dict[str, Entry] = {}
    for entry in walk_entries(analysis.entries):
        if entry.place in selection:
            found.setdefault(entry.place, entry)
    return tuple(found.values())


class ComparisonSubject:
    """A comparison as its window shows it."""

    is_design = False

    def __init__(self, report: ComparisonReport) -> None:
        self.name = "-".join(report.labels)
        self._report = report

    def composer(self, choice: ReportChoice) -> Composer:
        """Composes the comparison with the chosen page and date."""
        day = date.today() if choice.is_dated else None
        report = structs.replace(self._report, page=choice.page, date=day)
        return lambda: compose_comparison(report)
