"""Names for what comes into a list, unique there."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.core.edits.edit import EditError
from cnnstudio.core.edits.lists import Items
from cnnstudio.core.network.design import BLOCK_INPUT, Block, unused_name, with_names
from cnnstudio.core.network.field_check import convert_value
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import natural_name


def fresh(items: Items, taken: set[str]) -> tuple[Items, tuple[str, ...]]:
    """The items under names that are not taken, references among them kept; and a note for each that was renamed."""
    names: dict[str, str] = {}
    counters: dict[str, int] = {}
    notes: list[str] = []
    used = set(taken)
    renamed = []
    for item in _named(items, taken):
        # By the names given so far: copies that name each other must go on naming the copies and not the originals.
        inputs = tuple(names.get(source, source) for source in item.inputs)
        name = item.name
        if name in used or name == BLOCK_INPUT:
            name = unused_name(_stem(name), used, counters)
            notes.append(f"'{item.name}' is now called '{name}', because that name is taken.")
        used.add(name)
        names[item.name] = name
        renamed.append(structs.replace(item, name=name, inputs=inputs))
    return tuple(renamed), tuple(notes)


def _named(items: Items, taken: set[str]) -> Items:
    used = taken | {item.name for item in items}
    counters: dict[str, int] = {}
    named = [
        item if item.name else structs.replace(item, name=unused_name(natural_name(item.type_name), used, counters))
        for item in items
    ]
    return with_names(tuple(named))


def _stem(name: str) -> str:
    """`conv` of `conv_3`, so that a copy becomes `conv_4` and not `conv_3_1`."""
    # The number counts only after an underscore, which is how made-up names are built; `conv1` is a name of its own.
    stem, _, number = name.rpartition("_")
    return stem if stem and number.isdecimal() else name


def require_name(name: str, taken: set[str]) -> None:
    """EditError with the reason if an item of a list cannot have this name."""
    if not name.strip() or not name.isprintable():
        raise EditError("a name is one line of visible characters.")
    if name == BLOCK_INPUT:
        raise EditError("'input' is reserved for what flows into a block; use another name.")
    if name in taken:
        raise EditError(f"the name '{name}' is taken; names are unique in a list.")
    try:
        convert_value(next(field for field in fields_of(Block) if field.name == "name"), name)
    except ValueError as error:
        raise EditError(f"{error}.") from None
