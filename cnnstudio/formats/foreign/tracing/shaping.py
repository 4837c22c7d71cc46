"""Operations that give a tensor other axes: most of it only changes the view, and is no layer."""

from __future__ import annotations

from math import prod

from msgspec import structs

from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged
from cnnstudio.formats.foreign.tracing.attention.realizing import MAX_AXES
from cnnstudio.formats.foreign.tracing.attention.rules import reshaped
from cnnstudio.formats.foreign.tracing.constants import broadcast, resolved, transposed
from cnnstudio.formats.foreign.tracing.constants import reshaped as reshaped_constant
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import BATCH, ONE, Constant, Pending, View
from cnnstudio.layers.reshaping import Flatten, Reshape


def transpose(tracer: Tracer, operation: Operation) -> None:
    """Transpose: another view of the same step."""
    value = tracer.raw(operation, 0)
    rank = len(value.axes) if isinstance(value, View) else len(getattr(value, "shape", ()))
    # Without an order ONNX reverses all axes.
    order = [int(axis) % rank for axis in operation.attributes.get("perm") or range(rank - 1, -1, -1)]
    if sorted(order) != list(range(rank)):
        raise CannotSay
    if isinstance(value, Constant):
        tracer.set(operation, transposed(value, order))
    elif isinstance(value, View):
        tracer.set(operation, View(value.step, tuple(value.axes[axis] for axis in order)))
    elif isinstance(value, Arranged):
        tracer.set_arranged(operation, value.moved(order))
    elif isinstance(value, Pending):
        tracer.placeholder(operation, [value.shape[axis] for axis in order])
    else:
        raise CannotSay


def reshape(tracer: Tracer, operation: Operation) -> None:
    """Reshape to the sizes of an input or an attribute."""
    wanted = tracer.integers(operation, 1, "shape")
    if wanted is None:
        raise CannotSay
    value = tracer.raw(operation, 0)
    keeps_zero = bool(operation.attributes.get("allowzero", 0))
    if isinstance(value, Constant):
        tracer.set(operation, reshaped_constant(value, wanted, keeps_zero=keeps_zero))
        return
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    to_sizes(tracer, operation, value, resolved(tracer.shape_of(value), wanted, keeps_zero=keeps_zero))


def to_sizes(tracer: Tracer, operation: Operation, value: View | Pending, sizes: list[int]) -> None:
    """The same elements under other sizes, the batch among them."""
    have = tracer.shape_of(value)
    if have == sizes:
        tracer.set(operation, value)
        return
    if isinstance(value, (View, Arranged)) and reshaped(tracer, operation, value, sizes):
        return
    given = tracer.given(operation, 0)
    if not isinstance(given, View):
        tracer.placeholder(operation, sizes)
        return
    value = given
    if value.axes[0] != BATCH or sizes[0] != have[0] or not 2 <= len(sizes) <= MAX_AXES + 1:
        tracer.placeholder(operation, sizes)
    # Only ones come or go: no element moves, so that a gate of C × 1 × 1 stays tied to its channels.
    elif [size for size in have[1:] if size != 1] == [size for size in sizes[1:] if size != 1]:
        tracer.set(operation, _with_ones(value, have, sizes))
    else:
        step = tracer.normal(value, operation.path)
        layer = Reshape(channels=sizes[1], size=tuple(sizes[2:])) if len(sizes) > 2 else Flatten()
        tracer.emit(operation, layer, step)


def _with_ones(view: View, have: list[int], sizes: list[int]) -> View:
    """The same view with axes of size 1 put in or left out; those that stay keep their meaning."""
    rest = [axis for axis, size in zip(view.axes[1:], have[1:], strict=True) if size != 1]
    ones = [axis for axis, size in zip(view.axes[1:], have[1:], strict=True) if size == 1 and axis != ONE]
    axes: list[int] = [BATCH]
    for size in sizes[1:]:
        if size != 1:
            axes.append(rest.pop(0))
        elif ones and ones[0] not in axes:
            axes.append(ones.pop(0))
        else:
            axes.append(ONE)
    return View(view.step, tuple(axes))


def flatten(tracer: Tracer, operation: Operation) -> None:
    """Flatten into two axes."""
    axis = int(operation.attributes.get("axis", 1))
    value = tracer.raw(operation, 0)
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    sizes = tracer.shape_of(value)
    axis = axis + len(sizes) if axis < 0 else axis
    to_sizes(tracer, operation, value, [prod(sizes[:axis]), prod(sizes[axis:])])


def flatten_range(tracer: Tracer, operation: Operation) -> None:
    """Flatten of PyTorch: from one axis to another."""
    value = tracer.raw(operation, 0)
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    sizes = tracer.shape_of(value)
    first, last = (int(operation.attributes[key]) % len(sizes) for key in ("start_dim", "end_dim"))
    to_sizes(tracer, operation, value, [*sizes[:first], prod(sizes[first : last + 1]), *sizes[last + 1 :]])


def squeeze(tracer: Tracer, operation: Operation) -> None:
    """Squeeze: axes of size 1 are left out of the view."""
    axes = tracer.integers(operation, 1, "axes")
    value = tracer.raw(operation, 0)
    if value is None or not isinstance(value, (View, Pending, Constant)):
        raise CannotSay
    sizes = tracer.shape_of(value)
    if axes is None:
        places = {place for place, size in enumerate(sizes) if size == 1}
    else:
        places = {axis % len(sizes) for axis in axes if -len(sizes) <= axis < len(sizes)}
    kept = [place for place in range(len(sizes)) if place not in places]
    if any(sizes[place] != 1 for place in places):
        raise CannotSay
    if isinstance(value, View):
        tracer.set(operation, View(value.step, tuple(value.axes[place] for place in kept)))
    elif isinstance(value, Arranged) and (found := value.reshaped([sizes[place] for place in kept])) is not None:
        tracer.set_arranged(operation, found)
    elif isinstance(value, Pending):
        tracer.placeholder(operation, [sizes[place] for place in kept])
    else:
        tracer.set(operation, structs.replace(value, shape=tuple(sizes[place] for place in kept)))


def unsqueeze(tracer: Tracer, operation: Operation) -> None:
    """Unsqueeze: axes of size 1 are put into the view."""
    axes = tracer.integers(operation, 1, "axes")
    value = tracer.raw(operation, 0)
    if axes is None or value is None or not isinstance(value, (View, Pending, Constant)):
        raise CannotSay
    sizes = tracer.shape_of(value)
    rank = len(sizes) + len(axes)
    places = {axis % rank for axis in axes}
    if isinstance(value, View):
        rest = iter(value.axes)
        tracer.set(operation, View(value.step, tuple(ONE if i in places else next(rest) for i in range(rank))))
        return
    left = iter(sizes)
    wide = [1 if i in places else next(left) for i in range(rank)]
    if isinstance(value, Arranged) and (found := value.reshaped(wide)) is not None:
        tracer.set_arranged(operation, found)
    elif isinstance(value, Pending):
        tracer.placeholder(operation, wide)
    else:
        tracer.set(operation, structs.replace(value, shape=tuple(wide)))


def expand(tracer: Tracer, operation: Operation) -> None:
    """Expand: of a constant its shape, of a tensor only if it changes nothing."""
    wanted = tracer.integers(operation, 1, "shape")
    value = tracer.given(operation, 0)
    if wanted is None or value is None or not isinstance(value, (View, Pending, Constant)):
        raise CannotSay
    have = tracer.shape_of(value)
    rank = len(wanted) - len(have)
    sizes = broadcast(have, [have[i - rank] if size == -1 else size for i, size in enumerate(wanted)])
    if isinstance(value, Constant):
        values = value.values * prod(sizes) if value.values is not None and value.size == 1 else None
        known = values if values is not None and len(values) <= 64 else None
        # One number repeated is no weight: exporters make a bias of zeros so, where a layer has none.
        numbers = value.numbers if value.size > 1 or value.is_learned else 0
        tracer.set(operation, structs.replace(value, shape=tuple(sizes), values=known, numbers=numbers))
    elif sizes == have:
        tracer.pass_on(operation)
    else:
        tracer.placeholder(operation, sizes)


RULES: dict[str, Rule] = {
    "Transpose": transpose,
    "Reshape": reshape,
    "Flatten": flatten,
    "FlattenRange": flatten_range,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Expand": expand,
}
