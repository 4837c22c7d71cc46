"""Bounds of the interpreter: steps, depth, sizes and time. Whatever the source says, reading it ends."""

from __future__ import annotations

import time
from typing import Any

from cnnstudio.formats.source.language.values import NotFollowed

MAX_STEPS = 1_000_000
"""Expressions and statements that are followed, and elements that are made."""
MAX_STATEMENT, MAX_LOOP = 250_000, 100_000
"""Steps of one statement of a script, and of one of its loops, which mostly train; after so many it is given up."""
MAX_DEPTH = 60
"""Calls inside each other."""
MAX_LENGTH = 100_000
MAX_TEXT = 1_000_000
MAX_BITS = 512
MAX_EXPONENT = 64
MAX_SECONDS = 20.0
_LOOK_AT_CLOCK = 1024


class Exhausted(NotFollowed):
    """A bound was reached. Nothing that the source says catches it."""


class Budget:
    """The steps and the time that are left to one reading."""

    def __init__(self) -> None:
        self.steps = 0
        self.depth = 0
        self.allowed = MAX_STEPS
        self._next_look = _LOOK_AT_CLOCK
        self._end = time.monotonic() + MAX_SECONDS

    def spend(self, steps: int = 1) -> None:
        """Counts steps. Raises Exhausted beyond the bound."""
        self.steps += steps
        if self.steps > self.allowed:
            raise Exhausted("takes too many steps to follow.")
        if self.steps >= self._next_look:
            self._next_look = self.steps + _LOOK_AT_CLOCK
            if time.monotonic() > self._end:
                raise Exhausted("takes too long to follow.")

    @property
    def is_spent(self) -> bool:
        """True if nothing is left for anything else either."""
        return self.steps > MAX_STEPS or time.monotonic() > self._end

    def allow(self, steps: int) -> int:
        """Allows so many steps from here on; what was allowed before."""
        before = self.allowed
        self.allowed = min(before, self.steps + steps)
        return before

    def enter(self) -> None:
        """Counts a call inside the others. Raises Exhausted beyond the bound."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.depth -= 1
            raise Exhausted(f"calls its functions more than {MAX_DEPTH} deep, and so deep is not followed.")

    def leave(self) -> None:
        """The end of a call."""
        self.depth -= 1


def bounded(value: Any) -> Any:
    """A number or a text, if it is not too large. Raises Exhausted if it is."""
    if type(value) is int and value.bit_length() > MAX_BITS:
        raise Exhausted("makes a number that is too large.")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise Exhausted("makes a text that is too long.")
    if isinstance(value, (list, tuple, dict, set, frozenset)) and len(value) > MAX_LENGTH:
        raise Exhausted(f"makes a list of more than {MAX_LENGTH:,} elements.")
    return value
