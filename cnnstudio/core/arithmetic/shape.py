"""Tensor shapes, and the window arithmetic that convolution, pooling and transposed convolution share.

Sizes follow Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016 (arXiv 1603.07285);
where frameworks differ, the rule says whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.derivation import Symbol, Working, ceil_divide, maximum, plain, product, symbol

Padding = Literal["valid", "same"] | int | tuple[int | tuple[int, ...], ...]
Sizes = int | tuple[int, ...]
Rounding = Literal["floor", "pytorch", "caffe"]
"""The rounding of a window that does not divide evenly: down, or up by the rule of PyTorch or of Caffe."""

MAX_RANK: Final = 4
"""The spatial axes that a map has at most: a volume at each step of time."""
AXIS_NAMES: dict[int, tuple[str, ...]] = {
    0: (),
    1: ("",),
    2: ("_h", "_w"),
    3: ("_d", "_h", "_w"),
    4: ("_t", "_d", "_h", "_w"),
}
"""Subscripts of the spatial axes; one axis alone needs none."""
AXIS_WORDS: dict[int, tuple[str, ...]] = {
    0: (),
    1: ("length",),
    2: ("height", "width"),
    3: ("depth", "height", "width"),
    4: ("time", "depth", "height", "width"),
}


class Shape(Struct, frozen=True, cache_hash=True, gc=False):
    """A tensor without its batch axis: channels, and 0 to 4 spatial sizes. A vector is channels alone.

    `within` are the spatial sizes of the map of which its numbers are places; empty for numbers to compute with.
    """

    channels: int
    spatial: tuple[int, ...] = ()
    within: tuple[int, ...] = ()

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.spatial)

    @property
    def positions(self) -> int:
        """The number of spatial positions: 1 for a vector."""
        return product(self.spatial)

    @property
    def elements(self) -> int:
        """The number of elements."""
        elements = self.channels
        # Not by `product`, which looks for formulas to keep: this is read for every row of every sum.
        for size in self.spatial:
            elements *= size
        return elements

    def to_list(self) -> list[int]:
        """[channels, *spatial], the order of every machine-readable form."""
        return [self.channels, *self.spatial]

    def __str__(self) -> str:
        return " × ".join(str(size) for size in self.to_list())


def output_workings(output: Shape, step_axes: int = 0) -> Iterator[Working]:
    """The working of each size of an output, channels last; of a vector that is its only size.

    `step_axes`: it is one for each of the steps along so many of the first axes.
    """
    words = (*("steps", "steps of each", "steps of those")[:step_axes], *AXIS_WORDS[output.rank - step_axes])
    for word, size in zip(words, output.spatial, strict=True):
        yield Working("output", f"output {word}", size)
    yield Working("output", "output channels" if output.spatial else "output size", output.channels)


def padding_workings(axes: tuple[Axis, ...]) -> Iterator[Working]:
    """The working of `same` padding along each axis: in all, at the beginning and at the end.

    P_total = max((O − 1) · S + D · (K − 1) + 1 − I, 0); the odd element goes to the end. Source: TensorFlow.
    """
    for word, axis in zip(AXIS_WORDS[len(axes)], axes, strict=True):
        name = axis.name
        outputs = symbol(f"O{name}", -(-axis.size // axis.stride))
        reach = symbol(f"D{name}", axis.dilation) * (symbol(f"K{name}", axis.kernel) - 1) + 1
        free = (outputs - 1) * symbol(f"S{name}", axis.stride) + reach - symbol(f"I{name}", axis.size)
        in_all = maximum(free, 0)
        padding = symbol(f"P_total{name}", in_all)
        begin = padding // 2
        end = padding - symbol(f"P_begin{name}", begin)
        yield Working("output", f"padding in all, {word}", in_all, "", f"P_total{name}")
        yield Working("output", f"padding at the beginning, {word}", begin, "", f"P_begin{name}")
        yield Working("output", f"padding at the end, {word}", end, "", f"P_end{name}")


def sizes_text(sizes: tuple[int, ...]) -> str:
    """`3 × 3`, for sentences."""
    return " × ".join(str(int(size)) for size in sizes)


def sized(noun: str, sizes: tuple[int, ...]) -> str:
    """`3 × 3 kernel`, or `kernel of 3` along one axis, for sentences."""
    return f"{noun} of {int(sizes[0])}" if len(sizes) == 1 else f"{sizes_text(sizes)} {noun}"


def per_axis(sizes: Sizes, rank: int) -> tuple[int, ...]:
    """One size for each axis: an integer counts for all of them."""
    return (sizes,) * rank if isinstance(sizes, int) else sizes


def explicit_padding(padding: Padding, rank: int) -> tuple[tuple[int, int], ...]:
    """(begin, end) for each axis of a padding that is not `same`."""
    if isinstance(padding, str):
        return ((0, 0),) * rank
    if isinstance(padding, int):
        return ((padding, padding),) * rank
    return tuple((pad, pad) if isinstance(pad, int) else (pad[0], pad[1]) for pad in padding)


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """(begin, end) padding for ceil(size / stride) outputs; the odd element goes to the end, as in TensorFlow."""
    # Rounds up with integers alone; `math.ceil` of a quotient is wrong once the size exceeds what a float holds
    # exactly.
    outputs = -(-size // stride)
    # Never negative: with a stride longer than the kernel there is nothing to pad.
    padding = max(0, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - size)
    return padding // 2, padding - padding // 2


class Window(Struct, frozen=True, gc=False):
    """A window that slides over a layer's input along one axis, in elements of that.

    Output 0 sees from `start` on (negative inside padding) as far as `extent` elements, each `dilation` after the one
    before; the next output starts `stride` later.
    """

    start: int
    extent: int
    stride: int = 1
    dilation: int = 1

    @property
    def elements(self) -> int:
        """The number of elements that it takes."""
        return (self.extent - 1) // self.dilation + 1


ONE_ELEMENT = Window(0, 1)
"""The window of an output that sees the input element at its own place."""


class Axis(Struct, frozen=True, gc=False):
    """One axis of a sliding window: sizes in elements, padding as (begin, end) or `same`; `name` is its subscript."""

    name: str
    size: int
    kernel: int
    stride: int
    padding: tuple[int, int] | Literal["same"]
    dilation: int = 1

    @property
    def reach(self) -> int:
        """The number of elements that the dilated kernel spans: D(K − 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def pads(self) -> tuple[int, int]:
        """(begin, end), with `same` worked out."""
        if self.padding == "same":
            return same_padding(self.size, self.kernel, self.stride, self.dilation)
        return self.padding

    @property
    def window(self) -> Window:
        """The window that an output sees."""
        # A kernel of one element has no gaps to dilate; kept, its dilation would make equal windows compare unequal.
        window = Window(-self.pads[0], self.reach, self.stride, self.dilation if self.kernel > 1 else 1)
        return ONE_ELEMENT if window == ONE_ELEMENT else window


def _span(axis: Axis, symbol: Symbol) -> int:
    """The dilated kernel in symbols: K, or D · (K − 1) + 1."""
    kernel = symbol(f"K{axis.name}", axis.kernel)
    return kernel if axis.dilation == 1 else symbol(f"D{axis.name}", axis.dilation) * (kernel - 1) + 1


def _padded(axis: Axis, pads: tuple[int, int], symbol: Symbol) -> int:
    """Both paddings of an axis in symbols: 2 · P where they are equal."""
    begin, end = pads
    if begin == end:
        return 2 * symbol(f"P{axis.name}", begin)
    return symbol(f"P{axis.name}_begin", begin) + symbol(f"P{axis.name}_end", end)


def output_size(axis: Axis, rounding: Rounding = "floor", symbol: Symbol = plain) -> int:
    """The number of places of a window along one axis; 0 or less where none fits.

    floor((I − K + 2P) / S) + 1, with D(K − 1) + 1 for a dilated K; `same`: ceil(I / S). Rounding up may add one
    window: PyTorch drops it if it starts in the padding at the end, Caffe does so only where there is padding.
    Source: Dumoulin and Visin 2016; `ceil_mode` of torch.nn.MaxPool2d; PoolingLayer of Caffe.
    """
    size, stride = symbol(f"I{axis.name}", axis.size), symbol(f"S{axis.name}", axis.stride)
    if axis.padding == "same":
        return ceil_divide(size, stride)
    # The usual case without the detour over the formula, which is written for the working.
    if symbol is plain and rounding == "floor":
        return (axis.size + axis.padding[0] + axis.padding[1] - axis.reach) // axis.stride + 1
    free = size - _span(axis, symbol) + _padded(axis, axis.padding, symbol)
    if rounding == "floor":
        return free // stride + 1
    outputs = ceil_divide(free, stride) + 1
    # Caffe clips the last window only if there is padding at all (PoolingLayer::Reshape).
    drops = rounding == "pytorch" or any(axis.padding)
    # PyTorch's `ceil_mode`: a window must begin inside the input or the padding before it, or it would average nothing.
    starts_in_padding = (int(outputs) - 1) * axis.stride >= axis.size + axis.padding[0]
    return outputs - 1 if drops and starts_in_padding else outputs


def unused_elements(axis: Axis) -> int:
    """The number of elements at the end of the input that no window of a rounded-down axis reaches.

    Padding that stays unused does not count, nor do the gaps that a stride longer than the kernel leaves anyway.
    """
    if axis.padding == "same":
        return 0
    begin, end = axis.padding
    rest = (axis.size + begin + end - axis.reach) % axis.stride
    # The rest is padding first, and then the gap that no window would have covered anyway.
    return max(0, rest - end - max(0, axis.stride - axis.reach))


def fitting_sizes(axis: Axis) -> tuple[int, int]:
    """The next smaller and the next larger input size that a rounded-down window covers without rest."""
    rest = (axis.size + sum(axis.pads) - axis.reach) % axis.stride
    return axis.size - rest, axis.size - rest + axis.stride


def transposed_output_size(axis: Axis, output_padding: int | None, symbol: Symbol = plain) -> int:
    """The output size of a transposed convolution along one axis; 0 or less where nothing is left.

    (I − 1)S − 2P + D(K − 1) + OP + 1. `same` gives I · S, or, with an output padding, the formula above with
    P = ⌊K / 2⌋ for the dilated K, which are the two rules of Keras.
    Source: torch.nn.ConvTranspose2d; keras.layers.Conv2DTranspose; Dumoulin and Visin 2016.
    """
    size, stride = symbol(f"I{axis.name}", axis.size), symbol(f"S{axis.name}", axis.stride)
    if axis.padding == "same" and output_padding is None:
        return size * stride
    # Keras derives explicit padding from `same` and an output padding by half the dilated kernel.
    half = axis.reach // 2
    pads = (half, half) if axis.padding == "same" else axis.padding
    outputs = (size - 1) * stride - _padded(axis, pads, symbol) + _span(axis, symbol)
    return outputs + symbol(f"OP{axis.name}", output_padding) if output_padding else outputs
