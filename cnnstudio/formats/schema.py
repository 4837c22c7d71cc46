"""The JSON Schema of the design file, for completion and checking in editors; made from the declarations."""

from __future__ import annotations

from typing import Any

import msgspec

from cnnstudio.core.design import Block, Design
from cnnstudio.core.layer import Field, fields_of
from cnnstudio.formats.migration import FORMAT_VERSION
from cnnstudio.layers import LAYER_TYPES


def design_schema() -> dict[str, Any]:
    """The schema of the current format version, JSON Schema draft 2020-12."""
    items: dict[str, Any] = {"type": "array", "items": {"$ref": "#/$defs/Item"}}
    block = _object(Block, "Block", layers=items, summary="A list of layers, counted `repeat` times")
    layers = {name: _object(layer_type, name, summary=_summary(layer_type)) for name, layer_type in LAYER_TYPES.items()}
    top = _properties(Design, layers=items)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "CNN Studio design",
        "type": "object",
        "properties": {"cnnstudio": {"const": FORMAT_VERSION, "description": "version of the format"}, **top},
        "required": ["cnnstudio", "layers"],
        "additionalProperties": False,
        "$defs": {
            "Item": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in (*layers, "Block")]},
            "Block": block,
            **layers,
        },
    }


def _summary(layer_type: type) -> str:
    return (layer_type.__doc__ or "").partition("\n")[0]


def _object(struct_type: type[msgspec.Struct], name: str, summary: str, **given: Any) -> dict[str, Any]:
    required = [field.name for field in fields_of(struct_type) if field.required]
    return {
        "title": name,
        "description": summary,
        "type": "object",
        "properties": {"type": {"const": name}, **_properties(struct_type, **given)},
        "required": ["type", *required],
        "additionalProperties": False,
    }


def _properties(struct_type: type[msgspec.Struct], **given: Any) -> dict[str, Any]:
    return {field.name: given.get(field.name) or _property(field) for field in fields_of(struct_type)}


def _property(field: Field) -> dict[str, Any]:
    schema = msgspec.json.schema(field.hint)
    schema = schema if not field.help else {"title": field.title, "description": field.help, **schema}
    return schema if field.required or field.default is None else {**schema, "default": field.default}
