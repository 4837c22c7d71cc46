"""ONNX's way to say merges, reductions, stacks, patches, and unusual pools and normalizations."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product as combinations
from math import prod
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.core.network.layer import Layer
from cnnstudio.exports.onnx.building import GraphBuilder
from cnnstudio.exports.onnx.sliding import flat, padded
from cnnstudio.exports.source.saying import CannotSay
from cnnstudio.exports.windows import window_axes
from cnnstudio.layers.merge import Concat, Merge
from cnnstudio.layers.normalization import GlobalResponseNorm
from cnnstudio.layers.patches.local import LocallyConnected
from cnnstudio.layers.patches.pools import BlurPool, LPPool, MaxUnpool
from cnnstudio.layers.patches.unfolding import Fold, Unfold, Unfolding
from cnnstudio.layers.tensors.functions import GLU
from cnnstudio.layers.tensors.reductions import Reduce, Stack

Shapes = tuple[Shape, ...]
_REDUCTIONS = {"sum": "ReduceSum", "mean": "ReduceMean", "max": "ReduceMax", "min": "ReduceMin", "norm": "ReduceL2"}
_MERGES = {"Add": "Sum", "Average": "Mean", "Maximum": "Max", "Minimum": "Min"}


def merge(graph: GraphBuilder, item: Merge, inputs: list[str], shapes: Shapes, output: Shape) -> str:
    """Branches joined element by element; a vector gets the axes of a map first."""
    axes = tuple(range(2, output.rank + 2))
    # ONNX would line a vector up with the last axis of a map.
    inputs = [
        graph.add("Unsqueeze", x, graph.whole(axes)) if shape.rank < output.rank else x
        for x, shape in zip(inputs, shapes, strict=True)
    ]
    if item.type_name == "Subtract":
        return graph.add("Sub", *inputs)
    if item.type_name != "Multiply":
        return graph.add(_MERGES[item.type_name], *inputs)
    # Mul takes two operands, where Sum, Mean, Max and Min take any number.
    result = inputs[0]
    for other in inputs[1:]:
        result = graph.add("Mul", result, other)
    return result


def concat(graph: GraphBuilder, item: Concat, inputs: list[str], _shapes: Shapes, _output: Shape) -> str:
    """Branches one after the other along an axis."""
    return graph.add("Concat", *inputs, axis=item.axis + 1)


def glu(graph: GraphBuilder, item: GLU, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    """Two halves, one through a sigmoid."""
    half = shapes[0].to_list()[item.axis] // 2
    axis = graph.whole((item.axis + 1,))
    first, second = [
        graph.add("Slice", inputs[0], graph.whole((start,)), graph.whole((start + half,)), axis) for start in (0, half)
    ]
    return graph.add("Mul", first, graph.add("Sigmoid", second))


def reduce(graph: GraphBuilder, item: Reduce, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    """A function over axes; a vector of one number where nothing is left."""
    axes = graph.whole([axis + 1 for axis in sorted(item.axes)])
    result = graph.add(_REDUCTIONS[item.function], inputs[0], axes, keepdims=int(item.keepdims))
    is_number = not item.keepdims and len(item.axes) > shapes[0].rank
    return graph.add("Unsqueeze", result, graph.whole((1,))) if is_number else result


def stack(graph: GraphBuilder, item: Stack, inputs: list[str], _shapes: Shapes, _output: Shape) -> str:
    """Joined along an axis that each has got before."""
    parts = [graph.add("Unsqueeze", x, graph.whole((item.axis + 1,))) for x in inputs]
    return graph.add("Concat", *parts, axis=item.axis + 1)


def response_norm(
    graph: GraphBuilder, item: GlobalResponseNorm, inputs: list[str], shapes: Shapes, _output: Shape
) -> str:
    """The lengths of the channels, compared with their mean."""
    rank = shapes[0].rank
    lengths = (
        graph.add("ReduceL2", inputs[0], graph.whole(range(2, rank + 2)), keepdims=1)
        if rank
        else graph.add("Abs", inputs[0])
    )
    mean = graph.add("ReduceMean", lengths, graph.whole((1,)), keepdims=1)
    ratio = graph.add("Div", lengths, graph.add("Add", mean, graph.number(item.epsilon)))
    dims = (shapes[0].channels, *(1,) * rank)
    scaled = graph.add("Mul", graph.add("Mul", inputs[0], ratio), graph.weight("weight", dims, "scale"))
    return graph.add("Add", graph.add("Add", scaled, graph.weight("bias", dims, "bias")), inputs[0])


def local(graph: GraphBuilder, item: LocallyConnected, inputs: list[str], shapes: Shapes, output: Shape) -> str:
    """The elements of the windows beside each other, and a product of matrices for each window."""
    shape = shapes[0]
    axes = window_axes(shape, output, item.kernel_size, item.stride, item.padding, item.dilation)
    ends = [(axis.begin, max(axis.end, axis.needed)) for axis in axes]
    x = padded(graph, inputs[0], ends) if any(map(any, ends)) else inputs[0]
    spatial = graph.whole(range(2, shape.rank + 2))
    taps = []
    for places in combinations(*[range(axis.kernel) for axis in axes]):
        starts = [at * axis.dilation for at, axis in zip(places, axes, strict=True)]
        stops = [start + (axis.outputs - 1) * axis.stride + 1 for start, axis in zip(starts, axes, strict=True)]
        steps = graph.whole([axis.stride for axis in axes])
        part = graph.add("Slice", x, graph.whole(starts), graph.whole(stops), spatial, steps)
        taps.append(graph.add("Reshape", part, graph.whole((0, shape.channels, 1, output.positions))))
    # Places × 1 × (channels · elements of a window), times places × (channels · elements) × filters.
    width = shape.channels * len(taps)
    columns = graph.add("Reshape", graph.add("Concat", *taps, axis=2), graph.whole((0, width, output.positions, 1)))
    rows = graph.add("Transpose", columns, perm=(0, 2, 3, 1))
    weight = graph.weight("weight", (output.positions, width, item.filters), "weight", width)
    result = graph.add("Transpose", graph.add("MatMul", rows, weight), perm=(0, 3, 1, 2))
    result = graph.add("Reshape", result, graph.whole((0, *output.to_list())))
    return graph.add("Add", result, graph.weight("bias", output.to_list(), "bias")) if item.bias else result


def power_pool(graph: GraphBuilder, item: LPPool, inputs: list[str], shapes: Shapes, output: Shape) -> str:
    """Powers and an average pool. Raises CannotSay for windows beyond the map, which PyTorch averages its own way."""
    axes = window_axes(shapes[0], output, item.pool_size, item.steps_of(), item.padding)
    if any(axis.needed for axis in axes):
        raise CannotSay("a window reaches beyond the map, of which PyTorch alone says what counts", "Use no ceil mode.")
    size, stride = per_axis(item.pool_size, item.rank), per_axis(item.steps_of(), item.rank)
    powers = graph.add("Pow", inputs[0], graph.number(item.power))
    means = graph.add("AveragePool", powers, kernel_shape=size, strides=stride)
    return graph.add("Pow", graph.add("Mul", means, graph.number(float(prod(size)))), graph.number(1 / item.power))


def blur(graph: GraphBuilder, item: BlurPool, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    """A fixed filter over each channel of the reflected map."""
    shape, taps = shapes[0], item.taps()
    ends = [(axis.pads[0], axis.pads[1]) for axis in item.axes(shape)]
    x = padded(graph, inputs[0], ends, "reflect") if any(map(any, ends)) else inputs[0]
    numbers = [prod(part) for part in combinations(taps, repeat=shape.rank)] * shape.channels
    size = (item.filter_size,) * shape.rank
    weight = graph.table("filter", (shape.channels, 1, *size), numbers)
    stride = per_axis(item.stride, shape.rank)
    return graph.add("Conv", x, weight, kernel_shape=size, strides=stride, group=shape.channels)


def unpool(graph: GraphBuilder, item: MaxUnpool, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    """The place of each maximum in its window, or given. Raises CannotSay where windows that are given overlap."""
    taken, pooled = shapes
    if pooled.within:
        return graph.add("MaxUnpool", *inputs, **_unpooled_windows(item, pooled))
    rank, size = pooled.rank, per_axis(item.pool_size, pooled.rank)
    if size != per_axis(item.steps_of(), rank):
        raise CannotSay(
            "ONNX's places of maximums are not written for windows that overlap or leave gaps", "Use PyTorch."
        )
    inside = [side * count for side, count in zip(size, taken.spatial, strict=True)]
    bounds = [graph.whole(numbers) for numbers in ((0,) * rank, inside, range(2, rank + 2))]
    map_ = graph.add("Slice", inputs[1], *bounds) if tuple(inside) != pooled.spatial else inputs[1]
    pairs = [part for pair in zip(taken.spatial, size, strict=True) for part in pair]
    parted = graph.add("Reshape", map_, graph.whole((0, taken.channels, *pairs)))
    order = (0, 1, *range(2, 2 * rank + 2, 2), *range(3, 2 * rank + 2, 2))
    windows = graph.add("Transpose", parted, perm=order)
    windows = graph.add("Reshape", windows, graph.whole((0, *taken.to_list(), prod(size))))
    place = graph.add("ArgMax", windows, axis=rank + 2, keepdims=1)
    chosen = graph.add("Cast", graph.add("Equal", place, graph.whole(range(prod(size)))), to=1)
    values = graph.add("Mul", chosen, graph.add("Unsqueeze", inputs[0], graph.whole((rank + 2,))))
    values = graph.add("Reshape", values, graph.whole((0, *taken.to_list(), *size)))
    back = (0, 1, *[axis for at in range(rank) for axis in (2 + at, 2 + rank + at)])
    whole = graph.add("Reshape", graph.add("Transpose", values, perm=back), graph.whole((0, taken.channels, *inside)))
    ends = [(0, full - part) for full, part in zip(pooled.spatial, inside, strict=True)]
    return padded(graph, whole, ends) if any(map(any, ends)) else whole


def _unpooled_windows(item: MaxUnpool, places: Shape) -> dict[str, Any]:
    """Windows that make up the map to the element, as runtimes read places in a map of another size differently."""
    kernel, stride = per_axis(item.pool_size, places.rank), per_axis(item.steps_of(), places.rank)
    each = zip(places.spatial, places.within, kernel, stride, strict=True)
    over = [(count - 1) * step + width - size for count, size, width, step in each]
    return {
        "kernel_shape": [width + max(-more, 0) for width, more in zip(kernel, over, strict=True)],
        "strides": list(stride),
        "pads": [*[0] * len(over), *[max(more, 0) for more in over]],
    }


def _fixed(graph: GraphBuilder, item: Unfolding, channels: int) -> str:
    """For each channel and each element of a window a filter that takes this element alone."""
    size = per_axis(item.kernel_size, 2)
    taps = prod(size)
    numbers = [float(row == column) for row in range(taps) for column in range(taps)] * channels
    return graph.table("filter", (channels * taps, 1, *size), numbers)


def _windows(item: Unfolding, channels: int) -> dict[str, Any]:
    pads = [(pad, pad) for pad in per_axis(item.padding, 2)]
    return {
        "kernel_shape": per_axis(item.kernel_size, 2),
        "strides": per_axis(item.stride, 2),
        "dilations": per_axis(item.dilation, 2),
        "pads": flat(pads),
        "group": channels,
    }


def unfold(graph: GraphBuilder, item: Unfold, inputs: list[str], shapes: Shapes, output: Shape) -> str:
    """A convolution that takes each element of a window by itself."""
    channels = shapes[0].channels
    columns = graph.add("Conv", inputs[0], _fixed(graph, item, channels), **_windows(item, channels))
    return graph.add("Reshape", columns, graph.whole((0, *output.to_list())))


def fold(graph: GraphBuilder, item: Fold, inputs: list[str], shapes: Shapes, output: Shape) -> str:
    """A transposed convolution that puts each element in its place; what no window reaches is 0."""
    axes = item.axes_on(output)
    places = [(axis.size + sum(axis.pads) - axis.reach) // axis.stride + 1 for axis in axes]
    image = graph.add("Reshape", inputs[0], graph.whole((0, shapes[0].channels, *places)))
    windows = _windows(item, output.channels) | {"pads": (0, 0, 0, 0)}
    full = graph.add("ConvTranspose", image, _fixed(graph, item, output.channels), **windows)
    reached = [(count - 1) * axis.stride + axis.reach for count, axis in zip(places, axes, strict=True)]
    rest = [axis.size + axis.pads[0] - size for axis, size in zip(axes, reached, strict=True)]
    if any(more > 0 for more in rest):
        full = padded(graph, full, [(0, max(0, more)) for more in rest])
    starts = [axis.pads[0] for axis in axes]
    stops = [start + axis.size for start, axis in zip(starts, axes, strict=True)]
    return graph.add("Slice", full, graph.whole(starts), graph.whole(stops), graph.whole((2, 3)))


SAYERS: dict[type[Layer], Callable[[GraphBuilder, Any, list[str], Shapes, Shape], str]] = {
    GLU: glu,
    Reduce: reduce,
    Stack: stack,
    Concat: concat,
    Merge: merge,
    GlobalResponseNorm: response_norm,
    LocallyConnected: local,
    LPPool: power_pool,
    BlurPool: blur,
    MaxUnpool: unpool,
    Unfold: unfold,
    Fold: fold,
}
"""The function for each of these types."""
