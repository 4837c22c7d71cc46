"""Products with matrices."""

from __future__ import annotations

from math import prod

from cnnstudio.formats.foreign.draft import Numbers
from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged, Piece
from cnnstudio.formats.foreign.tracing.attention.rules import product
from cnnstudio.formats.foreign.tracing.constants import broadcast
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import BATCH, Constant, Pending, View
from cnnstudio.layers.attention.products import MatMul
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.pooling import AdaptiveAvgPool
from cnnstudio.layers.reshaping import Permute


def gemm(tracer: Tracer, operation: Operation) -> None:
    """Gemm: a vector times a matrix, which may lie transposed, and a bias."""
    weights, bias = tracer.constant(operation, 1), tracer.constant(operation, 2)
    if weights is None or len(weights.shape) != 2 or operation.attributes.get("transA", 0):
        raise CannotSay
    matrix = weights.shape[::-1] if operation.attributes.get("transB", 0) else weights.shape
    pieces = tracer.raw(operation, 0)
    if isinstance(pieces, Arranged) and (bias is None or bias.size == matrix[1]):
        numbers = Numbers(weights.numbers + (bias.numbers if bias else 0))
        if of_pieces(tracer, operation, pieces, matrix, numbers, has_bias=bias is not None):
            return
    value = tracer.given(operation, 0)
    if not isinstance(value, View) or value.axes[0] != BATCH:
        _apart(tracer, operation, matrix, weights.numbers + (bias.numbers if bias else 0))
        return
    step = tracer.normal(value, operation.path)
    shape = tracer.draft.steps[step].shape
    units, features = weights.shape if operation.attributes.get("transB", 0) else weights.shape[::-1]
    # Gemm broadcasts its third input: one number for all units is no bias of a Dense.
    has_bias = bias is not None and bias.size == units
    if shape.rank or shape.channels != features or (bias is not None and not has_bias):
        raise CannotSay
    numbers = Numbers(weights.numbers + (bias.numbers if bias else 0))
    tracer.emit(operation, Dense(units=units, bias=has_bias), step, numbers=numbers)


def matmul(tracer: Tracer, operation: Operation) -> None:
    """MatMul: with a matrix of the file a dense layer at each position; of two tensors a placeholder with its work."""
    if product(tracer, operation):
        return
    pieces, matrix = tracer.raw(operation, 0), tracer.raw(operation, 1)
    is_matrix = isinstance(matrix, Constant) and len(matrix.shape) == 2 and matrix.is_learned is not False
    if isinstance(matrix, Constant) and isinstance(pieces, Arranged) and is_matrix:
        numbers = Numbers(matrix.numbers)
        if of_pieces(tracer, operation, pieces, matrix.shape, numbers, has_bias=False):
            return
    left, right = tracer.given(operation, 0), tracer.given(operation, 1)
    is_layer = isinstance(left, View) and left.axes[-1] >= 0
    # A matrix that nothing trains is no dense layer.
    is_layer = is_layer and not (isinstance(right, Constant) and right.is_learned is False)
    # Looked for first, because such a matrix is a constant of the exporter's and would count as learned weights.
    if isinstance(left, View) and isinstance(right, Constant) and left.axes[-1] > 0 and _averages(right):
        _pool(tracer, operation, left, right.shape[1])
        return
    if isinstance(left, View) and isinstance(right, Constant) and is_layer and len(right.shape) == 2:
        linear(tracer, operation, left, right.shape, Numbers(right.numbers), has_bias=False)
        return
    if not (isinstance(left, View) and isinstance(right, View) and _of_maps(tracer, operation, left, right)):
        product_of_tensors(tracer, operation)


def _of_maps(tracer: Tracer, operation: Operation, left: View, right: View) -> bool:
    """Adds the product of two maps, as they are or with rows and columns exchanged; False if a design has none such."""
    turned, sizes = [], []
    for view in (left, right):
        shape = tracer.draft.steps[view.step].shape
        normal = (BATCH, *range(shape.rank + 1))
        if not shape.rank or sorted(view.axes) != list(normal):
            return False
        turned.append(view.axes != normal)
        if view.axes not in (normal, (*normal[:-2], normal[-1], normal[-2])):
            return False
        sizes.append([shape.to_list()[axis] for axis in view.axes[1:]])
    if sizes[0][:-2] != sizes[1][:-2] or sizes[0][-1] != sizes[1][-2]:
        return False
    tracer.emit(operation, MatMul(transpose_first=turned[0], transpose_second=turned[1]), left.step, right.step)
    return True


def _averages(matrix: Constant) -> bool:
    """True if a matrix averages along an axis as adaptive pooling does: floor(i·I / O) up to ceil((i + 1)·I / O)."""
    if len(matrix.shape) != 2 or matrix.values is None or len(matrix.values) != matrix.size:
        return False
    have, outputs = matrix.shape
    for column in range(outputs):
        first, last = column * have // outputs, -(-(column + 1) * have // outputs)
        wanted = [1 / (last - first) if first <= row < last else 0.0 for row in range(have)]
        found = matrix.values[column::outputs]
        if any(abs(value - want) > 1e-6 for value, want in zip(found, wanted, strict=True)):
            return False
    # An identity may be learned weights at their start, and is told from them by the word of the file alone.
    return outputs < have or matrix.is_learned is False


def _pool(tracer: Tracer, operation: Operation, view: View, outputs: int) -> None:
    """Adaptive average pooling of the last axis of a tensor."""
    rank = tracer.draft.steps[view.step].shape.rank
    sizes = tuple(outputs if axis == view.axes[-1] else None for axis in range(1, rank + 1))
    tracer.same_axes(operation, view, AdaptiveAvgPool(output_size=sizes))
    tracer.draft.note_replaced("adaptive pooling was written as a product with a constant matrix")


def linear_layer(tracer: Tracer, operation: Operation) -> None:
    """Linear of PyTorch: weights [units, features], and a bias."""
    weights, bias = tracer.constant(operation, 1), tracer.constant(operation, 2)
    if weights is None or len(weights.shape) != 2:
        raise CannotSay
    numbers = Numbers(weights.numbers + (bias.numbers if bias else 0))
    pieces, matrix = tracer.raw(operation, 0), weights.shape[::-1]
    if isinstance(pieces, Arranged) and of_pieces(
        tracer, operation, pieces, matrix, numbers, has_bias=bias is not None
    ):
        return
    view = tracer.given(operation, 0)
    if not isinstance(view, View) or (view.axes[0] != BATCH and view.axes[-1] != 0):
        _apart(tracer, operation, weights.shape[::-1], numbers.learned)
        return
    linear(tracer, operation, view, weights.shape[::-1], numbers, has_bias=bias is not None)


def _apart(tracer: Tracer, operation: Operation, matrix: tuple[int, ...], learned: int) -> None:
    """A matrix applied to a tensor that no layer takes: its batch is cut up, or not its first axis."""
    value = tracer.given(operation, 0)
    if not isinstance(value, (View, Pending)):
        raise CannotSay
    sizes = [*tracer.shape_of(value)[:-1], matrix[1]]
    # Counted for one example, as everywhere. With a rest the batch is no factor of it, and nobody knows.
    macs, rest = divmod(prod(sizes) * matrix[0], tracer.batch)
    if tracer.shape_of(value)[-1] != matrix[0] or rest:
        raise CannotSay
    tracer.placeholder(operation, sizes, learned=learned, macs=macs)


def linear(
    tracer: Tracer, operation: Operation, view: View, matrix: tuple[int, ...], numbers: Numbers, *, has_bias: bool
) -> None:
    """A dense layer over the last axis of a tensor, which becomes the channels if it is not."""
    if len(matrix) != 2 or len(view.axes) < 2 or tracer.shape_of(view)[-1] != matrix[0]:
        raise CannotSay
    if view.axes[0] != BATCH and view.axes[-1] != 0:
        raise CannotSay
    if len(view.axes) == 2 and view.axes[0] == BATCH:
        step = tracer.normal(view, operation.path)
        tracer.emit(operation, Dense(units=matrix[1], bias=has_bias), step, numbers=numbers)
        return
    view = channels_last(tracer, view, operation.path)
    layer = Dense(units=matrix[1], bias=has_bias, apply_to="channels")
    tracer.same_axes(operation, view, layer, numbers)


def of_pieces(
    tracer: Tracer,
    operation: Operation,
    tensor: Arranged,
    matrix: tuple[int, ...],
    numbers: Numbers,
    *,
    has_bias: bool,
) -> bool:
    """Adds a dense layer over the channels of a step that has its other axes in pieces; False if it is none."""
    shape = tracer.draft.steps[tensor.step].shape
    is_whole = tensor.axes[-1] == (Piece(0, 1, shape.channels),) and not any(tensor.starts) and tensor.factor == 1
    positions = prod(size for axis in tensor.axes[:-1] for piece in axis if (size := piece.size) and piece.axis > 0)
    if not is_whole or matrix[0] != shape.channels or positions != shape.positions or not shape.rank:
        return False
    layer = Dense(units=matrix[1], bias=has_bias, apply_to="channels")
    step = tracer.emit(operation, layer, tensor.step, numbers=numbers)
    tracer.set_arranged(operation, tensor.on(step, tracer.draft.steps[step].shape.to_list()))
    return True


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
    learned = sum(value.learned for value in values if isinstance(value, Constant))
    macs, rest = divmod(prod(sizes) * left[-1], tracer.batch)
    tracer.placeholder(operation, sizes, learned=learned, macs=None if rest else macs)


RULES: dict[str, Rule] = {
    "Gemm": gemm,
    "MatMul": matmul,
    "Linear": linear_layer,
}
