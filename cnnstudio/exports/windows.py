"""Windows along each axis, in numbers that every framework can be told: worked out from a row's shapes."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape, explicit_padding, per_axis, same_padding

Ends = list[tuple[int, int]]
"""Elements at the beginning and at the end of each axis."""


class WindowAxis(Struct, frozen=True):
    """One axis of a window that slides: sizes in elements.

    `begin` and `end` are the padding that the layer states, `same` worked out; `needed` is the padding at the end that
    the last window reaches into, which is more where sizes are rounded up and less where they are rounded down.
    """

    size: int
    kernel: int
    stride: int
    dilation: int
    outputs: int
    begin: int
    end: int
    needed: int

    @property
    def reach(self) -> int:
        """Elements that the dilated kernel spans."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def floors(self) -> bool:
        """True if rounding down gives the outputs."""
        return (self.size + self.begin + self.end - self.reach) // self.stride + 1 == self.outputs

    @property
    def ceils(self) -> bool:
        """True if PyTorch's rounding up gives the outputs: a window that starts in the end padding is dropped."""
        outputs = -(-(self.size + self.begin + self.end - self.reach) // self.stride) + 1
        if (outputs - 1) * self.stride >= self.size + self.begin:
            outputs -= 1
        return outputs == self.outputs

    @property
    def usual_end(self) -> int:
        """The padding at the end that gives these outputs by rounding down, as the layer states it where that does."""
        # Runtimes refuse padding as wide as the window.
        return self.end if self.floors and self.end < self.kernel else self.needed

    @property
    def is_beyond(self) -> bool:
        """True if some window holds no element of the map: it lies in the padding, or the map between its elements."""
        if (self.outputs - 1) * self.stride >= self.size + self.begin or self.begin >= self.reach:
            return True
        return self.dilation > self.size and not all(map(self._meets, range(self.outputs)))

    def _meets(self, place: int) -> bool:
        """True if an element of the window at this place lies on the map."""
        start = place * self.stride - self.begin
        return any(0 <= start + tap * self.dilation < self.size for tap in range(self.kernel))


def window_axes(
    shape: Shape, output: Shape, kernel: Any, stride: Any, padding: Any, dilation: Any = 1
) -> list[WindowAxis]:
    """The axes of a convolution or a pool whose input and output are known."""
    rank = shape.rank
    axes = []
    pads = None if padding == "same" else explicit_padding(padding, rank)
    stated = (per_axis(kernel, rank), per_axis(stride, rank), per_axis(dilation, rank))
    each = zip(shape.spatial, *stated, output.spatial, strict=True)
    for at, (size, width, step, gap, outputs) in enumerate(each):
        begin, end = same_padding(size, width, step, gap) if pads is None else pads[at]
        # From the sizes of the row: however they were rounded, this padding gives them when rounding down.
        needed = max(0, (outputs - 1) * step + gap * (width - 1) + 1 - size - begin)
        axes.append(WindowAxis(size, width, step, gap, outputs, begin, end, needed))
    return axes


class TransposedAxis(Struct, frozen=True):
    """One axis of a transposed convolution: of its full output, `begin` and `end` elements are cut off.

    `end` below 0 adds real outputs: the bias, and what the kernel still gives.
    """

    size: int
    kernel: int
    stride: int
    dilation: int
    outputs: int
    begin: int
    end: int


def transposed_axes(
    shape: Shape, output: Shape, kernel: Any, stride: Any, padding: Any, dilation: Any, output_padding: Any
) -> list[TransposedAxis]:
    """The axes of a transposed convolution whose input and output are known."""
    rank = shape.rank
    given = None if padding == "same" else explicit_padding(padding, rank)
    stated = (per_axis(kernel, rank), per_axis(stride, rank), per_axis(dilation, rank))
    each = zip(shape.spatial, *stated, output.spatial, strict=True)
    axes = []
    for at, (size, width, step, gap, outputs) in enumerate(each):
        reach = gap * (width - 1) + 1
        if given is not None:
            begin = given[at][0]
        elif output_padding is None:
            # Keras' two rules: `same` alone, and `same` with an output padding.
            begin = max(0, reach - step) // 2
        else:
            begin = reach // 2
        end = (size - 1) * step + reach - begin - outputs
        axes.append(TransposedAxis(size, width, step, gap, outputs, begin, end))
    return axes
