"""Arithmetic on constants: small ones keep their values, of large ones the shape and the numbers are followed."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from itertools import product
from typing import Any

from msgspec import structs

from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Tracer
from cnnstudio.formats.foreign.tracing.values import MAX_VALUES, Constant, Number, said_of, sources_of

Values = tuple[Number, ...]
MAX_MAGNITUDE = 1 << 64


def _divide(left: Number, right: Number) -> Number:
    if not right:
        raise CannotSay
    if isinstance(left, int) and isinstance(right, int):
        # Towards zero, as ONNX and C divide; Python's `//` goes down. Beyond 2 ** 50 a float would lose the last
        # digits.
        return int(left / right) if abs(left) < 1 << 50 else left // right
    return left / right


def _power(left: Number, right: Number) -> Number:
    # A few nodes of powers of powers would otherwise make an integer that fills the memory.
    if abs(right) > 64 or abs(left) > MAX_MAGNITUDE:
        raise CannotSay
    result = left**right
    if isinstance(result, complex):
        raise CannotSay
    return float(result) if isinstance(left, float) or isinstance(right, float) else int(result)


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mul": operator.mul,
    "Div": _divide,
    "Mod": lambda a, b: a % b,
    "Pow": _power,
    "Max": max,
    "Min": min,
    "Equal": operator.eq,
    "Less": operator.lt,
    "Greater": operator.gt,
    "LessOrEqual": operator.le,
    "GreaterOrEqual": operator.ge,
    "And": lambda a, b: bool(a) and bool(b),
    "Or": lambda a, b: bool(a) or bool(b),
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "Neg": operator.neg,
    "Abs": abs,
    "Floor": math.floor,
    "Ceil": math.ceil,
    "Round": round,
    "Sqrt": math.sqrt,
    "Reciprocal": lambda value: 1 / value,
    "Not": operator.not_,
    "Exp": math.exp,
    "Log": math.log,
}
ARITHMETIC = frozenset((*_BINARY, *_UNARY))


def broadcast(*shapes: tuple[int, ...] | list[int]) -> list[int]:
    """The shape of tensors joined element by element; CannotSay if they do not go together."""
    rank = max(len(shape) for shape in shapes)
    if not rank:
        return []
    # Shapes line up at their last axes, as in numpy.
    rows = [[1] * (rank - len(shape)) + list(shape) for shape in shapes]
    sizes = [max(column) if 0 not in column else 0 for column in zip(*rows, strict=True)]
    if any(size not in (1, want) for row in rows for size, want in zip(row, sizes, strict=True)):
        raise CannotSay
    return sizes


def fold(operation: Operation, inputs: list[Constant]) -> Constant:
    """The constant that arithmetic on constants gives."""
    shape = tuple(broadcast(*(value.shape for value in inputs)))
    sources = sources_of(inputs)
    numbers = sum(held for _, held in sources)
    is_float = any(value.is_float for value in inputs)
    origin = next((value.origin for value in inputs if value.numbers), "")
    said = said_of(inputs)
    if math.prod(shape) > MAX_VALUES or any(value.values is None for value in inputs):
        return Constant(shape, None, is_float, numbers, origin, said, sources)
    rows = [_spread(value, shape) for value in inputs]
    try:
        if operation.kind in _UNARY:
            values = tuple(_UNARY[operation.kind](item) for item in rows[0])
        else:
            values = rows[0]
            for row in rows[1:]:
                values = tuple(_BINARY[operation.kind](a, b) for a, b in zip(values, row, strict=True))
    except (ArithmeticError, ValueError):
        raise CannotSay from None
    # Tensors hold 64 bits; what exceeds them is no size of anything.
    if any(isinstance(value, int) and abs(value) > MAX_MAGNITUDE for value in values):
        raise CannotSay
    return Constant(shape, values, is_float, numbers, origin, said, sources)


def _spread(constant: Constant, shape: tuple[int, ...]) -> Values:
    """The values of a small constant, repeated to a shape."""
    values = constant.values or ()
    if constant.shape == shape:
        return values
    own = (1,) * (len(shape) - len(constant.shape)) + constant.shape
    steps = [0] * len(own)
    step = 1
    for axis in range(len(own) - 1, -1, -1):
        steps[axis] = 0 if own[axis] == 1 else step
        step *= own[axis]
    places = product(*(range(size) for size in shape))
    return tuple(values[sum(i * s for i, s in zip(place, steps, strict=True))] for place in places)


def reshaped(constant: Constant, wanted: list[int], *, keeps_zero: bool = False) -> Constant:
    """A constant in another shape, in which one size may be -1 and 0 keeps a size."""
    sizes = resolved(list(constant.shape), wanted, keeps_zero=keeps_zero)
    return structs.replace(constant, shape=tuple(sizes))


def resolved(have: list[int], wanted: list[int], *, keeps_zero: bool = False) -> list[int]:
    """The sizes that a reshape gives; CannotSay if the elements do not fit."""
    if any(size < -1 for size in wanted) or wanted.count(-1) > 1:
        raise CannotSay
    sizes = [have[i] if size == 0 and not keeps_zero and i < len(have) else size for i, size in enumerate(wanted)]
    elements = math.prod(have)
    if -1 in sizes:
        known = math.prod(size for size in sizes if size != -1)
        if not known or elements % known:
            raise CannotSay
        sizes[sizes.index(-1)] = elements // known
    if math.prod(sizes) != elements:
        raise CannotSay
    return sizes


def transposed(constant: Constant, order: list[int]) -> Constant:
    """A constant with its axes in another order."""
    if sorted(order) != list(range(len(constant.shape))):
        raise CannotSay
    shape = tuple(constant.shape[axis] for axis in order)
    values = constant.values
    if values is not None and len(values) == math.prod(shape):
        steps = _steps(constant.shape)
        places = product(*(range(size) for size in shape))
        values = tuple(values[sum(i * steps[axis] for i, axis in zip(at, order, strict=True))] for at in places)
    return structs.replace(constant, shape=shape, values=values)


def _steps(shape: tuple[int, ...]) -> list[int]:
    """The distance of neighbours along each axis."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def gathered(constant: Constant, indices: Constant, axis: int) -> Constant:
    """Elements of a constant along an axis."""
    rank = len(constant.shape)
    axis = axis % rank if rank else 0
    shape = (*constant.shape[:axis], *indices.shape, *constant.shape[axis + 1 :])
    if constant.values is None or indices.values is None or rank != 1:
        # Rows that are picked twice are still stored once.
        numbers = min(constant.numbers, math.prod(shape)) if constant.is_float else 0
        return Constant(shape, None, constant.is_float, numbers, constant.origin, constant.is_learned)
    picked = tuple(constant.values[int(index)] for index in indices.values)
    return Constant(shape, picked, constant.is_float, 0)


def concatenated(parts: list[Constant], axis: int) -> Constant:
    """Constants one after the other along an axis."""
    rank = len(parts[0].shape)
    axis = axis % rank if rank else 0
    sizes = list(parts[0].shape)
    sizes[axis] = sum(part.shape[axis] for part in parts)
    known = rank == 1 and all(part.values is not None for part in parts)
    values = tuple(value for part in parts for value in part.values or ()) if known else None
    if values is not None and len(values) > MAX_VALUES:
        values = None
    sources = sources_of(parts)
    numbers = sum(held for _, held in sources)
    return Constant(tuple(sizes), values, parts[0].is_float, numbers, is_learned=said_of(parts), sources=sources)


def sliced(constant: Constant, starts: list[int], stops: list[int], axes: list[int], steps: list[int]) -> Constant:
    """A part of a constant."""
    ranges = [range(size) for size in constant.shape]
    for start, stop, axis, step in zip(starts, stops, axes, steps, strict=True):
        if not step:
            raise CannotSay
        ranges[axis] = ranges[axis][start:stop:step]
    shape = tuple(len(places) for places in ranges)
    values = constant.values
    if values is not None and len(values) == constant.size:
        apart = _steps(constant.shape)
        values = tuple(values[sum(i * s for i, s in zip(at, apart, strict=True))] for at in product(*ranges))
    numbers = constant.numbers * math.prod(shape) // max(constant.size, 1)
    return structs.replace(constant, shape=shape, values=values, numbers=numbers, sources=())


def chosen(condition: Constant, left: Constant, right: Constant) -> Constant:
    """`Where`: for each element the one or the other."""
    shape = tuple(broadcast(condition.shape, left.shape, right.shape))
    rows = (condition, left, right)
    if math.prod(shape) > MAX_VALUES or any(row.values is None for row in rows):
        # A single number that fills a mask is not learned, however large the mask is.
        return Constant(shape, None, left.is_float, left.learned + right.learned, is_learned=said_of((left, right)))
    asked, first, second = (_spread(row, shape) for row in rows)
    values = tuple(a if ask else b for ask, a, b in zip(asked, first, second, strict=True))
    return Constant(shape, values, left.is_float)


def all_constants(tracer: Tracer, operation: Operation) -> list[Constant] | None:
    """The inputs of an operation if all of them are constants."""
    values = [tracer.raw(operation, index) for index in range(len(operation.inputs)) if operation.inputs[index]]
    constants = [value for value in values if isinstance(value, Constant)]
    return constants if len(constants) == len(values) and constants else None
