"""Tensors in pieces, against numpy, which really moves the elements."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from numpy.typing import NDArray

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged, arranged, as_view
from cnnstudio.formats.foreign.tracing.attention.heads import Scores
from cnnstudio.formats.foreign.tracing.attention.realizing import realize
from cnnstudio.formats.foreign.tracing.attention.rules import scaled
from cnnstudio.formats.foreign.tracing.graph import Graph, Operation
from cnnstudio.formats.foreign.tracing.rules import tracer_of
from cnnstudio.formats.foreign.tracing.values import BATCH, Constant, View, normal_axes
from cnnstudio.layers.structure import Input

Elements = NDArray[np.int64]
SIZES = (4, 6, 2)
"""Channels and two spatial axes of the step."""


def elements(tensor: Arranged, batch: int) -> Elements:
    """The elements that the tensor is said to hold, each of which is its place in memory."""
    strides = {BATCH: int(np.prod(SIZES)), 0: SIZES[1] * SIZES[2], 1: SIZES[2], 2: 1}
    start = sum(first * strides[axis] for axis, first in enumerate(tensor.starts))
    found = np.full((1,) * len(tensor.axes), start)
    for at, pieces in enumerate(tensor.axes):
        along = np.zeros(1, dtype=np.int64)
        for piece in pieces:
            along = (along[:, None] + np.arange(piece.size) * piece.stride * strides[piece.axis]).ravel()
        found = found + along.reshape([-1 if axis == at else 1 for axis in range(len(tensor.axes))])
    assert found.shape == tensor.shape
    assert batch * np.prod(SIZES) >= found.size
    return found


@st.composite
def moved(draw: st.DrawFn) -> tuple[Arranged, Elements, int]:
    """A tensor after some reshapes, transposes and cuts, and the same by numpy."""
    batch = draw(st.sampled_from([1, 3]))
    view = View(0, (BATCH, *draw(st.permutations([0, 1, 2]))))
    real = np.arange(batch * int(np.prod(SIZES))).reshape(batch, *SIZES)
    real = real.transpose([axis + 1 for axis in view.axes])
    tensor = arranged(view, real.shape, len(SIZES), ("net", "view"), batch)
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["transpose", "reshape", "cut"]))
        if kind == "transpose":
            order = draw(st.permutations(range(real.ndim)))
            tensor, real = tensor.moved(order), real.transpose(order)
        elif kind == "reshape":
            sizes = draw(st.sampled_from(_shapes(real.shape)))
            found = tensor.reshaped(sizes)
            tensor, real = (tensor, real) if found is None else (found, real.reshape(sizes))
        else:
            axis = draw(st.integers(0, real.ndim - 1))
            start = draw(st.integers(0, real.shape[axis] - 1))
            stop = draw(st.integers(start + 1, real.shape[axis]))
            part = tensor.cut(axis, start, stop)
            if part is not None:
                tensor, real = part, real.take(range(start, stop), axis)
    return tensor, real, batch


def _shapes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Shapes of as many elements: two neighbours joined, one cut in two, an axis of size 1 put in or left out."""
    joined = [(*shape[:at], shape[at] * shape[at + 1], *shape[at + 2 :]) for at in range(len(shape) - 1)]
    halved = [(*shape[:at], 2, size // 2, *shape[at + 1 :]) for at, size in enumerate(shape) if size % 2 == 0]
    wider = [(*shape[:at], 1, *shape[at:]) for at in range(len(shape) + 1)]
    return [*joined, *halved, *wider, tuple(size for size in shape if size > 1) or (1,)]


@given(moved())
def test_pieces_hold_what_numpy_holds(case: tuple[Arranged, Elements, int]) -> None:
    tensor, real, batch = case
    assert (elements(tensor, batch) == real).all()


@given(moved())
def test_layers_that_make_a_view_of_pieces_have_its_shape(case: tuple[Arranged, Elements, int]) -> None:
    tensor, real, batch = case
    draft = Draft()
    draft.add(Input(channels=SIZES[0], size=SIZES[1:]), ("image",), ())
    view = realize(draft, tensor, batch)
    if view is None:
        assert len(draft.steps) == 1
        return
    sizes = draft.steps[view.step].shape.to_list()
    assert [batch if axis == BATCH else 1 if axis < 0 else sizes[axis] for axis in view.axes] == list(real.shape)


def test_a_view_goes_into_pieces_and_back() -> None:
    shape = Shape(8, (5,))
    for view in (View(0, normal_axes(shape)), View(0, (BATCH, 1, 0)), View(0, (1, BATCH, 0))):
        sizes = [2 if axis == BATCH else shape.to_list()[axis] for axis in view.axes]
        assert as_view(arranged(view, sizes, 2, (), 2), shape.to_list(), 2) == view


def test_heads_come_and_go_without_a_layer() -> None:
    """Three times four heads of two channels each, at five positions."""
    tensor = arranged(View(0, (BATCH, 1, 0)), (2, 5, 24), 2, (), 2)
    parts = tensor.reshaped((2, 5, 3, 4, 2))
    assert parts is not None
    heads = parts.moved((2, 0, 3, 1, 4)).cut(0, 1, 2)
    assert heads is not None
    keys = heads.without(0)
    assert keys.shape == (2, 4, 5, 2)
    assert keys.starts == (8, 0)
    assert [[piece.stride for piece in axis] for axis in keys.axes] == [[1], [2], [1], [1]]
    back = keys.moved((0, 2, 1, 3)).reshaped((2, 5, 8))
    assert back is not None
    assert as_view(back, [24, 5], 2) is None


def test_a_number_scales_scores_before_their_softmax_alone() -> None:
    heads = arranged(View(0, (BATCH, 1, 0)), (2, 5, 24), 2, (), 2)
    scores = Scores((2, 5, 5), (0,), ("MatMul",), (), query=heads, key=heads)
    for is_softmaxed in (False, True):
        tracer = tracer_of(Graph(), Draft())
        tracer.values |= {"scores": structs.replace(scores, is_softmaxed=is_softmaxed), "half": Constant((), (0.5,))}
        assert scaled(tracer, Operation("Mul", ("scores", "half"), ("made",), {}, ("mul",))) is not is_softmaxed
        found = tracer.values.get("made")
        assert is_softmaxed or (isinstance(found, Scores) and found.factor == 0.5)
