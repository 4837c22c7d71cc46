"""ONNX's way to say each layer type: one function a type, in one table."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape, explicit_padding
from cnnstudio.core.network.layer import Layer
from cnnstudio.dialects.onnx import ONNX
from cnnstudio.exports.onnx import attention, sliding, tensors
from cnnstudio.exports.onnx.building import GraphBuilder
from cnnstudio.exports.onnx.recurrent import embedding, recurrent
from cnnstudio.exports.source.saying import CannotSay, require_constants, sayer_of
from cnnstudio.layers.activation import Activation, PReLU
from cnnstudio.layers.convolution import SlidingLayer
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.normalization import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    Norm,
    Normalization,
    Rescaling,
    Scale,
    StatisticsNorm,
    UnitNormalization,
)
from cnnstudio.layers.pooling import AdaptivePool, GlobalAvgPool, GlobalPool, Pool, Subsampling
from cnnstudio.layers.regularization import DropLayer
from cnnstudio.layers.reshaping import (
    Crop,
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    Slice,
    Upsample,
    ZeroPad,
)
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.sequences.recurrent import RecurrentLayer
from cnnstudio.layers.shuffling import ChannelShuffle, PixelShuffle, PixelUnshuffle, Split
from cnnstudio.layers.structure import Identity, Output
from cnnstudio.layers.transposed import ConvTranspose

Shapes = tuple[Shape, ...]
Sayer = Callable[[GraphBuilder, Any, list[str], Shapes, Shape], str]


def add_layer(graph: GraphBuilder, layer: Layer, inputs: list[str], shapes: Shapes, output: Shape) -> str:
    """Adds the operators of a layer; returns the name of its output. Raises CannotSay if it cannot be said exactly."""
    sayer = sayer_of(SAYERS, layer, "ONNX")
    result = sayer(graph, layer, inputs, shapes, output)
    function = getattr(layer, "activation", None)
    return result if function is None else _function(graph, result, Activation(function=function))


def _function(graph: GraphBuilder, x: str, activation: Activation) -> str:
    """An activation function with its constants."""
    function = activation.function
    if function == "relu6":
        return graph.add("Clip", x, graph.number(0.0), graph.number(6.0))
    if function == "hard_tanh":
        return graph.add("Clip", x, graph.number(-1.0), graph.number(1.0))
    if function == "silu":
        return graph.add("Mul", x, graph.add("Sigmoid", x))
    if function == "log_sigmoid":
        return graph.add("Neg", graph.add("Softplus", graph.add("Neg", x)))
    if function == "square":
        return graph.add("Mul", x, x)
    if function == "hard_sigmoid":
        return graph.add("HardSigmoid", x, alpha=1 / 6, beta=0.5)
    spelling = ONNX.spelling_of(activation, 2)
    if spelling is None:
        raise LookupError(function)
    attributes = spelling.written(activation, 2)
    if "softmax" in function:
        # ONNX takes the last axis by default, and a design the channels.
        attributes["axis"] = activation.axis + 1
    return graph.add(spelling.name, x, **attributes)


def _activation(graph: GraphBuilder, layer: Activation, inputs: list[str], _shapes: Shapes, output: Shape) -> str:
    require_constants(layer)
    if "softmax" in layer.function and layer.axis < 0:
        rows = graph.add("Reshape", inputs[0], graph.whole((0, 0, -1)))
        spelling = "Softmax" if layer.function == "softmax" else "LogSoftmax"
        return graph.add("Reshape", graph.add(spelling, rows, axis=2), graph.whole((0, *output.to_list())))
    return _function(graph, inputs[0], layer)


def _global_pool(graph: GraphBuilder, layer: GlobalPool, inputs: list[str], _shapes: Shapes, _output: Shape) -> str:
    pooled = graph.add("GlobalAveragePool" if isinstance(layer, GlobalAvgPool) else "GlobalMaxPool", inputs[0])
    return pooled if layer.keepdims else graph.add("Flatten", pooled, axis=1)


def _dense(graph: GraphBuilder, layer: Dense, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    shape = shapes[0]
    if shape.rank and layer.apply_to == "channels":
        return _dense_on_channels(graph, layer, inputs[0], shape)
    x = graph.add("Flatten", inputs[0], axis=1) if shape.rank else inputs[0]
    weight = graph.weight("weight", (layer.units, shape.elements), "weight", shape.elements)
    bias = [graph.weight("bias", (layer.units,), "bias")] if layer.bias else []
    return graph.add("Gemm", x, weight, *bias, transB=1)


def _dense_on_channels(graph: GraphBuilder, layer: Dense, x: str, shape: Shape) -> str:
    """A product with a matrix at each position: a convolution with a kernel of 1 would be another layer to readers."""
    rank = shape.rank
    last = graph.add("Transpose", x, perm=(0, *range(2, rank + 2), 1))
    made = graph.add("MatMul", last, graph.weight("weight", (shape.channels, layer.units), "weight", shape.channels))
    if layer.bias:
        made = graph.add("Add", made, graph.weight("bias", (layer.units,), "bias"))
    return graph.add("Transpose", made, perm=(0, rank + 1, *range(1, rank + 1)))


def _learned(graph: GraphBuilder, layer: Norm, dims: tuple[int, ...]) -> tuple[str, str]:
    """Scale and shift; 1 and 0, not counted, where they are not learned."""
    scale, shift = layer.affine and layer.scale, layer.affine and layer.center
    return (
        # The operator insists on its inputs, so that constants stand in for what is not learned.
        graph.weight("weight", dims, "scale") if scale else graph.filled(dims, 1.0),
        graph.weight("bias", dims, "bias") if shift else graph.filled(dims, 0.0),
    )


def _statistics_norm(
    graph: GraphBuilder, layer: StatisticsNorm, inputs: list[str], shapes: Shapes, _output: Shape
) -> str:
    shape = shapes[0]
    dims = (shape.channels,)
    if layer.track_statistics:
        scale, shift = _learned(graph, layer, dims)
        mean, variance = graph.weight("mean", dims, "mean"), graph.weight("variance", dims, "variance")
        # ONNX weighs the old statistics; 1 - 0.9 is 0.09999999999999998 in floating point.
        momentum = float(f"{1 - layer.momentum:.12g}")
        return graph.add(
            "BatchNormalization", inputs[0], scale, shift, mean, variance, epsilon=layer.epsilon, momentum=momentum
        )
    if isinstance(layer, InstanceNorm):
        if shape.positions == 1:
            raise CannotSay("an instance of one element a channel has no variance", "Leave it out.")
        scale, shift = _learned(graph, layer, dims)
        return graph.add("InstanceNormalization", inputs[0], scale, shift, epsilon=layer.epsilon)
    return _batch_statistics(graph, layer, inputs[0], shape)


def _batch_statistics(graph: GraphBuilder, layer: StatisticsNorm, x: str, shape: Shape) -> str:
    """Normalization by the statistics of the batch itself."""
    axes = graph.whole((0, *range(2, shape.rank + 2)))
    centred = graph.add("Sub", x, graph.add("ReduceMean", x, axes, keepdims=1))
    variance = graph.add("ReduceMean", graph.add("Mul", centred, centred), axes, keepdims=1)
    deviation = graph.add("Sqrt", graph.add("Add", variance, graph.number(layer.epsilon)))
    result = graph.add("Div", centred, deviation)
    dims = (shape.channels, *(1,) * shape.rank)
    if layer.affine and layer.scale:
        result = graph.add("Mul", result, graph.weight("weight", dims, "scale"))
    return graph.add("Add", result, graph.weight("bias", dims, "bias")) if layer.affine and layer.center else result


def _group_norm(graph: GraphBuilder, layer: GroupNorm, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    """Each group as one instance, then the scale and the shift of each channel: the same, and known to all runtimes."""
    shape = shapes[0]
    grouped = graph.add("Reshape", inputs[0], graph.whole((0, layer.groups, -1)))
    ones, zeros = graph.filled((layer.groups,), 1.0), graph.filled((layer.groups,), 0.0)
    normal = graph.add("InstanceNormalization", grouped, ones, zeros, epsilon=layer.epsilon)
    result = graph.add("Reshape", normal, graph.whole((0, *shape.to_list())))
    dims = (shape.channels, *(1,) * shape.rank)
    if layer.affine and layer.scale:
        result = graph.add("Mul", result, graph.weight("weight", dims, "scale"))
    return graph.add("Add", result, graph.weight("bias", dims, "bias")) if layer.affine and layer.center else result


def _layer_norm(graph: GraphBuilder, layer: LayerNorm, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    shape = shapes[0]
    if layer.over == "map" or not shape.rank:
        scale, shift = _learned(graph, layer, tuple(shape.to_list()))
        return graph.add("LayerNormalization", inputs[0], scale, shift, axis=1, epsilon=layer.epsilon)
    last = (0, *range(2, shape.rank + 2), 1)
    first = (0, shape.rank + 1, *range(1, shape.rank + 1))
    scale, shift = _learned(graph, layer, (shape.channels,))
    x = graph.add("Transpose", inputs[0], perm=last)
    normal = graph.add("LayerNormalization", x, scale, shift, axis=-1, epsilon=layer.epsilon)
    return graph.add("Transpose", normal, perm=first)


def _local_response(
    graph: GraphBuilder, layer: LocalResponseNorm, inputs: list[str], shapes: Shapes, _output: Shape
) -> str:
    """LRN on maps with two axes and odd sizes; else the mean of the neighbours' squares, in PyTorch's order."""
    shape = shapes[0]
    # Runtimes want positive constants.
    if shape.rank == 2 and layer.size % 2 and min(layer.alpha, layer.beta) > 0:
        return graph.add("LRN", inputs[0], size=layer.size, alpha=layer.alpha, beta=layer.beta, bias=layer.k)
    squares = graph.add("Mul", inputs[0], inputs[0])
    lined = graph.add("Reshape", squares, graph.whole((0, 1, shape.channels, shape.positions)))
    before, after = layer.size // 2, (layer.size - 1) // 2
    ended = graph.add("Pad", lined, graph.whole((0, 0, before, 0, 0, 0, after, 0)), mode="constant")
    means = graph.add("AveragePool", ended, kernel_shape=[layer.size, 1], strides=[1, 1])
    divisor = graph.add("Add", graph.add("Mul", means, graph.number(layer.alpha)), graph.number(layer.k))
    power = graph.add("Pow", divisor, graph.number(layer.beta))
    return graph.add("Div", inputs[0], graph.add("Reshape", power, graph.whole((0, *shape.to_list()))))


def _unit_norm(graph: GraphBuilder, layer: UnitNormalization, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    if layer.over == "channels" or not shapes[0].rank:
        return graph.add("LpNormalization", inputs[0], axis=1, p=2)
    flat = graph.add("LpNormalization", graph.add("Flatten", inputs[0], axis=1), axis=1, p=2)
    return graph.add("Reshape", flat, graph.whole((0, *shapes[0].to_list())))


def _repeat(graph: GraphBuilder, layer: RepeatVector, inputs: list[str], _shapes: Shapes, _output: Shape) -> str:
    lined = graph.add("Unsqueeze", inputs[0], graph.whole((2,)))
    return graph.add("Expand", lined, graph.whole((1, 1, layer.times)))


def _scale(graph: GraphBuilder, layer: Scale, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    dims = (shapes[0].channels if layer.factors == "channel" else 1, *(1,) * shapes[0].rank)
    scaled = graph.add("Mul", inputs[0], graph.weight("weight", dims, "scale"))
    return graph.add("Add", scaled, graph.weight("bias", dims, "bias")) if layer.bias else scaled


def _rescaling(graph: GraphBuilder, layer: Rescaling, inputs: list[str], _shapes: Shapes, _output: Shape) -> str:
    scaled = graph.add("Mul", inputs[0], graph.number(float(layer.scale)))
    return graph.add("Add", scaled, graph.number(float(layer.offset))) if layer.offset else scaled


def _normalization(graph: GraphBuilder, layer: Normalization, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    dims = (shapes[0].channels, *(1,) * shapes[0].rank)
    if layer.track_statistics:
        mean, variance = graph.weight("mean", dims, "mean"), graph.weight("variance", dims, "variance")
    else:
        mean, variance = graph.filled(dims, 0.0), graph.filled(dims, 1.0)
    # Keras' Normalization divides by no less than its epsilon.
    deviation = graph.add("Max", graph.add("Sqrt", variance), graph.number(1e-7))
    return graph.add("Div", graph.add("Sub", inputs[0], mean), deviation)


def _prelu(graph: GraphBuilder, layer: PReLU, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    return graph.add("PRelu", inputs[0], graph.weight("weight", layer.slope_shape(shapes[0]), "scale"))


def _flatten(graph: GraphBuilder, _layer: Flatten, inputs: list[str], _shapes: Shapes, _output: Shape) -> str:
    return graph.add("Flatten", inputs[0], axis=1)


def _reshape(graph: GraphBuilder, _layer: Reshape, inputs: list[str], _shapes: Shapes, output: Shape) -> str:
    return graph.add("Reshape", inputs[0], graph.whole((0, *output.to_list())))


def _permute(graph: GraphBuilder, layer: Permute, inputs: list[str], _shapes: Shapes, _output: Shape) -> str:
    return graph.add("Transpose", inputs[0], perm=(0, *[axis + 1 for axis in layer.dims]))


def _zero_pad(graph: GraphBuilder, layer: ZeroPad, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    ends = list(explicit_padding(layer.padding, shapes[0].rank))
    return sliding.padded(graph, inputs[0], ends, layer.padding_mode, channels=layer.channel_ends())


def _cut(graph: GraphBuilder, x: str, starts: list[int], ends: list[int], axes: list[int], steps: list[int]) -> str:
    return graph.add("Slice", x, *[graph.whole(numbers) for numbers in (starts, ends, axes, steps)])


def _crop(graph: GraphBuilder, layer: Crop, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    cuts = explicit_padding(layer.cropping, shapes[0].rank)
    ends = [size - end for size, (_, end) in zip(shapes[0].spatial, cuts, strict=True)]
    axes = list(range(2, len(cuts) + 2))
    return _cut(graph, inputs[0], [begin for begin, _ in cuts], ends, axes, [1] * len(cuts))


def _slice(graph: GraphBuilder, layer: Slice, inputs: list[str], shapes: Shapes, _output: Shape) -> str:
    stop = shapes[0].to_list()[layer.axis] if layer.stop is None else layer.stop
    return _cut(graph, inputs[0], [layer.start], [stop], [layer.axis + 1], [layer.step])


def _upsample(graph: GraphBuilder, layer: Upsample, inputs: list[str], shapes: Shapes, output: Shape) -> str:
    shape = shapes[0]
    if layer.mode == "bicubic" and shape.rank != 2:
        raise CannotSay("bicubic interpolation is known only of maps with two axes", "Use mode: linear or nearest.")
    mode = {"nearest": "nearest", "bicubic": "cubic"}.get(layer.mode, "linear")
    attributes: dict[str, Any] = {"mode": mode, "coordinate_transformation_mode": "half_pixel"}
    if mode == "nearest":
        # As PyTorch's `nearest` does; ONNX's own default rounds from the centres, and takes other elements.
        attributes |= {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    elif layer.align_corners:
        attributes["coordinate_transformation_mode"] = "align_corners"
    if mode == "cubic":
        attributes["cubic_coeff_a"] = -0.75
    if layer.scale is None:
        sizes = graph.whole(output.spatial)
        return graph.add("Resize", inputs[0], "", "", sizes, axes=list(range(2, shape.rank + 2)), **attributes)
    scales = layer.scale if isinstance(layer.scale, tuple) else (layer.scale,) * shape.rank
    table = graph.table("scales", (shape.rank + 2,), [1.0, 1.0, *map(float, scales)])
    return graph.add("Resize", inputs[0], "", table, **attributes)


def _exchanged(graph: GraphBuilder, x: str, first: list[int], order: list[int], then: list[int]) -> str:
    """Reshape, Transpose, Reshape: sizes without the batch, axes with it."""
    shaped = graph.add("Reshape", x, graph.whole((0, *first)))
    moved = graph.add("Transpose", shaped, perm=order)
    return graph.add("Reshape", moved, graph.whole((0, *then)))


def _pixel_shuffle(graph: GraphBuilder, layer: PixelShuffle, inputs: list[str], shapes: Shapes, output: Shape) -> str:
    shape, scale = shapes[0], layer.scale
    rank = shape.rank
    if rank == 2:
        return graph.add("DepthToSpace", inputs[0], blocksize=scale, mode="CRD")
    order = [0, 1, *[axis for at in range(rank) for axis in (2 + rank + at, 2 + at)]]
    first = [output.channels, *[scale] * rank, *shape.spatial]
    return _exchanged(graph, inputs[0], first, order, output.to_list())


def _pixel_unshuffle(
    graph: GraphBuilder, layer: PixelUnshuffle, inputs: list[str], shapes: Shapes, output: Shape
) -> str:
    shape, scale = shapes[0], layer.scale
    rank = shape.rank
    first = [shape.channels, *[part for size in output.spatial for part in (size, scale)]]
    order = [0, 1, *range(3, 3 + 2 * rank, 2), *range(2, 2 + 2 * rank, 2)]
    return _exchanged(graph, inputs[0], first, order, output.to_list())


def _channel_shuffle(
    graph: GraphBuilder, layer: ChannelShuffle, inputs: list[str], shapes: Shapes, output: Shape
) -> str:
    first = [layer.groups, shapes[0].channels // layer.groups, prod(shapes[0].spatial)]
    return _exchanged(graph, inputs[0], first, [0, 2, 1, 3], output.to_list())


def _drop(graph: GraphBuilder, layer: DropLayer, inputs: list[str], _shapes: Shapes, _output: Shape) -> str:
    return graph.add("Dropout", inputs[0], graph.number(layer.rate))


def _identity(graph: GraphBuilder, _layer: Layer, inputs: list[str], _shapes: Shapes, _output: Shape) -> str:
    return graph.add("Identity", inputs[0])


SAYERS: dict[type[Layer], Sayer] = {
    ConvTranspose: lambda graph, layer, inputs, shapes, output: sliding.transposed(
        graph, layer, inputs[0], shapes[0], output
    ),
    SlidingLayer: lambda graph, layer, inputs, shapes, output: sliding.convolution(
        graph, layer, inputs[0], shapes[0], output
    ),
    Pool: lambda graph, layer, inputs, shapes, output: sliding.pool(graph, layer, inputs[0], shapes[0], output),
    Subsampling: lambda graph, layer, inputs, shapes, _output: sliding.subsampling(graph, layer, inputs[0], shapes[0]),
    GlobalPool: _global_pool,
    AdaptivePool: lambda graph, layer, inputs, shapes, output: sliding.adaptive(
        graph, layer, inputs[0], shapes[0], output
    ),
    Dense: _dense,
    Embedding: lambda graph, layer, inputs, shapes, _output: embedding(graph, layer, inputs[0], shapes[0]),
    RecurrentLayer: lambda graph, layer, inputs, shapes, _output: recurrent(graph, layer, inputs, shapes[0]),
    BatchNorm: _statistics_norm,
    InstanceNorm: _statistics_norm,
    LayerNorm: _layer_norm,
    GroupNorm: _group_norm,
    LocalResponseNorm: _local_response,
    UnitNormalization: _unit_norm,
    RepeatVector: _repeat,
    Scale: _scale,
    Rescaling: _rescaling,
    Normalization: _normalization,
    Activation: _activation,
    PReLU: _prelu,
    Flatten: _flatten,
    Reshape: _reshape,
    Permute: _permute,
    ZeroPad: _zero_pad,
    Crop: _crop,
    Upsample: _upsample,
    PixelShuffle: _pixel_shuffle,
    PixelUnshuffle: _pixel_unshuffle,
    ChannelShuffle: _channel_shuffle,
    Slice: _slice,
    Split: lambda graph, _layer, inputs, _shapes, output: _cut(graph, inputs[0], [0], [output.channels], [1], [1]),
    DropLayer: _drop,
    Identity: _identity,
    Output: _identity,
    **attention.SAYERS,
    **tensors.SAYERS,
}
"""The function for each layer type, or for a type that it extends."""
