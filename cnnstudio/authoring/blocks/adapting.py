"""Building blocks adapted to what flows into them.

A building block is a design like any other. If it begins with an Input, that says for how many channels its filters
are meant: they follow those that really flow in, in proportion. Without one it is as written, for any channels.
"""

from __future__ import annotations

from msgspec import Struct, structs

from cnnstudio.authoring.remedies.case import collapsed
from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.network.design import BLOCK_INPUT, Block, Design, Item, ItemPath, path_text, walk
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.problem import listed
from cnnstudio.layers.structure import Input

CHANNEL_FIELDS = ("filters", "units")
"""The fields that say how many channels come out."""
ALONE = "block"


class Fitted(Struct, frozen=True):
    """The items that a building block puts into a place, and notes on what was adapted to it."""

    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()


def start_of(design: Design) -> Layer | None:
    """The Input that a building block begins with, None if there is none."""
    first = design.layers[0] if len(design.layers) > 1 else None
    return first if isinstance(first, Input) else None


def start_with(shape: Shape, name: str) -> Input:
    """An Input of this shape."""
    return Input(name=name, size=shape.spatial, channels=shape.channels)


def fitted(design: Design, shape: Shape | None) -> Fitted:
    """The items of a building block adapted to the shape that flows in; as written where that is not known."""
    item = _wrapped(design)
    start = start_of(design)
    if item is None:
        return Fitted(design.layers)
    if start is None or shape is None:
        return _padded(item, shape, ())
    made_for = analyze(Design(layers=(start,))).rows[0].output_shape
    if made_for is None or made_for.rank != shape.rank:
        return Fitted((item,), (f"'{item.name}' is made for {made_for}, and here flows {shape}.",))
    if made_for.channels == shape.channels:
        return _padded(item, shape, ())
    scaled = _scaled(item, shape.channels, made_for.channels)
    note = f"The filters of '{item.name}' follow the {shape.channels:,} channels that flow in."
    return _padded(scaled, shape, (note,))


def _wrapped(design: Design) -> Block | None:
    """The one block of a building block, made of its items if they are several; None for a layer alone."""
    start = start_of(design)
    items = design.layers[1:] if start else design.layers
    if len(items) == 1 and (isinstance(items[0], Block) or start is None):
        return items[0] if isinstance(items[0], Block) else None
    new = {start.name: BLOCK_INPUT} if start else {}
    inner = tuple(structs.replace(item, inputs=tuple(new.get(name, name) for name in item.inputs)) for item in items)
    return Block(name=_block_name(design.name), layers=inner)


def _block_name(name: str) -> str:
    return name if name.strip() and name.isprintable() and name != BLOCK_INPUT else "block"


def _scaled(item: Block, channels: int, made_for: int) -> Block:
    """The block with its filters and units in proportion; in grouped convolutions, in multiples of the groups."""

    def scale(inner: Item) -> Item:
        if isinstance(inner, Block):
            return _scaled(inner, channels, made_for)
        changed = {}
        for field in CHANNEL_FIELDS:
            value = getattr(inner, field, None)
            if isinstance(value, int):
                groups = getattr(inner, "groups", 1)
                # Rounded to the nearest by integers; Python's `round` takes halves to the even number.
                exact = max(1, (2 * value * channels + made_for) // (2 * made_for))
                # Upwards to a multiple: filters that the groups do not divide could not be counted.
                changed[field] = -(-exact // groups) * groups
        return structs.replace(inner, **changed) if changed else inner

    return structs.replace(item, layers=tuple(scale(layer) for layer in item.layers))


def _padded(item: Block, shape: Shape | None, notes: tuple[str, ...]) -> Fitted:
    """The block with output padding where an odd size was halved: what grew again must meet what did not shrink."""
    start = start_with(shape, "image") if shape else None
    if start is None:
        return Fitted((item,), notes)
    design = Design(layers=(start, structs.replace(item, name=ALONE, inputs=(), repeat=1)))
    analysis = analyze(design)
    grown = _grown(design, analysis)
    if not grown:
        return Fitted((item,), notes)
    changed = with_items(design, grown).layers[1]
    inner = changed.layers if isinstance(changed, Block) else item.layers
    names = listed([f"'{path[-1]}'" for path in grown])
    note = f"{names} has output padding here, because an odd size is halved before it."
    return Fitted((structs.replace(item, layers=inner),), (*notes, note))


def _grown(design: Design, analysis: Analysis) -> dict[ItemPath, Item]:
    """The transposed convolutions that fall short of the other branches of a merge, padded to their size."""
    layers = {path_text(path): (path, item) for path, item in walk(design.layers)}
    grown: dict[ItemPath, Item] = {}
    for row in analysis.rows:
        # Only where the merge fails: sizes that fit anyway are left as the author wrote them.
        if not row.layer.merges or row.counts is not None:
            continue
        for source, missing, stride in _shortfalls(row, layers):
            path, layer = layers[source]
            # Frameworks refuse an output padding that is not below the stride.
            if all(extra < step for extra, step in zip(missing, stride, strict=True)):
                grown[path] = structs.replace(layer, output_padding=collapsed(missing))
    return grown


def _shortfalls(
    row: Row, layers: dict[str, tuple[ItemPath, Item]]
) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    """The transposed convolutions among the inputs of a merge that are too small, what they lack, and their strides."""
    shapes = row.taken_shapes
    if len(shapes) < len(row.inputs) or len({shape.rank for shape in shapes}) > 1:
        return []
    largest = [max(sizes) for sizes in zip(*(shape.spatial for shape in shapes), strict=True)]
    found = []
    for source, shape in zip(row.inputs, shapes, strict=True):
        missing = tuple(most - size for most, size in zip(largest, shape.spatial, strict=True))
        layer = layers[source][1] if source in layers else None
        if any(missing) and hasattr(layer, "output_padding"):
            found.append((source, missing, per_axis(getattr(layer, "stride", 1), shape.rank)))
    return found
