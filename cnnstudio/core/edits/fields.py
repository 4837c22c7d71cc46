"""Sets what items and the design itself say: fields, names, inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from msgspec import structs

from cnnstudio.core.edits.edit import Edit, EditError, labelled
from cnnstudio.core.edits.entering import require_structure, set_further_inputs
from cnnstudio.core.edits.lists import Items, chosen, with_list, with_lists
from cnnstudio.core.edits.naming import require_name
from cnnstudio.core.network.design import Block, Design, FurtherOutput, Item, ItemPath, find, items_of
from cnnstudio.core.network.field_arithmetic import worked_out
from cnnstudio.core.network.field_check import convert_value
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.core.network.problem import with_article
from cnnstudio.core.network.value_text import value_text
from cnnstudio.core.network.wiring import all_feeds, names_inside, taken_names


def set_field(design: Design, paths: Iterable[ItemPath], field: str, value: Any) -> Edit:
    """Sets a field of one or several items that have it; EditError with the reason if one of them refuses it."""
    found = chosen(design, paths)
    ordered = list(found)
    if field == "name" and len(ordered) == 1:
        return rename(design, ordered[0], value)
    if field == "further_inputs" and len(ordered) == 1:
        converted = convert_value(_declared(found[ordered[0]], field), value)
        return set_further_inputs(design, ordered[0], converted)
    changed: dict[ItemPath, Item] = {}
    words, shown = field.replace("_", " "), ""
    for path, item in found.items():
        declared = _declared(item, field)
        changed[path] = _with_value(item, declared, _along_all_axes(item, declared, value))
        words, shown = declared.words, value_text(getattr(changed[path], field)) or "none"
    if field == "further_outputs":
        require_structure(with_items(design, changed))
    label = f"Set {words} of {labelled(ordered)} to {shown}"
    # The undo stack joins commands of one key, so that turning a number up ten times is undone in one step.
    key = f"{field}:{'|'.join('/'.join(path) for path in ordered)}"
    return Edit(with_items(design, changed), label, tuple(ordered), (), key)


def work_out(design: Design, paths: Iterable[ItemPath], field: str, text: str) -> Edit:
    """Changes a field of one or several items by what was typed, such as `/2`: each from its own value.

    Raises EditError with the reason where that leads to no value of the field.
    """
    found = chosen(design, paths)
    changed: dict[ItemPath, Item] = {}
    words = field.replace("_", " ")
    for path, item in found.items():
        declared = _declared(item, field)
        words = declared.words
        try:
            value = worked_out(declared, text, getattr(item, field))
        except ValueError as error:
            raise EditError(str(error)) from None
        changed[path] = _with_value(item, declared, value)
    ordered = list(found)
    label = f"Change {words} of {labelled(ordered)} by {text.strip()}"
    if len(ordered) == 1:
        label = f"Set {words} of {labelled(ordered)} to {value_text(getattr(changed[ordered[0]], field))}"
    return Edit(with_items(design, changed), label, tuple(ordered))


def _declared(item: Item, field: str) -> Field:
    declared = next((candidate for candidate in fields_of(type(item)) if candidate.name == field), None)
    if declared is None:
        raise EditError(f"{with_article(item.type_name)} has no {field.replace('_', ' ')}.")
    return declared


def _along_all_axes(item: Item, declared: Field, value: Any) -> Any:
    """One integer for the size of a map as a size for each of its axes; a list with one makes a sequence of it.

    In a file an integer is the length of a sequence, where it cannot be the side of a map that is there.
    """
    sizes = getattr(item, declared.name)
    is_map = declared.name == "size" and declared.default == () and isinstance(sizes, tuple) and len(sizes) > 1
    return (value,) * len(sizes) if is_map and type(value) is int else value


def _with_value(item: Item, declared: Field, value: Any) -> Item:
    try:
        converted = convert_value(declared, value)
        return structs.replace(item, **{declared.name: converted})
    except ValueError as error:
        sentence = str(error)
        raise EditError(sentence if sentence.endswith((".", "?")) else f"{sentence}.") from None


def with_items(design: Design, changed: dict[ItemPath, Item]) -> Design:
    """The design with other items at these paths, none of which lies inside another."""
    lists: dict[ItemPath, dict[str, Item]] = {}
    for path, item in changed.items():
        lists.setdefault(path[:-1], {})[path[-1]] = item
    return with_lists(design, {parent: partial(_exchanged, items) for parent, items in lists.items()})


def _exchanged(changed: dict[str, Item], items: Items) -> Items:
    return tuple([changed.get(item.name, item) for item in items])


def rename(design: Design, path: ItemPath, name: str) -> Edit:
    """Gives an item another name; those that take it by name follow. EditError for a name that cannot be."""
    layers = items_of(design, path[:-1])
    if name != path[-1]:
        require_name(name, taken_names(design, path[:-1]))
    renamed = tuple(
        structs.replace(
            item,
            name=name if item.name == path[-1] else item.name,
            inputs=tuple(name if source == path[-1] else source for source in item.inputs),
        )
        for item in layers
    )
    result = with_list(design, path[:-1], renamed)
    if len(path) > 1:
        result = _given_as(design, result, path, name)
    return Edit(result, f"Rename {path[-1]} to {name}", ((*path[:-1], name),))


def _given_as(before: Design, after: Design, path: ItemPath, name: str) -> Design:
    """The design in which a block gives an item beside its output under the item's new name."""
    block = find(before, path[:-1])
    if path[-1] not in block.further_outputs:
        return after
    outputs = tuple([name if given == path[-1] else given for given in block.further_outputs])
    parent, around = path[:-2], []
    inside = names_inside(after, parent)
    took = all_feeds(items_of(after, parent), inside=inside)
    for item in items_of(after, parent):
        if isinstance(item, Block) and item.name == block.name:
            item = structs.replace(item, further_outputs=outputs)
        elif isinstance(item, FurtherOutput) and item.output == path[-1] and took[item.name] == (block.name,):
            item = structs.replace(item, output=name)
        around.append(item)
    return with_list(after, parent, tuple(around))


def set_inputs(design: Design, path: ItemPath, inputs: Sequence[str]) -> Edit:
    """Connects an item to earlier items of its list; EditError with the reason where that cannot be."""
    item = structs.replace(find(design, path), inputs=tuple(inputs))
    changed = with_items(design, {path: item})
    require_structure(changed)
    names = ", ".join(inputs) or "the layer before it"
    return Edit(changed, f"Connect {path[-1]} to {names}", (path,))


def set_memory(design: Design, setting: Setting | None) -> Edit:
    """Keeps the setting that memory is told for with the design, or none."""
    label = "Choose the setting of memory" if setting is not None else "Tell no memory"
    return Edit(structs.replace(design, memory=setting), label, (), (), "design:memory")


def set_design(design: Design, field: str, value: Any) -> Edit:
    """Sets the name, note, convention, element type or accepted warnings of the design itself.

    Raises EditError if the field does not take the value.
    """
    declared = next(candidate for candidate in fields_of(Design) if candidate.name == field)
    try:
        changed = structs.replace(design, **{field: convert_value(declared, value)})
    except ValueError as error:
        raise EditError(f"{error}.") from None
    shown = value_text(getattr(changed, field)) or "none"
    return Edit(changed, f"Set {declared.words} to {shown}", (), (), f"design:{field}")
