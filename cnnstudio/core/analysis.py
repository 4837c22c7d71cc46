"""The whole network counted: `analyze(design)` returns rows, totals and problems, and always returns.

A block is counted once for each shape that flows into it: passes with equal input shapes are one `Pass` with a
`times`. So a block repeated 10,000 times costs as much as once where its shape stays. `Analysis.rows` expands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

from msgspec import Struct, structs

from cnnstudio.core.convention import CONVENTIONS, Convention
from cnnstudio.core.design import BLOCK_INPUT, ELEMENT_BYTES, Block, Design, Item, escaped
from cnnstudio.core.layer import LARGEST_COUNT, NUMBERS, Counts, Layer
from cnnstudio.core.problem import Problem, Refusal, Remark
from cnnstudio.core.receptive_field import (
    ReceptiveField,
    moved,
    of_input,
    repeated,
    strides_differ,
    through,
    union,
)
from cnnstudio.core.shape import Shape

MOST_ANALYZED = 200_000
"""Layers counted one by one, repeats with equal shapes counting once; a design with more is not counted further."""
MOST_EXPANDED = 1_000_000
"""Rows that a design may expand to."""


class Row(Struct, frozen=True, gc=False):
    """One layer, counted.

    `path` leads to it, with the number of the repeat from 1: `stage2[1]/bottleneck/conv3`; `place` is the same
    without numbers. What cannot be computed is None: the counts after an error, the shapes of unknown inputs.
    """

    path: str
    place: str
    layer: Layer
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape | None, ...]
    counts: Counts | None
    receptive_field: ReceptiveField | None
    input_fields: tuple[ReceptiveField | None, ...]
    convention: Convention
    element_bytes: int

    @property
    def output_shape(self) -> Shape | None:
        """The shape of the output."""
        return None if self.counts is None else self.counts.output

    @property
    def weights(self) -> int | None:
        """Learned weights."""
        return None if self.counts is None else self.counts.weights

    @property
    def biases(self) -> int | None:
        """Learned biases."""
        return None if self.counts is None else self.counts.biases

    @property
    def state(self) -> int | None:
        """Numbers stored but not learned: moving statistics."""
        return None if self.counts is None else self.counts.state

    @property
    def parameters(self) -> int | None:
        """What the convention counts as parameters: weights and biases, with Keras also the state."""
        if self.counts is None:
            return None
        return self.counts.parameters + (self.counts.state if self.convention.counts_state else 0)

    @property
    def trainable(self) -> int | None:
        """The parameters that training changes: none of a frozen layer."""
        if self.counts is None:
            return None
        return self.counts.parameters if self.layer.trainable else 0

    @property
    def non_trainable(self) -> int | None:
        """The parameters that training does not change."""
        if self.parameters is None or self.trainable is None:
            return None
        return self.parameters - self.trainable

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates for one input."""
        return None if self.counts is None else self.counts.macs

    @property
    def flops(self) -> int | None:
        """Floating-point operations, two for each multiply-accumulate."""
        return None if self.macs is None else 2 * self.macs

    @property
    def activations(self) -> int | None:
        """Elements of the output."""
        return None if self.counts is None else self.counts.output.elements

    @property
    def activation_bytes(self) -> int | None:
        """Bytes of the output at the design's element type."""
        return None if self.activations is None else self.activations * self.element_bytes

    @property
    def parameter_bytes(self) -> int | None:
        """Bytes of the parameters at the design's element type."""
        return None if self.parameters is None else self.parameters * self.element_bytes


class Pass(Struct, frozen=True, gc=False):
    """`times` equal passes through a block, from pass number `first` (from 0) on; `entries` are those of the first.

    `source` is the path of what flows into the first one and `field` what that sees; `result` the path of its last row.
    """

    first: int
    times: int
    entries: tuple[Row | BlockRow, ...]
    field: ReceptiveField | None
    source: str
    result: str


class BlockRow(Struct, frozen=True, gc=False):
    """A block, counted: its passes, the sums over all of them, and the path of its last row."""

    path: str
    place: str
    block: Block
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape | None, ...]
    output_shape: Shape | None
    passes: tuple[Pass, ...]
    totals: Totals
    receptive_field: ReceptiveField | None
    convention: Convention
    result: str


Entry = Row | BlockRow


class Totals(Struct, frozen=True, gc=False):
    """Sums over rows, repeats multiplied. Where `uncounted` layers are unknown the sums are lower bounds.

    `uncounted` are layers without any counts, `unknown_macs` those whose MACs alone are not known.
    """

    weights: int = 0
    biases: int = 0
    parameters: int = 0
    state: int = 0
    trainable: int = 0
    macs: int = 0
    activations: int = 0
    activation_bytes: int = 0
    parameter_bytes: int = 0
    layers: int = 0
    uncounted: int = 0
    unknown_macs: int = 0

    @property
    def non_trainable(self) -> int:
        """Parameters that training does not change."""
        return self.parameters - self.trainable

    @property
    def flops(self) -> int:
        """Floating-point operations, two for each multiply-accumulate."""
        return 2 * self.macs

    @property
    def is_complete(self) -> bool:
        """Whether every layer is counted in every sum."""
        return not (self.uncounted or self.unknown_macs)

    def parameters_as(self, convention: Convention) -> int:
        """The parameters as a convention counts them, whichever these totals were made for."""
        return self.weights + self.biases + (self.state if convention.counts_state else 0)


_SUMMED = tuple(field.name for field in structs.fields(Totals))


class Analysis(Struct, frozen=True, dict=True):
    """Everything about a design under one convention. `entries` mirror its list, blocks folded."""

    design: Design
    convention: Convention
    entries: tuple[Entry, ...]
    totals: Totals
    problems: tuple[Problem, ...]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One row a layer, blocks expanded; ValueError beyond `MOST_EXPANDED` rows."""
        if self.totals.layers > MOST_EXPANDED:
            raise ValueError(
                f"the design expands to {self.totals.layers:,} layers, and at most {MOST_EXPANDED:,} can be listed; "
                "list it with its blocks folded, or use smaller repeats"
            )
        return tuple(_expand(self.entries, _AS_COUNTED, None, None))

    @property
    def is_complete(self) -> bool:
        """Whether every quantity of every layer is known."""
        return self.totals.is_complete

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that leave a layer uncounted."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


@lru_cache(maxsize=65_536)
def count_layer(layer: Layer, inputs: tuple[Shape, ...], rounding: str) -> Counts | Remark:
    """The counts of one layer, remembered; the remark of the refusal where it cannot be computed."""
    try:
        counts = layer.count(inputs, NUMBERS[rounding])
    except Refusal as refusal:
        return refusal.remark
    largest = max(counts.output.to_list())
    return _too_vast(largest) if largest > LARGEST_COUNT else counts


def analyze(design: Design, convention: Convention | None = None) -> Analysis:
    """Counts a whole design by its own convention, or by the given one. Never raises on a design."""
    convention = convention or CONVENTIONS[design.convention]
    analyst = _Analyst(convention, ELEMENT_BYTES[design.element_type])
    if not design.layers:
        problem = Problem("warning", "", "empty", "the design has no layers.", "Begin with an Input layer.")
        return Analysis(design, convention, (), Totals(), (problem,))
    entries, _ = analyst.list_entries(design.layers, None, "", "")
    return Analysis(design, convention, entries, _sum(entries), tuple(analyst.problems))


class _Flow(Struct, frozen=True, gc=False):
    """What flows along a connection: where it comes from, its shape, and what it sees of the input."""

    path: str
    shape: Shape | None
    field: ReceptiveField | None
    item: Item | None


class _Analyst:
    """One walk over a design."""

    def __init__(self, convention: Convention, element_bytes: int) -> None:
        self.convention = convention
        self.element_bytes = element_bytes
        self.problems: list[Problem] = []
        self.reported: set[tuple[str, str]] = set()
        self.budget = MOST_ANALYZED

    def report(self, severity: str, place: str, remark: Remark) -> None:
        """Adds a problem, once for each place and rule however often the place is repeated."""
        if (place, remark.rule) in self.reported:
            return
        self.reported.add((place, remark.rule))
        error = severity == "error"
        self.problems.append(
            Problem("error" if error else "warning", place, remark.rule, remark.sentence, remark.remedy)
        )

    def list_entries(
        self, items: tuple[Item, ...], source: _Flow | None, prefix: str, place: str
    ) -> tuple[tuple[Entry, ...], _Flow]:
        """The entries of one list and what flows out of its last item; `source` is a block's input."""
        flows: dict[str, _Flow] = {} if source is None else {BLOCK_INPUT: source}
        before = source
        used: set[str] = set()
        entries: list[Entry] = []
        self.budget -= len(items)
        for item in items:
            sources = self._sources(item, flows, before, used)
            name = escaped(item.name)
            if isinstance(item, Block):
                block = self._block(item, sources, prefix + name, place + name)
                before = _Flow(block.result, block.output_shape, block.receptive_field, item)
                entries.append(block)
            else:
                row = self._layer(item, sources, prefix + name, place + name)
                counts = row.counts
                before = _Flow(row.path, counts.output if counts else None, row.receptive_field, item)
                entries.append(row)
            flows[item.name] = before
        self._report_list(items, used, place)
        return tuple(entries), before or _Flow("", None, None, None)

    def _sources(self, item: Item, flows: dict[str, _Flow], before: _Flow | None, used: set[str]) -> list[_Flow | None]:
        if item.inputs:
            used.update(item.inputs)
            return [flows.get(name) for name in item.inputs]
        if before is None or (isinstance(item, Layer) and item.most_inputs == 0):
            return []
        if before.item is not None:
            used.add(before.item.name)
        return [before]

    def _layer(self, layer: Layer, sources: list[_Flow | None], path: str, place: str) -> Row:
        shapes = tuple([flow.shape if flow else None for flow in sources])
        fields = tuple([flow.field if flow else None for flow in sources])
        counts = self._counts(layer, sources, shapes, place)
        field: ReceptiveField | None = None
        if counts is not None:
            if layer.most_inputs == 0:
                field = of_input(counts.output.spatial)
            else:
                field = through(fields[0] if len(fields) == 1 else union(list(fields)), counts.reach)
            if layer.merges or layer.removes_bias:
                self._report_connection(layer, sources, shapes, place)
        inputs = tuple([flow.path for flow in sources if flow])
        return Row(path, place, layer, inputs, shapes, counts, field, fields, self.convention, self.element_bytes)

    def _counts(
        self, layer: Layer, sources: list[_Flow | None], shapes: tuple[Shape | None, ...], place: str
    ) -> Counts | None:
        if len(sources) < layer.fewest_inputs:
            self.report("error", place, _missing_input(layer, len(sources)))
            return None
        for name, source in zip(layer.inputs, sources, strict=False):
            if source is None:
                self.report("error", place, _unknown_input(name))
        known = tuple([shape for shape in shapes if shape is not None])
        if len(known) < len(shapes):
            return None
        counts = count_layer(layer, known, self.convention.rounding)
        if isinstance(counts, Remark):
            self.report("error", place, counts)
            return None
        for remark in counts.remarks:
            self.report("warning", place, _with_source(remark, sources))
        return counts

    def _report_connection(
        self, layer: Layer, sources: list[_Flow | None], shapes: tuple[Shape | None, ...], place: str
    ) -> None:
        if layer.merges and any(shape and shape.positions > 1 for shape in shapes):
            fields = [flow.field if flow else None for flow in sources]
            if strides_differ(fields):
                steps = " and ".join(
                    " × ".join(str(step) for step in field.stride) for field in fields if field is not None
                )
                self.report("warning", place, _unlike_strides(steps))
        producer = sources[0].item if sources and sources[0] else None
        if layer.removes_bias and isinstance(producer, Layer) and _ends_in_bias(producer):
            where = place[: len(place) - len(escaped(layer.name))] + escaped(producer.name)
            self.report("warning", where, _useless_bias(layer))

    def _block(self, block: Block, sources: list[_Flow | None], path: str, place: str) -> BlockRow:
        source = sources[0] if sources else None
        if source is None:
            missing = _unknown_input(block.inputs[0]) if block.inputs else _missing_input(block, 0)
            self.report("error", place, missing)
        passes, flow = self._passes(block, source or _Flow("", None, None, None), path, place)
        totals = _add([(_sum(one.entries), one.times) for one in passes])
        if sum(one.times for one in passes) < block.repeat:
            totals = structs.replace(totals, uncounted=totals.uncounted + 1)
        given = (source.shape,) if source else ()
        inputs = (source.path,) if source else ()
        return BlockRow(
            path, place, block, inputs, given, flow.shape, tuple(passes), totals, flow.field, self.convention, flow.path
        )

    def _passes(self, block: Block, flow: _Flow, path: str, place: str) -> tuple[list[Pass], _Flow]:
        """Runs through a block until its shape no longer changes; the passes, and what flows out of the last."""
        passes: list[Pass] = []
        number = 0
        follows = not _holds_input(block)
        while number < block.repeat:
            if self.budget < 0:
                self.report("error", place, _too_many(block))
                return passes, _Flow(flow.path, None, None, None)
            prefix = _pass_prefix(path, block, number)
            entering = _Flow(flow.path, flow.shape, flow.field, None)
            entries, leaving = self.list_entries(block.layers, entering, prefix, place + "/")
            # The same shape in and out: all that follow are the same pass again, their fields moved along.
            times = block.repeat - number if follows and leaving.shape == flow.shape else 1
            passes.append(Pass(number, times, entries, flow.field, flow.path, leaving.path))
            number += times
            last = _pass_prefix(path, block, number - 1) + leaving.path[len(prefix) :]
            flow = _Flow(last, leaving.shape, repeated(flow.field, leaving.field, times), None)
        return passes, flow

    def _report_list(self, items: tuple[Item, ...], used: set[str], place: str) -> None:
        """Warns of items that nothing takes and that are neither the last nor end in an Output."""
        for item in items[:-1]:
            if item.name not in used and not _is_output(item):
                self.report("warning", place + escaped(item.name), _unused(item))


def _holds_input(block: Block) -> bool:
    """Whether something inside starts from an Input of its own, so that its field does not follow the block's input."""
    return any(_holds_input(item) if isinstance(item, Block) else item.most_inputs == 0 for item in block.layers)


def _is_output(item: Item) -> bool:
    """Whether an item is an Output, or a block that ends in one, as an auxiliary head does."""
    if isinstance(item, Block):
        return bool(item.layers) and _is_output(item.layers[-1])
    return item.type_name == "Output"


def _missing_input(item: Item, given: int) -> Remark:
    if given:
        fewest = item.fewest_inputs if isinstance(item, Layer) else 1
        return Remark(
            "missing-input",
            f"{item.type_name} needs at least {fewest} inputs and receives {given}.",
            "Name the layers it joins in inputs.",
        )
    return Remark("missing-input", f"{item.type_name} receives nothing.", "Put an Input layer before it.")


def _unknown_input(name: str) -> Remark:
    return Remark("missing-input", f"inputs names '{name}', which is no earlier layer.", "Name an earlier layer.")


def _with_source(remark: Remark, sources: list[_Flow | None]) -> Remark:
    """Says it of the design's input where the remark is about a layer right behind it."""
    first = sources[0].item if sources and sources[0] else None
    if remark.rule != "unused-input" or not isinstance(first, Layer) or first.most_inputs != 0:
        return remark
    return Remark(remark.rule, remark.sentence, remark.remedy.replace("nput of", "nput size of", 1))


def _unlike_strides(steps: str) -> Remark:
    return Remark(
        "unlike-strides",
        f"its branches step through the input at different strides, {steps}, so that they do not line up.",
        "Give the branches the same strides in all.",
    )


def _ends_in_bias(layer: Layer) -> bool:
    """Whether the last thing that a layer does is to add a bias."""
    return bool(getattr(layer, "bias", False)) and getattr(layer, "activation", None) in (None, "linear")


def _useless_bias(norm: Layer) -> Remark:
    return Remark(
        "bias-before-norm",
        f"its bias has no effect, because the {norm.type_name} '{norm.name}' behind it subtracts the mean.",
        "Set bias: false.",
    )


def _unused(item: Item) -> Remark:
    return Remark(
        "unused",
        f"nothing takes the output of this {item.type_name}.",
        "Connect it, delete it, or put an Output behind it.",
    )


def _too_vast(size: int) -> Remark:
    return Remark(
        "too-vast",
        f"an axis of its output has {size:,} elements, and at most {LARGEST_COUNT:,} are counted.",
        "Enlarge less, or repeat less often.",
    )


def _too_many(block: Block) -> Remark:
    return Remark(
        "too-large",
        f"the design has more than {MOST_ANALYZED:,} different layers and is not counted from here on.",
        f"Use a smaller repeat than {block.repeat:,}.",
    )


def _sum(entries: Sequence[Entry]) -> Totals:
    """The sums over the entries of a list; one plain loop, as every edit runs it over the whole network."""
    weights = biases = learned = state = trainable = macs = activations = layers = uncounted = unknown_macs = 0
    blocks: list[tuple[Totals, int]] = []
    for entry in entries:
        if isinstance(entry, BlockRow):
            blocks.append((entry.totals, 1))
            continue
        layers += 1
        counts = entry.counts
        if counts is None:
            uncounted += 1
            continue
        weights += counts.weights
        biases += counts.biases
        learned += counts.parameters
        state += counts.state
        trainable += counts.parameters if entry.layer.trainable else 0
        activations += counts.output.elements
        if counts.macs is None:
            unknown_macs += 1
        else:
            macs += counts.macs
    if layers == 0:
        return _add(blocks)
    row = next(entry for entry in entries if isinstance(entry, Row))
    parameters = learned + (state if row.convention.counts_state else 0)
    size = row.element_bytes
    counted = (activations, activations * size, parameters * size, layers, uncounted, unknown_macs)
    rows = Totals(weights, biases, parameters, state, trainable, macs, *counted)
    return _add([(rows, 1), *blocks]) if blocks else rows


def _add(parts: list[tuple[Totals, int]]) -> Totals:
    sums = {name: sum([getattr(part, name) * times for part, times in parts]) for name in _SUMMED}
    return Totals(**sums)


class _Rename(Struct, frozen=True):
    """How paths of a counted pass are rewritten for another pass: the prefix of its rows, and what flows into it."""

    old: str = ""
    new: str = ""
    old_source: str = ""
    new_source: str = ""

    def __call__(self, path: str) -> str:
        if path == self.old_source:
            return self.new_source
        return self.new + path[len(self.old) :] if path.startswith(self.old) else path


_AS_COUNTED = _Rename()


def _expand(
    entries: tuple[Entry, ...], rename: _Rename, before: ReceptiveField | None, start: ReceptiveField | None
) -> Iterator[Row]:
    """Every row below these entries, in order.

    Entries were counted once for passes that are alike. `rename` rewrites the paths of the counted pass, and the
    receptive fields, which were counted from `before` on, are shifted to where this pass starts.
    """
    for entry in entries:
        if isinstance(entry, BlockRow):
            for one in entry.passes:
                yield from _expand_pass(entry, one, rename, before, start)
        elif rename is _AS_COUNTED and before is start:
            yield entry
        else:
            yield structs.replace(
                entry,
                path=rename(entry.path),
                inputs=tuple(map(rename, entry.inputs)),
                receptive_field=moved(entry.receptive_field, before, start),
                input_fields=tuple(moved(field, before, start) for field in entry.input_fields),
            )


def _expand_pass(
    entry: BlockRow, one: Pass, rename: _Rename, before: ReceptiveField | None, start: ReceptiveField | None
) -> Iterator[Row]:
    path = rename(entry.path)
    counted = _pass_prefix(entry.path, entry.block, one.first)
    here = one.field if before is start else moved(one.field, before, start)
    after = one.entries[-1].receptive_field if one.entries else None
    for number in range(one.first, one.first + one.times):
        prefix = _pass_prefix(path, entry.block, number)
        source = rename(one.source)
        if number > one.first:
            source = _pass_prefix(path, entry.block, number - 1) + one.result[len(counted) :]
            here = moved(after, one.field, here)
        same = prefix == counted and source == one.source
        yield from _expand(
            one.entries, _AS_COUNTED if same else _Rename(counted, prefix, one.source, source), one.field, here
        )


def _pass_prefix(path: str, block: Block, number: int) -> str:
    """The beginning of the paths in one pass: `stage2[1]/`, or `stage2/` of a block that is not repeated."""
    return f"{path}[{number + 1}]/" if block.repeat > 1 else f"{path}/"
