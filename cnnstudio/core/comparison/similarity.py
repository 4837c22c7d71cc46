"""The likeness of the layers of two designs, by which `alignment` pairs them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any

from msgspec import structs

from cnnstudio.core.comparison.alignment import Trait
from cnnstudio.core.counting.rows import BlockRow, Entry
from cnnstudio.core.network.design import Block
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import Layer

SAME_TYPE, SAME_FAMILY, FIELDS = 3, 2, 4
"""Points for an equal type, for a type of the same family, and at most for equal fields."""
NOT_COMPARED = ("name", "inputs", "label", "note")

_FIRST = re.compile(r"(\\.)|\[1\]")

_Sort = Layer | tuple[int, tuple[str, ...]]
"""A layer without its name, or how often a block is repeated and the types in it."""


class Resemblance:
    """Gives the entries of several designs their traits, equal ones for equal values, and says how alike sorts are."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._sorts: list[_Sort] = []
        self._likeness: dict[tuple[int, int], int] = {}

    def trait(self, entry: Entry) -> Trait:
        """The features by which an entry is compared."""
        sort = self._sort(_sort_of(entry))
        shape = self._number(("shape", entry.output_shape))
        place = self._number(("place", _of_first_pass(entry.path)))
        name = self._number(("name", plain_name(entry.item.name)))
        return Trait(self._number((sort, shape, place)), sort, name, shape, place)

    def likeness(self, first: int, second: int) -> int:
        """The likeness of two sorts; 0 for those that have nothing in common."""
        found = self._likeness.get((first, second))
        if found is None:
            found = self._likeness[first, second] = likeness(self._sorts[first], self._sorts[second])
        return found

    def _number(self, value: Hashable) -> int:
        return self._numbers.setdefault(value, len(self._numbers))

    def _sort(self, sort: _Sort) -> int:
        key = ("sort", type(sort), sort)
        if key not in self._numbers:
            self._numbers[key] = len(self._sorts)
            self._sorts.append(sort)
        return self._numbers[key]


def _of_first_pass(path: str) -> str:
    """A path that does not say whether its blocks are repeated: the first pass is what a block is without repeats."""
    return _FIRST.sub(lambda found: found[1] or "", path) if "[1]" in path else path


def plain_name(name: str) -> str:
    """A name by its letters and figures alone: `Conv-1` and `conv1` are the same."""
    # Frameworks spell one name in several ways: `conv1_1`, `conv1-1`, `Conv1.1`.
    return "".join(letter for letter in name.casefold() if letter.isalnum()) or name


def _sort_of(entry: Entry) -> _Sort:
    if isinstance(entry, BlockRow):
        return entry.block.repeat, tuple(item.type_name for item in entry.block.layers)
    return bare(entry.layer)


@lru_cache(maxsize=65_536)
def bare(layer: Layer) -> Layer:
    """A layer without its name, its connections, and what is only said of it: equal for layers that are set alike."""
    return structs.replace(layer, name="", inputs=(), label="", note="", comments=())


def likeness(first: _Sort, second: _Sort) -> int:
    """By type and fields; a block is like another block by the types in it, and like no layer."""
    if isinstance(first, Layer) and isinstance(second, Layer):
        if type(first) is type(second):
            return SAME_TYPE + _equal_fields(first, second)
        return SAME_FAMILY if first.family == second.family else 0
    if isinstance(first, tuple) and isinstance(second, tuple):
        shared = (Counter(first[1]) & Counter(second[1])).total()
        return SAME_TYPE + FIELDS * shared // max(len(first[1]), len(second[1]), 1)
    return 0


def _equal_fields(first: Layer, second: Layer) -> int:
    """The part of the fields that are equal, of those in which either says something of its own."""
    told = equal = 0
    for field in fields_of(type(first)):
        here, there = getattr(first, field.name), getattr(second, field.name)
        if field.name in NOT_COMPARED or here == there == field.default:
            continue
        told += 1
        equal += means_same(here, there)
    return FIELDS * equal // told if told else FIELDS


def means_same(first: Any, second: Any) -> bool:
    """True if two values of a field are equal, `3` and `3 × 3` among them."""
    # In Python True equals 1, so that `groups: 1` would mean the same as a switch that is on.
    if first == second and isinstance(first, bool) == isinstance(second, bool):
        return True
    if isinstance(first, int) and isinstance(second, tuple):
        first, second = second, first
    if isinstance(first, tuple) and isinstance(second, int):
        # An empty tuple would agree with every number, as `all` of nothing is true.
        return bool(first) and all(part == second or part == (second, second) for part in first)
    if isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second):
        return all(_ends(here) == _ends(there) for here, there in zip(first, second, strict=True))
    return False


def _ends(part: Any) -> Any:
    """`1` as the pair of ends that it stands for."""
    return (part, part) if isinstance(part, int) else part


def fields_in_common(owners: Sequence[Layer | Block]) -> list[str]:
    """The fields that all have and that a line compares, in the order of the first."""
    names = [field.name for field in fields_of(type(owners[0]))]
    shared = set.intersection(*(set(owner.__struct_fields__) for owner in owners))
    return [name for name in names if name in shared and name not in ("name", "inputs", "layers")]
