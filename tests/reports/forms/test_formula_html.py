"""Formulas as HTML say the same as the plain ones, with subscripts and brackets, and of any length."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.arithmetic.derivation import (
    ceil_divide,
    exact_divide,
    formula,
    maximum,
    product,
    substitution,
    symbol,
    total,
)
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.working import workings
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.reports.forms.formula_html import MAX_TERMS, NO_BREAK, formula_html, substitution_html, symbol_html
from tests import hostile

K, C, N = symbol("K_h", 5), symbol("C", 3), symbol("N", 8)


def plain(html: str) -> str:
    """The HTML as `core.derivation` writes it without tags."""
    text = re.sub(r"<sub>(.*?)</sub>", lambda found: "_" + found[1].replace(", ", "_"), html)
    text = unescape(re.sub(r"<[^>]*>", "", text))
    return (
        text.replace(NO_BREAK, " ").replace("⌊ ", "floor(").replace("⌈ ", "ceil(").replace(" ⌋", ")").replace(" ⌉", ")")
    )


def test_letters_are_italic_words_upright_and_indices_below() -> None:
    assert symbol_html("K_h") == "<i>K</i><sub><i>h</i></sub>"
    assert symbol_html("P_h_begin") == "<i>P</i><sub>h, begin</sub>"
    assert symbol_html("MACs") == "MACs"


def test_parentheses_stand_where_they_are_needed() -> None:
    assert plain(formula_html((K * C + 1) * N)) == "(K_h · C + 1) · N"
    assert substitution_html((K * C + 1) * N) == "(5 × 3 + 1) × 8"


def test_rounding_has_its_brackets() -> None:
    assert plain(formula_html((K - C) // N)) == "floor((K_h − C) / N)"
    assert substitution_html((K - C) // N) == f"⌊{NO_BREAK}(5 − 3) / 8{NO_BREAK}⌋"
    assert substitution_html(ceil_divide(K, C)) == f"⌈{NO_BREAK}5 / 3{NO_BREAK}⌉"


def test_what_is_taken_away_keeps_its_parentheses() -> None:
    assert substitution_html(K - (C - N)) == "5 − (3 − 8)"
    assert substitution_html(K - (C + N)) == "5 − (3 + 8)"
    assert substitution_html(K + (C - N)) == "5 + 3 − 8"


@pytest.mark.parametrize("name", list(builtin_paths()))
def test_every_working_says_the_same_as_the_plain_text(name: str) -> None:
    rows = {row.layer.type_name: row for row in analyze(open_design(name).design).rows}
    for row in rows.values():
        for working in workings(row):
            if working.number is not None:
                assert plain(formula_html(working.number)) == formula(working.number)
                assert plain(substitution_html(working.number)) == substitution(working.number)


integers = st.integers(-9, 9999).map(lambda value: symbol("x", value)) | st.integers(-9, 99)
expressions = st.recursive(
    integers,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, inner).map(lambda pair: maximum(*pair)),
        st.tuples(inner, st.integers(1, 9)).map(lambda pair: pair[0] // pair[1]),
        st.tuples(inner, st.integers(1, 9)).map(lambda pair: exact_divide(pair[0] * pair[1], pair[1])),
    ),
    max_leaves=10,
)


@given(expressions)
def test_any_expression_says_the_same_as_the_plain_text(number: int) -> None:
    assert plain(formula_html(number)) == formula(number)
    assert plain(substitution_html(number)) == substitution(number)


def test_very_long_sums_are_written_in_short_and_without_recursion() -> None:
    number = total([symbol(f"c{i}", i + 1) for i in range(5_000)])
    text = formula_html(number, has_names=True)
    assert text.startswith("c0 + c1 + c2 + ")
    assert text.endswith(" + ⋯ + c4999")
    assert text.count("+") == MAX_TERMS - 1


def test_a_sum_that_is_just_short_enough_is_written_out() -> None:
    number = total([symbol(f"c{i}", i + 1) for i in range(MAX_TERMS)])
    assert formula_html(number, has_names=True) == " + ".join(f"c{i}" for i in range(MAX_TERMS))


def test_very_long_products_need_no_recursion() -> None:
    assert substitution_html(product([symbol("x", 1)] * 5_000)).count("×") == 4_999


@given(hostile.names)
def test_names_of_layers_stay_as_they_are_and_cannot_break_out(name: str) -> None:
    html = formula_html(total([symbol(name, 2), symbol("b_1", 3)]), has_names=True)
    assert "<" not in html
    assert unescape(html) == f"{name} + b_1"
