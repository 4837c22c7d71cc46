"""Convolutions and pools in PyTorch: by its own padding where that gives the same numbers, or padded before."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.dialects.conversions import brief
from cnnstudio.dialects.dialect import REQUIRED
from cnnstudio.dialects.pytorch import PYTORCH
from cnnstudio.exports.source.saying import APPLIED, CannotSay, Expression, Said, replaced, spelled
from cnnstudio.exports.source.statements import Slot, call, literal
from cnnstudio.exports.windows import Ends, TransposedAxis, WindowAxis, transposed_axes, window_axes
from cnnstudio.layers.convolution import Conv2D, DepthwiseConv, SeparableConv, SlidingLayer
from cnnstudio.layers.pooling import AdaptivePool, AvgPool, MaxPool, Pool, Subsampling
from cnnstudio.layers.transposed import ConvTranspose


def reversed_pads(ends: Ends) -> tuple[int, ...]:
    """Padding as F.pad takes it: (begin, end) of the last axis first; leading axes without padding left out."""
    while ends and ends[0] == (0, 0):
        ends = ends[1:]
    return tuple([end for axis in reversed(ends) for end in axis])


def padded(ends: Ends, mode: str = "zeros", value: str = "") -> Expression:
    """The input with padding around it; the input itself where there is none."""
    flat = reversed_pads(ends)
    if not flat:
        return (0,)
    how = f", mode={literal(mode)}" if mode != "zeros" else f", value={value}" if value else ""
    if mode != "zeros":
        # F.pad takes padding of all axes for every mode but zeros.
        flat = tuple([end for axis in reversed(ends) for end in axis])
    return ("F.pad(", 0, ", ", Slot("padding", literal(flat)), how, ")")


def _symmetric(pads: Ends) -> Any:
    """The padding argument for equal ends; None if the ends differ."""
    return brief([begin for begin, _ in pads]) if all(begin == end for begin, end in pads) else None


def convolution(layer: SlidingLayer, shape: Shape, output: Shape) -> Said:
    """A plain, depthwise or separable convolution."""
    axes = window_axes(shape, output, layer.kernel_size, layer.stride, layer.ends(), layer.dilation)
    stated = [(axis.begin, axis.end) for axis in axes]
    own = _symmetric(stated)
    mode = getattr(layer, "padding_mode", "zeros")
    before: Expression = (0,)
    # PyTorch refuses the word beside a stride.
    if layer.padding == "same" and all(axis.stride == 1 for axis in axes):
        own = "same"
    elif own is None:
        # Rounding down may leave padding at the end unused; zeros that no window reaches make no difference.
        before = padded(stated, mode)
        own = 0
    padding = {"padding": own if own != 0 else REQUIRED}
    if before != (0,) and mode != "zeros":
        padding["padding_mode"] = REQUIRED
    if isinstance(layer, SeparableConv):
        return _separable(layer, shape, before, padding)
    if isinstance(layer, Conv2D) and layer.connections is not None:
        return _partial(layer, before, padding)
    made = _made(layer, shape, output, padding)
    if getattr(layer, "standardized", False):
        name = f"StandardConv{shape.rank}d"
        return Said(replaced(APPLIED, 0, before), (name, *made[1:]), (name,))
    return Said(replaced(APPLIED, 0, before), made)


def _made(layer: SlidingLayer, shape: Shape, output: Shape, padding: dict[str, Any]) -> tuple[Any, ...]:
    facts = {"channels": shape.channels}
    if isinstance(layer, DepthwiseConv):
        return _depthwise(layer, shape, output.channels, layer.bias, padding)
    return spelled(PYTORCH, layer, shape.rank, facts, "nn.", **padding)


def _depthwise(
    layer: DepthwiseConv | SeparableConv, shape: Shape, channels: int, bias: bool, padding: dict[str, Any]
) -> tuple[Any, ...]:
    named = _steps(layer, padding)
    named["groups"] = shape.channels
    if not bias:
        named["bias"] = False
    first = (("in_channels", shape.channels), ("out_channels", channels), ("kernel_size", brief(layer.kernel_size)))
    return call(f"nn.Conv{shape.rank}d", *first, **named)


def _steps(layer: SlidingLayer, padding: dict[str, Any]) -> dict[str, Any]:
    """Stride, padding and dilation, as far as they must be stated."""
    named: dict[str, Any] = {} if brief(layer.stride) == 1 else {"stride": brief(layer.stride)}
    named |= {name: value for name, value in padding.items() if value is not REQUIRED}
    return named if brief(layer.dilation) == 1 else named | {"dilation": brief(layer.dilation)}


def _separable(layer: SeparableConv, shape: Shape, before: Expression, padding: dict[str, Any]) -> Said:
    middle = shape.channels * layer.depth_multiplier
    depthwise = _depthwise(layer, shape, middle, False, padding)
    named: dict[str, Any] = {} if layer.bias else {"bias": False}
    first = (("in_channels", middle), ("out_channels", layer.filters), ("kernel_size", 1))
    pointwise = call(f"nn.Conv{shape.rank}d", *first, **named)
    return Said(replaced(APPLIED, 0, before), ("nn.Sequential(", *depthwise, ", ", *pointwise, ")"))


def _partial(layer: Conv2D, before: Expression, padding: dict[str, Any]) -> Said:
    named = _steps(layer, padding)
    if layer.padding_mode != "zeros" and "padding" in named:
        named["padding_mode"] = layer.padding_mode
    if not layer.bias:
        named["bias"] = False
    made = ("PartialConv2d(", Slot("connections", literal(layer.connections)), ", ")
    rest = call("", ("kernel_size", brief(layer.kernel_size)), **named)
    return Said(replaced(APPLIED, 0, before), (*made, *rest[2:]), ("PartialConv2d",))


def transposed(layer: ConvTranspose, shape: Shape, output: Shape) -> Said:
    """A transposed convolution: padding and output padding where PyTorch takes them, then what is left cut off."""
    axes = transposed_axes(
        shape, output, layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.output_padding
    )
    plans = [_transposed_plan(axis) for axis in axes]
    padding, extra = brief([plan[0] for plan in plans]), brief([plan[1] for plan in plans])
    cuts = [plan[2] for plan in plans]
    made = spelled(
        PYTORCH,
        layer,
        shape.rank,
        {"channels": shape.channels},
        "nn.",
        padding=padding if padding != 0 else REQUIRED,
        output_padding=extra if extra != 0 else REQUIRED,
    )
    expression = APPLIED
    if any(cut != (0, 0) for cut in cuts):
        flat = reversed_pads([(-begin, -end) for begin, end in cuts])
        expression = ("F.pad(", *APPLIED, ", ", Slot("cut", literal(flat)), ")")
    return Said(expression, made)


def _transposed_plan(axis: TransposedAxis) -> tuple[int, int, tuple[int, int]]:
    """Padding, output padding, and what is then cut off at (begin, end)."""
    extra = axis.begin - axis.end
    # PyTorch takes an output padding only below the stride or the dilation.
    if 0 <= extra < max(axis.stride, axis.dilation):
        return axis.begin, extra, (0, 0)
    # More than the kernel gives: the added places must hold real outputs and the bias, which zeros put there would not.
    if axis.end < 0:
        return 0, -axis.end, (axis.begin, 0)
    padding = min(axis.begin, axis.end)
    return padding, 0, (axis.begin - padding, axis.end - padding)


def adaptive_pool(layer: AdaptivePool, shape: Shape, *, gives_places: bool = False) -> Said:
    """A maximum or an average of as many windows as are wanted, and the places of the maximums if they are."""
    size = layer.output_size
    # A size of one axis alone need not be listed; of several, PyTorch keeps None apart from numbers.
    given: Any = size if isinstance(size, int) or None in size else brief(size)
    alone = given[0] if isinstance(given, tuple) and len(given) == 1 else given
    places = True if gives_places else REQUIRED
    return Said(APPLIED, spelled(PYTORCH, layer, shape.rank, {}, "nn.", output_size=alone, return_indices=places))


def pool(layer: Pool, shape: Shape, output: Shape, *, gives_places: bool = False) -> Said:
    """A maximum or an average over windows, and the places of the maximums if they are wanted.

    Raises CannotSay for a window without an element of the map.
    """
    stride = layer.pool_size if layer.stride is None else layer.stride
    dilation = getattr(layer, "dilation", 1)
    axes = window_axes(shape, output, layer.pool_size, stride, layer.padding, dilation)
    if any(axis.is_beyond for axis in axes):
        raise CannotSay(
            "a window lies wholly in the padding, and has nothing to pool",
            "Turn ceil_mode off, or use a stride and a padding with which every window meets the map.",
        )
    own = _symmetric([(axis.begin, axis.end) for axis in axes])
    ceils = not all(axis.floors for axis in axes)
    # PyTorch refuses padding of more than half the window.
    fits = own is not None and all(axis.begin * 2 <= axis.kernel for axis in axes)
    fits = fits and (all(axis.ceils for axis in axes) if ceils else True)
    if isinstance(layer, MaxPool):
        return _max_pool(layer, shape, axes, own if fits else None, ceils, True if gives_places else REQUIRED)
    assert isinstance(layer, AvgPool)
    # PyTorch compares a window along three axes with the map before it is padded.
    fits = fits and (shape.rank < 3 or all(axis.kernel <= axis.size for axis in axes))
    return _average_pool(layer, shape, axes, own if fits else None, ceils)


def _pool_call(layer: Pool, shape: Shape, own: Any, ceils: bool, **other: Any) -> tuple[Any, ...]:
    same_stride = layer.stride is None or brief(layer.stride) == brief(layer.pool_size)
    return spelled(
        PYTORCH,
        layer,
        shape.rank,
        {},
        "nn.",
        stride=REQUIRED if same_stride else brief(layer.stride),
        padding=own or REQUIRED,
        ceil_mode=True if ceils else REQUIRED,
        **other,
    )


def _max_pool(layer: MaxPool, shape: Shape, axes: list[WindowAxis], own: Any, ceils: bool, places: Any) -> Said:
    if own is not None:
        return Said(APPLIED, _pool_call(layer, shape, own, ceils, return_indices=places))
    # Zeros would be the maximum among negative values.
    before = padded([(axis.begin, axis.needed) for axis in axes], value='float("-inf")')
    return Said(replaced(APPLIED, 0, before), _pool_call(layer, shape, 0, False))


def _average_pool(layer: AvgPool, shape: Shape, axes: list[WindowAxis], own: Any, ceils: bool) -> Said:
    counts = layer.count_padding and layer.padding != "same"
    has_padding = any(axis.begin or axis.end for axis in axes)
    if own is not None:
        counting = REQUIRED if counts or not has_padding else False
        return Said(APPLIED, _pool_call(layer, shape, own, ceils, count_include_pad=counting))
    total = [(axis.begin, axis.needed) for axis in axes]
    counted = [(axis.begin, min(axis.end, axis.needed)) if counts else (0, 0) for axis in axes]
    if total == counted:
        made = _pool_call(layer, shape, 0, False, count_include_pad=REQUIRED)
        return Said(replaced(APPLIED, 0, padded(total)), made)
    pads = [tuple([end for axis in reversed(ends) for end in axis]) for ends in (total, counted)]
    stride = layer.pool_size if layer.stride is None else layer.stride
    arguments = [literal(brief(layer.pool_size)), literal(brief(stride)), *[literal(flat) for flat in pads]]
    slots = [Slot(name, text) for name, text in zip(("kernel", "stride", "padding", "counted"), arguments, strict=True)]
    parts = [part for slot in slots for part in (", ", slot)]
    return Said(("average_pool(", 0, *parts, ")"), None, ("average_pool",))


def subsampling(layer: Subsampling, shape: Shape) -> Said:
    """LeNet-5's pooling."""
    stride = layer.pool_size if layer.stride is None else layer.stride
    first = (("channels", shape.channels), ("kernel_size", brief(layer.pool_size)), ("stride", brief(stride)))
    return Said(APPLIED, call("Subsampling", *first), ("Subsampling",))
