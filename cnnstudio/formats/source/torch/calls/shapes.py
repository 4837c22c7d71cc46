"""Functions of tensors that do not depend on the input, such as masks and tables of positions: only shapes count."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.calls.adding import bound

Rule = Callable[[list[Any], dict[str, Any]], Any]
_KEEPING = (
    *("sin", "cos", "tan", "exp", "log", "sqrt", "rsqrt", "abs", "tril", "triu", "softmax", "log_softmax", "relu"),
    *("sigmoid", "tanh", "floor", "ceil", "round", "neg", "roll", "flip", "clamp", "gelu", "silu", "log1p", "expm1"),
    *(
        "masked_fill",
        "cumsum",
        "normalize",
        "dropout",
        "square",
        "reciprocal",
        "sign",
        "erf",
        "nan_to_num",
        "bernoulli",
    ),
    *(
        "zeros_like",
        "ones_like",
        "rand_like",
        "randn_like",
        "empty_like",
        "full_like",
        "logical_not",
        "isnan",
        "softplus",
    ),
)
_JOINING = (
    *("add", "sub", "mul", "div", "pow", "where", "maximum", "minimum", "eq", "ne", "lt", "gt", "le", "ge", "lerp"),
    *(
        "logical_and",
        "logical_or",
        "fmod",
        "remainder",
        "true_divide",
        "floor_divide",
        "multiply",
        "subtract",
        "divide",
    ),
)
_REDUCING = ("sum", "mean", "amax", "amin", "prod", "norm", "std", "var", "any", "all", "argmax", "argmin", "logsumexp")


def joined_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of tensors joined element by element. Raises NotFollowed if they do not fit each other."""
    rank = max(len(shape) for shape in shapes)
    rows = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    sizes = []
    for column in zip(*rows, strict=True):
        wide = {size for size in column if size != 1}
        if len(wide) > 1:
            raise NotFollowed("joins tensors whose shapes do not fit each other.")
        sizes.append(wide.pop() if wide else 1)
    return tuple(sizes)


def _arrays(values: list[Any]) -> list[Array]:
    return [item for item in values if isinstance(item, Array)]


def _like(found: list[Array], shape: tuple[int, ...]) -> Array:
    """A tensor that is made of others, learned if one of them is."""
    learned = [item for item in found if item.is_learned]
    made = Array(shape)
    return made.named(learned[0]) if len(learned) == 1 else made


def _keeping(given: list[Any], named: dict[str, Any]) -> Any:
    found = _arrays([*given, *named.values()])
    return _like(found, found[0].shape)


def _joining(given: list[Any], named: dict[str, Any]) -> Any:
    found = _arrays([*given, *named.values()])
    return _like(found, joined_shape(*(item.shape for item in found)))


def _reducing(given: list[Any], named: dict[str, Any]) -> Any:
    source, kind = given[0], named.pop("kind", "")
    axes = named.get("dim", named.get("axis", given[1] if len(given) > 1 else None))
    if axes is None:
        return Array((), values=_number(kind, source), is_float=source.is_float)
    rank = len(source.shape)
    chosen = [axes] if type(axes) is int else list(axes) if isinstance(axes, (list, tuple)) else []
    if not chosen or not all(type(axis) is int and -rank <= axis < rank for axis in chosen):
        return Unknown("a sum along axes that are not known")
    gone = {axis % rank for axis in chosen}
    keeps = named.get("keepdim", named.get("keepdims", given[2] if len(given) > 2 else False)) is True
    sizes = [1 if place in gone else size for place, size in enumerate(source.shape) if keeps or place not in gone]
    return _like([source], tuple(sizes))


def _reduced(kind: str, given: list[Any], named: dict[str, Any]) -> Any:
    return _reducing(given, {**named, "kind": kind})


def _number(kind: str, source: Array) -> tuple[Any, ...] | None:
    """The number that a function makes of a short row of known ones, such as the sizes of a tensor."""
    functions: dict[str, Callable[[tuple[Any, ...]], Any]] = {"prod": prod, "sum": sum, "amax": max, "amin": min}
    function = functions.get(kind)
    return None if function is None or not source.values else (function(source.values),)


def _product(given: list[Any], _named: dict[str, Any]) -> Any:
    first, second = _arrays(given)[:2]
    if len(first.shape) < 2 or len(second.shape) < 2 or first.shape[-1] != second.shape[-2]:
        return Unknown("a product of tensors that are no matrices")
    return Array((*joined_shape(first.shape[:-2], second.shape[:-2]), first.shape[-2], second.shape[-1]))


def _parts(given: list[Any], named: dict[str, Any]) -> tuple[list[Array], int] | None:
    values = bound("tensors dim", given, {("dim" if key == "axis" else key): item for key, item in named.items()})
    parts, axis = values.get("tensors"), values.get("dim", 0)
    if not isinstance(parts, (list, tuple)) or not parts or type(axis) is not int:
        return None
    found = _arrays(list(parts))
    # Which of several weights a joined tensor is made of, nobody could tell any more.
    is_known = len(found) == len(parts) and not any(item.is_learned for item in found)
    return (found, axis) if is_known else None


def _concatenated(given: list[Any], named: dict[str, Any]) -> Any:
    found = _parts(given, named)
    if found is None:
        return Unknown("tensors that are joined")
    parts, axis = found
    rank = len(parts[0].shape)
    if not -rank <= axis < rank or any(len(item.shape) != rank for item in parts):
        return Unknown("tensors of other axes that are joined")
    sizes = list(parts[0].shape)
    sizes[axis % rank] = sum(item.shape[axis % rank] for item in parts)
    return Array(tuple(sizes))


def _stacked(given: list[Any], named: dict[str, Any]) -> Any:
    found = _parts(given, named)
    if found is None:
        return Unknown("tensors that are stacked")
    parts, axis = found
    sizes = list(parts[0].shape)
    sizes.insert(axis if axis >= 0 else len(sizes) + 1 + axis, len(parts))
    return Array(tuple(sizes))


def _turned(given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("self dim0 dim1", given, named)
    sizes, first, second = list(given[0].shape), values.get("dim0", 0), values.get("dim1", 1)
    rank = len(sizes)
    if not all(type(axis) is int and -rank <= axis < rank for axis in (first, second)):
        return Unknown("a tensor whose axes are exchanged")
    sizes[first], sizes[second] = sizes[second], sizes[first]
    return _like([given[0]], tuple(sizes))


def _squeezed(given: list[Any], named: dict[str, Any]) -> Any:
    sizes = given[0].shape
    axis = named.get("dim", given[1] if len(given) > 1 else None)
    rank = len(sizes)
    if axis is not None and not (type(axis) is int and -rank <= axis < rank):
        return Unknown("a tensor without axes of 1")
    kept = [size for place, size in enumerate(sizes) if size != 1 or (axis is not None and place != axis % rank)]
    return _like([given[0]], tuple(kept))


def _flattened(given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("self start_dim end_dim", given, named)
    sizes = given[0].shape
    rank = len(sizes)
    first, last = values.get("start_dim", 0), values.get("end_dim", -1)
    if not rank or type(first) is not int or type(last) is not int:
        return Unknown("a tensor with its axes put together")
    first, last = first % rank, last % rank
    return _like([given[0]], (*sizes[:first], prod(sizes[first : last + 1]), *sizes[last + 1 :]))


def _unflattened(given: list[Any], named: dict[str, Any]) -> Any:
    values = bound("self dim sizes", given, named)
    shape, axis = given[0].shape, values.get("dim", 0) % len(given[0].shape)
    sizes = list(values["sizes"])
    known = prod(size for size in sizes if size != -1)
    sizes = [shape[axis] // known if size == -1 else size for size in sizes]
    return _like([given[0]], (*shape[:axis], *sizes, *shape[axis + 1 :]))


def _as_other(given: list[Any], _named: dict[str, Any]) -> Any:
    return _like([given[0]], given[1].shape)


def _vector(given: list[Any], _named: dict[str, Any]) -> Any:
    """The product of a matrix and a vector."""
    return Array(given[0].shape[:-1])


def _both(given: list[Any], named: dict[str, Any]) -> Any:
    named = {key: value for key, value in named.items() if key not in ("unbiased", "correction")}
    made = _reducing(given[:2], named)
    return made, made


RULES: dict[str, Rule] = {
    "var_mean": _both,
    "std_mean": _both,
    **dict.fromkeys(("expand_as", "view_as", "reshape_as"), _as_other),
    "mv": _vector,
    "dot": lambda _given, _named: Array(()),
    "new": lambda given, _named: Array(tuple(given[1:])),
    "unflatten": _unflattened,
    **dict.fromkeys(_KEEPING, _keeping),
    **dict.fromkeys(_JOINING, _joining),
    **{name: partial(_reduced, name) for name in _REDUCING},
    **dict.fromkeys(("matmul", "bmm", "mm"), _product),
    **dict.fromkeys(("cat", "concat", "concatenate"), _concatenated),
    "stack": _stacked,
    **dict.fromkeys(("transpose", "swapaxes", "t"), _turned),
    "squeeze": _squeezed,
    "flatten": _flattened,
}
"""By name, without the underscore of those that work in place."""
Array.rules = RULES


def of_arrays(name: str, given: list[Any], named: dict[str, Any]) -> Any:
    """The result of a function of tensors that do not depend on the input; None for one that is not known."""
    rule = RULES.get(name.removesuffix("_"))
    if rule is None or not given:
        return None
    first = given[0][0] if isinstance(given[0], (list, tuple)) and given[0] else given[0]
    if not isinstance(first, Array) and rule is not _joining:
        return None
    try:
        return rule(given, named)
    except (LookupError, ValueError, TypeError, ArithmeticError, AttributeError):
        return None
