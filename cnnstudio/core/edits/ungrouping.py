"""Puts what is in blocks into the lists around them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from msgspec import structs

from cnnstudio.core.edits.edit import Edit, EditError
from cnnstudio.core.edits.lists import Change, Items, by_list, chosen, with_lists
from cnnstudio.core.edits.rewiring import Feeds, connected, renamed, repaired, retaken_notes
from cnnstudio.core.network.comments import lines_of, put_above
from cnnstudio.core.network.design import BLOCK_INPUT, Block, Design, FurtherOutput, Item, ItemPath, unused_name, walk
from cnnstudio.core.network.wiring import all_feeds, names_inside

MAX_UNROLLED = 2_000
"""Layers that ungrouping may make of repeats."""


def ungroup(design: Design, paths: Iterable[ItemPath]) -> Edit:
    """Dissolves blocks; a repeated one is unrolled, its layers there once for each repeat.

    EditError where that would make more than `MAX_UNROLLED` layers.
    """
    blocks = {path: item for path, item in chosen(design, paths).items() if isinstance(item, Block)}
    if not blocks:
        raise EditError("select a block to ungroup it.")
    for block in blocks.values():
        _require_few(block)
        if block.time_distributed:
            raise EditError(
                f"'{block.name}' is applied at each step, and its layers alone would not be; turn Time distributed off "
                "first, or give each of them a block of its own."
            )
    focus: list[ItemPath] = []
    notes: list[str] = []
    changes: dict[ItemPath, Change] = {}
    for parent, names in by_list(blocks).items():
        changes[parent] = partial(_dissolved, parent, names_inside(design, parent), names, focus, notes)
    changed = with_lists(design, changes)
    what = next(iter(blocks))[-1] if len(blocks) == 1 else f"{len(blocks)} blocks"
    return Edit(changed, f"Ungroup {what}", tuple(focus), tuple(notes))


def _require_few(block: Block) -> None:
    # Counted before anything is made: a repeat of a billion would fill the memory.
    layers = block.repeat * sum(1 for _ in walk(block.layers))
    if block.repeat > 1 and layers > MAX_UNROLLED:
        raise EditError(
            f"'{block.name}' is repeated {block.repeat:,} times, and ungrouping it would make {layers:,} layers, "
            f"of at most {MAX_UNROLLED:,}; repeat it less first."
        )


def _dissolved(
    parent: ItemPath,
    inside: tuple[str, ...],
    names: set[str],
    focus: list[ItemPath],
    notes: list[str],
    layers: Items,
) -> Items:
    """A list with some of its blocks dissolved; what is to be selected and said is added."""
    took = all_feeds(layers, inside=inside)
    # The names of dissolved blocks become free, so that a layer inside may have its block's name outside.
    gone = _further_of(
        layers, took, {item.name: item for item in layers if isinstance(item, Block) and item.name in names}
    )
    used = {*inside, *[item.name for item in layers]} - names - gone.keys()
    ends: dict[str, str] = {}
    wanted: dict[str, tuple[str, ...]] = {}
    items: list[Item] = []
    for item in layers:
        takes = renamed(took[item.name], ends)
        if isinstance(item, Block) and item.name in names:
            copies = _unrolled(item, takes, used, wanted, notes)
            ends[item.name] = copies[-1].name
            last = dict(zip([inner.name for inner in item.layers], copies[-len(item.layers) :], strict=True))
            ends |= {taker: last[given].name for taker, (block, given) in gone.items() if block == item.name}
            focus += [(*parent, copy.name) for copy in copies]
            items += copies
        elif item.name not in gone:
            wanted[item.name] = takes
            items.append(item)
    others = [item for item in layers if item.name not in names and item.name not in gone]
    notes += retaken_notes(others, {old: new for old, new in ends.items() if old != new})
    result, lost = repaired(connected(items, wanted, inside=inside), inside=inside)
    notes += lost
    return result


def _further_of(layers: Items, took: Feeds, blocks: dict[str, Block]) -> dict[str, tuple[str, str]]:
    """The items that take what some blocks give beside their output: the block, and the item inside it, of each.

    What takes something that is not inside the block stays, and takes the output of what stands in the block's place.
    """
    inside = {(name, inner.name) for name, block in blocks.items() for inner in block.layers}
    found = {
        item.name: (took[item.name][0], item.output)
        for item in layers
        if isinstance(item, FurtherOutput) and took[item.name]
    }
    return {name: given for name, given in found.items() if given in inside}


def _unrolled(
    block: Block, sources: tuple[str, ...], used: set[str], wanted: dict[str, tuple[str, ...]], notes: list[str]
) -> list[Item]:
    """The items of every repeat under names that are free; what each of them takes, and what to say, is added."""
    outside = dict.fromkeys(block.input_names, "") | dict(zip(block.input_names, sources, strict=False))
    inner = all_feeds(block.layers, inside=block.input_names)
    copies: list[Item] = []
    for number in range(1, block.repeat + 1):
        names = _free_names(block, number, used, notes)
        for item in block.layers:
            takes = [outside.get(name, names.get(name, "")) for name in inner[item.name]]
            wanted[names[item.name]] = tuple(filter(None, takes))
            copies.append(structs.replace(item, name=names[item.name]))
        # The next repeat takes what this one gives out.
        outside[BLOCK_INPUT] = names[block.layers[-1].name]
    # What the file says of the block would be gone with it.
    said = put_above(lines_of(block.comments), copies[0].comments)
    copies[0] = structs.replace(copies[0], comments=said)
    if block.repeat > 1:
        notes.append(f"'{block.name}' was repeated {block.repeat} times: {len(copies):,} layers stand in its place.")
    return copies


def _free_names(block: Block, number: int, used: set[str], notes: list[str]) -> dict[str, str]:
    """The names outside the block for the items of one repeat: by their names, or `conv_2` in the second repeat."""
    names: dict[str, str] = {}
    for item in block.layers:
        name = item.name if block.repeat == 1 else f"{item.name}_{number}"
        if name in used:
            free = unused_name(name, used)
            notes.append(f"'{name}' is now called '{free}', because that name is taken.")
            name = free
        used.add(name)
        names[item.name] = name
    return names
