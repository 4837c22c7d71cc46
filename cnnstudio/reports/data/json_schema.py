"""The JSON Schema of the report in JSON, which `cnnstudio summary --format json` prints too."""

from __future__ import annotations

from typing import Any, Final

from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.units import SHAPE_SCHEMA
from cnnstudio.reports.data.schema_parts import COUNT, DATE, TEXT, VERSION, object_of

_TOTALS_HELP: Final = "sums over all layers; a lower bound where the report is not complete"


def report_schema() -> dict[str, Any]:
    """The schema, JSON Schema draft 2020-12: of a report, or of a worksheet or its key."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "CNN Studio report",
        "description": "A convolutional network counted: totals, one row a layer with blocks expanded, problems",
        "type": "object",
        "properties": {
            "cnnstudio": VERSION,
            "design": {"description": "name of the design", **TEXT},
            "convention": {"description": "whose way of counting", "enum": ["pytorch", "keras", "caffe"]},
            "date": DATE,
            "complete": {"description": "whether every quantity of every layer is known", "type": "boolean"},
            "totals": object_of(_totals(), _TOTALS_HELP),
            "rows": {"type": "array", "items": _row()},
            "problems": {"type": "array", "items": _problem()},
            "working": {"description": "if it was asked for", "type": "array", "items": _working()},
            "worksheet": _worksheet(),
        },
        "required": ["cnnstudio", "design", "convention"],
        "oneOf": [{"required": ["complete", "totals", "rows", "problems"]}, {"required": ["worksheet"]}],
        "additionalProperties": False,
    }


def _totals() -> dict[str, Any]:
    return {quantity.key: {"description": quantity.help, **COUNT} for quantity in placed("data_totals")}


def _row() -> dict[str, Any]:
    shared = {"description": "place of the layer whose weights it uses; none if it has its own", **TEXT}
    row = object_of(
        {
            "path": {"description": "place in the network: stage2[1]/conv3", **TEXT},
            "type": {"description": "layer type", **TEXT},
            "settings": {
                "description": "the fields that are not at their default",
                "type": "object",
            },
            "inputs": {"description": "paths of what flows in", "type": "array", "items": TEXT},
            "input_shapes": {"type": "array", "items": SHAPE_SCHEMA},
            **dict(quantity.row_schema for quantity in placed("data_rows")),
        },
        "one layer",
    )
    return {**row, "properties": {**row["properties"], "shared_with": shared}}


def _problem() -> dict[str, Any]:
    return object_of(
        {
            "severity": {"description": "an error leaves its layer uncounted", "enum": ["error", "warning"]},
            "path": {"description": "place without repeat numbers; empty for the design as a whole", **TEXT},
            "line": {"description": "line of the file, if there is one", "type": ["integer", "null"]},
            "sentence": {"description": "what was received and what is needed", **TEXT},
            "remedy": {"description": "what to change", **TEXT},
        },
        "what is wrong or suspicious",
    )


def _working() -> dict[str, Any]:
    return object_of(
        {
            "path": {"description": "the layer or block; empty for the whole network", **TEXT},
            "quantity": {"description": "key of the quantity", **TEXT},
            "name": {"description": "what the number is called", **TEXT},
            "formula": {"description": "with symbols; null if unknown", "type": ["string", "null"]},
            "substitution": {"description": "with numbers; null if unknown", "type": ["string", "null"]},
            "value": {"description": "null if unknown", "type": ["integer", "null"]},
            "reason": {"description": "in words, where there are any", **TEXT},
        },
        "how one number comes together",
    )


def _worksheet() -> dict[str, Any]:
    return object_of(
        {
            "is_key": {"description": "whether the blanks are filled in", "type": "boolean"},
            "blank": {"description": "keys of the columns that students fill in", "type": "array", "items": TEXT},
            "columns": {"description": "keys of the columns", "type": "array", "items": TEXT},
            "rows": {
                "description": "one list a line, in the order of the columns; null where blank, empty or unknown",
                "type": "array",
                "items": {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}},
            },
        },
        "the table of a worksheet, in place of totals and rows",
    )
