"""Remedies: for a problem, the edits that are certain to remove it.

A remedy is offered only if the whole network, counted again with it, is better than before: see `weighing`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import get_args

from msgspec import structs

from cnnstudio.authoring.remedies.case import Case, Remedies, Remedy, case_of, path_of
from cnnstudio.authoring.remedies.for_connections import (
    connect_or_delete,
    give_input,
    join_branches,
    put_input_first,
)
from cnnstudio.authoring.remedies.for_layers import (
    as_sequence,
    dense_on_map,
    dividing_groups,
    drop_bias,
    no_projection,
    other_axis,
    other_rank,
    to_the_end,
    work_out_size,
)
from cnnstudio.authoring.remedies.for_sharing import (
    own_weights,
    same_as_owner,
    share_nearest,
    share_the_other_way,
)
from cnnstudio.authoring.remedies.for_windows import (
    as_caffe_rounds,
    fitting_window,
    half_the_window,
    less_output_padding,
    padding_in_numbers,
    use_all_input,
    window_within_input,
    zero_padding,
)
from cnnstudio.authoring.remedies.weighing import weighed
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import Entry
from cnnstudio.core.edits import Edit, EditError, set_design, set_field
from cnnstudio.core.network.design import Design, ItemPath, find, path_text, walk
from cnnstudio.core.network.problem import Acceptable, Problem

__all__ = ["Remedy", "path_of", "remedies_for", "remedy_everywhere"]

_RULES: dict[str, Callable[[Case], Remedies]] = {
    "axis": other_axis,
    "bias-before-norm": drop_bias,
    "caffe-rounding": as_caffe_rounds,
    "dense-on-map": dense_on_map,
    "frames": other_rank,
    "merge": join_branches,
    "missing-input": give_input,
    "multiple": dividing_groups,
    "output-padding": less_output_padding,
    "oversize-window": window_within_input,
    "padding-mode": zero_padding,
    "pool-padding": half_the_window,
    "projection": no_projection,
    "rank": other_rank,
    "reshape": work_out_size,
    "sequence": as_sequence,
    "same-padding": padding_in_numbers,
    "shares-ambiguous": own_weights,
    "shares-cycle": share_nearest,
    "shares-later": share_the_other_way,
    "shares-sizes": own_weights,
    "shares-unknown": share_nearest,
    "shares-unlike": same_as_owner,
    "slice": to_the_end,
    "unused": connect_or_delete,
    "unused-input": use_all_input,
    "window": fitting_window,
}

_ALIKE = {"bias-before-norm", "dense-on-map"}
"""Rules whose remedy reads the same in every place, so that all places can be put right at once."""

ACCEPTING = "Accept such warnings in this design"
MAX_PLACES = 500
"""Places up to which a remedy is offered for all of them at once."""


def remedies_for(design: Design, analysis: Analysis, problem: Problem) -> tuple[Remedy, ...]:
    """The remedies of a problem of a design, the best first; none where what to do is not certain.

    A warning can always be accepted: that is the last of its remedies.
    """
    if problem.rule == "empty":
        return tuple(put_input_first(design))
    certain = _certain(design, analysis, problem)
    return (*certain[:1], *_everywhere(analysis, problem, certain), *certain[1:], *_acceptance(design, problem))


def _everywhere(analysis: Analysis, problem: Problem, certain: tuple[Remedy, ...]) -> Remedies:
    """The best remedy, in all places that have the problem and where it helps."""
    places = sum(found.rule == problem.rule for found in analysis.problems)
    if not certain or problem.rule not in _ALIKE or not 1 < places <= MAX_PLACES:
        return
    text = certain[0].text
    with suppress(EditError):
        edit = remedy_everywhere(analysis, problem.rule, text)
        helped = len(edit.focus)
        words = f"all {helped:,}" if helped == places else f"{helped:,} of {places:,}"
        if helped > 1:
            yield Remedy(f"{text} in {words} places", lambda: edit)


def remedy_everywhere(analysis: Analysis, rule: str, text: str) -> Edit:
    """The edit that applies the remedy of this text wherever a rule is broken; EditError where it removes nothing.

    Places where the remedy does not help stay as they are.
    """
    cases = _cases(analysis, rule)
    offered = [next((remedy for remedy in _RULES[rule](case) if remedy.text == text), None) for case in cases]
    fields = [remedy.values for remedy in offered if remedy is not None and remedy.values]
    # In one edit where all places need the same: one by one the design would be built anew for each of hundreds.
    if fields and fields.count(fields[0]) == len(cases):
        design = analysis.design
        for name, value in fields[0].items():
            design = set_field(design, [case.path for case in cases], name, value).design
        treated = [case.path for case in cases]
    else:
        design, treated = _one_by_one(analysis.design, cases, rule, text)
    after = analyze(design, analysis.convention, analysis)
    # A remedy that is right in one place may break another, as a Flatten does to what takes a map.
    broken = {error.path for error in after.errors} - {error.path for error in analysis.errors}
    left = {problem.path for problem in after.problems if problem.rule == rule}
    helped = [path for path in treated if path_text(path) not in left]
    if not helped or broken:
        raise EditError(f"this cannot be put right in all places at once: {', '.join(sorted(broken)) or 'none'}.")
    return Edit(design, f"{text} in {len(helped):,} places", tuple(helped))


def _one_by_one(design: Design, cases: list[Case], rule: str, text: str) -> tuple[Design, list[ItemPath]]:
    """The design with the remedy in each place where it can be made, and these places."""
    treated: list[ItemPath] = []
    for case in cases:
        current = structs.replace(case, design=design, item=find(design, case.path))
        remedy = next((offered for offered in _RULES[rule](current) if offered.text == text), None)
        with suppress(EditError):
            if remedy is not None:
                design = remedy.make().design
                treated.append(case.path)
    return design, treated


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
    """The remedies that change the network, each tried on a copy of it."""
    suggest, case = _RULES.get(problem.rule), case_of(structs.replace(analysis, design=design), problem)
    return weighed(case, suggest(case)) if suggest is not None and case is not None else ()
