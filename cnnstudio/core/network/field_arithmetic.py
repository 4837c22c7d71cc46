"""Arithmetic in fields of numbers: `/2` and `*1.5` change what is there, `64*1.5` is worked out.

A key that is pressed makes a number one more or less, twice or half; near it lie the powers of two.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Final

from cnnstudio.core.network.field_text import parse_field
from cnnstudio.core.network.fields import Field

_NUMBER: Final = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_FACTORS: Final = re.compile(rf"\s*[*/×÷·]\s*{_NUMBER}(?:\s*[*/×÷·+−-]\s*{_NUMBER})*\s*")
_TERMS: Final = re.compile(rf"\s*{_NUMBER}(?:\s*[*/×÷·+−-]\s*{_NUMBER})+\s*")
_TOKEN: Final = re.compile(rf"{_NUMBER}|[*/×÷·+−-]")
_MAX_LENGTH: Final = 100
_WHOLE: Final = re.compile(r"[0-9]+")
_MAX_STEP: Final = 0.1


def is_arithmetic(field: Field, text: str) -> bool:
    """True if a text works out a value, or changes the one that is there; `3 × 5` of a window are two sizes."""
    # Exact fractions of a long text of digits grow without bound.
    if len(text) > _MAX_LENGTH or field.kind not in ("integer", "number", "sizes", "padding"):
        return False
    has_one_number = field.kind in ("integer", "number")
    return bool(_FACTORS.fullmatch(text) or (has_one_number and _TERMS.fullmatch(text)))


def worked_out(field: Field, text: str, value: Any) -> Any:
    """The value that the text makes of a field's value, in every number. Raises ValueError with one sentence."""
    if not _FACTORS.fullmatch(text):
        return _stored(field, _result(_TOKEN.findall(text)), text)
    if value is None or isinstance(value, str):
        raise ValueError(f"{field.title} has no number that {text.strip()} could change.")
    return parse_field(field, _changed(field, text, value)) if isinstance(value, tuple) else _one(field, text, value)


def _one(field: Field, text: str, value: Any) -> Any:
    # By its decimal text: Fraction(0.1) itself is 3602879701896397/36028797018963968.
    tokens = [str(Fraction(str(value))) if isinstance(value, float) else str(value), *_TOKEN.findall(text)]
    return _stored(field, _result(tokens), f"{value:,} {text.strip()}")


def _changed(field: Field, text: str, value: tuple[Any, ...]) -> str:
    """A list with each of its numbers changed, as a file writes it."""
    parts = []
    for part in value:
        if isinstance(part, tuple):
            parts.append(_changed(field, text, part))
        else:
            parts.append(_plain(field, _result([str(part), *_TOKEN.findall(text)]), f"{part:,} {text.strip()}"))
    return f"[{', '.join(parts)}]"


def _stored(field: Field, result: Fraction, text: str) -> Any:
    return parse_field(field, _plain(field, result, text))


def _plain(field: Field, result: Fraction, text: str) -> str:
    """The number as digits; ValueError where the field takes whole numbers, and it is none."""
    if result.denominator == 1:
        return str(result.numerator)
    try:
        parse_field(field, "0.5")
    except ValueError:
        raise ValueError(f"{field.title} must be a whole number, and {text.strip()} is {float(result):g}.") from None
    return repr(float(result))


def _result(tokens: list[str]) -> Fraction:
    """The value of numbers and operators by turns, products before sums."""
    # Evaluated by hand and never by `eval`: what is typed or pasted into a field must not be run.
    terms, operator = [Fraction(0)], "+"
    for token in tokens:
        if token in "*/×÷·+−-":
            operator = token
            continue
        number = Fraction(token)
        if operator in "+−-":
            terms.append(number if operator == "+" else -number)
        elif operator in "*×·":
            terms[-1] *= number
        elif not number:
            raise ValueError("Nothing can be divided by 0.")
        else:
            terms[-1] /= number
    return sum(terms, Fraction(0))


def nearby_powers(value: int, lowest: int, highest: int) -> tuple[int, ...]:
    """The powers of two around a number, itself if it is one: (32, 64, 128) for 64, (64, 128) for 100."""
    if value < 1:
        return ()
    below = 1 << (value.bit_length() - 1)
    powers = (below // 2, below, below * 2) if below == value else (below, below * 2)
    return tuple(power for power in powers if max(1, lowest) <= power <= highest)


def bounded(field: Field, value: int) -> int:
    """The number, or the bound of the field that it exceeds."""
    low = value if field.minimum is None else max(value, int(field.minimum))
    return low if field.maximum is None else min(low, int(field.maximum))


def stepped(field: Field, value: int, step: int) -> int:
    """A whole number some steps on, within its bounds."""
    return bounded(field, value + step)


def doubled(field: Field, value: int, *, halve: bool) -> int:
    """Twice the number or half of it, within its bounds."""
    return bounded(field, value // 2 if halve else value * 2)


def stepped_fraction(text: str, step: int) -> str:
    """A number some steps on, by a tenth or by its last decimal: `0.5` to `0.6`, `0.25` to `0.26`."""
    # From the text as it was typed: a float does not know how many decimals somebody means.
    decimals = len(text.partition(".")[2])
    each = min(_MAX_STEP, 10.0**-decimals)
    return f"{float(text) + step * each:.{max(decimals, 1)}f}"


def stepped_at(text: str, cursor: int, step: int, lowest: int) -> str | None:
    """A text with the whole number at the cursor changed: `3 × 5` to `3 × 6`; None if there is none at it."""
    found = next((match for match in _WHOLE.finditer(text) if match.start() <= cursor <= match.end()), None)
    if found is None:
        return None
    number = max(lowest, int(found[0]) + step)
    return f"{text[: found.start()]}{number}{text[found.end() :]}"
