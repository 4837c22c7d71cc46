"""Remedies for sliding windows: ones that do not fit, leave a rest, or are padded too much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from msgspec import structs

from cnnstudio.authoring.remedies.case import Case, Remedies, Remedy, collapsed, has_field, set_fields
from cnnstudio.authoring.remedies.input_sizes import fitting_inputs, larger_inputs
from cnnstudio.core.arithmetic.shape import (
    AXIS_NAMES,
    Axis,
    Padding,
    Shape,
    explicit_padding,
    fitting_sizes,
    output_size,
    per_axis,
    sizes_text,
    unused_elements,
)
from cnnstudio.core.edits import remove, set_design
from cnnstudio.core.network.design import find
from cnnstudio.core.network.problem import with_article

MAX_PADDING_TRIED = 64


def _kernel_field(case: Case) -> str:
    return "pool_size" if has_field(case.item, "pool_size") else "kernel_size"


def _kernel_word(case: Case) -> str:
    return "window" if has_field(case.item, "pool_size") else "kernel"


def _axes(case: Case) -> list[tuple[Axis, ...]]:
    """The axes along which the item slides, for each pass whose shape is known and has as many axes as it."""
    rank = getattr(case.item, "rank", 2)
    return [_axes_for(case, shapes[0]) for shapes in case.shapes if shapes and shapes[0].rank == rank]


def _axes_for(case: Case, shape: Shape) -> tuple[Axis, ...]:
    kernel = case.value(_kernel_field(case))
    padding: Padding = case.value("padding") or "valid"
    # Of a sequence of maps a kernel slides over each, and not along the steps.
    rank = getattr(case.item, "kernel_rank", shape.rank)
    return tuple(
        map(
            Axis,
            AXIS_NAMES[rank],
            shape.spatial[shape.rank - rank :],
            per_axis(kernel, rank),
            per_axis(case.value("stride") or kernel, rank),
            ("same",) * rank if padding == "same" else explicit_padding(padding, rank),
            per_axis(case.value("dilation") or 1, rank),
        )
    )


def _smallest(case: Case, size: Callable[[Axis], int]) -> tuple[int, ...]:
    """A size of each axis, the smallest over all passes; equal on all axes if the kernel is."""
    sizes = tuple(min(map(size, axes)) for axes in zip(*_axes(case), strict=True))
    return (min(sizes),) * len(sizes) if sizes and isinstance(case.value(_kernel_field(case)), int) else sizes


def _resized(case: Case, sizes: tuple[int, ...], **more: Any) -> Iterator[Remedy]:
    """The remedy that gives the kernel these sizes."""
    if not sizes or min(sizes) < 1:
        return
    word, rest = _kernel_word(case), " without padding" if more.get("padding") in (0, "valid") else ""
    label = f"Use {with_article(sizes_text(sizes))} {word}{rest}"
    yield case.sets(label, **{_kernel_field(case): collapsed(sizes)}, **more)


def fitting_window(case: Case) -> Remedies:
    """A kernel that fits, or padding; for a transposed convolution that has too much of it, none."""
    if has_field(case.item, "output_padding"):
        yield case.sets("Set padding to valid", padding="valid")
        yield case.sets("Set padding to same", padding="same")
        return
    fitting = _smallest(case, lambda axis: min(axis.kernel, _room(axis)))
    yield from _resized(case, fitting)
    yield from _less_dilated(case)
    yield from _resized(case, _smallest(case, lambda axis: min(axis.kernel, axis.size)))
    if has_field(case.item, "padding"):
        yield from _resized(case, _smallest(case, lambda axis: min(axis.kernel, axis.size)), padding="valid")
        yield case.sets("Set padding to same", padding="same")
    yield from larger_inputs(case)
    # What fits may leave the next layers without room; a usual small window seldom does.
    for size in (2, 3) if has_field(case.item, "pool_size") else (3, 5, 7, 1):
        if fitting and size < min(fitting):
            yield from _resized(case, (size,) * len(fitting))
    if has_field(case.item, "pool_size") and all(shapes[0].positions == 1 for shapes in case.shapes):
        yield Remedy("Delete it", lambda: remove(case.design, [case.path]))


def _less_dilated(case: Case) -> Remedies:
    """The largest dilation with which the kernel fits, equal on all axes if it is now."""
    axes = [axis for row in _axes(case) for axis in row if axis.kernel > 1]
    if isinstance(case.value("dilation"), int) and case.value("dilation") > 1 and axes:
        most = min((axis.size + sum(axis.pads) - 1) // (axis.kernel - 1) for axis in axes)
        if 0 < most < case.value("dilation"):
            yield case.sets(f"Use a dilation of {most}", dilation=most)


def _room(axis: Axis) -> int:
    """The largest kernel that fits into the padded input."""
    return (axis.size + sum(axis.pads) - 1) // axis.dilation + 1


def use_all_input(case: Case) -> Remedies:
    """The nearest input sizes that the window covers; after other layers, padding or rounding up."""
    if case.source is not None and case.source[-1] and _is_input(case):
        yield from fitting_inputs(case)
        yield from _input_sizes(case)
        return
    if has_field(case.item, "padding"):
        yield from _least_padding(case)
    if case.value("ceil_mode") is False:
        yield case.sets("Round the output size up", ceil_mode=True)
    if has_field(case.item, "padding"):
        yield case.sets("Set padding to same", padding="same")
    yield from fitting_inputs(case)


def _is_input(case: Case) -> bool:
    source = find(case.design, case.source or ())
    return getattr(source, "max_inputs", None) == 0 and has_field(source, "size")


def _input_sizes(case: Case) -> Remedies:
    path, axes = case.source or (), next(iter(_axes(case)), ())
    for which in (1, 0):
        sizes = tuple(fitting_sizes(axis)[which] if unused_elements(axis) else axis.size for axis in axes)
        if sizes and min(sizes) > 0:
            sizes = (*case.shapes[0][0].spatial[: -len(sizes)], *sizes)
            square = sizes[:1] if len(set(sizes)) == 1 else sizes
            edit = partial(set_fields, case.design, {path: {"size": sizes}})
            yield Remedy(f"Use an input of {sizes_text(square)}", edit)


def _least_padding(case: Case) -> Remedies:
    """The least padding, equal at both ends of all axes, that leaves no rest."""
    axes = [axis for row in _axes(case) for axis in row]
    if not axes or any(axis.padding == "same" for axis in axes):
        return
    now = max(max(axis.pads) for axis in axes)
    for padding in range(now + 1, min(now + max(axis.stride for axis in axes), MAX_PADDING_TRIED) + 1):
        padded = (
            Axis(axis.name, axis.size, axis.kernel, axis.stride, (padding, padding), axis.dilation) for axis in axes
        )
        if not any(map(unused_elements, padded)):
            yield case.sets(f"Set padding to {padding}", padding=padding)
            return


def window_within_input(case: Case) -> Remedies:
    """A kernel no larger than its input: if it can be, one with less padding that keeps the output size."""
    yield from _less_spread(case)
    largest = _smallest(case, lambda axis: min(axis.kernel, (axis.size - 1) // axis.dilation + 1))
    if not largest:
        return
    kernel = max(largest)
    while kernel:
        sizes = tuple(min(kernel, size) for size in largest)
        padding = _padding_kept(case, sizes)
        if padding is not None:
            yield from _resized(case, sizes, **({} if padding == "same" else {"padding": padding}))
            return
        kernel -= 1
    yield from _resized(case, largest)


def _less_spread(case: Case) -> Remedies:
    """The largest dilation that stays within the input, with as much less padding as keeps the output size."""
    now, padding, axes = case.value("dilation"), case.value("padding"), next(iter(_axes(case)), ())
    wide = [axis for axis in axes if axis.kernel > 1]
    if not isinstance(now, int) or now < 2 or not wide:
        return
    most = min((axis.size - 1) // (axis.kernel - 1) for axis in wide)
    less = [(now - most) * (axis.kernel - 1) for axis in axes]
    if not 0 < most < now:
        return
    if padding == "same":
        yield case.sets(f"Use a dilation of {most}", dilation=most)
    elif isinstance(padding, int) and len(set(less)) == 1 and less[0] % 2 == 0 and padding >= less[0] // 2:
        kept = padding - less[0] // 2
        yield case.sets(f"Use a dilation of {most} and a padding of {kept}", dilation=most, padding=kept)


def _padding_kept(case: Case, sizes: tuple[int, ...]) -> Any:
    """The padding with which a smaller kernel gives the same output sizes; None if there is none."""
    axes = _axes(case)[0]
    if axes[0].padding == "same":
        return "same"
    pads: list[int] = []
    for axis, size in zip(axes, sizes, strict=True):
        less = axis.dilation * (axis.kernel - size)
        if less % 2 or axis.pads[0] != axis.pads[1] or axis.pads[0] < less // 2:
            return None
        pads.append(axis.pads[0] - less // 2)
    return collapsed(tuple(pads))


def half_the_window(case: Case) -> Remedies:
    """Padding of at most half the pooling window."""
    rank = getattr(case.item, "rank", 2)
    kernel = per_axis(case.value("pool_size"), rank)
    ends = explicit_padding(case.value("padding"), rank)
    pads = tuple((min(begin, size // 2), min(end, size // 2)) for (begin, end), size in zip(ends, kernel, strict=True))
    if all(begin == end for begin, end in pads):
        least = collapsed(tuple(begin for begin, _ in pads))
        yield case.sets(f"Set padding to {least if isinstance(least, int) else sizes_text(least)}", padding=least)
    else:
        yield case.sets("Set padding to half the window", padding=pads)


def less_output_padding(case: Case) -> Remedies:
    """The largest output padding below the stride, or below the dilation where that counts."""
    rank = getattr(case.item, "rank", 2)
    strides, dilations = (per_axis(case.value(field), rank) for field in ("stride", "dilation"))
    given = per_axis(case.value("output_padding"), rank)
    for bounds in (tuple(map(max, strides, dilations)), strides):
        sizes = tuple(min(more, bound - 1) for more, bound in zip(given, bounds, strict=True))
        least = (min(sizes),) * rank if isinstance(case.value("output_padding"), int) else sizes
        value = collapsed(least)
        text = str(value) if isinstance(value, int) else sizes_text(value)
        yield case.sets(f"Set output padding to {text}", output_padding=value)


def as_caffe_rounds(case: Case) -> Remedies:
    """The rounding of Caffe, which is up."""
    yield case.sets("Round up, as Caffe does", ceil_mode=True)


def padding_in_numbers(case: Case) -> Remedies:
    """The same output size with padding that is equal at both ends, as PyTorch has it; or Keras' counting."""
    axes = next(iter(_axes(case)), ())
    pads = tuple(-(-sum(axis.pads) // 2) for axis in axes)
    numbered = [structs.replace(axis, padding=(pad, pad)) for axis, pad in zip(axes, pads, strict=True)]
    is_transposed = has_field(case.item, "output_padding")
    if numbered and not is_transposed and [*map(output_size, numbered)] == [*map(output_size, axes)]:
        value = collapsed(pads)
        yield case.sets(f"Set padding to {value if isinstance(value, int) else sizes_text(value)}", padding=value)
    edit = structs.replace(set_design(case.design, "convention", "keras"), key="")
    yield Remedy("Count as Keras", lambda: edit)


def zero_padding(case: Case) -> Remedies:
    """Zeros need no room in the input; a filter that always reflects has to be smaller."""
    if has_field(case.item, "padding_mode"):
        yield case.sets("Pad with zeros", padding_mode="zeros")
    elif isinstance(case.value("filter_size"), int) and case.shapes:
        # It reaches over an edge by half of itself, and the element at the edge is not repeated.
        size = 2 * min(min(shape.spatial) for (shape,) in case.shapes) - 1
        yield case.sets(f"Use a filter of {size}", filter_size=size)
