"""The numbers that conditions are about, of a design that was counted."""

from __future__ import annotations

from cnnstudio.core.budgets.condition import MEMORY, Condition, Span
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.memory.model import model_of
from cnnstudio.core.network.memory_setting import Setting, workspace_of


def span_of(condition: Condition, analysis: Analysis) -> Span:
    """All that the number may be that a condition is about: more than one number where something is unknown.

    For memory it is the peak, from the low estimate to the high one. Raises ValueError if the design has too many
    layers for an estimate.
    """
    if condition.key == MEMORY:
        setting = condition.setting(analysis.design.memory or Setting())
        model = model_of(analysis, setting)
        low, high = model.bounds(setting, workspace_of(setting.card))
        return Span(low, None if model.unknown else high)
    total = QUANTITY[condition.key].total(analysis)
    known = int(total.value or 0)
    return Span(known, known if total.is_exact else None)
