"""Queries, keys and values with their heads, found in tensors whose axes are pieces of a step."""

from __future__ import annotations

from math import sqrt
from typing import Literal

from msgspec import Struct

from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged, Axes, Piece, arranged
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Tracer
from cnnstudio.formats.foreign.tracing.values import BATCH, Pending, View
from cnnstudio.layers.attention.heads import DotProductAttention
from cnnstudio.layers.reshaping import Slice


class Scores(Pending, frozen=True, kw_only=True):
    """Products of queries with keys, before or after the softmax over the keys."""

    query: Arranged
    key: Arranged
    is_softmaxed: bool = False
    factor: float | None = 1.0


Attending = tuple[Arranged, Arranged, Arranged]
"""Query, key and value."""


class Headed(Struct, frozen=True):
    """A step whose channels are cut into heads, one after the other."""

    step: int
    heads: int
    size: int
    attends_to: Literal["map", "last_axis"]


def as_pieces(tracer: Tracer, operation: Operation, index: int) -> Arranged | None:
    """An input as pieces; None if it is no tensor of one step."""
    value = tracer.raw(operation, index)
    if isinstance(value, Arranged):
        return value
    if not isinstance(value, View):
        return None
    rank = tracer.draft.steps[value.step].shape.rank + 1
    return arranged(value, tracer.shape_of(value), rank, operation.path, tracer.examples(value.step))


def exchanged(tensor: Arranged) -> Arranged:
    """The same with its last two axes exchanged."""
    rank = len(tensor.axes)
    return tensor.moved([*range(rank - 2), rank - 1, rank - 2])


def emit(tracer: Tracer, operation: Operation, tensors: Attending, factor: float | None) -> None:
    """Adds the attention of these, which are [batch, heads, positions, size of a head]; CannotSay if it is none."""
    query, key, value = tensors
    size = query.shape[-1]
    if factor is not None and abs(factor * sqrt(size) - 1) > 1e-3:
        raise CannotSay
    found = [_headed(tracer, tensor, operation.path) for tensor in (query, key, value)]
    heads = found[0].heads
    attends_to = found[0].attends_to
    is_alike = all((each.heads, each.attends_to) == (heads, attends_to) for each in found)
    if not is_alike or query.shape[:-2] != value.shape[:-2]:
        raise CannotSay
    layer: Layer = DotProductAttention(heads=heads, attends_to=attends_to)
    step = tracer.emit(operation, layer, *(each.step for each in found))
    wide = found[2].size
    shape_of = tracer.draft.steps[step].shape
    # Batch and heads of the output stand on the axes where the query has them.
    leading = [tuple(_head_piece(piece, heads, wide) for piece in axis) for axis in query.axes[:-2]]
    axes: Axes = (*leading, query.axes[-2], (Piece(0, 1, wide),) if wide > 1 else ())
    shape = (*query.shape[:-1], wide)
    starts = (0,) * (shape_of.rank + 1)
    tracer.set_arranged(operation, Arranged(shape, (step,), (), operation.path, axes=axes, starts=starts))


def _head_piece(piece: Piece, heads: int, size: int) -> Piece:
    return piece if piece.axis else Piece(0, size, heads)


def _headed(tracer: Tracer, tensor: Arranged, path: tuple[str, ...]) -> Headed:
    """The step of a tensor, only its channels that are taken; CannotSay unless the rest of the axes are whole.

    All positions are one axis, or the last axis of the map is one and those before it are rows that attend by
    themselves.
    """
    size, shape = tensor.shape[-1], tracer.draft.steps[tensor.step].shape
    leading = [piece for axis in tensor.axes[:-2] for piece in axis]
    heads = [piece for piece in leading if not piece.axis]
    count = heads[0].size if heads else 1
    whole = [Piece(axis, 1, length) for axis, length in enumerate(shape.spatial, 1) if length > 1]
    last = (Piece(0, 1, size),) if size > 1 else ()
    rows, positions = [piece for piece in leading if piece.axis > 0], list(tensor.axes[-2])
    is_cut = heads in ([], [Piece(0, size, count)]) and tensor.axes[-1] == last and [*rows, *positions] == whole
    if not is_cut or any(tensor.starts[1:]) or not shape.rank or (rows and len(positions) > 1):
        raise CannotSay
    batch = tracer.examples(tensor.step)
    if batch > 1 and leading[:1] != [Piece(BATCH, 1, batch)]:
        raise CannotSay
    step = taken_channels(tracer, tensor, count * size, path)
    return Headed(step, count, size, "last_axis" if rows else "map")


def taken_channels(tracer: Tracer, tensor: Arranged, count: int, path: tuple[str, ...]) -> int:
    """A step with only so many channels of the one of a tensor, from its start on."""
    start, step = tensor.starts[0], tensor.step
    if count == tracer.draft.steps[step].shape.channels:
        return step
    layer = Slice(axis=0, start=start, stop=start + count)
    return tracer.draft.add(layer, (*path[:-1], "slice"), (step,))
