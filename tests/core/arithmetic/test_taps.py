"""The input elements that outputs take, where they are not one sliding window."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.arithmetic.shape import Axis, Window
from cnnstudio.core.arithmetic.taps import (
    MAX_PHASES,
    Taps,
    adaptive_taps,
    enlarged_taps,
    resized_taps,
    transposed_taps,
)

small = st.integers(1, 6)


def taken(taps: Taps, output: int) -> list[int]:
    first = taps.first(output)
    return [first + taps.step * at for at in range(taps.count(output))]


@given(small, small, small, st.integers(0, 5))
def test_each_output_of_a_transposed_convolution(kernel: int, stride: int, dilation: int, begin: int) -> None:
    taps = transposed_taps(Axis("", 9, kernel, stride, (begin, 0), dilation), 0)
    assert taps is not None
    for output in range(3 * stride * dilation):
        scattered = {i for i in range(-40, 40) for t in range(kernel) if i * stride - begin + t * dilation == output}
        assert taken(taps, output) == sorted(scattered)


@given(st.integers(1, 40), st.integers(1, 40))
def test_each_output_of_adaptive_pooling(size: int, outputs: int) -> None:
    taps = adaptive_taps(size, outputs)
    if isinstance(taps, Window):
        assert taps == Window(0, size // outputs, size // outputs)
        return
    assert taps is not None
    for i in range(outputs):
        assert taken(taps, i) == list(range(i * size // outputs, -(-(i + 1) * size // outputs)))


@pytest.mark.parametrize(
    ("mode", "size", "outputs", "align", "found"),
    [
        ("nearest", 2, 4, False, [[0], [0], [1], [1]]),
        ("nearest", 4, 3, False, [[0], [1], [2]]),
        ("linear", 2, 4, False, [[-1, 0], [0, 1], [0, 1], [1, 2]]),
        ("linear", 2, 6, False, [[-1, 0], [0], [0, 1], [0, 1], [1], [1, 2]]),
        ("linear", 3, 5, True, [[0], [0, 1], [1], [1, 2], [2]]),
        ("cubic", 2, 4, False, [[-2, -1, 0, 1], [-1, 0, 1, 2], [-1, 0, 1, 2], [0, 1, 2, 3]]),
    ],
)
def test_resizing(mode: str, size: int, outputs: int, align: bool, found: list[list[int]]) -> None:
    taps = resized_taps(size, outputs, mode, Fraction(size, outputs), align_corners=align)  # type: ignore[arg-type]
    assert taps is not None
    assert [taken(taps, output) for output in range(outputs)] == found


def test_what_comes_again_too_late_is_not_followed() -> None:
    assert transposed_taps(Axis("", 9, 3, MAX_PHASES + 1, (0, 0)), None) is None
    assert adaptive_taps(2 * MAX_PHASES + 1, MAX_PHASES + 1) is None
    assert resized_taps(2, 3 * MAX_PHASES, "nearest", Fraction(2, 3 * MAX_PHASES)) is None
    assert enlarged_taps(MAX_PHASES + 1) is None
