"""The values of names while a graph is followed: a constant, a view of a step, or something without a shape yet."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as SequenceOf
from math import prod

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape

MAX_VALUES = 256
"""Constants of up to so many elements keep their values; of larger ones only the shape is known."""
BATCH, ONE = -1, -2
"""Axes of a tensor that a design's shape has not: the batch, and an axis of size 1 that was put in."""
Number = int | float | bool


Sources = tuple[tuple[str, int], ...]
"""Names of tensors of the file, and the numbers that they hold; without a name what nobody can tell apart."""


class Constant(Struct, frozen=True):
    """A tensor of the file. `numbers` of its elements are held by the file, 0 if it was computed from other things.

    `origin` is what the file calls the tensor that it was made of, and `sources` are those that it was computed from,
    if several. `is_learned` is what the file says of that: that it is learned, that it is fixed, or, as None, nothing.
    """

    shape: tuple[int, ...]
    values: tuple[Number, ...] | None = None
    is_float: bool = True
    numbers: int = 0
    origin: str = ""
    is_learned: bool | None = None
    sources: Sources = ()

    @property
    def size(self) -> int:
        """The number of elements."""
        return prod(self.shape)

    @property
    def scalar(self) -> Number | None:
        """The value of a constant of one element, None if it has more or the value is not known."""
        return self.values[0] if self.values is not None and len(self.values) == 1 else None

    @property
    def learned(self) -> int:
        """The numbers that are learned, as far as one can tell: a single number is so only if the file says it."""
        is_learned = self.size > 1 if self.is_learned is None else self.is_learned
        return self.numbers if self.is_float and is_learned else 0

    @property
    def stored(self) -> int:
        """The numbers that the file holds, and says are not learned, such as a buffer of PyTorch."""
        return self.numbers if self.is_float and self.is_learned is False else 0

    def integers(self) -> list[int] | None:
        """The values as whole numbers, None if they are not known."""
        return None if self.values is None else [int(value) for value in self.values]


def said_of(constants: Iterable[Constant]) -> bool | None:
    """The word of the file on what several constants make: learned if a part is, fixed if every part is."""
    said = {constant.is_learned for constant in constants}
    return True if True in said else None if None in said or not said else False


def sources_of(constants: SequenceOf[Constant]) -> Sources:
    """The tensors that several constants were computed from, each once however often it was taken.

    Where one of them is learned, those that the file says are fixed do not count.
    """
    said = said_of(constants)
    named: dict[str, int] = {}
    unnamed = 0
    for constant in constants:
        if constant.is_learned is False and said is not False:
            continue
        for name, numbers in constant.sources or ((constant.origin, constant.numbers),):
            if name:
                named[name] = max(named.get(name, 0), numbers)
            else:
                unnamed += numbers
    return (*((name, numbers) for name, numbers in named.items() if numbers), *((("", unnamed),) if unnamed else ()))


class View(Struct, frozen=True):
    """A step's output, its axes in some order: for each axis of the tensor BATCH, ONE, or the axis of the shape."""

    step: int
    axes: tuple[int, ...]


class Pending(Struct, frozen=True):
    """A tensor that no design's shape can say, such as one cut into windows; what it was made of goes on with it."""

    shape: tuple[int, ...]
    sources: tuple[int, ...]
    kinds: tuple[str, ...]
    path: tuple[str, ...]
    learned: int = 0
    macs: int | None = 0


class Sequence(Struct, frozen=True):
    """A list of tensors."""

    parts: tuple[View, ...]


class Unknown(Struct, frozen=True):
    """A tensor whose shape nobody can tell."""

    because: str


Value = Constant | View | Pending | Sequence | Unknown


def normal_axes(shape: Shape) -> tuple[int, ...]:
    """The axes of a tensor in the order of a design's shape, after the batch."""
    return (BATCH, *range(shape.rank + 1))
