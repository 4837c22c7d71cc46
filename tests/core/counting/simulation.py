"""The elements that each output of a small network really sees: index sets, passed on one by one, along one axis.

The lattice has no borders: an index below 0 lies in the padding, as the offset of a receptive field may. Written apart
from the engine, from what the layers compute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache

from cnnstudio.core.arithmetic.shape import Shape, explicit_padding, per_axis
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.network.layer import Layer
from cnnstudio.layers.convolution import Conv, DepthwiseConv, SeparableConv
from cnnstudio.layers.pooling import AdaptivePool, Pool
from cnnstudio.layers.reshaping import Crop, Slice, Upsample, ZeroPad
from cnnstudio.layers.shuffling import PixelShuffle, PixelUnshuffle
from cnnstudio.layers.transposed import ConvTranspose

Element = tuple[str, int]
"""An element of an input: the path of that, and the index."""
Seen = Callable[[int], frozenset[Element]]
"""For the index of an output the input elements that it depends on."""
Taken = Callable[[int], Iterable[int]]
REACH = 4
"""Elements at either side among which interpolation looks for those that it takes."""


def simulated(analysis: Analysis, axis: int = 0) -> dict[str, Seen]:
    """The elements that the outputs of each row see along an axis."""
    seen: dict[str, Seen] = {}
    for row in analysis.rows:
        seen[row.path] = _behind(row, axis, [seen[path] for path in row.inputs])
    return seen


def spans(row: Row, seen: Seen, axis: int = 0) -> dict[str, list[range]]:
    """From the first to the last element that each output of a row sees of each input, empty if none."""
    assert row.output_shape is not None
    found = [seen(index) for index in range(row.output_shape.spatial[axis])]
    return {origin: [_span(elements, origin) for elements in found] for origin in _origins(found)}


def _origins(found: Sequence[frozenset[Element]]) -> list[str]:
    return sorted({origin for elements in found for origin, _ in elements})


def _span(elements: frozenset[Element], origin: str) -> range:
    indices = [index for name, index in elements if name == origin]
    return range(min(indices), max(indices) + 1) if indices else range(0)


def _behind(row: Row, axis: int, below: Sequence[Seen]) -> Seen:
    if not below:
        return lambda index: frozenset({(row.path, index)})
    shapes = [shape for shape in row.input_shapes if shape is not None]
    output = row.output_shape
    assert output is not None
    taken = [_taken(row.layer, shape, output, axis) for shape in shapes]

    @cache
    def seen(index: int) -> frozenset[Element]:
        parts = [source(place) for source, take in zip(below, taken, strict=True) for place in take(index)]
        return frozenset[Element]().union(*parts)

    return seen


def _taken(layer: Layer, shape: Shape, output: Shape, axis: int) -> Taken:
    """For an output index the input indices that it is computed from."""
    match layer:
        case Conv() | DepthwiseConv() | SeparableConv() | Pool():
            return _sliding(layer, shape, axis)
        case ConvTranspose():
            return _scattering(layer, shape, axis)
        case ZeroPad():
            begin = explicit_padding(layer.padding, shape.rank)[axis][0]
            return lambda index: [index - begin]
        case Crop():
            cut = explicit_padding(layer.cropping, shape.rank)[axis][0]
            return lambda index: [index + cut]
        case Slice() if layer.axis == axis + 1:
            return lambda index: [layer.start + index * layer.step]
        case PixelShuffle(scale=factor):
            return lambda index: [index // factor]
        case PixelUnshuffle(scale=factor):
            return lambda index: range(index * factor, (index + 1) * factor)
        case AdaptivePool():
            size, outputs = shape.spatial[axis], output.spatial[axis]
            return lambda index: range(index * size // outputs, -(-(index + 1) * size // outputs))
        case Upsample():
            return _interpolating(layer, shape.spatial[axis], output.spatial[axis], axis)
        case _ if layer.merges and shape.spatial[axis] == 1 < output.spatial[axis]:
            return lambda _index: [0]
        case _:
            return lambda index: [index]


def _sliding(layer: Conv | DepthwiseConv | SeparableConv | Pool, shape: Shape, axis: int) -> Taken:
    window = layer.axes(shape)[axis]
    begin = window.pads[0]
    taps = range(0, window.kernel * window.dilation, window.dilation)
    return lambda index: [index * window.stride - begin + tap for tap in taps]


def _scattering(layer: ConvTranspose, shape: Shape, axis: int) -> Taken:
    """Input i adds its kernel to the outputs i · S − P + D · t."""
    sizes = (layer.kernel_size, layer.stride, layer.dilation)
    kernel, stride, dilation = (per_axis(size, shape.rank)[axis] for size in sizes)
    begin = explicit_padding(layer.padding, shape.rank)[axis][0]
    if layer.padding == "same":
        reach = dilation * (kernel - 1) + 1
        # Keras crops what is more than size · stride, or with an output padding half the kernel at each end.
        begin = max(0, reach - stride) // 2 if layer.output_padding is None else reach // 2

    def taken(index: int) -> list[int]:
        found = [divmod(index + begin - dilation * tap, stride) for tap in range(kernel)]
        return [place for place, rest in found if not rest]

    return taken


def _interpolating(layer: Upsample, size: int, outputs: int, axis: int) -> Taken:
    """The elements with a weight: nearest takes one, linear those less than 1 away, cubic those less than 2 away."""
    scale = layer.scale[axis] if isinstance(layer.scale, tuple) else layer.scale
    ratio = Fraction(size, outputs) if scale is None else 1 / Fraction(scale)

    def taken(index: int) -> list[int]:
        if layer.mode == "nearest":
            return [index * ratio // 1]
        place = (index + Fraction(1, 2)) * ratio - Fraction(1, 2)
        if layer.align_corners:
            place = Fraction(index * (size - 1), outputs - 1) if outputs > 1 else Fraction(index)
        near = range(place // 1 - REACH, place // 1 + REACH)
        return [at for at in near if _weighs(abs(place - at), 2 if layer.mode == "bicubic" else 1)]

    return taken


def _weighs(distance: Fraction, width: int) -> bool:
    """True if an element at this distance has a weight other than 0."""
    return distance == 0 or (distance < width and distance.denominator != 1)
