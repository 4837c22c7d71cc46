"""Numbers that remember their formula.

A rule of the engine is written once, as ordinary arithmetic on integers. Called with plain integers it gives the
count; called with `symbol` it gives a `Derived`, which is that same integer and also knows the expression it came
from. So a number and its working come out of one line of code and cannot disagree.

    >>> kernel, channels, filters = symbol("K", 5), symbol("C", 3), symbol("N", 8)
    >>> parameters = (kernel * kernel * channels + 1) * filters
    >>> print(formula(parameters), "=", substitution(parameters), "=", parameters)
    (K · K · C + 1) · N = (5 × 5 × 3 + 1) × 8 = 608
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.numerals import signed

Symbol = Callable[[str, int], int]
"""Names an integer that a rule starts from, or a result it goes on from: `symbol` itself, or `plain`."""

_ADD: Final = "+"
_SUBTRACT: Final = "−"
_MULTIPLY: Final = "·"
_DIVIDE: Final = "/"
_PRECEDENCE: Final = {_ADD: 1, _SUBTRACT: 1, _MULTIPLY: 2, _DIVIDE: 2}
_ATOM: Final = 3


class Derived(int):
    """An integer with the operation it is the result of; `operator` is empty for a named symbol."""

    name: str
    operator: str
    operands: tuple[int, ...]

    def __add__(self, other: int) -> int:
        # int() on both sides, or the addition would call this method again.
        return _apply(_ADD, int(self) + int(other), self, other)

    def __radd__(self, other: int) -> int:
        return _apply(_ADD, int(other) + int(self), other, self)

    def __sub__(self, other: int) -> int:
        return _apply(_SUBTRACT, int(self) - int(other), self, other)

    def __rsub__(self, other: int) -> int:
        return _apply(_SUBTRACT, int(other) - int(self), other, self)

    def __mul__(self, other: int) -> int:
        return _apply(_MULTIPLY, int(self) * int(other), self, other)

    def __rmul__(self, other: int) -> int:
        return _apply(_MULTIPLY, int(other) * int(self), other, self)

    # No `__truediv__` beside it: a rule that made a float would round silently from 2 ** 53 on.
    def __floordiv__(self, other: int) -> int:
        return _apply("floor", int(self) // int(other), self, other)

    def __rfloordiv__(self, other: int) -> int:
        return _apply("floor", int(other) // int(self), other, self)


def _apply(operator: str, value: int, *operands: int) -> Derived:
    result = Derived(value)
    # Set here and not in __init__: int is made by __new__, and one more call for each operation would be felt.
    result.name, result.operator, result.operands = "", operator, operands
    return result


def symbol(name: str, value: int) -> int:
    """`value` under the field's symbol for it, such as `K_h`; what the value itself came from is left behind."""
    result = _apply("", int(value))
    result.name = name
    return result


def plain(_name: str, value: int) -> int:
    """`value` as it is: the rule then computes with bare integers, some ten times as fast."""
    return value


def _is_derived(numbers: Iterable[int]) -> bool:
    # By type and not isinstance: this is asked for every operation of every rule.
    return Derived in map(type, numbers)


def product(factors: Iterable[int]) -> int:
    """The product of the factors, 1 if there are none."""
    return _joined(list(factors), 1, lambda left, right: left * right)


def total(terms: Iterable[int]) -> int:
    """The sum of the terms, 0 if there are none."""
    return _joined(list(terms), 0, lambda left, right: left + right)


def _joined(numbers: list[int], nothing: int, join: Callable[[int, int], int]) -> int:
    """The numbers joined in pairs, so that the expression of a thousand terms is ten levels deep and not a thousand."""
    if not numbers:
        return nothing
    while len(numbers) > 1:
        # Joining from left to right would nest the expression as deep as the list is long, past Python's limit of
        # recursion.
        odd = numbers[-1:] if len(numbers) % 2 else []
        numbers = [join(left, right) for left, right in zip(numbers[::2], numbers[1::2], strict=False)] + odd
    return numbers[0]


def exact_divide(dividend: int, divisor: int) -> int:
    """dividend / divisor where the division is known to leave no rest; ValueError where it does."""
    value, rest = divmod(int(dividend), int(divisor))
    if rest:
        raise ValueError(f"{int(dividend)} is not a multiple of {int(divisor)}")
    return _apply(_DIVIDE, value, dividend, divisor) if _is_derived((dividend, divisor)) else value


def ceil_divide(dividend: int, divisor: int) -> int:
    """dividend / divisor rounded up."""
    value = -(-int(dividend) // int(divisor))
    return _apply("ceil", value, dividend, divisor) if _is_derived((dividend, divisor)) else value


def square(number: int) -> int:
    """The number times itself, written as a power."""
    return _apply("²", int(number) ** 2, number) if _is_derived((number,)) else number * number


def renamed(number: int, name: Callable[[str], str]) -> int:
    """The same expression with other names for its symbols."""
    if not isinstance(number, Derived):
        return number
    result = Derived(int(number))
    result.name, result.operator = name(number.name) if number.name else "", number.operator
    result.operands = tuple(renamed(operand, name) for operand in number.operands)
    return result


def maximum(*numbers: int) -> int:
    """The largest of the numbers."""
    return _apply("max", max(map(int, numbers)), *numbers) if _is_derived(numbers) else max(numbers)


def minimum(*numbers: int) -> int:
    """The smallest of the numbers."""
    return _apply("min", min(map(int, numbers)), *numbers) if _is_derived(numbers) else min(numbers)


class _Notation(Struct, frozen=True):
    """A notation for expressions: with symbols or with numbers, as plain text or as LaTeX."""

    atom: Callable[[int], str]
    times: str
    minus: str
    functions: dict[str, str]
    group: str = "({})"


def _grouped(number: int) -> str:
    return signed(int(number))


def _name(number: int) -> str:
    return symbol_text(number.name) if isinstance(number, Derived) else _grouped(number)


def symbol_text(name: str) -> str:
    """A symbol in plain text: `F₋₁` for `F_-1`."""
    return name.replace("_-1", "₋₁")


def _latex_number(number: int) -> str:
    return f"{int(number):,}".replace(",", "{,}")


def _latex_name(number: int) -> str:
    if not isinstance(number, Derived):
        return _latex_number(number)
    return latex_symbol(number.name)


def latex_symbol(name: str) -> str:
    """A symbol for math mode: its letter, and what follows the first underscore below it."""
    stem, _, index = name.partition("_")
    if len(stem) > 1:
        stem = rf"\mathrm{{{latex_text(stem)}}}"
    if not index:
        return stem
    if len(index) == 1 or index == "-1":
        return f"{stem}_{{{index}}}"
    return rf"{stem}_{{\mathrm{{{latex_text(index.replace('_', ', '))}}}}}"


_LATEX_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def latex_text(text: str) -> str:
    """`text` with every character that LaTeX would act on made harmless."""
    return re.sub(r"[\\{}$&#_%~^]", lambda match: _LATEX_SPECIAL[match[0]], text)


_TEXT_FUNCTIONS: Final = {
    "floor": "floor({} / {})",
    "ceil": "ceil({} / {})",
    "max": "max({})",
    "min": "min({})",
    "²": "{}²",
}
_LATEX_FUNCTIONS: Final = {
    "floor": r"\left\lfloor \frac{{{}}}{{{}}} \right\rfloor",
    "ceil": r"\left\lceil \frac{{{}}}{{{}}} \right\rceil",
    "max": r"\max({})",
    "min": r"\min({})",
    "²": r"{}^{{2}}",
    _DIVIDE: r"\frac{{{}}}{{{}}}",
}
_FORMULA = _Notation(_name, " · ", " − ", _TEXT_FUNCTIONS)
_SUBSTITUTION = _Notation(_grouped, " × ", " − ", _TEXT_FUNCTIONS)
_LATEX_FORMULA = _Notation(_latex_name, r" \cdot ", " - ", _LATEX_FUNCTIONS, r"\left({}\right)")
_LATEX_SUBSTITUTION = _Notation(_latex_number, r" \times ", " - ", _LATEX_FUNCTIONS, r"\left({}\right)")


def _write(number: int, notation: _Notation) -> tuple[str, int]:
    """The expression of `number` as text, and how tightly its outermost operation binds."""
    if not isinstance(number, Derived) or not number.operator:
        atom = notation.atom(number)
        # A negative number binds as a sum does: (−3) · K, not −3 · K.
        return atom, 1 if atom[0] in "-−" else _ATOM
    operator = number.operator
    if operator in notation.functions:
        return _write_function(operator, number.operands, notation), _ATOM
    binding = _PRECEDENCE[operator]
    left, right = number.operands
    # A quotient inside a product keeps its parentheses, so that nobody has to remember an order of evaluation.
    left_needs = 3 if operator == _MULTIPLY and getattr(left, "operator", "") == _DIVIDE else binding
    # a − (b + c) and a / (b · c) need their parentheses, a + (b − c) and a · (b · c) do not.
    right_needs = binding if operator == _ADD else binding + (operator != _MULTIPLY)
    if operator == _MULTIPLY and getattr(right, "operator", "") == _DIVIDE:
        right_needs = _ATOM
    sign = {_MULTIPLY: notation.times, _SUBTRACT: notation.minus}.get(operator, f" {operator} ")
    return _operand(left, left_needs, notation) + sign + _operand(right, right_needs, notation), binding


def _operand(number: int, needs: int, notation: _Notation) -> str:
    text, binding = _write(number, notation)
    return text if binding >= needs else notation.group.format(text)


def _write_function(operator: str, operands: tuple[int, ...], notation: _Notation) -> str:
    template = notation.functions[operator]
    if template.count("{}") == 1:
        return template.format(", ".join(_write(operand, notation)[0] for operand in operands))
    # A fraction bar groups by itself; a slash in plain text needs parentheses.
    needs = 0 if "frac" in template else _ATOM
    return template.format(*(_operand(operand, needs, notation) for operand in operands))


def formula(number: int) -> str:
    """The expression with the field's symbols: `(K_h · K_w · C + 1) · N`."""
    return _write(number, _FORMULA)[0]


def substitution(number: int) -> str:
    """The expression with its numbers in place of the symbols: `(5 × 5 × 3 + 1) × 8`."""
    return _write(number, _SUBSTITUTION)[0]


def latex_formula(number: int, write_name: Callable[[str], str] | None = None) -> str:
    """`formula` as LaTeX, to be set in math mode; `write_name` is for symbols that are names, as of layers."""
    if write_name is None:
        return _write(number, _LATEX_FORMULA)[0]

    def atom(number: int) -> str:
        return write_name(number.name) if isinstance(number, Derived) else _latex_number(number)

    return _write(number, structs.replace(_LATEX_FORMULA, atom=atom))[0]


def latex_substitution(number: int) -> str:
    """`substitution` as LaTeX, to be set in math mode."""
    return _write(number, _LATEX_SUBSTITUTION)[0]


class Working(Struct, frozen=True):
    """One number unfolded: what it is called, how it was computed, and what came out.

    `key` is the quantity (a key of `columns`), `name` its words, `number` the value with its expression, None where
    the value is unknown; `reason` is the sentence for a value that needs words more than a formula. `symbol` stands on
    the left of the formula, as `O_h` does, where there is a usual one.
    """

    key: str
    name: str
    number: int | None
    reason: str = ""
    symbol: str = ""

    @property
    def value(self) -> int | None:
        """The bare integer."""
        return None if self.number is None else int(self.number)

    @property
    def has_formula(self) -> bool:
        """True if there is more to show than the value."""
        return isinstance(self.number, Derived)

    @property
    def is_computed(self) -> bool:
        """True if its formula is more than a symbol: the value follows from others."""
        return isinstance(self.number, Derived) and bool(self.number.operator)

    def steps(self) -> tuple[str, ...]:
        """Formula, substitution and value as plain text, each only where it says something new."""
        if self.number is None:
            return ("unknown",)
        return _distinct(formula(self.number), substitution(self.number), _grouped(self.number))

    def sides(self) -> tuple[str, ...]:
        """`steps` behind the symbol that stands for the number, if there is one."""
        return (symbol_text(self.symbol), *self.steps()) if self.symbol else self.steps()

    def latex_sides(self, write_name: Callable[[str], str] | None = None) -> tuple[str, ...]:
        """`sides` as LaTeX for math mode."""
        steps = self.latex_steps(write_name)
        return (latex_symbol(self.symbol), *steps) if self.symbol else steps

    def latex_steps(self, write_name: Callable[[str], str] | None = None) -> tuple[str, ...]:
        """`steps` as LaTeX for math mode; `write_name` is for symbols that are names, as of layers."""
        if self.number is None:
            return (r"\text{unknown}",)
        number = self.number
        return _distinct(latex_formula(number, write_name), latex_substitution(number), _latex_number(number))

    def text(self) -> str:
        """One line: `weights = K_h · K_w · C · N = 5 × 5 × 3 × 8 = 600`, with the reason behind it."""
        line = " = ".join((self.name, *self.sides()))
        return f"{line}  ({self.reason})" if self.reason else line

    def latex(self) -> str:
        """One line of LaTeX for math mode."""
        return " = ".join((rf"\text{{{latex_text(self.name)}}}", *self.latex_sides()))


def _distinct(*steps: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(steps))
