"""Products with matrices."""

from __future__ import annotations

from math import prod

from cnnstudio.formats.foreign.draft import Numbers
from cnnstudio.formats.foreign.tracing.constants import broadcast
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import BATCH, Constant, Pending, View
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.reshaping import Permute


def gemm(tracer: Tracer, operation: Operation) -> None:
    """Gemm: a vector times a matrix, which may lie transposed, and a bias."""
    weights, bias = tracer.constant(operation, 1), tracer.constant(operation, 2)
    if weights is None or len(weights.shape) != 2 or operation.attributes.get("transA", 0):
        raise CannotSay
    step = tracer.normal(tracer.view(operation), operation.path)
    shape = tracer.draft.steps[step].shape
    units, features = weights.shape if operation.attributes.get("transB", 0) else weights.shape[::-1]
    has_bias = bias is not None and bias.size == units
    if shape.rank or shape.channels != features or (bias is not None and not has_bias):
        raise CannotSay
    numbers = Numbers(weights.numbers + (bias.numbers if bias else 0))
    tracer.emit(operation, Dense(units=units, bias=has_bias), step, numbers=numbers)


def matmul(tracer: Tracer, operation: Operation) -> None:
    """MatMul: with a matrix of the file a dense layer at each position; of two tensors a placeholder with its work."""
    left, right = tracer.given(operation, 0), tracer.given(operation, 1)
    if isinstance(left, View) and isinstance(right, Constant):
        linear(tracer, operation, left, right.shape, Numbers(right.numbers), has_bias=False)
        return
    product_of_tensors(tracer, operation)


def linear_layer(tracer: Tracer, operation: Operation) -> None:
    """Linear of PyTorch: weights [units, features], and a bias."""
    weights, bias = tracer.constant(operation, 1), tracer.constant(operation, 2)
    if weights is None or len(weights.shape) != 2:
        raise CannotSay
    numbers = Numbers(weights.numbers + (bias.numbers if bias else 0))
    view = tracer.view(operation)
    linear(tracer, operation, view, weights.shape[::-1], numbers, has_bias=bias is not None)


def linear(
    tracer: Tracer, operation: Operation, view: View, matrix: tuple[int, ...], numbers: Numbers, *, has_bias: bool
) -> None:
    """A dense layer over the last axis of a tensor, which becomes the channels if it is not."""
    if len(matrix) != 2 or len(view.axes) < 2 or view.axes[0] != BATCH or tracer.shape_of(view)[-1] != matrix[0]:
        raise CannotSay
    if len(view.axes) == 2:
        step = tracer.normal(view, operation.path)
        tracer.emit(operation, Dense(units=matrix[1], bias=has_bias), step, numbers=numbers)
        return
    view = channels_last(tracer, view, operation.path)
    layer = Dense(units=matrix[1], bias=has_bias, apply_to="channels")
    tracer.same_axes(operation, view, layer, numbers)


def channels_last(tracer: Tracer, view: View, path: tuple[str, ...]) -> View:
    """The same tensor over a step whose channels are the last axis."""
    if view.axes[-1] == 0:
        return view
    rank = len(view.axes) - 2
    step = tracer.normal(view, path)
    order = (rank, *range(rank))
    moved = tracer.draft.add(Permute(dims=order), (*path[:-1], "permute"), (step,))
    return View(moved, (BATCH, *range(1, rank + 1), 0))


def product_of_tensors(tracer: Tracer, operation: Operation) -> None:
    """MatMul of tensors: its output, and a multiply-accumulate for each of its terms."""
    values = [tracer.given(operation, index) for index in (0, 1)]
    if any(not isinstance(value, (View, Pending, Constant)) for value in values):
        raise CannotSay
    left, right = (tracer.shape_of(value) for value in values)  # type: ignore[arg-type]
    if len(left) < 2 or len(right) < 2 or left[-1] != right[-2]:
        raise CannotSay
    sizes = [*broadcast(left[:-2], right[:-2]), left[-2], right[-1]]
    learned = sum(value.numbers for value in values if isinstance(value, Constant))
    macs, rest = divmod(prod(sizes) * left[-1], tracer.batch)
    tracer.placeholder(operation, sizes, learned=learned, macs=None if rest else macs)


RULES: dict[str, Rule] = {"Gemm": gemm, "MatMul": matmul, "Linear": linear_layer}
