"""Makes a layer one of another type in its place, keeping its name, its wiring, and what both types say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import structs

from cnnstudio.core.edits.edit import Edit, EditError, labelled
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.edits.lists import chosen
from cnnstudio.core.network.design import Block, Design, Item, ItemPath
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.problem import listed, with_article
from cnnstudio.layers import LAYER_TYPES

SAME_MEANING: Final = (("filters", "units"), ("kernel_size", "pool_size"))
"""Fields that say the same of different types."""


def change_type(design: Design, paths: Iterable[ItemPath], type_name: str) -> Edit:
    """Makes layers of the named type: what both types have stays, what only the new one needs it starts with.

    What the new type has no field for is dropped, and the edit says so. Raises EditError for a block, for a type that
    does not exist, and where the layer takes more inputs than the new type does, or names fewer
    than it needs.
    """
    wanted = LAYER_TYPES.get(type_name)
    if wanted is None:
        raise EditError(f"there is no layer type {type_name}.")
    found = chosen(design, paths)
    changed: dict[ItemPath, Item] = {}
    dropped: dict[str, None] = {}
    for path, item in found.items():
        changed[path], lost = _as_type(item, wanted)
        dropped.update(dict.fromkeys(lost))
    label = f"Make {labelled(list(found))} {with_article(type_name)}"
    gone = "which are gone" if len(dropped) > 1 else "which is gone"
    notes = (f"{type_name} has no {listed(list(dropped))}, {gone}.",) if dropped else ()
    return Edit(with_items(design, changed), label, tuple(found), notes)


def _as_type(item: Item, wanted: type[Layer]) -> tuple[Layer, list[str]]:
    """The layer as one of another type, and the words of the fields that were set and are gone."""
    if isinstance(item, Block):
        raise EditError(f"'{item.name}' is a block, which has no other type.")
    most = wanted.max_inputs
    if most is not None and len(item.inputs) > most:
        raise EditError(f"'{item.name}' takes {len(item.inputs)} inputs, and {wanted.__name__} takes {most} at most.")
    # A list that names too few inputs could be saved, and not be read again.
    if 0 < len(item.inputs) < wanted.min_inputs:
        count = len(item.inputs)
        taken = f"{count} input" if count == 1 else f"{count} inputs"
        raise EditError(f"'{item.name}' takes {taken}, and {wanted.__name__} needs {wanted.min_inputs} at least.")
    declared = {field.name for field in fields_of(wanted)}
    given, stated = _values(item, declared), _stated(item)
    # From the palette's values, because a type may need fields that the old one does not have.
    values = dict(wanted.starts_with)
    lost = []
    for name, value in given.items():
        # One by one: a value that the new type refuses must not take those with it that fit.
        if name in declared and _accepts(wanted, {**values, name: value}):
            values[name] = value
        elif name in stated:
            lost.append(name.replace("_", " "))
    return structs.replace(msgspec.convert(values, wanted), comments=item.comments), lost


def _values(layer: Layer, declared: set[str]) -> dict[str, Any]:
    """The values of a layer's fields, by the names that the new type has for them."""
    given: dict[str, Any] = msgspec.to_builtins(layer)
    for beside in ("type", "comments"):
        given.pop(beside, None)
    if given.get("stride", 0) is None and "pool_size" not in declared:
        # Left out, the stride of a pool is the size of its window; of a convolution it is 1.
        given["stride"] = given.get("pool_size", 1)
    for pair in SAME_MEANING:
        for mine, other in (pair, pair[::-1]):
            if mine in given and mine not in declared and other in declared:
                given[other] = given.pop(mine)
    return given


def _stated(layer: Layer) -> set[str]:
    """The fields that a layer sets other than to their defaults, those that it must set included."""
    fields = structs.fields(type(layer))
    return {
        field.name
        for field in fields
        if field.default is msgspec.NODEFAULT or getattr(layer, field.name) != field.default
    }


def _accepts(wanted: type[Layer], values: dict[str, Any]) -> bool:
    try:
        msgspec.convert(values, wanted)
    except (msgspec.ValidationError, ValueError):
        return False
    return True


def types_beside(layer: Item) -> tuple[str, ...]:
    """The other types of a layer's family, in the order of the palette: what one exchanges it for most often."""
    return tuple(
        name for name, other in LAYER_TYPES.items() if other.family == layer.family and other is not type(layer)
    )
