"""The space of a sweep: its axes, crossed or paired, and which of its points are counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import prod
from random import Random

from msgspec import Struct, structs

from cnnstudio.core.budgets.condition import Condition
from cnnstudio.core.network.design import Design, ItemPath, path_text
from cnnstudio.core.network.layer import MAX_NAME_LENGTH
from cnnstudio.core.network.problem import Problem
from cnnstudio.core.sweeps.axis import TYPE, Axis, Retype, varied
from cnnstudio.core.sweeps.scaled import SCALED

MAX_VARIANTS = 5_000_000
"""Variants that are counted in one sweep."""
MAX_AXES = 64
MAX_TRADES = 20
"""Trades for each point of a Latin hypercube, after which those that are still the same are drawn anew."""

Picks = tuple[int, ...]
"""For each axis the index of its value."""


class Sample(Struct, frozen=True):
    """So many points of a space by chance; `is_latin`: spread evenly over the values of every axis.

    The same seed draws the same points everywhere.
    """

    count: int
    seed: int = 0
    is_latin: bool = False


class Space(Struct, frozen=True, dict=True):
    """A design and the axes along which it is varied; ValueError if they leave nothing to count, or too much.

    Crossed, each value of an axis meets each of the others, the last axis first; `is_paired`, the first values are one
    variant, the second ones the next. `conditions` are what the variants are wanted to meet. `has_memory`: also
    what training keeps, and the peak of its memory.
    """

    design: Design
    axes: tuple[Axis, ...]
    retype: Retype
    is_paired: bool = False
    sample: Sample | None = None
    conditions: tuple[Condition, ...] = ()
    has_memory: bool = False

    def __post_init__(self) -> None:
        if not self.axes:
            raise ValueError("nothing is varied; name at least one field and its values.")
        if len(self.axes) > MAX_AXES:
            raise ValueError(f"{len(self.axes)} fields are varied, and at most {MAX_AXES} can be.")
        _require_apart(self.axes)
        lengths = {len(axis.values) for axis in self.axes}
        if self.is_paired and len(lengths) > 1:
            told = ", ".join(f"{axis.title} has {len(axis.values):,}" for axis in self.axes)
            raise ValueError(f"paired fields need equally many values each: {told}.")
        if self.sample is not None and self.sample.count > self.points:
            raise ValueError(f"{self.sample.count:,} variants cannot be drawn from {self.points:,}.")
        if self.size > MAX_VARIANTS:
            raise ValueError(
                f"these are {self.size:,} variants, and at most {MAX_VARIANTS:,} are counted; draw a sample of them."
            )

    @property
    def points(self) -> int:
        """The number of points, whether they are counted or not."""
        return len(self.axes[0].values) if self.is_paired else prod(len(axis.values) for axis in self.axes)

    @property
    def size(self) -> int:
        """The number of variants that are counted."""
        return self.points if self.sample is None else self.sample.count

    @cached_property
    def chosen(self) -> Sequence[int]:
        """The numbers of the points that are counted, by variant."""
        if self.sample is None:
            return range(self.points)
        random = Random(self.sample.seed)
        if self.sample.is_latin and not self.is_paired:
            return _latin([len(axis.values) for axis in self.axes], self.sample.count, random)
        return _drawn(self.points, self.sample.count, random)

    def picks(self, variant: int) -> Picks:
        """The values of a variant, counted from 0."""
        point = self.chosen[variant]
        if self.is_paired:
            return (point,) * len(self.axes)
        found: list[int] = []
        for length in self._lengths:
            point, pick = divmod(point, length)
            found.append(pick)
        return tuple(found[::-1])

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        """The numbers of values from the last axis to the first."""
        return tuple(len(axis.values) for axis in reversed(self.axes))

    def values(self, picks: Picks) -> tuple[str, ...]:
        """The values as they were written."""
        return tuple(axis.values[pick] for axis, pick in zip(self.axes, picks, strict=True))

    def varied(self, design: Design, picks: Picks, wanted: Callable[[int, ItemPath], bool]) -> Varied:
        """A design with the values of those axes, by number, and paths that are wanted.

        Types change first, then widths and depths are scaled, so that other fields are set in what comes of it.
        """
        refusals: list[Problem] = []
        for number in sorted(range(len(self.axes)), key=self._turn):
            axis = self.axes[number]
            paths = [path for path in axis.paths if wanted(number, path)]
            if paths:
                found = varied(design, axis, paths, axis.values[picks[number]], self.retype)
                design = found.design
                refusals += [
                    Problem("error", path_text(path), "refused", reason, "") for path, reason in found.refusals.items()
                ]
        return Varied(design, tuple(refusals))

    def _turn(self, number: int) -> int:
        axis = self.axes[number]
        return 0 if axis.field == TYPE else 1 if axis.scales else 2

    def told(self, variant: int) -> str:
        """The values of a variant in words: `image.size = 64; conv1.filters = *2`."""
        values = zip(self.axes, self.values(self.picks(variant)), strict=True)
        return "; ".join(f"{axis.title} = {value}" for axis, value in values)

    def named(self, variant: int, design: Design) -> Design:
        """A design of a variant under a name that says which one it is, and with a note that says what was varied."""
        name = f"{design.name}, variant {variant + 1:,}"[:MAX_NAME_LENGTH]
        note = "\n".join(filter(None, (design.note, f"Variant of {self.design.name}: {self.told(variant)}")))
        return structs.replace(design, name=name, note=note)

    def variant(self, picks: Picks) -> Varied:
        """The design of a variant."""
        return self.varied(self.design, picks, lambda _number, _path: True)


class Varied(Struct, frozen=True):
    """A design with values of a space, and those that it refused: with any of these it is no variant."""

    design: Design
    refusals: tuple[Problem, ...]


def _require_apart(axes: tuple[Axis, ...]) -> None:
    """Raises ValueError if two axes would set the same field of the same layer."""
    seen: dict[tuple[ItemPath, str], int] = {}
    for number, axis in enumerate(axes):
        for path in axis.paths:
            other = seen.setdefault((path, axis.field), number)
            if other != number:
                titles = f"{axes[other].title} and {axis.title}"
                raise ValueError(f"{titles} both vary the {axis.field} of {path_text(path)}; vary it once.")
    for axis in axes:
        if axis.scales:
            _require_unset(axis, [each for each in axes if each is not axis])


def _require_unset(axis: Axis, others: list[Axis]) -> None:
    """Raises ValueError if another axis would set or scale what an axis scales."""
    for other in others:
        inside = [path for path in other.paths if axis.holds(path)]
        if inside and other.field in (axis.field, *SCALED[axis.field]):
            raise ValueError(f"{axis.title} scales what {other.title} sets in {path_text(inside[0])}; vary it once.")


def _drawn(points: int, count: int, random: Random) -> list[int]:
    """So many points of the space by chance, none of them twice, in order."""
    if count * 2 > points:
        return sorted(random.sample(range(points), count))
    # `sample` takes no range as long as spaces may be.
    found: set[int] = set()
    while len(found) < count:
        found.add(random.randrange(points))
    return sorted(found)


def _latin(lengths: list[int], count: int, random: Random) -> list[int]:
    """Points of a Latin hypercube: along each axis every value comes as often as any other, as near as can be.

    Source: McKay, Beckman and Conover 1979. Two that are the same trade one value with others, which keeps that.
    """
    columns = [_spread(length, count, random) for length in lengths]
    for column in columns:
        random.shuffle(column)
    taken: dict[tuple[int, ...], int] = {}
    waiting = list(range(count))
    for _ in range(MAX_TRADES * count):
        if not waiting:
            break
        row = waiting.pop()
        point = tuple(column[row] for column in columns)
        if taken.setdefault(point, row) == row:
            continue
        other, column = random.randrange(count), random.choice(columns)
        before = tuple(each[other] for each in columns)
        if taken.get(before) == other:
            del taken[before]
            waiting.append(other)
        column[row], column[other] = column[other], column[row]
        waiting.append(row)
    # Of a space that is nearly full hardly any point is free, and trading would not find the last ones.
    while len(taken) < count:
        taken.setdefault(tuple(map(random.randrange, lengths)), -1)
    return sorted(_number_of(point, lengths) for point in taken)


def _spread(length: int, count: int, random: Random) -> list[int]:
    """So many values of an axis, none more than once more often than another: what is left of whole rounds is drawn.

    It is drawn one from each of so many equal parts of the axis, anywhere in it.
    """
    rounds, left = divmod(count, length)
    drawn = [random.randrange(part * length // left, (part + 1) * length // left) for part in range(left)]
    return [*range(length)] * rounds + drawn


def _number_of(point: tuple[int, ...], lengths: list[int]) -> int:
    number = 0
    for pick, length in zip(point, lengths, strict=True):
        number = number * length + pick
    return number
