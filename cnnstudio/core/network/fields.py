"""The declared fields of a struct: one declaration that forms, tables, files, their schema and the manual read."""

from __future__ import annotations

import types
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, UNSET, Meta, Struct, structs

Kind = Literal[
    "text",
    "integer",
    "number",
    "switch",
    "choice",
    "sizes",
    "padding",
    "names",
    "table",
    "words",
    "texts",
    "mapping",
]
"""The kinds of values: of a list `names` are layers, `words` are choices, `texts` any."""


class Field(Struct, frozen=True):
    """The declaration of one field, for forms, tables and the manual.

    `kind` says which editor fits; `choices` are the words of a `choice`, or of the list `words`; `minimum` and
    `maximum` bound each number.
    """

    name: str
    title: str
    help: str
    kind: Kind
    default: Any
    required: bool
    optional: bool
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    hint: Any = None

    @property
    def words(self) -> str:
        """The title in the middle of a sentence: `kernel size`."""
        is_initials = self.title[1:2].isupper()
        return self.title if is_initials else self.title[0].lower() + self.title[1:]


FIRST_FIELDS = (
    "name",
    "filters",
    "units",
    "kernel_size",
    "pool_size",
    "stride",
    "padding",
    "dilation",
    "groups",
    "bias",
)
FUNCTION_CONSTANTS = (
    *("epsilon", "momentum", "slope", "alpha", "beta", "k"),
    *("approximate", "align_corners", "count_padding"),
)
"""Fields that only the computed function needs: kept for exchange with the frameworks, and ignored by counting."""
LAST_FIELDS = (
    *FUNCTION_CONSTANTS,
    *("activation", "padding_mode", "connections", "inputs", "further_inputs", "further_outputs"),
    *("shares", "trainable", "label", "note", "layers"),
)


@cache
def fields_of(struct_type: type[Struct]) -> tuple[Field, ...]:
    """The declared fields, in the order of files and forms: what matters most first, what every layer has last.

    Comments are none: they stand beside the fields of a file.
    """
    hints = get_type_hints(struct_type, include_extras=True)
    fields = [field for field in structs.fields(struct_type) if field.name != "comments"]
    declared = [_field(field.name, hints[field.name], field) for field in fields]
    first = {name: place - len(FIRST_FIELDS) for place, name in enumerate(FIRST_FIELDS)}
    last = {name: place + 1 for place, name in enumerate(LAST_FIELDS)}
    # Negative before, positive after: sorting is stable, so that the fields in between keep the order of their class.
    return tuple(sorted(declared, key=lambda field: first.get(field.name) or last.get(field.name, 0)))


def _field(name: str, hint: Any, info: structs.FieldInfo) -> Field:
    metas, leaves = _unfold(hint)
    titles = [meta.title for meta in metas if meta.title]
    helps = [meta.description for meta in metas if meta.description]
    required = info.default is NODEFAULT
    minimums = [bound for meta in metas for bound in (meta.ge, meta.gt) if bound is not None]
    maximums = [meta.le for meta in metas if meta.le is not None]
    return Field(
        name,
        titles[0] if titles else name.replace("_", " ").capitalize(),
        helps[0] if helps else "",
        _kind(name, leaves),
        UNSET if required else info.default,
        required,
        type(None) in leaves,
        minimums[0] if minimums else None,
        maximums[0] if maximums else None,
        _words(leaves),
        hint,
    )


def _unfold(hint: Any) -> tuple[list[Meta], list[Any]]:
    """The metadata of a hint, outermost first, and the plain types of its union."""
    if get_origin(hint) is Annotated:
        inner, *metas = get_args(hint)
        deeper, leaves = _unfold(inner)
        return [*reversed([meta for meta in metas if isinstance(meta, Meta)]), *deeper], leaves
    if get_origin(hint) in (Union, types.UnionType):
        parts = [_unfold(part) for part in get_args(hint)]
        return [meta for metas, _ in parts for meta in metas], [leaf for _, leaves in parts for leaf in leaves]
    return [], [hint]


def struct_of(leaves: Iterable[Any]) -> type[Struct] | None:
    """The struct among the plain types of a hint, None if it has none."""
    return next((leaf for leaf in leaves if isinstance(leaf, type) and issubclass(leaf, Struct)), None)


def struct_in(field: Field) -> type[Struct]:
    """The struct that a field of the kind `mapping` holds."""
    found = struct_of(_unfold(field.hint)[1])
    assert found is not None
    return found


def _inside(array: Any) -> list[Any]:
    """The plain types of what a tuple holds."""
    return [leaf for part in get_args(array) if part is not ... for leaf in _unfold(part)[1]]


def _words(leaves: list[Any]) -> tuple[str, ...]:
    """The words that a value may be, or may be a list of."""
    held = [leaf for array in leaves if get_origin(array) is tuple for leaf in _inside(array)]
    return tuple(word for leaf in (*leaves, *held) if get_origin(leaf) is Literal for word in get_args(leaf))


def _kind(name: str, leaves: list[Any]) -> Any:
    arrays = [leaf for leaf in leaves if get_origin(leaf) is tuple]
    words = [leaf for leaf in leaves if get_origin(leaf) is Literal]
    if arrays:
        if name in ("inputs", "further_inputs", "further_outputs"):
            return "names"
        if int not in leaves:
            nested = _inside(arrays[0])
            if any(get_origin(leaf) is Literal for leaf in nested):
                return "words"
            if str in nested:
                return "texts"
            return "table" if any(get_origin(leaf) is tuple for leaf in nested) else "sizes"
        return "padding" if words or name in ("padding", "cropping") else "sizes"
    if struct_of(leaves) is not None:
        return "mapping"
    if words:
        return "choice"
    if bool in leaves:
        return "switch"
    if float in leaves:
        return "number"
    return "integer" if int in leaves else "text"
