"""The content of an inspector for a selection: the items, the fields that they share, the values; and the edit
of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct, structs

from cnnstudio.core.edits import Edit, chosen, rename, set_design, set_field, set_inputs, work_out
from cnnstudio.core.network.design import Design, Item, ItemPath
from cnnstudio.core.network.field_text import field_text
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.core.network.layer import Layer

_IMPLIED: Final = {
    "connections": "each filter sees every channel",
    "stop": "to the end",
    "macs": "unknown",
    "accepted": "warn of everything",
}
"""The consequence of an empty field, where `none` would say too little."""
_ELSEWHERE: Final = ("layers", "label", "memory", "budgets")
"""Fields that are edited where they are seen: in the list, in the diagram, beside memory, in a dialog."""
OF_ONE = ("name", "inputs", "further_inputs", "further_outputs")
"""Fields that mean something for one item alone."""


class _Different(Enum):
    DIFFERENT = "different"


DIFFERENT: Final = _Different.DIFFERENT
"""Stands for the value of a field that several items do not agree on."""


class InspectedItems(Struct, frozen=True):
    """The selected items, or the design itself where nothing is selected, with the fields that they share."""

    design: Design
    paths: tuple[ItemPath, ...]
    items: tuple[Item, ...]
    fields: tuple[Field, ...]

    @property
    def owners(self) -> tuple[Item | Design, ...]:
        """Whose fields they are."""
        return self.items or (self.design,)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types of the items, each once, in the order of the list; () for the design."""
        return tuple(dict.fromkeys(item.type_name for item in self.items))

    @property
    def form(self) -> tuple[object, ...]:
        """Subjects with an equal key have the same fields, and can be shown in the same form."""
        return (len(self.items) > 1, *sorted(self.kinds))

    def value(self, field: Field) -> Any:
        """The value of a field, DIFFERENT where the items do not agree on it."""
        values = [getattr(owner, field.name) for owner in self.owners]
        return values[0] if all(value == values[0] for value in values[1:]) else DIFFERENT

    def edit(self, design: Design, field: Field, value: Any) -> Edit:
        """The edit that gives all of them a value; EditError with the reason where that cannot be."""
        if not self.paths:
            return set_design(design, field.name, value)
        if len(self.paths) == 1 and field.name == "name":
            return rename(design, self.paths[0], value)
        if len(self.paths) == 1 and field.name == "inputs":
            return set_inputs(design, self.paths[0], value)
        return set_field(design, self.paths, field.name, value)

    def work_out(self, design: Design, field: Field, text: str) -> Edit:
        """The edit that changes the field of each by what was typed; EditError with the reason where it cannot."""
        return work_out(design, self.paths, field.name, text)


def subject_of(design: Design, selection: Sequence[ItemPath]) -> InspectedItems:
    """The subject that a selection is; a layer inside a selected block belongs to the block."""
    found = chosen(design, selection)
    paths, items = tuple(found), tuple(found.values())
    types = tuple(sorted({type(item) for item in items}, key=lambda item_type: item_type.__name__))
    return InspectedItems(design, paths, items, shared_fields(types or (Design,), is_one=len(items) < 2))


@lru_cache(maxsize=256)
def shared_fields(types: tuple[type[Struct], ...], *, is_one: bool) -> tuple[Field, ...]:
    """The fields that all of these types have, each with the bounds and choices that suit all of them."""
    declared = [{field.name: field for field in fields_of(item_type)} for item_type in types]
    names = [name for name in declared[0] if all(name in fields for fields in declared)]
    joined = [_joined([fields[name] for fields in declared]) for name in names if name not in _ELSEWHERE]
    shown = [field for field in joined if field is not None and (is_one or field.name not in OF_ONE)]
    takes_inputs = all(getattr(item_type, "max_inputs", None) != 0 for item_type in types)
    learns = any(map(_can_learn, types))
    # Layers of unlike types never have the same weights.
    offers = (("inputs", takes_inputs), ("trainable", learns), ("shares", len(types) == 1))
    left_out = {name for name, is_offered in offers if not is_offered}
    return tuple(field for field in shown if field.name not in left_out)


def _can_learn(item_type: type[Struct]) -> bool:
    """True if layers of a type may have parameters: a type that never has says why."""
    is_silent = getattr(item_type, "learns_nothing", "") == Layer.learns_nothing
    return is_silent or "parameters" in item_type.__struct_fields__


def implied_text(subject: InspectedItems, field: Field) -> str:
    """The consequence of leaving an optional field empty, in a word or two; empty where that is nothing at all."""
    if field.name == "stride" and (sizes := {getattr(owner, "pool_size", None) for owner in subject.owners}) != {None}:
        size = field_text(field, sizes.pop()) if len(sizes) == 1 else ""
        return f"{size} (= pool size)" if size else "= pool size"
    if field.name in ("size", "scale"):
        scales = all(hasattr(owner, "scale") for owner in subject.owners)
        return {"size": "by the scale", "scale": "by the size"}[field.name] if scales else "a vector"
    return _IMPLIED.get(field.name, "")


def _joined(fields: list[Field]) -> Field | None:
    """One declaration for fields of the same name; None if they are not of the same kind."""
    if len({field.kind for field in fields}) > 1:
        return None
    strictest = min(fields, key=lambda field: (field.optional, len(field.choices)))
    choices = tuple(word for word in strictest.choices if all(word in field.choices for field in fields))
    minimums = [field.minimum for field in fields if field.minimum is not None]
    maximums = [field.maximum for field in fields if field.maximum is not None]
    return structs.replace(
        strictest,
        choices=choices,
        minimum=max(minimums, default=None),
        maximum=min(maximums, default=None),
    )


def readable(field: Field, sentence: str) -> str:
    """The sentence of a refusal for people who see the field's title and not its name in the file."""
    words = sentence.replace(field.name, field.words) if "_" in field.name else sentence
    return f"{words[:1].upper()}{words[1:]}"
