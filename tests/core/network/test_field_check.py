"""Sentences on what a field takes and what it was given."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from cnnstudio.core.network.design import Block
from cnnstudio.core.network.field_check import convert_value
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.pooling import MaxPool2D
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.reshaping import Permute, Upsample, ZeroPad
from cnnstudio.layers.structure import Identity

BILLION = "from 1 to 1,000,000,000"
REFUSALS: list[tuple[type[Struct], str, Any, str]] = [
    (Conv2D, "filters", 0, f"a whole number {BILLION}, and received 0"),
    (Conv2D, "filters", 2.5, f"a whole number {BILLION}, and received 2.5"),
    (Conv2D, "filters", True, f"a whole number {BILLION}, and received true"),
    (Conv2D, "filters", None, f"a whole number {BILLION}, and received nothing"),
    (Conv2D, "filters", {}, f"a whole number {BILLION}, and received a mapping"),
    (Conv2D, "filters", 10**30, f"a whole number {BILLION}, and received {10**30:,}"),
    (Conv2D, "kernel_size", "big", f"a whole number {BILLION}, or a list with one for each axis, and received 'big'"),
    (Conv2D, "bias", "yes", "true or false, and received 'yes'"),
    (
        Conv2D,
        "padding",
        "sane",
        "valid, same, a whole number from 0 to 1,000,000,000, one for each axis, or a [begin, end] pair for each axis, "
        "and received 'sane'. Did you mean 'same'?",
    ),
    (
        Conv2D,
        "connections",
        3,
        "a list of lists of channel numbers, one list for each filter, or null, and received 3",
    ),
    (
        MaxPool2D,
        "stride",
        -1,
        f"a whole number {BILLION}, or a list with one for each axis, or null, and received -1",
    ),
    (
        ZeroPad,
        "padding",
        -1,
        "a whole number from 0 to 1,000,000,000, one for each axis, or a [begin, end] pair for each axis, "
        "and received -1",
    ),
    (Permute, "dims", 1, "a list of whole numbers, one for each axis, and received 1"),
    (Upsample, "scale", 0, "a number above 0, or a list with one for each axis, or null, and received 0"),
    (Dropout, "rate", 1, "a number from 0 up to but not including 1, and received 1"),
    (Block, "repeat", 10_001, "a whole number from 1 to 10,000, and received 10,001"),
    (Identity, "name", "x" * 501, f"text of at most 500 characters, and received '{'x' * 60}…'"),
    (Identity, "inputs", "conv", "a list of layer names, such as [conv1, input], and received 'conv'"),
]


def field_of(owner: type[Struct], name: str) -> Field:
    """The declaration of a field."""
    return next(field for field in fields_of(owner) if field.name == name)


@pytest.mark.parametrize(("owner", "name", "value", "sentence"), REFUSALS)
def test_a_refusal_says_what_is_taken_and_what_was_received(
    owner: type[Struct], name: str, value: Any, sentence: str
) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be ") as caught:
        convert_value(field_of(owner, name), value)
    assert str(caught.value) == f"{name} must be {sentence}"


def test_a_choice_names_all_words_and_the_nearest_one() -> None:
    with pytest.raises(ValueError, match=r"one of relu, relu6, .+, and received 'rleu'\. Did you mean 'relu'\?$"):
        convert_value(field_of(Activation, "function"), "rleu")


def test_lists_become_tuples() -> None:
    assert convert_value(field_of(Conv2D, "padding"), [[0, 1], 2]) == ((0, 1), 2)
    assert convert_value(field_of(Conv2D, "connections"), [[0, 1], [2]]) == ((0, 1), (2,))
    assert convert_value(field_of(Upsample, "scale"), [2, 0.5]) == (2, 0.5)
