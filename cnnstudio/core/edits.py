"""The edits of a design: pure functions that return the new design, and say what they did.

Every edit leaves a valid design. Where one has to change connections besides what was asked for, it says so in
`Edit.notes`; nothing is rewired silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, structs

from cnnstudio.core.columns import value_text
from cnnstudio.core.design import (
    BLOCK_INPUT,
    Block,
    Design,
    Item,
    ItemPath,
    find,
    structure_faults,
    unused_name,
    with_names,
)
from cnnstudio.core.layer import fields_of, natural_name
from cnnstudio.core.values import convert_value


class Edit(Struct, frozen=True):
    """A new design, what was done in the imperative, the items concerned, and what had to change besides.

    `focus` are the items to select afterwards. Edits with the same `key` that follow each other are one step of undo.
    """

    design: Design
    label: str
    focus: tuple[ItemPath, ...] = ()
    notes: tuple[str, ...] = ()
    key: str = ""


class EditError(ValueError):
    """An edit is not possible; the text is the sentence for the user."""


Place = tuple[ItemPath, int]
"""A place in a list: the path of the block that holds it, () for the design itself, and the index in it."""


def items_of(design: Design, parent: ItemPath) -> tuple[Item, ...]:
    """The list below a block, or the design's own for (); KeyError if there is no such block."""
    if not parent:
        return design.layers
    block = find(design, parent)
    if not isinstance(block, Block):
        raise KeyError(parent)
    return block.layers


def index_of(design: Design, path: ItemPath) -> int:
    """The index of an item in its list; KeyError if it is not there."""
    for index, item in enumerate(items_of(design, path[:-1])):
        if item.name == path[-1]:
            return index
    raise KeyError(path)


def _with_list(design: Design, parent: ItemPath, items: tuple[Item, ...]) -> Design:
    """The design with the list below `parent` replaced."""
    return structs.replace(design, layers=_replaced(design.layers, parent, items))


def _replaced(layers: tuple[Item, ...], parent: ItemPath, items: tuple[Item, ...]) -> tuple[Item, ...]:
    if not parent:
        return items
    return tuple(
        structs.replace(item, layers=_replaced(item.layers, parent[1:], items))
        if item.name == parent[0] and isinstance(item, Block)
        else item
        for item in layers
    )


def in_order(design: Design, paths: Iterable[ItemPath]) -> list[ItemPath]:
    """The paths in the order of the list, without doubles, and without what lies inside another of them."""
    wanted = set(paths)
    outer = [path for path in wanted if not any(path[:depth] in wanted for depth in range(1, len(path)))]
    return sorted(outer, key=lambda path: [index_of(design, path[:depth]) for depth in range(1, len(path) + 1)])


def insert(design: Design, place: Place, items: Sequence[Item]) -> Edit:
    """Puts items into a list; names that are taken or missing get the next free one, inputs follow."""
    parent, index = place
    layers = items_of(design, parent)
    index = max(0, min(index, len(layers)))
    fresh, renamed = _fresh(tuple(items), {item.name for item in layers})
    merged, notes = _repaired((*layers[:index], *fresh, *layers[index:]), inside=bool(parent))
    what = _names(fresh) if len(fresh) == 1 else f"{len(fresh)} layers"
    focus = tuple((*parent, item.name) for item in fresh)
    return Edit(_with_list(design, parent, merged), f"Add {what}", focus, (*renamed, *notes))


def _fresh(items: tuple[Item, ...], taken: set[str]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The items under names that are not taken, references among them kept; and a note for each that was renamed."""
    names: dict[str, str] = {}
    notes: list[str] = []
    used = set(taken)
    fresh: list[Item] = []
    for item in _named(items, taken):
        inputs = tuple(names.get(one, one) for one in item.inputs)
        name = item.name
        if name in used or name == BLOCK_INPUT:
            name = unused_name(_stem(name), used)
            notes.append(f"'{item.name}' is now called '{name}', because that name is taken.")
        used.add(name)
        names[item.name] = name
        fresh.append(structs.replace(item, name=name, inputs=inputs))
    return tuple(fresh), tuple(notes)


def _named(items: tuple[Item, ...], taken: set[str]) -> tuple[Item, ...]:
    used = taken | {item.name for item in items}
    named = [
        item if item.name else structs.replace(item, name=unused_name(natural_name(item.type_name), used))
        for item in items
    ]
    return with_names(tuple(named))


def _stem(name: str) -> str:
    """`conv` of `conv_3`, so that a copy becomes `conv_4` and not `conv_3_1`."""
    stem, _, number = name.rpartition("_")
    return stem if stem and number.isdecimal() else name


def _repaired(items: tuple[Item, ...], *, inside: bool) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The items without inputs that no longer name something earlier, and a note for each that lost one."""
    known = {BLOCK_INPUT} if inside else set()
    repaired: list[Item] = []
    notes: list[str] = []
    for item in items:
        kept = tuple(name for name in item.inputs if name in known)
        fewest = 1 if isinstance(item, Block) else item.fewest_inputs
        if kept != item.inputs or 0 < len(kept) < fewest:
            kept = kept if len(kept) >= fewest else _filled(kept, repaired, fewest, inside=inside)
            now = f"takes {' and '.join(repr(name) for name in kept)}" if kept else "takes the layer before it"
            notes.append(f"'{item.name}' has lost a connection and now {now}.")
            item = structs.replace(item, inputs=kept)
        repaired.append(item)
        known.add(item.name)
    return tuple(repaired), tuple(notes)


def _filled(kept: tuple[str, ...], before: list[Item], fewest: int, *, inside: bool) -> tuple[str, ...]:
    """Enough inputs for a merge that lost some: the nearest earlier items; () if there are too few."""
    names = ([BLOCK_INPUT] if inside else []) + [item.name for item in before]
    spare = [name for name in names if name not in kept]
    filled = (*spare[len(spare) - (fewest - len(kept)) :], *kept) if fewest > 1 else ()
    return filled if len(filled) >= fewest else ()


def _labelled(paths: list[ItemPath]) -> str:
    return paths[0][-1] if len(paths) == 1 else f"{len(paths)} layers"


def _names(items: Sequence[Item]) -> str:
    return items[0].name if len(items) == 1 else f"{len(items)} layers"


def remove(design: Design, paths: Iterable[ItemPath]) -> Edit:
    """Deletes items. Whoever took one of them by name takes its input instead, so that the chain closes."""
    ordered = in_order(design, paths)
    if not ordered:
        raise EditError("select the layers to delete first.")
    notes: list[str] = []
    changed = design
    for path in reversed(ordered):
        changed, said = _without(changed, path)
        notes += said
    return Edit(changed, f"Delete {_labelled(ordered)}", (_neighbour(design, changed, ordered),), tuple(notes))


def _without(design: Design, path: ItemPath) -> tuple[Design, list[str]]:
    parent, index = path[:-1], index_of(design, path)
    layers = items_of(design, parent)
    if parent and len(layers) == 1:
        raise EditError(f"'{path[-1]}' is all there is in the block '{parent[-1]}'; delete the block instead.")
    rest, notes = _closed(layers, index, inside=bool(parent))
    rest, repairs = _repaired(rest, inside=bool(parent))
    return _with_list(design, parent, rest), [*notes, *repairs]


def _closed(layers: tuple[Item, ...], index: int, *, inside: bool) -> tuple[tuple[Item, ...], list[str]]:
    """The list without one item, whose takers take its input."""
    gone = layers[index]
    before = (layers[index - 1].name,) if index else ((BLOCK_INPUT,) if inside else ())
    feeds = gone.inputs or before
    rest: list[Item] = list(layers[:index])
    notes: list[str] = []
    for offset, item in enumerate(layers[index + 1 :]):
        if gone.name in item.inputs:
            inputs = tuple(feed for name in item.inputs for feed in (feeds[:1] if name == gone.name else (name,)))
            instead = f"'{feeds[0]}'" if feeds else "nothing"
            notes.append(f"'{item.name}' took '{gone.name}' and now takes {instead}.")
            item = structs.replace(item, inputs=inputs)
        elif offset == 0 and not item.inputs and gone.inputs and _takes_input(item):
            item = structs.replace(item, inputs=gone.inputs[:1])
        rest.append(item)
    return tuple(rest), notes


def _takes_input(item: Item) -> bool:
    return isinstance(item, Block) or item.most_inputs != 0


def _neighbour(before: Design, after: Design, gone: list[ItemPath]) -> ItemPath:
    """What to select after a deletion: what now stands where the first deleted item stood, or the one above."""
    parent, index = gone[0][:-1], index_of(before, gone[0])
    left = items_of(after, parent)
    return (*parent, left[min(index, len(left) - 1)].name) if left else parent


def move(design: Design, paths: Iterable[ItemPath], place: Place) -> Edit:
    """Moves items to a place in a list; the index counts the list before the move. EditError into itself."""
    ordered = in_order(design, paths)
    parent, index = place
    for path in ordered:
        if parent[: len(path)] == path:
            raise EditError(f"'{path[-1]}' cannot be moved into itself.")
    moved = tuple(find(design, path) for path in ordered)
    layers = items_of(design, parent)
    staying = [item for item in layers[:index] if (*parent, item.name) not in ordered]
    changed, notes = design, []
    for path in reversed(ordered):
        changed, said = _taken_out(changed, path)
        notes += said
    rest = items_of(changed, parent)
    at = len(staying)
    foreign = any(path[:-1] != parent for path in ordered)
    fresh, renamed = _fresh(moved, {item.name for item in rest}) if foreign else (moved, ())
    merged, repairs = _repaired((*rest[:at], *fresh, *rest[at:]), inside=bool(parent))
    result = _with_list(changed, parent, merged)
    result, more = _all_repaired(result, {path[:-1] for path in ordered} - {parent})
    above = rest[at - 1].name if at else ""
    label = f"Move {_labelled(ordered)} " + (f"below {above}" if above else "to the top")
    focus = tuple((*parent, item.name) for item in fresh)
    return Edit(result, label, focus, (*notes, *renamed, *repairs, *more))


def _taken_out(design: Design, path: ItemPath) -> tuple[Design, list[str]]:
    """The design without an item that will be put back elsewhere: those that name it keep doing so for now."""
    parent = path[:-1]
    layers = items_of(design, parent)
    if parent and len(layers) == 1:
        raise EditError(f"'{path[-1]}' is all there is in the block '{parent[-1]}'; move the block instead.")
    index = index_of(design, path)
    rest = list(layers[:index] + layers[index + 1 :])
    gone = layers[index]
    if index < len(rest) and gone.inputs and not rest[index].inputs and _takes_input(rest[index]):
        rest[index] = structs.replace(rest[index], inputs=gone.inputs[:1])
    return _with_list(design, parent, tuple(rest)), []


def _all_repaired(design: Design, parents: set[ItemPath]) -> tuple[Design, tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    for parent in parents:
        repaired, said = _repaired(items_of(design, parent), inside=bool(parent))
        design = _with_list(design, parent, repaired)
        notes += said
    return design, notes


def move_by(design: Design, paths: Iterable[ItemPath], step: int) -> Edit:
    """Moves items of one list up (-1) or down (+1) by one row; EditError where there is no room."""
    ordered = in_order(design, paths)
    if not ordered or any(path[:-1] != ordered[0][:-1] for path in ordered):
        raise EditError("select layers of one list to move them.")
    parent = ordered[0][:-1]
    indices = [index_of(design, path) for path in ordered]
    last = len(items_of(design, parent)) - 1
    if (step < 0 and indices[0] == 0) or (step > 0 and indices[-1] == last):
        raise EditError("there is no row to move to.")
    target = indices[0] - 1 if step < 0 else indices[-1] + 2
    return move(design, ordered, (parent, target))


def duplicate(design: Design, paths: Iterable[ItemPath], place: Place | None = None) -> Edit:
    """Puts copies of the items below the last of them, or at a place; the copies keep connections among themselves."""
    ordered = in_order(design, paths)
    if not ordered:
        raise EditError("select the layers to duplicate first.")
    last = ordered[-1]
    copies = [find(design, path) for path in ordered]
    at = place or (last[:-1], index_of(design, last) + 1)
    edit = insert(design, at, copies)
    return structs.replace(edit, label=f"Duplicate {_labelled(ordered)}", notes=())


def set_field(design: Design, paths: Iterable[ItemPath], field: str, value: Any) -> Edit:
    """Sets a field of one or several items that have it; EditError with the reason if one of them refuses it."""
    ordered = in_order(design, paths)
    if field == "name" and len(ordered) == 1:
        return rename(design, ordered[0], value)
    changed = design
    words, shown = field.replace("_", " "), ""
    for path in ordered:
        item = find(design, path)
        declared = next((one for one in fields_of(type(item)) if one.name == field), None)
        if declared is None:
            raise EditError(f"a {item.type_name} has no {words}.")
        item = _with_value(item, declared, value)
        changed = _with_item(changed, path, item)
        words, shown = declared.words, value_text(getattr(item, field)) or "none"
    label = f"Set {words} of {_labelled(ordered)} to {shown}"
    key = f"{field}:{'|'.join('/'.join(path) for path in ordered)}"
    return Edit(changed, label, tuple(ordered), (), key)


def _with_value(item: Item, declared: Any, value: Any) -> Item:
    try:
        converted = convert_value(declared, value)
        return structs.replace(item, **{declared.name: converted})
    except ValueError as error:
        sentence = str(error)
        raise EditError(sentence if sentence.endswith((".", "?")) else f"{sentence}.") from None


def _with_item(design: Design, path: ItemPath, item: Item) -> Design:
    layers = items_of(design, path[:-1])
    index = index_of(design, path)
    return _with_list(design, path[:-1], (*layers[:index], item, *layers[index + 1 :]))


def rename(design: Design, path: ItemPath, name: str) -> Edit:
    """Gives an item another name; those that take it by name follow. EditError for a name that cannot be."""
    layers = items_of(design, path[:-1])
    if name != path[-1]:
        _require_name(name, {item.name for item in layers})
    renamed = tuple(
        structs.replace(
            item,
            name=name if item.name == path[-1] else item.name,
            inputs=tuple(name if one == path[-1] else one for one in item.inputs),
        )
        for item in layers
    )
    result = _with_list(design, path[:-1], renamed)
    return Edit(result, f"Rename {path[-1]} to {name}", ((*path[:-1], name),))


def _require_name(name: str, taken: set[str]) -> None:
    if not name.strip() or not name.isprintable():
        raise EditError("a name is one line of visible characters.")
    if name == BLOCK_INPUT:
        raise EditError("'input' is reserved for what flows into a block; use another name.")
    if name in taken:
        raise EditError(f"the name '{name}' is taken; names are unique in a list.")
    longest = next(field for field in fields_of(Block) if field.name == "name")
    _converted(longest, name)


def _converted(declared: Any, value: Any) -> Any:
    try:
        return convert_value(declared, value)
    except ValueError as error:
        raise EditError(f"{error}.") from None


def set_inputs(design: Design, path: ItemPath, inputs: Sequence[str]) -> Edit:
    """Connects an item to earlier items of its list; EditError with the reason where that cannot be."""
    item = structs.replace(find(design, path), inputs=tuple(inputs))
    changed = _with_item(design, path, item)
    fault = next(structure_faults(changed.layers), None)
    if fault is not None:
        raise EditError(f"{fault.sentence}.")
    names = ", ".join(inputs) or "the layer before it"
    return Edit(changed, f"Connect {path[-1]} to {names}", (path,))


def set_design(design: Design, field: str, value: Any) -> Edit:
    """Sets the name, note, convention or element type of the design itself."""
    declared = next(one for one in fields_of(Design) if one.name == field)
    changed = structs.replace(design, **{field: _converted(declared, value)})
    return Edit(changed, f"Set {declared.words} to {value}", (), (), f"design:{field}")
