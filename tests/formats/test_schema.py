"""The JSON Schema accepts what the studio reads and writes, and refuses what it can see is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given

from cnnstudio.core.network.design import Block, Design
from cnnstudio.core.network.fields import fields_of
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.formats.design_yaml import decode, design_text, parse_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.schema import design_schema
from cnnstudio.formats.yaml.events import UnsafeYaml, build
from cnnstudio.layers import LAYER_TYPES
from tests.formats.bad_files import BadFile, bad_files
from tests.hostile import renamed
from tests.places import FILES
from tests.strategies import designs

SCHEMA = json.loads(msgspec.json.encode(design_schema()))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
V1 = FILES / "v1"
KINDS = {"Block": Block, **LAYER_TYPES}


def value_of(text: str) -> Any:
    """The text as plain values, as an editor would see it."""
    return json.loads(json.dumps(build(text).value))


def test_schema_is_a_valid_one() -> None:
    VALIDATOR.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", [*builtin_paths().values(), *sorted(V1.glob("*.yaml"))], ids=lambda path: path.stem)
def test_design_is_accepted(path: Path) -> None:
    VALIDATOR.validate(value_of(path.read_text(encoding="utf-8")))


@given(renamed(designs()))
def test_what_the_studio_writes_is_accepted(design: Design) -> None:
    VALIDATOR.validate(value_of(design_text(design)))


def judged(bad: BadFile) -> bool:
    """True if a bad file is values at all that a schema can judge."""
    try:
        build(decode(bad.path.read_bytes(), bad.path.name))
    except (FileError, UnsafeYaml):
        return False
    return True


@pytest.mark.parametrize("bad", [bad for bad in bad_files() if judged(bad)], ids=lambda bad: bad.path.stem)
def test_bad_file_is_refused_unless_it_says_otherwise(bad: BadFile) -> None:
    value = value_of(decode(bad.path.read_bytes(), bad.path.name))
    assert VALIDATOR.is_valid(value) == bad.schema_accepts


@pytest.mark.parametrize("name", KINDS)
def test_every_field_has_a_title_and_a_description(name: str) -> None:
    definition = SCHEMA["$defs"][name]
    assert definition["title"] == name
    assert definition["description"]
    properties = definition["properties"]
    assert set(properties) == {"type", *(field.name for field in fields_of(KINDS[name]))}
    for field in fields_of(KINDS[name]):
        words = properties[field.name]
        assert words["title"] == field.title
        assert words["description"]
        assert words["description"] == field.help or field.name == "layers"


def test_every_field_of_the_design_has_a_title_and_a_description() -> None:
    assert set(SCHEMA["properties"]) == {"cnnstudio", *(field.name for field in fields_of(Design))}
    assert all(words["title"] and words["description"] for words in SCHEMA["properties"].values())


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"type": "Conv2d"}, "'Conv2d' is not one of"),
        ({"type": "Dense"}, "'units' is a required property"),
        ({"type": "Dense", "units": 0}, "0 is less than the minimum of 1"),
        ({"type": "Dense", "units": 3, "unit": 3}, r"Additional properties are not allowed \('unit' was unexpected\)"),
        ({"units": 3}, "'type' is a required property"),
        ({"type": "Block", "layers": [{"type": "Dense"}]}, "'units' is a required property"),
    ],
)
def test_an_editor_can_say_what_is_wrong(layer: dict[str, object], message: str) -> None:
    errors = list(VALIDATOR.iter_errors({"cnnstudio": 1, "layers": [layer]}))
    assert len(errors) == 1
    with pytest.raises(jsonschema.ValidationError, match=message):
        VALIDATOR.validate({"cnnstudio": 1, "layers": [layer]})


@pytest.mark.parametrize("name", KINDS)
def test_stated_defaults_are_what_the_studio_takes(name: str) -> None:
    properties = SCHEMA["$defs"][name]["properties"]
    required = SCHEMA["$defs"][name].get("then", {"required": []})["required"]
    for field in fields_of(KINDS[name]):
        assert (field.name in required) == (field.required or field.name == "layers")
        if "default" in properties[field.name]:
            assert VALIDATOR.evolve(schema=properties[field.name]).is_valid(properties[field.name]["default"])


@pytest.mark.parametrize(
    ("field", "value", "is_valid"),
    [
        ("kernel_size", 1, True),
        ("kernel_size", 0, False),
        ("kernel_size", [3, 5], True),
        ("kernel_size", [3, 0], False),
        ("kernel_size", [], False),
        ("kernel_size", "3", False),
        ("padding", "same", True),
        ("padding", "some", False),
        ("padding", [[0, 1], 2], True),
        ("padding", [[0, 1, 2], 2], False),
        ("padding", [-1, 0], False),
        ("activation", None, True),
        ("activation", "relu", True),
        ("activation", "rely", False),
        ("filters", 10**9, True),
        ("filters", 10**9 + 1, False),
        ("bias", 0, False),
    ],
)
def test_schema_and_reader_agree(field: str, value: object, is_valid: bool) -> None:
    layer = {"type": "Conv2D", "filters": 8, "kernel_size": 3, field: value}
    text = json.dumps({"cnnstudio": 1, "layers": [layer]})
    assert VALIDATOR.is_valid(json.loads(text)) == is_valid
    if is_valid:
        assert parse_design(text).design.layers
    else:
        with pytest.raises(FileError, match=field):
            parse_design(text)
