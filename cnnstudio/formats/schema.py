"""The JSON Schema of the design file, for completion and checking in editors; made from the declarations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from cnnstudio.core.network.design import Block, Design
from cnnstudio.core.network.fields import Field, fields_of, struct_in
from cnnstudio.formats.migration import FORMAT_VERSION
from cnnstudio.layers import LAYER_TYPES

_LAYERS = {
    "title": "Layers",
    "description": "layers and blocks, each taking the output of the one before unless it names its inputs",
    "type": "array",
    "items": {"$ref": "#/$defs/Item"},
}
_TYPE = {"title": "Type", "description": "what kind of layer it is"}
_OWN_WEIGHTS = {"not": {"required": ["shares"]}}
_VERSION = {"title": "Format version", "description": "version of the file format", "const": FORMAT_VERSION}


def design_schema() -> dict[str, Any]:
    """The schema of the current format version, JSON Schema draft 2020-12."""
    kinds: dict[str, type[msgspec.Struct]] = {**LAYER_TYPES, "Block": Block}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "CNN Studio design",
        "description": "A convolutional network: its layers from the input to the output",
        "type": "object",
        "properties": {"cnnstudio": _VERSION, **_properties(Design)},
        "required": ["cnnstudio", "layers"],
        "additionalProperties": False,
        "$defs": {"Item": _item(kinds), **{name: _definition(name, kind) for name, kind in kinds.items()}},
    }


def _item(names: Iterable[str]) -> dict[str, Any]:
    """Any layer or block. The type decides by which definition it is judged, so that faults can be named."""
    return {
        "title": "Layer",
        "type": "object",
        "properties": {"type": {**_TYPE, "enum": list(names)}},
        "required": ["type"],
        # By if and then, and not by anyOf: an editor would then list the faults of all types for one misspelt field.
        "allOf": [
            {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": {"$ref": f"#/$defs/{name}"}}
            for name in names
        ],
    }


def _definition(name: str, kind: type[msgspec.Struct]) -> dict[str, Any]:
    required = [field.name for field in fields_of(kind) if field.required]
    return {
        "title": name,
        "description": (kind.__doc__ or "").partition("\n")[0],
        "type": "object",
        "properties": {"type": {**_TYPE, "const": name}, **_properties(kind)},
        "required": ["type"],
        # What shares the weights of another takes its fields from that where it does not give them.
        **({"if": _OWN_WEIGHTS, "then": {"required": required}} if required else {}),
        "additionalProperties": False,
    }


def _properties(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.name: _LAYERS if field.name == "layers" else _property(field) for field in fields_of(kind)}


def _property(field: Field) -> dict[str, Any]:
    if field.kind == "mapping":
        inner = {"type": ["object", "null"], "properties": _properties(struct_in(field)), "additionalProperties": False}
        return {"title": field.title, "description": field.help, **inner}
    schema = {"title": field.title, "description": field.help, **msgspec.json.schema(field.hint)}
    return schema if field.required or field.default is None else {**schema, "default": field.default}
