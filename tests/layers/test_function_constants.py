"""Constants that only the function needs: kept with the design, and of no account to counting."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.fields import FUNCTION_CONSTANTS, Field, fields_of
from cnnstudio.core.network.layer import NUMBERS, Layer
from cnnstudio.formats.design_yaml import items_text, parse_items
from cnnstudio.layers import PALETTE
from cnnstudio.layers.starting import starting_layer

CONSTANTS = [(kind, field) for kind in PALETTE for field in fields_of(kind) if field.name in FUNCTION_CONSTANTS]
OTHER: dict[str, Any] = {"number": 0.03125, "switch": None}


def changed(layer: Layer, field: Field) -> Layer:
    """The layer with another value of this constant."""
    value = not field.default if field.kind == "switch" else OTHER[field.kind]
    return structs.replace(layer, name="tested", **{field.name: value})


def shape_for(kind: type[Layer]) -> Shape:
    return Shape(64, (12,) * getattr(kind, "rank", 2))


def test_every_constant_is_a_field_of_some_layer_type() -> None:
    assert {field.name for _, field in CONSTANTS} == set(FUNCTION_CONSTANTS)


@pytest.mark.parametrize(("kind", "field"), CONSTANTS, ids=lambda part: getattr(part, "name", None) or part.__name__)
def test_a_constant_is_kept_and_ignored_by_counting(kind: type[Layer], field: Field) -> None:
    layer = starting_layer(kind.__name__)
    other = changed(layer, field)
    assert field.name not in items_text((layer,))
    assert field.name in items_text((other,))
    assert parse_items(items_text((other,))) == (other,)
    shapes = (shape_for(kind),)
    assert other.count(shapes, NUMBERS["pytorch"]) == layer.count(shapes, NUMBERS["pytorch"])


def test_a_small_constant_is_a_number_in_the_file() -> None:
    layer = structs.replace(starting_layer("BatchNorm"), name="bn", epsilon=1e-12)
    assert "epsilon: 1.0e-12" in items_text((layer,))
    assert parse_items(items_text((layer,))) == (layer,)
