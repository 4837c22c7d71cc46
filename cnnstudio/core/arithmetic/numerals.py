"""Numbers as people read them: 62378344 as `62,378,344` and `62.4 M`, bytes, shares; and as they type them."""

from __future__ import annotations

UNKNOWN = "unknown"
BY_SIZE = "depends on the input size"
"""The text for what is unknown only because an input of the network has no size."""
UNKNOWNS = (UNKNOWN, BY_SIZE)
_PREFIXES = ((10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


def whole_number(text: str, least: int, most: int) -> int | None:
    """The whole number that a text is, in plain digits; None if it is none, or not from `least` to `most`."""
    # Python reads `１`, `+1` and `1_0` as numbers, too, and takes seconds for a million digits.
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if least <= number <= most else None


def exact(number: int | None) -> str:
    """`62,378,344`; `unknown` for None."""
    return UNKNOWN if number is None else f"{number:,}"


def signed(number: int) -> str:
    """`−1,024`, with the sign that formulas have."""
    return f"{number:,}".replace("-", "−")


def number_of(number: int, singular: str, plural: str = "") -> str:
    """`1 layer`, `2,000 layers`; the plural has an s unless it is given."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def short(number: int | None, digits: int = 4) -> str:
    """`62.38 M`, to the given number of digits; small numbers stay exact."""
    if number is None:
        return UNKNOWN
    for factor, prefix in _PREFIXES:
        if number >= factor:
            return f"{_significant(number / factor, digits)} {prefix}"
    return str(number)


def size_bytes(number: int | None) -> str:
    """`249.5 MB`: decimal units, as disks and torchinfo count; small numbers stay exact."""
    return UNKNOWN if number is None else f"{short(number)}B" if number >= 1000 else f"{number} B"


def share(part: int | None, whole: int) -> str:
    """`60.5 %`; an empty share of nothing is 0."""
    if part is None:
        return UNKNOWN
    return f"{100 * part / whole:.1f} %" if whole else "0.0 %"


def _significant(value: float, digits: int) -> str:
    whole = len(str(int(value)))
    return f"{value:.{max(0, digits - whole)}f}"
