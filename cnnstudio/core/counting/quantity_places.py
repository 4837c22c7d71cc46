"""The places and order in which quantities are shown: those that come first are named here, the others follow as
declared.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from cnnstudio.core.counting.quantities import QUANTITIES
from cnnstudio.core.counting.quantity import Place, Quantity

SUMMED: Final = tuple(quantity for quantity in QUANTITIES if quantity.adds_up and quantity.has_working)
"""The quantities explained for a block and for a network: the sums that come together from named layers."""

COUNTED: Final = tuple(quantity for quantity in SUMMED if quantity.spread is None)
"""Those that a layer has by itself: a network is counted where they are known."""


def _in_order(found: Iterable[Quantity], *first: str) -> tuple[Quantity, ...]:
    """These quantities, those with the keys `first` before the others, which stay as they are declared."""
    places = {key: place for place, key in enumerate(first)}
    return tuple(sorted(found, key=lambda quantity: places.get(quantity.key, len(first))))


_MEMORY_LAST: Final = ("parameters", "state", "macs", "flops", "parameter_bytes")
_FIRST: Final[dict[Place, tuple[str, ...]]] = {
    "table": ("output", "parameters", "share", "macs"),
    "chart": ("parameters", "weights", "biases", "macs", "activation_bytes"),
    "data_totals": ("parameters",),
    "compared_totals": ("layers", "parameters", "weights", "biases", "trainable", "non_trainable"),
    "comparison_window": ("layers", "parameters"),
    "inspector": ("layers", *_MEMORY_LAST),
}
"""The keys that come first in a place."""


@cache
def placed(place: Place) -> tuple[Quantity, ...]:
    """The quantities shown in a place, in order."""
    return _in_order((quantity for quantity in QUANTITIES if place in quantity.places), *_FIRST.get(place, ()))


IN_LINES: Final = _in_order((quantity for quantity in QUANTITIES if quantity.line), *_MEMORY_LAST)
IN_HEADLINE: Final = _in_order((quantity for quantity in QUANTITIES if quantity.headline), *_MEMORY_LAST)
IN_STATUS: Final = _in_order((quantity for quantity in QUANTITIES if quantity.status), *_MEMORY_LAST)
