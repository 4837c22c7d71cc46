"""Further inputs and outputs of a block: let in from the list around it and named, and let out into it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from cnnstudio.core.edits.edit import Edit, EditError
from cnnstudio.core.edits.lists import Items, with_list
from cnnstudio.core.edits.rewiring import renamed, repaired, taking
from cnnstudio.core.network.design import (
    BLOCK_INPUT,
    Block,
    Design,
    FurtherOutput,
    Identity,
    ItemPath,
    find,
    index_of,
    items_of,
    structure_faults,
    unused_name,
)
from cnnstudio.core.network.wiring import all_feeds, names_inside, taken_by, taken_names


def let_in(design: Design, path: ItemPath, source: str) -> tuple[Design, str]:
    """The design in which an earlier item of the list around a block flows into it, and its name inside.

    EditError where nothing flows into the block yet: what comes first is its `input`.
    """
    block, taken = _block(design, path), taken_by(design, path)
    if source in taken:
        return design, block.input_names[taken.index(source)]
    if not taken:
        raise EditError(f"nothing flows into the block '{path[-1]}'; connect '{source}' to the block first.")
    own = {BLOCK_INPUT, *block.further_inputs, *[item.name for item in block.layers]}
    name = unused_name(source, own) if source in own else source
    changed = structs.replace(block, inputs=(*taken, source), further_inputs=(*block.further_inputs, name))
    return _with(design, path, changed), name


def set_further_inputs(design: Design, path: ItemPath, names: Sequence[str]) -> Edit:
    """Names what flows into a block beside its first input.

    Another name in the same place is a new name, which those inside that take it follow. A longer list lets the nearest
    earlier items in; a shorter one takes the last away. EditError where the names cannot be, or nothing is left to let
    in.
    """
    block, taken = _block(design, path), taken_by(design, path)
    old, new = block.further_inputs, tuple(names)
    layers = tuple(
        [structs.replace(item, inputs=renamed(item.inputs, dict(zip(old, new, strict=False)))) for item in block.layers]
    )
    layers, notes = repaired(layers, inside=(BLOCK_INPUT, *new))
    inputs = (*taken, *_nearest(design, path, taken, 1 + len(new) - len(taken)))[: 1 + len(new)]
    for name, source in zip(new[len(old) :], inputs[1 + len(old) :], strict=True):
        notes += (f"'{name}' is '{source}'.",)
    changed = _with(design, path, structs.replace(block, inputs=inputs, further_inputs=new, layers=layers))
    require_structure(changed)
    return Edit(changed, f"Set further inputs of {path[-1]} to {', '.join(new) or 'none'}", (path,), notes)


def let_out(design: Design, path: ItemPath, name: str) -> tuple[Design, str]:
    """The design in which a block gives what an item inside it gives, and the name of that in the list around it.

    Of a repeated block, what the item gives in the last repeat. What takes it stands after the block; where that ends
    the one around it, an Identity goes on to end it with the same.
    """
    block, parent = _block(design, path), path[:-1]
    items, took = items_of(design, parent), all_feeds(items_of(design, parent), inside=names_inside(design, parent))
    for item in items:
        if isinstance(item, FurtherOutput) and item.output == name and took[item.name] == (block.name,):
            return design, item.name
    taken = taken_names(design, parent)
    given = FurtherOutput(name=unused_name(name, taken) if name in taken else name, output=name, inputs=(block.name,))
    if name not in block.further_outputs:
        block = structs.replace(block, further_outputs=(*block.further_outputs, name))
    at = index_of(design, path)
    after = items[at + 1 : at + 2] or (ending(block.name, taken | {given.name}) if parent else ())
    # Whoever takes the block by standing below it goes on to take the block.
    after = tuple([taking(item, took[item.name]) if not item.inputs and took[item.name] else item for item in after])
    return with_list(design, parent, (*items[:at], block, given, *after, *items[at + 2 :])), given.name


def ending(name: str, taken: set[str]) -> Items:
    """The end of a block whose output is that of an item which does not end it any more."""
    own = f"{name}_output"
    return (Identity(name=unused_name(own, set(taken)) if own in taken else own, inputs=(name,)),)


def require_structure(design: Design) -> None:
    """EditError with the first fault of names and connections."""
    fault = next(structure_faults(design.layers), None)
    if fault is not None:
        raise EditError(f"{fault.sentence}.")


def _nearest(design: Design, path: ItemPath, taken: tuple[str, ...], number: int) -> list[str]:
    """So many items that come before a block and do not flow into it; EditError if there are too few."""
    before = items_of(design, path[:-1])[: index_of(design, path)]
    names = [item.name for item in reversed(before)] + list(names_inside(design, path[:-1]))
    found = [name for name in names if name not in taken][: max(0, number)]
    if len(found) < number:
        raise EditError(f"nothing else comes before the block '{path[-1]}' that could flow into it.")
    return found


def _block(design: Design, path: ItemPath) -> Block:
    block = find(design, path)
    if not isinstance(block, Block):
        raise EditError(f"'{path[-1]}' is no block, and has no further inputs.")
    return block


def _with(design: Design, path: ItemPath, block: Block) -> Design:
    layers: Items = tuple([block if item.name == path[-1] else item for item in items_of(design, path[:-1])])
    return with_list(design, path[:-1], layers)
