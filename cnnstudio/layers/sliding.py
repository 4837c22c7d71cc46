"""The common part of layers with a sliding window: fields, axes, and the check that the window fits."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import Symbol
from cnnstudio.core.arithmetic.shape import (
    AXIS_NAMES,
    AXIS_WORDS,
    Axis,
    Rounding,
    Shape,
    Sizes,
    explicit_padding,
    fitting_sizes,
    output_size,
    per_axis,
    sized,
    sizes_text,
    unused_elements,
)
from cnnstudio.core.network.layer import Activate, AxisPadding, AxisSizes, Size
from cnnstudio.core.network.problem import Refusal, Remark, listed, with_article
from cnnstudio.layers.demands import at_most

KernelSize = Annotated[AxisSizes, Meta(title="Kernel size", description="elements the kernel covers on each axis")]
PoolSize = Annotated[AxisSizes, Meta(title="Pool size", description="elements each window covers on each axis")]
WindowSize = Annotated[AxisSizes, Meta(title="Window", description="M: elements along each axis of a window")]
Stride = Annotated[AxisSizes, Meta(title="Stride", description="step from one window to the next")]
PoolStride = Annotated[
    AxisSizes | None, Meta(title="Stride", description="step from one window to the next; the pool size unless said")
]
WindowPadding = Annotated[
    AxisPadding,
    Meta(title="Padding", description="valid (none), same (output = input / stride), or elements at each end"),
]
Filters = Annotated[Size, Meta(title="Filters", description="output channels: one kernel for each")]
Groups = Annotated[
    Size, Meta(title="Groups", description="independent parts that the channels are split into; divides both counts")
]
Bias = Annotated[bool, Meta(title="Bias", description="one learned number added to each output channel")]
DepthMultiplier = Annotated[
    Size, Meta(title="Depth multiplier", description="depthwise kernels for each input channel")
]
Activation = Annotated[
    Activate | None, Meta(title="Activation", description="function applied to the output; costs nothing")
]
PaddingMode = Annotated[
    Literal["zeros", "reflect", "replicate", "circular"],
    Meta(title="Padding mode", description="what stands in the padding; reflect and circular need room for it"),
]
Dilation = Annotated[AxisSizes, Meta(title="Dilation", description="step between the elements of one window")]


def axes_of(shape: Shape, kernel: Sizes, stride: Sizes, padding: AxisPadding, dilation: Sizes = 1) -> tuple[Axis, ...]:
    """The axes that a window slides along, for an input whose rank was checked."""
    rank = shape.rank
    pads = ("same",) * rank if padding == "same" else explicit_padding(padding, rank)
    return tuple(
        map(
            Axis,
            AXIS_NAMES[rank],
            shape.spatial,
            per_axis(kernel, rank),
            per_axis(stride, rank),
            pads,
            per_axis(dilation, rank),
        )
    )


def require_fit(axes: tuple[Axis, ...], what: str) -> None:
    """Raises Refusal for a window that spans more than its padded input."""
    # `same` pads as much as the window needs, so that it always fits.
    if all(axis.padding == "same" or axis.reach <= axis.size + sum(axis.padding) for axis in axes):
        return
    raise misfit(axes, what)


def misfit(axes: tuple[Axis, ...], what: str, *, can_pad: bool = True) -> Refusal:
    """The refusal of a window, called `what`, that does not fit its input; `can_pad` if its layer has padding."""
    padded = any(sum(axis.pads) for axis in axes)
    room = tuple(axis.size + sum(axis.pads) for axis in axes)
    padding = ", or add padding" if can_pad else ""
    return Refusal(
        "window",
        f"{with_article(_named(axes, what))} does not fit its {sized('padded input' if padded else 'input', room)}.",
        f"Use {fitting_text(axes, room, what)}{padding}.",
    )


def _named(axes: tuple[Axis, ...], what: str) -> str:
    """`3 × 3 kernel`, or `3 × 3 kernel, dilated to 49 × 49,` where it is dilated."""
    kernel = sized(what, tuple(axis.kernel for axis in axes))
    if all(axis.reach == axis.kernel for axis in axes):
        return kernel
    return f"{kernel}, dilated to {sizes_text(tuple(axis.reach for axis in axes))},"


def fitting_text(axes: tuple[Axis, ...], room: tuple[int, ...], what: str) -> str:
    """`a kernel of 5 or less`, or of the axes on which it is too large where it is not square; or less dilation."""
    # The largest K with D(K − 1) + 1 ≤ size.
    most = [(size - 1) // axis.dilation + 1 for axis, size in zip(axes, room, strict=True)]
    words = zip(AXIS_WORDS[len(axes)], axes, most, strict=True)
    parts = [f"a {word} of {at_most(size)}" for word, axis, size in words if axis.kernel > size]
    if len({(axis.kernel, axis.dilation) for axis in axes}) > 1:
        text = f"a {what} with {listed(parts)}"
    else:
        text = f"a {what} of {at_most(min(most))}"
        # The other axes may keep what they have.
        text += f", or one with {listed(parts)}" if len(parts) < len(axes) else ""
    less = _less_dilation(axes, room)
    return f"{text}, or {less}" if less else text


def _less_dilation(axes: tuple[Axis, ...], room: tuple[int, ...]) -> str:
    """`a dilation of 3 or less`, of the axes on which it is too large where they differ; nothing if none helps."""
    spread = {
        word: (size - 1) // (axis.kernel - 1)
        for word, axis, size in zip(AXIS_WORDS[len(axes)], axes, room, strict=True)
        if axis.dilation > 1 and axis.kernel > 1 and axis.reach > size
    }
    # A dilation helps only where the plain kernel would fit; otherwise this is 0 and nothing is said of it.
    if not min(spread.values(), default=0):
        return ""
    if len({axis.dilation for axis in axes}) == 1:
        return f"a dilation of {at_most(min(spread.values()))}"
    return f"a dilation with {listed([f'a {word} of {at_most(most)}' for word, most in spread.items()])}"


def placed(axes: tuple[Axis, ...], symbol: Symbol, rounding: Rounding = "floor") -> tuple[int, ...]:
    """The output sizes."""
    return tuple([output_size(axis, rounding, symbol) for axis in axes])


def window_remarks(
    axes: tuple[Axis, ...], what: str, *, rounds_up: bool = False, can_pad: bool = True
) -> tuple[Remark, ...]:
    """Remarks on a window that fits: unused elements, or a kernel larger than its unpadded input."""
    remarks: tuple[Remark, ...] = ()
    # Rounding up adds a window over the rest, so nothing is unused.
    if not rounds_up and any(unused_elements(axis) for axis in axes):
        remarks += (_unused_remark(axes, what, can_pad=can_pad),)
    if any(axis.reach > axis.size for axis in axes):
        remarks += (_oversize_remark(axes, what),)
    return remarks


_PLACES: dict[int, tuple[str, ...]] = {1: ("element",), 2: ("row", "column"), 3: ("plane", "row", "column")}


def _unused_remark(axes: tuple[Axis, ...], what: str, *, can_pad: bool) -> Remark:
    unused = {
        place: rest for place, axis in zip(_PLACES[len(axes)], axes, strict=True) if (rest := unused_elements(axis))
    }
    verb = "is" if list(unused.values()) == [1] else "are"
    given = sized("input", tuple(axis.size for axis in axes))
    return Remark(
        "unused-input",
        f"{_last_ones(unused)} of the {given} {verb} not used, because the {what} does not divide it evenly.",
        f"{_fitting_input(axes)}{', and so does padding' if can_pad else ''}.",
        tuple(map(unused_elements, axes)),
    )


def _last_ones(unused: dict[str, int]) -> str:
    """`the last row and column`, `the last 2 rows and the last column`."""
    amounts = set(unused.values())
    if len(amounts) > 1:
        return listed([f"the last {_counted(amount, place)}" for place, amount in unused.items()])
    (amount,) = amounts
    places = listed([place if amount == 1 else f"{place}s" for place in unused])
    return f"the last {places}" if amount == 1 else f"the last {amount} {places}"


def _counted(amount: int, place: str) -> str:
    return place if amount == 1 else f"{amount} {place}s"


def _fitting_input(axes: tuple[Axis, ...]) -> str:
    """`An input of 223 or 227 fits`, or each axis by itself where they differ."""
    words = AXIS_WORDS[len(axes)]
    sizes = {word: _nearest(axis) for word, axis in zip(words, axes, strict=True) if unused_elements(axis)}
    if len(sizes) == len(axes) and len(set(sizes.values())) == 1:
        return f"An input of {sizes[words[0]]} fits this layer"
    text = listed([f"a {word} of {size}" for word, size in sizes.items()])
    return f"{text[0].upper()}{text[1:]} {'fits' if len(sizes) == 1 else 'fit'} this layer"


def _nearest(axis: Axis) -> str:
    low, high = fitting_sizes(axis)
    return f"{low} or {high}" if low > 0 else str(high)


def _oversize_remark(axes: tuple[Axis, ...], what: str) -> Remark:
    given = tuple(axis.size for axis in axes)
    return Remark(
        "oversize-window",
        f"the {_named(axes, what)} is larger than its {sized('input', given)} and sees padding all the time.",
        f"Use {fitting_text(axes, given, what)}.",
    )
