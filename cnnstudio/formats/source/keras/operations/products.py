"""Products of tensors: matrices, dots and sums over named axes, with their multiply-accumulates."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnstudio.formats.source.keras.operations import weights, wide
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array

_FIRST, _SECOND = ("a", "x1", "x"), ("b", "x2", "y")


def matmul(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """`matmul` and `dot`: two tensors as matrices, or a tensor by a weight."""
    values = {**dict(zip(("a", "b"), given, strict=False)), **named}
    left = next((values[name] for name in _FIRST if name in values), None)
    right = next((values[name] for name in _SECOND if name in values), None)
    turns = [values.get(name) is True for name in ("transpose_a", "transpose_b")]
    if isinstance(left, KerasTensor) and isinstance(right, Array):
        return _by_array(host, left, right, turned=turns[1])
    if not isinstance(left, KerasTensor) or not isinstance(right, KerasTensor):
        return next((item for item in (left, right) if isinstance(item, Unknown)), Unknown("a product of tensors"))
    return _of_two(host, left, right, turns)


def _by_array(host: Any, left: KerasTensor, right: Array, *, turned: bool) -> Any:
    if right.is_learned is None:
        return Unknown("a product with numbers that are no weight")
    shape = list(right.shape[::-1] if turned else right.shape)
    # The rows of several matrices, or one row for each feature: `dot(x, expand_dims(w))`.
    if len(shape) == 2 and not turned and not isinstance(left, wide.Wide):
        return weights.multiplied(host, left, right)
    if len(shape) < 1 or left.sizes[-1] != shape[-2 if len(shape) > 1 else 0]:
        raise NotFollowed(f"multiplies {left.sizes[-1]:,} features by a weight of the sizes {right.shape}.")
    sizes = [*left.sizes[:-1], *shape[:-2], *(shape[-1:] if len(shape) > 1 else [])]
    macs = prod(sizes) * left.sizes[-1]
    return weights.held(host, "product", [left], sizes or [1], right, macs)


def _of_two(host: Any, left: KerasTensor, right: KerasTensor, turns: list[bool]) -> KerasTensor:
    rows = [list(side.sizes) for side in (left, right)]
    for sizes, is_turned in zip(rows, turns, strict=True):
        if is_turned:
            sizes[-2:] = sizes[:-3:-1]
    (*outer, height, inner), (*others, depth, width) = rows if all(len(row) > 1 for row in rows) else ([0, 0], [1, 1])
    shared = wide.spread(outer, others)
    if shared is None or inner != depth or wide.parts_of(left) != wide.parts_of(right):
        raise NotFollowed(f"multiplies matrices of the sizes {left.sizes} and {right.sizes}, which do not fit.")
    sizes = [*shared, height, width]
    return wide.made(host, "matmul", [left, right], sizes, parts=wide.parts_of(left), macs=prod(sizes) * inner)


def batch_dot(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """`batch_dot` and the layer Dot: a sum over one axis of each, of one example at a time."""
    values = {**dict(zip(("x", "y", "axes"), given, strict=False)), **named}
    left, right, axes = values.get("x"), values.get("y"), values.get("axes")
    if not isinstance(left, KerasTensor) or not isinstance(right, KerasTensor):
        return Unknown("a product of tensors")
    pair: list[Any] = list(axes) if isinstance(axes, (list, tuple)) else [axes, axes]
    if axes is None:
        pair = [len(left.sizes), len(right.sizes) - 1 or 1]
    if len(pair) != 2 or not all(type(axis) is int for axis in pair):
        raise NotFollowed("multiplies along axes that are not known.")
    places = [axis % (len(side.sizes) + 1) for axis, side in zip(pair, (left, right), strict=True)]
    if 0 in places or left.sizes[places[0] - 1] != right.sizes[places[1] - 1]:
        raise NotFollowed(f"multiplies tensors of {left.sizes} and {right.sizes} along axes that do not fit.")
    rest = [
        [size for place, size in enumerate(side.sizes, 1) if place != axis]
        for side, axis in zip((left, right), places, strict=True)
    ]
    sizes = [*rest[0], *rest[1]]
    return wide.made(host, "dot", [left, right], sizes or [1], macs=prod(sizes) * left.sizes[places[0] - 1])


def einsum(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """`einsum` of one or two tensors, or of a tensor and a weight, whose batch keeps its place before all."""
    equation = named.get("subscripts", named.get("equation", given[0] if given else None))
    terms = [item for item in given[1:] if isinstance(item, (KerasTensor, Array))]
    if not isinstance(equation, str) or "->" not in equation or "." in equation or len(terms) not in (1, 2):
        raise NotFollowed("calls einsum in a way that is not read.")
    left, _, output = equation.replace(" ", "").partition("->")
    letters: dict[str, int] = {}
    batch = ""
    for word, term in zip(left.split(","), terms, strict=True):
        sizes = list(term.shape) if isinstance(term, Array) else term.sizes
        own = word if isinstance(term, Array) else word[1:]
        batch = batch if isinstance(term, Array) else word[:1]
        pairs = zip(own, sizes, strict=False)
        if len(own) != len(sizes) or any(letters.setdefault(letter, size) != size for letter, size in pairs):
            raise NotFollowed(f"calls einsum by '{equation}' with tensors that do not fit.")
    if not output.startswith(batch) or batch in letters or not set(output[1:]) <= letters.keys():
        raise NotFollowed(f"calls einsum by '{equation}', which is not read.")
    made = [letters[letter] for letter in output[1:]] or [1]
    macs = prod(letters.values()) if len(terms) == 2 else 0
    tensors = [term for term in terms if isinstance(term, KerasTensor)]
    held = next((term for term in terms if isinstance(term, Array)), None)
    if held is not None and held.is_learned is not None:
        return weights.held(host, "einsum", tensors, made, held, macs)
    return wide.made(host, "einsum", tensors, made, parts=wide.parts_of(tensors[0]), macs=macs)
