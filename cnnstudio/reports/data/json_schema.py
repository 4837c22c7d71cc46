"""The JSON Schema of the report in JSON, which `cnnstudio summary --format json` prints too."""

from __future__ import annotations

from typing import Any, Final

from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.units import SHAPE_SCHEMA

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_TOTALS_HELP: Final = "sums over all layers; a lower bound where the report is not complete"


def report_schema() -> dict[str, Any]:
    """The schema, JSON Schema draft 2020-12: of a report, or of a worksheet or its key."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "CNN Studio report",
        "description": "A convolutional network counted: totals, one row a layer with blocks expanded, problems",
        "type": "object",
        "properties": {
            "cnnstudio": {"description": "version of the program", **_TEXT},
            "design": {"description": "name of the design", **_TEXT},
            "convention": {"description": "whose way of counting", "enum": ["pytorch", "keras", "caffe"]},
            "date": {"description": "the date, if one was asked for", "type": "string", "format": "date"},
            "complete": {"description": "whether every quantity of every layer is known", "type": "boolean"},
            "totals": _object(_totals(), _TOTALS_HELP),
            "rows": {"type": "array", "items": _row()},
            "problems": {"type": "array", "items": _problem()},
            "working": {"description": "if it was asked for", "type": "array", "items": _working()},
            "worksheet": _worksheet(),
        },
        "required": ["cnnstudio", "design", "convention"],
        "oneOf": [{"required": ["complete", "totals", "rows", "problems"]}, {"required": ["worksheet"]}],
        "additionalProperties": False,
    }


def _object(properties: dict[str, Any], description: str) -> dict[str, Any]:
    """An object that has exactly these properties."""
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _totals() -> dict[str, Any]:
    return {quantity.key: {"description": quantity.help, **_COUNT} for quantity in placed("data_totals")}


def _row() -> dict[str, Any]:
    return _object(
        {
            "path": {"description": "place in the network: stage2[1]/conv3", **_TEXT},
            "type": {"description": "layer type", **_TEXT},
            "inputs": {"description": "paths of what flows in", "type": "array", "items": _TEXT},
            "input_shapes": {"type": "array", "items": SHAPE_SCHEMA},
            **dict(quantity.row_schema for quantity in placed("data_rows")),
        },
        "one layer",
    )


def _problem() -> dict[str, Any]:
    return _object(
        {
            "severity": {"description": "an error leaves its layer uncounted", "enum": ["error", "warning"]},
            "path": {"description": "place without repeat numbers; empty for the design as a whole", **_TEXT},
            "line": {"description": "line of the file, if there is one", "type": ["integer", "null"]},
            "sentence": {"description": "what was received and what is needed", **_TEXT},
            "remedy": {"description": "what to change", **_TEXT},
        },
        "what is wrong or suspicious",
    )


def _working() -> dict[str, Any]:
    return _object(
        {
            "path": {"description": "the layer or block; empty for the whole network", **_TEXT},
            "quantity": {"description": "key of the quantity", **_TEXT},
            "name": {"description": "what the number is called", **_TEXT},
            "formula": {"description": "with symbols; null if unknown", "type": ["string", "null"]},
            "substitution": {"description": "with numbers; null if unknown", "type": ["string", "null"]},
            "value": {"description": "null if unknown", "type": ["integer", "null"]},
            "reason": {"description": "in words, where there are any", **_TEXT},
        },
        "how one number comes together",
    )


def _worksheet() -> dict[str, Any]:
    return _object(
        {
            "is_key": {"description": "whether the blanks are filled in", "type": "boolean"},
            "blank": {"description": "keys of the columns that students fill in", "type": "array", "items": _TEXT},
            "columns": {"description": "keys of the columns", "type": "array", "items": _TEXT},
            "rows": {
                "description": "one list a line, in the order of the columns; null where blank, empty or unknown",
                "type": "array",
                "items": {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}},
            },
        },
        "the table of a worksheet, in place of totals and rows",
    )
