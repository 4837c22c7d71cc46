"""Numbers in sentences: one of a thing is one."""

from __future__ import annotations

import pytest

from cnnstudio.core.arithmetic.numerals import number_of, signed


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (0, ("layer",), "0 layers"),
        (1, ("layer",), "1 layer"),
        (2_000, ("layer",), "2,000 layers"),
        (1, ("axis", "axes"), "1 axis"),
        (2, ("axis", "axes"), "2 axes"),
    ],
)
def test_things_are_counted_as_people_say_it(number: int, words: tuple[str, ...], text: str) -> None:
    assert number_of(number, *words) == text


def test_a_negative_number_has_the_sign_of_formulas() -> None:
    assert (signed(-1024), signed(0), signed(1_000_000)) == ("−1,024", "0", "1,000,000")
