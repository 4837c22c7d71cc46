"""Makes a block of layers, and repeats it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from cnnstudio.core.edits.edit import Edit, EditError, labelled
from cnnstudio.core.edits.fields import set_field
from cnnstudio.core.edits.lists import Items, chosen, with_list
from cnnstudio.core.edits.naming import require_name
from cnnstudio.core.edits.rewiring import Feeds, connected, renamed, retaken_notes
from cnnstudio.core.network.design import BLOCK_INPUT, Block, Design, ItemPath, items_of, unused_name
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

    What flows into them first becomes `input` inside, and the rest further inputs of the block; what flows out must be
    the output of the last. Items between them that are not selected move above the block. EditError with the reason
    where connections do not allow it.
    """
    selected = _selected(design, paths)
    sources = _sources(selected)
    _require_one_end(selected)
    taken = taken_names(design, selected.parent)
    # A name that was typed is refused if it is taken; one that is made up just takes the next number.
    if name:
        require_name(name, taken - selected.own)
    name = name or unused_name("block", taken)
    above, passed, below = _parted(selected)
    entering = _entering(selected, sources)
    inner = connected(
        [item for item in selected.layers if item.name in selected.own],
        {item: renamed(selected.took[item], entering) for item in selected.names},
        inside=tuple(entering.values()),
        quietly=True,
    )
    block = Block(name=name, layers=inner, further_inputs=tuple(entering.values())[1:])
    ends = {selected.last: name}
    wanted = {item.name: renamed(selected.took[item.name], ends) for item in (*above, *passed, *below)}
    wanted[name] = sources
    layers = connected((*above, *passed, block, *below), wanted, inside=names_inside(design, selected.parent))
    moved = listed([f"'{item.name}'" for item in passed])
    taken_by_it = listed([f"'{source}'" for source in sources])
    notes = [f"The block takes {taken_by_it}."] if len(sources) > 1 else []
    notes += [f"{moved} moved above the block, out of the way."] if passed else []
    notes += retaken_notes(below, ends)
    result = with_list(design, selected.parent, layers)
    what = labelled([(selected_name,) for selected_name in selected.names])
    return Edit(result, f"Group {what} as {name}", ((*selected.parent, name),), tuple(notes))


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


def _require_one_end(selected: _Selected) -> None:
    """EditError if something outside takes another output than that of the last."""
    # Outside a block only its last output can be taken.
    inner = selected.own - {selected.last}
    for item in selected.layers:
        taken = inner.intersection(selected.took[item.name]) if item.name not in selected.own else ()
        if taken:
            raise EditError(
                f"'{item.name}' takes '{min(taken)}', and a block gives out only what its last layer does, here "
                f"'{selected.last}'; select '{item.name}' too, or fewer layers."
            )


def _parted(selected: _Selected) -> tuple[Items, Items, Items]:
    """The other items: those above the selection, those between its items, and those below it.

    Those between can move above it: they take none of the selected, as only the last of these is taken outside.
    """
    own = selected.own
    indices = [at for at, item in enumerate(selected.layers) if item.name in own]
    first, last = indices[0], indices[-1]
    between = tuple(item for item in selected.layers[first:last] if item.name not in own)
    return selected.layers[:first], between, selected.layers[last + 1 :]


def repeat(design: Design, paths: Iterable[ItemPath], times: Any) -> Edit:
    """Repeats a block so many times; other items are put into a block first.

    Raises EditError if nothing is selected.
    """
    found = chosen(design, paths)
    if not found:
        raise EditError("select a block, or the layers to repeat, first.")
    notes: tuple[str, ...] = ()
    what = labelled(list(found))
    block = next(iter(found))
    if len(found) > 1 or not isinstance(found[block], Block):
        grouped = group(design, found)
        design, notes, (block,) = grouped.design, grouped.notes, grouped.focus
    edit = set_field(design, [block], "repeat", times)
    return Edit(edit.design, f"Repeat {what} × {times}", (block,), notes)
