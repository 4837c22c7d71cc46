"""The part of a report that tells of memory and budgets."""

from __future__ import annotations

from collections.abc import Iterator

from cnnstudio.core.budgets.checking import budgets_of
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.memory.fitting import WORDS, largest_batch, verdict_of
from cnnstudio.core.memory.model import model_of
from cnnstudio.core.memory.wording import memory_facts, unknown_text
from cnnstudio.core.network.memory_setting import Setting, workspace_of
from cnnstudio.reports.content.manuscript import Facts, Part
from cnnstudio.reports.content.report import ReportRequest

_STATES = {True: "kept", False: "broken", None: "may be broken"}


def memory_part(report: ReportRequest) -> Iterator[Part]:
    """The peak in the setting of the design, or else in the usual one; the answer for its card, and its budgets."""
    try:
        yield Facts((*_memory(report.analysis), *_budgets(report.analysis)))
    except ValueError as error:
        yield Facts((("Memory", f"unknown: {error}"),))


def _memory(analysis: Analysis) -> Iterator[tuple[str, str]]:
    setting = analysis.design.memory or Setting()
    model, card = model_of(analysis, setting), setting.card
    yield from memory_facts(model, model.estimate(setting, workspace_of(card)))
    if card is not None:
        verdict = verdict_of(model, setting, card)
        yield f"Card {card.name}", f"{verdict}, {WORDS[verdict]}"
        largest = largest_batch(model, setting, card)
        if largest is not None:
            yield "Largest batch", f"{largest.fits:,} fits, {largest.may_fit:,} may fit"
    if model.unknown:
        yield "Unknown", unknown_text(model)


def _budgets(analysis: Analysis) -> Iterator[tuple[str, str]]:
    for budget in budgets_of(analysis):
        yield f"Budget {budget.condition.text}", f"{_STATES[budget.keeps]}: {budget.taken}"
