"""Verdicts: the rows that were compared, and every number that differs."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from cnnstudio.core.counting.analysis import Analysis

QUANTITIES = ("output shape", "parameters", "trainable", "state", "MACs")
"""The quantities that are compared, by their names in a verdict."""


class Difference(Struct, frozen=True):
    """A number that the framework gives otherwise; None where it gives nothing though it should."""

    path: str
    quantity: str
    design: Any
    framework: Any


class Verdict(Struct, frozen=True):
    """The comparison of a design with a framework. `compared` says how many rows were, for each quantity."""

    design: str
    framework: str
    version: str
    layers: int
    compared: dict[str, int]
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        """True if nothing differs."""
        return not self.differences

    def to_record(self) -> dict[str, Any]:
        """The verdict in plain values, for JSON."""
        return {
            "design": self.design,
            "framework": self.framework,
            "version": self.version,
            "equal": self.is_equal,
            "layers": self.layers,
            "compared": self.compared,
            "differences": [
                {"path": item.path, "quantity": item.quantity, "design": item.design, "framework": item.framework}
                for item in self.differences
            ],
        }


class Comparing:
    """A verdict as it grows."""

    def __init__(self, analysis: Analysis, framework: str, version: str) -> None:
        self._analysis, self._framework, self._version = analysis, framework, version
        self._compared = dict.fromkeys(QUANTITIES, 0)
        self._differences: list[Difference] = []

    def compare(self, path: str, quantity: str, design: Any, framework: Any) -> None:
        """Compares one number."""
        self._compared[quantity] += 1
        if design != framework:
            self._differences.append(Difference(path, quantity, design, framework))

    def verdict(self) -> Verdict:
        """All that was found."""
        return Verdict(
            self._analysis.design.name,
            self._framework,
            self._version,
            len(self._analysis.rows),
            {quantity: count for quantity, count in self._compared.items() if count},
            tuple(self._differences),
        )
