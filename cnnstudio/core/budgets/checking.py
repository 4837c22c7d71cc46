"""The budgets of a design held against what was counted: kept, broken, or nobody knows."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.convention import Convention
from cnnstudio.core.budgets.condition import MEMORY, Condition, Span, condition_from
from cnnstudio.core.budgets.measuring import span_of
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.memory.wording import gibibytes
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.problem import BROKEN_BUDGET, Problem

_STATES: Final = {True: "kept", False: "broken", None: "may be broken"}


class Budget(Struct, frozen=True):
    """A budget and what the design takes: `keeps` is True or False where that is sure, else None.

    `reason` says why nothing is known of what it takes; it is empty where something is.
    """

    condition: Condition
    span: Span
    keeps: bool | None
    reason: str = ""

    @property
    def state(self) -> str:
        """In words whether it is kept."""
        return "cannot be told" if self.reason else _STATES[self.keeps]

    @property
    def taken(self) -> str:
        """The number, or all that it may be: `62,378,344`, `5.21 GiB to 7.90 GiB`, `at least 3`; else the reason."""
        if self.reason:
            return self.reason
        write = gibibytes if self.condition.key == MEMORY else QUANTITY[self.condition.key].unit.full
        low, high = self.span.low, self.span.high
        if high is None:
            return f"at least {write(low)}"
        return write(low) if low == high else f"{write(low)} to {write(high)}"


def budgets_of(analysis: Analysis) -> tuple[Budget, ...]:
    """The budgets of a design; ValueError for one that is no condition."""
    return tuple(budget_of(analysis, text) for text in analysis.design.budgets)


def budget_of(analysis: Analysis, text: str) -> Budget:
    """A condition held against a design; ValueError for a text that is none."""
    condition = condition_from(text)
    try:
        span = span_of(condition, analysis)
    except ValueError as error:
        # Memory is not estimated of too many layers, nor without any size; the other budgets can be told all the same.
        return Budget(condition, Span(0, None), None, str(error))
    return Budget(condition, span, condition.holds(span))


def counted(design: Design, convention: Convention | None = None, previous: Analysis | None = None) -> Analysis:
    """The design counted as `analyze` does, and held against its budgets."""
    return with_budgets(analyze(design, convention, previous))


def with_budgets(analysis: Analysis) -> Analysis:
    """The analysis with a problem for each budget that is broken, cannot be checked, or may not be kept."""
    found = [_checked(analysis, text) for text in analysis.design.budgets]
    problems = tuple(problem for problem in found if problem is not None)
    if not problems:
        return analysis
    told = structs.replace(analysis, problems=(*analysis.problems, *problems))
    # What was found on the way is found.
    told.__dict__.update(analysis.__dict__)
    return told


def _checked(analysis: Analysis, text: str) -> Problem | None:
    try:
        return _problem(budget_of(analysis, text))
    except ValueError as error:
        return Problem("error", "", BROKEN_BUDGET, f"the budget {text} cannot be checked: {error}", "")


def _problem(budget: Budget) -> Problem | None:
    if budget.keeps:
        return None
    text, taken = budget.condition.text, budget.taken
    if budget.reason:
        return Problem("warning", "", BROKEN_BUDGET, f"the budget {text} cannot be told: {taken}.", "")
    remedy = "Tools > Budgets, or `cnnstudio budgets`, ranks what to shrink."
    if budget.keeps is None:
        return Problem("warning", "", BROKEN_BUDGET, f"the budget {text} may be broken: it takes {taken}.", remedy)
    return Problem("error", "", BROKEN_BUDGET, f"the budget {text} is broken: it takes {taken}.", remedy)
