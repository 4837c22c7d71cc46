"""Steps: the operations that PyTorch runs for a layer, as far as memory goes.

A layer type says in `Layer.steps` which operations it is made of; `cnnstudio.core.memory` finds from them what training
keeps and what is alive at the same time. Found from the operations themselves by `torch.autograd.graph.
saved_tensors_hooks`, PyTorch 2.11 to 2.13.
"""

from __future__ import annotations

from math import prod
from typing import Final, Literal

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.shape import Shape

PREVIOUS: Final = -1
"""The result of the step before, among the inputs of a step; for the first step the layer's only input.

-2 is the result of the step before that, and so on.
"""

INDICES: Final = "indices"
"""The places of maximums in their map, which a pool makes; they are a further output of it."""
PLACE_BYTES: Final = 8
"""The bytes of a place in a map, which is a whole number."""

FLOWING: Final = -1
"""The size of an element as that of the input."""

Flow = Literal["input", "half", "single", "promoted"]
"""The bytes of an element of the result under autocast to 16 bits.

`input`: as the largest input; `half`: 2; `single`: 4; `promoted`: at least 4, as plain arithmetic with parameters of 4.
Without autocast everything is 4. Source: "CUDA ops that can autocast to float16" and "to float32" in PyTorch's manual.
"""
Result = Literal["new", "in_place", "view", "input", "ordered", "parameter", "of several"]
"""The result: a tensor of its own; the input overwritten, if nobody else needs it; a view of it; the input itself; a
copy in the order that is told, which is a view of an input that has it; a view of a parameter; or a copy that is a view
where the batch has one example.
"""
Order = Literal["kept", "first", "last"]
"""The place of the channels in memory: as in the inputs, first, or last."""
Keeps = Literal["nothing", "input", "input if trained", "inputs", "partners", "output", "inputs and output"]
"""The tensors that the operation keeps for backward.

`input if trained`: only for the gradient of its own weights. `partners`: each input that another input's gradient
needs, as the factors of a product.
"""
Precision = Literal["any", "fp32", "16 bits"]
"""The precisions in which an operation is run: PyTorch has kernels for some of them alone."""
Gradient = Literal["new", "passes", "parts", "first", "none"]
"""The gradients of the inputs: new tensors; that of the result itself, where it is as large; parts of that; a new one
of the first input alone, as the others are no numbers to learn from; or none.
"""


class Made(Struct, frozen=True, gc=False):
    """A tensor that an operation makes beside its result: `each` elements for every example, and `fixed` for a batch.

    `size`: bytes of an element; 0: as the result has; `FLOWING`: as the input has.
    """

    what: str
    each: int = 0
    fixed: int = 0
    size: int = 0


class Kernel(Struct, frozen=True, gc=False):
    """The sizes of a convolution, by which its workspace is estimated; spatial sizes without padding.

    `steps`: the steps of a sequence, each of which is an input of its own to it.
    """

    channels: int
    filters: int
    sizes: tuple[int, ...]
    outputs: tuple[int, ...]
    window: tuple[int, ...]
    stride: tuple[int, ...]
    groups: int = 1
    steps: int = 1

    @property
    def is_pointwise(self) -> bool:
        """True for a window of one element."""
        return prod(self.window) == 1

    @property
    def is_product(self) -> bool:
        """True if it is a product of matrices: a window of one element that steps by one."""
        return self.is_pointwise and prod(self.stride) == self.groups == 1

    @property
    def is_depthwise(self) -> bool:
        """True if each channel has kernels of its own."""
        return self.groups > 1 and self.groups == self.channels


class Step(Struct, frozen=True, gc=False, kw_only=True):
    """One operation; `output` are the elements of its result for one example, and `what` is its name in the working.

    `casts`: an input of another element size is first copied to that of `flow`. `makes`: what it keeps besides, and
    `gives`: what it gives besides, by the names of further outputs; what is both is one tensor. `further`: its result
    is the further output of this name. `weights` and `biases` are used by it; `casts_parameters`: under autocast as
    copies of 2 bytes. `scratch`: alive while a gradient is computed; `inference_scratch`: while the operation runs in
    inference. `only_in_training`: it does nothing in inference. `ends_in_loss`: where it gives the network's result,
    the loss takes its input instead. `unknown`: why nobody can say all that it keeps. `precision`: it is there only
    with that.
    """

    output: int
    what: str = "output"
    inputs: tuple[int, ...] = (PREVIOUS,)
    result: Result = "new"
    flow: Flow = "input"
    casts: bool = False
    keeps: Keeps = "nothing"
    makes: tuple[Made, ...] = ()
    gives: tuple[Made, ...] = ()
    further: str = ""
    gradient: Gradient = "new"
    weights: int = 0
    biases: int = 0
    casts_parameters: bool = False
    keeps_weights: Literal["", "always", "if input learns"] = ""
    kernel: Kernel | None = None
    scratch: Made | None = None
    inference_scratch: Made | None = None
    order: Order = "kept"
    only_in_training: bool = False
    ends_in_loss: bool = False
    unknown: str = ""
    precision: Precision = "any"


def passed_on(elements: int) -> Step:
    """An operation that gives its input as it is."""
    return Step(output=elements, result="input", gradient="passes")


def viewed(elements: int) -> Step:
    """An operation that gives another view of its input: whoever keeps it keeps the whole input."""
    return Step(output=elements, result="view", gradient="passes", order="first")


def ordered(elements: int) -> Step:
    """A map with its channels last, as a product of matrices takes it at each position."""
    return Step(output=elements, result="ordered", gradient="passes", order="last")


def laid_out(shape: Shape, source: int = PREVIOUS) -> Step:
    """A map as a sequence of positions, their channels beside each other: a copy where they are not."""
    # One channel, or one position, is in order wherever it is.
    step = viewed(shape.elements) if 1 in (shape.channels, shape.positions) else ordered(shape.elements)
    return structs.replace(step, inputs=(source,))


def ordered_first(elements: int) -> Step:
    """A map with its channels first, as a product takes it whose matrices are those of each channel."""
    return Step(output=elements, result="ordered", gradient="passes", order="first")


def part_of(elements: int) -> Step:
    """A view of a part of the input; the gradient of that is a tensor of its own, as large as the whole."""
    return Step(output=elements, result="view", order="first")


def copied(elements: int) -> Step:
    """An operation that only moves elements into a new tensor and keeps nothing."""
    return Step(output=elements, order="first")


def padded(elements: int, mode: str) -> Step:
    """Padding around a map: a copy; reflected and replicated padding keep their input."""
    return Step(output=elements, keeps="input" if mode in ("reflect", "replicate") else "nothing")


_OF_INPUT = (
    *("relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "hard_swish", "hard_sigmoid", "hard_tanh"),
    *("softplus", "log_sigmoid", "softsign", "log", "square", "abs"),
)
_IN_SINGLE = ("softmax", "log_softmax", "softplus", "exponential", "log", "square")
_SECOND = {"log_sigmoid": "buffer", "softsign": "denominator"}


def activated(function: str | None, elements: int) -> tuple[Step, ...]:
    """The step of an activation function, by its name; none where there is no function."""
    if function is None:
        return ()
    if function == "linear":
        return (passed_on(elements),)
    single = function in _IN_SINGLE
    return (
        Step(
            output=elements,
            result="in_place" if function == "relu" else "new",
            flow="single" if single else "input",
            casts=single,
            keeps="input" if function in _OF_INPUT else "output",
            makes=(Made(_SECOND[function], elements),) if function in _SECOND else (),
            ends_in_loss=function in ("softmax", "log_softmax", "sigmoid", "log_sigmoid"),
        ),
    )


def multiplied(elements: int, weights: int, biases: int) -> tuple[Step, ...]:
    """A learned factor and a learned shift by plain arithmetic, each only if it is there."""
    scale = Step(
        output=elements,
        flow="promoted",
        keeps="input if trained",
        weights=weights,
        scratch=Made("product", elements),
    )
    shift = Step(output=elements, flow="promoted", gradient="passes", biases=biases)
    return (*((scale,) if weights else ()), *((shift,) if biases else ()))


def at_each_step(step: Step, number: int) -> Step:
    """An operation on each of so many steps of a sequence, which to it are as many examples."""
    kernel = step.kernel and structs.replace(step.kernel, steps=number * step.kernel.steps)
    return structs.replace(
        step,
        output=number * step.output,
        makes=tuple([_many(made, number) for made in step.makes]),
        scratch=step.scratch and _many(step.scratch, number),
        inference_scratch=step.inference_scratch and _many(step.inference_scratch, number),
        kernel=kernel,
        result="new" if step.result == "of several" and number > 1 else step.result,
    )


def _many(made: Made, number: int) -> Made:
    return structs.replace(made, each=number * made.each)


def steps_as_examples(elements: int) -> tuple[Step, ...]:
    """A sequence whose steps are made examples: a copy, but of one whose steps come before its channels in memory."""
    first = Step(output=elements, what="input with its steps first", result="ordered", gradient="passes", order="last")
    return first, Step(output=elements, result="view", gradient="passes", order="first")


def examples_as_steps(elements: int) -> tuple[Step, ...]:
    """Examples that are made the steps of a sequence again: a view, whose steps come before its channels in memory."""
    return (Step(output=elements, result="view", gradient="passes", order="last"),)


def convolved(elements: int, kernel: Kernel, weights: int, biases: int) -> Step:
    """A convolution, plain or transposed, without its activation."""
    return Step(
        output=elements,
        flow="half",
        casts=True,
        keeps="input",
        weights=weights,
        biases=biases,
        casts_parameters=True,
        keeps_weights="always",
        kernel=kernel,
    )


def standardized(step: Step, filters: int, trainable: bool) -> Step:
    """A convolution whose weights are standardized: made with every pass, they are kept as any tensor is.

    To learn, what was divided is kept too, and what it was divided by, one number for each filter.
    """
    made = [Made("standardized weights", fixed=step.weights)]
    if trainable:
        made.append(Made("centred weights", fixed=step.weights + filters, size=4))
    return structs.replace(step, casts_parameters=False, keeps_weights="", makes=tuple(made))
