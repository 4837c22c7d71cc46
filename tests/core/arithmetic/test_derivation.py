"""Numbers that remember their formula: what they print, and that what they print is what they are."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.arithmetic import derivation
from cnnstudio.core.arithmetic.derivation import (
    Derived,
    Working,
    ceil_divide,
    exact_divide,
    formula,
    latex_formula,
    latex_substitution,
    latex_text,
    maximum,
    minimum,
    plain,
    product,
    substitution,
    symbol,
    total,
)
from tests.core.counting.printed import symbols_of, value_of_latex, value_of_text

SYMBOLS = {"K_h": 5, "C": 3, "N": 8, "S": 2, "P_begin": 1, "W": 1_234_567}
K, C, N, S, P, W = (symbol(name, value) for name, value in SYMBOLS.items())

EXPRESSIONS = [
    ((K * K * C + 1) * N, "(K_h · K_h · C + 1) · N", "(5 × 5 × 3 + 1) × 8", 608),
    (K - (C - N), "K_h − (C − N)", "5 − (3 − 8)", 10),
    (K - C - N, "K_h − C − N", "5 − 3 − 8", -6),
    (K + (C + N), "K_h + C + N", "5 + 3 + 8", 16),
    ((224 - K + 2 * P) // S + 1, "floor((224 − K_h + 2 · P_begin) / S) + 1", "floor((224 − 5 + 2 × 1) / 2) + 1", 111),
    (ceil_divide(K, S), "ceil(K_h / S)", "ceil(5 / 2)", 3),
    (ceil_divide(K * C, S), "ceil((K_h · C) / S)", "ceil((5 × 3) / 2)", 8),
    (exact_divide(N, S) * K, "(N / S) · K_h", "(8 / 2) × 5", 20),
    (K * exact_divide(N, S), "K_h · (N / S)", "5 × (8 / 2)", 20),
    (maximum(K, C, 4), "max(K_h, C, 4)", "max(5, 3, 4)", 5),
    (minimum(K + 1, C), "min(K_h + 1, C)", "min(5 + 1, 3)", 3),
    (W * 1000, "W · 1,000", "1,234,567 × 1,000", 1_234_567_000),
    (K * -2, "K_h · (−2)", "5 × (−2)", -10),
    (10 - K, "10 − K_h", "10 − 5", 5),
    (10 * K + 3, "10 · K_h + 3", "10 × 5 + 3", 53),
    (100 // S, "floor(100 / S)", "floor(100 / 2)", 50),
    (product([K, C, N]), "K_h · C · N", "5 × 3 × 8", 120),
    (total([K, C, 7]), "K_h + C + 7", "5 + 3 + 7", 15),
]


@pytest.mark.parametrize(("number", "formula_text", "substitution_text", "value"), EXPRESSIONS)
def test_an_expression_as_text(number: int, formula_text: str, substitution_text: str, value: int) -> None:
    assert (formula(number), substitution(number), int(number)) == (formula_text, substitution_text, value)


@pytest.mark.parametrize(
    ("number", "formula_text", "substitution_text"),
    [
        ((K * C + 1) * N, r"\left(K_{h} \cdot C + 1\right) \cdot N", r"\left(5 \times 3 + 1\right) \times 8"),
        (
            (K - C) // S + 1,
            r"\left\lfloor \frac{K_{h} - C}{S} \right\rfloor + 1",
            r"\left\lfloor \frac{5 - 3}{2} \right\rfloor + 1",
        ),
        (ceil_divide(K, S), r"\left\lceil \frac{K_{h}}{S} \right\rceil", r"\left\lceil \frac{5}{2} \right\rceil"),
        (exact_divide(N, S), r"\frac{N}{S}", r"\frac{8}{2}"),
        (maximum(K, 1), r"\max(K_{h}, 1)", r"\max(5, 1)"),
        (2 * P, r"2 \cdot P_{\mathrm{begin}}", r"2 \times 1"),
        (W + 1000, r"W + 1{,}000", r"1{,}234{,}567 + 1{,}000"),
        (symbol("MACs", 7) * 2, r"\mathrm{MACs} \cdot 2", r"7 \times 2"),
        (symbol("P_h_end", 3) + 0, r"P_{\mathrm{h, end}} + 0", "3 + 0"),
        (symbol("50 %", 3) + 0, r"\mathrm{50 \%} + 0", "3 + 0"),
    ],
)
def test_an_expression_as_latex(number: int, formula_text: str, substitution_text: str) -> None:
    assert (latex_formula(number), latex_substitution(number)) == (formula_text, substitution_text)


def test_the_example_of_the_module() -> None:
    assert doctest.testmod(derivation) == (0, 3)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 4) -> int:
    """A number built by every operation there is; symbols, bare integers and negative ones at its leaves."""
    if not depth or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from([K, C, N, S, P, W, 0, 1, 7, 1000, -2]))
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    divisor = draw(st.sampled_from([K, C, S, 3, K * S + 1]))
    operations = [
        lambda: left + right,
        lambda: left - right,
        lambda: left * right,
        lambda: left // divisor,
        lambda: ceil_divide(left, divisor),
        lambda: exact_divide(left * divisor, divisor),
        lambda: maximum(left, right, 4),
        lambda: minimum(left, right),
        lambda: total([left, right, 2]),
        lambda: product([left, right, 2]),
    ]
    return draw(st.sampled_from(operations))()


@given(expressions())
def test_the_substitution_says_the_value(number: int) -> None:
    assert value_of_text(substitution(number)) == int(number)


@given(expressions())
def test_the_formula_with_its_symbols_filled_in_says_the_value(number: int) -> None:
    assert value_of_text(formula(number), symbols_of(number)) == int(number)


@given(expressions())
def test_the_substitution_in_latex_says_the_value(number: int) -> None:
    assert value_of_latex(latex_substitution(number)) == int(number)


@given(expressions())
def test_formula_and_substitution_have_the_same_build(number: int) -> None:
    def build(text: str) -> str:
        return "".join(letter for letter in text if letter in "()/+−")

    assert build(formula(number)) == build(substitution(number))


def test_plain_rules_compute_with_bare_integers() -> None:
    kernel, channels = plain("K", 5), plain("C", 3)
    assert [type(n) for n in (kernel * channels + 1, ceil_divide(kernel, 2), maximum(kernel, 1))] == [int] * 3
    assert [type(n) for n in (minimum(kernel), exact_divide(6, channels), total([kernel]), product([]))] == [int] * 4


def test_a_symbol_leaves_its_history_behind() -> None:
    renamed = symbol("O", (K - C) // S + 1)
    assert (formula(renamed), substitution(renamed)) == ("O", "2")


def test_a_derived_number_is_the_integer_that_it_is() -> None:
    number = K * C
    assert isinstance(number, Derived)
    assert (number == 15, hash(number) == hash(15), number > 14, f"{number:,}") == (True, True, True, "15")


def test_nothing_adds_up_to_0_and_multiplies_to_1() -> None:
    assert (total([]), product([])) == (0, 1)


def test_an_exact_division_leaves_no_rest() -> None:
    with pytest.raises(ValueError, match=r"^8 is not a multiple of 3$"):
        exact_divide(N, C)


@pytest.mark.parametrize(
    ("text", "harmless"),
    [("a_b & 50 %", r"a\_b \& 50 \%"), ("{x}^~$#\\", r"\{x\}\textasciicircum{}\textasciitilde{}\$\#\textbackslash{}")],
)
def test_text_that_latex_would_act_on(text: str, harmless: str) -> None:
    assert latex_text(text) == harmless


def test_a_working_prints_formula_substitution_and_value() -> None:
    working = Working("weights", "weights", K * C * N, "a reason")
    assert working.text() == "weights = K_h · C · N = 5 × 3 × 8 = 120  (a reason)"
    assert working.latex() == r"\text{weights} = K_{h} \cdot C \cdot N = 5 \times 3 \times 8 = 120"
    assert working.value == 120


def test_a_working_says_nothing_twice() -> None:
    assert Working("biases", "biases", 0).text() == "biases = 0"
    assert Working("biases", "biases", N).steps() == ("N", "8")
    assert Working("biases", "biases", symbol("8", 8)).latex_steps() == ("8",)


def test_an_unknown_working() -> None:
    working = Working("macs", "MACs", None, "not stated in the design")
    assert working.text() == "MACs = unknown  (not stated in the design)"
    assert (working.value, working.latex_steps()) == (None, (r"\text{unknown}",))
