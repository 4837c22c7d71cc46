"""Layer types: a frozen value with declared fields, and one rule that counts it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct, structs

from cnnstudio.core.arithmetic.convention import BIASES_OF_A_GATE
from cnnstudio.core.arithmetic.derivation import Symbol, plain, symbol
from cnnstudio.core.arithmetic.receptive_field import Reach
from cnnstudio.core.arithmetic.shape import MAX_RANK, Axis, Shape
from cnnstudio.core.network.comments import Comments
from cnnstudio.core.network.problem import Remark
from cnnstudio.core.network.step import Step

MAX_SIZE = 1_000_000_000
"""The bound of every size, count and factor that a user types."""
MAX_COUNT = 1_000_000_000_000_000
"""The bound of the counts that an Opaque layer states."""
MAX_NAME_LENGTH = 500
WINDOW_RANK = 3
"""The axes along which a window slides at most: no framework has a convolution, a pool or an upsampling along more."""

Size = Annotated[int, Meta(ge=1, le=MAX_SIZE)]
NaturalSize = Annotated[int, Meta(ge=0, le=MAX_SIZE)]
NaturalCount = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
# msgspec 0.22 crashes on a fixed-length tuple of bounded integers inside a union; one of bounded length is sound.
Ends = Annotated[tuple[NaturalSize, ...], Meta(min_length=2, max_length=2)]
"""Elements at the beginning and at the end."""
AxisSizes = Size | Annotated[tuple[Size, ...], Meta(min_length=1, max_length=WINDOW_RANK)]
"""One integer for all axes of a window, or one for each."""
AxisPadding = (
    Literal["valid", "same"]
    | NaturalSize
    | Annotated[tuple[NaturalSize | Ends, ...], Meta(min_length=1, max_length=WINDOW_RANK)]
)
"""`valid`, `same`, one integer, one for each axis of a window, or [begin, end] for each axis."""
MapSizes = Size | Annotated[tuple[Size, ...], Meta(min_length=1, max_length=MAX_RANK)]
"""One integer for all spatial axes of a map, or one for each."""
Margin = NaturalSize | Annotated[tuple[NaturalSize | Ends, ...], Meta(min_length=1, max_length=MAX_RANK)]
"""Elements added to or taken from the ends of each axis: an integer, one for each axis, or [begin, end] pairs."""


class Scope(Struct, frozen=True):
    """The setting that a rule computes in.

    It names numbers, and says how pooling with `ceil_mode` rounds and how many biases a gate has.
    """

    symbol: Symbol
    rounding: Literal["pytorch", "caffe"]
    biases_of_a_gate: int


def _scopes(names: Symbol) -> dict[str, Scope]:
    return {
        rules: Scope(names, "caffe" if rules.startswith("caffe") else "pytorch", biases)
        for rules, biases in BIASES_OF_A_GATE.items()
    }


NUMBERS = _scopes(plain)
"""Scopes for counting, by the rules of a convention."""
SYMBOLS = _scopes(symbol)
"""Scopes for the working."""


class Counts(Struct, frozen=True, gc=False):
    """The result of a layer's rule for its input shapes.

    `weights` and `biases` are learned, `parameters` is their sum (written the way textbooks write it), `state` is
    stored but not learned. `macs` are multiply-accumulates for one input, None if nobody can say. `reach` is what an
    output element sees of the input. `reused` are parameters of another layer that it uses, see `sharing`; none of them
    are in the numbers above. `reasons` are words for values that need words, by the key of the value.
    """

    output: Shape
    weights: int = 0
    biases: int = 0
    parameters: int = 0
    state: int = 0
    macs: int | None = 0
    reach: Reach = "pointwise"
    remarks: tuple[Remark, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    reused: int = 0

    def sharing(self, owner: str) -> Counts:
        """The same of a layer that uses the weights of another: it learns and stores nothing of its own."""
        told = {**dict(self.reasons), **dict.fromkeys(_STORED, f"shared with {owner}")}
        nothing = dict.fromkeys(_STORED, 0)
        return structs.replace(self, **nothing, reasons=tuple(told.items()), reused=self.parameters)


_STORED = ("weights", "biases", "parameters", "state")


class Layer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True, gc=False):
    """The fields of every layer.

    Subclasses declare their own fields and `count`. A name is unique in its list; "" asks for a made-up one.
    `inputs` names earlier items of the same list, or `input` inside a block; empty, it is the item before. `shares` is
    the path of the layer whose weights it uses, see `sharing`; empty, it has its own.
    `removes_bias`: it subtracts the mean of each channel; `may_remove_bias`: it does of some inputs.
    `hides_bias`: its `bias` is more than one number a channel that is added at the end, so that no normalization after
    it takes all of it away.
    `joins_one`: a single input that is named is enough, though it joins several as a rule.
    `is_view`: its output is the memory of its input, under another shape or name. `orders_inputs`: it makes a
    difference which input comes first. `takes_places`: what flows in may be places in a map, see `Shape.within`.
    `starts_with`: what a new one from the palette is
    given, values that one would often keep; all other fields have their defaults. `symbols`: the meaning of symbols in
    its working that no other layer has, or that mean something else here. `comments` are no field of the file, but
    what is written beside the fields there.
    """

    family: ClassVar[str] = ""
    min_inputs: ClassVar[int] = 1
    max_inputs: ClassVar[int | None] = 1
    learns_nothing: ClassVar[str] = "there is nothing to learn in it"
    removes_bias: ClassVar[bool] = False
    may_remove_bias: ClassVar[bool] = False
    hides_bias: ClassVar[bool] = False
    joins_one: ClassVar[bool] = False
    merges: ClassVar[bool] = False
    is_view: ClassVar[bool] = False
    orders_inputs: ClassVar[bool] = True
    takes_places: ClassVar[bool] = False
    starts_with: ClassVar[dict[str, Any]] = {}
    symbols: ClassVar[dict[str, str]] = {}

    name: Annotated[str, Meta(title="Name", description="unique among its neighbours", max_length=MAX_NAME_LENGTH)] = ""
    inputs: Annotated[
        tuple[str, ...], Meta(title="Inputs", description="names of earlier layers; empty: the layer before")
    ] = ()
    shares: Annotated[str, Meta(title="Shares", description="path of an earlier layer whose weights it uses too")] = ""
    trainable: Annotated[
        bool, Meta(title="Trainable", description="off: frozen, its parameters count as non-trainable")
    ] = True
    label: Annotated[
        str, Meta(title="Label", description="text at its volume in the diagram, if not the usual one")
    ] = ""
    note: Annotated[str, Meta(title="Note", description="a remark, kept in the file")] = ""
    comments: Comments = ()

    @property
    def type_name(self) -> str:
        """The type as the file and the palette write it."""
        return type(self).__name__

    @property
    def fewest_named(self) -> int:
        """The least number of inputs that it takes by their names."""
        return 1 if self.joins_one else self.min_inputs

    @property
    def is_sized(self) -> bool:
        """False for an input of which a size is not given, which can be counted only with one in its place."""
        return True

    def sized(self, side: int) -> Layer:
        """The layer with this size for each that is not given."""
        return self

    @property
    def picks(self) -> str:
        """The further output that it takes of what flows in; empty: the output."""
        return ""

    @property
    def further_outputs(self) -> tuple[str, ...]:
        """The names of what it gives beside its output."""
        return ()

    def further_output(self, name: str, inputs: tuple[Shape, ...], output: Shape) -> Shape:
        """The shape of a further output, by its name; raises NotImplementedError where it gives none."""
        raise NotImplementedError

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        """Output shape and counts for these input shapes; raises `Refusal` for inputs it cannot take.

        A rule: written once, in ordinary arithmetic on numbers that `scope.symbol` has named.
        """
        raise NotImplementedError

    def takes_means(self, shape: Shape) -> bool:
        """True if it subtracts the mean of each channel of an input of this shape by itself."""
        return self.removes_bias

    def zeros_at_end(self, rank: int) -> tuple[int, ...]:
        """The number of zeros that it adds at the end of each axis of its input; () if it adds none."""
        return ()

    def padded_axes(self, shape: Shape) -> tuple[Axis, ...]:
        """The axes along which `same` padding follows from the sizes; none where the padding is given."""
        return ()

    def weight_shapes(self, shape: Shape, *, channels_last: bool) -> tuple[tuple[int, ...], ...]:
        """The sizes of its weight tensors for an input, outputs first as PyTorch has them, or last as Keras has them.

        Empty where it has none, or where they are plain lists of numbers.
        """
        return ()

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        """The operations that PyTorch runs for it, with what they keep; unknown unless the type says it."""
        unknown = "nobody can say what it keeps"
        return (Step(output=counts.output.elements, unknown=unknown, weights=counts.weights, biases=counts.biases),)

    def steps_giving(self, outputs: tuple[str, ...], inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        """The same where these further outputs are taken, with which another kernel may run.

        The name of the output itself is empty; where it is not among them, nothing is kept for what leads to it alone.
        """
        return self.steps(inputs, counts)

    def summary(self) -> str:
        """The hyperparameters that matter, on one short line."""
        return ""


def outputs_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes of a weight tensor as Keras has them: `(N, C, K, K)` as `(K, K, C, N)`."""
    return (*shape[2:], *reversed(shape[:2]))


def natural_name(type_name: str) -> str:
    """`conv2d` for Conv2D, `max_pool2d` for MaxPool2D: the stem of a made-up name."""
    words = ""
    for i, letter in enumerate(type_name):
        # `LSTMCell` is `lstm_cell`: a capital begins a word after a small letter, or before one.
        starts = letter.isupper() and i and (type_name[i - 1].islower() or type_name[i + 1 : i + 2].islower())
        words += ("_" if starts else "") + letter.lower()
    return words


def single(inputs: tuple[Shape, ...]) -> Shape:
    """The one input of a layer that takes one."""
    return inputs[0]


Activate = Literal[
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "gelu",
    "silu",
    "mish",
    "sigmoid",
    "log_sigmoid",
    "hard_sigmoid",
    "tanh",
    "hard_tanh",
    "hard_swish",
    "softmax",
    "log_softmax",
    "softplus",
    "softsign",
    "exponential",
    "log",
    "sqrt",
    "square",
    "abs",
    "linear",
]
"""The activation functions; none of them has parameters."""
