"""Tensors whose batch is not the first axis, as where queries, keys and values are told apart by the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnstudio.formats.source.keras.operations import wide
from cnnstudio.formats.source.keras.tensors import KerasTensor, TensorShape
from cnnstudio.formats.source.language.values import NotFollowed


class Moved(KerasTensor):
    """A tensor with its axes in another order: `order` are those of the tensor as it was, 0 the batch."""

    def __init__(self, host: Any, tensor: KerasTensor, order: list[int]) -> None:
        super().__init__(host, -1)
        self.tensor = tensor
        self.order = order

    @property
    def step(self) -> int:
        """Raises NotFollowed: a design has no step for it."""
        raise NotFollowed("uses a tensor whose batch is not its first axis, in a way that is not read.")

    @property
    def sizes(self) -> list[int]:
        """Raises NotFollowed: its batch lies among them."""
        raise NotFollowed("uses a tensor whose batch is not its first axis, in a way that is not read.")

    def attribute(self, name: str) -> Any:
        """Its shape; nothing else is known."""
        if name in ("shape", "_keras_shape"):
            return TensorShape(tuple(None if not axis else self.tensor.sizes[axis - 1] for axis in self.order))
        return super().attribute(name)

    def length(self) -> int:
        """The size of its first axis."""
        return self.tensor.sizes[self.order[0] - 1]

    def items(self) -> Iterator[Any]:
        """Its elements along the first axis."""
        for place in range(self.length()):
            yield self.item(place)

    def item(self, key: Any) -> Any:
        """An element along the first axis, and a part of it."""
        first, *rest = key if isinstance(key, tuple) else (key,)
        axis = self.order[0]
        if type(first) is not int:
            raise NotFollowed("takes a part of a tensor whose batch is not its first axis, in a way that is not read.")
        whole: list[Any] = [slice(None)] * axis
        found = wide.part(self.host, self.tensor, (*whole, first))
        order = [other - (other > axis) for other in self.order[1:]]
        made = arranged(self.host, found, order)
        return made.item(tuple(rest)) if rest else made


def arranged(host: Any, tensor: KerasTensor, order: list[int]) -> KerasTensor:
    """A tensor with its axes in another order, of which 0 is the batch. Raises NotFollowed for none."""
    if isinstance(tensor, Moved):
        return arranged(host, tensor.tensor, [tensor.order[axis] for axis in order])
    if sorted(order) != list(range(len(tensor.sizes) + 1)):
        raise NotFollowed("exchanges axes in a way that is not read.")
    if order[0]:
        return Moved(host, tensor, order)
    if order == sorted(order):
        return tensor
    return wide.transposed(host, tensor, order)
