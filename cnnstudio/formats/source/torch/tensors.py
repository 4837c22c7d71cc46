"""Tensors that depend on the input, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnstudio.formats.foreign.torch.operators import OPERATORS, operator_name
from cnnstudio.formats.source.language.values import Native, NotFollowed, Thing, Unknown, kind_of
from cnnstudio.formats.source.torch.arrays import Array, Flowing
from cnnstudio.formats.source.torch.binding import Binder
from cnnstudio.formats.source.torch.trace import Trace

_SIGNS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "@": "matmul"}
_SAME = (
    *("contiguous", "clone", "detach", "to", "float", "half", "double", "cuda", "cpu", "type", "requires_grad_"),
    *("type_as", "bfloat16", "long", "int", "data", "retain_grad", "coalesce"),
)
_FACTS = ("device", "dtype", "grad", "requires_grad", "is_cuda", "layout", "names")
_VARIADIC = {"view": "size", "reshape": "size", "permute": "dims", "expand": "size", "repeat": "size"}


class Tensor(Flowing):
    """A tensor of the network that is traced; `name` changes where something is done in place.

    One that `is_merged` is a sequence whose batch and steps the source took together, as in `view(-1, hidden)`.
    """

    title = "a tensor"
    is_compared = True

    def __init__(self, trace: Trace, name: str) -> None:
        self.trace = trace
        self.name = name
        self.narrow: Tensor | None = None
        self.is_merged = False

    # Facts

    @property
    def sizes(self) -> list[int]:
        """Its sizes with its batch."""
        sizes = self.trace.sizes(self.name)
        return [sizes[0] * sizes[1], *sizes[2:]] if self.is_merged else sizes

    def attribute(self, name: str) -> Any:
        """Its sizes, and its methods."""
        if name == "shape":
            return tuple(self.sizes)
        if name == "size":
            return Native(name, self._size)
        if name in ("dim", "ndimension"):
            return Native(name, lambda _given, _named: len(self.sizes))
        if name == "ndim":
            return len(self.sizes)
        if name in ("numel", "nelement"):
            return Native(name, lambda _given, _named: self.trace.elements(self.name) * self.sizes[0])
        if name == "__isinstance__":
            return ("torch.Tensor",)
        if name == "data":
            return self
        if name in ("T", "mT", "H"):
            return self.trace_call("t" if len(self.sizes) == 2 else "transpose", [self, -2, -1][:3], {})
        if name in _FACTS:
            return False if name == "is_cuda" else Unknown(f"the {name} of a tensor")
        if name in _SAME:
            return Native(name, lambda _given, _named: self)
        if name.startswith("__"):
            return Unknown(f"'{name}' of a tensor")
        return Native(name, lambda given, named: self.method(name, given, named))

    def _size(self, given: list[Any], named: dict[str, Any]) -> Any:
        axis = named.get("dim", given[0] if given else None)
        try:
            return tuple(self.sizes) if axis is None else self.sizes[axis]
        except (IndexError, TypeError):
            raise NotFollowed(f"asks for axis {axis} of a tensor of {len(self.sizes)} axes.") from None

    def length(self) -> int:
        """The size of its batch."""
        return self.sizes[0]

    def truth(self) -> bool:
        """Raises NotFollowed: what stands in a tensor is not known."""
        raise NotFollowed("decides by what stands in a tensor.")

    def set_attribute(self, name: str, value: Any) -> None:
        """Puts numbers or another tensor into a part of it. Raises NotFollowed where that is not read."""
        if name.isidentifier() or isinstance(value, Unknown):
            super().set_attribute(name, value)
        function = Binder.functions("put")
        if isinstance(value, Tensor) and function is not None:
            self.name = function(self.trace, [self, value], {}).name

    # Operations

    def trace_call(self, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """Follows an operator on it."""
        return operate(self.trace, name, given, named)

    def method(self, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of a method; one that works in place changes the tensor itself."""
        if name in _VARIADIC and given and not isinstance(given[0], (list, tuple)):
            given = [list(given)]
        if name in ("view_as", "expand_as", "reshape_as") and isinstance(given[0], Tensor):
            given = [tuple(given[0].sizes)]
            name = name.removesuffix("_as")
        if name == "expand" and given and isinstance(given[0], (list, tuple)):
            return self._expanded(list(given[0]))
        plain = name.removesuffix("_")
        result = Binder.functions(plain)
        if result is not None:
            made = result(self.trace, [self, *given], named)
        else:
            made = self.trace_call(plain, [self, *given], named)
        if name.endswith("_") and isinstance(made, Tensor):
            self.name = made.name
            return self
        return made

    def _expanded(self, sizes: list[Any]) -> Any:
        """It repeated along axes of size 1; joined with a tensor of that size, the narrow one does."""
        made = self.trace_call("expand", [self, sizes], {})
        if isinstance(made, Tensor) and len(sizes) == len(self.sizes):
            made.narrow = self
        return made

    def arithmetic(self, operator: str, other: Any, *, is_left: bool) -> Any:
        """It and another tensor or number joined element by element; a comparison is not known."""
        if isinstance(other, Unknown):
            return other
        name = _SIGNS.get(operator)
        if name is None or not isinstance(other, (int, float, Tensor, Array)):
            return Unknown(f"'{operator}' of a tensor and {kind_of(other)}")
        first, second = _narrowed(self, other)
        return self.trace_call(name, [first, second] if is_left else [second, first], {})

    def item(self, key: Any) -> Any:
        """A part of it: one index, a slice, new axes, for each axis in turn."""
        keys = list(key) if isinstance(key, tuple) else [key]
        if any(isinstance(part, Unknown) for part in keys):
            return next(part for part in keys if isinstance(part, Unknown))
        axes = sum(part is not None and part is not Ellipsis for part in keys)
        if Ellipsis in [part for part in keys if not isinstance(part, Thing)]:
            place = next(place for place, part in enumerate(keys) if part is Ellipsis)
            keys[place : place + 1] = [slice(None)] * (len(self.sizes) - axes)
        made: Any = self
        axis = 0
        for part in keys:
            made, axis = _cut(made, part, axis)
            if not isinstance(made, Tensor):
                return made
        return made

    def items(self) -> Iterator[Any]:
        """Its parts along its first axis, such as queries, keys and values. Raises NotFollowed for a batch."""
        first = self.sizes[0]
        if first == self.trace.tracer.batch:
            raise NotFollowed("goes through the images of a batch one by one, which is not read.")
        for place in range(first):
            yield self.trace_call("select", [self, 0, place], {})


def _narrowed(left: Tensor, right: Any) -> tuple[Any, Any]:
    """Two operands, one that was only repeated to the size of the other as it was before."""
    if isinstance(right, Tensor) and left.sizes == right.sizes:
        if left.narrow is not None:
            return left.narrow, right
        if right.narrow is not None:
            return left, right.narrow
    return left, right


def _cut(made: Tensor, part: Any, axis: int) -> tuple[Any, int]:
    """The tensor after one key, and the axis of the next."""
    if part is None:
        return made.trace_call("unsqueeze", [made, axis], {}), axis + 1
    if type(part) is int:
        size = made.sizes[axis] if axis < len(made.sizes) else 0
        if not -size <= part < size:
            raise NotFollowed(f"takes element {part} of an axis of {size}.")
        return made.trace_call("select", [made, axis, part], {}), axis
    if isinstance(part, slice):
        if part == slice(None):
            return made, axis + 1
        size = made.sizes[axis] if axis < len(made.sizes) else 0
        try:
            first, last, step = part.indices(size)
        except (TypeError, ValueError):
            raise NotFollowed("cuts a tensor by bounds that are no whole numbers.") from None
        if step < 1 or first >= last:
            raise NotFollowed(f"cuts nothing out of an axis of {size}.")
        return made.trace_call("slice", [made, axis, first, last, step], {}), axis + 1
    return Unknown("a part of a tensor that is chosen by another one"), axis


def converted(trace: Trace, value: Any) -> Any:
    """An argument as an operator takes it: tensors by their names."""
    from cnnstudio.formats.foreign.torch.building import Ref

    if isinstance(value, Tensor):
        return Ref(value.name)
    if isinstance(value, Array):
        if value.values is not None and value.size == 1 and value.is_learned is None and not value.shape:
            return value.values[0]
        return Ref(trace.constant(value))
    if isinstance(value, (list, tuple)):
        return [converted(trace, item) for item in value]
    return value


_NAMES = {"axis": "dim", "keepdims": "keepdim", "p": "p", "training": "train", "inplace": ""}
MANY = ("chunk", "split", "split_with_sizes", "unbind", "tensor_split")


def operate(trace: Trace, name: str, given: list[Any], named: dict[str, Any]) -> Any:
    """Follows an operator by the arguments of a call. Raises NotFollowed if it is not known or does not fit."""
    noisy = _with_noise(trace, name, given)
    if noisy is not None:
        return noisy
    own = operator_name(f"aten::{name}")
    found = OPERATORS.get(own)
    if found is None:
        return Unknown(f"what '{name}' gives in line {trace.line}, which is not read")
    names = found[0].split()
    values = dict(zip(names, given, strict=False))
    for key, value in named.items():
        key = _NAMES.get(key, key)
        if key in ("input", "self") and key not in names:
            key = names[0]
        if key:
            values[key] = value
    lost = next((value for value in _flat(values) if isinstance(value, Unknown)), None)
    if lost is not None:
        return Unknown(lost.why) if _is_tensor_lost(values) else _refuse_unknown(name, lost)
    arguments = {key: converted(trace, value) for key, value in values.items()}
    _refuse_merged(name, values)
    outputs = _outputs(own, values)
    made = trace.operator(own, arguments, outputs)
    tensors = [Tensor(trace, item) for item in made]
    tensors[0].is_merged = any(isinstance(item, Tensor) and item.is_merged for item in values.values())
    return tuple(tensors) if own in MANY else tensors[0]


def _with_noise(trace: Trace, name: str, given: list[Any]) -> Any:
    """A tensor joined with as many random numbers, as a function that costs nothing; None for another operation."""
    if name not in ("add", "sub", "mul", "div") or len(given) != 2:
        return None
    for tensor, other in (given, given[::-1]):
        if isinstance(tensor, Tensor) and isinstance(other, Array) and other.is_noise(tensor.sizes):
            function = Binder.functions(f"{name} of noise")
            return None if function is None else function(trace, [tensor], {})
    return None


def _refuse_merged(name: str, values: dict[str, Any]) -> None:
    """Raises NotFollowed for what looks at more than one step of a sequence whose batch and steps are one axis."""
    is_merged = any(isinstance(item, Tensor) and item.is_merged for item in _flat(values))
    if is_merged and any(key in values for key in ("dim", "dims", "tensors", "dim0", "index", "start_dim", "mat2")):
        raise NotFollowed(f"calls '{name}' of a sequence whose batch and steps were put together, which is not read.")


def _flat(values: dict[str, Any]) -> Iterator[Any]:
    for value in values.values():
        yield from value if isinstance(value, (list, tuple)) else (value,)


def _is_tensor_lost(values: dict[str, Any]) -> bool:
    """True if it is a tensor that is not known, and not only a number."""
    tensors = ("self", "input", "tensors", "other", "mat1", "mat2")
    parts = [values.get(name) for name in tensors]
    return any(
        isinstance(item, Unknown) for part in parts for item in (part if isinstance(part, (list, tuple)) else (part,))
    )


def _refuse_unknown(name: str, lost: Unknown) -> Any:
    raise NotFollowed(f"calls '{name}' with what is not known: {lost.why}.")


def _outputs(name: str, values: dict[str, Any]) -> int:
    """The number of tensors that an operator gives."""
    if name not in MANY:
        return 1
    source = values.get("self", values.get("input"))
    sizes = source.sizes if isinstance(source, Tensor) else []
    axis = int(values.get("dim", 0))
    have = sizes[axis] if -len(sizes) <= axis < len(sizes) else 0
    if name == "unbind":
        return have
    amount = values.get("chunks", values.get("split_size", values.get("split_sizes")))
    if isinstance(amount, (list, tuple)):
        return len(amount)
    if not isinstance(amount, int) or amount < 1 or not have:
        raise NotFollowed(f"calls '{name}' with a number of parts that is not known.")
    part = -(-have // amount) if name == "chunk" else amount
    return -(-have // part)
