"""The input elements that each output of a layer takes along one axis, where they are not one sliding window.

Layers that enlarge, and pooling to a given size, take other elements for neighbouring outputs; what they take comes
again after some outputs, a little further on.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import ONE_ELEMENT, Axis, Window

MAX_PHASES = 4_096
"""Outputs after which what they take must come again; with more, nobody follows it."""


class Taps(Struct, frozen=True, gc=False):
    """Output `o` takes `counts[o mod p]` elements, `step` apart, from `firsts[o mod p] + (o div p) · advance` on.

    p is the number of phases. A count of 0: such an output takes nothing. `is_even`: the outputs stand for places at
    one distance, `advance / p` elements, though what they take lies on whole elements.
    """

    firsts: tuple[int, ...]
    counts: tuple[int, ...]
    advance: int
    step: int = 1
    is_even: bool = True

    def first(self, output: int) -> int:
        """The first element that an output takes."""
        cycle, phase = divmod(output, len(self.firsts))
        return self.firsts[phase] + cycle * self.advance

    def count(self, output: int) -> int:
        """The number of elements that an output takes."""
        return self.counts[output % len(self.counts)]


def taps_of(window: Window | Taps) -> Taps:
    """A sliding window as taps; of a dilated one the first and the last element count."""
    if isinstance(window, Taps):
        return window
    return Taps((window.start,), (window.elements,), window.stride, window.dilation)


def transposed_taps(axis: Axis, output_padding: int | None) -> Taps | None:
    """The inputs i of an output p of a transposed convolution: p + P − i·S is one of 0, D, … D(K − 1).

    None beyond `MAX_PHASES`.
    """
    # The phases of a transposed convolution are as many as its stride, and a field may hold any stride up to a billion.
    if axis.stride > MAX_PHASES:
        return None
    found = [_scattered(axis, place + _begin(axis, output_padding)) for place in range(axis.stride)]
    firsts, counts = zip(*found, strict=True)
    return Taps(firsts, counts, 1, axis.dilation // gcd(axis.stride, axis.dilation))


def _begin(axis: Axis, output_padding: int | None) -> int:
    """The padding at the beginning; `same` by the two rules of Keras."""
    if axis.padding != "same":
        return axis.padding[0]
    return max(0, axis.reach - axis.stride) // 2 if output_padding is None else axis.reach // 2


def _scattered(axis: Axis, place: int) -> tuple[int, int]:
    """First input and number of inputs whose kernels reach a place of the output before it is cropped."""
    # Where stride and dilation share a factor, whole rows of outputs are reached by no tap of the kernel.
    common = gcd(axis.stride, axis.dilation)
    if place % common:
        return 0, 0
    period = axis.stride // common
    start = next(tap for tap in range(period) if (place - axis.dilation * tap) % axis.stride == 0)
    count = max(0, (axis.kernel - 1 - start) // period + 1)
    last = start + (count - 1) * period
    return ((place - axis.dilation * last) // axis.stride, count) if count else (0, 0)


def adaptive_taps(size: int, outputs: int) -> Window | Taps | None:
    """Elements floor(i·I / O) up to ceil((i + 1)·I / O) for output i of adaptive pooling; a window where O divides I.

    None beyond `MAX_PHASES`.
    """
    # Elsewhere windows of adaptive pooling differ in size and overlap, as in PyTorch: 5 to 3 takes 2, 3 and 2 elements.
    if size % outputs == 0:
        return Window(0, size // outputs, size // outputs)
    # Exact fractions here and below. With floats an output that lies on an element would now and then take two.
    ratio = Fraction(size, outputs)
    above, below = ratio.numerator, ratio.denominator
    if below > MAX_PHASES:
        return None
    firsts = [i * above // below for i in range(below)]
    counts = [-(-(i + 1) * above // below) - first for i, first in enumerate(firsts)]
    return Taps(tuple(firsts), tuple(counts), above, is_even=False)


Mode = Literal["nearest", "linear", "cubic"]


def resized_taps(size: int, outputs: int, mode: Mode, ratio: Fraction, *, align_corners: bool = False) -> Taps | None:
    """The elements that resizing interpolates an output from; `ratio` is the input elements an output stands for.

    Output i lies at (i + ½)·ratio − ½, or with its corners aligned at i·(I − 1) / (O − 1); nearest takes
    floor(i·ratio). An output that lies on an element takes that one alone. None beyond `MAX_PHASES`.
    """
    aligned = align_corners and mode != "nearest"
    if aligned:
        # One output alone has no second corner to align, and PyTorch takes the first element then.
        ratio = Fraction(size - 1, outputs - 1) if outputs > 1 else Fraction(1)
    above, below = ratio.numerator, ratio.denominator
    if below > MAX_PHASES:
        return None
    # Pixels are squares: the centre of output 0 lies half an output inside the edge. `nearest` floors and ignores that.
    shift = Fraction(0) if aligned or mode == "nearest" else (ratio - 1) / 2
    found = [_around(i * ratio + shift, mode) for i in range(below)]
    firsts, counts = zip(*found, strict=True)
    return Taps(firsts, counts, above, is_even=not aligned and 1 in (above, below))


_MODES: dict[str, Mode] = {"nearest": "nearest", "bicubic": "cubic"}


def interpolated_taps(
    sizes: tuple[int, ...],
    outputs: tuple[int, ...],
    scales: tuple[float | None, ...],
    mode: str,
    *,
    align_corners: bool,
) -> list[Window | Taps | None]:
    """`resized_taps` along each axis, by its scale or, without one, by the sizes; `mode` is a framework's word."""
    found: list[Window | Taps | None] = []
    for size, output, scale in zip(sizes, map(int, outputs), scales, strict=True):
        # Frameworks divide by the factor that is given, also where the size was rounded.
        ratio = Fraction(size, output) if scale is None else 1 / Fraction(scale).limit_denominator(1_000_000)
        taps = resized_taps(size, output, _MODES.get(mode, "linear"), ratio, align_corners=align_corners)
        found.append(ONE_ELEMENT if size == output and ratio == 1 else taps)
    return found


def _around(place: Fraction, mode: Mode) -> tuple[int, int]:
    """First element and number of the elements that interpolation at a place takes."""
    below = place.numerator // place.denominator
    # On an element the weights of all others are 0, for linear and for cubic interpolation.
    if mode == "nearest" or place.denominator == 1:
        return below, 1
    return (below - 1, 4) if mode == "cubic" else (below, 2)


def enlarged_taps(zoom: int) -> Window | Taps | None:
    """The one element that each of `zoom` outputs repeats; None beyond `MAX_PHASES`."""
    if zoom == 1:
        return Window(0, 1)
    return Taps((0,) * zoom, (1,) * zoom, 1) if zoom <= MAX_PHASES else None
