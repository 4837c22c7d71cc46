"""The rules of operations on tensors in pieces, of attention, and of learned tensors that are added or put beside."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from msgspec import structs

from cnnstudio.formats.foreign.draft import Numbers
from cnnstudio.formats.foreign.tracing.attention.arrangement import Arranged, arranged
from cnnstudio.formats.foreign.tracing.attention.heads import Attending, Scores, as_pieces, emit, exchanged
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.steps import left
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import BATCH, Constant, Pending, View
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.tensors.learned import Parameter


def reshaped(tracer: Tracer, operation: Operation, value: View | Arranged, sizes: Sequence[int]) -> bool:
    """Follows a reshape of a tensor whose channels come last without a layer; False where that cannot be."""
    if isinstance(value, View):
        # Elsewhere a reshape is what its author wrote, a layer; and a vector of each example is a Flatten.
        have = tracer.shape_of(value)
        is_vector = len(sizes) < 3 and sizes[0] == have[0]
        comes_last = len(value.axes) > 2 and value.axes[-1] == 0 and not is_vector
        ends_steps = bool(tracer.draft.steps[value.step].steps) and sizes[0] != have[0]
        if not (comes_last or ends_steps or _cuts_heads(tracer, value, sizes) or _takes_steps(value, have, sizes)):
            return False
        if ends_steps:
            value = left(tracer.draft, value, operation.path, tracer.batch)
        else:
            rank = tracer.draft.steps[value.step].shape.rank + 1
            value = arranged(value, have, rank, operation.path, have[0])
    found = value.reshaped(sizes)
    if found is None:
        return False
    tracer.set_arranged(operation, found)
    return True


def _takes_steps(view: View, have: Sequence[int], sizes: Sequence[int]) -> bool:
    """True if the first axes behind the batch are merged with it, and the others stay: steps are taken for examples."""
    steps = len(have) - len(sizes)
    is_merged = steps > 0 and sizes[0] == prod(have[: steps + 1]) and list(sizes[1:]) == list(have[steps + 1 :])
    return is_merged and view.axes[0] == BATCH and have[0] > 1 and len(sizes) > 2


def _cuts_heads(tracer: Tracer, view: View, sizes: Sequence[int]) -> bool:
    """True if the channels of a map become heads and the channels of each: [B, C, ...] to [B, h, C / h, ...]."""
    if len(view.axes) < 3:
        return False
    batch, channels, *spatial = tracer.shape_of(view)
    if view.axes != (BATCH, *range(len(spatial) + 1)) or not spatial or len(sizes) < 3:
        return False
    return sizes[0] == batch and sizes[1] * sizes[2] == channels and list(sizes[3:]) == spatial


def dot_product_attention(tracer: Tracer, operation: Operation) -> None:
    """scaled_dot_product_attention of PyTorch: softmax(Q · Kᵀ / √d) · V, here without a mask."""
    query, key, value = (as_pieces(tracer, operation, index) for index in range(3))
    scale = operation.attributes.get("scale")
    is_masked = len(operation.inputs) > 3 or operation.attributes.get("is_causal", False)
    if query is None or key is None or value is None or is_masked:
        _as_placeholder(tracer, operation)
        return
    factors = (query.factor, key.factor, query.shape[-1] ** -0.5 if scale is None else float(scale))
    if not _emitted(tracer, operation, (query, key, value), _times(*factors)):
        _as_placeholder(tracer, operation)


def _emitted(tracer: Tracer, operation: Operation, tensors: Attending, factor: float | None) -> bool:
    """Adds the attention of these; False if a design has none such."""
    before = len(tracer.draft.steps)
    try:
        emit(tracer, operation, tensors, factor)
    except CannotSay:
        del tracer.draft.steps[before:]
        return False
    return True


def _count_once(tracer: Tracer, scores: Scores) -> None:
    """Lets scores that an attention has counted cost nothing where they are taken for themselves too."""
    for name, value in tracer.values.items():
        if isinstance(value, Scores) and (value.query, value.key) == (scores.query, scores.key):
            tracer.values[name] = structs.replace(value, macs=0)


def _times(*factors: float | None) -> float | None:
    known = [factor for factor in factors if factor is not None]
    return prod(known) if len(known) == len(factors) else None


def _as_placeholder(tracer: Tracer, operation: Operation) -> None:
    values = [tracer.raw(operation, index) for index in (0, 1, 2)]
    if any(not isinstance(value, (View, Pending)) for value in values):
        raise CannotSay
    query, key, value = (tracer.shape_of(item) for item in values)  # type: ignore[arg-type]
    sizes = [*query[:-1], value[-1]]
    # Two products, Q · Kᵀ and the weights times V. The softmax between them is no multiply-accumulate.
    macs, rest = divmod(prod(query[:-1]) * key[-2] * (query[-1] + value[-1]), tracer.batch)
    tracer.placeholder(operation, sizes, macs=None if rest else macs)


def product(tracer: Tracer, operation: Operation) -> bool:
    """Follows a product of two tensors that is a part of attention with heads; False if it is none."""
    left, right = tracer.raw(operation, 0), tracer.raw(operation, 1)
    if isinstance(left, Scores) and left.is_softmaxed:
        value = as_pieces(tracer, operation, 1)
        if value is None or value.factor != 1:
            return False
        if not _emitted(tracer, operation, (left.query, left.key, value), left.factor):
            return False
        _count_once(tracer, left)
        return True
    if not isinstance(left, Arranged) or not isinstance(right, Arranged):
        return False
    key = exchanged(right)
    if left.shape[-1] != key.shape[-1] or left.shape[:-2] != key.shape[:-2]:
        return False
    sizes = (*left.shape[:-1], key.shape[-2])
    macs, rest = divmod(prod(sizes) * key.shape[-1], tracer.batch)
    sources = tuple(dict.fromkeys((left.step, key.step)))
    factor = _times(left.factor, key.factor)
    known = None if rest else macs
    scores = Scores(sizes, sources, (operation.kind,), operation.path, 0, known, query=left, key=key, factor=factor)
    tracer.set(operation, scores)
    return True


def softmaxed(tracer: Tracer, operation: Operation) -> bool:
    """Follows the softmax of scores over the keys; False if it is none."""
    value = tracer.raw(operation, 0)
    axis = int(operation.attributes.get("axis", -1))
    if not isinstance(value, Scores) or value.is_softmaxed or axis not in (-1, len(value.shape) - 1):
        return False
    tracer.set(operation, structs.replace(value, is_softmaxed=True))
    return True


def scaled(tracer: Tracer, operation: Operation) -> bool:
    """Follows a number that multiplies or divides heads or scores; False if it is none.

    Behind the softmax a number is no scale of the scores any more, and no attention has one there.
    """
    values = [tracer.raw(operation, index) for index in range(len(operation.inputs))]
    tensors = [
        value
        for value in values
        if isinstance(value, Arranged) or (isinstance(value, Scores) and not value.is_softmaxed)
    ]
    numbers = [value for value in values if isinstance(value, Constant) and value.size == 1 and not value.learned]
    if operation.kind not in ("Mul", "Div") or len(values) != 2 or len(tensors) != 1 or len(numbers) != 1:
        return False
    if operation.kind == "Div" and values[0] is not tensors[0]:
        return False
    number = numbers[0].scalar
    if operation.kind == "Div" and number is not None:
        number = 1 / number if number else None
    factor = _times(tensors[0].factor, None if number is None else float(number))
    tracer.set(operation, structs.replace(tensors[0], factor=factor))
    return True


def native_attention(tracer: Tracer, operation: Operation) -> None:
    """The whole of PyTorch's MultiheadAttention as one operator, as it is traced where nothing is trained."""
    weights = [tracer.constant(operation, index) for index in range(3, 7)]
    if weights[0] is None or weights[2] is None:
        raise CannotSay
    views = [tracer.view(operation, index) for index in range(3)]
    first = views[0]
    if any(view.axes != first.axes or view.axes[-1] != 0 for view in views):
        raise CannotSay
    steps = [view.step for view in views]
    sources = steps[:1] if len(set(steps)) == 1 else steps
    layer = MultiHeadAttention(heads=int(operation.attributes["heads"]), bias=weights[1] is not None)
    numbers = Numbers(sum(constant.numbers for constant in weights if constant is not None))
    step = tracer.emit(operation, layer, *sources, numbers=numbers)
    tracer.set(operation, View(step, first.axes))


def learned_beside(tracer: Tracer, operation: Operation, values: Sequence[object], axis: int) -> bool:
    """Adds learned tensors that are put before or after the one tensor that flows; False if it is something else."""
    flowing = [place for place, value in enumerate(values) if isinstance(value, View)]
    if len(flowing) != 1:
        return False
    (middle,) = flowing
    view = values[middle]
    assert isinstance(view, View)
    place = view.axes[axis]
    beside = [
        *((value, "first") for value in reversed(values[:middle])),
        *((value, "last") for value in values[middle + 1 :]),
    ]
    if place < 0 or not all(_fits_beside(tracer, view, value, axis) for value, _ in beside):
        return False
    for value, use in beside:
        assert isinstance(value, Constant)
        sizes = _sizes_of(view, value, tracer.draft.steps[view.step].shape.rank)
        stated: dict[str, Any] = {} if sizes[place] == 1 else {"channels": sizes[0], "size": tuple(sizes[1:])}
        layer = Parameter(**{"use": use, "axis": place, **stated})
        path = _named(operation, value, "parameter")
        step = tracer.draft.add(layer, path, (view.step,), Numbers(_once(view, value)))
        view = View(step, view.axes)
    tracer.set(operation, view)
    return True


def _fits_beside(tracer: Tracer, view: View, value: object, axis: int) -> bool:
    if not isinstance(value, Constant) or value.is_learned is False or len(value.shape) != len(view.axes):
        return False
    have = tracer.shape_of(view)
    at = axis % len(have)
    # Put beside every example it is expanded along the batch, but counts once.
    is_like = all(
        a == b or (place == BATCH and a == 1)
        for i, (a, b, place) in enumerate(zip(value.shape, have, view.axes, strict=True))
        if i != at
    )
    return is_like and value.numbers in (_once(view, value), value.size)


def _once(view: View, value: Constant) -> int:
    """The elements for one example: exporters fold the repetition along a fixed batch into what they store."""
    return prod(size for size, place in zip(value.shape, view.axes, strict=True) if place != BATCH)


def _sizes_of(view: View, value: Constant, rank: int) -> list[int]:
    """The sizes of a constant in the order of a design's shape."""
    sizes = [1] * (rank + 1)
    for place, size in zip(view.axes, value.shape, strict=True):
        if place >= 0:
            sizes[place] = size
    return sizes


def learned_with(tracer: Tracer, operation: Operation, view: View, constant: Constant) -> bool:
    """Adds a learned map that is added to, or multiplies, all examples alike; False if it is something else."""
    use = {"Add": "add", "Mul": "multiply"}.get(operation.kind)
    if use is None or constant.is_learned is False or len(constant.shape) > len(view.axes):
        return False
    wide = structs.replace(constant, shape=(*(1,) * (len(view.axes) - len(constant.shape)), *constant.shape))
    have = tracer.shape_of(view)
    fits = all(a == 1 or (a == b and place != BATCH) for a, b, place in zip(wide.shape, have, view.axes, strict=True))
    if not fits or constant.numbers != constant.size or constant.size == 1:
        return False
    shape = tracer.draft.steps[view.step].shape
    sizes = _sizes_of(view, wide, shape.rank)
    stated: dict[str, Any] = {} if sizes == shape.to_list() else {"channels": sizes[0], "size": tuple(sizes[1:])}
    named = structs.replace(operation, path=_named(operation, constant, operation.path[-1]))
    tracer.same_axes(named, view, Parameter(**{"use": use, **stated}), Numbers(constant.numbers))
    return True


def _named(operation: Operation, constant: Constant, otherwise: str) -> tuple[str, ...]:
    """The place of an operation, with the name that the tensor has in its module: `class_token`, `pos_embed`."""
    name = constant.origin.rpartition(".")[2]
    # Exporters number what they have computed themselves.
    is_word = name.isidentifier() and not any(sign.isdigit() for sign in name)
    return (*operation.path[:-1], name if is_word else otherwise)


RULES: dict[str, Rule] = {
    "ScaledDotProductAttention": dot_product_attention,
    "NativeMultiHeadAttention": native_attention,
}
