"""Tensors of more axes than a design holds, or of which the batch holds several parts of each example.

They stand between a reshaping and the next: what is done with them is kept until they are a tensor of a design again,
where a placeholder takes its place.
"""

from __future__ import annotations

import re
from math import prod
from typing import Any

from cnnstudio.core.arithmetic.shape import MAX_RANK
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import NotFollowed
from cnnstudio.formats.source.torch.arrays import Array

MAX_AXES = MAX_RANK + 1
MAX_WIDE_AXES = 10
_POINTWISE = (
    *("Dense", "LayerNormalization", "Dropout", "Activation", "ReLU", "LeakyReLU", "Softmax", "BatchNormalization"),
    *("Identity", "ELU"),
)
"""Layers that act on the last axis alone, or on each element."""


_OF_MAPS = re.compile(r"^(?:Conv|Separable|Depthwise|Max|Average|Global|Up|Resizing|ZeroPadding|Cropping|Flatten)")
"""Layers that act on each map of a batch."""


class Wide(KerasTensor):
    """Such a tensor: the tensors of a design that it is made of, its sizes, and its parts in the batch.

    `work` are the multiply-accumulates of what was done, each by a number of its own.
    """

    def __init__(
        self, host: Any, sources: list[KerasTensor], sizes: list[int], parts: int, work: dict[int, int]
    ) -> None:
        super().__init__(host, -1)
        self.sources = sources
        self.own = sizes
        self.parts = parts
        self.work = work

    @property
    def step(self) -> int:
        """Raises NotFollowed: a design has no step for it."""
        if self.parts > 1:
            raise NotFollowed(f"uses a tensor whose batch holds {self.parts} parts of each example, in a way not read.")
        raise NotFollowed(f"makes a tensor of {len(self.own)} axes; a design holds 1 to {MAX_AXES} besides the batch.")

    @property
    def sizes(self) -> list[int]:
        """Its sizes without its batch, in their order."""
        return self.own

    def arithmetic(self, operator: str, other: Any, *, is_left: bool) -> Any:
        """Joined with a number, or with a tensor that fits."""
        if isinstance(other, (int, float)):
            return self
        if isinstance(other, KerasTensor) and parts_of(other) in (1, self.parts):
            sizes = spread(self.sizes, other.sizes)
            if sizes is not None:
                return made(self.host, "join", [self, other], sizes, parts=self.parts)
        if isinstance(other, Array):
            return self._with_array(operator, other)
        return super().arithmetic(operator, other, is_left=is_left)

    def _with_array(self, operator: str, other: Array) -> Any:
        """Joined with numbers that do not depend on the input, and may be a weight."""
        own = list(other.shape)
        while len(own) > len(self.sizes) and own[0] == 1:
            own = own[1:]
        rows = [1] * (len(self.sizes) - len(own)) + own
        if spread(self.sizes, rows) != self.sizes:
            raise NotFollowed(f"joins a tensor of {self.sizes} with numbers of the sizes {other.shape}.")
        if other.is_learned is None:
            return self
        flat = made(self.host, "reshape", [self], [self.parts * prod(self.sizes)])
        held = self.host.held(operator, [flat], flat.sizes, other)
        return made(self.host, "reshape", [held], self.sizes, parts=self.parts)

    def item(self, key: Any) -> Any:
        """A part of it."""
        return part(self.host, self, key)


def spread(left: list[int], right: list[int]) -> list[int] | None:
    """The sizes of two tensors with the same number of axes that are joined element by element; None if they differ."""
    if len(left) != len(right) or any(a != b and 1 not in (a, b) for a, b in zip(left, right, strict=True)):
        return None
    return [max(pair) for pair in zip(left, right, strict=True)]


def parts_of(tensor: KerasTensor) -> int:
    """The number of parts of each example that the batch of a tensor holds."""
    return tensor.parts if isinstance(tensor, Wide) else 1


def made(
    host: Any, kind: str, tensors: list[KerasTensor], sizes: list[int], *, parts: int = 1, macs: int = 0
) -> KerasTensor:
    """A tensor that is made of others: a step of the design, or none yet.

    Raises NotFollowed beyond a bound.
    """
    if len(sizes) > MAX_WIDE_AXES or not all(type(size) is int and size > 0 for size in sizes):
        raise NotFollowed(f"makes a tensor of the sizes {tuple(sizes)}, which is not read.")
    sources: list[KerasTensor] = []
    work = {host.number(): macs} if macs else {}
    for tensor in tensors:
        sources += tensor.sources if isinstance(tensor, Wide) else [tensor]
        work |= tensor.work if isinstance(tensor, Wide) else {}
    sources = list({id(source): source for source in sources}.values())
    if parts != 1 or not 0 < len(sizes) <= MAX_AXES:
        return Wide(host, sources, sizes, parts, work)
    new = {number: count for number, count in work.items() if number not in host.charged}
    host.charged |= set(new)
    found: KerasTensor = host.placed(kind, sources, sizes, sum(new.values()))
    return found


def reshaped(host: Any, tensor: KerasTensor, wanted: list[Any]) -> KerasTensor:
    """A tensor with other sizes, its batch first. Raises NotFollowed if its elements do not go into them."""
    inner = list(wanted[1:])
    if not all(type(size) is int for size in inner) or inner.count(-1) > 1:
        raise NotFollowed("reshapes a tensor to sizes that are not known.")
    have = parts_of(tensor) * prod(tensor.sizes)
    known = prod(size for size in inner if size > 0)
    parts = parts_of(tensor)
    if -1 in inner:
        if (have // parts) % known:
            raise NotFollowed(f"reshapes {have // parts:,} elements to {known:,}.")
        inner[inner.index(-1)] = have // parts // known
    elif have % known:
        raise NotFollowed(f"reshapes {have:,} elements to {known:,}.")
    else:
        parts = have // known
    return made(host, "reshape", [tensor], inner, parts=parts)


def transposed(host: Any, tensor: KerasTensor, order: list[int]) -> KerasTensor:
    """A tensor with its axes in another order, the batch first. Raises NotFollowed for one that moves the batch."""
    if sorted(order) != list(range(len(tensor.sizes) + 1)) or order[0] != 0:
        raise NotFollowed("exchanges axes in a way that is not read.")
    return made(host, "transpose", [tensor], [tensor.sizes[axis - 1] for axis in order[1:]], parts=parts_of(tensor))


def part(host: Any, tensor: KerasTensor, key: Any) -> KerasTensor:
    """A part by slices, places and new axes. Raises NotFollowed for one that is chosen by something else."""
    keys = list(key) if isinstance(key, tuple) else [key]
    sizes: list[Any] = [None, *tensor.sizes]
    if Ellipsis in keys:
        place = keys.index(Ellipsis)
        used = sum(item is not None for item in keys) - 1
        keys[place : place + 1] = [slice(None)] * (len(sizes) - used)
    kept: list[Any] = []
    at = 0
    for item in keys:
        if item is None:
            kept.append(1)
            continue
        if at >= len(sizes):
            raise NotFollowed("takes a part of more axes than a tensor has.")
        size = sizes[at]
        at += 1
        if isinstance(item, slice) and all(end is None or type(end) is int for end in (item.start, item.stop)):
            kept.append(size if size is None else len(range(size)[item]))
            if size is None and item != slice(None):
                raise NotFollowed("takes a part of the batch, which a design does not have.")
        elif type(item) is not int or size is None or not -size <= item < size:
            raise NotFollowed("takes a part of a tensor that is chosen by something that is not read.")
    kept += sizes[at:]
    if not kept or kept[0] is not None:
        raise NotFollowed("takes a part of the batch, which a design does not have.")
    return made(host, "part", [tensor], kept[1:] or [1], parts=parts_of(tensor))


def is_meant(layer: Any, tensor: KerasTensor) -> bool:
    """True for a layer that takes or gives such a tensor."""
    target = layer.config.get("target_shape") if layer.kind == "Reshape" else None
    return isinstance(tensor, Wide) or (isinstance(target, list) and len(target) > MAX_AXES)


def applied(host: Any, layer: Any, tensor: KerasTensor) -> Any:
    """A layer that acts on the last axis alone, applied to such a tensor. Raises NotFollowed for any other."""
    kind, axis = layer.kind, layer.config.get("axis", -1)
    if kind == "Reshape":
        return reshaped(host, tensor, [-1, *layer.config["target_shape"]])
    if kind == "Permute":
        return transposed(host, tensor, [0, *layer.config["dims"]])
    if parts_of(tensor) > 1 and _OF_MAPS.match(kind) and len(tensor.sizes) < MAX_AXES:
        return _at_each_part(host, layer, tensor)
    if kind not in _POINTWISE or axis not in (-1, len(tensor.sizes)) or layer.after is not None:
        raise NotFollowed(f"applies {kind} to a tensor of more axes than a design holds, which is not read.")
    rows = parts_of(tensor) * prod(tensor.sizes[:-1])
    flat = made(host, "reshape", [tensor], [rows, tensor.sizes[-1]])
    found = host.apply(layer, [flat], {})
    return made(host, "reshape", [found], [*tensor.sizes[:-1], found.sizes[-1]], parts=parts_of(tensor))


def _at_each_part(host: Any, layer: Any, tensor: KerasTensor) -> KerasTensor:
    """A layer that is applied to each part of an example, as a TimeDistributed does it."""
    reader, parts = host.steps.reader, parts_of(tensor)
    if reader.at_each_step:
        raise NotFollowed(f"applies {layer.kind} to parts of parts of an example, which is not read.")
    rows = made(host, "reshape", [tensor], [parts, *tensor.sizes])
    reader.at_each_step = True
    try:
        found = host.apply(layer, [rows], {})
    finally:
        reader.at_each_step = False
    return made(host, "reshape", [found], found.sizes[1:], parts=parts)
