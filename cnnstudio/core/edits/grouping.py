"""Makes a block of layers, and repeats it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from cnnstudio.core.edits.edit import Edit, EditError, labelled
from cnnstudio.core.edits.entering import ending
from cnnstudio.core.edits.fields import set_field
from cnnstudio.core.edits.lists import Items, chosen, with_list
from cnnstudio.core.edits.naming import require_name
from cnnstudio.core.edits.rewiring import Feeds, connected, renamed, retaken_notes
from cnnstudio.core.network.design import (
    BLOCK_INPUT,
    Block,
    Design,
    FurtherOutput,
    Item,
    ItemPath,
    find,
    items_of,
    unused_name,
)
from cnnstudio.core.network.problem import listed
from cnnstudio.core.network.wiring import all_feeds, names_inside, taken_names


class _Selected(Struct, frozen=True):
    """Items of one list that are to become a block, with what everything in that list takes."""

    parent: ItemPath
    layers: Items
    names: tuple[str, ...]
    took: Feeds

    @property
    def own(self) -> set[str]:
        """The names of the selected items."""
        return set(self.names)

    @property
    def last(self) -> str:
        """The name of the item that ends the block."""
        return self.names[-1]


def group(design: Design, paths: Iterable[ItemPath], name: str = "") -> Edit:
    """Puts items of one list into a block of their own, repeated once.

    What flows into them first becomes `input` inside, and the rest further inputs of the block; what flows out of
    another than the last becomes a further output. Items between them that are not selected move above the block, or
    below it if they take what it gives. EditError with the reason where connections do not allow it.
    """
    selected = _selected(design, paths)
    sources = _sources(selected)
    outputs = _outputs(design, selected)
    taken = taken_names(design, selected.parent)
    # A name that was typed is refused if it is taken; one that is made up just takes the next number.
    if name:
        require_name(name, taken - selected.own)
    name = name or unused_name("block", taken)
    above, passed, late, below = _parted(selected)
    entering, own = _entering(selected, sources), selected.own
    inner = connected(
        [item for item in selected.layers if item.name in own],
        {item: renamed(selected.took[item], entering) for item in selected.names},
        inside=tuple(entering.values()),
        quietly=True,
    )
    block = Block(name=name, layers=inner, further_inputs=tuple(entering.values())[1:], further_outputs=tuple(outputs))
    # Outside the names of what is inside are free, so that those that take it need no change.
    given = [FurtherOutput(name=_given_name(item, name, taken), output=item, inputs=(name,)) for item in outputs]
    end: Items = ()
    if given and selected.parent and selected.layers[-1].name == selected.last:
        end = ending(name, taken | {name, *[item.name for item in given]})
    ends = {item.output: item.name for item in given} | {selected.last: name}
    wanted = {item.name: renamed(selected.took[item.name], ends) for item in (*above, *passed, *late, *below)}
    wanted |= {name: sources} | {item.name: item.inputs for item in (*given, *end)}
    inside = names_inside(design, selected.parent)
    layers = connected((*above, *passed, block, *given, *late, *below, *end), wanted, inside=inside)
    notes = _group_notes(sources, outputs, passed, late)
    notes += [f"'{item.name}' goes on to end '{selected.parent[-1]}' with what '{name}' gives." for item in end]
    notes += retaken_notes((*late, *below), {old: new for old, new in ends.items() if old != new})
    result = with_list(design, selected.parent, layers)
    what = labelled([(selected_name,) for selected_name in selected.names])
    return Edit(result, f"Group {what} as {name}", ((*selected.parent, name),), tuple(notes))


def _given_name(item: str, block: str, taken: set[str]) -> str:
    return unused_name(item, taken) if item == block else item


def _group_notes(sources: Sequence[str], outputs: Sequence[str], passed: Items, late: Items) -> list[str]:
    """Notes of what flows into and out of a new block beside the usual, and of what had to move."""
    found = []
    if len(sources) > 1:
        found.append(f"The block takes {_named(sources)}.")
    if outputs:
        found.append(f"It gives {_named(outputs)} beside its output.")
    for items, where in ((passed, "above"), (late, "below")):
        if items:
            found.append(f"{_named([item.name for item in items])} moved {where} the block, out of the way.")
    return found


def _named(names: Sequence[str]) -> str:
    return listed([f"'{name}'" for name in names])


def _selected(design: Design, paths: Iterable[ItemPath]) -> _Selected:
    ordered = list(chosen(design, paths))
    if not ordered:
        raise EditError("select the layers to group first.")
    parent = ordered[0][:-1]
    if any(path[:-1] != parent for path in ordered):
        raise EditError("only layers of one list can become a block; select layers that stand in the same block.")
    layers = items_of(design, parent)
    return _Selected(
        parent, layers, tuple(path[-1] for path in ordered), all_feeds(layers, inside=names_inside(design, parent))
    )


def _sources(selected: _Selected) -> tuple[str, ...]:
    """All that flows into the selection from outside, in the order in which it is taken; EditError if nothing does."""
    own = selected.own
    sources = dict.fromkeys(name for taker in selected.names for name in selected.took[taker] if name not in own)
    if not sources:
        first = selected.names[0]
        raise EditError(f"nothing flows into '{first}', and a block needs an input; leave it outside the block.")
    return tuple(sources)


def _entering(selected: _Selected, sources: tuple[str, ...]) -> dict[str, str]:
    """The names inside the block of what flows into it: `input` for the first, their own for the others."""
    first, *others = sources
    taken = {*selected.own, *others, BLOCK_INPUT}
    return {first: BLOCK_INPUT} | {name: unused_name(name, taken) if name == BLOCK_INPUT else name for name in others}


def _outputs(design: Design, selected: _Selected) -> list[str]:
    """The selected items but the last that something outside takes; EditError where that flows back into others."""
    own = selected.own
    around = find(design, selected.parent) if selected.parent else None
    given = around.further_outputs if isinstance(around, Block) else ()
    outside = {name for item in selected.layers if item.name not in own for name in selected.took[item.name]}
    after = _own_and_after(selected) - own
    for name in selected.names:
        if back := [feed for feed in selected.took[name] if feed in after]:
            between = f"'{back[0]}'"
            raise EditError(f"'{name}' takes {between}, which takes what is selected; select {between} too, or less.")
    return [name for name in selected.names if name in given or (name in outside and name != selected.last)]


def _own_and_after(selected: _Selected) -> set[str]:
    """The selected items, and all that takes of them, directly or through others."""
    found = set(selected.own)
    for item in selected.layers:
        if not found.isdisjoint(selected.took[item.name]):
            found.add(item.name)
    return found


def _parted(selected: _Selected) -> tuple[Items, Items, Items, Items]:
    """The other items: those above the selection, those between its items that go above or below it, and those below.

    Those between go below the block if they take what it gives.
    """
    own, after = selected.own, _own_and_after(selected)
    indices = [at for at, item in enumerate(selected.layers) if item.name in own]
    first, last = indices[0], indices[-1]
    between = [item for item in selected.layers[first:last] if item.name not in own]
    passed = tuple([item for item in between if item.name not in after])
    late = tuple([item for item in between if item.name in after])
    return selected.layers[:first], passed, late, selected.layers[last + 1 :]


def repeat(design: Design, paths: Iterable[ItemPath], times: Any) -> Edit:
    """Repeats a block so many times; other items are put into a block first.

    Raises EditError if nothing is selected.
    """
    found = chosen(design, paths)
    if not found:
        raise EditError("select a block, or the layers to repeat, first.")
    design, block, notes = _as_block(design, found)
    edit = set_field(design, [block], "repeat", times)
    return Edit(edit.design, f"Repeat {labelled(list(found))} × {times}", (block,), notes)


def at_each_step(design: Design, paths: Iterable[ItemPath]) -> Edit:
    """Applies a block at each step of a sequence, or no longer so; other items are put into a block first.

    Raises EditError if nothing is selected.
    """
    found = chosen(design, paths)
    if not found:
        raise EditError("select a block, or the layers to apply at each step, first.")
    design, block, notes = _as_block(design, found)
    is_on = not getattr(find(design, block), "time_distributed", False)
    edit = set_field(design, [block], "time_distributed", is_on)
    return Edit(edit.design, f"Apply {labelled(list(found))} {'at each step' if is_on else 'once'}", (block,), notes)


def _as_block(design: Design, found: dict[ItemPath, Item]) -> tuple[Design, ItemPath, tuple[str, ...]]:
    """The block that is found, or one that is made of what is found; the design with it, and notes on that."""
    block = next(iter(found))
    if len(found) == 1 and isinstance(found[block], Block):
        return design, block, ()
    grouped = group(design, found)
    return grouped.design, grouped.focus[0], grouped.notes
