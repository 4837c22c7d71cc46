"""Sensitivity: by how much a budgeted number falls if one width, depth or size of the design does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Final, Literal

from msgspec import Struct, structs

from cnnstudio.core.budgets.condition import MEMORY, Condition
from cnnstudio.core.budgets.measuring import span_of
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.reuse import items_in
from cnnstudio.core.edits import EditError
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.network.design import Block, Design, ItemPath, find, path_text
from cnnstudio.core.scaling.scaling import (
    USUAL_MULTIPLE,
    Scaling,
    input_sizes,
    new_errors,
    repeatable,
    scale,
    scaled_channels,
    set_width,
)
from cnnstudio.core.scaling.widths import Width, widths_of

STEP: Final = Fraction(7, 8)
"""The factor by which widths and sizes are tried: small, and yet some steps of rounding."""
MAX_ITEMS_COUNTED: Final = 250_000
"""Layers and connections that are counted in all tries together. Of a larger network not everything is tried."""
MAX_ITEMS_MEASURED: Final = 25_000
"""The same where each try takes an estimate of memory."""
Kind = Literal["width", "depth", "size"]


class Sensitivity(Struct, frozen=True):
    """A number that can be made smaller, and what the budgeted one is then.

    `items` are the layers or blocks that it is of; `old` and `new` are the number itself, `before` and `after` what is
    budgeted.
    """

    kind: Kind
    items: tuple[ItemPath, ...]
    old: int
    new: int
    before: int
    after: int

    @property
    def value(self) -> float:
        """The share by which the budgeted number falls for each share of this one: 2 where it falls with its square."""
        return (1 - self.after / self.before) / (1 - self.new / self.old) if self.before else 0.0

    @property
    def working(self) -> str:
        """`(1 − 900 / 1,000) / (1 − 7 / 8) = 0.80`."""
        return f"(1 − {self.after:,} / {self.before:,}) / (1 − {self.new:,} / {self.old:,}) = {self.value:.2f}"

    @property
    def name(self) -> str:
        """`channels of conv1 and 3 more`, `repeats of stage2`, `size of image`."""
        what = {"width": "channels", "depth": "repeats", "size": "size"}[self.kind]
        more = f" and {len(self.items) - 1:,} more" if len(self.items) > 1 else ""
        return f"{what} of {path_text(self.items[0])}{more}"


def sensitivities(analysis: Analysis, condition: Condition) -> tuple[Sensitivity, ...]:
    """The widths, depths and sizes that a number depends on, the strongest first; ValueError for too many layers.

    Each width, depth and size is made a little smaller by itself, and everything counted again; of a network too large
    for that those that take most, see `untried`. Where a layer could not be counted then, it is left out.
    """
    before = span_of(condition, analysis).low
    found: list[Sensitivity] = []
    for kind, items, old, new, make in _chosen(analysis, condition):
        smaller = analyze(make(), analysis.convention, analysis)
        # A layer that cannot be counted any more adds nothing to the sum, and would pass for one that was saved.
        if not new_errors(analysis, smaller) and _uncounted(smaller) <= _uncounted(analysis):
            found.append(Sensitivity(kind, items, old, new, before, span_of(condition, smaller).low))
    return tuple(sorted([item for item in found if item.after != item.before], key=lambda item: -item.value))


def untried(analysis: Analysis, condition: Condition) -> int:
    """The widths, depths and sizes that are not tried, as the network is too large."""
    return max(0, len(list(_tries(analysis))) - _most(analysis, condition))


def _most(analysis: Analysis, condition: Condition) -> int:
    if condition.key == MEMORY:
        # Memory is that of every repeat, however alike they are.
        return max(1, MAX_ITEMS_MEASURED // max(1, analysis.totals.layers))
    return max(1, MAX_ITEMS_COUNTED // max(1, items_in(analysis.entries)))


def _chosen(analysis: Analysis, condition: Condition) -> list[_Try]:
    """The tries: all there are, or those of what takes most."""
    tries, most = list(_tries(analysis)), _most(analysis, condition)
    if len(tries) <= most:
        return tries
    quantity = QUANTITY["parameters" if condition.key == MEMORY else condition.key]
    taken: dict[str, int] = {}
    for entry in walk_entries(analysis.entries):
        taken[entry.place] = taken.get(entry.place, 0) + (quantity.value(entry, analysis) or 0)
    return sorted(tries, key=lambda tried: -sum(taken.get(path_text(path), 0) for path in tried[1]))[:most]


def _uncounted(analysis: Analysis) -> int:
    """The layers of which something is not known: of a repeated one, each time that it is passed."""
    totals = analysis.totals
    return totals.uncounted + totals.unsized + totals.unknown_macs


_Try = tuple[Kind, tuple[ItemPath, ...], int, int, Callable[[], Design]]


def _tries(analysis: Analysis) -> Iterator[_Try]:
    design = analysis.design
    for width in widths_of(analysis):
        smaller = _smaller(width)
        if smaller:
            yield "width", width.owners, width.channels, smaller, partial(set_width, design, width, smaller)
    for path in repeatable(analysis):
        block = find(design, path)
        if isinstance(block, Block) and block.repeat > 1:
            shorter = structs.replace(block, repeat=block.repeat - 1)
            yield "depth", (path,), block.repeat, block.repeat - 1, partial(with_items, design, {path: shorter})
    yield from _smaller_inputs(analysis)


def _smaller(width: Width) -> int:
    """The next legal number of channels that is about a step less; 0 where there is none, or it has to stay."""
    if width.reason:
        return 0
    smaller = scaled_channels(width, STEP, USUAL_MULTIPLE)
    return smaller if smaller < width.channels else max(0, width.channels - width.multiple)


def _smaller_inputs(analysis: Analysis) -> Iterator[_Try]:
    sizes = input_sizes(analysis.design)
    if not sizes:
        return
    try:
        design = scale(analysis, Scaling(resolution=STEP)).design
    except EditError:
        # Where a smaller input does not suit the layers there is nothing to gain from one.
        return
    path = next(iter(sizes))
    old, new = sizes[path], input_sizes(design)[path]
    if new < old:
        yield "size", tuple(sizes), old, new, lambda: design
