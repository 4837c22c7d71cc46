"""Steps of a sequence that a network takes for examples: `x.view(batch * steps, channels, height, width)`.

What it does until they are steps again is read for one of them, and becomes a block that is applied at each step.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

from msgspec import structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.distribution import one_step, with_steps
from cnnstudio.core.network.layer import Counts, Layer, Scope, single
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged, Piece
from cnnstudio.formats.foreign.tracing.attention.realizing import realize
from cnnstudio.formats.foreign.tracing.values import BATCH, View
from cnnstudio.layers.reshaping import Permute


class StepsAsExamples(Layer, frozen=True, kw_only=True):
    """The beginning of what is done at each step: takes the steps for examples. It stands in a draft alone."""

    is_view: ClassVar[bool] = True

    steps_taken: tuple[int, ...]

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        return Counts(one_step(single(inputs), len(self.steps_taken)))


class ExamplesAsSteps(Layer, frozen=True, kw_only=True):
    """The end of what is done at each step. It stands in a draft alone."""

    is_view: ClassVar[bool] = True

    steps_given: tuple[int, ...]

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        return Counts(with_steps(single(inputs), self.steps_given))


def entered(draft: Draft, tensor: Arranged, batch: int) -> View | None:
    """The view of one step of a tensor whose batch was merged with whole axes of a step; None for any other."""
    first = tensor.axes[0]
    # Two axes are those of windows or patches, which attention and other layers take whole.
    if batch == 1 or first[:1] != (Piece(BATCH, 1, batch),) or len(first) != 2 or draft.steps[tensor.step].steps:
        return None
    before = len(draft.steps)
    view = _entered(draft, tensor, batch)
    if view is None:
        del draft.steps[before:]
    return view


def _entered(draft: Draft, tensor: Arranged, batch: int) -> View | None:
    shape = draft.steps[tensor.step].shape.to_list()
    first, *rest = tensor.axes
    steps = [piece.axis for piece in first[1:]]
    is_whole = all(piece == Piece(piece.axis, 1, shape[piece.axis]) for piece in first[1:] if piece.axis != BATCH)
    # Axes that are not in the order of the tensor are of size 1, or one element of each is taken.
    inner = list(dict.fromkeys([*[piece.axis for axis in rest for piece in axis], *range(len(shape))]))
    inner = [axis for axis in inner if axis not in steps]
    if not is_whole or BATCH in steps or BATCH in inner or not inner or any(tensor.starts[axis] for axis in steps):
        return None
    order = (*inner[:1], *steps, *inner[1:])
    source = tensor.step
    if list(order) != list(range(len(shape))):
        source = draft.add(Permute(dims=order), (*tensor.path[:-1], "permute"), (source,))
    taken = StepsAsExamples(steps_taken=tuple([shape[axis] for axis in steps]))
    step = draft.add(taken, tensor.path, (source,))
    draft.steps[step].steps = taken.steps_taken
    examples = batch * prod(taken.steps_taken)
    places = {axis: at for at, axis in enumerate(inner)}
    axes = [tuple([Piece(places[piece.axis], piece.stride, piece.size) for piece in axis]) for axis in rest]
    starts = tuple([tensor.starts[axis] for axis in inner])
    each = structs.replace(tensor, sources=(step,), axes=((Piece(BATCH, 1, examples),), *axes), starts=starts)
    return realize(draft, each, examples)


def gathered(
    draft: Draft, sources: Sequence[int], path: tuple[str, ...], first: int, batch: int
) -> tuple[tuple[int, ...], int]:
    """The steps that a placeholder takes, and how many steps of time each example has, for the size of its first axis.

    It is applied at each step where all that it takes is, and its batch is that of all steps; else it takes them whole.
    """
    different = tuple(dict.fromkeys(sources))
    found = {draft.steps[source].steps for source in different}
    times = prod(next(iter(found))) if len(found) == 1 else 1
    if times > 1 and first == batch * times:
        return different, times
    return tuple([_whole(draft, source, path) for source in different]), 1


def _whole(draft: Draft, source: int, path: tuple[str, ...]) -> int:
    """All steps of what is done at each of them; any other step as it is."""
    return ended(draft, source, path) if draft.steps[source].steps else source


def ended(draft: Draft, source: int, path: tuple[str, ...]) -> int:
    """The end of what is done at each step."""
    step = draft.add(ExamplesAsSteps(steps_given=draft.steps[source].steps), path, (source,))
    draft.steps[step].steps = ()
    return step


def left(draft: Draft, view: View, path: tuple[str, ...], batch: int) -> Arranged:
    """A view of one step as a tensor whose batch is merged with the steps."""
    steps = draft.steps[view.step].steps
    step = ended(draft, view.step, path)
    sizes = draft.steps[view.step].shape.to_list()
    places: dict[int, tuple[Piece, ...]] = {
        axis: (Piece(axis + (len(steps) if axis else 0), 1, size),) for axis, size in enumerate(sizes) if size > 1
    }
    places[BATCH] = (Piece(BATCH, 1, batch), *[Piece(1 + at, 1, size) for at, size in enumerate(steps) if size > 1])
    axes = tuple([places.get(axis, ()) for axis in view.axes])
    total = batch * prod(steps)
    dims = [total if axis == BATCH else 1 if axis < 0 else sizes[axis] for axis in view.axes]
    return Arranged(tuple(dims), (step,), (), path, axes=axes, starts=(0,) * (len(sizes) + len(steps)))


def distribute(draft: Draft) -> None:
    """Marks what is done at each step as such, and drops the marks of where it begins and ends."""
    passed: dict[int, int] = {}
    for index, step in enumerate(draft.steps):
        step.inputs = tuple([passed.get(source, source) for source in step.inputs])
        if isinstance(step.layer, (StepsAsExamples, ExamplesAsSteps)):
            passed[index] = step.inputs[0]
            step.is_dropped = True
        elif step.steps:
            step.step_axes += len(step.steps)
            step.shape = with_steps(step.shape, step.steps)
            step.steps = ()
    draft.outputs = [passed.get(index, index) for index in draft.outputs]
