"""Functions of numpy and torch that make short rows of numbers, of which widths and depths are computed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

from cnnstudio.formats.source.language.core import Core
from cnnstudio.formats.source.language.limits import MAX_LENGTH, Exhausted
from cnnstudio.formats.source.language.values import Unknown
from cnnstudio.formats.source.torch.arrays import Array

Function = Callable[[Core, list[Any], dict[str, Any]], Any]
MAX_KNOWN = 10_000
"""Numbers of a row that are kept; of a longer one only the length is known."""


def _row(numbers: list[Any]) -> Any:
    if not all(isinstance(number, (int, float)) for number in numbers):
        return Unknown("an array of what is not known")
    values = tuple(numbers) if len(numbers) <= MAX_KNOWN else None
    return Array((len(numbers),), values=values, is_float=any(isinstance(number, float) for number in numbers))


def _array(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    value = given[0] if given else None
    if isinstance(value, (Array, int, float, Unknown)):
        return value
    if not isinstance(value, (list, tuple)):
        return Unknown("an array of what is not known")
    if value and isinstance(value[0], (list, tuple)):
        return Array((len(value), len(value[0])))
    if value and isinstance(value[0], Array) and all(isinstance(item, Array) for item in value):
        return Array((len(value), *value[0].shape))
    return _row(list(core.items(value)))


def _spaced(core: Core, given: list[Any], named: dict[str, Any]) -> Any:
    values = {**dict(zip(("start", "stop", "steps"), given, strict=False)), **named}
    first: Any = values.get("start")
    last: Any = values.get("stop", values.get("end"))
    count: Any = values.get("steps", values.get("num", 50))
    if not all(isinstance(number, (int, float)) for number in (first, last, count)):
        return Unknown("an array of what is not known")
    if not 0 < count <= MAX_LENGTH:
        raise Exhausted("makes a list of too many elements.")
    core.budget.spend(int(count))
    step = (last - first) / (count - 1) if count > 1 else 0.0
    return _row([first + step * place for place in range(int(count))])


def _arange(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    if not given or not all(type(number) is int for number in given) or len(given) > 3 or given[2:] == [0]:
        return Unknown("an array of what is not known")
    numbers = range(*given)
    if len(numbers) > MAX_LENGTH:
        raise Exhausted("makes a list of too many elements.")
    core.budget.spend(len(numbers))
    return _row(list(numbers))


def _each(function: Callable[[Any], Any]) -> Function:
    def made(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
        value = given[0] if given else None
        if isinstance(value, (int, float)):
            return function(value)
        if isinstance(value, Array) and value.values is None:
            return Array(value.shape)
        if isinstance(value, (list, tuple, Array)):
            numbers = list(core.items(value))
            return _row([function(number) for number in numbers]) if _are_known(numbers) else Unknown("an array")
        return Unknown("an array of what is not known")

    return made


def _are_known(numbers: list[Any]) -> bool:
    return all(isinstance(number, (int, float)) for number in numbers)


def _whole(function: Callable[[list[Any]], Any]) -> Function:
    def made(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
        value = given[0] if given else None
        if isinstance(value, Array) and value.classes and value.values is None and function in (max, min, _distinct):
            return function(list(range(value.classes)))
        if isinstance(value, (int, float)):
            return value
        if not isinstance(value, (list, tuple, Array)) or (isinstance(value, Array) and value.values is None):
            return Unknown("a number of an array that is not known")
        numbers = list(core.items(value))
        return function(numbers) if numbers and _are_known(numbers) else Unknown("a number of what is not known")

    return made


def _distinct(numbers: list[Any]) -> Any:
    return _row(sorted(set(numbers)))


FUNCTIONS: dict[str, Function] = {
    **dict.fromkeys(("numpy.array", "numpy.asarray", "keras.ops.array", "keras.ops.convert_to_tensor"), _array),
    **dict.fromkeys(("tensorflow.constant", "tensorflow.convert_to_tensor", "keras.backend.constant"), _array),
    **dict.fromkeys(("numpy.linspace", "torch.linspace"), _spaced),
    **dict.fromkeys(("numpy.arange", "torch.arange"), _arange),
    **{f"{library}.round": _each(round) for library in ("numpy", "torch")},
    "numpy.cumsum": _whole(lambda numbers: _row(list(accumulate(numbers)))),
    "numpy.unique": _whole(_distinct),
    **dict.fromkeys(("numpy.max", "numpy.amax"), _whole(max)),
    "numpy.min": _whole(min),
    "numpy.sum": _whole(sum),
}
"""By full name."""
