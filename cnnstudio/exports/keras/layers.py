"""Keras' way to say each layer type: one function a type, in one table. Shapes there end with the channels."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape, explicit_padding
from cnnstudio.core.network.layer import WINDOW_RANK, Layer
from cnnstudio.dialects.conversions import brief
from cnnstudio.dialects.dialect import REQUIRED
from cnnstudio.dialects.keras import KERAS
from cnnstudio.exports.keras import attention, sliding, tensors
from cnnstudio.exports.keras.naming import Name, Parts, Then, layer
from cnnstudio.exports.keras.recurrent import conv_lstm, embedding, recurrent
from cnnstudio.exports.keras.sliding import OPERATIONS, X, activation_of
from cnnstudio.exports.source.saying import CannotSay, Part, require_constants, sayer_of, spelled
from cnnstudio.exports.source.statements import Slot, call, literal
from cnnstudio.layers.activation import Activation, PReLU
from cnnstudio.layers.convolution import SlidingLayer
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Concat, Merge
from cnnstudio.layers.normalization import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    Norm,
    Normalization,
    Rescaling,
    Scale,
    UnitNormalization,
)
from cnnstudio.layers.pooling import AdaptivePool, GlobalPool, MaxPool, Pool, Subsampling
from cnnstudio.layers.regularization import DropLayer, DropPath, SpatialDropout
from cnnstudio.layers.reshaping import (
    Crop,
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    Slice,
    Upsample,
    ZeroPad,
)
from cnnstudio.layers.sequences.convolutional import ConvLSTM
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.sequences.recurrent import RecurrentLayer
from cnnstudio.layers.shuffling import ChannelShuffle, PixelShuffle, PixelUnshuffle, Split
from cnnstudio.layers.structure import Identity
from cnnstudio.layers.transposed import ConvTranspose

Shapes = tuple[Shape, ...]


class KerasSaid(Struct, frozen=True):
    """An expression with places for names, and the helpers it uses."""

    expression: Parts
    helpers: tuple[str, ...] = ()


Sayer = Callable[[Any, Shapes, Shape], KerasSaid]


@lru_cache(maxsize=8192)
def say(item: Layer, inputs: Shapes, output: Shape) -> KerasSaid:
    """Keras' way to say a layer; raises CannotSay if it cannot exactly."""
    sayer = sayer_of(SAYERS, item, "Keras source")
    said = sayer(item, inputs, output)
    function = getattr(item, "activation", None)
    if function == "leaky_relu":
        # Keras' function of that name has another slope.
        made = call("layers.LeakyReLU", negative_slope=0.01)
        said = KerasSaid(layer(made, said.expression, "_activation"), said.helpers)
    if not item.trainable:
        said = KerasSaid(_frozen(said.expression), said.helpers)
    return said


NONNEGATIVE = ("relu", "relu6", "sigmoid", "hard_sigmoid", "softmax", "softplus", "exponential")
"""Functions whose results are never below 0."""


def say_pool(item: MaxPool, shape: Shape, output: Shape) -> KerasSaid:
    """A maximum of a map that is never below 0, which zeros may pad; raises CannotSay as `say` does."""
    return KerasSaid(*sliding.pool(item, shape, output, is_nonnegative=True))


def _frozen(expression: Parts) -> Parts:
    """Every layer of the expression, not to be trained."""
    parts: list[Part | Name | Then] = []
    for part in expression:
        if isinstance(part, Then):
            part = Then(_frozen(part.expression))
        elif isinstance(part, str) and part.endswith("name="):
            part = part.removesuffix("name=") + "trainable=False, name="
        parts.append(part)
    return tuple(parts)


def _plain(made: tuple[Any, ...], *helpers: str) -> KerasSaid:
    return KerasSaid(layer(made), helpers)


def _spelled(item: Layer, shape: Shape, **other: Any) -> tuple[Any, ...]:
    return spelled(KERAS, item, shape.rank, {}, "layers.", **other)


def _global_pool(item: GlobalPool, inputs: Shapes, _output: Shape) -> KerasSaid:
    return _plain(_spelled(item, inputs[0]))


def _adaptive_pool(item: AdaptivePool, inputs: Shapes, output: Shape) -> KerasSaid:
    return _plain(_spelled(item, inputs[0], output_size=brief(output.spatial)))


def _dense(item: Dense, inputs: Shapes, _output: Shape) -> KerasSaid:
    made = _spelled(item, inputs[0], activation=REQUIRED)
    # Keras' Dense acts on the last axis of a map and never flattens.
    flat = inputs[0].rank and item.apply_to == "all"
    taken = layer(call("layers.Flatten"), suffix="_flatten") if flat else X
    return KerasSaid(layer(made, taken, **activation_of(item)))


def _affine(item: Norm) -> dict[str, Any]:
    return {
        "center": REQUIRED if item.affine and item.center else False,
        "scale": REQUIRED if item.affine and item.scale else False,
    }


def _batch_norm(item: BatchNorm, inputs: Shapes, _output: Shape) -> KerasSaid:
    if not item.track_statistics:
        raise CannotSay("Keras always keeps moving statistics", "Set track_statistics: true, or use LayerNorm.")
    return _plain(_spelled(item, inputs[0], **_affine(item)))


def _group_norm(item: Norm, inputs: Shapes, _output: Shape) -> KerasSaid:
    if isinstance(item, InstanceNorm) and item.track_statistics:
        raise CannotSay("Keras keeps no statistics of instances", "Set track_statistics: false, or use BatchNorm.")
    named: dict[str, Any] = {"groups": item.groups if isinstance(item, GroupNorm) else inputs[0].channels}
    named |= {"epsilon": item.epsilon}
    named |= {name: value for name, value in _affine(item).items() if value is not REQUIRED}
    return _plain(call("layers.GroupNormalization", **named))


def _layer_norm(item: LayerNorm, inputs: Shapes, _output: Shape) -> KerasSaid:
    over_map = item.over == "map" and inputs[0].rank
    axes: dict[str, Any] = {"axis": tuple(range(1, inputs[0].rank + 2))} if over_map else {}
    return _plain(_spelled(item, inputs[0], **_affine(item), **axes))


def _local_response(item: LocalResponseNorm, _inputs: Shapes, _output: Shape) -> KerasSaid:
    constants = ", ".join(map(literal, (item.size, item.alpha, item.beta, item.k)))
    return KerasSaid(("local_response_norm(", 0, f", {constants})"), ("local_response_norm",))


def _unit_norm(item: UnitNormalization, inputs: Shapes, _output: Shape) -> KerasSaid:
    rank = inputs[0].rank
    axes = {"axis": tuple(range(1, rank + 2))} if item.over == "map" and rank else {}
    return _plain(call("layers.UnitNormalization", **axes))


def _repeat(item: RepeatVector, inputs: Shapes, _output: Shape) -> KerasSaid:
    return _plain(_spelled(item, inputs[0]))


def _scale(item: Scale, _inputs: Shapes, _output: Shape) -> KerasSaid:
    named = {"shift": True} if item.bias else {}
    named |= {} if item.factors == "channel" else {"single": True}
    return _plain(call("Affine", **named), "Affine")


def _rescaling(item: Rescaling, inputs: Shapes, _output: Shape) -> KerasSaid:
    return _plain(_spelled(item, inputs[0]))


def _normalization(item: Normalization, _inputs: Shapes, _output: Shape) -> KerasSaid:
    named = {} if item.track_statistics else {"mean": 0.0, "variance": 1.0}
    return _plain(call("layers.Normalization", **named))


_CONSTANTS = {"celu": ("alpha", "alpha", 1.0), "gelu": ("approximate", "approximate", False)}
"""Functions with a constant that only keras.ops takes: the argument, the field, and its usual value."""


def _softmax(item: Activation, shape: Shape) -> KerasSaid:
    """Along another axis than the channels, or over all positions."""
    places = tuple(range(1, shape.rank + 1)) if item.axis < 0 else item.axis
    if item.function == "softmax":
        return _plain(call("layers.Softmax", axis=places))
    if item.axis > 0:
        return KerasSaid(("ops.log_softmax(", 0, f", axis={places})"))
    rows = "ops.reshape(ops.log_softmax(ops.reshape("
    sizes = literal((-1, *shape.spatial, shape.channels))
    return KerasSaid((rows, 0, f", (-1, {shape.positions}, {shape.channels})), axis=1), {sizes})"))


def _activation(item: Activation, inputs: Shapes, _output: Shape) -> KerasSaid:
    require_constants(item)
    function = item.function
    if function in OPERATIONS:
        return KerasSaid((f"ops.{function}(", 0, ")"))
    if "softmax" in function and item.axis:
        return _softmax(item, inputs[0])
    if function in _CONSTANTS:
        # The word in an Activation layer has no place for a constant.
        argument, field, usual = _CONSTANTS[function]
        value = getattr(item, field)
        if value != usual or function == "gelu":
            return KerasSaid((f"ops.{function}(", 0, f", {argument}={literal(value)})"))
    if function == "leaky_relu":
        return _plain(call("layers.LeakyReLU", negative_slope=item.slope))
    if function == "elu" and item.alpha != 1:
        return _plain(call("layers.ELU", alpha=item.alpha))
    return _plain(call("layers.Activation", ("function", KERAS.functions[function])))


def _prelu(item: PReLU, inputs: Shapes, _output: Shape) -> KerasSaid:
    rank = inputs[0].rank
    shared = {"layer": tuple(range(1, rank + 2)), "channel": tuple(range(1, rank + 1)), "element": ()}
    own = tuple(sorted(axis or rank + 1 for axis in item.shared_axes))
    axes = own or shared[item.coefficients]
    return _plain(call("layers.PReLU", **({"shared_axes": axes} if axes else {})))


def _merge(item: Merge, inputs: Shapes, _output: Shape) -> KerasSaid:
    return KerasSaid(layer(call(f"layers.{item.type_name}"), _listed(len(inputs))))


def _listed(count: int) -> Parts:
    return ("[", *[part for at in range(count) for part in (", ", at)][1:], "]")


def _concat(item: Concat, inputs: Shapes, _output: Shape) -> KerasSaid:
    if len(inputs) == 1:
        return _plain(call("layers.Identity"))
    return KerasSaid(layer(_spelled(item, inputs[0]), _listed(len(inputs))))


def _flatten(_item: Flatten, _inputs: Shapes, _output: Shape) -> KerasSaid:
    return _plain(call("layers.Flatten"))


def _reshape(_item: Reshape, inputs: Shapes, output: Shape) -> KerasSaid:
    """The elements in the order of the design, channels first: exchanged before and after, where there are axes."""
    rank = inputs[0].rank
    taken: Parts = X
    if rank:
        # Keras reshapes with the channels last, which would mix other elements.
        taken = layer(call("layers.Permute", ("dims", (rank + 1, *range(1, rank + 1)))), X, "_first")
    sizes = Slot("target_shape", literal(tuple(output.to_list())))
    if not output.rank:
        return KerasSaid(layer(("layers.Reshape(", sizes, ")"), taken))
    shaped = layer(("layers.Reshape(", sizes, ")"), taken, "_shaped")
    return KerasSaid(layer(call("layers.Permute", ("dims", (*range(2, output.rank + 2), 1))), shaped))


def _permute(item: Permute, inputs: Shapes, _output: Shape) -> KerasSaid:
    rank = inputs[0].rank
    # Keras counts axes from 1 without the batch, and its last are the channels, our axis 0.
    places = [axis or rank + 1 for axis in item.dims]
    return _plain(call("layers.Permute", ("dims", (*places[1:], places[0]))))


def _zero_pad(item: ZeroPad, inputs: Shapes, _output: Shape) -> KerasSaid:
    ends = list(explicit_padding(item.padding, inputs[0].rank))
    if any(item.channel_ends()) or inputs[0].rank > WINDOW_RANK:
        return KerasSaid(("ops.pad(", 0, f", {literal(((0, 0), *ends, item.channel_ends()))})"))
    if item.padding_mode != "zeros":
        text = Slot("ends", sliding.ends_text(ends))
        return KerasSaid(("pad_by(", 0, ", ", text, f', "{item.padding_mode}")'), ("pad_by",))
    return KerasSaid(_renamed(sliding.zero_padded(ends)) if any(map(any, ends)) else layer(call("layers.Identity")))


def _renamed(expression: Parts) -> Parts:
    """The expression, its layer under the item's own name."""
    return tuple([Name() if isinstance(part, Name) else part for part in expression])


def _crop(item: Crop, inputs: Shapes, _output: Shape) -> KerasSaid:
    ends = list(explicit_padding(item.cropping, inputs[0].rank))
    if inputs[0].rank > WINDOW_RANK:
        cuts = ", ".join(f"{begin or ''}:{-end or ''}" for begin, end in ends)
        return KerasSaid((0, f"[:, {cuts}]"))
    return KerasSaid(sliding.crop(ends))


def _upsample(item: Upsample, inputs: Shapes, output: Shape) -> KerasSaid:
    shape = inputs[0]
    if item.mode == "bicubic" and shape.rank != 2:
        raise CannotSay("bicubic interpolation is known only of maps with two axes", "Use mode: linear or nearest.")
    kind = {"nearest": "nearest", "bicubic": "cubic"}.get(item.mode, "linear")
    whole = all(large % small == 0 for small, large in zip(shape.spatial, output.spatial, strict=True))
    factors = tuple([large // small for small, large in zip(shape.spatial, output.spatial, strict=True)])
    if whole and kind == "nearest":
        return _plain(call(f"layers.UpSampling{shape.rank}D", ("size", brief(factors))))
    if whole and kind == "linear" and shape.rank == 2 and not item.align_corners:
        return _plain(call("layers.UpSampling2D", ("size", brief(factors)), interpolation="bilinear"))
    scales = item.scale if isinstance(item.scale, tuple) else (item.scale,) * shape.rank
    sizes, steps = Slot("sizes", literal(output.spatial)), literal(tuple(scales))
    align = ", True" if item.align_corners and kind != "nearest" else ""
    return KerasSaid(("resample(", 0, ", ", sizes, f', "{kind}", {steps}{align})'), ("resample",))


def _pixel_shuffle(item: PixelShuffle | PixelUnshuffle, _inputs: Shapes, _output: Shape) -> KerasSaid:
    helper = "shuffle_out" if isinstance(item, PixelShuffle) else "shuffle_in"
    return KerasSaid((f"{helper}(", 0, f", {item.scale})"), (helper,))


def _channel_shuffle(item: ChannelShuffle, _inputs: Shapes, _output: Shape) -> KerasSaid:
    return KerasSaid(("shuffle_channels(", 0, f", {item.groups})"), ("shuffle_channels",))


def _slice(item: Slice, _inputs: Shapes, _output: Shape) -> KerasSaid:
    stop = "" if item.stop is None else str(item.stop)
    step = f":{item.step}" if item.step != 1 else ""
    taken = f"{item.start or ''}:{stop}{step}"
    return KerasSaid((0, f"[..., {taken}]" if not item.axis else f"[{':, ' * item.axis}{taken}]"))


def _drop(item: DropLayer, inputs: Shapes, _output: Shape) -> KerasSaid:
    rank = inputs[0].rank
    if isinstance(item, DropPath):
        return _plain(call("layers.Dropout", ("rate", item.rate), noise_shape=(None,) + (1,) * (rank + 1)))
    if isinstance(item, SpatialDropout) and rank > WINDOW_RANK:
        # Its class ends with three axes, and the noise that it makes can be said.
        noise = (None, *(1,) * rank, inputs[0].channels)
        return _plain(call("layers.Dropout", ("rate", item.rate), noise_shape=noise))
    if isinstance(item, SpatialDropout) and rank:
        return _plain(_spelled(item, inputs[0]))
    return _plain(call("layers.Dropout", ("rate", item.rate)))


def _identity(_item: Identity, _inputs: Shapes, _output: Shape) -> KerasSaid:
    return _plain(call("layers.Identity"))


def _told(sayer: attention.Sayer) -> Sayer:
    """A function that tells its expression and the helpers apart."""
    return lambda item, inputs, output: KerasSaid(*sayer(item, inputs, output))


SAYERS: dict[type[Layer], Sayer] = {
    ConvTranspose: lambda item, inputs, output: KerasSaid(*sliding.transposed(item, inputs[0], output)),
    SlidingLayer: lambda item, inputs, output: KerasSaid(*sliding.convolution(item, inputs[0], output)),
    Pool: lambda item, inputs, output: KerasSaid(*sliding.pool(item, inputs[0], output)),
    Subsampling: lambda item, _inputs, _output: _with_function(item, KerasSaid(*sliding.subsampling(item))),
    GlobalPool: _global_pool,
    AdaptivePool: _adaptive_pool,
    Dense: _dense,
    Embedding: lambda item, inputs, _output: KerasSaid(*embedding(item, inputs[0])),
    ConvLSTM: lambda item, inputs, _output: KerasSaid(*conv_lstm(item, inputs)),
    RecurrentLayer: lambda item, inputs, _output: KerasSaid(*recurrent(item, inputs)),
    BatchNorm: _batch_norm,
    InstanceNorm: _group_norm,
    GroupNorm: _group_norm,
    LayerNorm: _layer_norm,
    LocalResponseNorm: _local_response,
    UnitNormalization: _unit_norm,
    RepeatVector: _repeat,
    Scale: _scale,
    Rescaling: _rescaling,
    Normalization: _normalization,
    Activation: _activation,
    PReLU: _prelu,
    Concat: _concat,
    Merge: _merge,
    Flatten: _flatten,
    Reshape: _reshape,
    Permute: _permute,
    ZeroPad: _zero_pad,
    Crop: _crop,
    Upsample: _upsample,
    PixelShuffle: _pixel_shuffle,
    PixelUnshuffle: _pixel_shuffle,
    ChannelShuffle: _channel_shuffle,
    Slice: _slice,
    Split: lambda item, _inputs, _output: KerasSaid(("ops.split(", 0, f", {item.parts}, axis=-1)[0]")),
    DropLayer: _drop,
    Identity: _identity,
    **{kind: _told(sayer) for kind, sayer in (attention.SAYERS | tensors.SAYERS).items()},
}
"""The function for each layer type, or for a type that it extends."""


def _with_function(item: Subsampling, said: KerasSaid) -> KerasSaid:
    """The activation as a layer after it."""
    function = activation_of(item)
    if not function:
        return said
    made = ("layers.Activation(", function["activation"], ")")
    return KerasSaid(layer(made, said.expression, "_activation"), said.helpers)
