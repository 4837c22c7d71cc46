"""Tensors of Keras: the output of a step, with the channels last as Keras has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnstudio.formats.source.language.values import Native, NotFollowed, Thing, Unknown, kind_of
from cnnstudio.formats.source.torch.arrays import Array

_SIGNS = {"+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "**": "Power"}


class KerasTensor(Thing):
    """The output of a step."""

    title = "a tensor"

    def __init__(self, host: Any, step: int) -> None:
        self.host = host
        self._step = step

    @property
    def step(self) -> int:
        """The step whose output it is. Raises NotFollowed for a tensor that is no output of one."""
        return self._step

    @property
    def sizes(self) -> list[int]:
        """Its sizes without its batch, channels last."""
        shape = self.host.draft.steps[self.step].shape
        return [shape.channels, *shape.spatial] if self.host.is_first else [*shape.spatial, shape.channels]

    def attribute(self, name: str) -> Any:
        """Its shape, in the ways in which one asked for it over the years."""
        if name in ("shape", "_keras_shape", "_shape_val"):
            return TensorShape((None, *self.sizes))
        if name == "get_shape":
            return Native(name, lambda _given, _named: TensorShape((None, *self.sizes)))
        if name in ("ndim", "rank"):
            return len(self.sizes) + 1
        if name in ("name", "_name"):
            return "tensor"
        if name == "__isinstance__":
            return ("keras.KerasTensor", "tensorflow.Tensor")
        if name in ("dtype", "device", "_keras_history"):
            return Unknown(f"the {name} of a tensor")
        return Unknown(f"'{name}' of a tensor")

    def arithmetic(self, operator: str, other: Any, *, is_left: bool) -> Any:
        """It and another tensor or number joined element by element."""
        if isinstance(other, Unknown):
            return other
        name = _SIGNS.get(operator)
        is_elementwise = isinstance(other, Noise) or (isinstance(other, Array) and self._is_spread(other))
        if name is not None and is_elementwise:
            return self.host.placed(name.lower(), [self], self.sizes)
        if name is None or not isinstance(other, (int, float, KerasTensor, Array)):
            return Unknown(f"'{operator}' of a tensor and {kind_of(other)}")
        if isinstance(other, Array) and other.is_learned is not None:
            return self.host.joined(name, self, other)
        return self.host.operation(name, [self, other] if is_left else [other, self], {})

    def _is_spread(self, other: Array) -> bool:
        """True for numbers that are not learned and are laid over each element, its batch included."""
        sizes = [1, *self.sizes][-len(other.shape) :] if other.shape else []
        is_fitting = len(sizes) == len(other.shape) and all(
            a in (1, b) for a, b in zip(other.shape, sizes, strict=True)
        )
        return bool(sizes) and is_fitting and not other.is_learned

    def item(self, key: Any) -> Any:
        """A part of it."""
        keys = list(key) if isinstance(key, tuple) else [key]
        if any(part is None for part in keys):
            return Unknown("a tensor with an axis put in")
        written = [_written(part) for part in keys]
        return self.host.operation("GetItem", [self, written], {})

    def items(self) -> Iterator[Any]:
        """Raises NotFollowed: a network does not look at the images of a batch one by one."""
        raise NotFollowed("goes through the images of a batch one by one, which is not read.")

    def truth(self) -> bool:
        """True: a tensor that is there."""
        return True

    def length(self) -> int:
        """Raises NotFollowed: a batch has any number of images."""
        raise NotFollowed("asks for the number of images in a batch.")


class Noise(Thing):
    """Random numbers, of any shape that fits."""

    title = "random numbers"

    def arithmetic(self, operator: str, other: Any, *, is_left: bool) -> Any:
        """Joined with a tensor they keep its sizes; with anything else they are random numbers still."""
        if isinstance(other, KerasTensor):
            return other.arithmetic(operator, self, is_left=not is_left)
        return other if isinstance(other, Unknown) else self


class TensorShape(Thing):
    """The sizes of a tensor, None for its batch."""

    title = "a shape"

    def __init__(self, sizes: tuple[int | None, ...]) -> None:
        self.sizes = sizes

    def attribute(self, name: str) -> Any:
        """Its methods."""
        if name == "as_list":
            return Native(name, lambda _given, _named: list(self.sizes))
        if name in ("rank", "ndims"):
            return len(self.sizes)
        return Unknown(f"'{name}' of a shape")

    def item(self, key: Any) -> Any:
        """A size, or some of them."""
        try:
            return self.sizes[key]
        except (IndexError, TypeError):
            raise NotFollowed(f"asks for axis {key} of a tensor of {len(self.sizes)} axes.") from None

    def items(self) -> Iterator[Any]:
        """The sizes."""
        yield from self.sizes

    def plain(self) -> Any:
        """Its sizes."""
        return self.sizes

    def length(self) -> int:
        """The number of axes."""
        return len(self.sizes)

    def arithmetic(self, operator: str, other: Any, *, is_left: bool) -> Any:
        """Sizes and others one after the other."""
        if operator == "+" and isinstance(other, (tuple, list)):
            return (*self.sizes, *other) if is_left else (*other, *self.sizes)
        return Unknown("what is computed of a shape")


def _written(part: Any) -> Any:
    """An index as Keras writes it in a file."""
    if part is Ellipsis:
        return "..."
    if isinstance(part, slice):
        return {"class_name": "__slice__", "config": {"start": part.start, "stop": part.stop, "step": part.step}}
    if type(part) is int:
        return part
    raise NotFollowed("takes a part of a tensor that is chosen by something that is not read.")
