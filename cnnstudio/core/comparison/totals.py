"""The totals of several designs, and how they differ; what is not fully known stays a bound or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.memory.peaks import PEAKS

COMPARED: Final = (*placed("compared_totals"), *PEAKS)
"""The quantities of designs that stand side by side."""


class ComparedTotal(Struct, frozen=True):
    """The sum of one quantity over each design, a lower bound where it is not fully known."""

    quantity: Quantity
    measures: tuple[Measure, ...]

    @property
    def differs(self) -> bool:
        """True unless it is known to be the same in every design."""
        return len({total.value for total in self.measures}) > 1 or not all(total.is_exact for total in self.measures)

    def difference(self, design: int) -> Measure:
        """The surplus of the design over the first one."""
        return self.measures[design].minus(self.measures[0])

    def ratio(self, design: int) -> Measure:
        """The ratio to the first design."""
        return self.measures[design].over(self.measures[0])


def compared_totals(analyses: Sequence[Analysis]) -> tuple[ComparedTotal, ...]:
    """Every sum of every design, and the peak of its training, each in the setting of its own design."""
    return tuple(
        ComparedTotal(quantity, tuple(quantity.total(analysis) for analysis in analyses)) for quantity in COMPARED
    )
