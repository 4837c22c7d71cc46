"""Constants made in the graph, reductions, what acts in training only, and what no rule knows."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Literal

from msgspec import structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.tracing.attention.heads import Scores
from cnnstudio.formats.foreign.tracing.constants import ARITHMETIC, all_constants, broadcast, chosen, fold
from cnnstudio.formats.foreign.tracing.elementwise import FUNCTIONS, PRIMITIVES, primitive_on
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import (
    BATCH,
    MAX_VALUES,
    ONE,
    Constant,
    Pending,
    Unknown,
    Value,
    View,
    said_of,
    sources_of,
)
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.tensors.reductions import pooled_over_map

ELEMENTWISE = ARITHMETIC.union(FUNCTIONS, PRIMITIVES) | {
    *("Softmax", "LogSoftmax", "Sigmoid", "Tanh", "Relu", "Gelu", "Erf", "Clip", "Where", "Sum", "Mean", "Identity"),
    *("Cast", "Dropout", "LeakyRelu", "Elu", "HardSigmoid", "HardSwish", "Softplus", "LayerNormalization", "Mish"),
    *("LpNormalization", "Equal", "Greater", "Less", "And"),
}
"""Operations whose output has the shape of their inputs, joined element by element."""


def shape(tracer: Tracer, operation: Operation) -> None:
    """Shape: the sizes of a tensor as a constant."""
    value = tracer.raw(operation, 0)
    if not isinstance(value, (View, Pending, Constant)):
        raise CannotSay
    sizes = tracer.shape_of(value)
    first, last = operation.attributes.get("start", 0), operation.attributes.get("end")
    part = tuple(sizes[slice(int(first), None if last is None else int(last))])
    tracer.set(operation, Constant((len(part),), part, is_float=False))


def size(tracer: Tracer, operation: Operation) -> None:
    """Size: the number of elements."""
    value = tracer.raw(operation, 0)
    if not isinstance(value, (View, Pending, Constant)):
        raise CannotSay
    tracer.set(operation, Constant((), (prod(tracer.shape_of(value)),), is_float=False))


def constant(tracer: Tracer, operation: Operation) -> None:
    """Constant: a tensor or numbers that stand in an attribute; they are learned only where no others can be."""
    attributes = operation.attributes
    for key, is_float in (("value_float", True), ("value_int", False)):
        if key in attributes:
            tracer.set(operation, Constant((), (attributes[key],), is_float))
            return
    for key, is_float in (("value_floats", True), ("value_ints", False)):
        if key in attributes:
            values = tuple(attributes[key])
            tracer.set(operation, Constant((len(values),), values[:MAX_VALUES], is_float))
            return
    value = attributes.get("value")
    if not isinstance(value, Constant):
        tracer.set(operation, Unknown("a constant that is no tensor"))
    elif tracer.graph.holds_weights_apart:
        tracer.set(operation, structs.replace(value, numbers=0, is_learned=False))
    else:
        tracer.set(operation, value)


def constant_of_shape(tracer: Tracer, operation: Operation) -> None:
    """ConstantOfShape: files without weights make their weights so."""
    sizes = tracer.integers(operation, 0)
    if sizes is None or any(item < 0 for item in sizes):
        raise CannotSay
    stated = operation.attributes.get("value")
    filler = stated.scalar if isinstance(stated, Constant) else 0.0
    is_float = stated.is_float if isinstance(stated, Constant) else True
    count = prod(sizes)
    # Multiplied out only where it is small: a file without weights fills tensors of a hundred million elements so.
    values = (filler,) * count if filler is not None and count <= MAX_VALUES else None
    held = count if is_float and tracer.graph.fills_are_weights else 0
    name = operation.outputs[0]
    said = tracer.graph.says_learned(name) if held else False
    # A fill has a name of its own only in files of the studio's, which say by it what is learned.
    origin = name if held and said is not None else ""
    tracer.set(operation, Constant(tuple(sizes), values, is_float, held, origin, said))


def range_of(tracer: Tracer, operation: Operation) -> None:
    """Range: whole numbers from start to stop."""
    bounds = [constant.scalar for i in range(3) if (constant := tracer.constant(operation, i)) is not None]
    if len(bounds) != 3 or not all(type(bound) is int for bound in bounds):
        raise CannotSay
    numbers = range(*bounds)  # type: ignore[arg-type]
    values = tuple(numbers) if len(numbers) <= MAX_VALUES else None
    tracer.set(operation, Constant((len(numbers),), values, is_float=False))


_OVER_MAP: dict[str, Literal["mean", "max"]] = {"ReduceMean": "mean", "ReduceMax": "max"}
"""Functions of a design that are taken over all positions."""


def reduce_axes(tracer: Tracer, operation: Operation) -> None:
    """A mean or maximum over the map is a global pooling; over other axes it may be a part of a normalization."""
    view = tracer.view(operation)
    axes = tracer.integers(operation, 1, "axes")
    # The axes stay by default, unlike in PyTorch and numpy.
    keeps = bool(operation.attributes.get("keepdims", 1))
    # No axes mean all of them, unless this says none.
    if not axes and operation.attributes.get("noop_with_empty_axes", 0):
        tracer.pass_on(operation)
        return
    places = {axis % len(view.axes) for axis in axes} if axes else set(range(len(view.axes)))
    logical = {view.axes[place] for place in places} - {ONE}
    shape_now = tracer.draft.steps[view.step].shape
    kept = tuple(axis for place, axis in enumerate(view.axes) if place not in places)
    function = _OVER_MAP.get(operation.kind)
    if function is not None and shape_now.rank and logical == set(range(1, shape_now.rank + 1)):
        is_vector = not keeps and kept == (BATCH, 0)
        layer = pooled_over_map(function, shape_now.rank, keepdims=not is_vector)
        step = tracer.emit(operation, layer, view.step)
        tracer.set(operation, View(step, view.axes if keeps else kept))
        return
    if BATCH in logical:
        raise CannotSay
    primitive_on(tracer, operation, view, axes=tuple(sorted(logical)))
    made = tracer.values[operation.outputs[0]]
    assert isinstance(made, View)
    reduced = tracer.draft.steps[made.step]
    sizes = [1 if axis in logical else size for axis, size in enumerate(shape_now.to_list())]
    reduced.shape = Shape(sizes[0], tuple(sizes[1:]))
    tracer.set(operation, View(made.step, view.axes if keeps else kept))


def place_of_extreme(tracer: Tracer, operation: Operation) -> None:
    """ArgMax and ArgMin: a placeholder with one element along their axis, or without it."""
    sizes = list(tracer.shape_of(tracer.view(operation)))
    axis = int(operation.attributes.get("axis", 0)) % len(sizes)
    if not axis:
        raise CannotSay
    sizes[axis : axis + 1] = [1] if operation.attributes.get("keepdims", 1) else []
    tracer.placeholder(operation, sizes, learned=0, macs=0)


def dropout(tracer: Tracer, operation: Operation) -> None:
    """Dropout, its ratio an attribute or an input; that of an attention's scores belongs to the attention."""
    if isinstance(tracer.raw(operation, 0), Scores):
        tracer.pass_on(operation)
        return
    view = tracer.view(operation)
    ratio = operation.attributes.get("ratio")
    if ratio is None:
        given = tracer.constant(operation, 1)
        ratio = 0.5 if given is None or given.scalar is None else given.scalar
    rate = float(f"{float(ratio):.6g}")
    # A ratio of 1 would drop everything, and a design has no such Dropout.
    if 0 <= rate < 1:
        tracer.same_axes(operation, view, Dropout(rate=rate))
    else:
        tracer.pass_on(operation)


def dequantize(tracer: Tracer, operation: Operation) -> None:
    """QuantizeLinear and DequantizeLinear: the numbers stay as many."""
    value = tracer.given(operation, 0)
    if isinstance(value, Constant):
        tracer.set(operation, Constant(value.shape, None, True, value.numbers or value.size))
    else:
        tracer.pass_on(operation)


def fallback(tracer: Tracer, operation: Operation) -> None:
    """Operations that no rule knows: constants are folded, and the rest become placeholders with the shape of
    the file.
    """
    constants = all_constants(tracer, operation)
    if constants is not None and operation.kind in ARITHMETIC:
        try:
            tracer.set(operation, fold(operation, constants))
        except CannotSay:
            tracer.set(operation, Unknown("a constant that is not known"))
        return
    values = [value for name in operation.inputs if (value := tracer.values.get(name)) is not None]
    if not any(isinstance(value, (View, Pending)) for value in values):
        _constant_of_unknown_values(tracer, operation, constants)
        return
    weights = _weights(operation, [tracer.values.get(name) for name in operation.inputs])
    learned = sum(constant.learned for constant in weights)
    for index, name in enumerate(operation.outputs):
        if not name:
            continue
        sizes = _sizes(tracer, operation, name)
        if sizes is None:
            tracer.unknown.append(f"'{operation.place}' ({operation.kind})")
            tracer.values[name] = Unknown(f"the shape of what '{operation.place}' gives")
            continue
        macs = 0 if operation.kind in ELEMENTWISE or operation.kind in _MOVING else None
        part = Operation(operation.kind, operation.inputs, (name,), operation.attributes, operation.path)
        tracer.placeholder(part, sizes, learned=learned if not index else 0, macs=macs)


def _weights(operation: Operation, values: Sequence[Value | None]) -> list[Constant]:
    """The constants among the inputs that may be learned: of a normalization not its statistics."""
    kept = values[:3] if operation.kind in ("BatchNormalization", "InstanceNormalization") else values
    return [value for value in kept if isinstance(value, Constant)]


_MOVING = frozenset(
    (
        *("Concat", "Gather", "Slice", "Split", "Transpose", "Reshape", "Flatten", "Pad", "Expand", "Tile", "Roll"),
        *("Squeeze", "Unsqueeze", "MaxPool", "AveragePool", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"),
        *("ReduceL2", "ArgMax", "CumSum", "TopK", "DepthToSpace", "SpaceToDepth", "Resize", "Upsample"),
        *("BatchNormalization", "PRelu", "GatherND", "ScatterND", "GridSample"),
        *("index", "where", "gt", "lt", "ge", "le", "eq", "ne", "roll", "repeat", "flip", "masked_fill", "unflatten"),
        *("cumsum", "argmax", "topk", "gather", "scatter", "tile", "logical_and", "floor_divide", "remainder", "var"),
        *("max", "min", "std", "any", "all", "full_like", "zeros_like", "ones_like", "Greater", "Less", "Equal", "And"),
    )
)
"""Operations that multiply nothing with weights."""


def _constant_of_unknown_values(tracer: Tracer, operation: Operation, constants: list[Constant] | None) -> None:
    """A constant that no rule folds: its shape may be stated or told, and its numbers are those that went in."""
    weights = _weights(operation, constants or [])
    sources = sources_of(weights)
    numbers = sum(held for _, held in sources)
    for name in operation.outputs:
        stated = tracer.graph.stated.get(name)
        sizes = _shape_of_constant(operation, constants or [])
        if stated is not None and None not in stated:
            sizes = tuple(size or 0 for size in stated)
        if sizes is None or len(operation.outputs) > 1:
            tracer.values[name] = Unknown(f"the constant of '{operation.place}' ({operation.kind})")
            continue
        origin = next((constant.origin for constant in weights if constant.numbers), "")
        made = Constant(sizes, None, bool(numbers), numbers, origin, said_of(weights), sources)
        tracer.values[name] = made


_KEEPING = frozenset(
    (
        *("ScatterND", "ScatterElements", "CumSum", "BatchNormalization", "InstanceNormalization", "Sin", "Cos"),
        *("LayerNormalization", "Softmax", "Erf", "Clip", "Trilu", "Tanh", "Sigmoid", "Relu"),
    )
)
"""Operations whose output has the shape of their first input."""


def _shape_of_constant(operation: Operation, constants: list[Constant]) -> tuple[int, ...] | None:
    """The shape that an operation gives a constant, as far as its kind tells it."""
    if not constants:
        return None
    have = constants[0].shape
    if operation.kind in _KEEPING:
        return have
    numbers = constants[1].integers() if len(constants) > 1 else None
    if operation.kind == "Tile" and numbers is not None and len(numbers) == len(have):
        return tuple(size * times for size, times in zip(have, numbers, strict=True))
    if operation.kind.startswith("Reduce") and have:
        axes = numbers if numbers is not None else operation.attributes.get("axes")
        places = {int(axis) % len(have) for axis in axes} if axes else set(range(len(have)))
        kept = operation.attributes.get("keepdims", 1)
        return tuple(1 if at in places else size for at, size in enumerate(have) if kept or at not in places)
    return None


def _sizes(tracer: Tracer, operation: Operation, name: str) -> list[int] | None:
    """The sizes of an output: as the file states them, or those of its inputs where it works element by element."""
    stated = tracer.graph.stated.get(name)
    if stated and not tracer.is_resized and None not in stated[1:]:
        first = tracer.batch if stated[0] is None else stated[0]
        return [first, *(item or 0 for item in stated[1:])]
    first_value = tracer.values.get(operation.inputs[0]) if operation.inputs else None
    if operation.kind in _KEEPING and isinstance(first_value, (View, Pending)):
        return tracer.shape_of(first_value)
    if operation.kind not in ELEMENTWISE:
        return None
    values = [tracer.values.get(item) for item in operation.inputs]
    known = [tracer.shape_of(value) for value in values if isinstance(value, (View, Pending, Constant))]
    try:
        return broadcast(*known)
    except CannotSay:
        raise NotUnderstood(f"'{operation.place}' joins tensors that do not fit each other: {known}.") from None


def where(tracer: Tracer, operation: Operation) -> None:
    """`Where` of constants; of tensors a placeholder."""
    constants = all_constants(tracer, operation)
    if constants is None or len(constants) != 3:
        raise CannotSay
    tracer.set(operation, chosen(*constants))


def folding(rule: Rule) -> Rule:
    """The rule, but for constants, which are folded."""

    def apply(tracer: Tracer, operation: Operation) -> None:
        constants = all_constants(tracer, operation)
        if constants is None:
            rule(tracer, operation)
        else:
            tracer.set(operation, fold(operation, constants))

    return apply


RULES: dict[str, Rule] = {
    "Shape": shape,
    "Size": size,
    "Constant": constant,
    "ConstantOfShape": constant_of_shape,
    "Range": range_of,
    "Where": where,
    "Dropout": dropout,
    **dict.fromkeys(("ArgMax", "ArgMin"), place_of_extreme),
    "QuantizeLinear": dequantize,
    "DequantizeLinear": dequantize,
    **dict.fromkeys(("ReduceMean", "ReduceMax", "ReduceSum", "ReduceMin", "ReduceL2"), reduce_axes),
}
