"""One framework's layer said in the words of a design, and what the engine counts for it."""

from __future__ import annotations

from math import prod
from typing import Any

import msgspec
from msgspec import Struct

from cnnstudio.core.arithmetic.convention import Convention
from cnnstudio.core.arithmetic.shape import MAX_RANK, Shape
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design, with_names
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.structure import Input

_REQUIRED = object()


class LeftOut(Exception):
    """The design file has no words for this row; the reason is one of `left_out`."""


class Refused(Exception):
    """The framework's own constructor refuses these arguments, and a design cannot even say them."""


class LayerTruth(Struct, frozen=True):
    """The counts that a row of truth states and the engine must find; the output in the framework's order, no
    batch.
    """

    output: list[int]
    weights: int
    biases: int
    state: int
    parameters: int
    trainable: int
    macs: int


def elements(shapes: dict[str, list[int]], names: frozenset[str]) -> int:
    """The number of elements of the tensors with these names."""
    return sum(prod(shape) for name, shape in shapes.items() if name in names)


class Arguments:
    """The keyword arguments of a layer: each is read once, or is known to change no size and no count."""

    def __init__(self, given: dict[str, Any], harmless: frozenset[str]) -> None:
        self.unread = {name: value for name, value in given.items() if name not in harmless}

    def take(self, name: str, default: Any = _REQUIRED) -> Any:
        """The value of an argument; KeyError if it is missing and has no default."""
        return self.unread.pop(name) if default is _REQUIRED else self.unread.pop(name, default)

    def finish(self) -> None:
        """TypeError if the converter did not read an argument: a new one must be understood, not dropped."""
        if self.unread:
            raise TypeError(f"the converter does not know the arguments {sorted(self.unread)}")


class Conversion(Struct, frozen=True):
    """Entries of a design file that together are the framework's layer.

    `axes` says which axis of the framework's tensor each of [channels, *spatial] is. Axes that it leaves out
    are carried along untouched, as the batch is. `channels_last` orders an output of another rank.
    """

    entries: tuple[dict[str, Any], ...]
    given: tuple[int, ...]
    axes: tuple[int, ...]
    channels_last: bool = False

    @property
    def input_shape(self) -> Shape:
        """The input shape, as the engine orders it."""
        if len(self.axes) > MAX_RANK + 1:
            raise LeftOut("more than four spatial axes")
        channels, *spatial = (self.given[axis] for axis in self.axes)
        return Shape(channels, tuple(spatial))

    def in_row_order(self, output: Shape) -> list[int]:
        """An output of the engine as the framework orders it."""
        if len(self.axes) != output.rank + 1:
            return [*output.spatial, output.channels] if self.channels_last else output.to_list()
        sizes = list(self.given)
        for axis, size in zip(self.axes, output.to_list(), strict=True):
            sizes[axis] = size
        return sizes

    def counted(self, convention: Convention) -> LayerTruth | str:
        """The engine's counts, or the sentence with which it refuses."""
        try:
            layers = [msgspec.convert(_fields(entry), LAYER_TYPES[entry["type"]]) for entry in self.entries]
        except msgspec.ValidationError as error:
            return str(error)
        shape = self.input_shape
        start = Input(size=shape.spatial, channels=shape.channels)
        analysis = analyze(Design(layers=with_names((start, *layers))), convention)
        if analysis.errors:
            return analysis.errors[0].sentence
        totals, output = analysis.totals, analysis.rows[-1].output_shape
        assert output is not None
        return LayerTruth(
            self.in_row_order(output),
            totals.weights,
            totals.biases,
            totals.state,
            totals.parameters,
            totals.trainable,
            totals.macs,
        )


def _fields(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "type"}


def per_axis(value: Any, rank: int) -> list[Any]:
    """One value for each axis, of a single one or of a list with a single one in it."""
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    return values * rank if len(values) == 1 else values


def difference(expected: LayerTruth | None, found: LayerTruth | str) -> str:
    """The difference between engine and framework, in words; empty where they agree."""
    if expected is None:
        return "" if isinstance(found, str) else f"the framework refuses, and the engine counts {found}"
    return "" if found == expected else f"expected {expected}, found {found}"
