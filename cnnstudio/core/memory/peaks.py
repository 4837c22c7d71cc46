"""The peak of a training step as a quantity of a network, which no layer has: for sweeps and comparisons."""

from __future__ import annotations

from typing import Final

from cnnstudio.core.arithmetic.measure import Bound, Measure
from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.units import Unit
from cnnstudio.core.memory.kept import MAX_SPREAD, kept_setting
from cnnstudio.core.memory.model import model_of
from cnnstudio.core.memory.wording import gibibytes
from cnnstudio.core.network.memory_setting import workspace_of


def _bounds(analysis: Analysis) -> tuple[Measure, Measure]:
    """The peak by both estimates, lower bounds where something is unknown."""
    nothing = Measure(0, "at least")
    if analysis.totals.layers > MAX_SPREAD:
        return nothing, nothing
    setting = kept_setting(analysis.design)
    try:
        model = model_of(analysis, setting)
    except ValueError:
        # No layer has known sizes: then all of it is unknown.
        return nothing, nothing
    low, high = model.bounds(setting, workspace_of(setting.card))
    bound: Bound = "at least" if model.unknown else "exact"
    return Measure(low, bound), Measure(high, bound)


def _text(number: int | None) -> str:
    return UNKNOWN if number is None else gibibytes(number)


_GIBIBYTES: Final = Unit("bytes", _text, _text)
_HELP: Final = (
    "bytes that PyTorch holds at the peak of a training step, by the {} estimate, in the setting of the design: batch "
    "32, Adam and fp32 unless it says others"
)
PEAKS: Final = (
    Quantity(
        key="peak_low",
        title="Training peak, low",
        name="low estimate of the training peak",
        help=_HELP.format("low"),
        unit=_GIBIBYTES,
        whole=lambda analysis: _bounds(analysis)[0],
        places=(),
    ),
    Quantity(
        key="peak_high",
        title="Training peak, high",
        name="high estimate of the training peak",
        help=_HELP.format("high"),
        unit=_GIBIBYTES,
        whole=lambda analysis: _bounds(analysis)[1],
        places=(),
    ),
)
"""The bounds between which the peak of a training step lies."""
