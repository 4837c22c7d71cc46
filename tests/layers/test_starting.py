"""Every layer type of the palette can be started, and what it starts with can be counted and saved."""

from __future__ import annotations

import pytest
from msgspec import structs

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design, with_names
from cnnstudio.core.network.fields import fields_of
from cnnstudio.formats.design_yaml import items_text, parse_items
from cnnstudio.layers import LAYER_TYPES, PALETTE
from cnnstudio.layers.starting import starting_layer

NAMES = [layer_type.__name__ for layer_type in PALETTE]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_type_starts_with_is_valid(name: str) -> None:
    layer = starting_layer(name)
    assert type(layer) is LAYER_TYPES[name]
    assert layer.name == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_type_starts_with_what_differs_from_the_defaults(name: str) -> None:
    defaults = {field.name: field.default for field in fields_of(LAYER_TYPES[name])}
    idle = [field for field, value in LAYER_TYPES[name].starts_with.items() if value == defaults[field]]
    assert idle == []


@pytest.mark.parametrize("name", NAMES)
def test_a_new_layer_survives_the_clipboard(name: str) -> None:
    layers = with_names((starting_layer(name),))
    assert parse_items(items_text(layers)) == layers


def test_the_text_of_a_new_layer_is_what_one_would_write() -> None:
    assert items_text((starting_layer("Conv2D"),)) == "- {type: Conv2D, filters: 64, kernel_size: 3, padding: same}\n"


@pytest.mark.parametrize("name", [name for name in NAMES if "2D" in name and name != "ConvLSTM2D"])
def test_two_dimensional_layers_follow_an_input(name: str) -> None:
    design = Design(layers=with_names((starting_layer("Input"), starting_layer(name))))
    assert analyze(design).errors == ()


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_convolution_in_time_follows_steps_of_maps(axes: int) -> None:
    video = structs.replace(starting_layer("Input"), size=(8, *(32,) * axes))
    design = Design(layers=with_names((video, starting_layer(f"ConvLSTM{axes}D"))))
    assert analyze(design).errors == ()


def test_an_unknown_type_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="Conv9D"):
        starting_layer("Conv9D")
