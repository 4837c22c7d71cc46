"""Keras' way to say convolutions and pools: by its own padding where that gives the same numbers, or padded before."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import Shape, per_axis, same_padding
from cnnstudio.dialects.conversions import brief
from cnnstudio.dialects.dialect import REQUIRED
from cnnstudio.dialects.keras import KERAS
from cnnstudio.exports.keras.naming import OWN, Parts, after, layer
from cnnstudio.exports.source.saying import CannotSay, Part, spelled
from cnnstudio.exports.source.statements import Slot, call, literal
from cnnstudio.exports.windows import Ends, WindowAxis, transposed_axes, window_axes
from cnnstudio.layers.convolution import Conv2D, SlidingLayer
from cnnstudio.layers.pooling import AvgPool, MaxPool, Pool, Subsampling
from cnnstudio.layers.sequences.convolutional import ConvLSTM
from cnnstudio.layers.transposed import ConvTranspose

OPERATIONS = ("log", "sqrt", "square", "abs")
"""Functions that Keras has among its operations alone, not by a word."""
X: Parts = (0,)


def ends_text(ends: Ends) -> str:
    """((begin, end), ...) as source."""
    return literal(tuple(ends))


def zero_padded(ends: Ends, taken: Parts = X) -> Parts:
    """A ZeroPadding layer before, if there is anything to pad."""
    if not any(begin or end for begin, end in ends):
        return taken
    rank = len(ends)
    pads: Any = brief([begin for begin, _ in ends]) if all(begin == end for begin, end in ends) else tuple(ends)
    pads = pads[0] if rank == 1 and isinstance(pads, tuple) and isinstance(pads[0], tuple) else pads
    return layer(call(f"layers.ZeroPadding{rank}D", ("padding", pads)), taken, "_padding")


def is_same(axes: list[WindowAxis]) -> bool:
    """True if Keras' `same` pads as these axes do."""
    return all(
        axis.outputs == -(-axis.size // axis.stride)
        and axis.begin == same_padding(axis.size, axis.kernel, axis.stride, axis.dilation)[0]
        for axis in axes
    )


def convolution(conv: SlidingLayer, shape: Shape, output: Shape) -> tuple[Parts, tuple[str, ...]]:
    """A plain, depthwise or separable convolution, and the helpers it uses."""
    axes = window_axes(shape, output, conv.kernel_size, conv.stride, conv.ends(), conv.dilation)
    ends = [(axis.begin, axis.end) for axis in axes]
    mode = getattr(conv, "padding_mode", "zeros")
    padding: Any = REQUIRED
    taken: Parts = X
    helpers: tuple[str, ...] = ()
    if getattr(conv, "causal", False) and mode == "zeros":
        padding = "causal"
    elif mode == "zeros" and is_same(axes) and any(axis.reach > 1 for axis in axes):
        padding = "same"
    # Keras knows two words and no numbers, so that other padding is a layer before it.
    elif mode == "zeros":
        taken = zero_padded(ends)
    elif any(begin or end for begin, end in ends):
        taken, helpers = ("pad_by(", *X, ", ", Slot("ends", ends_text(ends)), f', "{mode}")'), ("pad_by",)
    if isinstance(conv, Conv2D) and conv.connections is not None:
        return _partial(conv, taken, padding), (*helpers, "partial_conv")
    strides: Any = brief(conv.stride)
    cut: Parts = ()
    if strides != 1 and brief(conv.dilation) != 1:
        strides, padding, taken, cut = _by_cutting(axes, mode, taken)
    made = spelled(
        KERAS,
        conv,
        shape.rank,
        {},
        "layers.",
        strides=strides if strides != 1 else REQUIRED,
        padding=padding,
        activation=REQUIRED,
    )
    if getattr(conv, "standardized", False):
        made, helpers = (
            (str(made[0]).replace("layers.", "Standard"), *made[1:]),
            (*helpers, f"StandardConv{shape.rank}D"),
        )
    return (*layer(made, taken, **activation_of(conv)), *cut), helpers


def _by_cutting(axes: list[WindowAxis], mode: str, taken: Parts) -> tuple[int, Any, Parts, Parts]:
    """A stride beside a dilation, which Keras refuses: every place is computed, and those of the stride are kept."""
    if mode == "zeros":
        taken = zero_padded([(axis.begin, max(axis.needed, 0)) for axis in axes])
    cut = ", ".join([f":{(axis.outputs - 1) * axis.stride + 1}:{axis.stride}" for axis in axes])
    return 1, REQUIRED, taken, (f"[:, {cut}]",)


def activation_of(any_layer: Any) -> dict[str, str]:
    """The activation argument, where Keras' function of that name is the same."""
    function = any_layer.activation
    # Keras' function `leaky_relu` has a slope of 0.2 and the design's of 0.01: a layer after it says the right one.
    if function in (None, "linear", "leaky_relu"):
        return {}
    if function in OPERATIONS:
        return {"activation": f"ops.{function}"}
    return {"activation": literal(KERAS.functions[function])}


def refuse_stride_beside_dilation(conv: Conv2D | ConvLSTM, remedy: str) -> None:
    """Raises CannotSay for a stride and a dilation, of which Keras takes one at a time."""
    if brief(conv.stride) != 1 and brief(conv.dilation) != 1:
        raise CannotSay("Keras refuses a stride beside a dilation", remedy)


def _partial(conv: Conv2D, taken: Parts, padding: Any) -> Parts:
    refuse_stride_beside_dilation(conv, "Use one of them, or full connections.")
    named: dict[str, Any] = {"kernel_size": brief(conv.kernel_size)}
    named |= {} if brief(conv.stride) == 1 else {"strides": brief(conv.stride)}
    named |= {} if padding is REQUIRED else {"padding": padding}
    named |= {} if brief(conv.dilation) == 1 else {"dilation_rate": brief(conv.dilation)}
    named |= {} if conv.bias else {"use_bias": False}
    options = call("", **named)[2:-1]  # without the brackets
    function = activation_of(conv)
    more: Parts = (", activation=", function["activation"]) if function else ()
    connections = Slot("connections", literal(conv.connections))
    return ("partial_conv(", *after(taken), ", ", connections, ", ", OWN, ", ", *options, *more, ")")


def transposed(conv: ConvTranspose, shape: Shape, output: Shape) -> tuple[Parts, tuple[str, ...]]:
    """A transposed convolution: all of its output, extended at the end where asked for, then cropped.

    Raises CannotSay for a stride beside a dilation, and for an output padding that Keras refuses.
    """
    if brief(conv.stride) != 1 and brief(conv.dilation) != 1:
        raise CannotSay(
            "Keras refuses a stride beside a dilation in a transposed convolution",
            "Use a dilation of 1, or a larger kernel.",
        )
    axes = transposed_axes(
        shape, output, conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.output_padding
    )
    own: dict[str, Any] = {"padding": REQUIRED, "output_padding": REQUIRED}
    extra = [max(0, -axis.end) for axis in axes]
    crops = [(axis.begin, max(0, axis.end)) for axis in axes]
    if any(more >= axis.stride for more, axis in zip(extra, axes, strict=True) if more):
        raise CannotSay(
            "Keras takes an output padding only below the stride",
            "Use a smaller output padding, or a ZeroPad after it.",
        )
    # Keras fills a kernel shorter than the stride up to it unless an output padding is given.
    short = any(axis.dilation * (axis.kernel - 1) + 1 < axis.stride for axis in axes)
    if any(extra) or short:
        own["output_padding"] = brief(extra)
    made = spelled(
        KERAS, conv, shape.rank, {}, "layers.", activation=REQUIRED, **own, filters=conv.filters // conv.groups
    )
    activation = activation_of(conv)
    cropped = any(begin or end for begin, end in crops)
    if conv.groups > 1:
        more: Parts = tuple(part for key, text in activation.items() for part in (f", {key}=", text))
        body: Parts = ("grouped(lambda name: ", *made[:-1], *more, ", name=name), ", 0, f", {conv.groups}, ", OWN, ")")
    else:
        body = layer(made, X, **activation)
    helpers = ("grouped",) if conv.groups > 1 else ()
    return (crop(crops, body) if cropped else body), helpers


def crop(ends: Ends, taken: Parts = X) -> Parts:
    """A Cropping layer."""
    rank = len(ends)
    cuts: Any = brief([begin for begin, _ in ends]) if all(begin == end for begin, end in ends) else tuple(ends)
    cuts = cuts[0] if rank == 1 and isinstance(cuts, tuple) and isinstance(cuts[0], tuple) else cuts
    return layer(call(f"layers.Cropping{rank}D", ("cropping", cuts)), taken, "_cut" if taken != X else "")


def pool(pooling: Pool, shape: Shape, output: Shape, *, is_nonnegative: bool = False) -> tuple[Parts, tuple[str, ...]]:
    """A maximum or an average over windows; raises CannotSay for a window without an element of the map."""
    strides = pooling.pool_size if pooling.stride is None else pooling.stride
    dilation = getattr(pooling, "dilation", 1)
    axes = window_axes(shape, output, pooling.pool_size, strides, pooling.padding, dilation)
    if any(axis.is_beyond for axis in axes):
        raise CannotSay(
            "a window lies wholly in the padding, and has nothing to pool",
            "Turn ceil_mode off, or use a stride and a padding with which every window meets the map.",
        )
    if isinstance(pooling, AvgPool):
        return _average_pool(pooling, shape, axes)
    ends = [(axis.begin, axis.needed) for axis in axes]
    if brief(dilation) != 1:
        return _dilated(pooling, shape, output, ends), ("pad_with", "dilated_max_pool")
    if is_same(axes):
        return layer(_pool_call(pooling, shape, axes)), ()
    before: Parts = ("pad_with(", 0, ", ", Slot("ends", ends_text(ends)), ', float("-inf"))')
    if not any(begin or end for begin, end in ends):
        return layer(_pool_call(pooling, shape, None)), ()
    if is_nonnegative:
        # Zeros are no maximum of what is never below them.
        return layer(_pool_call(pooling, shape, None), zero_padded(ends)), ()
    return layer(_pool_call(pooling, shape, None), before), ("pad_with",)


def _pool_call(pooling: Pool, shape: Shape, same: list[WindowAxis] | None) -> tuple[Any, ...]:
    own_stride = pooling.stride is None or brief(pooling.stride) == brief(pooling.pool_size)
    pads = same is not None and any(axis.begin or axis.needed for axis in same)
    first = ("pool_size", brief(pooling.pool_size))
    named: dict[str, Any] = {} if own_stride else {"strides": brief(pooling.stride)}
    named |= {"padding": "same"} if pads else {}
    kind = "MaxPooling" if isinstance(pooling, MaxPool) else "AveragePooling"
    return call(f"layers.{kind}{shape.rank}D", first, **named)


def _dilated(pooling: Pool, shape: Shape, output: Shape, ends: Ends) -> Parts:
    rank = shape.rank
    strides = pooling.pool_size if pooling.stride is None else pooling.stride
    given = (pooling.pool_size, strides, getattr(pooling, "dilation", 1))
    texts = [literal(per_axis(value, rank)) for value in given]
    slots = [Slot(name, text) for name, text in zip(("size", "strides", "dilation"), texts, strict=True)]
    parts: list[Part] = [part for slot in slots for part in (", ", slot)]
    before: Parts = ("pad_with(", 0, ", ", Slot("ends", ends_text(ends)), ', float("-inf"))')
    return ("dilated_max_pool(", *after(before), *parts, ", ", Slot("outputs", literal(output.spatial)), ")")


def _average_pool(pooling: AvgPool, shape: Shape, axes: list[WindowAxis]) -> tuple[Parts, tuple[str, ...]]:
    counts = pooling.count_padding and pooling.padding != "same"
    total = [(axis.begin, axis.needed) for axis in axes]
    counted = [(axis.begin, min(axis.end, axis.needed)) if counts else (0, 0) for axis in axes]
    if not any(begin or end for begin, end in total):
        return layer(_pool_call(pooling, shape, None)), ()
    # With torch below it, Keras fills unequal ends of `same` with copies of the edge, which changes averages, and
    # refuses a window along three axes that is larger than the map.
    fits = all(begin == end for begin, end in total) and all(axis.kernel <= axis.size for axis in axes)
    if not any(map(any, counted)) and is_same(axes) and fits:
        return layer(_pool_call(pooling, shape, axes)), ()
    if total == counted:
        return layer(_pool_call(pooling, shape, None), zero_padded(total)), ()
    strides = pooling.pool_size if pooling.stride is None else pooling.stride
    texts = [literal(brief(pooling.pool_size)), literal(brief(strides)), ends_text(total), ends_text(counted)]
    slots = [Slot(name, text) for name, text in zip(("size", "strides", "ends", "counted"), texts, strict=True)]
    parts: list[Part] = [part for slot in slots for part in (", ", slot)]
    return ("average_pool(", 0, *parts, ")"), ("average_pool",)


def subsampling(pooling: Subsampling) -> tuple[Parts, tuple[str, ...]]:
    """LeNet-5's pooling: the average times the window is the sum."""
    size = per_axis(pooling.pool_size, 2)
    strides = pooling.pool_size if pooling.stride is None else pooling.stride
    named = {} if brief(strides) == brief(pooling.pool_size) else {"strides": brief(strides)}
    average = call("layers.AveragePooling2D", ("pool_size", brief(pooling.pool_size)), **named)
    summed = (*layer(average, suffix="_mean"), f" * {size[0] * size[1]}")
    return layer(call("Affine", shift=True), summed), ("Affine",)
