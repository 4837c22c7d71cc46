"""Convolutions, pooling and what enlarges."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.design import FurtherOutput
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.step import INDICES
from cnnstudio.formats.foreign.draft import Numbers
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import ONE, Constant, View, normal_axes
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.patches.pools import MaxUnpool
from cnnstudio.layers.pooling import GlobalAvgPool, GlobalMaxPool, MaxPool
from cnnstudio.layers.reshaping import Upsample
from cnnstudio.layers.shuffling import PixelShuffle
from cnnstudio.layers.structure import Identity
from cnnstudio.layers.tensors.reductions import pooled_over_map

Values = dict[str, Any]


def brief(sizes: list[int] | tuple[int, ...]) -> int | tuple[int, ...]:
    """One number where all axes are alike."""
    return int(sizes[0]) if len(set(sizes)) == 1 else tuple(int(size) for size in sizes)


def margins(begins: list[int], ends: list[int]) -> Any:
    """Padding as a design writes it."""
    pairs = list(zip(begins, ends, strict=True))
    if all(begin == end for begin, end in pairs):
        return brief([begin for begin, _ in pairs])
    return tuple(begin if begin == end else (begin, end) for begin, end in pairs)


def _each(operation: Operation, name: str, rank: int) -> list[int]:
    """An attribute with a number for each axis; 1 where it is left out."""
    value = operation.attributes.get(name)
    sizes = [1] * rank if not value else [int(size) for size in value]
    if len(sizes) != rank or min(sizes) < 1:
        raise CannotSay
    return sizes


def _padding(operation: Operation, shape: Shape, kernel: list[int], stride: list[int], dilation: list[int]) -> Any:
    """The padding of a window, worked out where the odd element comes first."""
    rule = operation.attributes.get("auto_pad", "NOTSET") or "NOTSET"
    if rule == "SAME_UPPER":
        return "same"
    if rule == "VALID":
        return "valid"
    # `same` puts the odd element at the end; here it comes first, which only numbers can say.
    if rule == "SAME_LOWER":
        begins, ends = [], []
        for size, k, s, d in zip(shape.spatial, kernel, stride, dilation, strict=True):
            total = max(0, (-(-size // s) - 1) * s + d * (k - 1) + 1 - size)
            begins.append(total - total // 2)
            ends.append(total // 2)
        return margins(begins, ends)
    pads = [int(pad) for pad in operation.attributes.get("pads") or []]
    if not any(pads):
        return "valid"
    if len(pads) != 2 * shape.rank or min(pads) < 0:
        raise CannotSay
    return margins(pads[: shape.rank], pads[shape.rank :])


def _weights(tracer: Tracer, operation: Operation) -> tuple[Constant, Constant | None, Numbers]:
    weights, bias = tracer.constant(operation, 1), tracer.constant(operation, 2)
    # A kernel that nothing trains, such as one that blurs, is no convolution of a design.
    if weights is None or len(weights.shape) < 3 or (weights.is_learned is False and not weights.stored):
        raise CannotSay
    # Zeros that an exporter made for a layer without a bias are no numbers of the network.
    if bias is not None and not bias.numbers and bias.is_float:
        bias = None
    return weights, bias, Numbers(weights.numbers + (bias.numbers if bias else 0))


def convolution(tracer: Tracer, operation: Operation) -> None:
    """Conv: weights [N, C / G, K…]; with a group for each channel it is depthwise."""
    weights, bias, numbers = _weights(tracer, operation)
    step = tracer.normal(tracer.view(operation), operation.path)
    shape = tracer.draft.steps[step].shape
    kernel, groups, filters = list(weights.shape[2:]), int(operation.attributes.get("group", 1)), weights.shape[0]
    if shape.rank != len(kernel) or weights.shape[1] * groups != shape.channels:
        raise CannotSay
    stride, dilation = (_each(operation, name, shape.rank) for name in ("strides", "dilations"))
    values: Values = {
        "kernel_size": brief(kernel),
        "stride": brief(stride),
        "padding": _padding(operation, shape, kernel, stride, dilation),
        "dilation": brief(dilation),
        "bias": bias is not None,
    }
    mode = operation.attributes.get("padding_mode")
    # One channel in one group is a plain convolution, however it was written.
    if 1 < groups == shape.channels and filters % groups == 0 and shape.rank < 3 and not mode:
        if filters != groups:
            values["depth_multiplier"] = filters // groups
        layer = LAYER_TYPES[f"DepthwiseConv{shape.rank}D"](**values)
    else:
        values.update({"filters": filters, "groups": groups, **({"padding_mode": mode} if mode else {})})
        layer = LAYER_TYPES[f"Conv{shape.rank}D"](**values)
    tracer.emit(operation, layer, step, numbers=numbers)


def transposed(tracer: Tracer, operation: Operation) -> None:
    """ConvTranspose: weights [C, N / G, K…]."""
    weights, bias, numbers = _weights(tracer, operation)
    step = tracer.normal(tracer.view(operation), operation.path)
    shape = tracer.draft.steps[step].shape
    kernel, groups = list(weights.shape[2:]), int(operation.attributes.get("group", 1))
    if shape.rank != len(kernel) or weights.shape[0] != shape.channels:
        raise CannotSay
    stride, dilation = (_each(operation, name, shape.rank) for name in ("strides", "dilations"))
    more = [int(size) for size in operation.attributes.get("output_padding") or [0] * shape.rank]
    values: Values = {
        "filters": weights.shape[1] * groups,
        "groups": groups,
        "kernel_size": brief(kernel),
        "stride": brief(stride),
        "padding": _transposed_padding(operation, shape, kernel, stride, dilation, more),
        "dilation": brief(dilation),
        "bias": bias is not None,
    }
    if any(more):
        values["output_padding"] = brief(more)
    tracer.emit(operation, LAYER_TYPES[f"ConvTranspose{shape.rank}D"](**values), step, numbers=numbers)


def _transposed_padding(
    operation: Operation, shape: Shape, kernel: list[int], stride: list[int], dilation: list[int], more: list[int]
) -> Any:
    """The elements cut off a transposed convolution: stated, or what is left over from a stated output."""
    rule = operation.attributes.get("auto_pad", "NOTSET") or "NOTSET"
    wanted = operation.attributes.get("output_shape")
    if wanted:
        wanted = [int(size) for size in wanted][-shape.rank :]
    elif rule.startswith("SAME"):
        wanted = [size * step for size, step in zip(shape.spatial, stride, strict=True)]
    else:
        return "valid" if rule == "VALID" else _padding(operation, shape, kernel, stride, dilation)
    begins, ends = [], []
    for size, want, k, s, d, extra in zip(shape.spatial, wanted, kernel, stride, dilation, more, strict=True):
        total = s * (size - 1) + extra + (k - 1) * d + 1 - want
        if total < 0:
            raise CannotSay
        half = total // 2
        begins.append(half if rule == "SAME_UPPER" else total - half)
        ends.append(total - begins[-1])
    return margins(begins, ends)


def pooling(tracer: Tracer, operation: Operation) -> None:
    """MaxPool and AveragePool."""
    step = tracer.normal(tracer.view(operation), operation.path)
    shape = tracer.draft.steps[step].shape
    kernel = [int(size) for size in operation.attributes.get("kernel_shape", [])]
    # In the order of columns, places are other numbers.
    if len(kernel) != shape.rank or (any(operation.outputs[1:]) and operation.attributes.get("storage_order")):
        raise CannotSay
    stride, dilation = (_each(operation, name, shape.rank) for name in ("strides", "dilations"))
    values: Values = {
        "pool_size": brief(kernel),
        "padding": _padding(operation, shape, kernel, stride, dilation),
        "ceil_mode": bool(operation.attributes.get("ceil_mode", 0)),
    }
    if stride != kernel:
        values["stride"] = brief(stride)
    is_max = operation.kind == "MaxPool"
    if is_max:
        values["dilation"] = brief(dilation)
    elif any(size > 1 for size in dilation):
        raise CannotSay
    # Without padding by numbers the switch means nothing, and would only stand in the file.
    elif values["padding"] not in ("valid", "same"):
        values["count_padding"] = bool(operation.attributes.get("count_include_pad", 0))
    made = tracer.emit(operation, LAYER_TYPES[f"{'Max' if is_max else 'Avg'}Pool{shape.rank}D"](**values), step)
    tracer.give_beside(operation, made, INDICES)


def unpooling(tracer: Tracer, operation: Operation) -> None:
    """MaxUnpool by the places of a pool; PyTorch tells the size of the map, ONNX the windows or both."""
    given, where = tracer.view(operation), tracer.view(operation, 1)
    taken, places = (tuple([axis for axis in view.axes if axis != ONE]) for view in (given, where))
    source = tracer.draft.steps[where.step]
    if not source.shape.within or places != normal_axes(source.shape) or len(given.axes) - len(taken) > 1:
        raise CannotSay
    layer = _unpool(tracer, operation, where.step)
    made = tracer.emit(operation, layer, tracer.normal(View(given.step, taken), operation.path), where.step)
    # Along one axis PyTorch puts in an axis of size 1, which is there afterwards too.
    axes = iter(normal_axes(source.shape))
    tracer.set(operation, View(made, tuple([ONE if axis == ONE else next(axes) for axis in given.axes])))


def _unpool(tracer: Tracer, operation: Operation, places: int) -> MaxUnpool:
    """The layer, with the windows of the pool where it is known."""
    steps = tracer.draft.steps
    shape, attributes = steps[places].shape, operation.attributes
    while isinstance(steps[places].layer, (FurtherOutput, Identity)):
        (places,) = steps[places].inputs
    pool = steps[places].layer
    kernel = _each(operation, "kernel_shape", shape.rank)
    stride = _each(operation, "strides", shape.rank)
    sizes = attributes.get("output_size") or (tracer.integers(operation, 2) if len(operation.inputs) > 2 else None)
    if sizes is None:
        pads = [int(pad) for pad in attributes.get("pads") or [0] * (2 * shape.rank)]
        both = zip(pads[: shape.rank], pads[shape.rank :], strict=True)
        sizes = [
            (count - 1) * step + width - begin - end
            for count, step, width, (begin, end) in zip(shape.spatial, stride, kernel, both, strict=True)
        ]
    # Places in a map of another size would come to lie elsewhere.
    if tuple(sizes)[-len(shape.within) :] != shape.within and tuple(sizes) != (*shape.within, 1):
        raise CannotSay
    if isinstance(pool, MaxPool):
        return MaxUnpool(pool_size=pool.pool_size, stride=pool.stride)
    if "kernel_shape" not in attributes:
        # Bins of PyTorch's adaptive pools: windows as far apart as will do.
        each = zip(shape.within, shape.spatial, strict=True)
        kernel = stride = [max(size // count, 1) for size, count in each]
    return MaxUnpool(pool_size=brief(kernel), stride=None if stride == kernel else brief(stride))


def places_in_a_map(tracer: Tracer, operation: Operation) -> None:
    """Mod: places that ONNX counts through the whole batch, as they are in each map; no other remainder is read."""
    shape, divisor = tracer.draft.steps[tracer.view(operation).step].shape, tracer.constant(operation, 1)
    if not shape.within or divisor is None or divisor.scalar != prod(shape.within):
        raise CannotSay
    tracer.pass_on(operation)


def global_pooling(tracer: Tracer, operation: Operation) -> None:
    """GlobalAveragePool and GlobalMaxPool, which keep the axes."""
    step = tracer.normal(tracer.view(operation), operation.path)
    function: Literal["mean", "max"] = "mean" if operation.kind == "GlobalAveragePool" else "max"
    tracer.emit(operation, pooled_over_map(function, tracer.draft.steps[step].shape.rank, keepdims=True), step)


def adaptive_pooling(tracer: Tracer, operation: Operation) -> None:
    """Adaptive pooling, which only PyTorch's own formats have."""
    step = tracer.normal(tracer.view(operation), operation.path)
    sizes = list(operation.attributes["output_size"])
    if (
        not all(size is None or type(size) is int for size in sizes)
        or len(sizes) != tracer.draft.steps[step].shape.rank
    ):
        raise CannotSay
    kind = "Avg" if operation.kind == "AdaptiveAvgPool" else "Max"
    layer: Layer
    # Global pooling by another name, and by the name that every other format has for it.
    if set(sizes) == {1}:
        layer = GlobalAvgPool(keepdims=True) if kind == "Avg" else GlobalMaxPool(keepdims=True)
    else:
        values: Values = {"output_size": tuple(sizes) if None in sizes else brief(sizes)}
        layer = LAYER_TYPES[f"Adaptive{kind}Pool"](**values)
    made = tracer.emit(operation, layer, step)
    tracer.give_beside(operation, made, *layer.further_outputs)


_MODES = {
    "nearest": {1: "nearest", 2: "nearest", 3: "nearest"},
    "linear": {1: "linear", 2: "bilinear", 3: "trilinear"},
    "cubic": {2: "bicubic"},
}


def resize(tracer: Tracer, operation: Operation) -> None:
    """Resize and Upsample: to sizes, or by factors."""
    step = tracer.normal(tracer.view(operation), operation.path)
    shape = tracer.draft.steps[step].shape
    mode = _MODES.get(operation.attributes.get("mode", "nearest"), {}).get(shape.rank)
    sizes = _resized(tracer, operation, shape)
    if mode is None:
        tracer.placeholder(operation, [tracer.batch, *sizes])
        return
    if sizes[0] != shape.channels:
        raise CannotSay
    values: Values = {"mode": mode}
    # A factor survives when the design's input is resized; a size that was only computed by the exporter does not.
    if all(size % have == 0 for size, have in zip(sizes[1:], shape.spatial, strict=True)):
        values["scale"] = brief([size // have for size, have in zip(sizes[1:], shape.spatial, strict=True)])
    else:
        values["size"] = brief(sizes[1:])
    if operation.attributes.get("coordinate_transformation_mode") == "align_corners":
        values["align_corners"] = True
    tracer.emit(operation, Upsample(**values), step)


def _resized(tracer: Tracer, operation: Operation, shape: Shape) -> list[int]:
    """[channels, *sizes] of the output."""
    have = shape.to_list()
    stated = operation.attributes.get("sizes") or (tracer.integers(operation, 3) if len(operation.inputs) > 3 else None)
    axes = operation.attributes.get("axes")
    if stated:
        wanted = [int(size) for size in stated]
        places = [int(axis) for axis in axes] if axes else list(range(len(have) + 1 - len(wanted), len(have) + 1))
        sizes = [tracer.batch, *have]
        for place, size in zip(places, wanted, strict=True):
            sizes[place] = size
        return sizes[1:]
    scales = operation.attributes.get("scales")
    if scales is None:
        constant = tracer.constant(operation, 2 if len(operation.inputs) > 2 else 1)
        scales = constant.values if constant is not None else None
    if not scales:
        raise CannotSay
    factors = [1.0] * (len(have) + 1 - len(scales)) + [float(scale) for scale in scales]
    return [int(size * factor) for size, factor in zip(have, factors[1:], strict=True)]


def depth_to_space(tracer: Tracer, operation: Operation) -> None:
    """DepthToSpace: PyTorch's order is PixelShuffle; the other has the same sizes and no word."""
    step = tracer.normal(tracer.view(operation), operation.path)
    shape = tracer.draft.steps[step].shape
    block = int(operation.attributes["blocksize"])
    # The default order of ONNX, DCR, is that of TensorFlow.
    if operation.attributes.get("mode", "DCR") == "CRD":
        tracer.emit(operation, PixelShuffle(scale=block), step)
        return
    if shape.rank != 2 or shape.channels % block**2:
        raise CannotSay
    sizes = [size * block for size in shape.spatial]
    tracer.placeholder(operation, [tracer.batch, shape.channels // block**2, *sizes])


def space_to_depth(tracer: Tracer, operation: Operation) -> None:
    """SpaceToDepth, whose order of channels is not PixelUnshuffle's."""
    step = tracer.normal(tracer.view(operation), operation.path)
    shape = tracer.draft.steps[step].shape
    block = int(operation.attributes["blocksize"])
    if shape.rank != 2 or any(size % block for size in shape.spatial):
        raise CannotSay
    sizes = [size // block for size in shape.spatial]
    tracer.placeholder(operation, [tracer.batch, shape.channels * block**2, *sizes])


RULES: dict[str, Rule] = {
    "Conv": convolution,
    "ConvTranspose": transposed,
    "MaxPool": pooling,
    "AveragePool": pooling,
    "MaxUnpool": unpooling,
    "Mod": places_in_a_map,
    "GlobalAveragePool": global_pooling,
    "GlobalMaxPool": global_pooling,
    "AdaptiveAvgPool": adaptive_pooling,
    "AdaptiveMaxPool": adaptive_pooling,
    "Resize": resize,
    "Upsample": resize,
    "DepthToSpace": depth_to_space,
    "SpaceToDepth": space_to_depth,
}
