"""Opens the dialog of reports for a window's design, or for a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.settings import Settings

# What makes reports is loaded when one is wanted: no start of the window waits for it.
if TYPE_CHECKING:
    from cnnstudio.app.reports.choice import ReportChoice
    from cnnstudio.app.reports.dialog import ReportDialog
    from cnnstudio.app.reports.subjects import DesignSubject
    from cnnstudio.reports.comparison.request import ComparisonReport


def remembered_choice(settings: Settings) -> ReportChoice:
    """The last choices; at first those usual in the user's country."""
    from cnnstudio.app.reports.choice import ReportChoice, choice_from_text, usual_paper

    territory = QLocale.territoryToCode(QLocale.system().territory())
    return choice_from_text(settings.report_choice, ReportChoice(paper=usual_paper(territory)))


def report_dialog(
    subject: DesignSubject,
    table_columns: tuple[str, ...],
    settings: Settings,
    theme: Theme,
    parent: QWidget,
    *,
    is_print: bool = False,
) -> ReportDialog:
    """The dialog for the design in a window, whose table shows these columns; to print, it begins with pages."""
    from cnnstudio.app.reports.dialog import ReportDialog
    from cnnstudio.app.reports.options import ReportOptions

    choice = remembered_choice(settings)
    options = ReportOptions(
        structs.replace(choice, form="pdf") if is_print else choice,
        theme,
        is_design=True,
        has_selection=subject.has_selection,
        levels=subject.levels,
        name=subject.design_name,
        table_columns=table_columns,
        convention=subject.convention.key,
        is_fixed=settings.is_locked("design/convention"),
    )
    return ReportDialog(subject, options, settings, theme, parent, is_print=is_print)


def comparison_dialog(report: ComparisonReport, settings: Settings, theme: Theme, parent: QWidget) -> ReportDialog:
    """The dialog for a comparison."""
    from cnnstudio.app.reports.dialog import ReportDialog
    from cnnstudio.app.reports.options import ReportOptions
    from cnnstudio.app.reports.subjects import ComparisonSubject

    choice = remembered_choice(settings)
    options = ReportOptions(choice, theme, is_design=False, has_selection=False)
    return ReportDialog(ComparisonSubject(report), options, settings, theme, parent)


def export_report(
    document: Document,
    view_state: ViewState,
    table_columns: tuple[str, ...],
    settings: Settings,
    theme: Theme,
    parent: QWidget,
    *,
    is_print: bool = False,
) -> None:
    """Lets the user make a report of a design, or print it with its pages in view before."""
    from cnnstudio.app.reports.subjects import DesignSubject

    subject = DesignSubject(document, view_state)
    _run(report_dialog(subject, table_columns, settings, theme, parent, is_print=is_print))


def export_comparison(report: ComparisonReport, settings: Settings, theme: Theme, parent: QWidget) -> None:
    """Lets the user make a report of a comparison."""
    _run(comparison_dialog(report, settings, theme, parent))


def _run(dialog: ReportDialog) -> None:
    dialog.exec()
    dialog.deleteLater()
