"""Recurrent layers whose products are convolutions: they read a sequence of maps.

n maps are one map whose first spatial axis are the steps. Each gate convolves the map of a step, and the state of the
step before, which stays as large as it is. Keras alone has such layers, with one bias a gate.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import plain, product
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Axis, Shape, per_axis
from cnnstudio.core.network.layer import Counts, Layer, Scope
from cnnstudio.core.network.problem import Refusal
from cnnstudio.core.network.step import Made, Step
from cnnstudio.layers.convolution import NO_BIAS
from cnnstudio.layers.demands import describe, sizes_for
from cnnstudio.layers.sequences.recurrent import GateFunction, ReturnSequences, StateFunction
from cnnstudio.layers.sliding import (
    Bias,
    Dilation,
    Filters,
    KernelSize,
    Stride,
    axes_of,
    placed,
    require_fit,
    window_remarks,
)
from cnnstudio.layers.summaries import brief_sizes

STATES = ("state", "cell")
"""The maps that it carries along; after the last step they are further outputs."""
WordPadding = Annotated[
    Literal["valid", "same"],
    Meta(title="Padding", description="of what is read; the state is padded to stay"),
]


class ConvLSTM(Layer, frozen=True, kw_only=True):
    """An LSTM of convolutions over a sequence of maps; `rank` counts the steps as an axis."""

    family: ClassVar[str] = "recurrent"
    rank: ClassVar[int] = 3
    max_inputs: ClassVar[int | None] = 3
    hides_bias: ClassVar[bool] = True
    starts_with: ClassVar[dict[str, Any]] = {"filters": 64, "kernel_size": 3, "padding": "same"}
    symbols: ClassVar[dict[str, str]] = {"n": "steps of the sequence"}

    filters: Filters
    kernel_size: KernelSize
    stride: Stride = 1
    padding: WordPadding = "valid"
    dilation: Dilation = 1
    return_sequences: ReturnSequences = False
    bias: Bias = True
    function: StateFunction = "tanh"
    gate_function: GateFunction = "sigmoid"

    def __post_init__(self) -> None:
        for field in ("kernel_size", "stride", "dilation"):
            sizes_for(field, getattr(self, field), self.kernel_rank, self.type_name)

    @property
    def kernel_rank(self) -> int:
        """The axes along which the kernel slides: all but the steps."""
        return self.rank - 1

    def axes(self, shape: Shape) -> tuple[Axis, ...]:
        """The axes of one map, along which the kernel slides. Raises Refusal for what is no sequence of maps."""
        if shape.rank != self.rank:
            needed = "its steps and 1 axis" if self.rank == 2 else f"its steps and {self.kernel_rank} axes"
            sentence = f"{self.type_name} reads a sequence of maps, with {needed}, and receives {describe(shape)}."
            other = f"ConvLSTM{shape.rank - 1}D" if shape.rank > 1 else "a Reshape before it"
            raise Refusal("frames", sentence, f"Use {other}, with the steps as the first axis.")
        frame = Shape(shape.channels, shape.spatial[1:])
        return axes_of(frame, self.kernel_size, self.stride, self.padding, self.dilation)

    @property
    def further_outputs(self) -> tuple[str, ...]:
        return STATES

    def further_output(self, name: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        return Shape(output.channels, output.spatial[1:] if self.return_sequences else output.spatial)

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        (shape, *initial), symbol = inputs, scope.symbol
        axes = self.axes(shape)
        require_fit(axes, "kernel")
        names = AXIS_NAMES[self.kernel_rank]
        sizes = per_axis(self.kernel_size, self.kernel_rank)
        kernel = [symbol(f"K{name}", size) for name, size in zip(names, sizes, strict=True)]
        filters, steps = symbol("N", self.filters), symbol("n", shape.spatial[0])
        each = product((*kernel, symbol("C", shape.channels) + filters))
        weights = 4 * (each * filters)
        places = placed(axes, symbol)
        _require_states(initial, Shape(self.filters, tuple(map(int, places))))
        outputs = [symbol(f"O{name}", size) for name, size in zip(names, places, strict=True)]
        return Counts(
            Shape(filters, (steps, *places) if self.return_sequences else places),
            weights,
            4 * filters if self.bias else 0,
            4 * ((each + 1) * filters) if self.bias else weights,
            0,
            # The state has the places of the output, so that both convolutions cost a product at each of them.
            product((symbol("W", weights), *outputs, steps)),
            # What is seen grows with each step by the kernel over the state.
            "unknown",
            window_remarks(axes, "kernel"),
            () if self.bias else NO_BIAS,
        )

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        """All steps together: their gates and states are kept; the last states are tensors of their own."""
        shape, *initial = inputs
        axes, count = self.axes(shape), shape.spatial[0]
        places = placed(axes, plain)
        each = self.filters * product(places)
        kernel = per_axis(self.kernel_size, self.kernel_rank)
        # The convolution of the state pads evenly as it convolves, and copies for the odd element.
        padded = self.filters * product([size + 1 - side % 2 for size, side in zip(places, kernel, strict=True)])
        # The first state is the same zeros as the first cell, which nothing but a copy of it keeps, to learn weights.
        is_copied = padded != each and (self.trainable or bool(initial))
        states = count * padded if is_copied and not initial else (count - 1) * padded
        cells = (count - 1) * each if initial else count * each
        makes = [Made("gates", 5 * count * each), Made("cells", cells), Made("states", states)]
        gives = (*((Made("state", each),) if self.return_sequences else ()), Made("cell", each))
        sizes = [axis.size + sum(axis.pads) for axis in axes]
        read = Step(output=count * shape.channels * product(sizes), inputs=(0,))
        begun = Step(output=padded, what="state", inputs=(1,))
        before = [read] if any(any(axis.pads) for axis in axes) else []
        before += [begun] if initial and is_copied else []
        first = -len(before) if read in before else 0
        made = Step(
            output=counts.output.elements,
            flow="half",
            casts=True,
            inputs=(first, -1 if begun in before else 1, 2) if initial else (first,),
            keeps="inputs",
            makes=tuple([made for made in makes if made.each]),
            gives=gives,
            weights=counts.weights,
            biases=counts.biases,
            casts_parameters=True,
            keeps_weights="always",
            order="first",
        )
        return (*before, made)

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        sizes = per_axis(self.kernel_size, self.kernel_rank)
        outputs = 4 * self.filters
        inputs = (shape.channels, self.filters)
        return tuple([(*sizes, each, outputs) if channels_last else (outputs, each, *sizes) for each in inputs])

    def summary(self) -> str:
        sequences = " · sequences" if self.return_sequences else ""
        return f"{self.filters} · {brief_sizes(self.kernel_size, self.kernel_rank)}{sequences}"


def _require_states(initial: list[Shape], wanted: Shape) -> None:
    """Raises Refusal for initial states that are not two of this shape."""
    if not initial or initial == [wanted] * len(STATES):
        return
    given = " and ".join([describe(shape) for shape in initial])
    raise Refusal(
        "initial-state",
        f"after the sequence it takes a state and a cell, each {describe(wanted)}, and it receives {given}.",
        "Give it what a layer of as many filters ends with, or the sequence alone.",
    )


class ConvLSTM1D(ConvLSTM, frozen=True, kw_only=True):
    """An LSTM of convolutions along one axis: 4 · (K · (C + N) + 1) · N parameters.

    Source: Shi et al. 2015; keras.layers.ConvLSTM1D.
    """

    rank: ClassVar[int] = 2


class ConvLSTM2D(ConvLSTM, frozen=True, kw_only=True):
    """An LSTM of convolutions over height and width, as for video: 4 · (K_h · K_w · (C + N) + 1) · N parameters.

    Source: Shi et al. 2015 (arXiv 1506.04214), without peepholes; keras.layers.ConvLSTM2D.
    """


class ConvLSTM3D(ConvLSTM, frozen=True, kw_only=True):
    """An LSTM of convolutions over volumes: 4 · (K_d · K_h · K_w · (C + N) + 1) · N parameters.

    Source: Shi et al. 2015; keras.layers.ConvLSTM3D.
    """

    rank: ClassVar[int] = 4
