"""Reads a printed expression back and computes it, by arithmetic of its own."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from cnnstudio.core.arithmetic.derivation import Derived

_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., Fraction | int]] = {"floor": math.floor, "ceil": math.ceil, "max": max, "min": min}


def symbols_of(number: int) -> dict[str, int]:
    """The named integers of an expression; AssertionError where one name means two of them."""
    if not isinstance(number, Derived):
        return {}
    if not number.operator:
        return {number.name: int(number)}
    symbols: dict[str, int] = {}
    for operand in number.operands:
        for name, value in symbols_of(operand).items():
            assert symbols.setdefault(name, value) == value, f"{name} means {symbols[name]} and {value}"
    return symbols


def value_of_text(text: str, symbols: dict[str, int] | None = None) -> Fraction:
    """The value of a printed formula or substitution: × and · multiply, / divides exactly, 1,000 is a thousand."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    for printed, python in (("×", "*"), ("·", "*"), ("−", "-")):
        plain = plain.replace(printed, python)
    return _value(ast.parse(plain, mode="eval").body, symbols or {})


def _value(node: ast.expr, symbols: dict[str, int]) -> Fraction:
    match node:
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.Name(id=name):
            return Fraction(symbols[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, symbols)
        case ast.BinOp(left=left, op=operation, right=right):
            return _OPERATIONS[type(operation)](_value(left, symbols), _value(right, symbols))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return Fraction(_FUNCTIONS[name](*(_value(argument, symbols) for argument in arguments)))
        case _:
            raise ValueError(f"{ast.unparse(node)} is not printed by the studio")


def value_of_latex(text: str) -> Fraction:
    """The value of a substitution in LaTeX."""
    plain = text.replace("{,}", "").replace(r"\times", "*").replace(r"\max", "max").replace(r"\min", "min")
    plain = plain.replace(r"\left(", "(").replace(r"\right)", ")")
    for side, function in (("floor", "floor"), ("ceil", "ceil")):
        plain = plain.replace(rf"\left\l{side}", f"{function}(").replace(rf"\right\r{side}", ")")
    return _value(ast.parse(_without_fractions(plain).strip(), mode="eval").body, {})


def _without_fractions(text: str) -> str:
    """`\\frac{a}{b}` as `((a)/(b))`, also inside one another."""
    before, found, after = text.partition(r"\frac{")
    if not found:
        return text
    above, rest = _braced(after)
    below, rest = _braced(rest.removeprefix("{"))
    inside = f"(({_without_fractions(above)})/({_without_fractions(below)}))"
    return before + inside + _without_fractions(rest)


def _braced(text: str) -> tuple[str, str]:
    """Splits a text at the brace that closes."""
    depth = 1
    for place, letter in enumerate(text):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if not depth:
            return text[:place], text[place + 1 :]
    raise ValueError(f"a brace is not closed in {text}")
