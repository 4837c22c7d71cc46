"""Tensors that attention keeps for backward, by hand; the frameworks' tests compare it with PyTorch's autograd."""

from __future__ import annotations

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.memory.kept import kept_working
from cnnstudio.core.memory.model import MemoryModel
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.layer import Layer
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.attention.running import Attention
from cnnstudio.layers.attention.windows import WindowAttention
from cnnstudio.layers.structure import Input

BATCH = 2


def model_of(layer: Layer, size: tuple[int, ...], channels: int, *, casts: bool) -> MemoryModel:
    image = Input(name="image", size=size, channels=channels)
    return MemoryModel(analyze(Design(layers=(image, layer))), casts=casts, trains=True)


@pytest.mark.parametrize(
    ("heads", "precision", "algorithm"),
    [
        ((64, 64), "16 bits", "flash"),
        ((20, 20), "16 bits", "flash"),
        ((64, 128), "16 bits", "efficient"),
        ((512, 512), "16 bits", "efficient"),
        ((64, 36), "16 bits", "products"),
        ((64, 36), "fp32", "efficient"),
        ((6, 6), "fp32", "products"),
    ],
)
def test_the_kernel_is_chosen_by_precision_and_heads(heads: tuple[int, int], precision: str, algorithm: str) -> None:
    assert Attention(2, 5, 5, *heads).algorithm("fp32" if precision == "fp32" else "16 bits") == algorithm


def test_self_attention_keeps_a_sequence_and_not_its_scores() -> None:
    layer, (positions, channels, heads) = MultiHeadAttention(name="attention", heads=4), (100, 32, 4)
    model = model_of(layer, (positions,), channels, casts=False)
    # The sequence, its three projections, the mixed values, and those with the heads joined.
    maps = (1 + 3 + 1 + 1) * 4 * channels * positions
    # A logarithm for each query, their number rounded up to whole groups of 32.
    assert model.kept(BATCH).value == BATCH * (maps + 4 * heads * 128) + 16
    assert "projections" in kept_working(model, 1, BATCH).text()


def test_one_example_is_in_order_as_it_is() -> None:
    model = model_of(MultiHeadAttention(name="attention", heads=4), (100,), 32, casts=False)
    several, alone = model.kept(2).value, model.kept(1).value
    assert several is not None
    assert alone is not None
    # The heads are joined without a copy.
    assert alone == (several - 16) // 2 + 16 - 4 * 32 * 100
    assert "joined" not in kept_working(model, 1, 1).text()


def test_flash_attention_keeps_half_and_joins_heads_without_a_copy() -> None:
    layer, (positions, channels, heads) = MultiHeadAttention(name="attention", heads=4), (100, 32, 4)
    model = model_of(layer, (positions,), channels, casts=True)
    logarithms = 4 * heads * positions
    # Of the image come no gradients, so that the copy of the first weights is not kept.
    weights = channels**2
    assert model.kept(BATCH).value == BATCH * (5 * 2 * channels * positions + logarithms) + 24 + 2 * weights


def test_heads_that_no_kernel_takes_keep_the_share_of_each_pair() -> None:
    layer, (positions, channels, heads) = MultiHeadAttention(name="attention", heads=2), (10, 12, 2)
    model = model_of(layer, (positions,), channels, casts=False)
    # The sequence, its three projections, of which the values are kept, scaled queries and keys, the heads joined.
    maps = (1 + 3 + 2 + 1) * 4 * channels * positions
    assert model.kept(BATCH).value == BATCH * (maps + 4 * heads * positions**2)


def test_windows_keep_the_shares_of_their_places() -> None:
    layer = WindowAttention(name="attention", heads=2, window=4)
    model = model_of(layer, (6, 8), 8, casts=False)
    padded = 8 * 8
    # Windows, queries, keys, values, and the heads joined; and a share for each pair of places in a window.
    assert model.kept(BATCH).value == BATCH * 4 * (5 * 8 * padded + 2 * padded * 16)
