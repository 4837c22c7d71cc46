"""Remedies: for a problem, the edits that are certain to remove it.

A remedy is offered only if the design that it makes, counted again, no longer has the problem, and if it makes no
error where there was none.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import get_args

from msgspec import structs

from cnnstudio.authoring.remedies.case import Case, Remedies, Remedy
from cnnstudio.authoring.remedies.for_connections import (
    connect_or_delete,
    give_input,
    join_branches,
    put_input_first,
)
from cnnstudio.authoring.remedies.for_layers import (
    dense_on_map,
    dividing_groups,
    drop_bias,
    other_axis,
    other_rank,
    to_the_end,
    work_out_size,
)
from cnnstudio.authoring.remedies.for_windows import (
    fitting_window,
    half_the_window,
    less_output_padding,
    use_all_input,
    window_within_input,
    zero_padding,
)
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import BlockRow, Entry
from cnnstudio.core.edits import Edit, EditError, set_design
from cnnstudio.core.network.design import Design, ItemPath, find, path_from, path_text, walk
from cnnstudio.core.network.problem import Acceptable, Problem

__all__ = ["Remedy", "path_of", "remedies_for", "remedy_everywhere"]

_RULES: dict[str, Callable[[Case], Remedies]] = {
    "axis": other_axis,
    "bias-before-norm": drop_bias,
    "dense-on-map": dense_on_map,
    "merge": join_branches,
    "missing-input": give_input,
    "multiple": dividing_groups,
    "output-padding": less_output_padding,
    "oversize-window": window_within_input,
    "padding-mode": zero_padding,
    "pool-padding": half_the_window,
    "rank": other_rank,
    "reshape": work_out_size,
    "slice": to_the_end,
    "unused": connect_or_delete,
    "unused-input": use_all_input,
    "window": fitting_window,
}

_ALIKE = {"bias-before-norm", "dense-on-map"}
"""Rules whose remedy reads the same in every place, so that all places can be put right at once."""

ACCEPTING = "Accept such warnings in this design"
_CHECKED_FIRST = {"rank", "multiple"}
"""Rules that a layer checks before all others: with it put right, another error of the same layer may come to
light.
"""


def path_of(design: Design, place: str) -> ItemPath | None:
    """The item at the place that a problem names; None for the design as a whole, or where there is none."""
    path = path_from(place)
    try:
        find(design, path)
    except KeyError:
        return None
    return path


def remedies_for(design: Design, analysis: Analysis, problem: Problem) -> tuple[Remedy, ...]:
    """The remedies of a problem of a design, the best first; none where what to do is not certain.

    A warning can always be accepted: that is the last of its remedies.
    """
    if problem.rule == "empty":
        return tuple(put_input_first(design))
    certain = _certain(design, analysis, problem)
    return (*certain[:1], *_everywhere(analysis, problem, certain), *certain[1:], *_acceptance(design, problem))


def _everywhere(analysis: Analysis, problem: Problem, certain: tuple[Remedy, ...]) -> Remedies:
    """The best remedy, in all places that have the problem."""
    places = sum(found.rule == problem.rule for found in analysis.problems)
    if certain and places > 1 and problem.rule in _ALIKE:
        text = certain[0].text
        yield Remedy(f"{text} in all {places:,} places", lambda: remedy_everywhere(analysis, problem.rule, text))


def remedy_everywhere(analysis: Analysis, rule: str, text: str) -> Edit:
    """The edit that applies the remedy of this text wherever a rule is broken; EditError where it removes nothing.

    Places where the remedy does not help stay as they are.
    """
    design = analysis.design
    treated: list[ItemPath] = []
    for case in _cases(analysis, rule):
        current = structs.replace(case, design=design, item=find(design, case.path))
        remedy = next((offered for offered in _RULES[rule](current) if offered.text == text), None)
        with suppress(EditError):
            if remedy is not None:
                design = remedy.make().design
                treated.append(case.path)
    after = analyze(design, analysis.convention)
    broken = {error.path for error in after.errors} - {error.path for error in analysis.errors}
    if not treated or broken:
        raise EditError(f"this cannot be put right in all places at once: {', '.join(sorted(broken)) or 'none'}.")
    return Edit(design, f"{text} in {len(treated):,} places", tuple(treated))


def _cases(analysis: Analysis, rule: str) -> list[Case]:
    """Every place where a rule is broken, in the order of the network."""
    items = {path_text(path): (path, item) for path, item in walk(analysis.design.layers)}
    entries: dict[str, list[Entry]] = {}
    for entry in walk_entries(analysis.entries):
        entries.setdefault(entry.place, []).append(entry)
    broken = [problem for problem in analysis.problems if problem.rule == rule and problem.path in items]
    return [
        Case(analysis.design, analysis, found, *items[found.path], tuple(entries.get(found.path, ())))
        for found in broken
    ]


def _acceptance(design: Design, problem: Problem) -> Remedies:
    """Means what a warning says, here and wherever else it applies in this design."""
    if problem.severity == "warning" and problem.rule in get_args(Acceptable):
        rules = (*design.accepted, problem.rule)
        edit = structs.replace(set_design(design, "accepted", rules), label=f"Accept {problem.rule}", key="")
        yield Remedy(ACCEPTING, lambda: edit)


def _certain(design: Design, analysis: Analysis, problem: Problem) -> tuple[Remedy, ...]:
    """The remedies that change the network."""
    suggest = _RULES.get(problem.rule)
    path = path_of(design, problem.path)
    if suggest is None or path is None:
        return ()
    entries = tuple(entry for entry in walk_entries(analysis.entries) if entry.place == problem.path)
    case = Case(design, analysis, problem, path, find(design, path), entries)
    made: dict[str, tuple[Remedy, set[str]]] = {}
    for remedy in suggest(case):
        if remedy.text not in made:
            left = _left_at_place(case, remedy)
            if problem.rule not in left and (not left or problem.rule in _CHECKED_FIRST):
                made[remedy.text] = (remedy, left)
    clean = tuple(remedy for remedy, left in made.values() if not left)
    return clean or tuple(remedy for remedy, _ in made.values())


def _left_at_place(case: Case, remedy: Remedy) -> set[str]:
    """The rules that a layer breaks after a remedy; its own rule too where the remedy harms another layer."""
    rule, place = case.problem.rule, case.problem.path
    try:
        after = analyze(remedy.make().design, case.analysis.convention)
    except EditError:
        return {rule}
    before = {(problem.path, problem.rule) for problem in case.analysis.problems}
    fresh = [problem for problem in after.problems if (problem.path, problem.rule) not in before]
    harmed = {added.path for added in fresh if added.path != place and added.severity == "error"}
    if harmed and harmed & _counted(case.analysis):
        return {rule}
    if rule == "unused" and any(added.rule == rule for added in fresh):
        return {rule}
    stays = {problem.rule for problem in after.problems if (problem.path, problem.rule) == (place, rule)}
    return stays | {added.rule for added in fresh if added.path == place and added.severity == "error"}


def _counted(analysis: Analysis) -> set[str]:
    """The places of all layers that could be counted."""
    entries = [entry for entry in walk_entries(analysis.entries) if not isinstance(entry, BlockRow)]
    return {entry.place for entry in entries} - {entry.place for entry in entries if entry.counts is None}
