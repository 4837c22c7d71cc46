"""Arithmetic in fields of numbers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cnnstudio.core.network.field_arithmetic import is_arithmetic, worked_out
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.layers import LAYER_TYPES


def field(layer: str, name: str) -> Field:
    """The declared field of a layer type."""
    return next(found for found in fields_of(LAYER_TYPES[layer]) if found.name == name)


FILTERS, KERNEL, RATE = field("Conv2D", "filters"), field("Conv2D", "kernel_size"), field("Dropout", "rate")
STRIDE, PADDING = field("MaxPool2D", "stride"), field("Conv2D", "padding")


@pytest.mark.parametrize(
    ("of", "text", "before", "after"),
    [
        (FILTERS, "/2", 64, 32),
        (FILTERS, "*1.5", 64, 96),
        (FILTERS, " × 2 ", 64, 128),
        (FILTERS, "64*1.5", 10, 96),
        (FILTERS, "64/2+1", 10, 33),
        (FILTERS, "3*64-1", 10, 191),
        (FILTERS, "1.1*10", 10, 11),
        (RATE, "/2", 0.5, 0.25),
        (RATE, "*3", 0.1, 0.3),
        (RATE, "1/4", 0.5, 0.25),
        (KERNEL, "*2", (3, 5), (6, 10)),
        (KERNEL, "*2", 3, 6),
        (PADDING, "*2", ((0, 1), (1, 2)), ((0, 2), (2, 4))),
    ],
)
def test_a_value_is_worked_out(of: Field, text: str, before: Any, after: Any) -> None:
    assert is_arithmetic(of, text)
    assert worked_out(of, text, before) == after


@pytest.mark.parametrize(
    ("of", "text", "before", "sentence"),
    [
        (FILTERS, "/3", 64, "Filters must be a whole number, and 64 /3 is 21.3333."),
        (FILTERS, "64*1.3", 64, "Filters must be a whole number, and 64*1.3 is 83.2."),
        (FILTERS, "/0", 64, "Nothing can be divided by 0."),
        (FILTERS, "1-2", 64, "Filters must be 1 or more, not -1."),
        (KERNEL, "/2", (3, 4), "Kernel size must be a whole number, and 3 /2 is 1.5."),
        (STRIDE, "*2", None, "Stride has no number that *2 could change."),
        (PADDING, "*2", "same", "Padding has no number that *2 could change."),
    ],
)
def test_what_cannot_be_is_said(of: Field, text: str, before: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        worked_out(of, text, before)


@pytest.mark.parametrize(
    ("of", "text"),
    [(FILTERS, "64"), (FILTERS, "+8"), (FILTERS, "-8"), (FILTERS, "64*"), (KERNEL, "3*5"), (KERNEL, "3 × 5")],
)
def test_plain_values_are_not_arithmetic(of: Field, text: str) -> None:
    assert not is_arithmetic(of, text)
