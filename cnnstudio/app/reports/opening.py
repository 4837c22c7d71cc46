"""Opens the dialog of reports for a window's design, or for a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.platform.settings import Settings

# What makes reports is loaded when one is wanted: no start of the window waits for it.
if TYPE_CHECKING:
    from cnnstudio.app.reports.choice import ReportChoice
    from cnnstudio.app.reports.dialog import ReportDialog
    from cnnstudio.app.window.main_window import MainWindow
    from cnnstudio.reports.comparison.request import ComparisonReport


def remembered_choice(settings: Settings) -> ReportChoice:
    """What was chosen last; at first what is usual in the user's country."""
    from cnnstudio.app.reports.choice import ReportChoice, choice_from_text, usual_paper

    territory = QLocale.territoryToCode(QLocale.system().territory())
    return choice_from_text(settings.report_choice, ReportChoice(paper=usual_paper(territory)))


def report_dialog(window: MainWindow, *, is_print: bool = False) -> ReportDialog:
    """The dialog for the design of a window; to print, it begins with pages."""
    from cnnstudio.app.reports.dialog import ReportDialog
    from cnnstudio.app.reports.options import ReportOptions
    from cnnstudio.app.reports.subjects import DesignSubject

    subject = DesignSubject(window.document, window.view_state)
    choice = remembered_choice(window.settings)
    options = ReportOptions(
        structs.replace(choice, form="pdf") if is_print else choice,
        window.theme,
        is_design=True,
        has_selection=subject.has_selection,
        table_columns=window.table.column_keys,
        convention=subject.convention.key,
    )
    return ReportDialog(subject, options, window.settings, window.theme, window, is_print=is_print)


def comparison_dialog(report: ComparisonReport, settings: Settings, theme: Theme, parent: QWidget) -> ReportDialog:
    """The dialog for a comparison."""
    from cnnstudio.app.reports.dialog import ReportDialog
    from cnnstudio.app.reports.options import ReportOptions
    from cnnstudio.app.reports.subjects import ComparisonSubject

    choice = remembered_choice(settings)
    options = ReportOptions(choice, theme, is_design=False, has_selection=False)
    return ReportDialog(ComparisonSubject(report), options, settings, theme, parent)


def export_report(window: MainWindow) -> None:
    """Lets the user make a report of the design."""
    _run(report_dialog(window))


def print_design(window: MainWindow) -> None:
    """Lets the user print the design, with the pages in view before."""
    _run(report_dialog(window, is_print=True))


def export_comparison(report: ComparisonReport, settings: Settings, theme: Theme, parent: QWidget) -> None:
    """Lets the user make a report of a comparison."""
    _run(comparison_dialog(report, settings, theme, parent))


def _run(dialog: ReportDialog) -> None:
    dialog.exec()
    dialog.deleteLater()
