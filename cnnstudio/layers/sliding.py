"""What layers with a sliding window share: its fields, its axes, and when a window does not fit."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from cnnstudio.core.derivation import Symbol
from cnnstudio.core.layer import AxisPadding, AxisSizes
from cnnstudio.core.problem import Refusal, Remark
from cnnstudio.core.shape import (
    AXIS_NAMES,
    Axis,
    Rounding,
    Shape,
    Sizes,
    explicit_padding,
    fitting_sizes,
    output_size,
    per_axis,
    sizes_text,
    unused_elements,
)

KernelSize = Annotated[AxisSizes, Meta(title="Kernel size", description="elements the kernel covers on each axis")]
PoolSize = Annotated[AxisSizes, Meta(title="Pool size", description="elements each window covers on each axis")]
Stride = Annotated[AxisSizes, Meta(title="Stride", description="step from one window to the next")]
PoolStride = Annotated[
    AxisSizes | None, Meta(title="Stride", description="step from one window to the next; the pool size unless said")
]
WindowPadding = Annotated[
    AxisPadding,
    Meta(title="Padding", description="valid (none), same (output = input / stride), or elements at each end"),
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
    """Refuses a window that spans more than its padded input."""
    if all(axis.padding == "same" or axis.reach <= axis.size + sum(axis.padding) for axis in axes):
        return
    raise misfit(axes, what)


def misfit(axes: tuple[Axis, ...], what: str) -> Refusal:
    """The refusal of a window, called `what`, that does not fit its input."""
    kernel = sizes_text(tuple(axis.kernel for axis in axes))
    reach = tuple(axis.reach for axis in axes)
    dilated = any(axis.dilation > 1 for axis in axes)
    spans = f", dilated to {sizes_text(reach)}," if dilated else ""
    padded = tuple(axis.size + sum(axis.pads) for axis in axes)
    is_padded = any(sum(axis.pads) for axis in axes)
    room = f"{sizes_text(padded)} padded" if is_padded else sizes_text(padded)
    largest = min((axis.size + sum(axis.pads) - 1) // axis.dilation + 1 for axis in axes)
    return Refusal(
        "window",
        f"a {kernel} {what}{spans} does not fit its {room} input.",
        f"Use a {what} of {largest} or less, or add padding.",
    )


def placed(axes: tuple[Axis, ...], symbol: Symbol, rounding: Rounding = "floor") -> tuple[int, ...]:
    """The output sizes."""
    return tuple([output_size(axis, rounding, symbol) for axis in axes])


def window_remarks(axes: tuple[Axis, ...], what: str, *, rounds_up: bool = False) -> tuple[Remark, ...]:
    """What is suspicious about a window that fits: unused elements, or a kernel larger than its unpadded input."""
    remarks: tuple[Remark, ...] = ()
    if not rounds_up and any(unused_elements(axis) for axis in axes):
        remarks += (_unused_remark(axes, what),)
    if any(axis.reach > axis.size for axis in axes):
        remarks += (_oversize_remark(axes, what),)
    return remarks


def _unused_remark(axes: tuple[Axis, ...], what: str) -> Remark:
    unused = [unused_elements(axis) for axis in axes]
    sizes = {axis.size: fitting_sizes(axis) for axis, rest in zip(axes, unused, strict=True) if rest}
    fits = "; ".join(
        f"an input of {low} or {high}" if low > 0 else f"an input of {high}" for low, high in sizes.values()
    )
    lost = sizes_text(tuple(unused)) if len(set(unused)) > 1 else str(max(unused))
    noun = {1: "element", 2: "row and column"}.get(len(axes), "plane")
    amount = f"the last {noun}" if max(unused) == 1 else f"the last {lost} {noun.replace(' and ', 's and ')}s"
    verb = "is" if max(unused) == 1 and len(axes) != 2 else "are"
    given = sizes_text(tuple(axis.size for axis in axes))
    return Remark(
        "unused-input",
        f"{amount} of the {given} input {verb} not used, because the {what} does not divide it evenly.",
        f"{fits[0].upper()}{fits[1:]} fits, and so does padding.",
    )


def _oversize_remark(axes: tuple[Axis, ...], what: str) -> Remark:
    reach, given = (sizes_text(tuple(values)) for values in ([a.reach for a in axes], [a.size for a in axes]))
    return Remark(
        "oversize-window",
        f"the {reach} {what} is larger than its {given} input and sees padding all the time.",
        f"Use a {what} of {min(axis.size for axis in axes)} or less.",
    )
