"""Field values as text, for every field of every layer type."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from cnnstudio.core.network.design import Block, Design
from cnnstudio.core.network.field_check import convert_value
from cnnstudio.core.network.field_text import field_text, parse_field
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.layers import LAYER_TYPES, PALETTE
from tests.examples import share

OWNERS: tuple[type[Struct], ...] = (*PALETTE, Block, Design)
ELSEWHERE = ("layers", "memory", "budgets")
"""Fields that nobody types on one line."""
FIELDS = [(owner.__name__, field) for owner in OWNERS for field in fields_of(owner) if field.name not in ELSEWHERE]
DIFFERENT = {(field.name, repr(field.hint)): (f"{owner}.{field.name}", field) for owner, field in FIELDS}.values()
"""Each declaration once: fifty layer types share the same name, inputs and note."""
each_declaration = pytest.mark.parametrize(
    "declared", [field for _, field in DIFFERENT], ids=[title for title, _ in DIFFERENT]
)


def field(owner: str, name: str) -> Field:
    return next(field for title, field in FIELDS if (title, field.name) == (owner, name))


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Random values that a type hint and its bounds allow."""
    meta = Meta()
    if get_origin(hint) is Annotated:
        hint, *metas = get_args(hint)
        meta = next((candidate for candidate in metas if isinstance(candidate, Meta)), meta)
        if get_origin(hint) is Annotated:
            return values(hint)
    if get_origin(hint) in (Union, UnionType):
        return st.one_of([values(part) for part in get_args(hint)])
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), min_size=meta.min_length or 0, max_size=meta.max_length or 5).map(
            tuple
        )
    return plain_values(hint, meta)


def plain_values(hint: Any, meta: Meta) -> st.SearchStrategy[Any]:
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(int(meta.ge or 0), int(meta.le or 10**15))
    if hint is float:
        low, high = meta.ge if meta.ge is not None else meta.gt, meta.lt if meta.lt is not None else meta.le
        return st.floats(
            low,
            high,
            allow_nan=False,
            allow_infinity=False,
            exclude_min=meta.gt is not None,
            exclude_max=meta.lt is not None,
        )
    if hint is str:
        return st.text(max_size=30)
    assert hint is type(None)
    return st.none()


@each_declaration
def test_every_value_is_read_back_from_its_text(declared: Field) -> None:
    @share(1 / 4)
    @given(values(declared.hint))
    def read_back(value: Any) -> None:
        assert convert_value(declared, value) == value
        assert parse_field(declared, field_text(declared, value)) == value

    read_back()


@each_declaration
def test_nonsense_is_refused_with_a_sentence_or_is_a_valid_value(declared: Field) -> None:
    @share(1 / 4)
    @given(st.text(max_size=40) | st.text("0123456789.,:;x× []-e", max_size=20))
    def refused_or_valid(text: str) -> None:
        try:
            value = parse_field(declared, text)
        except ValueError as error:
            sentence = str(error)
            assert sentence.startswith(f"{declared.title} must be ")
            assert sentence.endswith((".", "?"))
            assert len(sentence) < 450
        else:
            assert convert_value(declared, value) == value

    refused_or_valid()


@pytest.mark.parametrize(
    ("owner", "name", "text", "value"),
    [
        ("Conv2D", "filters", " 256 ", 256),
        ("Conv2D", "filters", "1,000", 1000),
        ("Conv2D", "filters", "1 000 000", 1_000_000),
        ("Conv2D", "kernel_size", "3", 3),
        ("Conv2D", "kernel_size", "3 × 5", (3, 5)),
        ("Conv2D", "kernel_size", "3x5", (3, 5)),
        ("Conv2D", "kernel_size", "3, 5", (3, 5)),
        ("Conv2D", "kernel_size", "3*5", (3, 5)),
        ("Conv2D", "kernel_size", "3 5", (3, 5)),
        ("Conv2D", "kernel_size", "[3, 5]", (3, 5)),
        ("Conv2D", "kernel_size", "[3 x 5]", (3, 5)),
        ("Conv1D", "kernel_size", "[3]", (3,)),
        ("Conv2D", "padding", "Same", "same"),
        ("Conv2D", "padding", "2", 2),
        ("Conv2D", "padding", "1 × 2", (1, 2)),
        ("Conv2D", "padding", "0:1, 1:0", ((0, 1), (1, 0))),
        ("Conv2D", "padding", "0 : 1, 2", ((0, 1), 2)),
        ("Conv2D", "padding", "[[0, 1], [1, 0]]", ((0, 1), (1, 0))),
        ("Conv2D", "padding", "[0, 1], [1, 0]", ((0, 1), (1, 0))),
        ("Conv2D", "activation", "ReLU", "relu"),
        ("Conv2D", "activation", "Leaky ReLU", "leaky_relu"),
        ("Conv2D", "activation", "none", None),
        ("Conv2D", "bias", "off", False),
        ("Conv2D", "connections", "0 1 2\n1, 2, 3", ((0, 1, 2), (1, 2, 3))),
        ("Conv2D", "connections", "0 1; 2", ((0, 1), (2,))),
        ("Conv2D", "connections", "[[0, 1], [2]]", ((0, 1), (2,))),
        ("Conv2D", "connections", "", None),
        ("MaxPool2D", "stride", "", None),
        ("Input", "size", "", ()),
        ("Input", "size", "227 × 227", (227, 227)),
        ("Upsample", "scale", "1.5 × 2", (1.5, 2)),
        ("AdaptiveAvgPool", "output_size", "7 × all", (7, None)),
        ("Permute", "dims", "0", (0,)),
        ("Dropout", "rate", ".25", 0.25),
        ("Add", "inputs", "conv1, input", ("conv1", "input")),
        ("Add", "inputs", "[conv1, input]", ("conv1", "input")),
        ("Add", "inputs", 'conv1, "a, b"', ("conv1", "a, b")),
        ("Add", "inputs", "conv1,", ("conv1",)),
        ("Conv2D", "note", "two\nlines ", "two\nlines "),
    ],
)
def test_what_people_type(owner: str, name: str, text: str, value: Any) -> None:
    parsed = parse_field(field(owner, name), text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("owner", "name", "value", "text"),
    [
        ("Conv2D", "kernel_size", (3, 5), "3 × 5"),
        ("Conv1D", "kernel_size", (3,), "[3]"),
        ("Conv2D", "padding", ((0, 1), (1, 0)), "0:1, 1:0"),
        ("Conv2D", "padding", (1, 2), "1 × 2"),
        ("Conv2D", "activation", None, "none"),
        ("MaxPool2D", "stride", None, ""),
        ("Conv2D", "bias", True, "yes"),
        ("Permute", "dims", (1, 2, 0), "1, 2, 0"),
        ("AdaptiveAvgPool", "output_size", (None, 7), "all × 7"),
        ("Upsample", "scale", 2.0, "2"),
        ("Dropout", "rate", 0.1, "0.1"),
        ("Add", "inputs", ("a, b", "c"), '"a, b", c'),
        ("Conv2D", "connections", ((0, 1), (2,)), "0, 1\n2"),
    ],
)
def test_what_people_read(owner: str, name: str, value: Any, text: str) -> None:
    assert field_text(field(owner, name), value) == text


@pytest.mark.parametrize(
    ("owner", "name", "text", "sentence"),
    [
        ("Conv2D", "filters", "0", "Filters must be 1 or more, not 0."),
        ("Conv2D", "filters", "-3", "Filters must be 1 or more, not -3."),
        ("Conv2D", "filters", "9999999999", "Filters must be 1,000,000,000 or less, not 9999999999."),
        ("Conv2D", "filters", "", "Filters must be a whole number, not empty."),
        ("Conv2D", "filters", "2.5", "Filters must be a whole number, not 2.5."),
        ("Conv2D", "filters", "9" * 5000, f"Filters must be a whole number, not '{'9' * 40}…'."),
        (
            "Conv2D",
            "kernel_size",
            "3 ×",
            "Kernel size must be a whole number, or one for each axis such as 3 × 5, not '3 ×'.",
        ),
        ("Conv2D", "kernel_size", "3 × 0", "Kernel size must be 1 or more, not '3 × 0'."),
        (
            "Conv2D",
            "padding",
            "wide",
            "Padding must be valid, same, a whole number, one for each axis such as 1 × 2, "
            "or begin:end for each axis such as 0:1, 1:0, not 'wide'.",
        ),
        ("Conv2D", "bias", "maybe", "Bias must be yes or no, not 'maybe'."),
        (
            "PReLU",
            "coefficients",
            "chanel",
            "Coefficients must be one of layer, channel, element, not 'chanel'. Did you mean 'channel'?",
        ),
        ("Dropout", "rate", "1", "Rate must be a number from 0 up to but not including 1, not 1."),
        (
            "Upsample",
            "scale",
            "0",
            "Scale must be a number above 0, or one for each axis such as 1.5 × 2, or none, not 0.",
        ),
        ("Permute", "dims", "a", "Dims must be whole numbers, one for each axis such as 1, 2, 0, not 'a'."),
        ("Slice", "axis", "5", "Axis must be 4 or less, not 5."),
        (
            "Add",
            "inputs",
            'a, "b',
            "Inputs must be names of earlier layers with commas between them, not 'a, \"b'.",
        ),
    ],
)
def test_the_sentence_of_a_refusal(owner: str, name: str, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        parse_field(field(owner, name), text)
    assert str(caught.value) == sentence


def test_brackets_nested_without_end_are_refused() -> None:
    with pytest.raises(ValueError, match="Kernel size must be"):
        parse_field(field("Conv2D", "kernel_size"), "[" * 100_000)


def test_every_layer_type_was_tried() -> None:
    assert set(LAYER_TYPES) <= {owner for owner, _ in FIELDS}
