"""The inputs that an item can take: the earlier items of its list, with their shapes, those that fit first."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze, count_layer
from cnnstudio.core.counting.rows import BlockRow, Entry
from cnnstudio.core.edits import set_inputs
from cnnstudio.core.network.design import Block, ItemPath, find
from cnnstudio.core.network.distribution import step_axes_in
from cnnstudio.core.network.layer import Counts, Layer
from cnnstudio.core.network.wiring import names_inside, taken_by


class InputChoice(Struct, frozen=True):
    """One that can be taken: its name, its shape, whether the item can be computed with it."""

    name: str
    shape: Shape | None
    fits: bool


def input_choices(analysis: Analysis, path: ItemPath) -> tuple[InputChoice, ...]:
    """All that the item at a path can name in its inputs; those that fit first, and the nearest first."""
    design = analysis.design
    inside = names_inside(design, path[:-1])
    shapes = earlier_shapes(analysis, path)
    names = taken_by(design, path)
    fitting = Fitting(analysis, path, {name: shapes.get(name) for name in names})
    choices = [InputChoice(name, shape, fitting.fits(name, shape)) for name, shape in shapes.items()]
    choices.reverse()
    return tuple(sorted(choices, key=lambda choice: (not choice.fits, choice.name not in inside)))


def earlier_shapes(analysis: Analysis, path: ItemPath) -> dict[str, Shape | None]:
    """The shapes of what comes before an item in its list, by name, in the first pass; in a block with its `input`."""
    entries, shapes = entries_at(analysis, path[:-1])
    for entry in entries:
        if entry.item.name == path[-1]:
            break
        shapes[entry.item.name] = entry.output_shape
    return shapes


def list_shapes(analysis: Analysis, parent: ItemPath) -> dict[str, Shape | None]:
    """The output shapes of the items of a list in the first pass, and in a block what flows into it."""
    entries, shapes = entries_at(analysis, parent)
    return shapes | {entry.item.name: entry.output_shape for entry in entries}


def entries_at(analysis: Analysis, parent: ItemPath) -> tuple[tuple[Entry, ...], dict[str, Shape | None]]:
    """The entries of a list in the first pass, and what flows into it."""
    entries: tuple[Entry, ...] = analysis.entries
    shapes: dict[str, Shape | None] = {}
    for name in parent:
        block = next((entry for entry in entries if isinstance(entry, BlockRow) and entry.item.name == name), None)
        if block is None:
            return (), {}
        entries = block.passes[0].entries if block.passes else ()
        shapes = dict.fromkeys(block.block.input_names) | dict(
            zip(block.block.input_names, block.input_shapes, strict=False)
        )
    return entries, shapes


def entry_at(analysis: Analysis, path: ItemPath) -> Entry | None:
    """The entry of an item in the first pass."""
    return next((entry for entry in entries_at(analysis, path[:-1])[0] if entry.item.name == path[-1]), None)


def with_input(block: Block, taken: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The inputs of a block that takes one more: in addition while some are missing, else in place of the first."""
    return (*taken, name) if len(taken) < len(block.input_names) else (name, *taken[1:])


class Fitting:
    """Tells whether an item can be computed with another input; each shape is tried once."""

    def __init__(self, analysis: Analysis, path: ItemPath, taken: dict[str, Shape | None]) -> None:
        """`taken` are the shapes of what it takes now, by name."""
        self._analysis = analysis
        self._path = path
        self._item = find(analysis.design, path)
        self._taken = taken
        self._step_axes = step_axes_in(analysis.design, path[:-1])
        self._known: dict[Shape, bool] = {}

    def fits(self, name: str, shape: Shape | None) -> bool:
        """True if it can be computed with this one: in addition if it joins branches, else in place of what it has.

        A block can, if nothing is wrong then that was right before.
        """
        if shape is None:
            return False
        if isinstance(self._item, Layer):
            return self._can_count(self._item, name, shape)
        if shape not in self._known:
            self._known[shape] = self._stays_right(name)
        return self._known[shape]

    def _can_count(self, layer: Layer, name: str, shape: Shape) -> bool:
        others = [have for source, have in self._taken.items() if source != name and have is not None]
        shapes = [shape] if layer.max_inputs == 1 else [*others, shape]
        # As long as others are missing nothing can be said against this one.
        if len(shapes) < layer.fewest_named:
            return True
        return isinstance(count_layer(layer, tuple(shapes), self._analysis.convention.rules, self._step_axes), Counts)

    def _stays_right(self, name: str) -> bool:
        assert isinstance(self._item, Block)
        inputs = with_input(self._item, tuple(self._taken), name)
        # As long as others are missing nothing can be said against this one.
        if len(inputs) < len(self._item.input_names):
            return True
        tried = set_inputs(self._analysis.design, self._path, inputs).design
        return len(analyze(tried, self._analysis.convention).errors) <= len(self._analysis.errors)
