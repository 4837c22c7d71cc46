"""Patches counted by hand: locally connected, unfolded, blurred, and pooling undone."""

from __future__ import annotations

import pytest
from msgspec import ValidationError, convert

from cnnstudio.core.arithmetic.derivation import formula
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import NUMBERS, SYMBOLS, Counts, Layer
from cnnstudio.core.network.problem import Refusal
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.patches.local import LocallyConnected2D
from cnnstudio.layers.patches.pools import BlurPool, LPPool2D, MaxUnpool
from cnnstudio.layers.patches.unfolding import Fold, Unfold


def counted(layer: Layer, *inputs: Shape) -> Counts:
    return layer.count(inputs, NUMBERS["pytorch"])


def test_each_place_has_kernels_of_its_own() -> None:
    # 6 × 6 places, and at each of them 4 filters of 3 × 3 × 4 weights and a bias.
    counts = counted(LocallyConnected2D(filters=4, kernel_size=3), Shape(4, (8, 8)))
    assert counts.parameters == 36 * (9 * 4 + 1) * 4
    assert counts.macs == 36 * 9 * 4 * 4
    working = LocallyConnected2D(filters=4, kernel_size=3).count((Shape(4, (8, 8)),), SYMBOLS["pytorch"])
    assert formula(working.parameters) == "O_h · O_w · (K_h · K_w · C + 1) · N"


def test_standardized_weights_are_as_many() -> None:
    shape = Shape(3, (8, 8))
    plain, other = (counted(Conv2D(filters=4, kernel_size=3, standardized=on), shape) for on in (False, True))
    assert plain == other


def test_columns_come_back_to_the_map_that_was_unfolded() -> None:
    image = Shape(3, (10, 7))
    columns = counted(Unfold(kernel_size=(3, 2), stride=2, padding=(1, 0)), image).output
    assert columns == Shape(18, (5 * 3,))
    assert counted(Fold(kernel_size=(3, 2), stride=2, padding=(1, 0), size=(10, 7)), columns).output == image
    with pytest.raises(Refusal, match="has 12 windows, and it receives a map of 18 channels, length 15"):
        counted(Fold(kernel_size=(3, 2), stride=2, padding=(1, 0), size=(8, 7)), columns)


def test_pools() -> None:
    image = Shape(3, (9, 8))
    assert counted(BlurPool(), image).output == Shape(3, (5, 4))
    assert counted(BlurPool(filter_size=4, stride=(1, 3)), image).output == Shape(3, (9, 3))
    assert sum(BlurPool(filter_size=5).taps()) == 1
    assert counted(LPPool2D(pool_size=3, stride=2), image).output == Shape(3, (4, 3))
    assert counted(MaxUnpool(pool_size=2), Shape(3, (4, 4)), image).output == image


def test_pools_refuse_what_they_cannot_do() -> None:
    said = "a filter of 9 needs 5 elements on each axis to reflect .* and the input has 4. Use a filter of 7 or less"
    with pytest.raises(Refusal, match=said):
        counted(BlurPool(filter_size=9), Shape(3, (9, 4)))
    with pytest.raises(Refusal, match=r"needs 2 elements .* has 1\. Use a filter of 1\."):
        counted(BlurPool(filter_size=2), Shape(3, (1, 1)))
    with pytest.raises(Refusal, match="give 3 × 4 × 4, and what it puts back is 3 × 4 × 5"):
        counted(MaxUnpool(pool_size=2), Shape(3, (4, 5)), Shape(3, (9, 8)))
    with pytest.raises(ValidationError, match="LPPool2D has none; put a ZeroPad before it"):
        convert({"pool_size": 2, "padding": 1}, LPPool2D)
