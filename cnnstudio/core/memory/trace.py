"""Allocations of a run and their ends, in order; the same for every batch but for the sizes."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from cnnstudio.core.memory.workspace import Workspace

ALLOCATE: Final = 0
FREE: Final = 1
BRIEF: Final = 2
MARK: Final = 3
"""The kinds of events: a storage is allocated or freed; something is there for a moment; a step of a layer ends."""

_MIB: Final = 1 << 20
_LARGE: Final = 10 * _MIB
_STEP: Final = 2 * _MIB


def allocated(size: int) -> int:
    """The bytes that PyTorch's caching allocator counts for a tensor of `size` bytes.

    Multiples of 512; of 10 MiB and more a whole multiple of 2 MiB if at most 1 MiB of that is left over, which is not
    split off. Source: `CUDACachingAllocator.cpp`.
    """
    if size >= _LARGE:
        whole = -(-size // _STEP) * _STEP
        if whole - size <= _MIB:
            return whole
    return -(-size // 512) * 512


class Kept(Struct, gc=False):
    """A storage that is kept for backward: made by the node `maker`, kept because the nodes `keepers` need it."""

    storage: int
    what: str
    maker: int
    keepers: list[int]


class Trace:
    """Events of a run, and the size of each storage: `each` bytes for an example and `fixed` bytes for the batch.

    An event is its kind and four times an index: of a storage, of an entry in `brief_each` and its like, or of a node.
    What is there for a moment has a low and a high estimate.
    """

    def __init__(self) -> None:
        self.each: list[int] = []
        self.fixed: list[int] = []
        self.events: list[int] = []
        self.brief: list[Workspace] = []
        self.kept: list[Kept] = []
        self.parameter_gradients: list[int] = []
        self.marks: list[int] = []
        """The node that each mark ends; those from `turn` on are of the backward pass."""
        self.turn = 0
        self.of_several: set[int] = set()
        """Storages that are there only where the batch has several examples."""

    def storage(self, each: int, fixed: int) -> int:
        """A storage of that size; it is not allocated yet."""
        self.each.append(each)
        self.fixed.append(fixed)
        return len(self.each) - 1

    def kept_of(self, batch: int) -> list[Kept]:
        """The storages that are kept with so many examples."""
        if batch > 1 or not self.of_several:
            return self.kept
        return [kept for kept in self.kept if kept.storage not in self.of_several]

    def mark(self, node: int) -> None:
        """The end of what a node does in one direction."""
        self.marks.append(node)
        self.events.append(node << 2 | MARK)

    def moment(self, space: Workspace) -> None:
        """Something that is allocated and freed at once."""
        self.events.append(len(self.brief) << 2 | BRIEF)
        self.brief.append(space)


class Peak(Struct, frozen=True):
    """The most bytes alive at once, by the low and the high estimate.

    `event` is where the low one lies and `mark` the mark after it; `brief` are its bytes that are there for a moment.
    `levels` are the most bytes alive before each mark, by the low estimate.
    """

    low: int
    high: int
    mark: int
    event: int
    brief: int
    levels: list[int]


def peak_of(trace: Trace, batch: int) -> Peak:
    """The peak of a run with so many examples."""
    sizes = sizes_of(trace, batch)
    bounds = [space.bounds(batch) for space in trace.brief]
    briefs = [(allocated(low), allocated(high)) for low, high in bounds]
    live = high = level = low = brief = 0
    levels: list[int] = []
    place = (0, 0)
    # Run for every batch that is tried: one loop over integers, with no calls but at a new peak.
    for at, event in enumerate(trace.events):
        kind, index = event & 3, event >> 2
        if kind == ALLOCATE:
            live += sizes[index]
            if live > level:
                level = live
                if level > low:
                    low, brief, place = level, 0, (len(levels), at)
        elif kind == FREE:
            live -= sizes[index]
        elif kind == BRIEF:
            least, most = briefs[index]
            if live + least > level:
                level = live + least
                if level > low:
                    low, brief, place = level, least, (len(levels), at)
            if live + most > high:
                high = live + most
        else:
            levels.append(level)
            level = live
    return Peak(low, max(low, high), *place, brief, levels)


def sizes_of(trace: Trace, batch: int) -> list[int]:
    """The bytes that the allocator counts for each storage."""
    sizes = [allocated(each * batch + fixed) for each, fixed in zip(trace.each, trace.fixed, strict=True)]
    if batch == 1:
        for storage in trace.of_several:
            sizes[storage] = 0
    return sizes


def alive_at(trace: Trace, event: int) -> list[int]:
    """The storages that are allocated after an event."""
    alive: dict[int, None] = {}
    for code in trace.events[: event + 1]:
        if code & 3 == ALLOCATE:
            alive[code >> 2] = None
        elif code & 3 == FREE:
            del alive[code >> 2]
    return list(alive)


def kept_bytes(trace: Trace, batch: int) -> int:
    """The bytes kept for backward, each storage once, as they are and not as the allocator rounds them."""
    return sum([trace.each[kept.storage] * batch + trace.fixed[kept.storage] for kept in trace.kept_of(batch)])
