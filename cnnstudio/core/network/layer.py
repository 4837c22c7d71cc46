"""Layer types: a frozen value with declared fields, and one rule that counts it."""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, UNSET, Meta, Struct, structs

from cnnstudio.core.arithmetic.derivation import Symbol, plain, symbol
from cnnstudio.core.arithmetic.receptive_field import Reach
from cnnstudio.core.arithmetic.shape import Padding, Shape, per_axis, sizes_text
from cnnstudio.core.network.problem import Refusal, Remark, with_article

MAX_SIZE = 1_000_000_000
"""The bound of every size, count and factor that a user types."""
MAX_COUNT = 1_000_000_000_000_000
"""The bound of the counts that an Opaque layer states."""
MAX_NAME_LENGTH = 500

Size = Annotated[int, Meta(ge=1, le=MAX_SIZE)]
NaturalSize = Annotated[int, Meta(ge=0, le=MAX_SIZE)]
NaturalCount = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
# msgspec 0.22 crashes on a fixed-length tuple of bounded integers inside a union; one of bounded length is sound.
_Ends = Annotated[tuple[NaturalSize, ...], Meta(min_length=2, max_length=2)]
_EachAxis = Annotated[tuple[NaturalSize | _Ends, ...], Meta(min_length=1, max_length=3)]
AxisSizes = Size | Annotated[tuple[Size, ...], Meta(min_length=1, max_length=3)]
"""One integer for all axes, or one for each."""
AxisPadding = Literal["valid", "same"] | NaturalSize | _EachAxis
"""`valid`, `same`, one integer, one for each axis, or [begin, end] for each axis."""
Margin = NaturalSize | _EachAxis
"""Elements added to or taken from the ends of each axis: an integer, one for each axis, or [begin, end] pairs."""


class Scope(Struct, frozen=True):
    """The setting that a rule computes in: names of numbers, and the rounding of pooling with `ceil_mode`."""

    symbol: Symbol
    rounding: Literal["pytorch", "caffe"]


NUMBERS = {key: Scope(plain, key) for key in ("pytorch", "caffe")}
"""Scopes for counting."""
SYMBOLS = {key: Scope(symbol, key) for key in ("pytorch", "caffe")}
"""Scopes for the working."""


class Counts(Struct, frozen=True, gc=False):
    """The result of a layer's rule for its input shapes.

    `weights` and `biases` are learned, `parameters` is their sum (written the way textbooks write it), `state` is
    stored but not learned. `macs` are multiply-accumulates for one input, None if nobody can say. `reach` is what an
    output element sees of the input. `reasons` are words for values that need words, by the key of the value.
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


class Layer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True, gc=False):
    """The fields of every layer.

    Subclasses declare their own fields and `count`. A name is unique in its list; "" asks for a made-up one.
    `inputs` names earlier items of the same list, or `input` inside a block; empty, it is the item before.
    `orders_inputs`: it makes a difference which input comes first. `starts_with`: what a new one from the palette is
    given, values that one would often keep; all other fields have their defaults. `symbols`: the meaning of symbols in
    its working that no other layer has, or that mean something else here.
    """

    family: ClassVar[str] = ""
    min_inputs: ClassVar[int] = 1
    max_inputs: ClassVar[int | None] = 1
    learns_nothing: ClassVar[str] = "there is nothing to learn in it"
    removes_bias: ClassVar[bool] = False
    merges: ClassVar[bool] = False
    orders_inputs: ClassVar[bool] = True
    starts_with: ClassVar[dict[str, Any]] = {}
    symbols: ClassVar[dict[str, str]] = {}

    name: Annotated[str, Meta(title="Name", description="unique among its neighbours", max_length=MAX_NAME_LENGTH)] = ""
    inputs: Annotated[
        tuple[str, ...], Meta(title="Inputs", description="names of earlier layers; empty: the layer before")
    ] = ()
    trainable: Annotated[
        bool, Meta(title="Trainable", description="off: frozen, its parameters count as non-trainable")
    ] = True
    note: Annotated[str, Meta(title="Note", description="a remark, kept in the file")] = ""

    @property
    def type_name(self) -> str:
        """The type as the file and the palette write it."""
        return type(self).__name__

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        """Output shape and counts for these input shapes; raises `Refusal` for inputs it cannot take.

        A rule: written once, in ordinary arithmetic on numbers that `scope.symbol` has named.
        """
        raise NotImplementedError

    def summary(self) -> str:
        """The hyperparameters that matter, on one short line."""
        return ""


def natural_name(type_name: str) -> str:
    """`conv2d` for Conv2D, `max_pool2d` for MaxPool2D: the stem of a made-up name."""
    words = ""
    for i, letter in enumerate(type_name):
        starts = letter.isupper() and i and (type_name[i - 1].islower() or type_name[i + 1 : i + 2].islower())
        words += ("_" if starts else "") + letter.lower()
    return words


def single(inputs: tuple[Shape, ...]) -> Shape:
    """The one input of a layer that takes one."""
    return inputs[0]


def describe(shape: Shape) -> str:
    """`a map of 96 channels, 55 × 55` or `a vector of 4096`, for sentences."""
    if not shape.spatial:
        return f"a vector of {shape.channels}"
    channels = "1 channel" if shape.channels == 1 else f"{shape.channels} channels"
    return f"a map of {channels}, {'length ' if shape.rank == 1 else ''}{sizes_text(shape.spatial)}"


def require_rank(layer: Layer, shape: Shape, rank: int) -> None:
    """Raises Refusal for a map with another number of spatial axes than `rank`."""
    if shape.rank == rank:
        return
    needed = "a vector" if not rank else f"a map with {rank} spatial {'axis' if rank == 1 else 'axes'}"
    sentence = f"{layer.type_name} needs {needed} and receives {describe(shape)}."
    raise Refusal("rank", sentence, _remedy_for_rank(type(layer), shape.rank, rank))


def _remedy_for_rank(layer_type: type[Layer], rank: int, needed: int) -> str:
    if not needed:
        return "Put a global pool or a Flatten before it."
    if not rank:
        return "Put it before the layer that makes a vector, or put a Reshape before it."
    other_form = f"{layer_type.__name__[:-2]}{rank}D"
    if other_form in _siblings(layer_type):
        return f"Use the {other_form} form, or a Reshape before it."
    return "Put a Reshape before it."


def _siblings(layer_type: type[Layer]) -> set[str]:
    """The names of the types that extend what this type extends."""
    names: set[str] = set()
    for base in layer_type.__bases__:
        below: list[type] = type.__subclasses__(base)
        names.update(subclass.__name__ for subclass in below)
    return names


def require_map(layer: Layer, shape: Shape, remedy: str) -> None:
    """Raises Refusal for a vector."""
    if not shape.rank:
        raise Refusal("rank", f"{layer.type_name} needs a map and receives {describe(shape)}.", remedy)


def require_one_an_axis(layer: Layer, value: Any, shape: Shape, field: str) -> None:
    """Raises Refusal for a list without one value for each spatial axis of the input."""
    if isinstance(value, tuple) and len(value) != shape.rank:
        raise Refusal(
            "rank",
            f"{field} of {layer.type_name} is given for {len(value)} spatial axes, and it receives {describe(shape)}.",
            "Give one integer, or one for each spatial axis of the input.",
        )


def require_multiple(value: int, of: int, what: str, field: str) -> None:
    """Raises Refusal for a channel count that `field` does not divide."""
    if value % of:
        below, above = value // of * of, (value // of + 1) * of
        other = "other groups" if field == "groups" else "another scale"
        raise Refusal(
            "multiple",
            f"{what} must be a multiple of {field}, and {value} is not a multiple of {of}.",
            f"Use {f'{below} or {above}' if below else above}, or {other}.",
        )


class Field(Struct, frozen=True):
    """The declaration of one field, for forms, tables and the manual.

    `kind` says which editor fits; `choices` are the words of a `choice`, or of the list `words`; `minimum` and
    `maximum` bound each number.
    """

    name: str
    title: str
    help: str
    kind: Literal["text", "integer", "number", "switch", "choice", "sizes", "padding", "names", "table", "words"]
    default: Any
    required: bool
    optional: bool
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    hint: Any = None

    @property
    def words(self) -> str:
        """The title in the middle of a sentence: `kernel size`."""
        return self.title[0].lower() + self.title[1:]


FIRST_FIELDS = (
    "name",
    "filters",
    "units",
    "kernel_size",
    "pool_size",
    "stride",
    "padding",
    "dilation",
    "groups",
    "bias",
)
FUNCTION_CONSTANTS = (
    *("epsilon", "momentum", "slope", "alpha", "beta", "k"),
    *("approximate", "align_corners", "count_padding"),
)
"""Fields that only the computed function needs: kept for exchange with the frameworks, and ignored by counting."""
LAST_FIELDS = (
    *FUNCTION_CONSTANTS,
    *("activation", "padding_mode", "connections", "inputs", "trainable", "note", "layers"),
)


@cache
def fields_of(struct_type: type[Struct]) -> tuple[Field, ...]:
    """The declared fields, in the order of files and forms: what matters most first, what every layer has last."""
    hints = get_type_hints(struct_type, include_extras=True)
    declared = [_field(field.name, hints[field.name], field) for field in structs.fields(struct_type)]
    first = {name: place - len(FIRST_FIELDS) for place, name in enumerate(FIRST_FIELDS)}
    last = {name: place + 1 for place, name in enumerate(LAST_FIELDS)}
    return tuple(sorted(declared, key=lambda field: first.get(field.name) or last.get(field.name, 0)))


def _field(name: str, hint: Any, info: structs.FieldInfo) -> Field:
    metas, leaves = _unfold(hint)
    titles = [meta.title for meta in metas if meta.title]
    helps = [meta.description for meta in metas if meta.description]
    required = info.default is NODEFAULT
    minimums = [bound for meta in metas for bound in (meta.ge, meta.gt) if bound is not None]
    maximums = [meta.le for meta in metas if meta.le is not None]
    return Field(
        name,
        titles[0] if titles else name.replace("_", " ").capitalize(),
        helps[0] if helps else "",
        _kind(name, leaves),
        UNSET if required else info.default,
        required,
        type(None) in leaves,
        minimums[0] if minimums else None,
        maximums[0] if maximums else None,
        _words(leaves),
        hint,
    )


def _unfold(hint: Any) -> tuple[list[Meta], list[Any]]:
    """The metadata of a hint, outermost first, and the plain types of its union."""
    if get_origin(hint) is Annotated:
        inner, *metas = get_args(hint)
        deeper, leaves = _unfold(inner)
        return [*reversed([meta for meta in metas if isinstance(meta, Meta)]), *deeper], leaves
    if get_origin(hint) in (Union, types.UnionType):
        parts = [_unfold(part) for part in get_args(hint)]
        return [meta for metas, _ in parts for meta in metas], [leaf for _, leaves in parts for leaf in leaves]
    return [], [hint]


def _inside(array: Any) -> list[Any]:
    """The plain types of what a tuple holds."""
    return [leaf for part in get_args(array) if part is not ... for leaf in _unfold(part)[1]]


def _words(leaves: list[Any]) -> tuple[str, ...]:
    """The words that a value may be, or may be a list of."""
    held = [leaf for array in leaves if get_origin(array) is tuple for leaf in _inside(array)]
    return tuple(word for leaf in (*leaves, *held) if get_origin(leaf) is Literal for word in get_args(leaf))


def _kind(name: str, leaves: list[Any]) -> Any:
    arrays = [leaf for leaf in leaves if get_origin(leaf) is tuple]
    words = [leaf for leaf in leaves if get_origin(leaf) is Literal]
    if arrays:
        if name == "inputs":
            return "names"
        if int not in leaves:
            nested = _inside(arrays[0])
            if any(get_origin(leaf) is Literal for leaf in nested):
                return "words"
            return "table" if any(get_origin(leaf) is tuple for leaf in nested) else "sizes"
        return "padding" if words or name in ("padding", "cropping") else "sizes"
    if words:
        return "choice"
    if bool in leaves:
        return "switch"
    if float in leaves:
        return "number"
    return "integer" if int in leaves else "text"


def sizes_for(field: str, value: int | tuple[Any, ...], rank: int, type_name: str) -> None:
    """Checks that a list of sizes has one for each axis; ValueError with the sentence if not."""
    if isinstance(value, tuple) and len(value) != rank:
        plural = "axis" if rank == 1 else "axes"
        raise ValueError(
            f"{field} of {with_article(type_name)} needs one integer, or {rank} for its {rank} spatial {plural}, "
            f"and received {len(value)}"
        )


def brief_sizes(sizes: int | tuple[int, ...], rank: int) -> str:
    """`3×3`, for summaries."""
    return "×".join(str(size) for size in per_axis(sizes, rank))


def brief_stride(stride: int | tuple[int, ...]) -> str:
    """`2`, or `2×1` where the axes differ."""
    return "×".join(map(str, stride)) if isinstance(stride, tuple) else str(stride)


def brief_padding(padding: Padding) -> str:
    """`same`, `pad 1`, `pad 0:1, 0:1`; nothing for no padding."""
    if padding in ("valid", 0):
        return ""
    if isinstance(padding, tuple):
        return "pad " + ", ".join(str(pad) if isinstance(pad, int) else f"{pad[0]}:{pad[1]}" for pad in padding)
    return padding if isinstance(padding, str) else f"pad {padding}"


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
    "linear",
]
"""The activation functions; none of them has parameters."""
