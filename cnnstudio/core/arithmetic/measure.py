"""A number that may be known in part only, and the one place that puts that into words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, get_args

from msgspec import Struct

from cnnstudio.core.arithmetic.numerals import UNKNOWN

Bound = Literal["exact", "at least", "at most", "unknown"]
BOUNDS: Final[tuple[Bound, ...]] = get_args(Bound)
"""The ways in which a number may be known."""
_WORDS: Final[dict[Bound, str]] = {"exact": "", "at least": "at least ", "at most": "at most ", "unknown": ""}
_SIGNS: Final[dict[Bound, str]] = {"exact": "", "at least": "≥ ", "at most": "≤ ", "unknown": ""}


class Measure(Struct, frozen=True, gc=False):
    """A number and how well it is known: exactly, from below, from above, or not at all.

    `value` is None where the bound is "unknown", and where there is no such number, as for a ratio to 0.
    """

    value: int | float | None
    bound: Bound = "exact"

    @property
    def is_exact(self) -> bool:
        """True if nothing of it is unknown."""
        return self.bound == "exact"

    def text(self, write: Callable[[Any], str]) -> str:
        """`at least 5`, the number as `write` writes it; `unknown` where there is none."""
        return UNKNOWN if self.value is None else bound_words(self.bound) + write(self.value)

    def brief(self, write: Callable[[Any], str]) -> str:
        """`≥ 5`, where there is little room."""
        return UNKNOWN if self.value is None else _SIGNS[self.bound] + write(self.value)

    def minus(self, base: Measure) -> Measure:
        """The surplus over `base`: a bound if one of the two is a lower bound, unknown if both are."""
        bound = self._bound_beside(base)
        if bound == "unknown" or self.value is None or base.value is None:
            return Measure(None, "unknown")
        return Measure(self.value - base.value, bound)

    def over(self, base: Measure) -> Measure:
        """The ratio to `base`, bounded as the difference is; there is no ratio to 0."""
        bound = self._bound_beside(base)
        if bound == "unknown" or self.value is None or not base.value:
            return Measure(None, "exact" if bound == "exact" else "unknown")
        return Measure(self.value / base.value, bound)

    def _bound_beside(self, base: Measure) -> Bound:
        """The bounds of the difference and the ratio of two numbers, each of them exact or a lower bound."""
        if base.is_exact:
            return "exact" if self.is_exact else "at least"
        return "at most" if self.is_exact else "unknown"


def bound_words(bound: Bound) -> str:
    """The words before a number that is a bound: `at least `, with its space; nothing before an exact one."""
    return _WORDS[bound]
