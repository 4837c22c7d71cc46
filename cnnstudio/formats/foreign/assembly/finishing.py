"""The design and the report of a draft, and the proof that the one counts what the other holds."""

from __future__ import annotations

from typing import get_args

from msgspec import structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.working import is_complete
from cnnstudio.core.network.bounds import excess
from cnnstudio.core.network.design import Design, path_text, walk
from cnnstudio.core.network.layer import MAX_NAME_LENGTH
from cnnstudio.core.network.problem import Acceptable
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.foreign.assembly.grouping import Grouping
from cnnstudio.formats.foreign.assembly.sharing import sharing
from cnnstudio.formats.foreign.assembly.writing import Places, items_from
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.passes.leftovers import (
    believe_the_file,
    drop_unused,
    keep_what_can_be_shared,
    mark_outputs,
    name_placeholders,
    replace_primitives,
)
from cnnstudio.formats.foreign.passes.splits import join_splits
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.foreign.tracing.steps import distribute
from cnnstudio.formats.import_report import ImportedNetwork, ImportReport, LeftOut
from cnnstudio.layers.structure import Input, Opaque, known_sizes

MAX_DIFFERENT = 20
"""Differences between the file and the design that the report names; the rest are counted."""
MEANT = tuple(rule for rule in get_args(Acceptable) if rule != "unused")
"""The warnings that the author of a file meant: the network is as it was trained."""


def finished(source: Source, *, fold: bool) -> DesignFile:
    """The design in blocks, unless `fold` is off, and the report of its import.

    Raises NotUnderstood if the network has no layers.
    """
    draft = source.draft
    join_splits(draft)
    drop_unused(draft)
    replace_primitives(draft)
    believe_the_file(draft)
    keep_what_can_be_shared(draft)
    name_placeholders(draft)
    distribute(draft)
    mark_outputs(draft)
    if all(step.is_dropped for step in draft.steps):
        raise NotUnderstood("holds a network without layers.")
    analysis = _proved(source, fold=fold)
    return DesignFile(analysis.design, report=_report(source, analysis))


def _proved(source: Source, *, fold: bool) -> Analysis:
    """The design, counted; without blocks if its blocks would change a count, which a test has never seen."""
    expected = _flat_counts(source.draft)
    # Without folding from the start this is one attempt, not the same one twice.
    for folds in dict.fromkeys((fold, False)):
        parts = Grouping(source.draft, folds=folds).parts()
        places: Places = {}
        design = Design(
            name=_title(source.name),
            note=" ".join([f"Imported from a file of {source.producer}.", *source.remembered]),
            convention=source.draft.convention.key,
            layers=items_from(source.draft, parts, places),
        )
        design = sharing(design, source.draft, places)
        analysis = analyze(design)
        totals = analysis.totals
        found = (totals.weights + totals.biases, totals.state, totals.macs, totals.activations, totals.uncounted)
        if found == expected:
            break
    else:
        raise NotUnderstood(f"was read as a design that does not count: {'; '.join(map(str, analysis.problems[:3]))}")
    if too_many := excess(design.layers):
        raise NotUnderstood(f"holds a network of {too_many}.")
    rules = {problem.rule for problem in analysis.problems if problem.severity == "warning"}
    accepted = tuple(rule for rule in MEANT if rule in rules)
    return analyze(structs.replace(design, accepted=accepted)) if accepted else analysis


def _flat_counts(draft: Draft) -> tuple[int, int, int, int, int]:
    """Parameters, state, MACs, activations and uncounted layers of the steps as they were read."""
    parameters = state = macs = activations = 0
    for step in draft.steps:
        if step.is_dropped:
            continue
        assert step.layer is not None
        counts = draft.counts_of(step)
        parameters += counts.parameters if step.shares is None else 0
        state += counts.state if step.shares is None else 0
        macs += counts.macs or 0
        # A view has no memory of its own, and the totals of an analysis count none for it.
        activations += 0 if step.layer.is_view else counts.output.elements
    return parameters, state, macs, activations, 0


def _title(name: str) -> str:
    text = "".join(sign if sign.isprintable() else " " for sign in name).strip()
    return text[:MAX_NAME_LENGTH] or "Untitled"


def _report(source: Source, analysis: Analysis) -> ImportReport:
    draft, totals = source.draft, analysis.totals
    shapes = [tuple(row.to_list()) for row in _input_shapes(analysis.design)]
    counted = totals.parameters
    if source.stated not in (None, counted):
        draft.notes.append(
            f"The file holds {source.stated:,} numbers and the design counts {counted:,}: a part was read otherwise "
            "than it is stored, or the input has another size than the network was made for."
        )
    different = draft.different
    more = [f"… and {len(different) - MAX_DIFFERENT} more differences"] if len(different) > MAX_DIFFERENT else []
    network = ImportedNetwork(
        name=analysis.design.name,
        complete=is_complete(analysis) and not analysis.errors,
        input_shapes=tuple(shapes),
        assumed=tuple(draft.assumed),
        replaced=tuple(f"{name} ({times:,} ×)" for name, times in draft.replaced.items()),
        left_out=tuple(_left_out(analysis.design)),
        notes=tuple(draft.notes + different[:MAX_DIFFERENT] + more),
        faults=tuple(draft.faults),
        stated_parameters=source.stated,
        counted_parameters=counted if not totals.uncounted else None,
        shapes_checked=draft.shapes_checked,
        shapes_different=len(different),
    )
    return ImportReport(
        format=source.format,
        producer=source.producer,
        networks=(network,),
        choices=source.choices,
        arguments=source.arguments,
    )


def _input_shapes(design: Design) -> list[Shape]:
    return [Shape(item.channels, known_sizes(item.size)) for _, item in walk(design.layers) if isinstance(item, Input)]


def _left_out(design: Design) -> list[LeftOut]:
    return [
        LeftOut(name=path_text(path), kind=item.note or "Opaque", parameters=item.parameters)
        for path, item in walk(design.layers)
        if isinstance(item, Opaque)
    ]
