"""The next value when a key is pressed in a number: one more or less, twice or half, the powers of two near it."""

from __future__ import annotations

import re

from cnnstudio.core.network.fields import Field

_WHOLE = re.compile(r"[0-9]+")
_MAX_STEP = 0.1


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
