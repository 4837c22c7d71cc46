"""The widths of a network: which layers set how many channels there are, and which of them must agree.

What is added must have equal channels, groups must divide them, and what the network takes and gives stays. So the
channels of a network hang together: a `Width` is a set of layers that can only be changed at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import lcm
from typing import Final

from msgspec import Struct, field

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.guesses import SIDES
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.memory.nodes import Node, run_of
from cnnstudio.core.network.design import Item, ItemPath, path_from, walk
from cnnstudio.core.network.layer import Layer

FIELDS: Final = ("filters", "units")
"""The fields that say how many channels a layer gives."""


def width_field(item: Item) -> str:
    """The field by which an item says how many channels it gives; empty where it leaves that to its input."""
    return next((name for name in FIELDS if isinstance(getattr(item, name, None), int)), "")


class Width(Struct, frozen=True):
    """Layers that give equally many channels, and must go on doing so.

    The number is a multiple of `multiple`. `grouped` are layers with one group for each of these channels. `reason`
    says why it cannot be changed, and is empty where it can.
    """

    owners: tuple[ItemPath, ...]
    channels: int
    multiple: int = 1
    grouped: tuple[ItemPath, ...] = ()
    reason: str = ""


class _Part(Struct):
    """Channels that flow together; parts that were found to be equal lead to the same `head`.

    `sources`: what it follows from by a rule of its own, as pixels that were shuffled do.
    """

    channels: int
    owners: dict[str, None] = field(default_factory=dict)
    multiple: int = 1
    grouped: dict[str, None] = field(default_factory=dict)
    sources: tuple[_Part, ...] = ()
    reason: str = ""
    head: _Part | None = None


_Parts = tuple[_Part, ...]
"""The channels of a map, as they were concatenated."""


def widths_of(analysis: Analysis) -> tuple[Width, ...]:
    """The widths of a network, in the order in which they first come; ValueError for too many layers."""
    tracer = _Tracer()
    nodes = run_of(_sized(analysis)).nodes
    used = {source for node in nodes for source in node.inputs}
    for node in nodes:
        tracer.follow(node)
    for at, parts in enumerate(tracer.results):
        if at not in used:
            _fix(parts, "it is what the network gives")
    heads = {id(part): part for part in map(_head, tracer.owned.values())}
    places = {place: at for at, place in enumerate(tracer.owned)}
    return tuple(_width(part, places) for part in heads.values())


def _sized(analysis: Analysis) -> Analysis:
    """The network with some size where its input leaves one open: channels do not depend on it."""
    open_sizes = {path: item for path, item in walk(analysis.design.layers) if isinstance(item, Layer)}
    sized: dict[ItemPath, Item] = {path: item.sized(SIDES[0]) for path, item in open_sizes.items() if not item.is_sized}
    return analyze(with_items(analysis.design, sized), analysis.convention) if sized else analysis


def _width(part: _Part, order: dict[str, int]) -> Width:
    found = (sorted(places, key=lambda place: order[place]) for places in (part.owners, part.grouped))
    owners, grouped = (tuple(map(path_from, places)) for places in found)
    return Width(owners, part.channels, part.multiple, grouped, part.reason)


class _Tracer:
    """Follows channels through the network as it runs; `owned` are the parts that layers set, by their places."""

    def __init__(self) -> None:
        self.results: list[_Parts] = []
        self.owned: dict[str, _Part] = {}
        self.taken: dict[str, list[_Parts]] = {}

    def follow(self, node: Node) -> None:
        """Adds the channels of a layer's output."""
        inputs = [self.results[source] for source in node.inputs]
        if node.edge:
            self.results.append(inputs[0])
            return
        shape = node.row.output_shape
        assert shape is not None
        self.taken.setdefault(node.row.place, inputs)
        for parts, others in zip(inputs, self.taken.get(node.row.owner, ()), strict=False):
            # Shared weights need as many channels wherever they are used.
            _agree(parts, others, "weights are shared with another number of channels")
        self.results.append(self._parts(node.row, inputs, shape.channels))

    def _parts(self, row: Row, inputs: list[_Parts], channels: int) -> _Parts:
        layer = row.layer
        if width_field(layer):
            return self._set(row, inputs, channels)
        if layer.merges:
            return _merged(layer, inputs, channels)
        if not inputs or len(inputs) > 1:
            for parts in inputs:
                _fix(parts, f"{row.place} says how many channels it takes")
            return (_Part(channels, reason=f"{row.place} says how many channels there are"),)
        restates = _restates(layer, channels)
        if row.input_shapes[0] is not None and row.input_shapes[0].channels == channels and not restates:
            for number in (getattr(layer, "groups", 1), _heads(layer)):
                _divide(inputs[0], number)
            return inputs[0]
        if restates:
            _fix(inputs[0], f"{row.place} says how many channels it takes")
        return (_Part(channels, sources=inputs[0]),)

    def _set(self, row: Row, inputs: list[_Parts], channels: int) -> _Parts:
        """The channels of a layer that sets them itself."""
        layer, given = row.layer, row.input_shapes[0]
        number = getattr(layer, width_field(layer))
        part = self.owned.setdefault(row.place, _Part(number))
        part = _head(part)
        part.owners[row.place] = None
        if (owner := self.owned.get(row.owner)) is not None:
            part = _tie(owner, part)
        groups = getattr(layer, "groups", 1)
        if getattr(layer, "connections", None) is not None:
            _fix((part, *inputs[0]), f"{row.place} has a table of connections")
        elif given is not None and groups > 1:
            self._group(row, part, inputs[0], groups, given.channels)
        _divide(inputs[0], _heads(layer))
        return (part,) if number == channels else (_Part(channels, sources=(part,)),)

    def _group(self, row: Row, part: _Part, taken: _Parts, groups: int, channels: int) -> None:
        if groups == channels == part.channels and len(taken) == 1:
            whole = _tie(part, taken[0])
            whole.grouped[row.place] = None
            return
        _divide((part, *taken), groups)


def _heads(layer: Layer) -> int:
    """The heads that share out the channels of the query; 1 where there are none, or the size of theirs is given."""
    return 1 if getattr(layer, "key_size", None) else getattr(layer, "heads", 1)


def _restates(layer: Layer, channels: int) -> bool:
    """True for a layer that says itself how many channels flow in or out: a Reshape, a part of the channels."""
    is_slice = hasattr(layer, "start") and getattr(layer, "axis", 1) == 0
    # Channels that a padding adds are not those that it gives, and none at all leave it to the input.
    is_stated = getattr(layer, "channels", None) in (channels, -1) and not hasattr(layer, "parameters")
    return is_slice or is_stated or hasattr(layer, "dims")


def _merged(layer: Layer, inputs: list[_Parts], channels: int) -> _Parts:
    """Channels side by side, or added, multiplied, compared: then they are equal."""
    together = sum(part.channels for parts in inputs for part in parts)
    if together == channels and hasattr(layer, "axis") and layer.axis == 0:
        return tuple(part for parts in inputs for part in parts)
    first = max(inputs, key=lambda parts: sum(part.channels for part in parts))
    for parts in inputs:
        _agree(first, parts, "channels of another kind are added to it")
    return first if sum(part.channels for part in first) == channels else (_Part(channels, sources=first),)


def _agree(first: _Parts, second: _Parts, reason: str) -> None:
    """Ties channels that are equal; those that are not stay as they are."""
    if [part.channels for part in first] == [part.channels for part in second]:
        for part, other in zip(first, second, strict=True):
            _tie(part, other)
    else:
        _fix((*first, *second), reason)


def _head(part: _Part) -> _Part:
    while part.head is not None:
        part = part.head
    return part


def _tie(first: _Part, second: _Part) -> _Part:
    """Makes one of two parts with equal channels."""
    first, second = _head(first), _head(second)
    if first is second:
        return first
    second.head = first
    first.owners |= second.owners
    first.grouped |= second.grouped
    first.multiple = lcm(first.multiple, second.multiple)
    first.sources += second.sources
    # Only the head is asked for them; in thousands of additions each part would keep those of all before.
    second.owners, second.grouped = {}, {}
    # What follows by a rule of its own does not scale as what is set does.
    if first.reason or second.reason or first.sources:
        _fix((first,), first.reason or second.reason or "it agrees with what follows from other channels")
    return first


def _fix(parts: Iterable[_Part], reason: str) -> None:
    """Keeps the channels as they are, and those from which they follow."""
    waiting = [*parts]
    while waiting:
        part = _head(waiting.pop())
        if not part.reason or part.sources:
            part.reason = part.reason or reason
            waiting += part.sources
            part.sources = ()


def _divide(parts: Iterable[_Part], number: int) -> None:
    """Keeps the channels multiples of a number; those that follow by a rule of their own stay as they are."""
    if number > 1:
        for part in map(_head, parts):
            part.multiple = lcm(part.multiple, number)
            if part.sources:
                _fix((part,), "groups divide what follows from it")
