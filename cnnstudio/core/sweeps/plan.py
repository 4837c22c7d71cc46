"""Many variants of one design counted fast: each item of its list once for each setting and each shape that flows in.

What an item comes to depends on its own fields and on what flows into it, and on nothing else. So a variant is a walk
over the list that looks up, for each item, what the analysis made of it before, and adds that up. What is looked up is
the analysis itself: a variant has the very numbers and problems that `analyze` gives for it. Where layers share weights
they depend on each other, and each variant is analyzed as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.arithmetic.receptive_field import AxisField, ReceptiveField, is_uniform
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, Analyst, analyze
from cnnstudio.core.counting.flow import Flow, flow_of, mark_inputs_used
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.counting.remarks import MAX_ANALYZED, idle_items, is_told, unused, useless_bias, useless_biases
from cnnstudio.core.counting.reuse import Reusable
from cnnstudio.core.counting.rows import Entry, Totals, sum_entries
from cnnstudio.core.memory.kept import KEY as KEPT_KEY
from cnnstudio.core.memory.peaks import PEAKS
from cnnstudio.core.network.design import ELEMENT_BYTES, Item, escaped
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.problem import Problem, Remark
from cnnstudio.core.network.sharing import SharedWeights, Sharing, shares_any
from cnnstudio.core.network.wiring import feeds
from cnnstudio.core.sweeps.space import Picks, Space

MAX_REMEMBERED = 100_000
"""Results that a plan keeps, and as many flows; beyond, it begins anew."""

SUMMED = tuple(quantity for quantity in QUANTITIES if quantity.adds_up and quantity.spread is None)
"""The quantities of a variant: all that follow from its items one by one."""
UNKEPT = tuple(quantity for quantity in SUMMED if quantity.kept is None)
"""Quantities of which the totals keep no sum: theirs stand after those of the totals, with what they lack."""

MEASURED = (QUANTITY[KEPT_KEY], *PEAKS)
"""The quantities of memory, which take the whole network and some milliseconds: only of variants asked for them."""

Numbers = tuple[int, ...]
"""The sums of a variant, in the order of `numbers_of`, and after them those of `MEASURED` where they are asked for."""


class Counted(Struct, frozen=True):
    """One variant: its sums, the shape of its output, and its problems in the order of the analysis.

    `numbers` are None if it is no design at all, because a field refused its value.
    """

    numbers: Numbers | None
    output: Shape | None
    problems: tuple[Problem, ...]


class _Found(Struct, frozen=True, gc=False):
    """The result for one item: its sums, the number of what flows out, its problems; `charge` are the items inside."""

    numbers: Numbers
    flow: int
    problems: tuple[Problem, ...]
    charge: int


class _Station:
    """One item of the list: the axes that change it, where its inputs come from, and what it came to so far."""

    def __init__(self, item: Item, axes: tuple[int, ...], sources: tuple[int, ...]) -> None:
        self.item = item
        self.axes = axes
        self.sources = sources
        self.setting: Callable[[Picks], Any] = itemgetter(*axes) if axes else _as_it_is
        self.bias: Problem | None = None
        self.items: dict[Any, Item | tuple[Problem, ...]] = {}
        self.found: dict[tuple[Any, ...], _Found] = {}


def _as_it_is(_picks: Picks) -> None:
    return None


class Plan:
    """The variants of a space that differ in numbers alone; `picks` are the values of all that do not."""

    def __init__(self, space: Space, picks: Picks, counted: frozenset[int]) -> None:
        base = space.varied(space.design, picks, lambda axis, _path: axis not in counted)
        self.refusals = base.refusals
        self._space = space
        self._counted = counted
        self._items = base.design.layers
        self._base = base.design
        self._convention = CONVENTIONS[base.design.convention]
        self._flows: list[Flow] = []
        self._numbers: dict[Flow, int] = {}
        self._output: list[Shape | None] = []
        places = {item.name: number for number, item in enumerate(self._items)}
        self._stations = [self._station(number, item, places) for number, item in enumerate(self._items)]
        # Of the list itself an analysis is charged the items and the connections that they name.
        self._charge = sum([1 + len(item.inputs) for item in self._items])
        self._shares = shares_any(self._items) or any(isinstance(item, Layer) and item.picks for item in self._items)
        self._unused = self._meant(_unused(self._items))
        for producer, norm in useless_biases(self._items, inside=()):
            told = _problem("warning", escaped(producer.name), useless_bias(norm))
            self._stations[places[norm.name]].bias = told

    def _station(self, number: int, item: Item, places: dict[str, int]) -> _Station:
        axes = tuple(
            axis for axis in sorted(self._counted) if any(path[0] == item.name for path in self._space.axes[axis].paths)
        )
        sources = tuple(places.get(name, -1) for name in feeds(self._items, number, inside=()))
        return _Station(item, axes, sources)

    def forget(self) -> None:
        """Drops what is remembered, if that is much."""
        if len(self._flows) + sum(len(station.found) for station in self._stations) > MAX_REMEMBERED:
            self._flows, self._numbers, self._output = [], {}, []
            for station in self._stations:
                station.found, station.items = {}, {}

    def count(self, picks: Picks) -> Counted:
        """One variant, counted."""
        if self.refusals:
            return self._refused(picks)
        if self._shares:
            return self._whole(picks)
        flows: list[int] = []
        parts: list[Numbers] = []
        problems: tuple[Problem, ...] = ()
        charge = self._charge
        for station in self._stations:
            key = (station.setting(picks), *[flows[at] for at in station.sources])
            found = station.found.get(key)
            if found is None:
                found = self._find(station, picks, key)
                if found is None:
                    return self._refused(picks)
            flows.append(found.flow)
            parts.append(found.numbers)
            charge += found.charge
            if found.problems:
                problems += found.problems
        if charge > MAX_ANALYZED:
            return self._whole(picks)
        return Counted(tuple(map(sum, zip(*parts, strict=True))), self._output[flows[-1]], problems + self._unused)

    def _whole(self, picks: Picks) -> Counted:
        """One variant, analyzed as any other design."""
        varied = self._space.variant(picks)
        return Counted(None, None, varied.refusals) if varied.refusals else counted_of(analyze(varied.design))

    def _find(self, station: _Station, picks: Picks, key: tuple[Any, ...]) -> _Found | None:
        """The result for an item with these values; None if it refuses one of them."""
        item = self._item(station, picks)
        if isinstance(item, tuple):
            return None
        size, alone = ELEMENT_BYTES[self._base.element_type], SharedWeights(Sharing.of(()))
        analyst = Analyst(self._convention, size, Reusable(), alone)
        before = [self._flows[number] for number in key[1:]]
        entry = analyst.entry(item, list(before), "", "")
        problems, _ = analyst.findings.split(())
        if station.bias is not None and is_told(entry):
            problems = (*problems, station.bias)
        found = _Found(
            numbers_of((entry,), sum_entries((entry,))),
            self._number_of(flow_of(item, entry)),
            self._meant(problems),
            MAX_ANALYZED - analyst.budget,
        )
        station.found[key] = found
        return found

    def _item(self, station: _Station, picks: Picks) -> Item | tuple[Problem, ...]:
        """The item with these values, or what it refused."""
        setting = station.setting(picks)
        known = station.items.get(setting)
        if known is None:
            alone = structs.replace(self._base, layers=(station.item,))
            varied = self._space.varied(
                alone, picks, lambda axis, path: axis in station.axes and path[0] == station.item.name
            )
            known = station.items[setting] = varied.refusals or varied.design.layers[0]
        return known

    def _refused(self, picks: Picks) -> Counted:
        """A variant that is no design, with all that was refused in the order of the edits."""
        return Counted(None, None, self._space.variant(picks).refusals)

    def _number_of(self, flow: Flow) -> int:
        """The number of a flow; what the counts of the next item cannot depend on is left out of it."""
        plain = Flow("", flow.shape, _step_of(flow.field), _adding(flow), flow.guesses)
        number = self._numbers.setdefault(plain, len(self._flows))
        if number == len(self._flows):
            self._flows.append(plain)
            self._output.append(plain.shape)
        return number

    def _meant(self, problems: Sequence[Problem]) -> tuple[Problem, ...]:
        """The problems but the warnings that the design accepts."""
        accepted = self._base.accepted
        return tuple(told for told in problems if told.severity == "error" or told.rule not in accepted)


def numbers_of(entries: tuple[Entry, ...], totals: Totals) -> Numbers:
    """The sums over entries: those of their totals, then for each other quantity what is known and what it lacks."""
    others = [number for quantity in UNKEPT for number in quantity.summed(entries)]
    return (*structs.astuple(totals), *others)


def quantities_of(space: Space) -> tuple[Quantity, ...]:
    """The quantities of the variants of a space."""
    return (*SUMMED, *MEASURED) if space.has_memory else SUMMED


def with_memory(counted: Counted, analysis: Analysis) -> Counted:
    """A variant with its memory, in the setting of the design."""
    totals = [quantity.total(analysis) for quantity in MEASURED]
    found = [number for total in totals for number in (int(total.value or 0), int(not total.is_exact))]
    return structs.replace(counted, numbers=(*(counted.numbers or ()), *found))


def counted_of(analysis: Analysis) -> Counted:
    """The same of an analysis, as it is."""
    output = analysis.entries[-1].output_shape if analysis.entries else None
    return Counted(numbers_of(analysis.entries, analysis.totals), output, analysis.problems)


def _step_of(field: ReceptiveField | None) -> ReceptiveField | None:
    """A field as far as problems can depend on it: how far the outputs lie apart in the image, not how much they see.

    The one thing that is said of fields is that branches step unlike each other. After windows that slide evenly the
    step follows from the step before alone.
    """
    if field is None or field.whole or field.others or not is_uniform(field):
        return field
    axes = tuple([AxisField(1, axis.stride, 0) for axis in field.axes])
    return ReceptiveField(field.image, axes, False, field.origin)


def _adding(flow: Flow) -> Layer | None:
    """The layer that flows out, where the next one's warnings look at it: an input, or one that adds zeros."""
    item = flow.item
    if not isinstance(item, Layer) or flow.shape is None:
        return None
    return item if item.max_inputs == 0 or item.zeros_at_end(flow.shape.rank) else None


def _unused(items: tuple[Item, ...]) -> list[Problem]:
    """Warnings of the items that nothing takes."""
    used: set[str] = set()
    mark_inputs_used(items, 0, len(items), used)
    return [_problem("warning", escaped(item.name), unused(item)) for item in idle_items(items, used)]


def _problem(severity: Any, place: str, remark: Remark) -> Problem:
    return Problem(severity, place, remark.rule, remark.sentence, remark.remedy)
