"""Tensors whose axes are pieces of the axes of a step: what views, transposes and selections make of one, lazily.

Frameworks cut channels into heads, and maps into windows, by a reshape to more axes than a design has, a transpose and
another reshape. A design needs none of that; so these are followed without a layer, until somebody takes the tensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from msgspec import Struct, structs

from cnnstudio.formats.foreign.tracing.values import BATCH, ONE, Pending, View


class Piece(Struct, frozen=True):
    """So many elements of one axis of a step, so far apart."""

    axis: int
    stride: int
    size: int


Axes = tuple[tuple[Piece, ...], ...]
"""For each axis of a tensor the pieces it is made of, the outermost first; none for an axis of size 1."""


class Arranged(Pending, frozen=True):
    """A tensor in pieces of the one step that is its source, the first of them `starts` elements along each axis.

    `factor` is the number by which all of it is multiplied, None if that is not known.
    """

    axes: Axes = ()
    starts: tuple[int, ...] = ()
    factor: float | None = 1.0

    @property
    def step(self) -> int:
        """The step that it is made of."""
        return self.sources[0]

    def scaled(self, factor: float | None) -> Arranged:
        """The same, multiplied by a number."""
        known = None if factor is None or self.factor is None else self.factor * factor
        return structs.replace(self, factor=known)

    def moved(self, order: Sequence[int]) -> Arranged:
        """The same with its axes in another order."""
        return self._of(tuple(self.axes[axis] for axis in order), [self.shape[axis] for axis in order])

    def reshaped(self, sizes: Sequence[int]) -> Arranged | None:
        """The same elements under other sizes; None where an axis would hold parts that do not fit together."""
        left = [piece for axis in self.axes for piece in axis]
        found: list[tuple[Piece, ...]] = []
        for size in sizes:
            taken = _taken(left, size)
            if taken is None:
                return None
            found.append(taken)
        return None if left else self._of(tuple(found), sizes)

    def cut(self, axis: int, start: int, stop: int) -> Arranged | None:
        """A run of elements along an axis; None where it lies across several pieces."""
        if (start, stop) == (0, self.shape[axis]):
            return self
        if len(self.axes[axis]) != 1 or self.axes[axis][0].axis < 0 or start >= stop:
            return None
        piece = self.axes[axis][0]
        starts = list(self.starts)
        starts[piece.axis] += start * piece.stride
        kept = (Piece(piece.axis, piece.stride, stop - start),) if stop - start > 1 else ()
        axes = (*self.axes[:axis], kept, *self.axes[axis + 1 :])
        sizes = [*self.shape[:axis], stop - start, *self.shape[axis + 1 :]]
        return structs.replace(self._of(axes, sizes), starts=tuple(starts))

    def without(self, axis: int) -> Arranged:
        """The same without an axis of size 1."""
        return self._of((*self.axes[:axis], *self.axes[axis + 1 :]), [*self.shape[:axis], *self.shape[axis + 1 :]])

    def on(self, step: int, shape: Sequence[int]) -> Arranged:
        """The same arrangement of another step, whose channels or rank differ; the last axis is all of its channels."""
        last = (Piece(0, 1, shape[0]),) if shape[0] > 1 else ()
        made = structs.replace(self, sources=(step,), starts=(0,) * len(shape))
        return made._of((*self.axes[:-1], last), [*self.shape[:-1], shape[0]])

    def _of(self, axes: Axes, sizes: Sequence[int]) -> Arranged:
        return structs.replace(self, axes=tuple(map(_joined, axes)), shape=tuple(sizes))

    def covered(self) -> list[list[Piece]]:
        """The pieces of each axis of the step, the outermost first."""
        pieces = [piece for axis in self.axes for piece in axis]
        rank = len(self.starts)
        return [sorted((p for p in pieces if p.axis == at), key=lambda p: -p.stride) for at in range(rank)]


def arranged(view: View, sizes: Sequence[int], rank: int, path: tuple[str, ...], batch: int) -> Arranged:
    """A view of a step as pieces, each of which is a whole axis."""
    # A batch of one example is no piece, because nothing tells it from other axes of size 1.
    axes = tuple(
        () if axis == ONE or size == 1 or (axis == BATCH and batch == 1) else (Piece(axis, 1, size),)
        for axis, size in zip(view.axes, sizes, strict=True)
    )
    return Arranged(tuple(sizes), (view.step,), (), path, axes=axes, starts=(0,) * rank)


def as_view(tensor: Arranged, shape: Sequence[int], batch: int) -> View | None:
    """The view that a tensor is, if each of its axes is a whole axis of the step; None otherwise."""
    if tensor.factor != 1 or any(tensor.starts) or any(len(axis) > 1 for axis in tensor.axes):
        return None
    found = [axis[0].axis if axis else ONE for axis in tensor.axes]
    sizes = [piece.size for axis in tensor.axes for piece in axis if piece.axis != BATCH]
    if any(piece.stride != 1 for axis in tensor.axes for piece in axis) or prod(sizes) != prod(shape):
        return None
    rest = [at for at, size in enumerate(shape) if size == 1]
    if batch == 1 and ONE in found:
        found[found.index(ONE)] = BATCH
    # A batch that was merged with another axis, or cut off, is in no view.
    if BATCH not in found:
        return None
    # Axes of size 1 of the step take the places that are left, in their order.
    for at, axis in enumerate(found):
        if axis == ONE and rest:
            found[at] = rest.pop(0)
    return View(tensor.step, tuple(found))


def _taken(left: list[Piece], size: int) -> tuple[Piece, ...] | None:
    """Takes pieces from the front that make an axis of this size, the last of them cut in two if need be."""
    taken: list[Piece] = []
    while size > 1:
        if not left:
            return None
        piece = left.pop(0)
        if size % piece.size == 0:
            taken.append(piece)
            size //= piece.size
        elif piece.size % size == 0 and piece.axis != BATCH:
            inner = piece.size // size
            taken.append(Piece(piece.axis, piece.stride * inner, size))
            left.insert(0, Piece(piece.axis, piece.stride, inner))
            size = 1
        else:
            return None
    return tuple(taken)


def _joined(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Pieces that follow each other without a gap as one."""
    found: list[Piece] = []
    for piece in pieces:
        before = found[-1] if found else None
        if before is not None and before.axis == piece.axis and before.stride == piece.stride * piece.size:
            found[-1] = Piece(piece.axis, piece.stride, before.size * piece.size)
        else:
            found.append(piece)
    return tuple(found)
