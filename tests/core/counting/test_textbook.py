"""Workings as a textbook sets them."""

from __future__ import annotations

import pytest

from cnnstudio.core.arithmetic.shape import same_padding
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.counting.textbook import textbook_workings, zeros_joined
from cnnstudio.core.counting.working import workings
from cnnstudio.core.network.design import Design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.pooling import MaxPool2D
from cnnstudio.layers.structure import Input
from tests.networks import builtin


def row_of(analysis: Analysis, name: str) -> Row:
    """The row of a layer."""
    return next(row for row in analysis.rows if row.path == name)


def text_of(analysis: Analysis, name: str, key: str) -> list[str]:
    """The workings of a quantity of a layer, as text."""
    return [working.text() for working in textbook_workings(row_of(analysis, name), analysis) if working.key == key]


def test_a_dense_layer_after_a_flatten_counts_the_map() -> None:
    alexnet = builtin("alexnet")
    assert text_of(alexnet, "FC-1", "weights") == ["weights = W_cf = O² · N · F = 6² × 256 × 4,096 = 37,748,736"]
    assert text_of(alexnet, "FC-1", "biases") == ["biases = B_cf = F = 4,096"]
    assert text_of(alexnet, "FC-2", "weights") == ["weights = W_ff = F₋₁ · F = 4,096 × 4,096 = 16,777,216"]


def test_a_pooling_window_is_p_s() -> None:
    assert text_of(builtin("alexnet"), "MaxPool-1", "output")[0] == (
        "output height = O_h = floor((I_h − P_s + 2 · P_h) / S_h) + 1 = floor((55 − 3 + 2 × 0) / 2) + 1 = 27"
    )


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "dilation"), [(32, 3, 1, 1), (33, 4, 2, 1), (17, 3, 3, 2), (5, 1, 2, 1)]
)
def test_same_padding_is_derived(size: int, kernel: int, stride: int, dilation: int) -> None:
    image = Input(name="image", size=(size, size), channels=1)
    conv = Conv2D(name="conv", filters=2, kernel_size=kernel, stride=stride, dilation=dilation, padding="same")
    analysis = analyze(Design(name="same", layers=(image, conv)))
    found = {working.name: working for working in textbook_workings(row_of(analysis, "conv"), analysis)}
    begin, end = same_padding(size, kernel, stride, dilation)
    assert found["padding in all, height"].value == begin + end
    assert found["padding at the beginning, height"].value == begin
    assert found["padding at the end, height"].value == end
    assert found["padding in all, height"].sides()[:2] == (
        "P_total_h",
        "max((O_h − 1) · S_h + D_h · (K_h − 1) + 1 − I_h, 0)",
    )


def test_same_padding_of_a_pool_is_derived() -> None:
    image, pool = Input(name="image", size=(7, 7), channels=1), MaxPool2D(name="pool", pool_size=2, padding="same")
    analysis = analyze(Design(name="same", layers=(image, pool)))
    assert any(
        "P_total_h = max(" in working.text() for working in textbook_workings(row_of(analysis, "pool"), analysis)
    )


@pytest.mark.parametrize("name", ["alexnet", "lenet-5", "mobilenet-v2", "u-net", "two-stream"])
def test_the_values_are_those_of_the_plain_workings(name: str) -> None:
    analysis = builtin(name)
    for row in analysis.rows:
        # What the network gives a layer, as kept bytes, is no plain working.
        found = [w for w in textbook_workings(row, analysis) if QUANTITY[w.key].spread is None]
        textbook = [w for w in found if not w.name.startswith("padding ")]
        assert [(w.key, w.name, w.value) for w in textbook] == [(w.key, w.name, w.value) for w in workings(row)]


def test_zeros_are_one_line() -> None:
    analysis = builtin("alexnet")
    found = zeros_joined(textbook_workings(row_of(analysis, "MaxPool-1"), analysis))
    (zeros,) = [working for working in found if working.value == 0 and working.key == "parameters"]
    assert zeros.name.startswith("parameters, weights, biases, ")
