"""The part of a report that tells of memory and budgets."""

from __future__ import annotations

from collections.abc import Iterator

from cnnstudio.core.budgets.checking import budgets_of
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.memory.answer import answer_of
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.reports.content.manuscript import Facts, Part
from cnnstudio.reports.content.report import ReportRequest


def memory_part(report: ReportRequest) -> Iterator[Part]:
    """The peak in the setting of the design, or else in the usual one; the answer for its card, and its budgets."""
    try:
        told = answer_of(report.analysis, report.analysis.design.memory or Setting()).facts()
    except ValueError as error:
        told = [("Memory", f"unknown: {error}")]
    yield Facts((*told, *_budgets(report.analysis)))


def _budgets(analysis: Analysis) -> Iterator[tuple[str, str]]:
    for budget in budgets_of(analysis):
        yield f"Budget {budget.condition.text}", f"{budget.state}: {budget.taken}"
