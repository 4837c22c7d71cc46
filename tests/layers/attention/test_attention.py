"""Attention counted by hand, and what it refuses; the frameworks' tests run it and count its products."""

from __future__ import annotations

from typing import Any

import pytest

from cnnstudio.core.arithmetic.derivation import formula
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import NUMBERS, SYMBOLS, Counts, Layer
from cnnstudio.core.network.problem import Refusal
from cnnstudio.layers.attention.heads import DotProductAttention, MultiHeadAttention
from cnnstudio.layers.attention.products import MatMul
from cnnstudio.layers.attention.windows import RelativePositionBias, WindowAttention

TOKENS = Shape(768, (197,))


def counted(layer: Layer, *inputs: Shape) -> Counts:
    return layer.count(inputs, NUMBERS["pytorch"])


def test_self_attention_of_vit_has_the_parameters_of_four_linear_layers() -> None:
    counts = counted(MultiHeadAttention(heads=12), TOKENS)
    assert counts.parameters == 4 * (768 * 768 + 768)
    assert counts.macs == 197 * 4 * 768 * 768 + 2 * 197 * 197 * 768
    assert counts.output == TOKENS
    assert counts.reach == "whole"


def test_cross_attention_takes_keys_and_values_of_other_sizes() -> None:
    layer = MultiHeadAttention(heads=2, key_size=3, value_size=5, units=7, bias=False)
    query, key, value = Shape(4, (6,)), Shape(8, (10,)), Shape(9, (10,))
    counts = counted(layer, query, key, value)
    assert counts.weights == 2 * 3 * (4 + 8) + 2 * 5 * 9 + 2 * 5 * 7
    assert counts.biases == 0
    assert counts.macs == 6 * (4 * 6 + 10 * 7) + 10 * (8 * 6 + 9 * 10) + 6 * 10 * (6 + 10)
    assert counts.output == Shape(7, (6,))


def test_along_the_last_axis_each_window_attends_by_itself() -> None:
    windows = Shape(96, (64, 49))
    counts = counted(DotProductAttention(heads=3, attends_to="last_axis"), windows, windows, windows)
    assert counts.macs == 64 * 49 * 49 * (96 + 96)


def test_the_working_names_heads_and_positions() -> None:
    counts = MultiHeadAttention(heads=12).count((TOKENS,), SYMBOLS["pytorch"])
    assert formula(counts.biases) == "2 · h · d_k + h · d_v + F"
    assert "L · T" in formula(counts.macs or 0)


def test_a_window_of_swin_learns_a_bias_for_each_head_and_distance() -> None:
    counts = counted(WindowAttention(heads=3, window=7, shift=3), Shape(96, (56, 56)))
    assert counts.parameters == 4 * 96 * 96 + 4 * 96 + 3 * 13 * 13
    assert counts.macs == 56 * 56 * (4 * 96 * 96 + 2 * 96 * 49)


def test_windows_that_do_not_divide_are_padded() -> None:
    counts = counted(WindowAttention(heads=1, window=(4, 2)), Shape(2, (5, 3)))
    assert counts.macs == 8 * 4 * (4 * 2 * 2 + 2 * 2 * 8)


def test_matrices_are_multiplied_one_for_each_channel() -> None:
    first, second = Shape(12, (197, 64)), Shape(12, (197, 64))
    counts = counted(MatMul(transpose_second=True), first, second)
    assert counts.output == Shape(12, (197, 197))
    assert counts.macs == 12 * 197 * 64 * 197
    assert counted(MatMul(transpose_first=True), Shape(3, (5,)), Shape(3, (7,))).output == Shape(5, (7,))


@pytest.mark.parametrize(
    ("layer", "inputs", "sentence"),
    [
        (MultiHeadAttention(heads=3), (Shape(8, (4,)),), "query channels must be a multiple of heads"),
        (MultiHeadAttention(heads=2), (Shape(8),), "needs a map and receives a vector of 8"),
        (
            MultiHeadAttention(heads=2),
            (Shape(8, (4,)), Shape(8, (5,)), Shape(8, (6,))),
            "needs a value for each key",
        ),
        (
            MultiHeadAttention(heads=2, attends_to="last_axis"),
            (Shape(8, (4, 5)), Shape(8, (3, 5))),
            "along the last axis it needs all other axes alike",
        ),
        (
            DotProductAttention(),
            (Shape(8, (4,)), Shape(6, (4,)), Shape(8, (4,))),
            "a query of 8 channels and a key of 6 have no dot product",
        ),
        (MatMul(), (Shape(2, (3, 4)), Shape(2, (3, 4))), "as they are taken, 3 × 4 meets 3 × 4"),
        (RelativePositionBias(window=2), (Shape(3, (4, 5)),), "a window of 2 × 2 has scores of 4 × 4"),
    ],
)
def test_what_does_not_go_together_is_refused(layer: Layer, inputs: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        layer.count(inputs, NUMBERS["pytorch"])


def test_a_shift_stays_within_the_window() -> None:
    with pytest.raises(ValueError, match="shift: 4 is not smaller than the window of 4"):
        WindowAttention(heads=1, window=4, shift=4)
