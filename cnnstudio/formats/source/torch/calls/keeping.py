"""Functions that keep the shape of a tensor, and have neither weights nor products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch.calls.adding import Extremes, add_layer, bound, tensor_of
from cnnstudio.formats.source.torch.tensors import Tensor
from cnnstudio.formats.source.torch.trace import Trace
from cnnstudio.layers.tensors.functions import Function

_MASKED = ("masked_fill", "index_fill", "nan_to_num", "masked_scatter")
_KEEPING = (
    *("roll", "flip", "fliplr", "flipud", "tan", "atan", "trunc"),
    *("cumsum", "cumprod", "log1p", "expm1", "log2", "log10", "triu", "tril", "logit", "frac", "sinh", "cosh"),
    *("gumbel_softmax", "softmin", "hardshrink", "softshrink", "tanhshrink", "threshold", "rrelu", "remainder"),
)


def unchanged(_trace: Trace, given: list[Any], _named: dict[str, Any]) -> Any:
    """masked_fill and its like, which put other numbers into a tensor here and there."""
    return tensor_of(given, "masked_fill")


def moved(name: str) -> Any:
    """A function that keeps the shape, has neither weights nor products, and is known by its name."""

    def made(trace: Trace, given: list[Any], _named: dict[str, Any]) -> Any:
        source = tensor_of(given, name)
        try:
            return add_layer(trace, Function(function=name), source, name)
        except NotFollowed:
            # Cut into windows or heads, a tensor waits for a shape that a design can say.
            return source

    return made


def largest(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """topk: the largest elements along an axis, and their places."""
    values = bound("input k dim", given, named)
    source, count, axis = tensor_of([values.get("input")], "topk"), values.get("k"), values.get("dim", -1)
    sizes = source.sizes
    if type(count) is not int or type(axis) is not int or not axis % len(sizes) > 0 or len(sizes) < 2:
        raise NotFollowed("calls topk with a number or an axis that is not known.")
    sizes[axis % len(sizes)] = count
    layer = Function(function=f"topk {count}", channels=sizes[1], size=tuple(sizes[2:]) or None)
    return Extremes((add_layer(trace, layer, source, "topk"), Unknown(f"the places of topk in line {trace.line}")))


def chosen(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """where: an element of one tensor or of another."""
    values = bound("condition input other", given, named)
    parts = [values.get("input", values.get("self")), values.get("other")]
    tensors = [item for item in parts if isinstance(item, Tensor)]
    if len(tensors) == 2 and tensors[0].sizes == tensors[1].sizes:
        return add_layer(trace, Function(function="where"), tensors[0], "where", tensors[1])
    if len(tensors) == 1:
        return tensors[0]
    return Unknown(f"what where gives in line {trace.line}, of tensors that do not depend on the input")


def put(trace: Trace, given: list[Any], _named: dict[str, Any]) -> Any:
    """A tensor with another one in a part of it."""
    return add_layer(trace, Function(function="put"), tensor_of(given, "put"), "put", given[1])


KEEPING: dict[str, Callable[[Trace, list[Any], dict[str, Any]], Any]] = {
    **dict.fromkeys(_MASKED, unchanged),
    **{name: moved(name) for name in _KEEPING},
    **{f"{name} of noise": moved(f"{name} noise") for name in ("add", "sub", "mul", "div")},
    "normalize along an axis": moved("normalize"),
    "put": put,
    "where": chosen,
    "topk": largest,
}
"""By name."""
