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
from cnnstudio.app.reports.choice import ReportChoice
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN, REPORT_COLUMNS, report_columns
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import Entry
from cnnstudio.core.network.design import path_text
from cnnstudio.reports.comparison.composition import compose_comparison
from cnnstudio.reports.comparison.request import ComparisonReport
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.manuscript import Manuscript
from cnnstudio.reports.content.report import (
    PARTS,
    ReportRequest,
    Worksheet,
    all_working,
    answer_working,
    worksheet_columns,
)

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
        self.convention = document.analysis.convention
        self._analysis = document.analysis
        self._selection = tuple(path_text(path) for path in view_state.selection)

    @property
    def has_selection(self) -> bool:
        """True if layers are selected, whose working could be shown."""
        return bool(self._selection)

    def composer(self, choice: ReportChoice) -> Composer:
        """Counts by the chosen convention and composes; all of it when it is called."""
        analysis, selection = self._analysis, self._selection
        day = date.today() if choice.is_dated else None

        def composed() -> Manuscript:
            counted = analyze(analysis.design, CONVENTIONS[choice.convention]) if choice.convention else analysis
            return compose(_report(counted, choice, selection, day))

        return composed


def _report(analysis: Analysis, choice: ReportChoice, selection: tuple[str, ...], day: date | None) -> ReportRequest:
    sheet = None if choice.worksheet == "none" else Worksheet(choice.blank, has_answers=choice.worksheet == "key")
    is_usual = choice.columns == REPORT_COLUMNS
    columns = report_columns(analysis) if is_usual else tuple(COLUMN[key] for key in choice.columns)
    working = _working(analysis, choice, selection)
    if sheet is not None:
        columns = worksheet_columns(analysis, sheet.blank, choice.given)
        working = answer_working(analysis, sheet.blank, expand=choice.expand) if sheet.has_answers else ()
    return ReportRequest(
        analysis=analysis,
        columns=columns,
        parts=tuple(key for key in PARTS if key in choice.parts),
        expand=choice.expand,
        working=working,
        metric=choice.metric,
        is_log=choice.is_log,
        diagram=choice.diagram,
        date=day,
        worksheet=sheet,
        page=choice.page,
    )


def _working(analysis: Analysis, choice: ReportChoice, selection: tuple[str, ...]) -> tuple[Entry | None, ...]:
    if choice.working == "all":
        return all_working(analysis, expand=choice.expand)
    if choice.working == "none":
        return ()
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
