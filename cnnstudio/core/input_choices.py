"""What an item can take as its input: the earlier items of its list, with their shapes, those that fit first."""

from __future__ import annotations

from msgspec import Struct

from cnnstudio.core.analysis import Analysis, count_layer
from cnnstudio.core.columns import name_of
from cnnstudio.core.design import BLOCK_INPUT, Item, ItemPath, find, index_of, items_of
from cnnstudio.core.layer import Counts, Layer
from cnnstudio.core.rows import BlockRow, Entry
from cnnstudio.core.shape import Shape
from cnnstudio.core.wiring import feeds


class InputChoice(Struct, frozen=True):
    """One that can be taken: its name, its shape, whether the item can be computed with it."""

    name: str
    shape: Shape | None
    fits: bool


def input_choices(analysis: Analysis, path: ItemPath) -> tuple[InputChoice, ...]:
    """All that the item at a path can name in its inputs; those that fit first, and the nearest first."""
    design, inside = analysis.design, len(path) > 1
    item = find(design, path)
    shapes = earlier_shapes(analysis, path)
    names = feeds(items_of(design, path[:-1]), index_of(design, path), inside=inside)
    taken = {name: shapes.get(name) for name in names}
    choices = [
        InputChoice(name, shape, shape is not None and fits_with(item, name, shape, taken, analysis))
        for name, shape in shapes.items()
    ]
    choices.reverse()
    return tuple(sorted(choices, key=lambda choice: (not choice.fits, choice.name != BLOCK_INPUT)))


def earlier_shapes(analysis: Analysis, path: ItemPath) -> dict[str, Shape | None]:
    """The shapes of what comes before an item in its list, by name, in the first pass; in a block with its `input`."""
    entries, shapes = entries_at(analysis, path[:-1])
    for entry in entries:
        if name_of(entry) == path[-1]:
            break
        shapes[name_of(entry)] = entry.output_shape
    return shapes


def entries_at(analysis: Analysis, parent: ItemPath) -> tuple[tuple[Entry, ...], dict[str, Shape | None]]:
    """The entries of a list in the first pass, and what flows into it."""
    entries: tuple[Entry, ...] = analysis.entries
    shapes: dict[str, Shape | None] = {}
    for name in parent:
        block = next((entry for entry in entries if isinstance(entry, BlockRow) and name_of(entry) == name), None)
        if block is None:
            return (), {}
        entries = block.passes[0].entries if block.passes else ()
        shapes = {BLOCK_INPUT: block.input_shapes[0] if block.input_shapes else None}
    return entries, shapes


def entry_at(analysis: Analysis, path: ItemPath) -> Entry | None:
    """The entry of an item in the first pass."""
    return next((entry for entry in entries_at(analysis, path[:-1])[0] if name_of(entry) == path[-1]), None)


def fits_with(item: Item, name: str, shape: Shape, taken: dict[str, Shape | None], analysis: Analysis) -> bool:
    """Whether an item can be computed with this one among its inputs; a block, with one like it has now."""
    if not isinstance(item, Layer):
        return shape in taken.values() or None in taken.values()
    others = [have for one, have in taken.items() if one != name and have is not None]
    shapes = [shape] if item.most_inputs == 1 else [*others, shape]
    return isinstance(count_layer(item, tuple(shapes), analysis.convention.rounding), Counts)
