"""The declared bounds of every field of every layer type, without naming one, and the sentences that guard them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import pytest
from msgspec import UNSET, Meta

from cnnstudio.core.network.field_check import convert_value
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.formats.design_yaml import parse_design
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.yaml.writer import yaml_text
from cnnstudio.layers import LAYER_TYPES

FIELDS = [(name, field) for name, layer_type in LAYER_TYPES.items() for field in fields_of(layer_type)]
DECLARATIONS = {(field.name, repr(field.hint), repr(field.default)): (name, field) for name, field in FIELDS}
"""Each declaration once, with a type that has it: most types share most of them."""


def each(pairs: list[tuple[str, Field]]) -> pytest.MarkDecorator:
    """One test for each field."""
    ids = [f"{name}.{field.name}" for name, field in pairs]
    return pytest.mark.parametrize(("type_name", "field"), pairs, ids=ids)


def metas(hint: Any) -> Iterator[Meta]:
    """Every bound that a hint declares, also those of the elements of lists."""
    if get_origin(hint) is Annotated:
        yield from (meta for meta in get_args(hint)[1:] if isinstance(meta, Meta))
    for part in get_args(hint):
        if not isinstance(part, (Meta, str)):
            yield from metas(part)


def at_and_beyond(meta: Meta, kind: str) -> Iterator[tuple[Any, Any]]:
    """For each bound a value that just keeps it, None for an open one, and one that just breaks it."""
    if meta.ge is not None:
        yield meta.ge, meta.ge - 1
    if meta.le is not None:
        yield meta.le, meta.le + 1
    yield from ((None, bound) for bound in (meta.gt, meta.lt) if bound is not None)
    if meta.max_length is not None:
        wrong: Any = "x" if kind == "text" else [1]
        yield wrong * meta.max_length, wrong * (meta.max_length + 1)


def is_taken(field: Field, value: Any) -> bool:
    """True if the field takes this value."""
    try:
        convert_value(field, value)
    except ValueError:
        return False
    return True


def beyond(field: Field) -> list[Any]:
    """Values just outside the bounds of a field; some fields take what is beyond one bound in another way."""
    pairs = [pair for meta in metas(field.hint) for pair in at_and_beyond(meta, field.kind)]
    return [value for _, value in pairs if not is_taken(field, value)]


def complaint(type_name: str, field: Field, value: Any) -> str:
    """The reader's complaint about a layer in which this field has this value."""
    entry = {"type": type_name, "name": "tested", field.name: value}
    with pytest.raises(FileError) as caught:
        parse_design(yaml_text({"cnnstudio": 1, "layers": [entry]}))
    return str(caught.value)


@each(FIELDS)
def test_a_field_has_a_title_and_a_help(type_name: str, field: Field) -> None:
    assert re.fullmatch(r"[A-Z].*", field.title), type_name
    assert re.fullmatch(r"\S.*[^.]", field.help), type_name


@each(list(DECLARATIONS.values()))
def test_a_default_is_a_value_that_the_field_takes(type_name: str, field: Field) -> None:
    assert field.required == (field.default is UNSET), type_name
    assert field.required or convert_value(field, field.default) == field.default


@each([(name, field) for name, field in DECLARATIONS.values() if beyond(field)])
def test_each_bound_is_refused_by_name_with_what_was_received(type_name: str, field: Field) -> None:
    for value in beyond(field):
        shown = f"{value:,}" if isinstance(value, int) else str(value)[:40]
        said = complaint(type_name, field, value)
        assert re.search(rf": {field.name} must be .+, and received '?{re.escape(shown)}", said), said


@each([(name, field) for name, field in DECLARATIONS.values() if field.minimum is not None])
def test_a_bounded_number_is_taken_at_its_bound_and_refused_beyond(type_name: str, field: Field) -> None:
    pairs = [pair for meta in metas(field.hint) for pair in at_and_beyond(meta, field.kind)]
    assert all(kept is None or is_taken(field, kept) for kept, _ in pairs if not isinstance(kept, list)), type_name
    assert beyond(field)


WRONG_KINDS = {"integer": "three", "number": "half", "switch": "maybe", "choice": "nonsense", "sizes": "big"}


@each([(name, field) for name, field in DECLARATIONS.values() if field.kind in WRONG_KINDS])
def test_a_value_of_another_kind_is_refused_by_name(type_name: str, field: Field) -> None:
    value = WRONG_KINDS[field.kind]
    said = complaint(type_name, field, value)
    assert re.search(rf": {field.name} must be .+, and received '{value}'", said), said


@pytest.mark.parametrize("type_name", LAYER_TYPES)
def test_an_unknown_field_is_refused_with_a_near_miss(type_name: str) -> None:
    entry = {"type": type_name, "name": "tested", "trainabel": False}
    with pytest.raises(FileError, match=r"there is no field 'trainabel' here\. Did you mean 'trainable'\?"):
        parse_design(yaml_text({"cnnstudio": 1, "layers": [entry]}))


@pytest.mark.parametrize("type_name", LAYER_TYPES)
def test_a_required_field_is_asked_for(type_name: str) -> None:
    required = [field.name for field in fields_of(LAYER_TYPES[type_name]) if field.required]
    said = [line for line in complaint_of_nothing(type_name).splitlines() if " is missing; give " in line]
    assert [re.search(r": (\w+) is missing; give .+\.$", line) is not None for line in said] == [True] * len(required)


def complaint_of_nothing(type_name: str) -> str:
    """The reader's complaint about a layer without any field; empty if there is none."""
    try:
        parse_design(yaml_text({"cnnstudio": 1, "layers": [{"type": type_name, "name": "tested"}]}))
    except FileError as error:
        return str(error)
    return ""
