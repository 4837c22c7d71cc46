"""Tensors that do not depend on the input: learned weights, and what a script makes of zeros and random numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from math import prod
from typing import Any, ClassVar

from cnnstudio.formats.source.language.limits import Budget
from cnnstudio.formats.source.language.operators import binary
from cnnstudio.formats.source.language.values import Native, NotFollowed, Raised, Thing, Unknown

SAME = (
    *("data", "detach", "clone", "cpu", "cuda", "to", "float", "half", "double", "requires_grad_", "contiguous"),
    *("fill_", "zero_", "normal_", "uniform_", "copy_", "zero_grad", "mul_", "add_", "div_", "item", "type"),
    *("astype", "copy", "pin_memory", "bfloat16", "type_as", "clamp_", "constant_", "xavier_uniform_", "int", "long"),
    *("kaiming_normal_", "bool", "numpy", "exponential_", "random_", "bernoulli_", "trunc_normal_", "byte", "short"),
)
_PROPERTIES = ("data", "grad")


def _no_rule(name: str) -> Unknown:
    return Unknown(f"what '{name}' gives of a tensor that is no layer's output")


class Flowing(Thing, ABC):
    """A tensor that depends on the input of a network."""

    @abstractmethod
    def trace_call(self, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """Follows an operator on it."""


class Array(Thing):
    """A tensor by its shape. `is_learned` is True for a parameter, False for a buffer, None for what is neither.

    `origin` is the name of a weight, by which two uses of one are known to be one; `classes` are the classes of which
    its elements are the numbers, 0 if they are no such.
    """

    title = "a tensor"
    is_compared = True
    rules: ClassVar[dict[str, Callable[[list[Any], dict[str, Any]], Any]]] = {}
    """The functions of it, by name; filled where they are written."""

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        is_learned: bool | None = None,
        values: tuple[Any, ...] | None = None,
        is_float: bool = True,
    ) -> None:
        self.shape = shape
        self.is_learned = is_learned
        self.values = values
        self.is_float = is_float
        self.origin = ""
        self.numbers = self.size
        self.requires_grad = True
        self.classes = 0

    @property
    def size(self) -> int:
        """The number of its elements."""
        return prod(self.shape)

    def attribute(self, name: str) -> Any:
        """Its sizes, and methods that leave it as it is."""
        if name == "shape":
            return tuple(self.shape)
        if name == "size":
            return Native(name, self._size)
        if name in ("dim", "ndimension"):
            return Native(name, lambda _given, _named: len(self.shape))
        if name in ("numel", "nelement"):
            return Native(name, lambda _given, _named: self.size)
        if name == "ndim":
            return len(self.shape)
        if name in ("T", "mT", "H"):
            return Array((*self.shape[:-2], *self.shape[:-3:-1]), is_float=self.is_float).named(self)
        if name == "__isinstance__":
            learned = ("torch.nn.Parameter", "torch.nn.parameter.Parameter") if self.is_learned else ()
            return ("torch.Tensor", *learned)
        if name == "__deepcopy__":
            return Array(self.shape, is_learned=self.is_learned, values=self.values, is_float=self.is_float)
        if name in ("__int__", "__float__"):
            return self._scalar()
        if name == "requires_grad":
            return self.requires_grad
        if name in ("device", "dtype", "grad", "is_cuda"):
            return Unknown(f"the {name} of a tensor")
        if name == "astype":
            return Native(name, self._as_type)
        if name == "item":
            return Native(name, lambda _given, _named: self._scalar())
        if name == "tolist":
            return Native(name, lambda _given, _named: list(self.values or ()) or Unknown("numbers"))
        if name in SAME:
            return self if name in _PROPERTIES else Native(name, lambda _given, _named: self)
        return self._reshaping(name)

    def _reshaping(self, name: str) -> Any:
        def made(given: list[Any], named: dict[str, Any]) -> Any:
            flowing = next((item for item in given if isinstance(item, Flowing)), None)
            if flowing is not None:
                return flowing.trace_call(name.removesuffix("_"), [self, *given], named)
            sizes = list(given[0]) if given and isinstance(given[0], (list, tuple)) else list(given)
            shape = self._shape_after(name, sizes, named)
            if shape is None:
                return self._by_function(name, given, named)
            return Array(shape, is_learned=None, is_float=self.is_float).named(self)

        return Native(name, made)

    def _by_function(self, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        rule = self.rules.get(name.removesuffix("_"))
        try:
            return _no_rule(name) if rule is None else rule([self, *given], named)
        except (LookupError, ValueError, TypeError, ArithmeticError, AttributeError):
            return _no_rule(name)

    def _shape_after(self, name: str, sizes: list[Any], named: dict[str, Any]) -> tuple[int, ...] | None:
        shape = list(self.shape)
        if not all(type(size) is int for size in sizes):
            return None
        if name in ("view", "reshape") and sizes and min(sizes) >= -1 and 0 not in sizes:
            known = prod(size for size in sizes if size != -1)
            return tuple(self.size // known if size == -1 and known else size for size in sizes)
        if name == "expand" and len(sizes) >= len(shape):
            wide = [1] * (len(sizes) - len(shape)) + shape
            return tuple(have if size == -1 else size for have, size in zip(wide, sizes, strict=True))
        if name == "repeat" and len(sizes) >= len(shape):
            wide = [1] * (len(sizes) - len(shape)) + shape
            return tuple(have * times for have, times in zip(wide, sizes, strict=True))
        if name == "unsqueeze" and len(sizes) == 1:
            shape.insert(sizes[0] if sizes[0] >= 0 else len(shape) + 1 + sizes[0], 1)
            return tuple(shape)
        if name == "permute" and sorted(sizes) == list(range(len(shape))):
            return tuple(shape[axis] for axis in sizes)
        if name in ("t", "transpose") and len(shape) == 2:
            return tuple(shape[::-1])
        return None

    def named(self, origin: Array) -> Array:
        """The same tensor as a view of a weight."""
        self.origin = origin.origin
        self.numbers = min(origin.numbers, self.size) if origin.origin else self.size
        self.is_learned = origin.is_learned
        return self.of_classes(origin)

    def of_classes(self, origin: Array) -> Array:
        """The same tensor with the numbers of the same classes."""
        self.classes = origin.classes
        return self

    def is_noise(self, sizes: list[int]) -> bool:
        """True for numbers of no weight that are as many as a tensor of these sizes has, with its batch."""
        return self.is_learned is None and self.values is None and len(sizes) > 1 and list(self.shape) == sizes

    def _size(self, given: list[Any], _named: dict[str, Any]) -> Any:
        try:
            return self.shape[given[0]] if given else tuple(self.shape)
        except (IndexError, TypeError):
            raise NotFollowed("asks a tensor for an axis that it does not have.") from None

    def _as_type(self, given: list[Any], _named: dict[str, Any]) -> Any:
        """Its numbers as whole ones, if they are known and asked for so."""
        kind = getattr(given[0], "name", given[0]) if given else ""
        if self.values is None or "int" not in str(kind):
            return self
        return Array(self.shape, values=tuple(int(number) for number in self.values), is_float=False)

    def _scalar(self) -> Any:
        return self.values[0] if self.values is not None and self.size == 1 else Unknown("the number in a tensor")

    def set_attribute(self, name: str, value: Any) -> None:
        """Sets whether it is trained; all else changes no shape.

        Raises NotFollowed for a tensor of the network, which would be lost in it.
        """
        if isinstance(value, Flowing) and not name.isidentifier():
            raise NotFollowed("puts a tensor of the network into one that is not, which is not read.")
        if name == "requires_grad":
            self.requires_grad = value is not False

    def item(self, key: Any) -> Any:
        """A part of it, if it is one of few numbers; the last of a list of sizes."""
        if type(key) is int and len(self.shape) == 1 and self.values is not None:
            try:
                return Array((), values=(self.values[key],), is_float=self.is_float)
            except IndexError:
                raise NotFollowed("takes an element that a tensor does not have.") from None
        if type(key) is int and self.shape:
            return Array(self.shape[1:], is_float=self.is_float).named(self)
        if isinstance(key, (slice, tuple)) or key is None or key is Ellipsis:
            return self._part(key)
        if isinstance(key, Array) and self.shape:
            return Array((*key.shape, *self.shape[1:]), is_float=self.is_float).named(self)
        return Unknown("a part of a tensor that is no layer's output")

    def _part(self, key: Any) -> Any:
        """A part by slices, places and new axes, as in `x[:100, ..., None]`."""
        keys = list(key) if isinstance(key, tuple) else [key]
        used = sum(part is not None and part is not Ellipsis for part in keys)
        sizes: list[int] = []
        axis = 0
        for part in keys:
            if part is Ellipsis:
                rest = len(self.shape) - used
                sizes += self.shape[axis : axis + rest]
                axis += rest
            elif part is None:
                sizes.append(1)
            elif axis >= len(self.shape):
                return Unknown("a part of a tensor of fewer axes")
            elif type(part) is int:
                axis += 1
            elif isinstance(part, Array):
                if axis == 0 or not any(isinstance(item, Array) for item in keys[:axis]):
                    sizes += part.shape
                axis += 1
            elif isinstance(part, slice) and all(end is None or type(end) is int for end in (part.start, part.stop)):
                sizes.append(len(range(self.shape[axis])[part]))
                axis += 1
            else:
                return Unknown("a part of a tensor that is chosen by another one")
        return Array((*sizes, *self.shape[axis:]), is_float=self.is_float).named(self)

    def items(self) -> Iterator[Any]:
        """Its elements along the first axis: numbers, where they are known."""
        if self.values is not None and len(self.shape) == 1:
            yield from self.values
            return
        if not self.shape or self.shape[0] > 10_000:
            raise NotFollowed("goes through the elements of a tensor, which is not read.")
        for place in range(self.shape[0]):
            yield self.item(place)

    def arithmetic(self, operator: str, other: Any, *, is_left: bool) -> Any:
        """Numbers are joined where they are few; of other tensors the shape is kept."""
        if isinstance(other, Thing) and not isinstance(other, Array):
            return other.arithmetic(operator, self, is_left=not is_left)
        if isinstance(other, Unknown):
            return other
        shape = self.shape
        if isinstance(other, Array):
            wide = max(len(shape), len(other.shape))
            rows = [(1,) * (wide - len(row)) + row for row in (shape, other.shape)]
            shape = tuple(max(pair) for pair in zip(*rows, strict=True))
        values = self._joined(operator, other, is_left=is_left)
        if values is not None:
            return Array((len(values),) if self.shape else (), values=values, is_float=False)
        return Array(shape).named(self if self.is_learned else other if isinstance(other, Array) else self)

    def _joined(self, operator: str, other: Any, *, is_left: bool) -> tuple[Any, ...] | None:
        """The numbers of a short row joined with a number, or with as many; None if they are not known."""
        theirs = other.values if isinstance(other, Array) else (other,) if isinstance(other, (int, float)) else None
        if self.values is None or theirs is None or len(self.shape) > 1 or len(theirs) not in (1, len(self.values)):
            return None
        if isinstance(other, Array) and other.shape and not self.shape:
            return None
        right = theirs * len(self.values) if len(theirs) == 1 else theirs
        pairs = zip(self.values, right, strict=True) if is_left else zip(right, self.values, strict=True)
        try:
            return tuple(binary(Budget(), operator, left, number) for left, number in pairs)
        except (NotFollowed, Raised):
            return None

    def truth(self) -> bool:
        """That of its number. Raises NotFollowed where it is not known, or several."""
        if self.size == 1 and self.values is not None:
            return bool(self.values[0])
        raise NotFollowed("decides by what stands in a tensor.")

    def length(self) -> int:
        """The size of its first axis."""
        return self.shape[0] if self.shape else 0
