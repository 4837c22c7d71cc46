"""The graph that a diagram shows, whoever draws it: boxes for layers and blocks, and the edges between them.

A block that is open holds a graph of its own; one that is folded is a box. A repeated block is drawn once.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import BlockRow, Entry, unknown_text
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, path_text, walk
from cnnstudio.core.network.distribution import AT_EACH_STEP
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.problem import Problem
from cnnstudio.core.network.wiring import feeds

ENTRY: Final = -1
"""The source of an edge that comes from what flows into the block."""
EXIT: Final = -2
"""The target of the edge that leaves the block, from its last item."""


class Edge(Struct, frozen=True, gc=False):
    """A connection within one graph, from box to box by their numbers, or from `ENTRY`, or to `EXIT`."""

    source: int
    target: int


class Box(Struct, frozen=True):
    """One layer, or one block with its graph `inside` if it is open.

    `shape` is the output of the first pass and `last_shape` that of the last, None where unknown, which `unknown` says
    in words. `errors` and
    `warnings` count the problems of the item and of all it holds, `problems` are its own. `kernel` and `stride` are
    those of a layer whose window slides, one a spatial axis; empty for all others. `label` is what its author wrote
    at its volume in place of the usual words, if anything.
    """

    path: ItemPath
    type_name: str
    family: str
    summary: str
    shape: Shape | None
    last_shape: Shape | None
    times: int = 1
    problems: tuple[Problem, ...] = ()
    errors: int = 0
    warnings: int = 0
    inside: Graph | None = None
    label: str = ""
    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    unknown: str = UNKNOWN

    @property
    def name(self) -> str:
        """The name of the item."""
        return self.path[-1]

    @property
    def is_block(self) -> bool:
        """True if it stands for a block, open or folded."""
        return self.family == Block.family


class Graph(Struct, frozen=True):
    """The boxes of one list in its order, and what connects them."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def graph_of(analysis: Analysis, folded: Collection[ItemPath] = ()) -> Graph:
    """The graph of a whole design; blocks are open but for the `folded` ones."""
    return _Drafter(analysis, folded).graph(analysis.design.layers, analysis.entries, analysis.entries, ())


def every_block(design: Design) -> frozenset[ItemPath]:
    """The paths of all blocks, for a diagram in which every one is folded."""
    return frozenset(path for path, item in walk(design.layers) if isinstance(item, Block))


class _Drafter:
    """Makes boxes of items, with what the analysis knows of each place."""

    def __init__(self, analysis: Analysis, folded: Collection[ItemPath]) -> None:
        self.folded = folded
        self.problems: dict[str, list[Problem]] = {}
        for problem in analysis.problems:
            self.problems.setdefault(problem.path, []).append(problem)

    def graph(
        self,
        items: tuple[Item, ...],
        firsts: tuple[Entry, ...],
        lasts: tuple[Entry, ...],
        within: ItemPath,
        inside: tuple[str, ...] = (),
    ) -> Graph:
        """The graph of a list: `firsts` are its rows in the first pass and `lasts` in the last, if there are any."""
        boxes = tuple(self.box(item, _at(firsts, index), _at(lasts, index), within) for index, item in enumerate(items))
        return Graph(boxes, _edges(items, inside))

    def box(self, item: Item, first: Entry | None, last: Entry | None, within: ItemPath) -> Box:
        path = (*within, item.name)
        shape, last_shape = (entry.output_shape if entry else None for entry in (first, last))
        own = tuple(self.problems.get(path_text(path), ()))
        errors = sum(problem.severity == "error" for problem in own)
        warnings = len(own) - errors
        if not isinstance(item, Block):
            summary, (kernel, stride) = summary_of(item), _window(item)
            return Box(
                path,
                item.type_name,
                item.family,
                summary,
                shape,
                last_shape,
                problems=own,
                errors=errors,
                warnings=warnings,
                label=item.label,
                kernel=kernel,
                stride=stride,
                unknown=_unknown(first),
            )
        # Made for a folded block as well, because the box counts the problems of all that it holds.
        inside = self.graph(item.layers, _entries(first, 0), _entries(last, -1), path, item.input_names)
        return Box(
            path,
            item.type_name,
            item.family,
            summary_of(item),
            shape,
            last_shape,
            item.repeat,
            own,
            errors + sum(box.errors for box in inside.boxes),
            warnings + sum(box.warnings for box in inside.boxes),
            None if path in self.folded else inside,
            item.label,
            unknown=_unknown(first),
        )


def _unknown(entry: Entry | None) -> str:
    """The words for an output that is not known; whether it depends on the input size."""
    return UNKNOWN if entry is None or entry.output_shape is not None else unknown_text(entry)


def summary_of(item: Item) -> str:
    """The hyperparameters that matter, with the activation; of a block how many layers it holds; shared weights."""
    shared = f"shares {item.shares}" if item.shares else ""
    if isinstance(item, Block):
        count = len(item.layers)
        steps = AT_EACH_STEP if item.time_distributed else ""
        return " · ".join(filter(None, [steps, "1 layer" if count == 1 else f"{count} layers", shared]))
    activation = getattr(item, "activation", None)
    parts = (item.summary(), activation if activation != "linear" else None, shared)
    return " · ".join(part for part in parts if part)


def _window(layer: Layer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Kernel and stride, one number a spatial axis; pooling that names no stride steps by its window."""
    sizes = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if sizes is None:
        return (), ()
    rank: int = getattr(layer, "kernel_rank", getattr(layer, "rank", 2))
    # Pooling without a stride steps by its window in PyTorch and in Keras, so its windows do not overlap.
    return per_axis(sizes, rank), per_axis(getattr(layer, "stride", None) or sizes, rank)


def _entries(entry: Entry | None, at: int) -> tuple[Entry, ...]:
    """The entries of a block's first or last pass; empty if it was not counted."""
    if not isinstance(entry, BlockRow) or not entry.passes:
        return ()
    return entry.passes[at].entries


def _at(entries: tuple[Entry, ...], index: int) -> Entry | None:
    return entries[index] if index < len(entries) else None


def _edges(items: tuple[Item, ...], inside: tuple[str, ...]) -> tuple[Edge, ...]:
    """The connections of a list. An input that does not exist has none: the problems tell of it."""
    numbers = dict.fromkeys(inside, ENTRY)
    edges: list[Edge] = []
    for index, item in enumerate(items):
        for name in feeds(items, index, inside=inside):
            if name in numbers:
                edges.append(Edge(numbers[name], index))
        # After its own inputs were looked up: an item cannot take itself, nor one that comes later.
        numbers[item.name] = index
    if inside and items:
        edges.append(Edge(len(items) - 1, EXIT))
    return tuple(edges)
