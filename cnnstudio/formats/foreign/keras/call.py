"""One call of a Keras layer, and its axes as a design has them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import MAX_RANK, Shape
from cnnstudio.formats.foreign.keras.config import CallConfig, Config, plain
from cnnstudio.formats.foreign.refusals import NotUnderstood


class Call(Struct, frozen=True):
    """The call of a layer. `name` is for sentences, `channels_first` the layout of the whole model."""

    kind: str
    name: str
    config: Config
    shapes: tuple[Shape, ...]
    channels_first: bool = False
    given: CallConfig = CallConfig(())

    @property
    def shape(self) -> Shape:
        """The shape of the first input. Raises NotUnderstood if it takes no tensor."""
        if not self.shapes:
            raise self.refusal("takes nothing, and should take a tensor.")
        return self.shapes[0]

    def get(self, *names: str, default: Any = None) -> Any:
        """The first of these entries that the configuration has: Keras renamed many."""
        for name in names:
            if self.config.get(name) is not None:
                return plain(self.config[name])
        return default

    def refusal(self, sentence: str) -> NotUnderstood:
        """The refusal of this layer."""
        return NotUnderstood(f"the layer '{self.name}' ({self.kind}) {sentence}")

    def integer(self, *names: str, default: int | None = None) -> int:
        """A whole number. Raises NotUnderstood if it is missing or not one."""
        value = self.get(*names, default=default)
        if isinstance(value, float) and value == int(value):
            value = int(value)
        if type(value) is not int:
            raise self.refusal(f"states no whole number for {names[0]}.")
        return value

    def number(self, *names: str, default: float) -> float:
        """A number. Raises NotUnderstood if it is none."""
        value = self.get(*names, default=default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refusal(f"states no number for {names[0]}.")
        return float(value)

    def flag(self, *names: str, default: bool) -> bool:
        """A switch."""
        return bool(self.get(*names, default=default))

    def sizes(self, *names: str, rank: int, default: Any = 1) -> int | tuple[int, ...]:
        """One size for all axes, or one for each. Raises NotUnderstood if it is none of these."""
        value = self.get(*names, default=default)
        if isinstance(value, list):
            if len(value) not in (1, rank) or not all(type(size) is int for size in value):
                raise self.refusal(f"states no sizes for {names[0]} that fit its {rank} axes.")
            value = value[0] if len(set(value)) == 1 else tuple(value)
        if isinstance(value, tuple) or type(value) is int:
            return value
        raise self.refusal(f"states no size for {names[0]}.")

    def axis(self, axis: Any, rank: int | None = None) -> int:
        """An axis of Keras, which counts the batch, as a design's: 0 for the channels, 1 and on for the map.

        Raises NotUnderstood for an axis that its tensor does not have.
        """
        rank = self.shape.rank if rank is None else rank
        axis = plain(axis)
        if isinstance(axis, list) and len(axis) == 1:
            axis = axis[0]
        # Axis 0 is the batch, along which no layer of a design works.
        if type(axis) is not int or not -rank - 1 <= axis <= rank + 1 or axis == 0:
            raise self.refusal(f"works along the axis {axis}, which is not one of its tensor's.")
        place = axis if axis > 0 else rank + 2 + axis
        if self.channels_first:
            return place - 1
        return 0 if place == rank + 1 else place

    def shape_from(self, sizes: list[int]) -> Shape:
        """The sizes of a tensor without its batch, as a design's shape.

        Raises NotUnderstood for no axis, or more than a design holds.
        """
        if not sizes or len(sizes) > MAX_RANK + 1:
            raise self.refusal(
                f"makes a tensor of {len(sizes)} axes; a design holds 1 to {MAX_RANK + 1} besides the batch."
            )
        if self.channels_first:
            return Shape(sizes[0], tuple(sizes[1:]))
        return Shape(sizes[-1], tuple(sizes[:-1]))

    def sizes_of(self, shape: Shape) -> list[int]:
        """A design's shape as the sizes of a tensor without its batch."""
        if self.channels_first:
            return [shape.channels, *shape.spatial]
        return [*shape.spatial, shape.channels]
