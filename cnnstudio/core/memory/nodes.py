"""A counted network as PyTorch runs it: its layers one after the other, every repeat of every block."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.derivation import product
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import MAX_EXPANDED, Analysis, count_layer
from cnnstudio.core.counting.lookup import owner_paths
from cnnstudio.core.counting.reflow import given_beside
from cnnstudio.core.counting.rows import BlockRow, Entry, Pass, Row
from cnnstudio.core.network.distribution import one_step
from cnnstudio.core.network.layer import Counts, Layer
from cnnstudio.core.network.step import Step, at_each_step, examples_as_steps, steps_as_examples

MAX_LAYERS = MAX_EXPANDED
"""Layers, every repeat counted, of which memory is estimated."""


class Node(Struct, gc=False):
    """A layer in its place in the run: the nodes that it takes, and what callers hold meanwhile.

    `row` is the layer as it was counted; that of the first of several equal passes stands for all. `weights` is the
    node that owns the weights it uses: itself, or the first that uses them. `holds` are nodes
    whose results a block holds from here on, once for each time it is named, and `drops` those given up after it.
    Where a block is applied at each step, its steps are made examples before it and steps again after it: `edge` says
    so of a node that is no layer, and is told with the layer behind it or the one before.
    """

    row: Row
    steps: tuple[Step, ...]
    inputs: tuple[int, ...]
    weights: int
    holds: tuple[int, ...] = ()
    drops: tuple[int, ...] = ()
    edge: Literal["", "enters", "leaves"] = ""


class Run(Struct):
    """The nodes in the order in which they run, and the number of layers that cannot be counted.

    `told_with` is the place of the layer with which each node is told: its own, but for the edges of blocks.
    """

    nodes: list[Node]
    told_with: list[int]
    uncounted: int = 0


@lru_cache(maxsize=65_536)
def steps_of(
    layer: Layer, inputs: tuple[Shape, ...], counts: Counts, half: bool, step_axes: int, given: tuple[str, ...] = ()
) -> tuple[Step, ...]:
    """The steps of a layer by a precision, remembered; of one that is applied at each step for all of them.

    `given` are the further outputs that are taken.
    """
    other = "fp32" if half else "16 bits"
    number = product(counts.output.spatial[:step_axes]) if inputs else 1
    if step_axes and inputs:
        inputs = tuple([one_step(shape, step_axes) for shape in inputs])
        counts = structs.replace(counts, output=one_step(counts.output, step_axes))
    steps = layer.steps_giving(given, inputs, counts) if given else layer.steps(inputs, counts)
    found = [step for step in steps if step.precision != other]
    return tuple([at_each_step(step, number) for step in found] if number > 1 else found)


def run_of(analysis: Analysis, *, half: bool = False) -> Run:
    """The whole network as it runs, `half`: by autocast to 16 bits.

    ValueError for more than `MAX_LAYERS` layers, or where no sizes are known.
    """
    layers = analysis.totals.layers
    if layers > MAX_LAYERS:
        raise ValueError(f"the design has {layers:,} layers, and memory is estimated for up to {MAX_LAYERS:,}")
    _ = analysis.rows  # a ValueError, where all of them cannot be listed, belongs here
    walk = _Walk(half)
    walk.list_entries(analysis.entries, outermost=True)
    if walk.uncounted and not walk.nodes:
        if analysis.totals.unsized and not analysis.totals.uncounted:
            raise ValueError("memory depends on the input size, which is not given; give the input a size")
        raise ValueError("no layer of the design has known sizes; give the input a size, or mend the errors")
    told_with = _told_with(walk.nodes)
    if any(node.row.owner for node in walk.nodes):
        _share(walk.nodes, told_with, analysis)
    _let_give(walk.nodes, half)
    return Run(walk.nodes, told_with, walk.uncounted)


def _let_give(nodes: list[Node], half: bool) -> None:
    """Has the layers whose further outputs are taken run so that they give them."""
    taken: dict[int, dict[str, None]] = {}
    outputs = {source for node in nodes if node.edge or not node.row.picks for source in node.inputs}
    for node in nodes:
        if not node.edge and (pick := node.row.picks):
            taken.setdefault(node.inputs[0], {})[pick] = None
    for at, names in taken.items():
        row = nodes[at].row
        if row.counts is not None:
            counts = _with_weights(row, row.counts)
            given = (*(("",) if at in outputs else ()), *names)
            nodes[at].steps = steps_of(row.layer, row.input_shapes, counts, half, row.step_axes, given)


def running_rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The row of each node, under the path of its own repeat: what is counted, and takes only what is."""
    running: dict[str, Row] = {}
    for row in rows:
        if row.counts is not None and running.keys() >= {*row.inputs}:
            running[row.path] = row
    return tuple(running.values())


def rows_of(told_with: list[int], rows: Iterable[Row]) -> tuple[Row, ...]:
    """The row of each node, under the path of its own repeat; `rows` are all of the design."""
    running = iter(running_rows(rows))
    found = {at: next(running) for at, told in enumerate(told_with) if told == at}
    return tuple([found[told] for told in told_with])


def _told_with(nodes: list[Node]) -> list[int]:
    """The place of the layer with which each node is told."""
    found = list(range(len(nodes)))
    # Where nothing inside a block can be counted, what enters it is told with the layer that gives it.
    for at, node in enumerate(nodes):
        found[at] = found[node.inputs[0]] if node.edge else at
    behind = len(nodes)
    for at in range(len(nodes) - 1, -1, -1):
        if not nodes[at].edge:
            behind = at
        elif nodes[at].edge == "enters" and behind < len(nodes):
            found[at] = behind
    for node, told in zip(nodes, found, strict=True):
        node.row = nodes[told].row
    return found


def _share(nodes: list[Node], told_with: list[int], analysis: Analysis) -> None:
    """Tells the nodes that use the weights of others whose they are."""
    # A node has the row of the first of equal passes, and each pass its own weights.
    places = {row.path: at for at, row in enumerate(rows_of(told_with, analysis.rows))}
    for path, owner in owner_paths(analysis.rows).items():
        if path in places and owner in places:
            nodes[places[path]].weights = places[owner]


def _with_weights(row: Row, counts: Counts) -> Counts:
    """The counts with the weights that a layer computes with, whosever they are."""
    if not row.owner:
        return counts
    shapes = tuple([shape for shape in row.input_shapes if shape is not None])
    found = count_layer(row.layer, shapes, row.convention.rules, row.step_axes)
    return found if isinstance(found, Counts) else counts


class _Walk:
    """One walk through the entries; `places` says which node has the result that a path names."""

    def __init__(self, half: bool) -> None:
        self.half = half
        self.nodes: list[Node] = []
        self.places: dict[str, int] = {}
        self.waiting: list[int] = []
        self.uncounted = 0

    def list_entries(self, entries: tuple[Entry, ...], *, outermost: bool = False) -> None:
        """Adds what a list holds."""
        for entry in entries:
            if isinstance(entry, BlockRow):
                self._block(entry, outermost)
            else:
                self._row(entry)

    def _row(self, row: Row) -> None:
        counts = row.counts
        # Below an error a dense layer may be counted though nobody knows the layer before it.
        if counts is None or any(path not in self.places for path in row.inputs):
            self.uncounted += 1
            self.places.pop(row.path, None)
            return
        places = self.places
        inputs = tuple([places[path] for path in row.inputs])
        at = places[row.path] = len(self.nodes)
        # A layer that was counted has inputs whose shapes are known.
        steps = steps_of(row.layer, row.input_shapes, _with_weights(row, counts), self.half, row.step_axes)
        self.nodes.append(Node(row, steps, inputs, at, tuple(self.waiting)))
        self.waiting.clear()

    def _block(self, block: BlockRow, outermost: bool) -> None:
        if sum([pass_.times for pass_ in block.passes]) != block.block.repeat:
            self.uncounted += 1
        sources = [self.places[path] for path in block.inputs if path in self.places]
        if outermost:
            self.waiting += sources
        before = len(self.nodes)
        outside = self._enter(block) if block.block.time_distributed else {}
        flow = self.places.get(block.inputs[0]) if block.inputs else None
        for pass_ in block.passes:
            for _ in range(pass_.times):
                flow = self._pass(pass_, flow)
        if flow is not None:
            self.places[block.result] = flow
        self._give_out(block)
        if block.block.time_distributed:
            self._leave(block, before)
            self.places |= outside
        if outermost:
            self._give_up(sources, before)

    def _enter(self, block: BlockRow) -> dict[str, int]:
        """Makes the steps of all that flows into a block examples; the nodes that were there before, by their paths."""
        outside: dict[str, int] = {}
        for path, shape in zip(block.inputs, block.input_shapes, strict=False):
            if path in self.places and path not in outside and shape is not None:
                outside[path] = self.places[path]
                self._edge(path, "enters", steps_as_examples(shape.elements))
        return outside

    def _leave(self, block: BlockRow, before: int) -> None:
        """Makes the examples that flow out of a block steps again; its own nodes are those from `before` on."""
        given = {path: entry.output_shape for _, path, entry in given_beside(block)}
        for path, shape in {block.result: block.output_shape, **given}.items():
            if self.places.get(path, -1) >= before and shape is not None:
                self._edge(path, "leaves", examples_as_steps(shape.elements))

    def _edge(self, path: str, edge: Literal["enters", "leaves"], steps: tuple[Step, ...]) -> None:
        """Adds a node through which goes what a path names."""
        source, at = self.places[path], len(self.nodes)
        self.nodes.append(Node(self.nodes[source].row, steps, (source,), at, tuple(self.waiting), edge=edge))
        self.waiting.clear()
        self.places[path] = at

    def _give_out(self, block: BlockRow) -> None:
        """Lets what a block gives beside its output be taken by its path in the last pass."""
        for _, path, entry in given_beside(block):
            counted = entry.result if isinstance(entry, BlockRow) else entry.path
            if counted in self.places:
                self.places[path] = self.places[counted]

    def _pass(self, pass_: Pass, flow: int | None) -> int | None:
        """One pass over what flows in; the node whose result flows out."""
        outside, before = self.places.get(pass_.source), len(self.nodes)
        self.places.pop(pass_.source, None)
        if flow is not None:
            self.places[pass_.source] = flow
        beside = [self.places.get(path) for path, _ in pass_.beside]
        held = [source for source in (flow, *beside) if source is not None]
        self.waiting += held
        self.list_entries(pass_.entries)
        result = self.places.get(pass_.result)
        self._give_up(held, before)
        # Outside, the name goes on to mean what it meant: only inside is it what flows into this pass.
        if outside is not None:
            self.places[pass_.source] = outside
        return result

    def _give_up(self, sources: list[int], before: int) -> None:
        """Ends what a caller holds with the last node; if there was none, it never began."""
        if len(self.nodes) == before:
            for source in sources:
                self.waiting.remove(source)
            return
        last = self.nodes[-1]
        last.drops = (*last.drops, *sources)
