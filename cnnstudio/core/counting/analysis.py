"""The whole network counted: `analyze(design)` returns rows, totals and problems, and always returns.

A block is counted once for each shape that flows into it: passes with equal input shapes are one `Pass` with a
`times`. So a block repeated 10,000 times costs as much as once where its shape stays. `Analysis.rows` expands.
"""

from __future__ import annotations

from functools import cached_property, lru_cache, partial
from typing import cast

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS, Convention
from cnnstudio.core.arithmetic.receptive_field import ReceptiveField, of_input
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.expansion import bounded, expanded
from cnnstudio.core.counting.flow import (
    Flow,
    first_item,
    flow_of,
    holds_input,
    mark_inputs_used,
    parts_of,
    reuse_head,
    sources_of,
    steps_out_of_line,
)
from cnnstudio.core.counting.guesses import Partial, part_of, unsized_part
from cnnstudio.core.counting.reflow import entering_fields, field_after, field_behind
from cnnstudio.core.counting.remarks import (
    MAX_ANALYZED,
    Findings,
    UselessBiases,
    framework_remark,
    idle_items,
    loses_only_zeros,
    missing_input,
    missing_inputs,
    needed_biases,
    of_the_input,
    too_many,
    too_vast,
    unfit_inputs,
    unlike_strides,
    unused,
)
from cnnstudio.core.counting.reuse import CommonEnds, Reusable, items_counted, sums_of
from cnnstudio.core.counting.rows import (
    BlockRow,
    Entry,
    Pass,
    Row,
    Totals,
    block_totals,
    owned_by,
    pass_prefix,
    sum_entries,
    unsettled,
    using,
)
from cnnstudio.core.network.design import ELEMENT_BYTES, Block, Design, Item, escaped
from cnnstudio.core.network.distribution import counts_at_each_step, steps_fault
from cnnstudio.core.network.layer import MAX_COUNT, NUMBERS, Counts, Layer
from cnnstudio.core.network.problem import Problem, Refusal, Remark
from cnnstudio.core.network.sharing import FAULT, SharedWeights, Sharing, shares_any

MAX_EXPANDED = 30_000
"""Rows that a design may expand to."""


class Analysis(Struct, frozen=True, dict=True):
    """Everything about a design under one convention. `entries` mirror its list, blocks folded.

    `accepted` are the warnings that the design accepts; they are no problems.
    """

    design: Design
    convention: Convention
    entries: tuple[Entry, ...]
    totals: Totals
    problems: tuple[Problem, ...]
    accepted: tuple[Problem, ...] = ()

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One row a layer, blocks expanded; ValueError beyond the bounds of such lists."""
        # A folded block costs nothing however often it repeats, so a file of a few lines could ask for a list beyond
        # memory.
        if self.totals.layers > MAX_EXPANDED:
            raise ValueError(
                f"the design expands to {self.totals.layers:,} layers, and at most {MAX_EXPANDED:,} can be listed; "
                "list it with its blocks folded, or use smaller repeats"
            )
        return tuple(bounded(expanded(self.entries)))

    @cached_property
    def counted(self) -> Reusable:
        """The entries that the next analysis can reuse."""
        found = Reusable.of(self.entries, [problem.path for problem in (*self.problems, *self.accepted)])
        # A block inside one that shares does not say itself whose weights it uses.
        return found.without_blocks if shares_any(self.design.layers) else found

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that leave a layer uncounted."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


# A deep network holds the same layer with the same input many times, and layers keep their hash once it is made.
@lru_cache(maxsize=65_536)
def count_layer(layer: Layer, inputs: tuple[Shape, ...], rules: str, step_axes: int = 0) -> Counts | Remark:
    """The counts of one layer, remembered; the remark of the refusal where it cannot be computed.

    `step_axes`: it is applied at each step along so many of the first axes.
    """
    if (unfit := unfit_inputs(layer, inputs)) is not None:
        return unfit
    try:
        counts = counts_at_each_step(layer, inputs, NUMBERS[rules], step_axes)
    except Refusal as refusal:
        return refusal.remark
    # A rule cannot refuse this by itself: each of its fields may be in bounds, and their product is not.
    largest = max(counts.output.to_list())
    return too_vast(largest) if largest > MAX_COUNT else counts


def analyze(design: Design, convention: Convention | None = None, previous: Analysis | None = None) -> Analysis:
    """Counts a whole design by its own convention, or by the given one. Never raises on a design.

    `previous`, which may be the analysis of any design, saves time and changes nothing: what it has of a layer or a
    block is taken over where that is in the same place and takes the same. So views tell by identity what an edit left
    alone.
    """
    convention = convention or CONVENTIONS[design.convention]
    element_bytes = ELEMENT_BYTES[design.element_type]
    # Another convention or element type changes every row, so that nothing of the earlier analysis holds.
    rules = (convention, design.element_type)
    if previous is not None and (previous.convention, previous.design.element_type) != rules:
        previous = None
    sharing = Sharing.of(design.layers)
    shared = SharedWeights(sharing, needed_biases(design.layers, sharing.owners))
    analyst = Analyst(convention, element_bytes, previous.counted if previous is not None else Reusable(), shared)
    if not design.layers:
        problem = Problem("warning", "", "empty", "the design has no layers.", "Begin with an Input layer.")
        return Analysis(design, convention, (), Totals(), (problem,))
    unchanged: CommonEnds | None = None
    # Entries that are taken over whole are not walked again, so problems among them would be lost.
    if previous is not None and not (previous.problems or previous.accepted or shared.is_used):
        unchanged = CommonEnds.of(previous.design.layers, previous.entries, design.layers)
    for place, remark in shared.faults.items():
        analyst.report("error", place, remark)
    entries, _ = analyst.list_entries(design.layers, {}, "", "", unchanged)
    problems, accepted = analyst.findings.split(design.accepted)
    return Analysis(
        design,
        convention,
        entries,
        sums_of(entries, previous.entries, previous.totals) if previous else sum_entries(entries),
        problems,
        accepted,
    )


class Analyst:
    """One walk over a design."""

    def __init__(self, convention: Convention, element_bytes: int, known: Reusable, shared: SharedWeights) -> None:
        self.convention = convention
        self.element_bytes = element_bytes
        self.known = known.without_blocks if shared.is_used else known
        self.shared = shared
        self.findings = Findings()
        self.report = self.findings.report
        # Charged for a whole list before it is walked: a block that changes its shape in each pass finds it spent.
        self.budget = MAX_ANALYZED
        # Of the list that is walked: blocks around it that are applied at each step.
        self.step_axes = 0

    def list_entries(
        self,
        items: tuple[Item, ...],
        entering: dict[str, Flow],
        prefix: str,
        place: str,
        unchanged: CommonEnds | None = None,
        outputs: tuple[str, ...] = (),
    ) -> tuple[tuple[Entry, ...], Flow]:
        """The entries of one list and what flows out of the last; `outputs` are those that a block gives beside it.

        `unchanged` is what is known of the design's own list: what lies before an edit, and what lies after it once
        the same flows on as before, is taken over whole.
        """
        flows, before = dict(entering), next(iter(entering.values()), None)
        used = set(outputs)
        entries: list[Entry] = []
        self.budget -= len(items) + sum([len(item.inputs) for item in items])
        useless = UselessBiases(self.report, items, tuple(entering), outputs, place, self.shared.needed)
        if unchanged is not None and self._affords(head := unchanged.entries[: unchanged.head]):
            entries.extend(head)
            before = reuse_head(unchanged, flows, used)
            useless.report(items[: unchanged.head], head)
        expected = unchanged.expected() if unchanged is not None else (None,) * len(items)
        for at in range(len(entries), len(items)):
            item = items[at]
            entry = self.entry(item, sources_of(item, flows, before, used), prefix, place)
            before = flows[item.name] = flow_of(item, entry)
            entries.append(entry)
            useless.report((item,), (entry,))
            if unchanged is not None and entry is expected[at] and (rest := self._rest(unchanged, at)):
                entries.extend(rest)
                useless.report(items[at + 1 :], rest)
                mark_inputs_used(items, at + 1, len(items), used)
                before = flow_of(items[-1], rest[-1])
                break
        for item in idle_items(items, used):
            self.report("warning", place + escaped(item.name), unused(item))
        return tuple(entries), before or Flow("", None, None, None)

    def entry(self, item: Item, sources: list[Flow | None], prefix: str, place: str) -> Entry:
        """One item, counted with what flows into it; `prefix` and `place` begin its path and its place."""
        name = escaped(item.name)
        # By its very type, as to look for a type above takes as long as much of the rest, for each layer.
        if type(item) is Block:
            return self._block(item, sources, prefix + name, place + name)
        row = self._layer(item, sources, prefix + name, place + name)
        return self._sharing(row) if self.shared.is_used else row

    def _rest(self, unchanged: CommonEnds, at: int) -> tuple[Entry, ...]:
        """The entries after an item that is as it was, if all of them are, and can still be counted."""
        rest = unchanged.rest(at)
        return rest if self._affords(rest) else ()

    def _affords(self, entries: tuple[Entry, ...]) -> bool:
        """Charges these entries to the budget. Returns False, charging nothing, if they exceed it."""
        size = sum([items_counted(entry) for entry in entries if isinstance(entry, BlockRow)])
        if not entries or size > self.budget:
            return False
        self.budget -= size
        return True

    def _layer(self, layer: Layer, sources: list[Flow | None], path: str, place: str) -> Row:
        shapes, fields, inputs = parts_of(sources)
        known = self.known.row(path, layer, shapes, self.step_axes)
        counts = known.counts if known is not None else self._counts(layer, sources, shapes, place)
        field: ReceptiveField | None = None
        if counts is not None:
            # Also for a row that is known already: each analysis lists its own problems, those of untouched layers too.
            for remark in counts.remarks:
                if not loses_only_zeros(remark, first_item(sources)):
                    self.report("warning", place, of_the_input(remark, first_item(sources)))
            if (said := framework_remark(layer, self.convention)) is not None:
                self.report("warning", place, said)
            if layer.merges and (steps := steps_out_of_line(sources)):
                self.report("warning", place, unlike_strides(steps))
            # The very same row: views compare by identity, and repaint only rows that are other objects.
            if known is not None and known.input_fields == fields and known.inputs == inputs and known.place == place:
                return known
            if layer.max_inputs == 0:
                field = of_input(counts.output.spatial, path)
            else:
                field = field_behind(counts, shapes, fields)
        part = self._part(layer, sources, place) if counts is None else None
        given = (self.convention, self.element_bytes, part, "", self.step_axes)
        return Row(path, place, layer, inputs, shapes, counts, field, fields, *given)

    def _sharing(self, row: Row) -> Row:
        """The row of a design that shares weights: as the owner of its own, or with those of another layer."""
        owner = self.shared.owner(row.place)
        if row.counts is not None:
            self.shared.note(row.path, row.place, row.input_shapes, row.counts)
        if owner is None:
            return row
        if owner and row.counts is not None:
            remark = self.shared.unlike(row.path, row.place, row.input_shapes, row.counts)
            if remark is not None:
                self.report("error", row.place, remark)
                owner = FAULT
        row = using(row, owner) if owner else unsettled(row)
        known = self.known.rows.get(row.path)
        return known if known is not None and known == row else row

    def _part(self, layer: Layer, sources: list[Flow | None], place: str) -> Partial | None:
        """The part that is known of a layer which cannot be counted; None if nothing is.

        A layer that no size would suit is at fault.
        """
        if not layer.is_sized:
            return unsized_part(layer, NUMBERS[self.convention.rules])
        flows = [flow for flow in sources if flow is not None]
        given = [flow.shape or flow.guesses for flow in flows]
        known = [shapes for shapes in given if shapes is not None]
        if not known or len(known) < max(len(sources), layer.min_inputs):
            return None
        count = partial(count_layer, rules=self.convention.rules, step_axes=self.step_axes)
        is_unsized = any(flow.guesses is not None and flow.guesses.is_unsized for flow in flows)
        found = part_of(layer, known, count, self.step_axes, is_unsized=is_unsized)
        if isinstance(found, Remark):
            self.report("error", place, found)
            return None
        return found

    def _counts(
        self, layer: Layer, sources: list[Flow | None], shapes: tuple[Shape | None, ...], place: str
    ) -> Counts | None:
        # What is not known of an input that has no size is no fault of it, nor of what takes it.
        if not layer.is_sized:
            return None
        if len(sources) < (layer.fewest_named if layer.inputs else layer.min_inputs):
            self.report("error", place, missing_input(layer, len(sources)))
            return None
        # The layer that failed has its own error. Only a name that leads nowhere is this layer's fault, so a failure
        # early in the network is not reported once for each layer after it.
        if None in shapes:
            self._report_missing(layer, sources, place)
            return None
        counts = count_layer(layer, cast(tuple[Shape, ...], shapes), self.convention.rules, self.step_axes)
        if isinstance(counts, Counts):
            return counts
        self.report("error", place, counts)
        return None

    def _report_missing(self, item: Item, sources: list[Flow | None], place: str) -> None:
        for remark in missing_inputs(item, [source is not None for source in sources], first_item(sources)):
            self.report("error", place, remark)

    def _block(self, block: Block, sources: list[Flow | None], path: str, place: str) -> BlockRow:
        self._report_missing(block, sources, place)
        given = tuple([flow.shape if flow else None for flow in sources])
        inputs = tuple([flow.path for flow in sources if flow])
        fields = [flow.field if flow else None for flow in sources]
        known = self.known.block(path, block, given, self.step_axes) if sources and None not in given else None
        if known is not None and known.inputs == inputs and known.place == place:
            size = items_counted(known)
            # With another field flowing in all rows inside would see other places of the image, though they count the
            # same.
            if entering_fields(known) == fields and size <= self.budget:
                self.budget -= size
                return known
        nothing = Flow("", None, None, None)
        filled = [flow or nothing for flow in sources] + [nothing] * (len(block.input_names) - len(sources))
        passes, flow = self._at_each_step(block, filled, path, place)
        # The same block sums up to the same with the same input shapes, whatever it sees, if all of it was counted.
        totals = known.totals if known is not None and self.budget >= 0 else block_totals(block, passes)
        return BlockRow(
            path,
            place,
            block,
            inputs,
            given,
            flow.shape,
            tuple(passes),
            totals,
            flow.field,
            self.convention,
            flow.path,
            None if flow.shape is not None else flow.guesses,
            owned_by(self.shared.owner(place) or "", passes) if self.shared.is_used else "",
            self.step_axes,
        )

    def _at_each_step(self, block: Block, flows: list[Flow], path: str, place: str) -> tuple[list[Pass], Flow]:
        """The passes through a block, which may be applied at each step, and what flows out."""
        self.step_axes += block.time_distributed
        fault = steps_fault(block, tuple([flow.shape for flow in flows]), self.step_axes)
        if fault is not None:
            self.report("error", place, fault)
            flows = [Flow(flow.path, None, None, flow.item) for flow in flows]
        passes, flow = self._passes(block, flows, path, place)
        self.step_axes -= block.time_distributed
        return passes, flow

    def _passes(self, block: Block, flows: list[Flow], path: str, place: str) -> tuple[list[Pass], Flow]:
        """Runs through a block until its shape no longer changes; the passes, and what flows out of the last."""
        passes: list[Pass] = []
        number = 0
        flow, *others = [structs.replace(flow, item=None, entry=None, given=None) for flow in flows]
        beside = tuple([(other.path, other.field) for other in others])
        follows = not holds_input(block)
        while number < block.repeat:
            if self.budget < 0:
                self.report("error", place, too_many(block))
                return passes, Flow(flow.path, None, None, None)
            prefix = pass_prefix(path, block, number)
            # Without their items, or a layer of the same name inside the block would pass for used.
            entering = dict(zip(block.input_names, (flow, *others), strict=False))
            entries, leaving = self.list_entries(
                block.layers, entering, prefix, place + "/", outputs=block.further_outputs
            )
            # The same shape in and out: all that follow are the same pass again, their fields moved along. What flows
            # in twice is known by its path alone, and in the next pass only one of the two is another.
            same = leaving.shape == flow.shape and leaving.guesses == flow.guesses
            repeats = follows and same and flow.path not in [other.path for other in others]
            times = block.repeat - number if repeats else 1
            passes.append(Pass(number, times, entries, flow.field, flow.path, leaving.path, beside))
            number += times
            # The result's path was written for the first of the equal passes; the next block takes from the last one.
            last = pass_prefix(path, block, number - 1) + leaving.path[len(prefix) :]
            flow = Flow(last, leaving.shape, field_after(passes[-1]), None, leaving.guesses)
        return passes, flow
