"""The parts of a bar chart, whoever draws it: the bars, their scale, and the texts on them."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Final

from msgspec import Struct

from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.network.design import Block, ItemPath

METRICS: Final[dict[str, str]] = {quantity.key: quantity.title for quantity in placed("chart")}
"""The titles of what bars can show, by its key."""


class Bar(Struct, frozen=True, gc=False):
    """One bar: a layer, or a block with what it holds.

    `value` is None where it is unknown, which `unknown` says in words, and `share` where the whole is. `within` is
    what a quieter text in front of the label says: where a layer lies. `times` tells of how many alike passes this
    is one. A block has its value by family in `parts`; one that `is_sum` stands above the bars that it sums up.
    `owner` is the place of what it shares its weights with.
    """

    path: ItemPath
    label: str
    family: str
    value: int | None
    share: float | None
    depth: int = 0
    within: str = ""
    times: int = 1
    parts: tuple[tuple[str, int], ...] = ()
    is_sum: bool = False
    owner: str = ""
    unknown: str = UNKNOWN

    @property
    def is_block(self) -> bool:
        """True if it stands for a block."""
        return self.family == Block.family

    @property
    def leading_family(self) -> str:
        """The family that most of the value belongs to."""
        return max(self.parts, key=lambda part: part[1])[0] if self.parts else self.family


def value_text(value: int | None, metric: str) -> str:
    """`8,393,728` or `1.162 MB`; `unknown` for None."""
    return QUANTITY[metric].unit.full(value)


def short_text(value: int | None, metric: str) -> str:
    """`8.394 M`, where there is little room."""
    return QUANTITY[metric].unit.short(value)


def share_text(share: float | None) -> str:
    """`71.8 %`; `unknown` for None."""
    return UNKNOWN if share is None else f"{100 * share:.1f} %"


def end_text(bar: Bar, metric: str) -> str:
    """The text at the end of a bar: `8,393,728 · 71.8 %`, with a Σ where other bars are its parts."""
    if bar.value is None:
        return bar.unknown
    if bar.owner and bar.value == 0:
        return f"shared with {bar.owner}"
    if not bar.value or bar.share is None:
        return value_text(bar.value, metric)
    text = f"{value_text(bar.value, metric)} · {share_text(bar.share)}"
    return f"Σ {text}" if bar.is_sum else text


def position(value: int, *, is_log: bool) -> float:
    """The position of a value on the axis. On a logarithmic one 0 and 1 both lie at its start."""
    return log10(max(value, 1)) if is_log else float(value)


def top_position(bars: tuple[Bar, ...], *, is_log: bool) -> float:
    """The position of the longest bar, at least 1."""
    longest = max((bar.value for bar in bars if bar.value), default=0)
    return max(1.0, position(longest, is_log=is_log))


def ticks(top: float, metric: str, *, is_log: bool, most: int) -> tuple[tuple[float, str], ...]:
    """At most `most` round places from 0 to `top`, and their texts."""
    step = _log_step(top, most) if is_log else _linear_step(top, most)
    places = [step * i for i in range(floor(top / step + 1e-9) + 1)]
    values = [10 ** round(place) if is_log else round(place) for place in places]
    return tuple((place, _trimmed(short_text(value, metric))) for place, value in zip(places, values, strict=True))


def _log_step(top: float, most: int) -> float:
    """A whole number of powers of ten, small enough for a second tick."""
    return float(max(1, min(ceil(top / max(1, most - 1)), floor(top))))


def _linear_step(top: float, most: int) -> float:
    """The smallest of 1, 2, 5, 10, ... with which few enough steps reach the top, and no larger than the top itself.

    A count has no smaller step than 1.
    """
    rough = max(1.0, top / max(1, most - 1))
    decade = 10.0 ** floor(log10(rough) + 1e-12)
    steps = [decade * factor for factor in (0.5, 1, 2, 5, 10)]
    step = next(step for step in steps if step >= rough * (1 - 1e-9))
    return step if step <= top else max(1.0, max(fitting for fitting in steps if fitting <= top))


def _trimmed(text: str) -> str:
    """`2 M` for `2.000 M`."""
    number, space, unit = text.partition(" ")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return number + space + unit
