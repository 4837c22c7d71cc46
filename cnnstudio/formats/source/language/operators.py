"""Arithmetic, comparison and indexing of plain values, bounded in what they may make."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.language.limits import MAX_EXPONENT, MAX_LENGTH, MAX_TEXT, Budget, Exhausted, bounded
from cnnstudio.formats.source.language.values import Foreign, Namespace, NotFollowed, Raised, Thing, Unknown, kind_of

PLAIN = (int, float, str, bool, list, tuple, dict, set, frozenset, type(None), complex)
_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
_FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "/": operator.truediv,
    "//": operator.floordiv,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    ">>": operator.rshift,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def sign_of(node: ast.operator) -> str:
    """`+` for the operator of an addition."""
    return _SIGNS[type(node)]


def unknown_among(*values: Any) -> Unknown | None:
    """The first value that is not known, None if all are."""
    return next((value for value in values if isinstance(value, Unknown)), None)


def binary(budget: Budget, sign: str, left: Any, right: Any) -> Any:
    """Two values joined by an operator; NotFollowed if it is not known of them, Raised if Python refuses."""
    if isinstance(left, Thing):
        return left.arithmetic(sign, right, is_left=True)
    if isinstance(right, Thing):
        return right.arithmetic(sign, left, is_left=False)
    lost = unknown_among(left, right)
    if lost is not None:
        return lost
    if not isinstance(left, PLAIN) or not isinstance(right, PLAIN):
        raise NotFollowed(f"applies '{sign}' to {kind_of(left)} and {kind_of(right)}, which is not read.")
    try:
        return _plain(budget, sign, left, right)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise Raised(type(error).__name__, str(error)) from None


def _plain(budget: Budget, sign: str, left: Any, right: Any) -> Any:
    if sign == "*":
        return _product(budget, left, right)
    if sign == "**":
        if isinstance(right, (int, float)) and abs(right) > MAX_EXPONENT and abs(left) not in (0, 1):
            raise Exhausted("raises a number to a power that is too large.")
        return bounded(left**right)
    if sign == "%" and isinstance(left, str):
        return percent(left, right)
    if sign == "%":
        return left % right
    if sign == "<<":
        if right > MAX_EXPONENT:
            raise Exhausted("shifts a number too far.")
        return bounded(left << right)
    if sign not in _FUNCTIONS:
        raise NotFollowed(f"applies '{sign}' to numbers, which is not read.")
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        budget.spend(len(left) + len(right))
    return bounded(_FUNCTIONS[sign](left, right))


def _product(budget: Budget, left: Any, right: Any) -> Any:
    for many, times in ((left, right), (right, left)):
        if isinstance(many, (str, list, tuple)) and isinstance(times, int):
            length = len(many) * max(times, 0)
            if length > (MAX_TEXT if isinstance(many, str) else MAX_LENGTH):
                raise Exhausted("repeats a list or a text too often.")
            budget.spend(length)
            return many * times
    return bounded(left * right)


def percent(text: str, values: Any) -> str:
    """`text % values`, with widths and precisions of at most three digits; NotFollowed for others."""
    given = values if isinstance(values, (tuple, dict)) else (values,)
    parts = list(given.values()) if isinstance(given, dict) else list(given)
    if any(unknown_among(part) or not isinstance(part, (int, float, str, bool, type(None))) for part in parts):
        return text
    _refuse_wide(text)
    return str(bounded(text % given))


def _refuse_wide(text: str) -> None:
    """Refuses a format with a width of more than three digits, or one that stands in an argument."""
    digits = 0
    for sign in text:
        digits = digits + 1 if sign.isdigit() else 0
        if digits > 3:
            raise NotFollowed("formats a number with a width that is too large.")
    if "*" in text:
        raise NotFollowed("formats a number with a width that is computed.")


def formatted(value: Any, spec: str, conversion: int = -1) -> str:
    """A value as an f-string writes it."""
    if not isinstance(value, (int, float, str, bool, type(None))):
        return str(text_of(value))
    _refuse_wide(spec)
    if conversion in (114, 97):
        value = repr(value)
    return str(bounded(format(value, spec)))


def text_of(value: Any) -> str | Unknown:
    """A value as `str` writes it; of what is no plain value a word."""
    if isinstance(value, (str, int, float, bool, type(None))):
        return str(bounded(str(value)))
    return Unknown("a text that is made of an object")


def unary(node: ast.unaryop, value: Any) -> Any:
    """`-x`, `+x`, `~x`."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Thing):
        return value.arithmetic("*", -1, is_left=True) if isinstance(node, ast.USub) else value
    try:
        if isinstance(node, ast.USub):
            return -value
        return ~value if isinstance(node, ast.Invert) else +value
    except TypeError as error:
        raise Raised("TypeError", str(error)) from None


def compare(node: ast.cmpop, left: Any, right: Any) -> Any:
    """One comparison of two values; what is not known stays unknown."""
    if isinstance(node, (ast.Is, ast.IsNot)):
        return _is(left, right, isinstance(node, ast.Is))
    if isinstance(node, (ast.In, ast.NotIn)):
        return _in(left, right, isinstance(node, ast.In))
    lost = unknown_among(left, right)
    if lost is not None:
        return lost
    left, right = (side.plain() if isinstance(side, Thing) else side for side in (left, right))
    function = _COMPARISONS[type(node)]
    if isinstance(left, PLAIN) and isinstance(right, PLAIN):
        try:
            return bool(function(left, right))
        except TypeError as error:
            raise Raised("TypeError", str(error)) from None
    for side, other in ((left, right), (right, left)):
        is_each = isinstance(side, Thing) and side.is_compared and isinstance(other, (int, float, Thing))
        if isinstance(side, Thing) and (is_each or not isinstance(node, (ast.Eq, ast.NotEq))):
            return side.arithmetic("<", other, is_left=side is left)
    if isinstance(node, ast.Eq):
        return left is right or (type(left) is type(right) and left == right)
    if isinstance(node, ast.NotEq):
        return not (left is right or (type(left) is type(right) and left == right))
    raise NotFollowed(f"compares {kind_of(left)} with {kind_of(right)}, which is not read.")


def _is(left: Any, right: Any, is_wanted: bool) -> Any:
    lost = unknown_among(left, right)
    if lost is not None:
        return lost
    # Numbers and texts are compared by value: `x is "same"` means that, and Python keeps one of each small one.
    if isinstance(left, (int, str)) and type(left) is type(right):
        return (left == right) is is_wanted
    return (left is right or (type(left) is type(right) and left == right)) is is_wanted


def _in(left: Any, right: Any, is_wanted: bool) -> Any:
    if isinstance(right, Namespace) and right.is_open:
        right = right.attributes
    lost = unknown_among(left, right)
    if lost is not None:
        return lost
    if isinstance(right, (str, list, tuple, dict, set, frozenset)):
        try:
            return (left in right) is is_wanted
        except TypeError as error:
            raise Raised("TypeError", str(error)) from None
    if isinstance(right, Thing):
        return (left in list(right.items())) is is_wanted
    if isinstance(right, Foreign):
        return Unknown(f"what {right.name} holds")
    raise NotFollowed(f"looks for something in {kind_of(right)}, which is not read.")
