"""Formulas as HTML: symbols in italics with real subscripts, ⌊ ⌋ and ⌈ ⌉ for rounding.

Beside the plain and the LaTeX forms in `core.derivation`. It uses only what Qt's rich text shows too. Sums and
products of any length are written without recursion, and very long sums in short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from html import escape
from typing import Final

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.derivation import Derived, Working

Meanings = Mapping[str, str]
"""Words for symbols, by their names."""
MAX_TERMS: Final = 24
"""Terms of a sum beyond which only the first and the last are written."""
NO_BREAK: Final = "\u00a0"
_LEFT_OUT: Final = "⋯"
_SUM: Final = 1
_PRODUCT: Final = 2
_ATOM: Final = 3
_BRACKETS: Final = {"floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")}


class _Style(Struct, frozen=True):
    """A style of expressions: how their leaves are written, their multiplication sign, and fractions.

    `is_stacked`: a fraction is marked by FRACTION and PARTS, for `with_fractions` to set it with a bar; else it is
    written with a slash, as it is inside another fraction.
    """

    atom: Callable[[int], str]
    times: str
    is_stacked: bool = False


FRACTION: Final = "\x01"
"""The sign before and after a fraction that is to be stacked."""
PARTS: Final = "\x02"
"""The sign between its parts: opening bracket, numerator, denominator, closing bracket."""


def formula_html(
    number: int, *, has_names: bool = False, is_stacked: bool = False, meanings: Meanings | None = None
) -> str:
    """The expression with its symbols, to be set in an italic-capable serif font.

    `has_names` says that the symbols are names of layers, which are written as they are, underscores and all. Symbols
    that have a meaning tell it to whoever points at them.
    """
    style = _NAMES if has_names else _Style(partial(_symbol_atom, meanings=meanings or {}), " · ")
    return _write(number, structs.replace(style, is_stacked=is_stacked))[0]


def substitution_html(number: int, *, is_stacked: bool = False) -> str:
    """The expression with numbers in place of the symbols."""
    return _write(number, structs.replace(_NUMBERS, is_stacked=is_stacked))[0]


def unnumbered_html(workings: Iterable[Working], *, is_stacked: bool = False) -> str:
    """The formulas of workings one after the other, each with its left side, without numbers."""
    texts = []
    for each in workings:
        left = left_side_html(each.symbol) or f"{escape(each.name)} = "
        texts.append(left + formula_html(each.number or 0, is_stacked=is_stacked))
    return "; ".join(texts)


def symbols_html(symbols: Iterable[tuple[str, str]]) -> str:
    """`K_h, K_w: kernel size`, set as formulas set them."""
    return "; ".join(f"{', '.join(map(symbol_html, names.split(', ')))}: {escape(words)}" for names, words in symbols)


def with_fractions(html: str, write: Callable[[str, str, str, str], str]) -> str:
    """The marked fractions written by a function of opening bracket, numerator, denominator and closing bracket."""
    parts = html.split(FRACTION)
    parts[1::2] = [write(*fraction.split(PARTS)) for fraction in parts[1::2]]
    return "".join(parts)


def symbol_html(name: str, meaning: str = "") -> str:
    """`K_h` as an italic K with a subscript; words such as `MACs` stay upright, as in LaTeX."""
    if meaning:
        return f'<span title="{escape(meaning)}">{symbol_html(name)}</span>'
    stem, _, index = name.partition("_")
    letter = escape(stem) if len(stem) > 1 else f"<i>{escape(stem)}</i>"
    if not index:
        return letter
    below = escape(index.replace("_", ", ").replace("-", "−"))
    return f"{letter}<sub>{below if len(index) > 1 else f'<i>{below}</i>'}</sub>"


def left_side_html(symbol: str, meaning: str = "") -> str:
    """`O_h = ` before a formula; nothing where there is no symbol for what it gives."""
    return f"{symbol_html(symbol, meaning)} = " if symbol else ""


def number_html(number: int) -> str:
    """`8,393,728`, with a real minus sign."""
    return f"{int(number):,}".replace("-", "−")


def _symbol_atom(number: int, meanings: Meanings) -> str:
    return (
        symbol_html(number.name, meanings.get(number.name, "")) if isinstance(number, Derived) else number_html(number)
    )


def _name_atom(number: int) -> str:
    return escape(number.name) if isinstance(number, Derived) else number_html(number)


_NAMES: Final = _Style(_name_atom, " · ")
_NUMBERS: Final = _Style(number_html, " × ")


def _operator(number: int) -> str:
    return number.operator if isinstance(number, Derived) else ""


def _write(number: int, style: _Style) -> tuple[str, int]:
    """The expression as HTML, and how tightly its outermost operation binds."""
    operator = _operator(number)
    if not isinstance(number, Derived) or not operator:
        # A number below 0 needs parentheses as a factor, where its sign would stand beside the sign of the product.
        is_negative = style.times == _NUMBERS.times or not isinstance(number, Derived)
        return style.atom(number), _SUM if is_negative and number < 0 else _ATOM
    if operator in ("+", "−"):
        return _write_sum(number, style), _SUM
    if operator == "·":
        return _write_product(number, style), _PRODUCT
    if style.is_stacked and operator in ("/", *_BRACKETS):
        return _stacked(number, style), _ATOM
    if operator == "/":
        left, right = (_operand(operand, needs, style) for operand, needs in zip(number.operands, (2, 3), strict=True))
        return f"{left} / {right}", _PRODUCT
    if operator == "²":
        return f"{_operand(number.operands[0], _ATOM, style)}<sup>2</sup>", _ATOM
    if operator in _BRACKETS:
        opening, closing = _BRACKETS[operator]
        left, right = (_operand(operand, _ATOM, style) for operand in number.operands)
        # A bracket alone at the end of a line would be torn from what it rounds.
        return f"{opening}{NO_BREAK}{left} / {right}{NO_BREAK}{closing}", _ATOM
    return f"{operator}({', '.join(_write(operand, style)[0] for operand in number.operands)})", _ATOM


def _stacked(number: Derived, style: _Style) -> str:
    """A marked fraction; a bar groups by itself, so that nothing in it needs parentheses."""
    inner = structs.replace(style, is_stacked=False)
    opening, closing = _BRACKETS.get(number.operator, ("", ""))
    above, below = (_write(operand, inner)[0] for operand in number.operands)
    return f"{FRACTION}{opening}{PARTS}{above}{PARTS}{below}{PARTS}{closing}{FRACTION}"


def _operand(number: int, needs: int, style: _Style) -> str:
    text, binding = _write(number, style)
    return text if binding >= needs else f"({text})"


def _terms(number: Derived) -> list[tuple[str, int]]:
    """The terms of a sum with their signs, however its additions are nested."""
    terms: list[tuple[str, int]] = []
    # A stack of its own, because a sum over many layers is nested more deeply than Python lets functions call
    # themselves.
    stack: list[tuple[str, int]] = [("+", number)]
    while stack:
        sign, term = stack.pop()
        operator = _operator(term)
        # What is subtracted stays whole: taken apart, its own signs would have to turn.
        if isinstance(term, Derived) and sign == "+" and operator in ("+", "−"):
            left, right = term.operands
            stack += [(operator, right), ("+", left)]
        else:
            terms.append((sign, term))
    return terms


def _write_sum(number: Derived, style: _Style) -> str:
    terms = _terms(number)
    parts = [f" {sign} {_operand(term, _SUM if sign == '+' else _PRODUCT, style)}" for sign, term in _kept(terms)]
    if len(parts) < len(terms):
        parts.insert(-1, f" + {_LEFT_OUT}")
    return "".join(parts).removeprefix(" + ")


def _kept(terms: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """All the terms, or the first and the last of very many."""
    return terms if len(terms) <= MAX_TERMS else [*terms[: MAX_TERMS - 2], terms[-1]]


def _factors(number: int) -> list[int]:
    """The factors of a product, in order."""
    factors: list[int] = []
    stack = [number]
    while stack:
        factor = stack.pop()
        if isinstance(factor, Derived) and factor.operator == "·":
            stack += reversed(factor.operands)
        else:
            factors.append(factor)
    return factors


def _write_product(number: Derived, style: _Style) -> str:
    """A quotient inside a product keeps its parentheses, as in the plain text."""
    return style.times.join(
        _operand(factor, _ATOM if _operator(factor) == "/" else _PRODUCT, style) for factor in _factors(number)
    )
