"""Layers that say where a network begins and ends, and the placeholder for what nothing else describes."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta, structs

from cnnstudio.core.arithmetic.shape import MAX_RANK, Shape, sizes_text
from cnnstudio.core.network.design import Identity as Identity
from cnnstudio.core.network.layer import Counts, Layer, NaturalCount, Scope, Size, single
from cnnstudio.core.network.step import Step, passed_on

SpatialSizes = Annotated[
    Size | Annotated[tuple[Size, ...], Meta(max_length=MAX_RANK)],
    Meta(title="Size", description="spatial sizes, such as [227, 227]; none for a vector"),
]


def known_sizes(size: int | tuple[int | None, ...]) -> tuple[int, ...]:
    """The spatial sizes of an input as a tuple; () where not all of them are given."""
    sizes = (size,) if isinstance(size, int) else size
    known = tuple([axis for axis in sizes if axis is not None])
    return known if len(known) == len(sizes) else ()


def spatial_of(size: int | tuple[int, ...]) -> tuple[int, ...]:
    """The spatial sizes as a tuple: one integer is one axis."""
    return (size,) if isinstance(size, int) else size


InputSizes = Annotated[
    Size | Annotated[tuple[Size | None, ...], Meta(max_length=MAX_RANK)],
    Meta(title="Size", description="spatial sizes, such as [227, 227]; null: not given; none for a vector"),
]


class Input(Layer, frozen=True, kw_only=True):
    """An input of the network: the shape of one example, without the batch.

    Source: keras.Input.
    """

    family: ClassVar[str] = "structure"
    min_inputs: ClassVar[int] = 0
    max_inputs: ClassVar[int | None] = 0
    learns_nothing: ClassVar[str] = "the input is given, not learned"
    starts_with: ClassVar[dict[str, Any]] = {"size": [224, 224], "channels": 3}

    size: InputSizes = ()
    channels: Annotated[Size, Meta(title="Channels", description="3 for a colour image, 1 for a grey one")]

    @property
    def is_sized(self) -> bool:
        return not isinstance(self.size, tuple) or None not in self.size

    def sized(self, side: int) -> Layer:
        sizes = self.size if isinstance(self.size, tuple) else (self.size,)
        return structs.replace(self, size=tuple([side if size is None else size for size in sizes]))

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        return Counts(Shape(self.channels, known_sizes(self.size)))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return ()

    def summary(self) -> str:
        return ""


class Output(Layer, frozen=True, kw_only=True):
    """Marks an output of the network; changes nothing.

    Source: a marker of this program, which frameworks do not have.
    """

    family: ClassVar[str] = "structure"
    learns_nothing: ClassVar[str] = "it only marks an output"
    is_view: ClassVar[bool] = True
    takes_places: ClassVar[bool] = True

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        return Counts(single(inputs))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return (passed_on(counts.output.elements),)


class Opaque(Layer, frozen=True, kw_only=True):
    """A placeholder with a stated output shape and stated counts; what is not stated is unknown, not 0.

    Source: a placeholder of this program, for what it cannot count.
    """

    family: ClassVar[str] = "structure"
    max_inputs: ClassVar[int | None] = None
    takes_places: ClassVar[bool] = True
    learns_nothing: ClassVar[str] = "stated in the design"
    starts_with: ClassVar[dict[str, Any]] = {"channels": 64, "parameters": 0}

    channels: Annotated[Size, Meta(title="Channels", description="channels of the output")]
    size: SpatialSizes = ()
    parameters: Annotated[
        NaturalCount, Meta(title="Parameters", description="learned numbers, weights and biases together")
    ]
    biases: Annotated[NaturalCount, Meta(title="Biases", description="how many of the parameters are biases")] = 0
    state: Annotated[NaturalCount, Meta(title="State", description="numbers stored but not learned")] = 0
    macs: Annotated[
        NaturalCount | None, Meta(title="MACs", description="multiply-accumulates for one input, if known")
    ] = None

    def __post_init__(self) -> None:
        # Weights are the rest of the parameters, and would be negative.
        if self.biases > self.parameters:
            raise ValueError(f"biases: {self.biases} are more than the {self.parameters} parameters they are part of")

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        stated = "stated in the design"
        reasons = tuple((key, stated) for key in ("weights", "biases", "parameters", "state", "macs"))
        return Counts(
            Shape(self.channels, spatial_of(self.size)),
            self.parameters - self.biases,
            self.biases,
            self.parameters,
            self.state,
            self.macs,
            "unknown",
            reasons=reasons,
        )

    def summary(self) -> str:
        return f"to {sizes_text((self.channels, *spatial_of(self.size)))}"
