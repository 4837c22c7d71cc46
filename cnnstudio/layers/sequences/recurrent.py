"""Recurrent layers: they read a sequence step by step, and carry a state along.

A sequence of n steps of C features is a map of C channels and length n. Each gate multiplies the input of a step and
the state of the step before by matrices of its own. PyTorch adds a bias to each of the two products, Keras and Caffe
one to their sum: the convention says which is counted. Products element by element are no multiply-accumulates, as
nowhere else.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.receptive_field import Reach
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.arithmetic.taps import MAX_PHASES, Taps
from cnnstudio.core.network.layer import Activate, Counts, Layer, Scope, Size, outputs_last
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Step, part_of, viewed
from cnnstudio.layers.demands import describe

Units = Annotated[Size, Meta(title="Units", description="numbers in the state, and so in each output")]
Direction = Annotated[
    Literal["forward", "backward", "both"],
    Meta(title="Direction", description="the order of reading; both: two layers of their own, joined"),
]
Joined = Annotated[
    Literal["concat", "sum", "multiply", "average"],
    Meta(title="Merge", description="for both directions: how their outputs are joined"),
]
ReturnSequences = Annotated[
    bool, Meta(title="Return sequences", description="the outputs of all steps; off: of the last step read")
]
GateFunction = Annotated[Activate, Meta(title="Gate function", description="function of the gates; costs nothing")]
StateFunction = Annotated[Activate, Meta(title="Function", description="function of the new state; costs nothing")]

RESERVE = "cuDNN reserves memory for it, of a size that it alone knows"
TWO_BIASES = "one for the product with the input, one for that with the state"


class RecurrentLayer(Layer, frozen=True, kw_only=True):
    """The fields that every recurrent layer over a sequence has; `gates` matrices for the input and for the state."""

    family: ClassVar[str] = "recurrent"
    rank: ClassVar[int] = 1
    gates: ClassVar[int] = 1
    max_inputs: ClassVar[int | None] = 2
    hides_bias: ClassVar[bool] = True
    starts_with: ClassVar[dict[str, Any]] = {"units": 64}
    symbols: ClassVar[dict[str, str]] = {"n": "steps of the sequence", "P": "projected units"}

    units: Units
    return_sequences: ReturnSequences = False
    direction: Direction = "forward"
    merge: Joined = "concat"
    bias: Annotated[bool, Meta(title="Bias", description="learned numbers added in each gate")] = True
    function: StateFunction = "tanh"

    def biases_of_a_gate(self, scope: Scope) -> int:
        """Biases for each gate and unit, where there are any."""
        return scope.biases_of_a_gate

    @property
    def state_size(self) -> int:
        """The number of outputs in one direction, which are what flows back."""
        return self.units

    @property
    def outputs(self) -> int:
        """The channels of the output."""
        return self.state_size * self._joined

    @property
    def _joined(self) -> int:
        return 2 if self.direction == "both" and self.merge == "concat" else 1

    @property
    def states(self) -> dict[str, int]:
        """The vectors that it carries along, each with its size; after the last step they are further outputs."""
        return {"state": self.outputs}

    @property
    def further_outputs(self) -> tuple[str, ...]:
        return tuple(self.states)

    def further_output(self, name: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        return Shape(self.states[name])

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape, *initial = inputs
        require_sequence(self, shape)
        self._require_states(initial)
        symbol, times = scope.symbol, 2 if self.direction == "both" else 1
        channels, units, state = symbol("C", shape.channels), symbol("F", self.units), self.state_symbol(scope)
        biases_of_a_gate = self.biases_of_a_gate(scope) if self.bias else 0
        sums, projection = channels + state, self.projected(scope)
        weights = _each(times, _each(self.gates, sums * units), projection)
        with_biases = _each(times, _each(self.gates, (sums + biases_of_a_gate) * units), projection)
        return Counts(
            Shape(2 * state if self.outputs != self.state_size else state, self.places(shape, scope)),
            weights,
            _each(times, _each(self.gates * biases_of_a_gate, units)) if self.bias else 0,
            with_biases if self.bias else weights,
            0,
            symbol("W", weights) * symbol("n", shape.spatial[0]),
            self.reach(shape),
            (),
            self.reasons(biases_of_a_gate),
        )

    def _require_states(self, initial: list[Shape]) -> None:
        """Raises Refusal for initial states that are not those which it carries along."""
        if not initial:
            return
        wanted = [Shape(size) for size in self.states.values()]
        what = " and ".join([f"{name} of {size:,} numbers" for name, size in self.states.items()])
        if self.direction == "both" and self.merge != "concat":
            sentence = "each direction begins with a state of its own, and joined ones cannot be told apart."
            raise Refusal("initial-state", sentence, "Join the directions by concat, or give no initial state.")
        if initial != wanted:
            given = " and ".join([describe(shape) for shape in initial])
            sentence = f"after the sequence it takes {what}, and it receives {given}."
            raise Refusal(
                "initial-state", sentence, "Give it what a layer of as many units ends with, or the sequence alone."
            )

    def state_symbol(self, scope: Scope) -> int:
        """`state_size` under its symbol."""
        return scope.symbol("F", self.units)

    def projected(self, scope: Scope) -> int:
        """The weights that make the outputs of the units, 0 where they are the same."""
        return 0

    def places(self, shape: Shape, scope: Scope) -> tuple[int, ...]:
        """The steps of the output."""
        return (scope.symbol("n", shape.spatial[0]),) if self.return_sequences else ()

    def reach(self, shape: Shape) -> Reach:
        """An output sees all steps that were read up to its own."""
        if not self.return_sequences or self.direction == "both":
            return "whole"
        steps = shape.spatial[0]
        if steps > MAX_PHASES:
            return "unknown"
        seen = tuple(range(1, steps + 1))
        if self.direction == "forward":
            return (Taps((0,) * steps, seen, steps),)
        return (Taps(tuple(range(steps)), seen[::-1], steps),)

    def reasons(self, biases_of_a_gate: int) -> tuple[tuple[str, str], ...]:
        """Words for the biases, where they need some."""
        if not self.bias:
            return (("biases", "bias is off"),)
        return (("biases", TWO_BIASES),) if biases_of_a_gate == 2 else ()

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        """The least: cuDNN keeps its input and all outputs; the larger part is a reserve of its own."""
        times = 2 if self.direction == "both" else 1
        outputs = times * self.state_size * inputs[0].positions
        elements = counts.output.elements
        run = Step(
            output=outputs,
            flow="half",
            casts=True,
            keeps="inputs and output",
            weights=counts.weights,
            biases=counts.biases,
            casts_parameters=True,
            order="last",
            unknown=RESERVE,
        )
        if elements == outputs:
            return (run, viewed(elements))
        return (run, part_of(elements) if times == 1 else Step(output=elements))

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        rows = self.gates * self.units
        matrices: tuple[tuple[int, ...], ...] = ((rows, shape.channels), (rows, self.state_size))
        if self.state_size != self.units:
            matrices = (*matrices, (self.state_size, self.units))
        ordered = tuple([outputs_last(matrix) if channels_last else matrix for matrix in matrices])
        return ordered * (2 if self.direction == "both" else 1)

    def summary(self) -> str:
        direction = {"forward": "", "backward": "backward", "both": "both directions"}[self.direction]
        parts = (str(self.units), direction, "sequences" if self.return_sequences else "")
        return " · ".join(part for part in parts if part)


def _each(times: int, number: int, more: int = 0) -> int:
    """A number several times, and before that something added to it; a factor of one is not written."""
    number = number + more if more else number
    return number if times == 1 else times * number


def require_sequence(layer: Layer, shape: Shape) -> None:
    """Raises Refusal for what is no sequence of steps."""
    if shape.rank == 1:
        return
    remedy = (
        "Let the layer before it keep its steps, or put a Reshape before it."
        if not shape.rank
        else "Make a sequence of it by a Reshape that keeps one axis as the steps."
    )
    sentence = (
        f"{layer.type_name} reads a sequence, a map with 1 spatial axis of steps, and receives {describe(shape)}."
    )
    raise Refusal("sequence", sentence, remedy)


class SimpleRNN(RecurrentLayer, frozen=True, kw_only=True):
    """A recurrent layer without gates: (C + F + 1) · F parameters, (C + F + 2) · F as PyTorch has them.

    Source: Elman 1990; torch.nn.RNN; keras.layers.SimpleRNN. Both directions: Schuster and Paliwal 1997.
    """


class LSTM(RecurrentLayer, frozen=True, kw_only=True):
    """Long short-term memory: 4 · (C + F + 1) · F parameters, 4 · (C + F + 2) · F as PyTorch has them.

    Three gates and the new content of a cell. With a projection to P outputs, P flows back in place of F, and F · P
    weights make it. Source: Hochreiter and Schmidhuber 1997; Gers et al. 2000; projection: Sak et al. 2014.
    """

    gates: ClassVar[int] = 4
    max_inputs: ClassVar[int | None] = 3

    gate_function: GateFunction = "sigmoid"
    projection: Annotated[
        Size | None, Meta(title="Projection", description="outputs made of the units by a matrix; none: the units")
    ] = None

    @property
    def state_size(self) -> int:
        return self.units if self.projection is None else self.projection

    @property
    def states(self) -> dict[str, int]:
        return super().states | {"cell": self.units * self._joined}

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        if self.projection is not None and self.projection >= self.units:
            sentence = f"projection makes {self.projection:,} outputs of {self.units:,} units, and has to make fewer."
            raise Refusal("projection", sentence, "Use a projection below the units, or none.")
        return super().count(inputs, scope)

    def state_symbol(self, scope: Scope) -> int:
        return super().state_symbol(scope) if self.projection is None else scope.symbol("P", self.projection)

    def projected(self, scope: Scope) -> int:
        return 0 if self.projection is None else scope.symbol("F", self.units) * scope.symbol("P", self.projection)


class GRU(RecurrentLayer, frozen=True, kw_only=True):
    """Gated recurrent unit: 3 · (C + F + 2) · F parameters, 3 · (C + F + 1) · F if it resets first.

    Source: Cho et al. 2014 (resets the state before the product); torch.nn.GRU and keras.layers.GRU (after it).
    """

    gates: ClassVar[int] = 3

    gate_function: GateFunction = "sigmoid"
    reset_after: Annotated[
        bool, Meta(title="Reset after", description="resets the state after its product, which has a bias of its own")
    ] = True

    def biases_of_a_gate(self, scope: Scope) -> int:
        # The reset gate scales the second bias but not the first, so that they are two in Keras as well.
        return 2 if self.reset_after else 1
