"""A graph as it grows: operators, weights, constants, and the shape of every row's output."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from math import prod, sqrt
from typing import Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.exports.onnx import wire
from cnnstudio.exports.onnx.seeded import repeated_float, seeded_floats
from cnnstudio.exports.target import Weights

BATCH = "batch"
Kind = Literal["weight", "bias", "scale", "mean", "variance"]
PLAIN: dict[Kind, float] = {"weight": 0.02, "bias": 0.0, "scale": 1.0, "mean": 0.0, "variance": 1.0}
"""The value of every number of a tensor that is not seeded."""


class Stored(Struct, frozen=True):
    """A tensor of weights: its name, sizes, what it is, and of how many numbers each output is the sum."""

    name: str
    dims: tuple[int, ...]
    kind: Kind
    fan_in: int

    @property
    def size_bytes(self) -> int:
        """Bytes of its numbers."""
        return 4 * prod(self.dims)

    def numbers(self) -> bytes:
        """Seeded numbers: weights that keep activations about as large as they are, scales and variances near 1."""
        count = prod(self.dims)
        if self.kind in ("scale", "variance"):
            return seeded_floats(self.name, count, 0.5, signed=False)
        # Deep networks of larger numbers overflow, and of smaller ones give zeros, so that no two outputs could be
        # compared.
        scale = sqrt(2 / self.fan_in) / 1.5 if self.kind == "weight" else 0.0625
        return seeded_floats(self.name, count, scale)


def element_of(shape: Shape) -> int:
    """The type of the elements of a tensor: places in a map are whole numbers."""
    return wire.INT64 if shape.within else wire.FLOAT


class GraphBuilder:
    """Collects the messages of a graph. Names are paths, so that viewers group operators by block."""

    def __init__(self, weights: Weights) -> None:
        self._nodes: list[bytes] = []
        self.values: list[bytes] = []
        self.constants: list[bytes] = []
        self.stored: list[Stored] = []
        self.path = ""
        self.owner = ""
        self._filled: set[str] = set()
        self._weights = weights
        self._count = 0
        self._known: dict[object, str] = {}
        self._last: tuple[str, tuple[str, ...], tuple[str, ...], str, dict[str, wire.Attribute]] | None = None

    def begin(self, path: str, owner: str = "") -> None:
        """Begins the row at this path; what is added next belongs to it, and its weights to the row at `owner`."""
        self.path = path
        self.owner = owner or path
        self._count = 0

    def add(self, operator: str, *inputs: str, output: int = 0, **attributes: wire.Attribute) -> str:
        """An operator; returns the name of its output, or of another one by number, those before it left out."""
        name = self._named(operator)
        self._last = (operator, inputs, ("",) * output, name, attributes)
        return name

    def _named(self, operator: str) -> str:
        """The name of the next operator, after the last is written."""
        self._count += 1
        self._flush()
        return f"{self.path}/{operator}" + (f"_{self._count}" if self._count > 1 else "")

    def add_several(
        self, operator: str, *inputs: str, wanted: Sequence[int], **attributes: wire.Attribute
    ) -> tuple[str, ...]:
        """An operator; returns the names of the wanted of its outputs, by number. Others are left out."""
        name = self._named(operator)
        names = [f"{name}/{at}" if at in wanted else "" for at in range(max(wanted) + 1)]
        self._nodes.append(wire.node(operator, inputs, names, name, attributes))
        return tuple([names[at] for at in wanted])

    @property
    def nodes(self) -> list[bytes]:
        """The operators, in the order in which they run."""
        self._flush()
        return self._nodes

    def _flush(self) -> None:
        """Writes the last operator, whose output keeps its name."""
        if self._last is not None:
            operator, inputs, unused, name, attributes = self._last
            self._nodes.append(wire.node(operator, inputs, (*unused, name), name, attributes))
            self._last = None

    def rename_last(self, name: str) -> None:
        """Gives the output of the last operator of the row the name of the row."""
        if self._last is not None:
            operator, inputs, unused, own, attributes = self._last
            self._nodes.append(wire.node(operator, inputs, (*unused, name), own, attributes))
            self._last = None

    def shaped(self, name: str, shape: Shape) -> None:
        """Notes the shape of an output."""
        self.values.append(wire.value_info(name, (BATCH, *shape.to_list()), element_of(shape)))

    def weight(self, name: str, dims: Sequence[int], kind: Kind, fan_in: int = 1) -> str:
        """A tensor of weights of the row."""
        full = f"{self.owner}.{name}"
        if full in self._filled:
            return full
        self._filled.add(full)
        sizes = tuple(dims)
        if self._weights == "seeded":
            self.stored.append(Stored(full, sizes, kind, fan_in))
            return full
        # A fill instead of numbers: VGG-16 takes 10 kB so, and 527 MiB with weights.
        tensor = wire.floats("", (1,), struct.pack("<f", PLAIN[kind]))
        attribute = wire.block(5, wire.tensor_attribute("value", tensor))
        self._flush()
        node = wire.node("ConstantOfShape", (self.whole(sizes),), (full,), full)
        self._nodes.append(node + attribute)
        return full

    def whole(self, values: Sequence[int]) -> str:
        """A constant of whole numbers, shared by all that use the same."""
        key = ("whole", *values)
        if key not in self._known:
            name = f"constant/{'x'.join(map(str, values)) or 'none'}"
            self._known[key] = name
            self.constants.append(wire.integers(name, values))
        return self._known[key]

    def indices(self, name: str, values: Sequence[int]) -> str:
        """A constant of many whole numbers for the row."""
        full = f"{self.path}/{name}"
        self.constants.append(wire.integers(full, values))
        return full

    def number(self, value: float) -> str:
        """A constant number."""
        if value not in self._known:
            self._known[value] = self._fixed(f"constant/{value!r}", wire.floats("", (), struct.pack("<f", value)))
        return self._known[value]

    def table(self, name: str, dims: Sequence[int], numbers: Sequence[float]) -> str:
        """A constant of several numbers for the row."""
        return self._fixed(f"{self.path}/{name}", wire.floats("", dims, struct.pack(f"<{len(numbers)}f", *numbers)))

    def filled(self, dims: Sequence[int], value: float) -> str:
        """A constant that has one number everywhere, for an operator that insists on one."""
        return self._fixed(f"{self.path}/constant_{value!r}", wire.floats("", dims, repeated_float(value, prod(dims))))

    def _fixed(self, name: str, tensor: bytes) -> str:
        """Numbers that no training changes: an operator, by which they are told from weights, which are none."""
        self._flush()
        attribute = wire.block(5, wire.tensor_attribute("value", tensor))
        self._nodes.append(wire.node("Constant", (), (name,), name) + attribute)
        return name

    @property
    def stored_bytes(self) -> int:
        """Bytes of all weights that are to be stored."""
        return sum([item.size_bytes for item in self.stored])

    def inline_tensors(self) -> list[bytes]:
        """The weights as part of the model."""
        return [wire.floats(item.name, item.dims, item.numbers()) for item in self.stored]

    def external_tensors(self, location: str) -> list[bytes]:
        """The weights as places in a file beside the model."""
        tensors, offset = [], 0
        for item in self.stored:
            tensors.append(wire.external_floats(item.name, item.dims, location, offset, item.size_bytes))
            offset += item.size_bytes
        return tensors

    def external_data(self) -> Iterator[bytes]:
        """The content of the file beside the model, in parts."""
        for item in self.stored:
            yield item.numbers()
