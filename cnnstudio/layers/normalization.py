"""Normalization, and the layers that scale by learned or fixed numbers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from cnnstudio.core.arithmetic.derivation import product
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, Shape
from cnnstudio.core.network.layer import Counts, Layer, Scope, Size, single
from cnnstudio.core.network.step import FLOWING, PREVIOUS, Flow, Made, Step, multiplied
from cnnstudio.layers.demands import require_multiple

Affine = Annotated[bool, Meta(title="Affine", description="learn a scale and a shift")]
Statistics = Annotated[
    bool, Meta(title="Track statistics", description="keep a moving mean and variance, which are stored, not learned")
]
Epsilon = Annotated[float, Meta(title="Epsilon", description="added to the variance before its root is taken", ge=0)]
Momentum = Annotated[
    float,
    Meta(
        title="Momentum",
        description="weight of a new batch in the moving statistics, as PyTorch means it; Keras states 1 less this",
        ge=0,
        le=1,
    ),
]
NO_AFFINE = (("weights", "affine is off"), ("biases", "affine is off"))


class Norm(Layer, frozen=True, kw_only=True):
    """A normalization with a learned scale γ and shift β for each of some features."""

    family: ClassVar[str] = "normalization"

    in_single: ClassVar[bool] = False

    affine: Affine = True
    scale: Annotated[bool, Meta(title="Scale", description="learn the scale γ, if affine")] = True
    center: Annotated[bool, Meta(title="Center", description="learn the shift β, if affine")] = True
    epsilon: Epsilon = 1e-5

    def features(self, shape: Shape, scope: Scope) -> int:
        """The number of scales: one a channel unless the layer says otherwise."""
        return scope.symbol("C", shape.channels)

    def state(self, shape: Shape, scope: Scope) -> int:
        """The number of moving statistics that are stored."""
        return 0

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        features = self.features(shape, scope)
        weights = features if self.affine and self.scale else 0
        biases = features if self.affine and self.center else 0
        return Counts(
            shape,
            weights,
            biases,
            # 2 · C where both are learned, as the working is to show it; otherwise the one that is.
            2 * features if weights and biases else weights or biases,
            self.state(shape, scope),
            reasons=self.reasons(),
        )

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        """The normalization; a scale or a shift alone, which PyTorch's layer does not have, comes after it."""
        shape = single(inputs)
        own = self.has_own(counts)
        norm = Step(
            output=shape.elements,
            flow="single" if self.in_single else "input",
            casts=self.in_single,
            keeps="input",
            makes=self.statistics(shape),
            weights=counts.weights if own else 0,
            biases=counts.biases if own else 0,
            order="last" if shape.rank and self.over_channels() else "kept",
        )
        return (norm, *(() if own else multiplied(shape.elements, counts.weights, counts.biases)))

    def over_channels(self) -> bool:
        """True if it normalizes over the channels at each position, for which PyTorch wants them last."""
        return False

    def has_own(self, counts: Counts) -> bool:
        """True if PyTorch's layer itself learns what this one does."""
        return bool(counts.weights) == bool(counts.biases)

    def statistics(self, shape: Shape) -> tuple[Made, ...]:
        """The mean and 1 / deviation that are kept for backward, 4 bytes each."""
        return (Made("statistics", fixed=2 * shape.channels, size=4),)

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """Words for the weights (the scale γ) and the biases (the shift β)."""
        if not self.affine:
            return NO_AFFINE
        return (
            ("weights", "the scale γ" if self.scale else "scale is off"),
            ("biases", "the shift β" if self.center else "center is off"),
        )


class StatisticsNorm(Norm, frozen=True, kw_only=True):
    """A normalization by channel that can keep moving statistics: 2 · C of them."""

    removes_bias: ClassVar[bool] = True

    track_statistics: Statistics = True
    momentum: Momentum = 0.1

    def state(self, shape: Shape, scope: Scope) -> int:
        return 2 * scope.symbol("C", shape.channels) if self.track_statistics else 0

    def reasons(self) -> tuple[tuple[str, str], ...]:
        moving = "moving mean and variance" if self.track_statistics else "no statistics are tracked"
        return (*super().reasons(), ("state", moving))


class BatchNorm(StatisticsNorm, frozen=True, kw_only=True):
    """Normalizes each channel over the batch: 2 · C parameters, and 2 · C moving statistics that are not learned.

    Source: Ioffe and Szegedy 2015.
    """


class InstanceNorm(StatisticsNorm, frozen=True, kw_only=True):
    """Normalizes each channel of each example; learns and stores nothing unless told to, as in PyTorch.

    Source: Ulyanov et al. 2016.
    """

    affine: Affine = False
    track_statistics: Statistics = False

    def statistics(self, shape: Shape) -> tuple[Made, ...]:
        # PyTorch repeats the scale, and moving statistics, for every example.
        repeated = (self.affine and self.scale and self.center) + 2 * self.track_statistics
        return (Made("statistics", (2 + repeated) * shape.channels, size=4),)


class LayerNorm(Norm, frozen=True, kw_only=True):
    """Normalizes each example: over the channels at each position, or over the whole map.

    Source: Ba et al. 2016; over the channels at each position: Liu et al. 2022 (ConvNeXt).
    """

    in_single: ClassVar[bool] = True
    may_remove_bias: ClassVar[bool] = True

    over: Annotated[
        Literal["channels", "map"],
        Meta(title="Over", description="channels: 2 · C parameters; map: 2 for each element of the map"),
    ] = "channels"

    def features(self, shape: Shape, scope: Scope) -> int:
        channels = scope.symbol("C", shape.channels)
        if self.over == "channels":
            return channels
        sizes = zip(AXIS_NAMES[shape.rank], shape.spatial, strict=True)
        return product((channels, *(scope.symbol(f"I{name}", size) for name, size in sizes)))

    def over_channels(self) -> bool:
        return self.over == "channels"

    def takes_means(self, shape: Shape) -> bool:
        return shape.channels == 1

    def has_own(self, counts: Counts) -> bool:
        return bool(counts.weights) or not counts.biases

    def statistics(self, shape: Shape) -> tuple[Made, ...]:
        return (Made("statistics", 2 * (shape.positions if self.over == "channels" else 1), size=4),)


class GroupNorm(Norm, frozen=True, kw_only=True):
    """Normalizes groups of channels of each example: 2 · C parameters.

    Source: Wu and He 2018.
    """

    in_single: ClassVar[bool] = True
    may_remove_bias: ClassVar[bool] = True

    groups: Annotated[Size, Meta(title="Groups", description="groups that the channels are split into")] = 32

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        require_multiple(single(inputs).channels, self.groups, "input channels", "groups")
        return super().count(inputs, scope)

    def takes_means(self, shape: Shape) -> bool:
        return self.groups == shape.channels

    def statistics(self, shape: Shape) -> tuple[Made, ...]:
        return (Made("statistics", 2 * self.groups, size=4),)

    def summary(self) -> str:
        return f"{self.groups} groups"


class LocalResponseNorm(Layer, frozen=True, kw_only=True):
    """Divides by the activity of neighbouring channels, as in AlexNet; no parameters.

    x / (k + α / n · Σ x²)^β over n = `size` neighbours; Krizhevsky et al. write their α without the 1 / n.

    Source: Krizhevsky et al. 2012; with 1 / n as in torch.nn.LocalResponseNorm.
    """

    family: ClassVar[str] = "normalization"
    learns_nothing: ClassVar[str] = "its constants are chosen, not learned"

    size: Annotated[Size, Meta(title="Size", description="neighbouring channels taken together")] = 5
    alpha: Annotated[float, Meta(title="Alpha", description="factor of the mean square of the neighbours")] = 1e-4
    beta: Annotated[float, Meta(title="Beta", description="power of the divisor")] = 0.75
    k: Annotated[float, Meta(title="K", description="what the divisor begins with")] = 1.0

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        return Counts(single(inputs))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        shape = single(inputs)
        elements = shape.elements
        makes = (
            Made("padded square", (shape.channels + self.size - 1) * shape.positions, size=FLOWING),
            Made("base", elements, size=4),
            Made("power", elements, size=4),
        )
        return (
            Step(
                output=elements,
                flow="single",
                keeps="input",
                makes=makes,
                scratch=Made("gradients", 3 * elements, size=4),
                inference_scratch=Made("base and power", 2 * elements, size=4),
            ),
        )

    def summary(self) -> str:
        return f"{self.size} channels"


class UnitNormalization(Layer, frozen=True, kw_only=True):
    """Divides by the length (the L2 norm) of what is taken together, so that it becomes 1; no parameters.

    x / √Σ x², as Keras' UnitNormalization and PyTorch's `functional.normalize` do.

    Source: keras.layers.UnitNormalization.
    """

    family: ClassVar[str] = "normalization"
    learns_nothing: ClassVar[str] = "it divides by the length of what it receives"

    over: Annotated[
        Literal["channels", "map"],
        Meta(title="Over", description="channels: each position has length 1; map: the whole example has"),
    ] = "channels"

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        return Counts(single(inputs))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        shape = single(inputs)
        lengths = shape.positions if self.over == "channels" else 1
        # The length, and the length held above 0, by which it divides.
        makes = (Made("lengths", 2 * lengths, size=4),)
        return (Step(output=shape.elements, flow="promoted", keeps="input", makes=makes),)


class GlobalResponseNorm(Layer, frozen=True, kw_only=True):
    """Scales each channel by its length over the map, compared with the other channels': 2 · C parameters.

    γ · x · n + β + x, where n is √Σ x² over the positions divided by its mean over the channels.

    Source: Woo et al. 2023 (ConvNeXt V2).
    """

    family: ClassVar[str] = "normalization"

    epsilon: Epsilon = 1e-6

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        channels = scope.symbol("C", single(inputs).channels)
        reasons = (("weights", "the scale γ"), ("biases", "the shift β"))
        return Counts(single(inputs), channels, channels, 2 * channels, reasons=reasons)

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        shape = single(inputs)
        elements = shape.elements
        # Lengths have 32 bits; those of a vector are the absolute values of its elements.
        makes = (
            Made("lengths", shape.channels, size=4 if shape.rank else FLOWING),
            Made("mean length", 1, size=4 if shape.rank else FLOWING),
            Made("product", elements),
        )
        flow: Flow = "promoted" if shape.rank else "input"
        return (
            Step(output=elements, flow=flow, keeps="input", makes=makes),
            *multiplied(elements, counts.weights, counts.biases),
            Step(output=elements, inputs=(PREVIOUS, 0), gradient="passes"),
        )


class Scale(Layer, frozen=True, kw_only=True):
    """Multiplies by a learned factor for each channel, or one for all, and adds a learned bias if asked to.

    Source: the Scale layer of Caffe (Jia et al. 2014); LayerScale: Touvron et al. 2021.
    """

    family: ClassVar[str] = "normalization"

    bias: Annotated[bool, Meta(title="Bias", description="learned numbers added, as many as factors")] = False
    factors: Annotated[
        Literal["channel", "layer"], Meta(title="Factors", description="one a channel, or one for the layer")
    ] = "channel"

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        factors = scope.symbol("C", shape.channels) if self.factors == "channel" else 1
        biases = factors if self.bias else 0
        parameters = 2 * factors if self.bias else factors
        return Counts(shape, factors, biases, parameters, reasons=() if self.bias else (("biases", "bias is off"),))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        return multiplied(counts.output.elements, counts.weights, counts.biases)


class Rescaling(Layer, frozen=True, kw_only=True):
    """Multiplies by a fixed number and adds another, as for pixels from 0 to 255; no parameters.

    Source: keras.layers.Rescaling.
    """

    family: ClassVar[str] = "normalization"
    learns_nothing: ClassVar[str] = "its constants are chosen, not learned"
    starts_with: ClassVar[dict[str, Any]] = {"scale": 1 / 255}

    scale: Annotated[float, Meta(title="Scale", description="fixed factor")] = 1.0
    offset: Annotated[float, Meta(title="Offset", description="fixed addend")] = 0.0

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        return Counts(single(inputs))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        elements = counts.output.elements
        factor, offset = Step(output=elements), Step(output=elements, gradient="passes")
        return (factor, offset) if self.offset else (factor,)

    def summary(self) -> str:
        return f"× {self.scale:g}" + (f" + {self.offset:g}" if self.offset else "")


class Normalization(Layer, frozen=True, kw_only=True):
    """Subtracts the data's mean and divides by its deviation, channel by channel; nothing is learned.

    With statistics adapted from data, as in Keras' EfficientNet, it stores a mean and a variance a channel and a
    count; with constants it stores nothing.

    Source: keras.layers.Normalization.
    """

    family: ClassVar[str] = "normalization"
    learns_nothing: ClassVar[str] = "its statistics come from the data, not from learning"

    track_statistics: Annotated[
        bool, Meta(title="Track statistics", description="statistics stored with the model, not constants")
    ] = True

    def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
        shape = single(inputs)
        # Keras stores the number of batches seen beside mean and variance, and counts it.
        state = 2 * scope.symbol("C", shape.channels) + 1 if self.track_statistics else 0
        return Counts(shape, state=state, reasons=(("state", "mean and variance a channel, and one count"),))

    def steps(self, inputs: tuple[Shape, ...], counts: Counts) -> tuple[Step, ...]:
        shape = single(inputs)
        # The deviation by which it divides, of use only where something before it learns.
        divided = Step(output=shape.elements, flow="promoted", makes=(Made("deviation", fixed=shape.channels, size=4),))
        return (Step(output=shape.elements, flow="promoted", gradient="passes"), divided)
