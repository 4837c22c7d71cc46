"""Shared weights: which layers use the weights of others, and whether they can.

`shares` of a layer or a block names an item before it, by its path in the design. Such an item has all fields of that
one but its name, its connections and its remarks; of a block the layers inside are the same, too. The owner of the
weights is the first of all that use them.
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Final

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.design import Block, Item, ItemPath, path_from, path_text, walk
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.layer import Counts
from cnnstudio.core.network.problem import Remark, did_you_mean, listed
from cnnstudio.core.network.value_text import value_text

OWN_FIELDS: Final = ("name", "inputs", "shares", "label", "note")
"""The fields in which an item may differ from the one whose weights it shares."""
FAULT: Final = ""
"""The owner of an item that shares weights it cannot share."""


class Sharing(Struct, frozen=True):
    """The items that use the weights of others, by their places: the place of the owner, `FAULT` if they cannot.

    `faults` are what is wrong, by the place of the item that says `shares`.
    """

    owners: dict[str, str]
    faults: dict[str, Remark]

    @classmethod
    def of(cls, items: tuple[Item, ...]) -> Sharing:
        """The sharing in a design."""
        found = cls({}, {})
        if shares_any(items):
            _Search(items, found).visit(items, ())
        return found


def shares_any(items: tuple[Item, ...]) -> bool:
    """True if any of the items, or of what they hold, shares weights."""
    # A list is looked through before it is looked into: this is asked of every design after every edit.
    if any(item.shares for item in items):
        return True
    return any(shares_any(item.layers) for item in items if type(item) is Block)


class _Search:
    """One walk over a design; what it finds goes into `found`."""

    def __init__(self, items: tuple[Item, ...], found: Sharing) -> None:
        self.every = dict(walk(items))
        self.before: set[ItemPath] = set()
        self.found = found

    def visit(self, items: tuple[Item, ...], within: ItemPath) -> None:
        """Looks at a list, all of it in order."""
        for item in items:
            path = (*within, item.name)
            # An item in a block that shares as a whole uses what its like uses there, whatever it says itself.
            if item.shares and path_text(path) not in self.found.owners:
                self._share(path, item)
            if isinstance(item, Block):
                self.visit(item.layers, path)
            self.before.add(path)

    def _share(self, path: ItemPath, item: Item) -> None:
        target = path_from(item.shares)
        fault = self._fault(path, item, target)
        if fault is not None:
            self.found.faults[path_text(path)] = fault
        for below, _ in ((path, item), *(walk(item.layers, path) if isinstance(item, Block) else ())):
            owner = path_text((*target, *below[len(path) :]))
            # Of the owner that the named one has itself, so that all users of the same weights name the same.
            self.found.owners[path_text(below)] = FAULT if fault else self.found.owners.get(owner) or owner

    def _fault(self, path: ItemPath, item: Item, target: ItemPath) -> Remark | None:
        said = f"shares names '{item.shares}'"
        if path[: len(target)] == target or target[: len(path)] == path:
            sentence = f"{said}, which would share its weights with itself."
            return Remark("shares-cycle", sentence, "Name an earlier layer.")
        owner = self.every.get(target)
        if owner is None:
            hint = did_you_mean(item.shares, [path_text(known) for known in self.before])
            return Remark("shares-unknown", f"{said}, which is no layer of the design.{hint}", "Name an earlier layer.")
        if target not in self.before:
            sentence = f"{said}, which comes later, and the weights are those of the first that uses them."
            return Remark("shares-later", sentence, "Share the other way round, or move this after it.")
        if repeated := self._repeated(path, target):
            sentence = f"{said}, and the block '{repeated}' is repeated, each time with weights of its own."
            return Remark("shares-ambiguous", sentence, "Write the repeats out, or give this weights of its own.")
        if unlike := _difference(item, owner):
            sentence = f"it shares the weights of '{item.shares}' and is not the same: {unlike}."
            return Remark("shares-unlike", sentence, "Make both the same, or give this weights of its own.")
        return None

    def _repeated(self, path: ItemPath, target: ItemPath) -> str:
        """The first repeated block around the owner that is not around the user too."""
        around = [target[:depth] for depth in range(1, len(target))]
        apart = [block for block in around if path[: len(block)] != block]
        found = [path_text(block) for block in apart if getattr(self.every[block], "repeat", 1) > 1]
        return found[0] if found else ""


def differing(item: Item, owner: Item) -> list[str]:
    """The fields in which two items of the same type differ, and must not to share weights."""
    names = [field.name for field in fields_of(type(item)) if field.name not in OWN_FIELDS]
    return [name for name in names if not _is_same(name, getattr(item, name), getattr(owner, name))]


def _is_same(name: str, value: object, other: object) -> bool:
    return bool(value == other) if name != "layers" else _bare(value) == _bare(other)


def _bare(items: object) -> object:
    """Items without the remarks in which the users of one block's weights may differ; names and inputs are kept."""
    if not isinstance(items, tuple):
        return items
    plain = [structs.replace(item, shares="", label="", note="", comments=()) for item in items]
    return [structs.replace(item, layers=_bare(item.layers)) if isinstance(item, Block) else item for item in plain]


def _difference(item: Item, owner: Item) -> str:
    """The difference that forbids to share weights, in words; empty if there is none."""
    if type(item) is not type(owner):
        return f"this is of the type {item.type_name}, and that of the type {owner.type_name}"
    return listed([_unlike(name, item, owner) for name in differing(item, owner)])


def _unlike(name: str, item: Item, owner: Item) -> str:
    if name == "layers":
        return "the layers inside differ"
    here, there = (value_text(getattr(each, name)) or "none" for each in (item, owner))
    return f"{name} is {here} here and {there} there"


class Held(Struct, frozen=True):
    """The sizes in which two layers with the same fields must agree to have the same weights."""

    channels: tuple[int, ...]
    weights: int
    biases: int
    state: int


class SharedWeights:
    """The weights that are shared, while a design is counted: what the owners hold, pass by pass.

    `needed` are the places of biases that have no effect where they are, and have one where they are shared.
    """

    def __init__(self, sharing: Sharing, needed: Set[str] = frozenset()) -> None:
        self.needed = needed
        self._sharing = sharing
        self._owned = set(sharing.owners.values())
        self._held: dict[str, dict[tuple[int, ...], Held]] = {}

    @property
    def is_used(self) -> bool:
        """True if anything shares weights."""
        return bool(self._sharing.owners) or bool(self._sharing.faults)

    @property
    def faults(self) -> dict[str, Remark]:
        """The remarks on what cannot share, by place."""
        return self._sharing.faults

    def owner(self, place: str) -> str | None:
        """The place of the owner of an item's weights, `FAULT` if it cannot share them; None if they are its own."""
        return self._sharing.owners.get(place)

    def note(self, path: str, place: str, inputs: tuple[Shape | None, ...], counts: Counts) -> None:
        """Keeps what a layer holds, if anything shares it."""
        if place in self._owned:
            self._held.setdefault(place, {})[passes_of(path)] = _held(inputs, counts)

    def unlike(self, path: str, place: str, inputs: tuple[Shape | None, ...], counts: Counts) -> Remark | None:
        """The remark on a layer whose weights would not have the sizes of the owner's."""
        owner = self._sharing.owners[place]
        there, here = self._held_by(owner, path, place), _held(inputs, counts)
        if there is None or there == here:
            return None
        if there.channels != here.channels:
            sizes = [" and ".join(map(str, each.channels)) for each in (here, there)]
            what = f"takes {sizes[0]} {'channel' if sizes[0] == '1' else 'channels'}, and that {sizes[1]}"
        else:
            numbers = [each.weights + each.biases + each.state for each in (here, there)]
            what = f"needs {numbers[0]:,} numbers, and that {numbers[1]:,}"
        sentence = f"it shares the weights of '{owner}', which do not fit: this {what}."
        return Remark("shares-sizes", sentence, "Give both the same input, or give this weights of its own.")

    def _held_by(self, owner: str, path: str, place: str) -> Held | None:
        """The sizes of the owner in the pass that goes with a user's."""
        held = self._held.get(owner)
        if not held:
            return None
        wanted = passes_of_owner(owner, path, place, len(next(iter(held))))
        # Passes that are alike were counted once, as the first of them.
        left = list(held)
        for depth, number in enumerate(wanted):
            first = max((passes[depth] for passes in left if passes[depth] <= number), default=None)
            left = [passes for passes in left if passes[depth] == first]
        return held[left[0]] if left else None


def _held(inputs: tuple[Shape | None, ...], counts: Counts) -> Held:
    channels = tuple([shape.channels for shape in inputs if shape is not None])
    if counts.weights + counts.biases + counts.state == 1:
        # A single number, such as the slope of a PReLU, goes with any input.
        channels = ()
    return Held(channels, counts.weights, counts.biases, counts.state)


def passes_of_owner(owner: str, path: str, place: str, depth: int) -> tuple[int, ...]:
    """The numbers of the passes in which the owner, in `depth` repeated blocks, has the weights of a user's row."""
    passes = passes_of(path)
    # Blocks around both are in the same pass; from there on the owner's blocks go with those around the user, counted
    # from the inside.
    together = min(_together(owner, place, path), depth)
    return (*passes[:together], *passes[len(passes) - (depth - together) :]) if depth > together else passes[:depth]


def passes_of(path: str) -> tuple[int, ...]:
    """The numbers of the passes in the path of a row: (2,) of `stage[2]/conv1`."""
    # A bracket that belongs to a name is escaped.
    return tuple(map(int, re.findall(r"(?<!\\)\[(\d+)\]", path)))


def _together(owner: str, place: str, path: str) -> int:
    """The number of repeated blocks around both the owner and a user, from the user's path."""
    names, others = path_from(place), path_from(owner)
    common = next((at for at, pair in enumerate(zip(names, others, strict=False)) if pair[0] != pair[1]), 0)
    return len(passes_of("/".join(re.split(r"(?<!\\)/", path)[:common])))
