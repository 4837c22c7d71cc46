"""Building blocks put into a design, and made of a selection; see `fitting` for how they are adapted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import structs

from cnnstudio.authoring.blocks.adapting import fitted, start_with
from cnnstudio.authoring.input_choices import entries_at
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.edits import Edit, Place, chosen, group, insert
from cnnstudio.core.edits.naming import require_name
from cnnstudio.core.network.design import BLOCK_INPUT, Block, Design, Item, ItemPath, index_of, items_of
from cnnstudio.core.network.wiring import taken_by


def place_building(analysis: Analysis, place: Place, blocks: Sequence[Design]) -> Edit:
    """Puts building blocks into a list one after the other, each adapted to what flows in there.

    Where a list is empty there is nothing to adapt them to, and the first brings its own Input along.
    """
    design, (parent, index) = analysis.design, place
    focus: tuple[ItemPath, ...] = ()
    notes: tuple[str, ...] = ()
    for block in blocks:
        if not design.layers:
            added = insert(design, ((), 0), block.layers)
        else:
            fit = fitted(block, shape_at(analysis, (parent, index)))
            added = insert(design, (parent, index), fit.items)
            notes += fit.notes
        design, index = added.design, index + len(added.focus)
        focus += added.focus
        notes += added.notes
        analysis = analyze(design, analysis.convention) if len(blocks) > 1 else analysis
    what = blocks[0].name if len(blocks) == 1 else f"{len(blocks)} building blocks"
    return Edit(design, f"Add {what}", focus, notes)


def shape_at(analysis: Analysis, place: Place) -> Shape | None:
    """The shape that flows into what is put at a place, in the first pass; None if nothing does, or it is not known."""
    entries, shapes = entries_at(analysis, place[0])
    if place[1] < 1:
        return shapes.get(BLOCK_INPUT)
    return entries[min(place[1], len(entries)) - 1].output_shape if entries else None


def saved_building(analysis: Analysis, paths: Iterable[ItemPath], name: str) -> Design:
    """A selection as a building block; EditError with the reason where it cannot be one.

    It keeps an Input, and so adapts its filters later, if it would not fit other channels as it is.
    """
    require_name(name, set())
    design = analysis.design
    found = chosen(design, paths)
    path, item = next(iter(found.items()), ((), None))
    if len(found) != 1 or not isinstance(item, Block):
        edit = group(design, found)
        design, path = edit.design, edit.focus[0]
    index = index_of(design, path)
    layers = items_of(design, path[:-1])
    taken = taken_by(design, path)
    entries, shapes = entries_at(analysis, path[:-1])
    shapes |= {entry.item.name: entry.output_shape for entry in entries}
    block = structs.replace(layers[index], name=name, inputs=())
    start = _start(block, shapes.get(taken[0]) if taken else None)
    return Design(name=name, layers=(*start, block))


def _start(block: Item, shape: Shape | None) -> tuple[Item, ...]:
    """The Input that a block needs to be adapted by; none if it takes other channels as it is."""
    if shape is None or _fits(block, structs.replace(shape, channels=2 * shape.channels)) or not _fits(block, shape):
        return ()
    return (start_with(shape, "image" if block.name != "image" else "image_1"),)


def _fits(block: Item, shape: Shape) -> bool:
    start = start_with(shape, "image" if block.name != "image" else "image_1")
    return not analyze(Design(layers=(start, block))).errors
