"""Operations that join tensors along an axis, take parts of them, or pad them."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from cnnstudio.formats.foreign.draft import Numbers
from cnnstudio.formats.foreign.passes.splits import SPLIT
from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged
from cnnstudio.formats.foreign.tracing.attention.rules import learned_beside
from cnnstudio.formats.foreign.tracing.constants import concatenated, gathered, sliced
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import BATCH, ONE, Constant, Pending, Sequence, View
from cnnstudio.formats.foreign.tracing.windows import margins
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.reshaping import Crop, Slice, ZeroPad
from cnnstudio.layers.sequences.embedding import Embedding

MAX_PARTS = 10_000
MODES = {"reflect": "reflect", "edge": "replicate", "wrap": "circular", "constant": "zeros"}


def concat(tracer: Tracer, operation: Operation) -> None:
    """Concat along an axis."""
    axis = int(operation.attributes["axis"])
    values = [tracer.given(operation, index) for index in range(len(operation.inputs))]
    constants = [value for value in values if isinstance(value, Constant)]
    if len(constants) == len(values):
        tracer.set(operation, concatenated(constants, axis))
        return
    views = [value for value in values if isinstance(value, View)]
    if learned_beside(tracer, operation, values, axis):
        return
    if len(views) < len(values):
        sizes = _concatenated_sizes(tracer, values, axis)
        tracer.placeholder(operation, sizes, learned=sum(constant.learned for constant in constants))
        return
    if len(views) == 1:
        tracer.pass_on(operation)
        return
    place = views[0].axes[axis]
    if len({view.axes for view in views}) == 1 and place >= 0:
        step = tracer.emit(operation, Concat(axis=place), *(view.step for view in views))
        tracer.set(operation, View(step, views[0].axes))
        return
    steps = [tracer.normal(view, operation.path) for view in views]
    position = axis % len(views[0].axes)
    # Along the batch: two images become a batch of two, which no layer does.
    if not position:
        raise CannotSay
    tracer.emit(operation, Concat(axis=position - 1), *steps)


def _concatenated_sizes(tracer: Tracer, values: list[Any], axis: int) -> list[int]:
    rows = [tracer.shape_of(value) for value in values]
    if len({len(row) for row in rows}) > 1:
        raise CannotSay
    sizes = list(rows[-1])
    sizes[axis] = sum(row[axis] for row in rows)
    return sizes


def slice_axes(tracer: Tracer, operation: Operation) -> None:
    """Slice along one or several axes."""
    starts, stops = tracer.integers(operation, 1, "starts"), tracer.integers(operation, 2, "ends")
    axes, steps = tracer.integers(operation, 3, "axes"), tracer.integers(operation, 4, "steps")
    if starts is None or stops is None:
        raise CannotSay
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    value = tracer.raw(operation, 0)
    if isinstance(value, Constant):
        tracer.set(operation, sliced(value, starts, stops, axes, steps))
        return
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    cuts = list(zip(axes, starts, stops, steps, strict=True))
    take(tracer, operation, value, cuts)


def take(tracer: Tracer, operation: Operation, value: View | Pending, cuts: list[tuple[int, int, int, int]]) -> None:
    """A part of a tensor: a layer for each axis that is really cut. A cut is axis, start, stop, step."""
    sizes = tracer.shape_of(value)
    cut_sizes = list(sizes)
    for axis, start, stop, step in cuts:
        if step < 1:
            raise CannotSay
        cut_sizes[axis] = len(range(*slice(start, stop, step).indices(sizes[axis])))
    if isinstance(value, Arranged):
        part = _arranged_part(value, cuts)
        if part is not None:
            tracer.set_arranged(operation, part)
            return
        given = tracer.given(operation, 0)
        value = given if isinstance(given, View) else value
    if isinstance(value, Pending):
        tracer.placeholder(operation, cut_sizes)
        return
    for axis, start, stop, step in cuts:
        first, last, by = slice(start, stop, step).indices(sizes[axis])
        # Exporters write slices that take everything, with 2 ** 63 - 1 for the end.
        if (first, last, by) == (0, sizes[axis], 1):
            continue
        place = value.axes[axis]
        if place < 0 or first >= last:
            raise CannotSay
        layer = Slice(axis=place, start=first, stop=last, step=by)
        value = View(tracer.emit(operation, layer, value.step), value.axes)
    tracer.set(operation, value)


def _arranged_part(value: Arranged, cuts: list[tuple[int, int, int, int]]) -> Arranged | None:
    for axis, start, stop, step in cuts:
        first, last, by = slice(start, stop, step).indices(value.shape[axis])
        part = value.cut(axis % len(value.shape), first, last) if by == 1 else None
        if part is None:
            return None
        value = part
    return value


def _split_constant(tracer: Tracer, operation: Operation, value: Constant, axis: int, sizes: list[int]) -> None:
    """Parts of a weight, as the projections of an attention that are held together."""
    start = 0
    for name, size in zip(operation.outputs, sizes, strict=False):
        part = sliced(value, [start], [start + size], [axis], [1])
        # Each is a weight of its own: who takes another part does not take this one again.
        origin = f"{value.origin}[{start}:{start + size}]" if value.origin else ""
        tracer.values[name] = structs.replace(part, origin=origin)
        start += size


def split(tracer: Tracer, operation: Operation) -> None:
    """Split: a slice for each output."""
    value = tracer.raw(operation, 0)
    if not isinstance(value, (View, Pending, Constant)):
        raise CannotSay
    axis = int(operation.attributes.get("axis", 0))
    sizes = tracer.integers(operation, 1, "split")
    have = tracer.shape_of(value)[axis]
    if sizes is None:
        count = len(operation.outputs)
        # Parts of equal size, the last one smaller, as opset 18 says where the sizes are left out.
        each = -(-have // count)
        sizes = [min(each, have - i * each) for i in range(count)]
    if sum(sizes) != have or len(sizes) < len(operation.outputs):
        raise CannotSay
    if isinstance(value, Constant):
        _split_constant(tracer, operation, value, axis, sizes)
        return
    if isinstance(value, Arranged):
        if _split_arranged(tracer, operation, value, axis, sizes):
            return
        given = tracer.given(operation, 0)
        value = given if isinstance(given, View) else value
    view, place = value, value.axes[axis] if isinstance(value, View) else -1
    if not isinstance(view, View) or place < 0:
        for name, size in zip(operation.outputs, sizes, strict=False):
            wide = tracer.shape_of(value)
            wide[axis] = size
            tracer.placeholder(structs.replace(operation, outputs=(name,)), wide)
        return
    _slices(tracer, operation, view, place, sizes)


def _slices(tracer: Tracer, operation: Operation, view: View, place: int, sizes: list[int]) -> None:
    """A slice of an axis for each output."""
    have, start = sum(sizes), 0
    for index, (name, size) in enumerate(zip(operation.outputs, sizes, strict=False)):
        if name:
            path = (*operation.path[:-1], f"{operation.path[-1]}_{index + 1}")
            layer = Slice(axis=place, start=start, stop=start + size)
            step = view.step
            if size != have:
                step = tracer.draft.add(layer, path, (view.step,))
                tracer.draft.steps[step].kind = SPLIT
            tracer.values[name] = View(step, view.axes)
        start += size


def _split_arranged(tracer: Tracer, operation: Operation, value: Arranged, axis: int, sizes: list[int]) -> bool:
    start, parts = 0, []
    for size in sizes:
        parts.append(value.cut(axis % len(value.shape), start, start + size))
        start += size
    if None in parts:
        return False
    for name, part in zip(operation.outputs, parts, strict=False):
        if name and part is not None:
            tracer.set_arranged(structs.replace(operation, outputs=(name,)), part)
    return True


def _embedding(tracer: Tracer, operation: Operation, table: Constant, words: View) -> None:
    """Rows of a table, by numbers that flow in: a row of them for each image, or one."""
    axes = {BATCH: BATCH, ONE: ONE, 0: 1}
    shape = tracer.draft.steps[words.step].shape
    if shape.rank or not set(words.axes) <= set(axes):
        raise CannotSay
    step = tracer.normal(View(words.step, (BATCH, 0)), operation.path)
    layer = Embedding(vocabulary=table.shape[0], width=table.shape[1])
    found = tracer.emit(operation, layer, step, numbers=Numbers(table.numbers))
    if 0 not in words.axes:
        found = tracer.normal(View(found, (BATCH, 0)), operation.path)
    tracer.set(operation, View(found, (*(axes[axis] for axis in words.axes), 0)))


def _run_of_pieces(tracer: Tracer, operation: Operation, value: Arranged, axis: int, indices: Constant) -> bool:
    """Takes a run of elements of a tensor in pieces; one index and not a list of one takes the axis away."""
    places = [place % value.shape[axis] for place in indices.integers() or ()]
    part = value.cut(axis, places[0], places[-1] + 1) if places and len(indices.shape) < 2 else None
    if part is None:
        return False
    tracer.set_arranged(operation, part if indices.shape else part.without(axis))
    return True


def gather(tracer: Tracer, operation: Operation) -> None:
    """Gather: one element of an axis, or a run of them."""
    axis = int(operation.attributes.get("axis", 0))
    value, words = tracer.raw(operation, 0), tracer.given(operation, 1)
    if isinstance(value, Constant) and isinstance(words, View) and len(value.shape) == 2 and not axis:
        _embedding(tracer, operation, value, words)
        return
    indices = tracer.constant(operation, 1)
    if indices is None:
        raise CannotSay
    if isinstance(value, Constant):
        tracer.set(operation, gathered(value, indices, axis))
        return
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    sizes = tracer.shape_of(value)
    axis = axis % len(sizes)
    places = indices.integers()
    if isinstance(value, View) and value.axes[axis] == ONE and not indices.shape:
        # The one element of an axis that was put in: the axis itself goes.
        tracer.set(operation, View(value.step, (*value.axes[:axis], *value.axes[axis + 1 :])))
        return
    if places is not None:
        places = [place % sizes[axis] for place in places]
    is_run = places is not None and places == list(range(places[0], places[0] + len(places)))
    if isinstance(value, Arranged) and is_run and _run_of_pieces(tracer, operation, value, axis, indices):
        return
    value = tracer.given(operation, 0)
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    if isinstance(value, Pending) or not is_run or len(indices.shape) > 1 or places is None or value.axes[axis] < 0:
        tracer.placeholder(operation, [*sizes[:axis], *indices.shape, *sizes[axis + 1 :]])
        return
    take(tracer, operation, value, [(axis, places[0], places[0] + len(places), 1)])
    # One index and not a list of one: the axis itself goes.
    if not indices.shape:
        made = tracer.values[operation.outputs[0]]
        assert isinstance(made, View)
        tracer.set(operation, View(made.step, (*made.axes[:axis], *made.axes[axis + 1 :])))


def pad(tracer: Tracer, operation: Operation) -> None:
    """Pad: zeros or copies around a map; negative numbers cut off."""
    pads = tracer.integers(operation, 1, "pads")
    view = tracer.view(operation)
    rank = len(view.axes)
    axes = tracer.integers(operation, 3) if len(operation.inputs) > 3 else None
    if pads is None:
        raise CannotSay
    if axes:
        wide = [0] * (2 * rank)
        for place, axis in enumerate(axes):
            wide[axis % rank] = pads[place]
            wide[axis % rank + rank] = pads[place + len(axes)]
        pads = wide
    if len(pads) != 2 * rank:
        raise CannotSay
    begins, ends = pads[:rank], pads[rank:]
    if not any(pads):
        tracer.pass_on(operation)
        return
    sizes = [size + a + b for size, a, b in zip(tracer.shape_of(view), begins, ends, strict=True)]
    mode: Any = MODES.get(operation.attributes.get("mode", "constant"))
    by_axis = {axis: (a, b) for axis, a, b in zip(view.axes, begins, ends, strict=True)}
    touched = [axis for axis, ends_of in by_axis.items() if any(ends_of)]
    zeros = mode == "zeros" and not _pad_value(tracer, operation)
    if mode is None or BATCH in touched or ONE in touched or (0 in touched and (not zeros or min(by_axis[0]) < 0)):
        tracer.placeholder(operation, sizes)
        return
    _around(tracer, operation, view, by_axis, mode)


def _around(tracer: Tracer, operation: Operation, view: View, by_axis: dict[int, tuple[int, int]], mode: Any) -> None:
    """Crops and pads the axes of a map, by the elements at the ends of each."""
    along = by_axis.get(0, (0, 0))
    shape = tracer.draft.steps[view.step].shape
    pairs = [by_axis.get(axis, (0, 0)) for axis in range(1, shape.rank + 1)]
    step = view.step
    if any(min(pair) < 0 for pair in pairs):
        cuts = margins([max(0, -a) for a, _ in pairs], [max(0, -b) for _, b in pairs])
        step = tracer.emit(operation, Crop(cropping=cuts), step)
    if any(max(pair) > 0 for pair in pairs) or any(along):
        more = margins([max(0, a) for a, _ in pairs], [max(0, b) for _, b in pairs])
        step = tracer.emit(
            operation, ZeroPad(padding=more, padding_mode=mode, channels=along if any(along) else 0), step
        )
        # Kept for the pass that joins it with the window after it: max pooling pads with minus infinity and not with
        # zeros.
        tracer.draft.steps[step].constants = {"value": _pad_value(tracer, operation)}
    tracer.set(operation, View(step, view.axes))


def _pad_value(tracer: Tracer, operation: Operation) -> float | None:
    """The number that is put around, None if it is not known."""
    if "value" in operation.attributes:
        return float(operation.attributes["value"])
    constant = tracer.constant(operation, 2)
    if constant is None:
        return 0.0
    return None if constant.scalar is None else float(constant.scalar)


def split_to_sequence(tracer: Tracer, operation: Operation) -> None:
    """SplitToSequence into parts of equal or stated sizes, which SequenceAt picks."""
    view = tracer.view(operation)
    axis = int(operation.attributes.get("axis", 0))
    stated = tracer.integers(operation, 1)
    have = tracer.shape_of(view)[axis]
    if stated is None or min(stated, default=0) < 1:
        raise CannotSay
    sizes = stated if len(stated) > 1 else [min(stated[0], have - at) for at in range(0, have, stated[0])]
    if len(sizes) > MAX_PARTS:
        raise CannotSay
    names = tuple(f"{operation.outputs[0]}${index}" for index in range(len(sizes)))
    attributes = {"axis": axis, "split": sizes}
    split(tracer, Operation("Split", operation.inputs[:1], names, attributes, operation.path))
    parts = [part for name in names if isinstance(part := tracer.values[name], View)]
    if len(parts) < len(names):
        raise CannotSay
    tracer.set(operation, Sequence(tuple(parts)))


def sequence_at(tracer: Tracer, operation: Operation) -> None:
    """SequenceAt: one of the parts."""
    sequence, index = tracer.given(operation, 0), tracer.constant(operation, 1)
    if not isinstance(sequence, Sequence) or index is None or index.scalar is None:
        raise CannotSay
    tracer.set(operation, sequence.parts[int(index.scalar)])


RULES: dict[str, Rule] = {
    "SplitToSequence": split_to_sequence,
    "SequenceAt": sequence_at,
    "Concat": concat,
    "Slice": slice_axes,
    "Split": split,
    "Gather": gather,
    "Pad": pad,
}
