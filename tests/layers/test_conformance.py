"""Rules for every registered layer type, without naming one: a new type is tested from its first day."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

import cnnstudio.layers
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design, FurtherOutput, Identity, with_names
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import NUMBERS, Layer
from cnnstudio.formats.design_yaml import design_text, parse_design
from cnnstudio.layers import LAYER_TYPES, PALETTE
from cnnstudio.layers.families import FAMILIES, FAMILY
from cnnstudio.layers.structure import Input
from tests.examples import share
from tests.strategies import counted_layers, layers, ranks_of

each_type = pytest.mark.parametrize("layer_type", PALETTE, ids=lambda layer_type: layer_type.__name__)
MAX_LINE_LENGTH = 120


def leaves(layer_type: type[Layer]) -> Iterator[type[Layer]]:
    """The types below a type that have none below themselves."""
    below = layer_type.__subclasses__()
    for leaf in below:
        yield from leaves(leaf)
    if not below:
        yield layer_type


def test_every_layer_type_is_in_the_palette_once() -> None:
    for module in pkgutil.iter_modules(cnnstudio.layers.__path__):
        importlib.import_module(f"cnnstudio.layers.{module.name}")
    declared = {layer_type for layer_type in leaves(Layer) if layer_type.__module__.startswith("cnnstudio.layers.")}
    # Of the model of a design itself, as blocks are.
    declared |= {FurtherOutput, Identity}
    assert sorted(layer_type.__name__ for layer_type in PALETTE) == sorted(
        layer_type.__name__ for layer_type in declared
    )
    assert list(LAYER_TYPES.values()) == list(PALETTE)


def test_the_families_are_together_in_the_palette_and_in_order() -> None:
    found = [family for family, _ in groupby(PALETTE, key=lambda layer_type: layer_type.family)]
    assert found == [family.key for family in FAMILIES]


@each_type
def test_the_first_line_of_the_docstring_is_the_help(layer_type: type[Layer]) -> None:
    first = (layer_type.__doc__ or "").partition("\n")[0]
    assert re.fullmatch(r"[A-Z].*\.", first)
    assert len(first) <= MAX_LINE_LENGTH


@each_type
def test_the_family_is_one_of_the_families(layer_type: type[Layer]) -> None:
    assert FAMILY[layer_type.family] in FAMILIES


@each_type
def test_the_reason_for_learning_nothing_is_a_clause(layer_type: type[Layer]) -> None:
    assert re.fullmatch(r"[a-z].*[^.]", layer_type.learns_nothing)


@each_type
def test_every_field_is_declared_from_the_name_to_the_note(layer_type: type[Layer]) -> None:
    declared = [field.name for field in fields_of(layer_type)]
    assert sorted([*declared, "comments"]) == sorted(field.name for field in structs.fields(layer_type))
    assert (declared[0], declared[-1]) == ("name", "note")


@each_type
@given(data=st.data())
@share(1 / 6)
def test_defaults_need_not_be_stated(layer_type: type[Layer], data: st.DataObject) -> None:
    layer = data.draw(layers(layer_type, ranks_of(layer_type)[-1]))
    given = {field.name: getattr(layer, field.name) for field in fields_of(layer_type)}
    stated = {field.name: given[field.name] for field in fields_of(layer_type) if given[field.name] != field.default}
    assert layer_type(**stated) == layer


@each_type
@given(data=st.data())
@share(1 / 6)
def test_a_layer_without_a_name_gets_one(layer_type: type[Layer], data: st.DataObject) -> None:
    layer = data.draw(layers(layer_type, ranks_of(layer_type)[-1]))
    assert layer.name == ""
    first, second = with_names((layer, layer))
    assert re.fullmatch(r"[a-z][a-z0-9_]*_1", first.name)
    assert second.name == f"{first.name[:-1]}2"


def design_of(layer: Layer, inputs: int) -> Design:
    """A design with this layer behind as many inputs as it takes."""
    sources = [Input(name=f"image {i}", size=(8, 8), channels=3) for i in range(inputs)]
    named = tuple(source.name for source in sources)
    return Design(layers=(*sources, structs.replace(layer, name="tested", inputs=named)))


@each_type
@given(data=st.data())
@share(1 / 4)
def test_a_layer_survives_the_design_file(layer_type: type[Layer], data: st.DataObject) -> None:
    layer, inputs = data.draw(counted_layers(layer_type))
    design = design_of(layer, len(inputs))
    text = design_text(design)
    read = parse_design(text).design
    assert read == design
    assert design_text(read) == text


@each_type
@given(data=st.data())
@share(1 / 4)
def test_counts_are_whole_numbers_from_0(layer_type: type[Layer], data: st.DataObject) -> None:
    layer, inputs = data.draw(counted_layers(layer_type))
    for scope in NUMBERS.values():
        counts = layer.count(inputs, scope)
        numbers = [counts.weights, counts.biases, counts.parameters, counts.state, counts.macs or 0]
        assert all(type(number) is int and number >= 0 for number in numbers)
        assert all(type(size) is int and size >= 1 for size in counts.output.to_list())
        assert counts.parameters == counts.weights + counts.biases


@pytest.mark.parametrize("layer_type", [kind for kind in PALETTE if kind is not FurtherOutput])
@given(data=st.data())
@share(1 / 4)
def test_conventions_differ_in_what_they_call_parameters(layer_type: type[Layer], data: st.DataObject) -> None:
    layer, inputs = data.draw(counted_layers(layer_type))
    sources = [Input(name=f"image {i}", size=shape.spatial, channels=shape.channels) for i, shape in enumerate(inputs)]
    tested = structs.replace(layer, name="tested", inputs=tuple(source.name for source in sources))
    for convention in CONVENTIONS.values():
        row = analyze(Design(layers=(*sources, tested)), convention).rows[-1]
        assert row.counts is not None
        learned = row.counts.weights + row.counts.biases
        assert row.trainable == (learned if layer.trainable else 0)
        assert row.parameters == learned + (row.counts.state if convention.counts_state else 0)


@each_type
@given(data=st.data())
@share(1 / 4)
def test_a_summary_is_one_short_line(layer_type: type[Layer], data: st.DataObject) -> None:
    summary = data.draw(layers(layer_type, ranks_of(layer_type)[-1])).summary()
    assert "\n" not in summary
    assert len(summary) <= MAX_LINE_LENGTH
