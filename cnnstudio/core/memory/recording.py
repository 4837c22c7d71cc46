"""Tensors of a run and the storages below them, recorded as a trace while they come and go."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from cnnstudio.core.memory.trace import ALLOCATE, FREE, Kept, Trace
from cnnstudio.core.memory.workspace import Workspace
from cnnstudio.core.network.step import FLOWING, Made, Step

GIVEN: Final = -1
"""The storage of the network's inputs, which are there from the beginning and never freed."""


class Tensor(Struct, gc=False):
    """A tensor: its storage, its elements for one example, and the bytes of an element.

    `learns`: something that is trained lies before it, so that it has a gradient. `uses`: steps that still take it.
    `channels_last`: so it lies in memory. `gradient`: the storage of its gradient, once there is one.
    """

    storage: int
    elements: int
    size: int
    learns: bool
    uses: int
    channels_last: bool = False
    gradient: int | None = None


Weights = tuple[int, int]
"""Parameters, by the node that owns them and the number of the step in it that first uses them."""


class Done(Struct, gc=False):
    """A step that was run forward: what backward needs to know of it. `keeps` are storages it keeps.

    `weights` are the node and the step in it that own the parameters it uses, `beside` what it gave beside its output.
    """

    node: int
    step: Step
    inputs: list[Tensor]
    output: Tensor
    trained: bool
    keeps: list[int]
    weights: Weights = (-1, -1)
    beside: list[Tensor] = []


class Recorder:
    """Allocates, holds and frees storages, counting references as PyTorch does. `node` is the layer that runs."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.references: list[int] = []
        self.labels: list[tuple[str, int]] = []
        self.kept: dict[int, Kept] = {}
        self.node = 0

    def allocate(self, what: str, each: int, fixed: int = 0) -> int:
        """A storage with one reference: `each` bytes for an example and `fixed` for the batch."""
        storage = self.trace.storage(each, fixed)
        self.trace.events.append(storage << 2 | ALLOCATE)
        self.references.append(1)
        self.labels.append((what, self.node))
        return storage

    def hold(self, storage: int) -> None:
        """One more reference."""
        if storage != GIVEN:
            self.references[storage] += 1

    def drop(self, storage: int) -> None:
        """One reference less; without any the storage is freed."""
        if storage == GIVEN:
            return
        self.references[storage] -= 1
        if not self.references[storage]:
            self.trace.events.append(storage << 2 | FREE)

    def is_alone(self, tensor: Tensor) -> bool:
        """True if nobody but the step that takes a tensor for the last time needs what is in it."""
        storage = tensor.storage
        return storage != GIVEN and tensor.uses == 1 and self.references[storage] == 1 and storage not in self.kept

    def keep(self, storage: int, keeps: list[int]) -> None:
        """Keeps a storage for the backward pass of the node that runs; the network's inputs are there anyway."""
        if storage == GIVEN:
            return
        self.references[storage] += 1
        keeps.append(storage)
        if (kept := self.kept.get(storage)) is not None:
            kept.keepers.append(self.node)
            return
        self.kept[storage] = kept = Kept(storage, *self.labels[storage], [self.node])
        self.trace.kept.append(kept)

    def moment(self, space: Workspace) -> None:
        """A workspace that is there for a moment."""
        if space.high_each or space.high_fixed:
            self.trace.moment(space)

    def scratch(self, made: Made | None, size: int) -> None:
        """A tensor that is there for a moment; `size` bytes an element unless it says another."""
        if made is not None:
            each, fixed = made_bytes(made, size, size)
            self.trace.moment(Workspace(each, fixed, each, fixed))


def made_bytes(made: Made, size: int, flowing: int) -> tuple[int, int]:
    """Bytes for an example and for the batch of what a step makes; `flowing` are those of an element of its input."""
    width = flowing if made.size == FLOWING else made.size or size
    return made.each * width, made.fixed * width
