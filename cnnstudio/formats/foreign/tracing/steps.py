"""Steps of a sequence that a network takes for examples: `x.view(batch * steps, channels, height, width)`.

What it does until they are steps again is read for one of them, and becomes a block that is applied at each step.
"""

from __future__ import annotations

from math import prod
from typing import ClassVar

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.distribution import one_step, with_steps
from cnnstudio.core.network.layer import Counts, Layer, Scope, single
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged, Piece
from cnnstudio.formats.foreign.tracing.values import BATCH, View, normal_axes
from cnnstudio.layers.reshaping import Flatten, Permute, Reshape


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
    first, *rest = tensor.axes
    pieces = [piece for axis in tensor.axes for piece in axis if piece.axis != BATCH]
    # Two axes are those of windows or patches, which attention and other layers take whole.
    if batch == 1 or first[:1] != (Piece(BATCH, 1, batch),) or len(first) != 2 or tensor.factor != 1 or not rest:
        return None
    shape = draft.steps[tensor.step].shape.to_list()
    is_whole = all(piece.stride == 1 and piece.size == shape[piece.axis] for piece in pieces)
    if any(tensor.starts) or not is_whole or draft.steps[tensor.step].steps:
        return None
    steps = [piece.axis for piece in first[1:]]
    # Axes of size 1 are no pieces, and lie anywhere.
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    inner = [*[piece.axis for axis in rest for piece in axis], *ones]
    order = (*inner[:1], *steps, *inner[1:])
    if sorted(order) != list(range(len(shape))):
        return None
    source = tensor.step
    if list(order) != list(range(len(shape))):
        source = draft.add(Permute(dims=order), (*tensor.path[:-1], "permute"), (source,))
    taken = StepsAsExamples(steps_taken=tuple([shape[axis] for axis in steps]))
    step = draft.add(taken, tensor.path, (source,))
    draft.steps[step].steps = taken.steps_taken
    sizes = list(tensor.shape[1:])
    if draft.steps[step].shape.to_list() != sizes:
        layer = Reshape(channels=sizes[0], size=tuple(sizes[1:])) if len(sizes) > 1 else Flatten()
        step = draft.add(layer, (*tensor.path[:-1], "flatten" if len(sizes) == 1 else "reshape"), (step,))
    return View(step, normal_axes(draft.steps[step].shape))


def left(draft: Draft, view: View, path: tuple[str, ...], batch: int) -> Arranged:
    """A view of one step as a tensor whose batch is merged with the steps."""
    steps = draft.steps[view.step].steps
    step = _ended(draft, view.step, path)
    sizes = draft.steps[view.step].shape.to_list()
    places: dict[int, tuple[Piece, ...]] = {
        axis: (Piece(axis + (len(steps) if axis else 0), 1, size),) for axis, size in enumerate(sizes) if size > 1
    }
    places[BATCH] = (Piece(BATCH, 1, batch), *[Piece(1 + at, 1, size) for at, size in enumerate(steps) if size > 1])
    axes = tuple([places.get(axis, ()) for axis in view.axes])
    total = batch * prod(steps)
    dims = [total if axis == BATCH else 1 if axis < 0 else sizes[axis] for axis in view.axes]
    return Arranged(tuple(dims), (step,), (), path, axes=axes, starts=(0,) * (len(sizes) + len(steps)))


def alike(draft: Draft, sources: tuple[int, ...], path: tuple[str, ...]) -> tuple[int, ...]:
    """The steps that something takes; where not all are done at the same steps, those that are end there."""
    if len({draft.steps[source].steps for source in sources}) < 2:
        return sources
    return tuple([_ended(draft, source, path) if draft.steps[source].steps else source for source in sources])


def _ended(draft: Draft, source: int, path: tuple[str, ...]) -> int:
    step = draft.add(ExamplesAsSteps(steps_given=draft.steps[source].steps), path, (source,))
    draft.steps[step].steps = ()
    return step


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
