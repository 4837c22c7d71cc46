"""Layers that Keras applies at each step of a sequence, as TimeDistributed does: layers with one more axis.

A window of 1 along the steps, by steps of 1, leaves each step to itself: so a 3 × 3 convolution of every frame of a
video is one of 1 × 3 × 3, with as many weights and the same products.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import structs

from cnnstudio.core.arithmetic.shape import Shape, explicit_padding, per_axis
from cnnstudio.core.counting.analysis import count_layer
from cnnstudio.core.network.layer import Counts, Layer
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.activation import Activation, PReLU
from cnnstudio.layers.convolution import Conv, Conv3D, DepthwiseConv, SeparableConv1D, SlidingLayer
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Concat, Merge
from cnnstudio.layers.normalization import BatchNorm, LayerNorm, Normalization, Rescaling, Scale, UnitNormalization
from cnnstudio.layers.pooling import AvgPool, GlobalAvgPool, GlobalPool, MaxPool
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.reshaping import Crop, Flatten, Permute, Reshape, Slice, Upsample, ZeroPad
from cnnstudio.layers.structure import Identity
from cnnstudio.layers.tensors.reductions import Reduce
from cnnstudio.layers.transposed import ConvTranspose

Shapes = tuple[Shape, ...]
Layers = tuple[Layer, ...]
Rule = Callable[[Any, Shape], Layers]
"""Takes a layer and the shape of one step; the layers that do the same at each step, one after the other."""


def frames(shapes: Shapes) -> Shapes:
    """The shapes of one step."""
    return tuple([Shape(shape.channels, shape.spatial[1:]) for shape in shapes])


def at_each_step(layer: Layer, inputs: Shapes, rules: str) -> Layers:
    """The layers that do at each step of these inputs what one does; () if a design has none that count the same."""
    rule = next((_RULES[kind] for kind in type(layer).__mro__ if kind in _RULES), None)
    wanted = count_layer(layer, frames(inputs), rules)
    found = rule(layer, frames(inputs)[0]) if rule is not None else ()
    if not found or not isinstance(wanted, Counts):
        return ()
    steps, shapes = inputs[0].spatial[0], inputs
    totals = [0, 0, 0]
    for each in found:
        counts = count_layer(each, shapes, rules)
        if not isinstance(counts, Counts):
            return ()
        for at, number in enumerate((counts.parameters, counts.state, counts.macs or 0)):
            totals[at] += number
        shapes = (counts.output,)
    is_same = totals == [wanted.parameters, wanted.state, steps * (wanted.macs or 0)]
    return found if is_same and shapes == (_with_steps(wanted.output, steps),) else ()


def _with_steps(shape: Shape, steps: int) -> Shape:
    return Shape(shape.channels, (steps, *shape.spatial))


def _window(layer: Any, rank: int, *sizes: str) -> dict[str, Any]:
    """The fields of a layer with windows, whose `sizes` are 1 along the steps."""
    values: dict[str, Any] = {name: _led(getattr(layer, name), rank) for name in sizes}
    if layer.padding not in ("valid", "same"):
        values["padding"] = ((0, 0), *explicit_padding(layer.padding, rank))
    return values


def _led(sizes: int | tuple[int, ...], rank: int) -> int | tuple[int, ...]:
    """The sizes behind a 1 for the steps; 1 if all of them are."""
    return (1, *per_axis(sizes, rank)) if sizes != 1 else 1


def _wider(layer: Layer, rank: int, **values: Any) -> Layers:
    """The layer of the same name with one more axis; none where there is no such type."""
    kind = LAYER_TYPES.get(f"{layer.type_name[:-2]}{rank + 1}D")
    if kind is None:
        return ()
    names = {field.name for field in structs.fields(kind)}
    kept = {name: value for name, value in structs.asdict(layer).items() if name in names}
    return (kind(**(kept | values)),)


def _convolution(layer: SlidingLayer, _frame: Shape) -> Layers:
    if getattr(layer, "connections", None) is not None:
        return ()
    # Conv1D alone has a word for padding that all comes first.
    layer = structs.replace(layer, padding=layer.ends(), **({"causal": False} if hasattr(layer, "causal") else {}))
    values = _window(layer, layer.rank, "kernel_size", "stride", "dilation")
    return _wider(layer, layer.rank, **values)


def _depthwise(layer: DepthwiseConv, frame: Shape) -> Layers:
    if layer.rank == 1:
        return _convolution(layer, frame)
    values = _window(layer, layer.rank, "kernel_size", "stride", "dilation")
    own = {name: getattr(layer, name) for name in ("padding", "bias", "activation")}
    channels = frame.channels
    return (Conv3D(filters=channels * layer.depth_multiplier, groups=channels, **(own | values)),)


def _transposed(layer: ConvTranspose, _frame: Shape) -> Layers:
    values = _window(layer, layer.rank, "kernel_size", "stride", "dilation")
    if layer.output_padding is not None:
        values["output_padding"] = (0, *per_axis(layer.output_padding, layer.rank))
    return _wider(layer, layer.rank, **values)


def _pool(layer: MaxPool | AvgPool, _frame: Shape) -> Layers:
    values = _window(layer, layer.rank, "pool_size")
    # Keras' pools have no dilation, and without a stride step by their own window, along the steps by 1.
    values |= {} if layer.stride is None else {"stride": _led(layer.stride, layer.rank)}
    return _wider(layer, layer.rank, **values)


def _global_pool(layer: GlobalPool, frame: Shape) -> Layers:
    axes = tuple(range(2, frame.rank + 2))
    function: Any = "mean" if isinstance(layer, GlobalAvgPool) else "max"
    return (Reduce(function=function, axes=axes, keepdims=layer.keepdims),)


def _dense(layer: Dense, frame: Shape) -> Layers:
    return (structs.replace(layer, apply_to="channels"),) if layer.apply_to == "channels" or not frame.rank else ()


def _flatten(_layer: Flatten, frame: Shape) -> Layers:
    return _reshaped(frame, Shape(frame.elements))


def _reshape(layer: Reshape, frame: Shape) -> Layers:
    size = (layer.size,) if isinstance(layer.size, int) else layer.size
    return _reshaped(frame, Shape(layer.channels, size)) if -1 not in (layer.channels, *size) else ()


def _reshaped(frame: Shape, wanted: Shape) -> Layers:
    """The elements of each step in another shape: the steps are put last meanwhile, so that none is mixed with another.

    How many there are is worked out.
    """
    last: Layers = (Permute(dims=(0, *range(2, frame.rank + 2), 1)),) if frame.rank else ()
    back: Layers = (Permute(dims=(0, wanted.rank + 1, *range(1, wanted.rank + 1))),) if wanted.rank else ()
    return (*last, Reshape(channels=wanted.channels, size=(*wanted.spatial, -1)), *back)


def _permute(layer: Permute, _frame: Shape) -> Layers:
    first, *others = [axis + 1 if axis else 0 for axis in layer.dims]
    return (structs.replace(layer, dims=(first, 1, *others)),)


def _margin(name: str) -> Rule:
    def rule(layer: Any, frame: Shape) -> Layers:
        return (structs.replace(layer, **{name: ((0, 0), *explicit_padding(getattr(layer, name), frame.rank))}),)

    return rule


def _upsample(layer: Upsample, frame: Shape) -> Layers:
    # No mode interpolates along some of the axes alone.
    if layer.scale is None or layer.mode != "nearest":
        return ()
    scale = layer.scale if isinstance(layer.scale, tuple) else (layer.scale,) * frame.rank
    return (structs.replace(layer, scale=(1, *scale)),)


def _activation(layer: Activation, _frame: Shape) -> Layers:
    if "softmax" not in layer.function or not layer.axis:
        return (layer,)
    return (structs.replace(layer, axis=layer.axis + 1),) if layer.axis > 0 else ()


def _along(layer: Concat | Slice, _frame: Shape) -> Layers:
    return (structs.replace(layer, axis=layer.axis + 1 if layer.axis else 0),)


def _reduce(layer: Reduce, frame: Shape) -> Layers:
    # Where the channels go, what is left of the axes of a step would come before the steps.
    if 0 in layer.axes and not layer.keepdims and len(layer.axes) <= frame.rank:
        return ()
    axes = tuple([axis + 1 if axis else 0 for axis in layer.axes])
    return (structs.replace(layer, axes=axes),) if 0 not in axes or layer.keepdims else ()


def _over_channels(layer: LayerNorm | UnitNormalization, frame: Shape) -> Layers:
    return (structs.replace(layer, over="channels"),) if layer.over == "channels" or not frame.rank else ()


def _prelu(layer: PReLU, frame: Shape) -> Layers:
    return () if layer.coefficients == "element" and frame.rank else (layer,)


def _as_it_is(layer: Layer, _frame: Shape) -> Layers:
    return (layer,)


_RULES: dict[type[Layer], Rule] = {
    Conv: _convolution,
    DepthwiseConv: _depthwise,
    SeparableConv1D: _convolution,
    ConvTranspose: _transposed,
    MaxPool: _pool,
    AvgPool: _pool,
    GlobalPool: _global_pool,
    Dense: _dense,
    Flatten: _flatten,
    Reshape: _reshape,
    Permute: _permute,
    ZeroPad: _margin("padding"),
    Crop: _margin("cropping"),
    Upsample: _upsample,
    Activation: _activation,
    PReLU: _prelu,
    Concat: _along,
    Slice: _along,
    Reduce: _reduce,
    LayerNorm: _over_channels,
    UnitNormalization: _over_channels,
    **dict.fromkeys((BatchNorm, Normalization, Rescaling, Scale, Merge, Dropout, Identity), _as_it_is),
}
"""The rule for each of these types, or for one that it extends; the others a design has only for a whole example."""
