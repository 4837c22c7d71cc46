"""Tests of what to shrink."""

from __future__ import annotations

import pytest
from msgspec import structs

from cnnstudio.core.budgets.condition import condition_from
from cnnstudio.core.budgets.measuring import span_of
from cnnstudio.core.budgets.sensitivity import sensitivities
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import set_field
from cnnstudio.core.network.design import Block, path_text
from cnnstudio.layers.shuffling import PixelShuffle
from tests.networks import builtin, conv, design_of


@pytest.mark.parametrize(
    "text", ["parameters <= 5M", "macs <= 1G", "memory(8, adam, bf16) <= 1GB", "kept_bytes <= 1GB"]
)
def test_it_is_what_the_same_edits_by_hand_come_to(text: str) -> None:
    analysis, condition = builtin("resnet-18"), condition_from(text)
    found = sensitivities(analysis, condition)
    assert [item.value for item in found] == sorted([item.value for item in found], reverse=True)
    for item in found:
        field = {"width": "filters", "depth": "repeat", "size": "size"}[item.kind]
        value = item.new if item.kind != "size" else (item.new, item.new)
        edited = set_field(analysis.design, item.items, field, value).design
        assert item.before == span_of(condition, analysis).low
        assert item.after == span_of(condition, analyze(edited)).low, item.name


def test_macs_fall_with_the_square_of_the_size_and_parameters_not_at_all() -> None:
    (size,) = [
        item for item in sensitivities(builtin("vgg-16"), condition_from("activations <= 1")) if item.kind == "size"
    ]
    assert size.value == pytest.approx(2, rel=0.1)
    assert size.name == "size of image"
    kinds = {item.kind for item in sensitivities(builtin("resnet-18"), condition_from("parameters <= 1"))}
    assert kinds == {"width", "depth"}


def test_the_working_gives_the_value() -> None:
    first = sensitivities(builtin("resnet-18"), condition_from("parameters <= 5M"))[0]
    assert first.working == "(1 − 10,724,008 / 11,689,512) / (1 − 448 / 512) = 0.66"
    assert first.name == "channels of layer4/first/conv2 and 2 more"
    assert [path_text(path) for path in first.items][1] == "layer4/first/downsample"


def test_what_could_not_be_counted_saves_nothing() -> None:
    # Fifteen channels cannot be shuffled into four times as many places.
    shuffled = design_of(
        conv("wide", filters=16), PixelShuffle(name="shuffle", scale=2), conv("mid", filters=16), conv("last")
    )
    found = sensitivities(analyze(shuffled), condition_from("macs <= 1k"))
    assert [item.items for item in found if item.kind == "width"] == [(("mid",),)]


def test_a_repeat_that_fails_earlier_saves_nothing() -> None:
    # Eight elements are enough for seven passes, and seven for six; the next one fails by the same error.
    shrinking = Block(name="stage", repeat=9, layers=(conv("a", kernel_size=2, padding="valid"),))
    analysis = analyze(design_of(shrinking))
    found = sensitivities(analysis, condition_from("macs <= 1k"))
    assert analysis.errors
    assert [item.kind for item in found] == ["depth"] * len(found)
    sized = analyze(design_of(structs.replace(shrinking, repeat=2)))
    assert "size" in {item.kind for item in sensitivities(sized, condition_from("macs <= 1k"))}
