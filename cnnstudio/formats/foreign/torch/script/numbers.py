"""The arithmetic of TorchScript on plain numbers and lists, by the names that its code calls."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

MAX_LIST = 100_000
MAX_MAGNITUDE = 1 << 62


def bounded(value: Any) -> Any:
    """The value; ValueError if it is a number or list beyond all bounds."""
    if isinstance(value, (list, tuple, str)) and len(value) > MAX_LIST:
        raise ValueError("a list that is too long")
    if isinstance(value, int) and abs(value) > MAX_MAGNITUDE:
        raise ValueError("a number that is too large")
    return value


def _power(left: Any, right: Any) -> Any:
    if abs(right) > 64 or abs(left) > 1 << 20:
        raise ValueError("a power that is too large")
    return left**right


def _times(left: Any, right: Any) -> Any:
    # Before it is made: `[0] * 10 ** 12` would fill the memory in one step.
    if isinstance(left, list) and len(left) * right > MAX_LIST:
        raise ValueError("a list that is too long")
    return left * right


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": _times,
    "div": operator.truediv,
    "floordiv": operator.floordiv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "pow": _power,
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "gt": operator.gt,
    "le": operator.le,
    "ge": operator.ge,
    "neg": operator.neg,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "len": len,
    "__is__": lambda a, b: a is b,
    "__isnot__": lambda a, b: a is not b,
    "__not__": operator.not_,
    "__and__": lambda a, b: a and b,
    "__or__": lambda a, b: a or b,
    "__contains__": lambda items, item: item in items,
    "__getitem__": lambda items, index: items[index],
    "append": lambda items, item: items.append(item),
    "list": list,
    "Int": int,
    "Float": float,
    "Bool": bool,
    # Texts are for messages alone, and a width such as `{:999999999}` would make one of a gigabyte.
    "format": lambda *_parts: "",
    "warn": lambda *_parts: None,
    "max": max,
    "min": min,
    "slice": lambda items, start=None, stop=None, step=1: items[start:stop:step],
    "copy": lambda items: items[:],
}
"""Functions of numbers and lists; of tensors they are operators."""
