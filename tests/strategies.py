"""Random layers and designs for property tests: of every registered type, nested, branched, always valid.

A design here is valid as a file is: names, connections and bounds hold. Whether its shapes go together is
another matter; `designs(counted=True)` gives those in which every layer can be counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple, NoReturn

import msgspec
from hypothesis import reject
from hypothesis import strategies as st
from msgspec import structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS, PYTORCH, Convention
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import analyze, count_layer
from cnnstudio.core.network.design import (
    BLOCK_INPUT,
    ELEMENT_BYTES,
    Block,
    Design,
    FurtherOutput,
    Item,
    unused_name,
)
from cnnstudio.core.network.distribution import one_step
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.core.network.layer import Counts, Layer
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.structure import Identity, Input

MAX_TRIES = 25
MAX_ABOVE_MIN = 4
"""The distance of an integer from its bound: small numbers fit together more often."""
MAX_BLOCK_DEPTH = 2
RANKS = (0, 1, 2, 2, 2, 3, 4)
"""Numbers of spatial axes, the usual ones more often."""
WORDS = ("stem", "conv", "1×1", "a/b", "x[2]", "back\\slash", "été", "head 2")
"""Names as people give them, with what a path has to escape."""
SHORT_NAMES = tuple(f"{word}{number}" for word in ("a", "b", "xy", "abc") for number in ("", "_1", 1, 2, 9))
"""Names that are soon taken, and those that take their place."""

# Strategies that designs draw from are made here, once: making one takes longer than drawing from it.
channels = st.sampled_from([1, 2, 3, 4, 6, 8, 9, 12, 16, 24])
sides = st.sampled_from([1, 2, 3, 4, 6, 7, 8, 12, 13, 16])
names = st.sampled_from(WORDS + SHORT_NAMES)
remarks = st.sampled_from(["", "a remark"])
conventions = st.sampled_from([CONVENTIONS[key] for key in sorted(CONVENTIONS)])
element_types = st.sampled_from(sorted(ELEMENT_BYTES))
layer_types = st.sampled_from([LAYER_TYPES[name] for name in sorted(LAYER_TYPES)])
repeats = st.sampled_from([1, 2, 3, 5])


@st.composite
def shapes(draw: st.DrawFn, ranks: tuple[int, ...] = RANKS) -> Shape:
    """Shapes that may flow into a layer."""
    rank = draw(st.sampled_from(ranks))
    return Shape(draw(channels), tuple(draw(sides) for _ in range(rank)))


def ranks_of(layer_type: type[Layer]) -> tuple[int, ...]:
    """The numbers of spatial axes that a type takes, as far as it says so."""
    rank = getattr(layer_type, "rank", None)
    return RANKS if rank is None else (rank,)


def field_values(field: Field, rank: int) -> st.SearchStrategy[Any]:
    """Values within the bounds of a field, for a map with this many spatial axes."""
    values = _present_values(field, rank)
    return st.one_of(st.none(), values) if field.optional else values


def _present_values(field: Field, rank: int) -> st.SearchStrategy[Any]:
    least = int(field.minimum or 0)
    integers = st.integers(least, min(least + MAX_ABOVE_MIN, int(field.maximum or 1_000)))
    if field.name == "dims":
        return st.permutations(range(rank + 1))
    match field.kind:
        case "text":
            return st.sampled_from(["", "a remark", "zwei\nZeilen"])
        case "switch":
            return st.booleans()
        case "choice":
            return st.sampled_from(field.choices)
        case "number":
            most = 1 if field.maximum is None else field.maximum
            return st.sampled_from([number for number in (0.25, 0.5, 0.75, 1.5, 2.0) if number <= most])
        case "sizes":
            return st.one_of(integers, st.tuples(*[integers] * rank)) if rank else integers
        case "padding":
            return _paddings(field, rank)
        case "table":
            return st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3), min_size=1)
        case _:
            return integers


def _paddings(field: Field, rank: int) -> st.SearchStrategy[Any]:
    size = st.integers(0, 3)
    each = st.one_of(size, st.tuples(size, size))
    several = [st.tuples(*[each] * rank)] if rank else []
    return st.one_of(size, *several, *map(st.just, field.choices))


class _FieldValues(NamedTuple):
    """The values of each field of a layer type. Building strategies takes longer than drawing from them."""

    required: tuple[tuple[str, st.SearchStrategy[Any]], ...]
    optional: tuple[tuple[str, st.SearchStrategy[Any]], ...]
    choices: st.SearchStrategy[int]
    """The optional fields that are stated: one bit each, and one draw for all of them."""


@cache
def _values_of(layer_type: type[Layer], rank: int) -> _FieldValues:
    own = [field for field in fields_of(layer_type) if field.name not in ("name", "inputs", "shares")]
    required = tuple((field.name, field_values(field, rank)) for field in own if field.required)
    optional = tuple((field.name, field_values(field, rank)) for field in own if not field.required)
    return _FieldValues(required, optional, st.integers(0, 2 ** len(optional) - 1))


def draw_fields(draw: st.DrawFn, layer_type: type[Layer], rank: int) -> dict[str, Any]:
    """The fields of a layer as a file states them: those that must be there, and some of the others."""
    values = _values_of(layer_type, rank)
    chosen = draw(values.choices)
    stated = [*values.required, *(field for bit, field in enumerate(values.optional) if chosen >> bit & 1)]
    return {name: draw(value) for name, value in stated}


def accepted(given: dict[str, Any], layer_type: type[Layer]) -> Layer | None:
    """The layer that these fields declare; None where fields that are valid alone contradict each other."""
    try:
        return msgspec.convert(given, layer_type)
    except msgspec.ValidationError:
        return None


@st.composite
def layers(draw: st.DrawFn, layer_type: type[Layer], rank: int = 2) -> Layer:
    """A valid layer of this type."""
    for _ in range(MAX_TRIES):
        layer = accepted(draw_fields(draw, layer_type, rank), layer_type)
        if layer is not None:
            return layer
    return _reject()


@st.composite
def counted_layers(draw: st.DrawFn, layer_type: type[Layer]) -> tuple[Layer, tuple[Shape, ...]]:
    """A valid layer of this type, with inputs for which it can be counted by any convention."""
    for _ in range(MAX_TRIES):
        shape = draw(shapes(ranks_of(layer_type)))
        inputs = (shape,) * draw(_numbers_of_inputs(layer_type))
        layer = accepted(draw_fields(draw, layer_type, shape.rank), layer_type)
        if layer is not None and all(counts_of(layer, inputs, convention) for convention in CONVENTIONS.values()):
            return layer, inputs
    return _reject()


def _reject() -> NoReturn:
    reject()
    raise AssertionError


def _numbers_of_inputs(layer_type: type[Layer]) -> st.SearchStrategy[int]:
    most = 3 if layer_type.max_inputs is None else layer_type.max_inputs
    return st.integers(layer_type.min_inputs, most)


def counts_of(layer: Layer, inputs: tuple[Shape, ...], convention: Convention = PYTORCH) -> Counts | None:
    """The result of the layer's rule; None if it refuses."""
    counts = count_layer(layer, inputs, convention.rules)
    return counts if isinstance(counts, Counts) else None


class _List:
    """A list of items as it grows, with the shape that flows out of each, None where that is unknown."""

    def __init__(self, entering: dict[str, Shape | None], convention: Convention, counted: bool, depth: int) -> None:
        self.items: list[Item] = []
        self.shapes = dict(entering)
        self.last = entering.get(BLOCK_INPUT)
        self.given: list[tuple[str, str, Shape | None]] = []
        self.convention, self.counted, self.depth = convention, counted, depth

    def add(self, item: Item, shape: Shape | None) -> None:
        """Puts an item at the end."""
        self.given += [(item.name, name, self._further(item, name, shape)) for name in item.further_outputs]
        self.items.append(item)
        self.shapes[item.name] = self.last = shape

    def _further(self, item: Item, name: str, shape: Shape | None) -> Shape | None:
        """The shape of a further output, unknown of a block."""
        taken = [self.shapes.get(source) for source in item.inputs] or [self.last]
        known = tuple(source for source in taken if source is not None)
        if isinstance(item, Block) or shape is None or len(known) < len(taken):
            return None
        return item.further_output(name, known, shape)

    def unique(self, name: str) -> str:
        """The name, or one that is free in this list."""
        return unused_name(name, set(self.shapes)) if name in {*self.shapes, BLOCK_INPUT} else name


@st.composite
def designs(draw: st.DrawFn, counted: bool = False) -> Design:
    """A valid design: a list with branches and nested, repeated blocks; `counted` if every layer must be."""
    convention = draw(conventions)
    return Design(
        name=draw(names),
        note=draw(remarks),
        convention=convention.key,
        element_type=draw(element_types),
        layers=_draw_items(draw, _List({}, convention, counted, depth=0)),
    )


def _draw_items(draw: st.DrawFn, growing: _List) -> tuple[Item, ...]:
    if growing.depth == 0:
        shape = draw(shapes((1, 2, 2, 2, 3)))
        growing.add(Input(name="image", size=shape.spatial, channels=shape.channels), shape)
    for _ in range(draw(st.integers(1, 3 if growing.depth else 6))):
        name = growing.unique(draw(names))
        nests = growing.depth < MAX_BLOCK_DEPTH and draw(st.integers(0, 3)) == 0
        growing.add(*draw(_blocks(growing, name) if nests else _layers_behind(growing, name)))
    return tuple(growing.items)


@st.composite
def _layers_behind(draw: st.DrawFn, growing: _List, name: str) -> tuple[Item, Shape | None]:
    """A layer that takes earlier items; an Identity where none of those that were tried fits."""
    for _ in range(4):
        layer_type = draw(layer_types)
        if layer_type is FurtherOutput:
            return draw(_further_outputs(growing, name))
        inputs = _draw_inputs(draw, layer_type, growing)
        taken = [growing.shapes[source] for source in inputs] or [growing.last][: layer_type.max_inputs]
        known = tuple(shape for shape in taken if shape is not None)
        layer = accepted(draw_fields(draw, layer_type, known[0].rank if known else 2), layer_type)
        if layer is None or len(taken) < layer.min_inputs:
            continue
        counts = counts_of(layer, known, growing.convention) if len(known) == len(taken) else None
        if counts or not growing.counted:
            return structs.replace(layer, name=name, inputs=inputs), counts.output if counts else None
    return Identity(name=name), growing.last


@st.composite
def _further_outputs(draw: st.DrawFn, growing: _List, name: str) -> tuple[Item, Shape | None]:
    """A further output of an earlier item, if one gives any; one of known shape where all must be counted."""
    giving = [given for given in growing.given if not growing.counted or given[2] is not None]
    if not giving:
        return Identity(name=name), growing.last
    source, output, shape = draw(st.sampled_from(giving))
    return FurtherOutput(name=name, output=output, inputs=(source,)), shape


def _draw_inputs(draw: st.DrawFn, layer_type: type[Layer], growing: _List) -> tuple[str, ...]:
    """Names of earlier items, as many as the type takes; often none, where the item before is enough."""
    if layer_type.max_inputs == 0 or (layer_type.min_inputs == 1 and draw(st.integers(0, 2))):
        return ()
    number = draw(_numbers_of_inputs(layer_type))
    earlier = list(growing.shapes)
    return tuple(earlier[draw(st.integers(0, len(earlier) - 1))] for _ in range(number))


@st.composite
def _blocks(draw: st.DrawFn, growing: _List, name: str) -> tuple[Item, Shape | None]:
    """A block behind the item before; repeated less, or replaced, where it must be counted and cannot be."""
    inputs, entering = _draw_entering(draw, growing)
    each_step = have_same_steps(entering.values()) and draw(st.integers(0, 2)) == 0
    flowing = {key: one_step(shape, 1) if each_step and shape else shape for key, shape in entering.items()}
    inside = _draw_items(draw, _List(flowing, growing.convention, growing.counted, growing.depth + 1))
    for repeat in (draw(repeats), 1):
        further = tuple(entering)[1:]
        given = tuple([item.name for item in inside if draw(st.integers(0, 5)) == 0])
        block = Block(
            name=name,
            repeat=repeat,
            layers=inside,
            inputs=inputs,
            further_inputs=further,
            further_outputs=given,
            time_distributed=each_step,
        )
        shape, is_counted = _output_of(block, tuple(entering.values()), growing.convention)
        if is_counted or not growing.counted:
            return block, shape
    return Identity(name=name), growing.last


def _draw_entering(draw: st.DrawFn, growing: _List) -> tuple[tuple[str, ...], dict[str, Shape | None]]:
    """The inputs of a block, and the shapes that flow into it by their names inside; most take the item before."""
    number = draw(st.sampled_from([0, 0, 0, 1, 2]))
    if not number:
        return (), {BLOCK_INPUT: growing.last}
    earlier = list(growing.shapes)
    inputs = tuple(earlier[draw(st.integers(0, len(earlier) - 1))] for _ in range(1 + number))
    taken = {BLOCK_INPUT}
    names_inside = [BLOCK_INPUT, *[unused_name(draw(names), taken) for _ in range(number)]]
    return inputs, dict(zip(names_inside, [growing.shapes[source] for source in inputs], strict=True))


def have_same_steps(shapes: Iterable[Shape | None]) -> bool:
    """True if shapes have the same steps along their first axis, for a block that is applied at each."""
    steps = {shape.spatial[:1] if shape is not None else () for shape in shapes}
    return len(steps) == 1 and () not in steps


def _output_of(block: Block, sources: tuple[Shape | None, ...], convention: Convention) -> tuple[Shape | None, bool]:
    """The shape that flows out of a block, and True if everything in it is counted."""
    known = [source for source in sources if source is not None]
    if len(known) < len(sources):
        return None, False
    starts = [
        Input(name=f"before {at}", size=source.spatial, channels=source.channels) for at, source in enumerate(known)
    ]
    after = structs.replace(block, name="block", inputs=tuple(start.name for start in starts))
    analysis = analyze(Design(layers=(*starts, after)), convention)
    return analysis.entries[-1].output_shape, not analysis.errors
