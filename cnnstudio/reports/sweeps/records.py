"""The rows of a sweep as plain values: what was varied, every quantity, problems."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from msgspec import Struct

from cnnstudio.core.counting.units import shape_list
from cnnstudio.core.network.problem import Problem
from cnnstudio.core.sweeps.conditions import Aim, pareto_front
from cnnstudio.core.sweeps.plan import quantities_of
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import VariantRow

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")


class Listing(Struct, frozen=True):
    """The rows of a sweep that are written: all but those that surely break a condition.

    `best` are the numbers of those that nothing beats in what `aims` want.
    """

    space: Space
    rows: Iterable[VariantRow]
    aims: tuple[Aim, ...] = ()
    best: Collection[int] = ()

    def __iter__(self) -> Iterator[VariantRow]:
        return (row for row in self.rows if row.meets is not False)

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        varied = [axis.title for axis in self.space.axes]
        asked = ["meets"] * bool(self.space.conditions) + ["best"] * bool(self.aims)
        sums = [quantity.key for quantity in quantities_of(self.space)]
        return ["variant", *varied, *sums, "output", *asked, "errors", "warnings", "problems"]

    def values(self, row: VariantRow) -> list[Any]:
        """The values of a row in the order of the header; None where something is unknown."""
        errors = sum(problem.severity == "error" for problem in row.problems)
        asked = [row.meets] * bool(self.space.conditions) + [row.variant in self.best] * bool(self.aims)
        return [
            row.variant + 1,
            *varied_values(self.space, row),
            *[row.exact(quantity) for quantity in quantities_of(self.space)],
            shape_list(row.counted.output),
            *asked,
            errors,
            len(row.problems) - errors,
            "; ".join(map(str, row.problems)),
        ]


def varied_values(space: Space, row: VariantRow) -> list[int | float | str]:
    """The values that a variant was given, numbers as numbers."""
    return [plain(text) for text in space.values(space.picks(row.variant))]


def plain(text: str) -> int | float | str:
    """A number that was typed, or the text."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def best_of(rows: Iterable[VariantRow], aims: tuple[Aim, ...]) -> set[int]:
    """The variants that no other beats: none is as good in all that is wanted, and better in something.

    Those with errors, and those that may break a condition, are no candidates.
    """
    points: list[tuple[int, list[int]]] = []
    for row in rows:
        if row.meets and not row.has_errors:
            numbers = [(aim, row.exact(aim.quantity)) for aim in aims]
            known = [aim.cost(number) for aim, number in numbers if number is not None]
            if len(known) == len(numbers):
                points.append((row.variant, known))
    return pareto_front(points)


def problem_record(problem: Problem) -> dict[str, str]:
    """A problem as JSON has it."""
    return {
        "severity": problem.severity,
        "path": problem.path,
        "sentence": problem.sentence,
        "remedy": problem.remedy,
    }
