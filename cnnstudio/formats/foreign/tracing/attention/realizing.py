"""Layers for a tensor in pieces, where somebody takes it who needs to have it: slice, reshape, permute, reshape."""

from __future__ import annotations

from math import prod

from msgspec import structs

from cnnstudio.core.arithmetic.shape import MAX_RANK
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged, Piece, as_view
from cnnstudio.formats.foreign.tracing.values import BATCH, View, normal_axes
from cnnstudio.layers.normalization import Rescaling
from cnnstudio.layers.reshaping import Flatten, Permute, Reshape, Slice

MAX_AXES = MAX_RANK + 1
"""Axes of a tensor besides its batch that a design's shape can say."""


def realize(draft: Draft, tensor: Arranged, batch: int) -> View | None:
    """The tensor as a view of a step, for which layers are added; None where a design cannot say it."""
    before = len(draft.steps)
    try:
        view = _realized(draft, tensor, batch)
    except NotUnderstood:
        # A layer refused what the framework took.
        view = None
    if view is None:
        del draft.steps[before:]
    return view


def _realized(draft: Draft, tensor: Arranged, batch: int) -> View | None:
    if tensor.factor is None:
        return None
    if tensor.factor != 1:
        scaled = _added(draft, tensor, Rescaling(scale=float(f"{tensor.factor:.7g}")), tensor.step)
        tensor = structs.replace(tensor, sources=(scaled,), factor=1.0)
    whole = _sliced(draft, tensor)
    if whole is None:
        return None
    return as_view(whole, draft.steps[whole.step].shape.to_list(), batch) or _reshaped(draft, whole, batch)


def _added(draft: Draft, tensor: Arranged, layer: Rescaling | Slice | Reshape | Permute | Flatten, step: int) -> int:
    return draft.add(layer, (*tensor.path[:-1], type(layer).__name__.lower()), (step,))


def _sliced(draft: Draft, tensor: Arranged) -> Arranged | None:
    """The tensor as pieces of a step that has no more than them."""
    step = tensor.step
    for axis, pieces in enumerate(tensor.covered()):
        count, have = prod(piece.size for piece in pieces), draft.steps[step].shape.to_list()[axis]
        if not _is_run(pieces):
            return None
        if count < have:
            start = tensor.starts[axis]
            step = _added(draft, tensor, Slice(axis=axis, start=start, stop=start + count), step)
    return structs.replace(tensor, sources=(step,), starts=(0,) * len(tensor.starts))


def _is_run(pieces: list[Piece]) -> bool:
    """True if pieces cover elements that follow each other."""
    stride = 1
    for piece in reversed(pieces):
        if piece.stride != stride:
            return False
        stride *= piece.size
    return True


def _reshaped(draft: Draft, tensor: Arranged, batch: int) -> View | None:
    first = [piece for piece in tensor.axes[0] if piece.axis != BATCH]
    wanted = [piece for axis in tensor.axes[1:] for piece in axis]
    if first or tensor.shape[0] != batch or any(piece.axis == BATCH for piece in wanted):
        return None
    split = [piece for axis in tensor.covered() for piece in axis]
    sizes = list(tensor.shape[1:])
    if not 1 < len(split) <= MAX_AXES or not 1 <= len(sizes) <= MAX_AXES:
        return None
    step = tensor.step
    for layer in (
        _to_sizes([piece.size for piece in split]),
        Permute(dims=tuple(split.index(piece) for piece in wanted)),
        _to_sizes(sizes),
    ):
        if not _changes_nothing(draft, layer, step):
            step = _added(draft, tensor, layer, step)
    return View(step, normal_axes(draft.steps[step].shape))


def _to_sizes(sizes: list[int]) -> Reshape | Flatten:
    return Reshape(channels=sizes[0], size=tuple(sizes[1:])) if len(sizes) > 1 else Flatten()


def _changes_nothing(draft: Draft, layer: Reshape | Permute | Flatten, step: int) -> bool:
    shape = draft.steps[step].shape
    if isinstance(layer, Permute):
        return list(layer.dims) == list(range(len(layer.dims)))
    return draft.counted(layer, (shape,), ()).output == shape
