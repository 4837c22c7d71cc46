"""A simulation of what each output of a small network really sees: index sets, passed on element by element, along one
axis.

The lattice has no borders: an index below 0 lies in the padding, as the offset of a receptive field may.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from cnnstudio.core.arithmetic.shape import Shape, explicit_padding, per_axis
from cnnstudio.core.network.layer import Layer
from cnnstudio.layers.convolution import Conv, DepthwiseConv, SeparableConv
from cnnstudio.layers.merge import Merge
from cnnstudio.layers.pooling import Pool
from cnnstudio.layers.reshaping import Crop, PixelShuffle, PixelUnshuffle, Slice, Upsample, ZeroPad
from cnnstudio.layers.transposed import ConvTranspose

Seen = Callable[[int], frozenset[int]]
"""For the index of an element the indices of the input elements that it depends on."""


def itself(index: int) -> frozenset[int]:
    """The part of the input that an element of it sees: itself."""
    return frozenset({index})


def behind(layer: Layer, shapes: tuple[Shape, ...], axis: int, below: Sequence[Seen]) -> Seen:
    """The part of the input that a layer's outputs see along an axis, given that of each of its inputs."""
    taken = _taken(layer, shapes[0], axis) if shapes else lambda index: [index]

    @cache
    def seen(index: int) -> frozenset[int]:
        return frozenset[int]().union(*(sees(place) for sees in below for place in taken(index)))

    return seen


def _taken(layer: Layer, shape: Shape, axis: int) -> Callable[[int], Sequence[int]]:
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
        case Upsample(scale=int(factor)) | PixelShuffle(scale=factor):
            return lambda index: [index // factor]
        case PixelUnshuffle(scale=factor):
            return lambda index: range(index * factor, (index + 1) * factor)
        case Merge():
            return lambda index: [index]
        case _:
            return lambda index: [index]


def _sliding(
    layer: Conv | DepthwiseConv | SeparableConv | Pool, shape: Shape, axis: int
) -> Callable[[int], Sequence[int]]:
    window = layer.axes(shape)[axis]
    begin = window.pads[0]
    taps = range(0, window.kernel * window.dilation, window.dilation)
    return lambda index: [index * window.stride - begin + tap for tap in taps]


def _scattering(layer: ConvTranspose, shape: Shape, axis: int) -> Callable[[int], Sequence[int]]:
    """Input i adds its kernel to the outputs i · S − P + D · t."""
    sizes = (layer.kernel_size, layer.stride, layer.dilation)
    kernel, stride, dilation = (per_axis(size, shape.rank)[axis] for size in sizes)
    begin = explicit_padding(layer.padding, shape.rank)[axis][0]

    def taken(index: int) -> list[int]:
        found = [divmod(index + begin - dilation * tap, stride) for tap in range(kernel)]
        return [place for place, rest in found if not rest]

    return taken
