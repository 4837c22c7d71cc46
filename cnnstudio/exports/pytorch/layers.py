"""PyTorch's way to say each layer type: one function a type, in one table."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cnnstudio.core.arithmetic.shape import AXIS_WORDS, Shape, explicit_padding
from cnnstudio.core.network.layer import WINDOW_RANK, Layer
from cnnstudio.dialects.dialect import REQUIRED
from cnnstudio.dialects.pytorch import ACTIVATIONS, PYTORCH
from cnnstudio.exports.pytorch import attention, sliding, tensors
from cnnstudio.exports.pytorch.recurrent import conv_lstm, embedding, recurrent
from cnnstudio.exports.source.saying import (
    APPLIED,
    CannotSay,
    Expression,
    Said,
    replaced,
    require_constants,
    sayer_of,
    spelled,
    wrapped,
)
from cnnstudio.exports.source.statements import Slot, call, literal
from cnnstudio.layers.activation import Activation, PReLU
from cnnstudio.layers.convolution import DepthwiseConv, SeparableConv, SlidingLayer
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Concat
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
    StatisticsNorm,
    UnitNormalization,
)
from cnnstudio.layers.pooling import AdaptivePool, GlobalAvgPool, GlobalPool, Pool, Subsampling
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
Sayer = Callable[[Any, Shapes, Shape], Said]

TENSOR_FUNCTIONS = {
    "exponential": "torch.exp",
    "log": "torch.log",
    "sqrt": "torch.sqrt",
    "square": "torch.square",
    "abs": "torch.abs",
}
"""Functions for which there is no module."""
FUNCTIONS: dict[str, str] = (
    {dict(row.implied)["function"]: f"F.{row.aliases[0]}" for row in ACTIVATIONS if row.aliases}
    | {"sigmoid": "torch.sigmoid", "tanh": "torch.tanh", "linear": ""}
    | TENSOR_FUNCTIONS
)
"""The call for a function that stands in the `activation` field of another layer."""


@lru_cache(maxsize=8192)
def say(layer: Layer, inputs: Shapes, output: Shape) -> Said:
    """PyTorch's way to say a layer; raises CannotSay if it cannot exactly."""
    sayer = sayer_of(SAYERS, layer, "PyTorch source")
    said = sayer(layer, inputs, output)
    function = getattr(layer, "activation", None)
    if function is not None and FUNCTIONS[function]:
        # Without it PyTorch chooses an axis by the rank and warns.
        more = ", dim=1" if "softmax" in function else ""
        said = Said((f"{FUNCTIONS[function]}(", *said.expression, f"{more})"), said.made, said.helpers)
    return said


def _global_pool(layer: GlobalPool, inputs: Shapes, _output: Shape) -> Said:
    kind = "Avg" if isinstance(layer, GlobalAvgPool) else "Max"
    made = call(f"nn.Adaptive{kind}Pool{inputs[0].rank}d", ("output_size", 1))
    return Said(APPLIED if layer.keepdims else wrapped("torch.flatten(", APPLIED, ", 1)"), made)


def _alone(size: Any) -> Any:
    return size[0] if isinstance(size, tuple) and len(size) == 1 else size


def _dense(layer: Dense, inputs: Shapes, _output: Shape) -> Said:
    shape = inputs[0]
    pointwise = layer.apply_to == "channels"
    features = shape.channels if pointwise else shape.elements
    made = spelled(PYTORCH, layer, shape.rank, {"features": features}, "nn.")
    if not shape.rank:
        return Said(APPLIED, made)
    if pointwise:
        return Said(_on_channels(APPLIED), made)
    return Said(replaced(APPLIED, 0, ("torch.flatten(", 0, ", 1)")), made)


def _on_channels(expression: Expression) -> Expression:
    """An expression that works on the last axis, with the channels moved there and back."""
    return (*replaced(expression, 0, (0, ".movedim(1, -1)")), ".movedim(-1, 1)")


def _channel_shape(shape: Shape) -> tuple[int, ...]:
    return (shape.channels,) + (1,) * shape.rank


def _affine(shape: tuple[int, ...], *, scale: bool, shift: bool) -> tuple[Any, ...]:
    named = {} if scale else {"scale": False}
    named |= {} if shift else {"shift": False}
    return call("Affine", ("shape", shape), **named)


def _norm(layer: Norm, inputs: Shapes, _output: Shape) -> Said:
    """Batch, instance and group normalization, with PyTorch's scale and shift or, for one of them, a helper's."""
    shape = inputs[0]
    facts = {"channels": shape.channels}
    if isinstance(layer, InstanceNorm) and shape.positions == 1:
        raise CannotSay(
            "PyTorch refuses to normalize an instance of one element a channel",
            "Leave it out: the result is its shift alone.",
        )
    if isinstance(layer, GroupNorm) and layer.groups == shape.elements:
        raise CannotSay(
            "PyTorch refuses to normalize groups of one element",
            "Use fewer groups, or leave it out: the result is its shift alone.",
        )
    if isinstance(layer, BatchNorm) and not (layer.track_statistics or layer.epsilon):
        raise CannotSay(
            "PyTorch refuses an epsilon of 0 without moving statistics", "Use a small epsilon, such as 1e-5."
        )
    whole = layer.affine and layer.scale and layer.center
    none = not layer.affine or not (layer.scale or layer.center)
    if whole or none:
        other = {} if whole == _default_affine(layer) else {"affine": whole}
        return Said(
            APPLIED,
            spelled(PYTORCH, layer, shape.rank, facts, "nn.", **({"affine": REQUIRED, "bias": REQUIRED} | other)),
        )
    affine: Any = REQUIRED if not _default_affine(layer) else False
    norm = spelled(PYTORCH, layer, shape.rank, facts, "nn.", affine=affine, bias=REQUIRED)
    half = _affine(_channel_shape(shape), scale=layer.scale, shift=layer.center)
    return Said(APPLIED, ("nn.Sequential(", *norm, ", ", *half, ")"), ("Affine",))


def _in_one_row(sayer: Sayer) -> Sayer:
    """The sayer; the positions of a map with more axes than PyTorch's modules have are put in one row, and back."""

    def said(layer: Any, inputs: Shapes, output: Shape) -> Said:
        shape = inputs[0]
        if shape.rank <= WINDOW_RANK:
            return sayer(layer, inputs, output)
        row = sayer(layer, (Shape(shape.channels, (shape.positions,)),), output)
        expression = (*replaced(row.expression, 0, (0, ".flatten(2)")), ".reshape(", 0, ".shape)")
        return Said(expression, row.made, row.helpers)

    return said


def _default_affine(layer: Norm) -> bool:
    return not isinstance(layer, InstanceNorm)


def _layer_norm(layer: LayerNorm, inputs: Shapes, _output: Shape) -> Said:
    shape = inputs[0]
    over_map = layer.over == "map"
    normalized = tuple(shape.to_list()) if over_map else (shape.channels,)
    fact = {"normalized": normalized if len(normalized) > 1 else normalized[0]}
    scale, shift = layer.affine and layer.scale, layer.affine and layer.center
    expression = APPLIED if over_map or not shape.rank else _on_channels(APPLIED)
    if scale or not shift:
        other = {"elementwise_affine": REQUIRED if scale else False, "bias": REQUIRED if shift or not scale else False}
        return Said(expression, spelled(PYTORCH, layer, shape.rank, fact, "nn.", **other))
    norm = spelled(PYTORCH, layer, shape.rank, fact, "nn.", elementwise_affine=False, bias=REQUIRED)
    half = _affine(normalized, scale=False, shift=True)
    return Said(expression, ("nn.Sequential(", *norm, ", ", *half, ")"), ("Affine",))


def _local_response(layer: LocalResponseNorm, inputs: Shapes, _output: Shape) -> Said:
    made = spelled(PYTORCH, layer, inputs[0].rank, {}, "nn.")
    if inputs[0].rank == 3:
        # PyTorch views the map as another shape, which it cannot do after a permutation.
        return Said(replaced(APPLIED, 0, (0, ".contiguous()")), made)
    if inputs[0].rank:
        return Said(APPLIED, made)
    return Said((*replaced(APPLIED, 0, (0, ".unsqueeze(-1)")), ".squeeze(-1)"), made)


def _unit_norm(layer: UnitNormalization, inputs: Shapes, _output: Shape) -> Said:
    axes = tuple(range(1, inputs[0].rank + 2)) if layer.over == "map" and inputs[0].rank else 1
    return Said(("F.normalize(", 0, f", dim={literal(axes)})" if axes != 1 else ")"))


def _repeat(layer: RepeatVector, _inputs: Shapes, _output: Shape) -> Said:
    return Said((0, f".unsqueeze(-1).expand(-1, -1, {layer.times})"))


def _scale(layer: Scale, inputs: Shapes, _output: Shape) -> Said:
    shape = _channel_shape(inputs[0]) if layer.factors == "channel" else (1,)
    return Said(APPLIED, _affine(shape, scale=True, shift=layer.bias), ("Affine",))


def _rescaling(layer: Rescaling, _inputs: Shapes, _output: Shape) -> Said:
    offset = f" + {literal(layer.offset)}" if layer.offset else ""
    return Said((0, f" * {literal(layer.scale)}{offset}"))


def _normalization(layer: Normalization, inputs: Shapes, _output: Shape) -> Said:
    named = {} if layer.track_statistics else {"stored": False}
    return Said(APPLIED, call("DataNorm", ("shape", _channel_shape(inputs[0])), **named), ("DataNorm",))


def _activation(layer: Activation, inputs: Shapes, _output: Shape) -> Said:
    require_constants(layer)
    if layer.function in TENSOR_FUNCTIONS:
        return Said((f"{TENSOR_FUNCTIONS[layer.function]}(", 0, ")"))
    if "softmax" in layer.function and layer.axis < 0:
        # All positions in one row, and back.
        return Said((f"F.{layer.function}(", 0, ".flatten(2), dim=-1).reshape(", 0, ".shape)"))
    facts = {"softmax_axis": layer.axis + 1} if "softmax" in layer.function else {}
    return Said(APPLIED, spelled(PYTORCH, layer, inputs[0].rank, facts, "nn."))


def _prelu(layer: PReLU, inputs: Shapes, _output: Shape) -> Said:
    shape = inputs[0]
    if layer.coefficients == "element":
        sizes = Slot("shape", literal(layer.slope_shape(shape)))
        return Said(APPLIED, ("ElementPReLU(", sizes, ")"), ("ElementPReLU",))
    slopes = {"slopes": shape.channels} if layer.coefficients == "channel" else {}
    return Said(APPLIED, spelled(PYTORCH, layer, shape.rank, slopes, "nn."))


def _concat(layer: Concat, inputs: Shapes, _output: Shape) -> Said:
    parts = [part for at in range(len(inputs)) for part in (", ", at)][1:]
    return Said(("torch.cat([", *parts, f"], dim={layer.axis + 1})"))


def _flatten(_layer: Flatten, _inputs: Shapes, _output: Shape) -> Said:
    return Said(("torch.flatten(", 0, ", 1)"))


def _reshape(_layer: Reshape, _inputs: Shapes, output: Shape) -> Said:
    sizes = [Slot(name, str(size)) for name, size in zip(_axes(output), output.to_list(), strict=True)]
    return Said((0, ".reshape(-1", *[part for size in sizes for part in (", ", size)], ")"))


def _axes(shape: Shape) -> list[str]:
    return ["channels", *AXIS_WORDS[shape.rank]]


def _permute(layer: Permute, _inputs: Shapes, _output: Shape) -> Said:
    return Said((0, f".permute(0, {', '.join(str(axis + 1) for axis in layer.dims)})"))


def _zero_pad(layer: ZeroPad, inputs: Shapes, _output: Shape) -> Said:
    ends = explicit_padding(layer.padding, inputs[0].rank)
    along = (layer.channel_ends(),) if any(layer.channel_ends()) else ()
    return Said(sliding.padded([*along, *ends], layer.padding_mode))


def _crop(layer: Crop, inputs: Shapes, _output: Shape) -> Said:
    ends = explicit_padding(layer.cropping, inputs[0].rank)
    cuts = ", ".join(f"{begin or ''}:{-end or ''}" for begin, end in ends)
    return Said((0, f"[..., {cuts}]"))


_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def _upsample(layer: Upsample, inputs: Shapes, _output: Shape) -> Said:
    rank = inputs[0].rank
    if layer.mode == "bicubic" and rank != 2:
        raise CannotSay("PyTorch interpolates bicubically only maps with two axes", "Use mode: linear or nearest.")
    mode = layer.mode if layer.mode in ("nearest", "bicubic") else _LINEAR[rank]
    # PyTorch refuses the argument for `nearest`.
    align = True if layer.align_corners and mode != "nearest" else REQUIRED
    given = layer.scale
    if isinstance(given, tuple):
        given = tuple([float(part) for part in given]) if any(part != int(part) for part in given) else given
    scale: Any = REQUIRED if given is None else _alone(_whole(given))
    size: Any = REQUIRED if layer.size is None else _alone(layer.size)
    other = {"size": size, "scale_factor": scale, "mode": mode if mode != "nearest" else REQUIRED}
    return Said(APPLIED, spelled(PYTORCH, layer, rank, {}, "nn.", align_corners=align, **other))


def _whole(scale: Any) -> Any:
    """Whole factors as integers."""
    if isinstance(scale, tuple):
        return tuple([_whole(part) for part in scale])
    return int(scale) if scale == int(scale) else scale


def _pixel_shuffle(layer: PixelShuffle | PixelUnshuffle, inputs: Shapes, _output: Shape) -> Said:
    # The module knows two axes only.
    if inputs[0].rank == 2:
        return Said(APPLIED, spelled(PYTORCH, layer, 2, {}, "nn."))
    helper = "shuffle_out" if isinstance(layer, PixelShuffle) else "shuffle_in"
    return Said((f"{helper}(", 0, f", {layer.scale})"), None, (helper,))


def _channel_shuffle(layer: ChannelShuffle, inputs: Shapes, _output: Shape) -> Said:
    shape = inputs[0]
    # nn.ChannelShuffle takes no vector.
    if shape.rank:
        return Said(APPLIED, spelled(PYTORCH, layer, shape.rank, {}, "nn."))
    return Said((0, f".reshape(-1, {layer.groups}, {shape.channels // layer.groups}).transpose(1, 2).flatten(1)"))


def _slice(layer: Slice, _inputs: Shapes, _output: Shape) -> Said:
    stop = "" if layer.stop is None else str(layer.stop)
    step = f":{layer.step}" if layer.step != 1 else ""
    return Said((0, f"[{':, ' * (layer.axis + 1)}{layer.start or ''}:{stop}{step}]"))


def _drop(layer: DropLayer, inputs: Shapes, _output: Shape) -> Said:
    rank = inputs[0].rank
    if isinstance(layer, DropPath):
        return Said(APPLIED, call("DropPath", ("rate", layer.rate)), ("DropPath",))
    if isinstance(layer, SpatialDropout) and rank:
        return Said(APPLIED, spelled(PYTORCH, layer, rank, {}, "nn."))
    named = {} if layer.rate == 0.5 else {"p": layer.rate}
    return Said(APPLIED, call("nn.Dropout", **named))


def _identity(_layer: Identity, _inputs: Shapes, _output: Shape) -> Said:
    return Said(APPLIED, call("nn.Identity"))


SAYERS: dict[type[Layer], Sayer] = {
    ConvTranspose: lambda layer, inputs, output: sliding.transposed(layer, inputs[0], output),
    SeparableConv: lambda layer, inputs, output: sliding.convolution(layer, inputs[0], output),
    DepthwiseConv: lambda layer, inputs, output: sliding.convolution(layer, inputs[0], output),
    SlidingLayer: lambda layer, inputs, output: sliding.convolution(layer, inputs[0], output),
    Pool: lambda layer, inputs, output: sliding.pool(layer, inputs[0], output),
    Subsampling: lambda layer, inputs, _output: sliding.subsampling(layer, inputs[0]),
    GlobalPool: _global_pool,
    AdaptivePool: lambda layer, inputs, _output: sliding.adaptive_pool(layer, inputs[0]),
    Dense: _dense,
    Embedding: lambda layer, inputs, _output: embedding(layer, inputs[0]),
    ConvLSTM: lambda layer, inputs, _output: conv_lstm(layer, inputs),
    RecurrentLayer: lambda layer, inputs, _output: recurrent(layer, inputs),
    LayerNorm: _layer_norm,
    Norm: _norm,
    StatisticsNorm: _in_one_row(_norm),
    LocalResponseNorm: _local_response,
    UnitNormalization: _unit_norm,
    RepeatVector: _repeat,
    Scale: _scale,
    Rescaling: _rescaling,
    Normalization: _normalization,
    Activation: _activation,
    PReLU: _prelu,
    Concat: _concat,
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
    Split: lambda layer, _inputs, _output: Said((0, f".chunk({layer.parts}, 1)[0]")),
    DropLayer: _drop,
    SpatialDropout: _in_one_row(_drop),
    Identity: _identity,
    **attention.SAYERS,
    **tensors.SAYERS,
}
"""The function for each layer type, or for a type that it extends."""
