"""Functions of torch that give plain values: pairs of sizes, the widths of a weight, and those of a class's own."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, prod
from typing import Any

from cnnstudio.formats.source.language.core import MISSING, Core
from cnnstudio.formats.source.language.values import Class, Function, Native, Unknown
from cnnstudio.formats.source.torch.arrays import Array

Rule = Callable[[Core, list[Any], dict[str, Any]], Any]
AUTOGRAD = "torch.autograd.Function"
_COUNTS = {"_single": 1, "_pair": 2, "_triple": 3, "_quadruple": 4}


def _repeated(count: int) -> Rule:
    def made(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
        value = given[0]
        return tuple(core.items(value)) if isinstance(value, (list, tuple)) else (value,) * count

    return made


def _ntuple(_core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    count = given[0]
    if type(count) is not int or not 0 < count < 10:
        return Unknown("a tuple of so many numbers")
    return Native("parse", lambda more, named: _repeated(count)(_core, more, named))


def _size(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    return given[0].part if isinstance(given[0], Unknown) else tuple(core.items(given[0]))


def _fans(_core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    """The numbers of a filter, and of what each number of the input goes into."""
    shape = given[0].shape if isinstance(given[0], Array) else ()
    if len(shape) < 2:
        return (Unknown("the fan of a weight"),) * 2
    return shape[1] * prod(shape[2:]), shape[0] * prod(shape[2:])


def _fan(core: Core, given: list[Any], named: dict[str, Any]) -> Any:
    mode = given[1] if len(given) > 1 else named.get("mode", "fan_in")
    return _fans(core, given, named)[mode == "fan_out"]


def _grid(_core: Core, given: list[Any], named: dict[str, Any]) -> Any:
    """Tensors of all pairs of places, the second axis before the first where it is asked for."""
    parts = given[0] if len(given) == 1 and isinstance(given[0], (list, tuple)) else given
    if not all(isinstance(item, Array) and len(item.shape) <= 1 for item in parts):
        return Unknown("a grid of what is not known")
    sizes = [item.size for item in parts]
    if named.get("indexing") == "xy":
        sizes[:2] = sizes[1::-1]
    return [Array(tuple(sizes), is_float=False) for _ in parts]


def _divisible(_core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    if not all(isinstance(item, (int, float)) for item in given[:2]) or given[1] == 0:
        return Unknown("a number that is divisible")
    return ceil(given[0] / given[1]) * given[1]


FUNCTIONS: dict[str, Rule] = {
    "torch.meshgrid": _grid,
    "ultralytics.utils.ops.make_divisible": _divisible,
    **{f"torch.nn.{name}": _repeated(count) for name, count in _COUNTS.items()},
    "torch.nn._ntuple": _ntuple,
    "torch.Size": _size,
    "torch.nn.init._calculate_fan_in_and_fan_out": _fans,
    "torch.nn.init._calculate_correct_fan": _fan,
    "torch.nn.init.calculate_gain": lambda _core, _given, _named: Unknown("the gain of an activation"),
}
"""By full name."""


def applied(core: Core, kind: Class, name: str) -> Any:
    """`apply` of a class with a forward and a backward of its own, which is the former; MISSING for another name."""
    if name != "apply" or AUTOGRAD not in kind.foreign:
        return MISSING
    try:
        forward = kind.find("forward")
    except KeyError:
        return MISSING
    if not isinstance(forward, Function):
        return MISSING
    context = Unknown("what a function keeps for its backward")
    return Native(name, lambda given, named: core.call(forward, [context, *given], named))
