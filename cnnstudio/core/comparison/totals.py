"""The totals of several designs, and how they differ; what is not fully known stays a bound or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis

TOTAL_KEYS = (
    "layers",
    "parameters",
    "weights",
    "biases",
    "trainable",
    "non_trainable",
    "state",
    "macs",
    "flops",
    "activations",
    "activation_bytes",
    "parameter_bytes",
)
"""The sums that are compared, in the order of the table."""

Bound = Literal["exact", "at least", "at most", "unknown"]


class Measure(Struct, frozen=True):
    """A number and how well it is known; None for one that is not known, or that there is not, as a ratio to 0."""

    value: int | float | None
    bound: Bound


class ComparedTotal(Struct, frozen=True):
    """One sum over each design. Where `known` is false the value is a lower bound."""

    key: str
    values: tuple[int, ...]
    known: tuple[bool, ...]

    @property
    def differs(self) -> bool:
        """True unless it is known to be the same in every design."""
        return len(set(self.values)) > 1 or not all(self.known)

    def difference(self, design: int) -> Measure:
        """The surplus of the design over the first one."""
        bound = self._bound(design)
        return Measure(None if bound == "unknown" else self.values[design] - self.values[0], bound)

    def ratio(self, design: int) -> Measure:
        """The ratio to the first design."""
        bound, base = self._bound(design), self.values[0]
        if bound == "unknown" or not base:
            return Measure(None, "exact" if bound == "exact" else "unknown")
        return Measure(self.values[design] / base, bound)

    def _bound(self, design: int) -> Bound:
        base, other = self.known[0], self.known[design]
        if base and other:
            return "exact"
        return "at least" if base else "at most" if other else "unknown"


def compared_totals(analyses: Sequence[Analysis]) -> tuple[ComparedTotal, ...]:
    """Every sum of every design."""
    return tuple(_total(key, analyses) for key in TOTAL_KEYS)


def _total(key: str, analyses: Sequence[Analysis]) -> ComparedTotal:
    totals = [analysis.totals for analysis in analyses]
    asks_macs = key in ("macs", "flops")
    known = [key == "layers" or not (total.uncounted or (asks_macs and total.unknown_macs)) for total in totals]
    return ComparedTotal(key, tuple(getattr(total, key) for total in totals), tuple(known))
