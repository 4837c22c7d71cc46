"""Remedies weighed before they are offered: each is applied to a copy of the design, and all of that counted again.

A remedy is worth offering if the problem is gone, no layer that could be counted has an error now, and nothing dangles
that did not. The one after which the fewest problems are left comes first; of equals, one that leaves alone what the
other layers cost.
"""

from __future__ import annotations

from itertools import islice

from msgspec import Struct

from cnnstudio.authoring.remedies.case import Case, Remedies, Remedy
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.reuse import items_in
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.design import path_text
from cnnstudio.core.network.problem import Problem

MAX_TRIED = 16
"""Remedies of one problem that are tried."""
MAX_ITEMS_TRIED = 100_000
"""Layers and connections that are counted in all tries for one problem: of a large network fewer remedies are tried."""
CHECKED_FIRST = frozenset({"rank", "multiple"})
"""Rules that a layer checks before all others: with it put right, another error of the same layer may come to
light.
"""
Costs = dict[str, list[int | None]]


class _Tried(Struct, frozen=True):
    """A remedy that removes its problem, and what is left after it."""

    remedy: Remedy
    edit: Edit
    errors_here: int
    problems: int
    changes_others: bool

    @property
    def left(self) -> tuple[int, int]:
        """Errors of the layer itself that came to light, and problems of the whole network."""
        return self.errors_here, self.problems


def weighed(case: Case, suggested: Remedies) -> tuple[Remedy, ...]:
    """The suggested remedies that help, the best first; of those that do the same only one."""
    before = _Before(case.analysis)
    tried: list[_Tried] = []
    tries = MAX_ITEMS_TRIED // max(1, items_in(case.analysis.entries))
    for remedy in islice(suggested, max(2, min(MAX_TRIED, tries))):
        found = before.tried(case, remedy)
        if found is not None and not [other for other in tried if other.edit.design == found.edit.design]:
            tried.append(found)
    if not tried:
        return ()
    ranked = sorted(tried, key=lambda found: found.left)
    best = next((f for f in ranked if f.left == ranked[0].left and not f.changes_others), ranked[0])
    return tuple(found.remedy for found in (best, *[other for other in ranked if other is not best]))


class _Before:
    """The network before any remedy: its problems, and what each layer costs."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.problems = {(problem.path, problem.rule) for problem in analysis.problems}
        self.costs = _costs(analysis)

    def tried(self, case: Case, remedy: Remedy) -> _Tried | None:
        """The remedy, applied and counted; None if it does not help, or does harm."""
        try:
            edit = remedy.make()
        except EditError:
            return None
        is_counted_anew = edit.design.convention != case.design.convention
        convention = CONVENTIONS[edit.design.convention] if is_counted_anew else self.analysis.convention
        after = analyze(edit.design, convention, self.analysis)
        fresh = [problem for problem in after.problems if (problem.path, problem.rule) not in self.problems]
        if not _is_gone(case.problem, after) or self._harms(case, fresh):
            return None
        here = [problem for problem in fresh if problem.path == case.problem.path and problem.severity == "error"]
        if here and case.problem.rule not in CHECKED_FIRST:
            return None
        # A warning that makes room for another one is none the better for it. An error may have hidden what is next.
        if case.problem.severity == "warning" and len(after.problems) >= len(self.problems):
            return None
        return _Tried(remedy, edit, len(here), len(after.problems), self._changes_others(edit, after))

    def _harms(self, case: Case, fresh: list[Problem]) -> bool:
        """True if a layer that could be counted has an error, or something dangles that did not."""
        errors = [problem.path for problem in fresh if problem.severity == "error"]
        elsewhere = [path for path in errors if path != case.problem.path]
        if [path for path in elsewhere if path in self.costs and None not in self.costs[path]]:
            return True
        return bool([problem for problem in fresh if problem.rule == "unused"])

    def _changes_others(self, edit: Edit, after: Analysis) -> bool:
        """True if a layer that was counted and is not what the edit is about has other parameters now."""
        own = {path_text(path) for path in edit.focus}
        now = _costs(after)
        # Passes that an error had ended are counted now, and are no change; those before it were counted.
        return any(
            was is not None and was != is_now
            for place in self.costs.keys() - own
            for was, is_now in zip(self.costs[place], now.get(place, ()), strict=False)
        )


def _is_gone(problem: Problem, after: Analysis) -> bool:
    return not [left for left in after.problems if (left.path, left.rule) == (problem.path, problem.rule)]


def _costs(analysis: Analysis) -> Costs:
    """The parameters of each layer in each of its counted passes, by its place; None where they are unknown."""
    costs: Costs = {}
    for entry in walk_entries(analysis.entries):
        if isinstance(entry, Row):
            costs.setdefault(entry.place, []).append(None if entry.counts is None else entry.counts.parameters)
    return costs
