"""Names and connections: the items of a design from grouped steps."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.core.network.design import BLOCK_INPUT, Block, Item, ItemPath
from cnnstudio.core.network.layer import MAX_NAME_LENGTH, natural_name
from cnnstudio.formats.foreign.assembly.grouping import Leaf, Part
from cnnstudio.formats.foreign.draft import Draft

Places = dict[int, ItemPath]
"""The paths of items by their steps."""


def items_from(
    draft: Draft, parts: list[Part], places: Places, entry: int | None = None, within: ItemPath = ()
) -> tuple[Item, ...]:
    """The items of one list; `entry` is the step that flows into a block, None for the design's own list.

    What has the weights of another is not yet told of it; the paths go into `places`.
    """
    items: list[Item] = []
    taken: set[str] = {BLOCK_INPUT}
    known: dict[int, str] = {} if entry is None else {entry: BLOCK_INPUT}
    before = None if entry is None else BLOCK_INPUT
    for part in parts:
        name = _unused(_name(draft, part), taken)
        item: Item
        if isinstance(part, Leaf):
            step = draft.steps[part.step]
            assert step.layer is not None
            item = structs.replace(step.layer, name=name, inputs=_inputs(step.inputs, known, before))
            known[part.step] = name
            places[part.step] = (*within, name)
        else:
            inner = items_from(draft, part.parts, places, part.source, (*within, name))
            inputs = _inputs((part.source,), known, before)
            item = Block(name=name, repeat=part.repeat, layers=inner, inputs=inputs)
            known[part.output] = name
        items.append(item)
        before = name
    return tuple(items)


def _inputs(sources: tuple[int, ...], known: dict[int, str], before: str | None) -> tuple[str, ...]:
    """The names of what an item takes; none where it takes the item before it."""
    names = tuple(known[source] for source in sources)
    return () if names == (before,) else names


def _name(draft: Draft, part: Part) -> str:
    """The name in the file; a number alone gets the type before it, as in `conv2d_0`."""
    if not part.name.replace(".", "").isdigit() and part.name.strip() and part.name.isprintable():
        return part.name[:MAX_NAME_LENGTH]
    layer = draft.steps[part.step].layer if isinstance(part, Leaf) else None
    stem = natural_name(layer.type_name) if layer is not None else "block"
    return f"{stem}_{part.name}" if part.name.replace(".", "").isdigit() else stem


def _unused(name: str, taken: set[str]) -> str:
    """The name, or `name_2` and on where it is taken; it is added to `taken`."""
    # PyTorch and ONNX call their inputs so, and inside a block the word is reserved.
    if name == BLOCK_INPUT:
        name = "input_1"
    unused, number = name, 1
    while unused in taken:
        number += 1
        # With room for the number, or a name of full length would never become another one.
        unused = f"{name[: MAX_NAME_LENGTH - 10]}_{number}"
    taken.add(unused)
    return unused
