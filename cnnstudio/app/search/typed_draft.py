"""One layer of a typed line, while it is being read and as it was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from cnnstudio.core.network.field_text import parse_field
from cnnstudio.core.network.fields import FUNCTION_CONSTANTS, Field, fields_of
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.value_text import value_text
from cnnstudio.formats.building_blocks import BuildingBlock
from cnnstudio.layers import LAYER_TYPES

_IN_ORDER: Final = ("filters", "units", "kernel_size", "pool_size", "stride", "padding")
"""Fields that plain numbers fill, where a layer has them; else those that a new layer must be given."""
NUMERIC: Final = ("integer", "number", "sizes", "padding")
"""Kinds of fields that a number may fill."""


_OF_FUNCTIONS: Final = {"leaky_relu": ("slope",), "elu": ("alpha",), "celu": ("alpha",)}
"""Fields that plain numbers fill in an activation."""


class TypedLayer(Struct, frozen=True):
    """A layer, or a building block, as it was typed; `said` are the fields that were."""

    item: Layer | BuildingBlock
    said: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the type or of the building block."""
        return self.item.name if isinstance(self.item, BuildingBlock) else self.item.type_name

    @property
    def words(self) -> str:
        """`filters 60, kernel size 7, padding valid`: what was typed, and what else is not by default."""
        if isinstance(self.item, BuildingBlock):
            return self.item.help_line
        shown = [field for field in fields_of(type(self.item)) if self._tells(field)]
        return ", ".join(f"{field.words} {value_text(getattr(self.item, field.name))}" for field in shown)

    def _tells(self, field: Field) -> bool:
        return field.name in self.said or getattr(self.item, field.name) != field.default


class Draft:
    """A layer that is being read."""

    def __init__(
        self, type_name: str, fields: dict[str, Any], rank: int, unstated: Sequence[tuple[str, Any]] = ()
    ) -> None:
        self.type_name = type_name
        self.given: dict[str, Any] = dict(fields)
        self.unstated = dict(unstated)
        self.said: list[str] = list(fields)
        self.implied = set(fields)
        self.times = 1
        self.leads = False
        self.rank = rank

    @property
    def fields(self) -> dict[str, Field]:
        """Its fields, by name."""
        return {field.name: field for field in fields_of(LAYER_TYPES[self.type_name])}

    def set(self, name: str, text: str) -> None:
        """Takes a value for a field; ValueError with a sentence where that cannot be, or is said twice."""
        if name in self.said and name not in ("size", *self.implied):
            raise ValueError(f"{self.fields[name].title} of {self.type_name} is given twice.")
        self.given[name] = parse_field(self.fields[name], text)
        self.said.append(name)
        self.implied.discard(name)

    def open_numbers(self) -> list[str]:
        """The fields that the next plain number may fill."""
        layer_type = LAYER_TYPES[self.type_name]
        if self.type_name == "Activation":
            # An axis is no number that anybody types: in `softmax 10` it would be the classes.
            return [name for name in _OF_FUNCTIONS.get(self.given.get("function", ""), ()) if name not in self.said]
        usual = [name for name in _IN_ORDER if name in self.fields]
        numeric = [
            field for field in fields_of(layer_type) if field.kind in NUMERIC and field.name not in FUNCTION_CONSTANTS
        ]
        needed = [field.name for field in numeric if field.required or field.name in layer_type.starts_with]
        # What a layer cannot do without comes first, as the heads of an attention do.
        order = usual if usual and (not needed or not set(needed).isdisjoint(usual)) else [*needed, *usual]
        return [name for name in order or [field.name for field in numeric] if name not in self.said]

    def made(self) -> TypedLayer:
        """The layer; ValueError with a sentence if its fields do not go together."""
        layer_type = LAYER_TYPES[self.type_name]
        values = {**layer_type.starts_with, **self.unstated, **self.given}
        # Causal padding is padding of its own: that with which a new layer begins gives way.
        if self.given.get("causal") and "padding" not in self.given:
            del values["padding"]
        try:
            layer = msgspec.convert(msgspec.to_builtins(values), layer_type)
        except msgspec.ValidationError as error:
            sentence = str(error).partition(" - at `")[0]
            raise ValueError(f"{sentence[:1].upper()}{sentence[1:]}.") from None
        return TypedLayer(layer, tuple(dict.fromkeys([*self.said, *self.unstated])))


class BlockDraft(Draft):
    """A building block, of which nothing can be said but how often."""

    def __init__(self, block: BuildingBlock) -> None:
        super().__init__(block.name, {}, 0)
        self.block = block

    @property
    def fields(self) -> dict[str, Field]:
        """None: it is taken as it is."""
        return {}

    def open_numbers(self) -> list[str]:
        """None."""
        return []

    def made(self) -> TypedLayer:
        """The building block."""
        return TypedLayer(self.block)
