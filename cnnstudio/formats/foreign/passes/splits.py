"""Slices that one call of a split made: a Split, and what takes its parts."""

from __future__ import annotations

from cnnstudio.core.network.design import FurtherOutput
from cnnstudio.formats.foreign.draft import Draft, Step
from cnnstudio.layers.reshaping import Slice
from cnnstudio.layers.shuffling import MAX_PARTS, Split

SPLIT = "Split"
"""The kind of a step that is a part of what one call splits."""


def join_splits(draft: Draft) -> None:
    """Joins equal parts of the channels of a tensor, the first among them; parts of unlike size stay slices."""
    run: list[Step] = []
    at = 0
    for index, step in enumerate(draft.steps):
        if not _goes_on(run, step):
            _join(draft, run, at)
            run = []
        if _goes_on(run, step):
            at = at if run else index
            run.append(step)
    _join(draft, run, at)


def _goes_on(run: list[Step], step: Step) -> bool:
    """True for a part after those in a run, or for a first one."""
    layer = step.layer
    if step.is_dropped or step.kind != SPLIT or not isinstance(layer, Slice) or layer.axis or layer.step != 1:
        return False
    if not run:
        return layer.start == 0
    first = run[0]
    is_alike = (step.inputs, step.shape, step.step_axes) == (first.inputs, first.shape, first.step_axes)
    return is_alike and layer.start > _start(run[-1]) and not layer.start % step.shape.channels


def _start(step: Step) -> int:
    assert isinstance(step.layer, Slice)
    return step.layer.start


def _join(draft: Draft, run: list[Step], at: int) -> None:
    """Lets the steps from an index on be a Split and its parts; not all of these need be taken."""
    if len(run) < 2:
        return
    first, *others = run
    size = first.shape.channels
    parts, rest = divmod(draft.steps[first.inputs[0]].shape.channels, size)
    if rest or parts > MAX_PARTS:
        return
    numbers = [1 + _start(step) // size for step in others]
    first.layer = Split(parts=parts)
    # The first part was called by its number, and is now what the call made.
    first.path = (*first.path[:-1], first.path[-1].removesuffix("_1"))
    for number, step in zip(numbers, others, strict=True):
        step.layer = FurtherOutput(output=str(number))
        step.inputs = (at,)
