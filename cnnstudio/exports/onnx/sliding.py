"""ONNX's way to say convolutions and pools."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.dialects.onnx import ONNX
from cnnstudio.exports.onnx.building import GraphBuilder
from cnnstudio.exports.source.saying import CannotSay
from cnnstudio.exports.windows import Ends, WindowAxis, transposed_axes, window_axes
from cnnstudio.layers.convolution import Conv2D, DepthwiseConv, SeparableConv, SlidingLayer
from cnnstudio.layers.pooling import AdaptiveAvgPool, AdaptivePool, AvgPool, MaxPool, Pool, Subsampling
from cnnstudio.layers.transposed import ConvTranspose

MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def flat(ends: Ends) -> tuple[int, ...]:
    """[begin of each axis, end of each axis]."""
    return (*[begin for begin, _ in ends], *[end for _, end in ends])


def padded(
    graph: GraphBuilder,
    x: str,
    ends: Ends,
    mode: str = "zeros",
    value: float | None = None,
    channels: tuple[int, int] = (0, 0),
) -> str:
    """Padding around the spatial axes, and along the channels."""
    pads = graph.whole(flat([(0, 0), channels, *ends]))
    more = () if value is None else (graph.number(value),)
    return graph.add("Pad", x, pads, *more, mode=MODES[mode])


def convolution(graph: GraphBuilder, layer: SlidingLayer, x: str, shape: Shape, output: Shape) -> str:
    """A plain, depthwise or separable convolution."""
    axes = window_axes(shape, output, layer.kernel_size, layer.stride, layer.ends(), layer.dilation)
    ends = [(axis.begin, axis.end) for axis in axes]
    mode = getattr(layer, "padding_mode", "zeros")
    if mode != "zeros" and any(map(any, ends)):
        # Conv pads with zeros alone; every other mode is a Pad before it.
        x, ends = padded(graph, x, ends, mode), [(0, 0)] * len(ends)
    attributes: dict[str, Any] = {
        "kernel_shape": [axis.kernel for axis in axes],
        "strides": [axis.stride for axis in axes],
        "dilations": [axis.dilation for axis in axes],
        "pads": flat(ends),
    }
    kernel = tuple([axis.kernel for axis in axes])
    channels = shape.channels
    if isinstance(layer, SeparableConv):
        middle = channels * layer.depth_multiplier
        depthwise = graph.weight("depthwise", (middle, 1, *kernel), "weight", prod(kernel))
        x = graph.add("Conv", x, depthwise, group=channels, **attributes)
        return pointwise(graph, x, middle, layer.filters, layer.bias, shape.rank)
    if isinstance(layer, Conv2D) and layer.connections is not None:
        return _partial(graph, layer, x, kernel, attributes)
    groups = channels if isinstance(layer, DepthwiseConv) else getattr(layer, "groups", 1)
    seen = channels // groups
    weight = graph.weight("weight", (output.channels, seen, *kernel), "weight", seen * prod(kernel))
    if getattr(layer, "standardized", False):
        weight = _standardized(graph, weight, len(kernel))
    bias = [graph.weight("bias", (output.channels,), "bias")] if layer.bias else []
    return graph.add("Conv", x, weight, *bias, group=groups, **attributes)


def _standardized(graph: GraphBuilder, weight: str, rank: int) -> str:
    """Weights with mean 0 and deviation 1 in each filter."""
    axes = graph.whole(range(1, rank + 2))
    centred = graph.add("Sub", weight, graph.add("ReduceMean", weight, axes, keepdims=1))
    variance = graph.add("ReduceMean", graph.add("Mul", centred, centred), axes, keepdims=1)
    return graph.add("Div", centred, graph.add("Sqrt", graph.add("Add", variance, graph.number(1e-5))))


def pointwise(graph: GraphBuilder, x: str, channels: int, filters: int, has_bias: bool, rank: int) -> str:
    """A convolution with a kernel of 1."""
    weight = graph.weight("weight", (filters, channels, *(1,) * rank), "weight", channels)
    bias = [graph.weight("bias", (filters,), "bias")] if has_bias else []
    return graph.add("Conv", x, weight, *bias, kernel_shape=[1] * rank)


def _partial(graph: GraphBuilder, layer: Conv2D, x: str, kernel: tuple[int, ...], attributes: dict[str, Any]) -> str:
    # One convolution for each filter, because groups must all be of one size.
    maps = []
    for at, seen in enumerate(layer.connections or ()):
        part = graph.add("Gather", x, graph.whole(seen), axis=1)
        weight = graph.weight(f"{at}.weight", (1, len(seen), *kernel), "weight", len(seen) * prod(kernel))
        bias = [graph.weight(f"{at}.bias", (1,), "bias")] if layer.bias else []
        maps.append(graph.add("Conv", part, weight, *bias, **attributes))
    return graph.add("Concat", *maps, axis=1)


def transposed(graph: GraphBuilder, layer: ConvTranspose, x: str, shape: Shape, output: Shape) -> str:
    """A transposed convolution; what runs on at the end comes of zeros after the input.

    Raises LookupError if the dialect has no row for it, which its conformance test rules out.
    """
    axes = transposed_axes(
        shape, output, layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.output_padding
    )
    extra = [max(0, -axis.end) for axis in axes]
    ends = [(axis.begin, max(0, axis.end)) for axis in axes]
    if any(more >= axis.stride for more, axis in zip(extra, axes, strict=True) if more):
        # Runtimes refuse an output padding that is not below the stride.
        zeros = [-(-more // axis.stride) for more, axis in zip(extra, axes, strict=True)]
        x = padded(graph, x, [(0, count) for count in zeros])
        ends = [(axis.begin, axis.end + count * axis.stride) for count, axis in zip(zeros, axes, strict=True)]
        extra = [0] * len(axes)
    spelling = ONNX.spelling_of(layer, shape.rank)
    if spelling is None:
        raise LookupError(layer.type_name)
    kernel = tuple([axis.kernel for axis in axes])
    filters = layer.filters // layer.groups
    fan_in = shape.channels // layer.groups * prod(kernel)
    weight = graph.weight("weight", (shape.channels, filters, *kernel), "weight", fan_in)
    bias = [graph.weight("bias", (layer.filters,), "bias")] if layer.bias else []
    return graph.add(
        spelling.name,
        x,
        weight,
        *bias,
        kernel_shape=kernel,
        strides=[axis.stride for axis in axes],
        dilations=[axis.dilation for axis in axes],
        pads=flat(ends),
        output_padding=extra,
        group=layer.groups,
    )


def pool(graph: GraphBuilder, layer: Pool, x: str, shape: Shape, output: Shape) -> str:
    """A maximum or an average over windows, padded so that rounding down gives the output; raises CannotSay."""
    axes, attributes = _windows(layer, shape, output)
    if isinstance(layer, MaxPool):
        ends = [(axis.begin, axis.usual_end) for axis in axes]
        if _too_wide(axes):
            # Minus infinity is never a maximum, which zeros would be among negative values.
            x, ends = padded(graph, x, ends, value=float("-inf")), [(0, 0)] * len(ends)
        return graph.add("MaxPool", x, pads=flat(ends), **attributes)
    assert isinstance(layer, AvgPool)
    return _average_pool(graph, layer, x, axes, attributes)


def max_pool(graph: GraphBuilder, layer: MaxPool, x: str, shape: Shape, output: Shape) -> tuple[str, ...]:
    """A maximum over windows, and the places of the maximums in the whole batch; raises CannotSay."""
    axes, attributes = _windows(layer, shape, output)
    if _too_wide(axes):
        reason = "a copy of the map is padded for it, and ONNX would give the places in that"
        raise CannotSay(reason, "Pad by less than the window.")
    pads = flat([(axis.begin, axis.usual_end) for axis in axes])
    return graph.add_several("MaxPool", x, wanted=(0, 1), pads=pads, **attributes)


def _windows(layer: Pool, shape: Shape, output: Shape) -> tuple[list[WindowAxis], dict[str, Any]]:
    """The axes that the windows slide along, and the attributes that say so, the padding apart."""
    stride = layer.pool_size if layer.stride is None else layer.stride
    axes = window_axes(shape, output, layer.pool_size, stride, layer.padding, getattr(layer, "dilation", 1))
    if any(axis.is_beyond for axis in axes):
        raise CannotSay(
            "a window lies wholly in the padding, and has nothing to pool",
            "Turn ceil_mode off, or use a stride and a padding with which every window meets the map.",
        )
    # Never by `ceil_mode`, whose rule the standard changed in 2023: padded, rounding down is right for all.
    attributes: dict[str, Any] = {
        "kernel_shape": [axis.kernel for axis in axes],
        "strides": [axis.stride for axis in axes],
    }
    if isinstance(layer, MaxPool):
        attributes["dilations"] = [axis.dilation for axis in axes]
    return axes, attributes


def _too_wide(axes: list[WindowAxis]) -> bool:
    """True if padding is as wide as the window, which runtimes refuse."""
    return any(max(axis.begin, axis.needed) >= axis.kernel for axis in axes)


def _average_pool(
    graph: GraphBuilder, layer: AvgPool, x: str, axes: list[WindowAxis], attributes: dict[str, Any]
) -> str:
    # TensorFlow and Keras leave the padding of `same` out of their averages.
    counts = layer.count_padding and layer.padding != "same"
    total = [(axis.begin, axis.needed) for axis in axes]
    counted = [(axis.begin, min(axis.end, axis.needed)) if counts else (0, 0) for axis in axes]
    if not any(map(any, total)):
        return graph.add("AveragePool", x, **attributes)
    if total == counted or not any(map(any, counted)):
        if not _too_wide(axes):
            include, ends = int(total == counted), [(axis.begin, axis.usual_end) for axis in axes]
            return graph.add("AveragePool", x, pads=flat(ends), count_include_pad=include, **attributes)
        if total == counted:
            return graph.add("AveragePool", padded(graph, x, total), **attributes)
    means = graph.add("AveragePool", padded(graph, x, total), **attributes)
    # What is counted differs from what is padded here, which no switch of the operator says.
    ratios = [_ratios(axis, ends) for axis, ends in zip(axes, counted, strict=True)]
    for at, numbers in enumerate(ratios):
        dims = [len(numbers) if place == at else 1 for place in range(len(axes))]
        means = graph.add("Mul", means, graph.table(f"ratios_{at}", dims, numbers))
    return means


def _ratios(axis: WindowAxis, counted: tuple[int, int]) -> list[float]:
    """For each window along an axis: its elements divided by those that take part in the average."""
    first, end = -counted[0], axis.size + counted[1]
    ratios = []
    for place in range(axis.outputs):
        start = place * axis.stride - axis.begin
        taking = sum([first <= start + tap * axis.dilation < end for tap in range(axis.kernel)])
        ratios.append(axis.kernel / taking)
    return ratios


def adaptive(graph: GraphBuilder, layer: AdaptivePool, x: str, shape: Shape, output: Shape) -> str:
    """Pooling to a size: by windows where it divides, else axis by axis."""
    averages = isinstance(layer, AdaptiveAvgPool)
    pairs = list(zip(shape.spatial, output.spatial, strict=True))
    if all(size % outputs == 0 for size, outputs in pairs):
        widths = [size // outputs for size, outputs in pairs]
        return graph.add("AveragePool" if averages else "MaxPool", x, kernel_shape=widths, strides=widths)
    for at, (size, outputs) in enumerate(pairs):
        if size != outputs and averages:
            x = _mean_along(graph, x, at, shape.rank, size, outputs)
        elif size != outputs:
            x = _max_along(graph, x, at, size, outputs)
    return x


def _bounds(size: int, outputs: int) -> list[tuple[int, int]]:
    return [(place * size // outputs, -(-(place + 1) * size // outputs)) for place in range(outputs)]


def _mean_along(graph: GraphBuilder, x: str, at: int, rank: int, size: int, outputs: int) -> str:
    """Means of windows along an axis, as a product with a table of their weights."""
    numbers = [0.0] * (size * outputs)
    for place, (start, end) in enumerate(_bounds(size, outputs)):
        for element in range(start, end):
            numbers[element * outputs + place] = 1 / (end - start)
    table = graph.table(f"means_{at}", (size, outputs), numbers)
    if at == rank - 1:
        return graph.add("MatMul", x, table)
    order = list(range(rank + 2))
    # MatMul acts on the last axis. Exchanging two axes is its own inverse, so that one order serves there and back.
    order[at + 2], order[-1] = order[-1], order[at + 2]
    product = graph.add("MatMul", graph.add("Transpose", x, perm=order), table)
    return graph.add("Transpose", product, perm=order)


def _max_along(graph: GraphBuilder, x: str, at: int, size: int, outputs: int) -> str:
    """Maxima of windows along an axis, one by one."""
    axis = graph.whole((at + 2,))
    parts = []
    for start, end in _bounds(size, outputs):
        window = graph.add("Slice", x, graph.whole((start,)), graph.whole((end,)), axis)
        parts.append(graph.add("ReduceMax", window, axis, keepdims=1))
    return graph.add("Concat", *parts, axis=at + 2)


def subsampling(graph: GraphBuilder, layer: Subsampling, x: str, shape: Shape) -> str:
    """LeNet-5's pooling."""
    size = per_axis(layer.pool_size, 2)
    stride = per_axis(layer.pool_size if layer.stride is None else layer.stride, 2)
    means = graph.add("AveragePool", x, kernel_shape=size, strides=stride)
    sums = graph.add("Mul", means, graph.number(float(prod(size))))
    scaled = graph.add("Mul", sums, graph.weight("weight", (shape.channels, 1, 1), "scale"))
    return graph.add("Add", scaled, graph.weight("bias", (shape.channels, 1, 1), "bias"))
