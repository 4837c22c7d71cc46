"""The JSON Schema of a comparison in JSON."""

from __future__ import annotations

from typing import Any, Final

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.arithmetic.measure import BOUNDS
from cnnstudio.core.comparison.comparison import KINDS
from cnnstudio.core.comparison.totals import COMPARED
from cnnstudio.core.network.design import ELEMENT_BYTES
from cnnstudio.reports.data.schema_parts import DATE, TEXT, VERSION, object_of

_LINE_KINDS: Final = (
    "same; renamed: only the name differs; affected: numbers differ though nothing in it was changed; "
    "changed: type, fields or connections differ; only: not every design has it"
)


def comparison_schema() -> dict[str, Any]:
    """The schema, JSON Schema draft 2020-12. Lists with one value a design are in the order of `designs`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "CNN Studio comparison",
        "description": "Networks side by side: their totals, and their layers aligned with those of the first",
        "type": "object",
        "properties": {
            "cnnstudio": VERSION,
            "date": DATE,
            "designs": {"type": "array", "items": _design(), "minItems": 2},
            "differs": {"description": "whether anything differs", "type": "boolean"},
            "totals": {"type": "array", "items": _total()},
            "rows": {"type": "array", "items": _row()},
        },
        "required": ["cnnstudio", "designs", "differs", "totals", "rows"],
        "additionalProperties": False,
    }


def _each(item: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "type": "array", "items": item}


def _design() -> dict[str, Any]:
    return object_of(
        {
            "label": {"description": "what the comparison calls it", **TEXT},
            "design": {"description": "name of the design", **TEXT},
            "convention": {"description": "whose way of counting", "enum": list(CONVENTIONS)},
            "element_type": {"description": "what one number takes", "enum": list(ELEMENT_BYTES)},
            "complete": {"description": "whether every quantity of every layer is known", "type": "boolean"},
        },
        "one of the designs",
    )


def _total() -> dict[str, Any]:
    keys = [quantity.key for quantity in COMPARED]
    measure = object_of(
        {
            "value": {"description": "null if unknown, or a ratio to nothing", "type": ["number", "null"]},
            "bound": {"description": "how it is known", "enum": list(BOUNDS)},
        },
        "a number and how well it is known",
    )
    return object_of(
        {
            "key": {"description": "key of the quantity", "enum": keys},
            "values": _each({"type": "integer", "minimum": 0}, "one a design; a lower bound where it is not known"),
            "known": _each({"type": "boolean"}, "one a design: whether every layer is in the value"),
            "differences": _each(measure, "from the first design, one for each of the others"),
            "ratios": _each(measure, "to the first design, one for each of the others"),
        },
        "one sum",
    )


def _row() -> dict[str, Any]:
    shape = {"type": ["array", "null"], "items": {"type": "integer", "minimum": 0}}
    changes = {"type": "object", "additionalProperties": {"type": "array"}}
    return object_of(
        {
            "kind": {"description": _LINE_KINDS, "enum": list(KINDS)},
            "paths": _each({"type": ["string", "null"]}, "place in each design; null where it is not there"),
            "types": _each({"type": ["string", "null"]}, "layer type in each design"),
            "output_shapes": _each(shape, "channels, then the sizes; null if unknown"),
            "fields": {"description": "what differs of fields, type and connections: a value a design", **changes},
            "quantities": {"description": "what differs of the numbers: a value a design", **changes},
        },
        "one layer, blocks expanded",
    )
