"""Tests of how variations are written, and of what they vary."""

from __future__ import annotations

import re

import pytest

from cnnstudio.authoring.retyping import change_type
from cnnstudio.core.network.design import Design, path_text
from cnnstudio.core.sweeps.axis import MAX_VALUES, Axis, fields_named, parse_axis
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.structure import Input
from tests.designs.builtin import load


def axis(name: str, text: str) -> Axis:
    """The axis that a text means for a built-in design."""
    return parse_axis(load(name), text, change_type)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("image.size=64:192:64", ("64", "128", "192")),
        ("image.size=64:200:64", ("64", "128", "192")),
        ("image.size = 64, 96:97 ,64", ("64", "96", "97")),
        ("image.size=[224, 160],[112, 80]", ("[224, 160]", "[112, 80]")),
        ("conv1.filters=*0.5,*1,/2", ("*0.5", "*1", "/2")),
        ("conv1.padding=0:1,1:0,same", ("0:1", "1:0", "same")),
        ("conv1.bias=yes,no", ("yes", "no")),
        ("relu.function=relu,gelu", ("relu", "gelu")),
        ("maxpool.type=MaxPool2D,AvgPool2D", ("MaxPool2D", "AvgPool2D")),
        ("layer1/rest.repeat=1:3", ("1", "2", "3")),
        ("layer*.width=*0.5, /2,*1", ("*0.5", "/2", "*1")),
        ("*.depth=*2", ("*2",)),
    ],
)
def test_values_are_lists_ranges_factors_and_words(text: str, values: tuple[str, ...]) -> None:
    assert axis("resnet-50", text).values == values


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("conv1.filters", ["conv1"]),
        ("layer1/first/conv[12].filters", ["layer1/first/conv1", "layer1/first/conv2"]),
        ("layer[12]/*/conv3.filters", [f"layer{n}/{part}/conv3" for n in (1, 2) for part in ("first", "rest")]),
        ("layer*/rest.repeat", [f"layer{n}/rest" for n in (1, 2, 3, 4)]),
        ("downsample.filters", [f"layer{n}/first/downsample" for n in (1, 2, 3, 4)]),
        ("layer1.repeat", ["layer1"]),
        ("layer1/rest.filters", [f"layer1/rest/conv{n}" for n in (1, 2, 3)]),
    ],
)
def test_a_pattern_names_items_by_path_or_name_and_a_block_all_inside(pattern: str, paths: list[str]) -> None:
    assert [path_text(path) for path in axis("resnet-50", f"{pattern}=1,2").paths] == paths


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("conv1", "a variation is written as LAYER.FIELD=VALUES, such as conv1.filters=32,64, not 'conv1'"),
        ("conv9.filters=1", "there is no layer 'conv9'. Did you mean 'conv1'?"),
        ("conv1.filtres=1", "'conv1' has no filtres that could be varied. Did you mean 'filters'?"),
        ("conv1.name=a,b", "'conv1' has no name that could be varied"),
        ("conv1.filters=", "conv1.filters needs at least one value"),
        ("conv1.filters=9:1", "a range is FIRST:LAST:STEP and goes up, such as 64:512:32, not '9:1'"),
        ("conv1.filters=1:9:0", "a range is FIRST:LAST:STEP and goes up"),
        (f"conv1.filters=1:{MAX_VALUES + 1}", "conv1.filters has more than 100,000 values"),
        ("conv1.filters=32,many", "Filters must be a whole number, not 'many'"),
        ("conv1.filters=*0.3", "Filters must be a whole number, and 64 *0.3 is 19.2"),
        (
            "layer1.width=*0.5,64",
            "layer1.width: widths and depths are scaled by factors, such as *0.5 or *2, and received '64'",
        ),
        ("layer1.depth=*0", "layer1.depth: a factor is a number from 1/1,000 to 1,000"),
        ("layer1.depth=/0", "layer1.depth: a factor is a number from 1/1,000 to 1,000"),
        ("layer9.width=*2", "there is no layer 'layer9'. Did you mean 'layer4'?"),
        ("layer1.widths=*2", "'layer1' has no widths that could be varied. Did you mean 'width'?"),
        ("fc.width=*2", "fc.width: fc stays as it is: it is what the network gives."),
        ("conv1.depth=*2", "conv1.depth: No block repeats"),
        ("maxpool.type=MaxPool9D,MaxPool2D", "there is no layer type MaxPool9D"),
        ("layer1/rest.type=Conv2D,Conv9D", "there is no layer type Conv9D"),
    ],
)
def test_what_cannot_be_varied_is_told_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        axis("resnet-50", text)


def test_a_width_is_a_field_where_the_layer_has_one() -> None:
    words = Embedding(name="words", vocabulary=10, width=8)
    design = Design(layers=(Input(name="tokens", size=(5,), channels=1), words))
    assert not parse_axis(design, "words.width=8,16", change_type).scales
    assert parse_axis(load("resnet-50"), "layer1.width=*2", change_type).scales


def test_what_scales_is_offered_for_blocks() -> None:
    assert {"filters", "width", "depth"} <= set(fields_named(load("resnet-50"), "layer*"))
    assert "width" not in fields_named(load("resnet-50"), "conv1")


def test_one_number_of_many_may_be_refused_by_its_variant() -> None:
    assert axis("resnet-50", "conv1.filters=*0.3,*0.5,0").values == ("*0.3", "*0.5", "0")
