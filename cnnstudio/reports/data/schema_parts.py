"""The parts that the JSON Schemas of reports and of comparisons share."""

from __future__ import annotations

from typing import Any, Final

TEXT: Final = {"type": "string"}
COUNT: Final = {"type": "integer", "minimum": 0}
DATE: Final = {"description": "the date, if one was asked for", "type": "string", "format": "date"}
VERSION: Final = {"description": "version of the program", **TEXT}


def object_of(properties: dict[str, Any], description: str) -> dict[str, Any]:
    """An object that has exactly these properties."""
    return {
        "description": description,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
