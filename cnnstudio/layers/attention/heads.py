"""Attention between all positions: with its projections, and the bare scaled dot product."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import product, total
from cnnstudio.core.arithmetic.receptive_field import Reach
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Counts, Layer, Scope, Size
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Step, laid_out
from cnnstudio.layers.attention.running import SCORES, Attention, attended, projected_apart, projected_together
from cnnstudio.layers.demands import describe, require_map, require_multiple

Heads = Annotated[Size, Meta(title="Heads", description="h: attentions side by side, each with channels of its own")]
AttentionBias = Annotated[bool, Meta(title="Bias", description="learned numbers added after each of the projections")]
AttendsTo = Annotated[
    Literal["map", "last_axis"],
    Meta(title="Attends to", description="map: all positions; last_axis: those along the last axis, as in a window"),
]
POSITIONS = {
    "h": "heads",
    "L": "positions of the query",
    "L_k": "positions of the keys",
    "C_q": "channels of the query",
    "C_k": "channels of the keys",
    "C_v": "channels of the values",
    "T": "positions that each of them attends to",
}
VECTOR_REMEDY = "Put it before the layer that makes a vector, or make a sequence of it by a Reshape."


class Attended(Layer, frozen=True, kw_only=True):
    """A layer in which the positions of a query look at those of keys and values."""

    family: ClassVar[str] = "attention"

    attends_to: AttendsTo = "map"

    def require_sequences(self, query: Shape, key: Shape, value: Shape) -> None:
        """Raises Refusal for vectors, for keys that have no value each, and for axes that do not go together."""
        for shape in (query, key, value):
            require_map(self, shape, VECTOR_REMEDY)
        if key.spatial != value.spatial:
            raise Refusal(
                "attention",
                f"{self.type_name} needs a value for each key and receives keys in {describe(key)} and values in "
                f"{describe(value)}.",
                "Take keys and values from maps of the same spatial size.",
            )
        if self.attends_to == "last_axis" and query.spatial[:-1] != key.spatial[:-1]:
            raise Refusal(
                "attention",
                f"along the last axis it needs all other axes alike, and receives {describe(query)} and "
                f"{describe(key)}.",
                "Use attends_to: map, or maps that differ on their last axis alone.",
            )

    def attended(self, key: Shape) -> int:
        """The number of positions that each position of the query attends to."""
        return key.positions if self.attends_to == "map" else key.spatial[-1]

    def sequences(self, shape: Shape) -> int:
        """The number of sequences in a map within which positions attend."""
        return 1 if self.attends_to == "map" else shape.positions // shape.spatial[-1]

    def reach(self, query: Shape) -> Reach:
        """Everything; along one of several axes nothing that a window could describe."""
        return "whole" if self.attends_to == "map" or query.rank == 1 else "unknown"


class MultiHeadAttention(Attended, frozen=True, kw_only=True):
    """Each position takes a weighted mean of the values of all: 4 · (C + 1) · C parameters for C channels.

    One input attends to itself; of two, the first attends to the second; three are query, key and value. `scores`, the
    weights of those means, are a further output: a map of queries × keys with a channel for each head.

    Source: Vaswani et al. 2017.
    """

    max_inputs: ClassVar[int | None] = 3
    starts_with: ClassVar[dict[str, Any]] = {"heads": 1}
    # A mean that is subtracted takes those of values and outputs away, as the shares of the values add up to 1. That of
    # the queries says which keys are attended to.
    hides_bias: ClassVar[bool] = True
    symbols: ClassVar[dict[str, str]] = {
        **POSITIONS,
        "d_k": "size of a key in each head",
        "d_v": "size of a value in each head",
        "F": "output channels",
    }

    heads: Heads
    key_size: Annotated[
        Size | None, Meta(title="Key size", description="of each head; none: the query's channels / heads")
    ] = None
    value_size: Annotated[Size | None, Meta(title="Value size", description="of each head; none: the key size")] = None
    units: Annotated[Size | None, Meta(title="Units", description="output channels; none: those of the query")] = None
    bias: AttentionBias = True

    def sources(self, inputs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
        """Query, key and value."""
        return inputs[0], inputs[min(1, len(inputs) - 1)], inputs[-1]

    def sizes(self, inputs: tuple[Shape, ...]) -> tuple[int, int, int]:
        """The sizes of a key and a value of each head, and the output channels; Refusal where heads do not divide."""
        channels = inputs[0].channels
        if self.key_size is None:
            require_multiple(channels, self.heads, "query channels", "heads")
        key = channels // self.heads if self.key_size is None else self.key_size
        return key, self.value_size or key, self.units or channels

    @property
    def further_outputs(self) -> tuple[str, ...]:
        return (SCORES,)

    def further_output(self, name: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        query, key, _ = self.sources(inputs)
        sequences = self.sequences(query)
        pairs = query.positions // sequences, self.attended(key)
        return Shape(self.heads, pairs if self.attends_to == "map" or query.rank == 1 else (sequences, *pairs))

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        query, key, value = self.sources(inputs)
        self.require_sequences(query, key, value)
        symbol = scope.symbol
        key_size, value_size, units = self.sizes(inputs)
        heads, out = symbol("h", self.heads), symbol("F", units)
        keys, values = heads * symbol("d_k", key_size), heads * symbol("d_v", value_size)
        names = ("C", "C", "C") if len(inputs) == 1 else ("C_q", "C_k", "C_v")
        c_q, c_k, c_v = (symbol(name, shape.channels) for name, shape in zip(names, (query, key, value), strict=True))
        weights = total([c_q * keys, c_k * keys, c_v * values, values * out])
        biases = total([2 * keys, values, out]) if self.bias else 0
        positions, seen = symbol("L", query.positions), symbol("T", self.attended(key))
        others = positions if len(inputs) == 1 else symbol("L_k", key.positions)
        projected = positions * (c_q * keys + values * out) + others * (c_k * keys + c_v * values)
        return Counts(
            Shape(out, query.spatial),
            weights,
            biases,
            weights + biases,
            # The projections at each position, and the two products: queries with keys, and scores with values.
            macs=projected + product([positions, seen]) * (keys + values),
            reach=self.reach(query),
            reasons=() if self.bias else (("biases", "bias is off"),),
        )

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return self._steps(inputs, gives_scores=False)

    def steps_giving(self, outputs: tuple[str, ...], inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        steps = self._steps(inputs, gives_scores=True)
        if "" in outputs:
            return steps
        return steps[: 1 + [step.further for step in steps].index(SCORES)]

    def _steps(self, inputs: tuple[Shape, ...], *, gives_scores: bool) -> tuple[Step, ...]:
        query, key, _ = self.sources(inputs)
        key_size, value_size, units = self.sizes(inputs)
        sequences = self.sequences(query)
        length = query.positions // sequences
        attended = self.attended(key)
        attention = Attention(self.heads, length, attended, key_size, value_size, sequences, gives_scores)
        # What is named twice is one tensor.
        names = self.inputs or ("",)
        places = [names.index(name) for name in (names[0], names[min(1, len(names) - 1)], names[-1])]
        taken = places[0], places[1], places[2]
        if key_size == value_size and self.heads * key_size == query.channels == units:
            return projected_together(attention, inputs, taken, bias=self.bias)
        return projected_apart(attention, inputs, taken, units, bias=self.bias)

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        # Inputs after the first may have other channels, so that the shapes do not follow from one.
        return ()

    def summary(self) -> str:
        return f"{self.heads} head{'s' if self.heads > 1 else ''}"


class DotProductAttention(Attended, frozen=True, kw_only=True):
    """Scaled dot products of queries and keys weigh the values: softmax(Q · K / √d) · V; no parameters.

    Its inputs are query, key and value, whose channels are split into heads.

    Source: Vaswani et al. 2017.
    """

    min_inputs: ClassVar[int] = 3
    max_inputs: ClassVar[int | None] = 3
    learns_nothing: ClassVar[str] = "it multiplies what it receives"
    symbols: ClassVar[dict[str, str]] = POSITIONS

    heads: Heads = 1

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        query, key, value = inputs
        self.require_sequences(query, key, value)
        if query.channels != key.channels:
            raise Refusal(
                "attention",
                f"a query of {query.channels} channels and a key of {key.channels} have no dot product.",
                "Project one of them to the channels of the other.",
            )
        require_multiple(query.channels, self.heads, "query channels", "heads")
        require_multiple(value.channels, self.heads, "value channels", "heads")
        symbol = scope.symbol
        keys, values = symbol("C_k", key.channels), symbol("C_v", value.channels)
        pairs = symbol("L", query.positions) * symbol("T", self.attended(key))
        return Counts(Shape(values, query.spatial), macs=pairs * (keys + values), reach=self.reach(query))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        query, key, value = inputs
        sequences = self.sequences(query)
        sizes = query.channels // self.heads, value.channels // self.heads
        attention = Attention(self.heads, query.positions // sequences, self.attended(key), *sizes, sequences)
        given = [laid_out(shape, at) for at, shape in enumerate(inputs)]
        return (*given, *attended(attention, (-3, -2, -1), batch_first=True))

    def summary(self) -> str:
        return f"{self.heads} head{'s' if self.heads > 1 else ''}"
