"""Keras' layers in the words of a design: one visible table, class name to converter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec import Struct, field

from tests.layers.framework_row import Arguments, Conversion, LayerTruth, LeftOut, Refused, elements, per_axis
from tests.layers.left_out import KERAS_CONTRADICTS_ITSELF, KERAS_KINDS

HARMLESS = frozenset(["name", "dtype", "epsilon", "momentum", "synchronized"])
"""Arguments that change neither a size nor a count; neither do initializers and their like."""
HARMLESS_ENDS = ("_initializer", "_regularizer", "_constraint")

Given = tuple[int, ...]
Converter = Callable[[Arguments, Given], Conversion]
BIASES = frozenset({"bias", "beta"})
STATISTICS = frozenset({"moving_mean", "moving_variance"})


class KerasRow(Struct, frozen=True):
    """A row of `keras_layers.jsonl`: `sym` (promised) and `run` (real output) have a batch, `in` has none."""

    layer: str
    kw: dict[str, Any]
    given: tuple[int, ...] = field(name="in")
    sym: list[int | None] = []
    run: list[int] = []
    w: dict[str, list[int]] = {}
    params: int = 0
    trainable: int = 0
    macs: int = 0
    sym_error: str = ""
    run_error: str = ""

    @property
    def biases(self) -> frozenset[str]:
        """The names of the biases, which may be those of a layer inside."""
        return frozenset(name for name in self.w if name.rpartition("/")[2] in BIASES)

    def counted(self) -> LayerTruth | None:
        """The counts of Keras; None where it refuses or leaves nothing. LeftOut if promise and run disagree."""
        if self.sym_error and self.run_error:
            return None
        if self.sym[1:] != self.run[1:]:
            raise LeftOut(KERAS_CONTRADICTS_ITSELF)
        if 0 in self.run:
            return None
        return LayerTruth(
            self.run[1:],
            elements(self.w, frozenset(self.w) - self.biases - STATISTICS),
            elements(self.w, self.biases),
            elements(self.w, STATISTICS),
            self.params,
            self.trainable,
            self.macs,
        )


def from_keras(row: KerasRow) -> Conversion:
    """The row as entries of a design; LeftOut where it has no words for it, KeyError for an unknown class."""
    if row.layer in KERAS_KINDS:
        raise LeftOut(KERAS_KINDS[row.layer])
    harmless = HARMLESS | {name for name in row.kw if name.endswith(HARMLESS_ENDS)}
    # Of the layer of that name it is all that it has.
    harmless |= {"activation"} - {row.layer.lower()}
    arguments = Arguments(row.kw, harmless)
    trainable = arguments.take("trainable", True)
    conversion = CONVERTERS[row.layer](arguments, row.given)
    arguments.finish()
    entries = tuple({**entry, "trainable": trainable} for entry in conversion.entries)
    return Conversion(entries, conversion.given, conversion.axes, conversion.channels_last)


def _ordered(arguments: Arguments, given: Given, entry: dict[str, Any]) -> Conversion:
    """A layer over the spatial axes of a tensor whose order `data_format` says."""
    if (arguments.take("data_format", None) or "channels_last") == "channels_first":
        return Conversion((entry,), given, tuple(range(len(given))))
    return _over(given, -1, entry)


def _over(given: Given, axis: int, entry: dict[str, Any]) -> Conversion:
    """A layer that takes one axis, counted without the batch, as the channels."""
    place = axis % len(given)
    rest = tuple(i for i in range(len(given)) if i != place)
    return Conversion((entry,), given, (place, *rest), channels_last=True)


def _require_rank(given: Given, rank: int) -> None:
    if len(given) != rank + 1:
        raise Refused(f"{len(given) - 1} spatial axes, and {rank} are taken")


def _without_batch(axis: int, given: Given) -> int:
    """The place of an axis that Keras counts from the batch, which is 0, or from the end."""
    if axis == 0 or not -len(given) <= axis <= len(given):
        raise Refused(f"axis {axis} of {given}")
    return axis - 1 if axis > 0 else len(given) + axis


def _window(arguments: Arguments, rank: int) -> dict[str, Any]:
    """The fields that every convolution shares."""
    return {
        "kernel_size": per_axis(arguments.take("kernel_size"), rank),
        "stride": per_axis(arguments.take("strides", 1), rank),
        "padding": arguments.take("padding", "valid").lower(),
        "dilation": per_axis(arguments.take("dilation_rate", 1), rank),
        "bias": arguments.take("use_bias", True),
    }


def _reach(fields: dict[str, Any]) -> list[int]:
    sizes = zip(fields["kernel_size"], fields["dilation"], strict=True)
    return [dilation * (kernel - 1) + 1 for kernel, dilation in sizes]


def _causal(fields: dict[str, Any]) -> dict[str, Any]:
    """`causal` is padding at the beginning that lets no output see what comes later."""
    if fields["padding"] != "causal":
        return fields
    return {**fields, "padding": [[reach - 1, 0] for reach in _reach(fields)]}


def _require_stride_or_dilation(fields: dict[str, Any]) -> None:
    if max(fields["stride"]) > 1 and max(fields["dilation"]) > 1:
        raise Refused("`strides > 1` not supported in conjunction with `dilation_rate > 1`")


def _conv(rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    fields = _window(arguments, rank)
    _require_stride_or_dilation(fields)
    own = {"filters": arguments.take("filters"), "groups": arguments.take("groups", 1)}
    return _ordered(arguments, given, {"type": f"Conv{rank}D", **_causal(fields), **own})


def _conv_transpose(rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    fields = _window(arguments, rank)
    _require_stride_or_dilation(fields)
    extra = _output_padding(arguments.take("output_padding", None), fields, rank)
    entry = {"type": f"ConvTranspose{rank}D", **fields, "filters": arguments.take("filters")}
    return _ordered(arguments, given, entry if extra is None else {**entry, "output_padding": extra})


def _output_padding(value: Any, fields: dict[str, Any], rank: int) -> list[int] | None:
    """The output padding of a design for Keras' I · S + max(K − S, 0): K − S below 0 is output padding."""
    if value is not None:
        return per_axis(value, rank)
    if fields["padding"] == "same":
        return None
    return [max(0, stride - reach) for stride, reach in zip(fields["stride"], _reach(fields), strict=True)]


def _depthwise(rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    fields = {**_window(arguments, rank), "depth_multiplier": arguments.take("depth_multiplier", 1)}
    return _ordered(arguments, given, {"type": f"DepthwiseConv{rank}D", **fields})


def _separable(rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    own = {"filters": arguments.take("filters"), "depth_multiplier": arguments.take("depth_multiplier", 1)}
    return _ordered(arguments, given, {"type": f"SeparableConv{rank}D", **_causal(_window(arguments, rank)), **own})


def _pool(kind: str, rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    size = per_axis(arguments.take("pool_size", 2), rank)
    strides, padding = arguments.take("strides", None), arguments.take("padding", "valid")
    stride = size if strides is None else per_axis(strides, rank)
    entry = {"type": f"{kind}Pool{rank}D", "pool_size": size, "stride": stride, "padding": padding.lower()}
    return _ordered(arguments, given, entry)


def _global_pool(kind: str, rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    keepdims = arguments.take("keepdims", False)
    return _ordered(arguments, given, {"type": f"Global{kind}Pool", "keepdims": keepdims})


def _adaptive_pool(kind: str, rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    sizes = per_axis(arguments.take("output_size"), rank)
    return _ordered(arguments, given, {"type": f"Adaptive{kind}Pool", "output_size": sizes})


def _learns(arguments: Arguments) -> dict[str, Any]:
    return {"scale": arguments.take("scale", True), "center": arguments.take("center", True)}


def _batch_norm(arguments: Arguments, given: Given) -> Conversion:
    axis = _without_batch(arguments.take("axis", -1), given)
    return _over(given, axis, {"type": "BatchNorm", **_learns(arguments)})


def _group_norm(arguments: Arguments, given: Given) -> Conversion:
    axis, groups = _without_batch(arguments.take("axis", -1), given), arguments.take("groups", 32)
    entry = {"type": "GroupNorm", "groups": given[axis] if groups == -1 else groups, **_learns(arguments)}
    return _over(given, axis, entry)


def _layer_norm(arguments: Arguments, given: Given) -> Conversion:
    return _over_axes(arguments, given, _learns(arguments))


def _rms_norm(arguments: Arguments, given: Given) -> Conversion:
    return _over_axes(arguments, given, {"center": False})


def _over_axes(arguments: Arguments, given: Given, fields: dict[str, Any]) -> Conversion:
    """Over the axes named; the others are as the batch to it."""
    axes = [_without_batch(axis, given) for axis in per_axis(arguments.take("axis", -1), 1)]
    if len(axes) == 1:
        return _over(given, axes[0], {"type": "LayerNorm", **fields})
    return Conversion(({"type": "LayerNorm", "over": "map", **fields},), given, tuple(sorted(axes)))


def _unit_norm(arguments: Arguments, given: Given) -> Conversion:
    return _over(given, _without_batch(arguments.take("axis", -1), given), {"type": "UnitNormalization"})


def _repeat_vector(arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, 0)
    return _over(given, -1, {"type": "RepeatVector", "times": arguments.take("n")})


def _prelu(arguments: Arguments, given: Given) -> Conversion:
    """One slope for each element, but one for all along the shared axes, which Keras counts from 1."""
    shared = {axis - 1 for axis in per_axis(arguments.take("shared_axes", None) or [], 1)}
    if not shared <= set(range(len(given))):
        raise Refused(f"shared axes that {given} does not have")
    own = [size for axis, size in enumerate(given) if axis not in shared]
    if len(own) == len(given):
        return _over(given, -1, {"type": "PReLU", "coefficients": "element"})
    if not own:
        return _over(given, -1, {"type": "PReLU", "coefficients": "layer"})
    if len(own) > 1:
        # Of a design's axes the channels are the first, and Keras' last.
        axes = sorted((axis + 1) % len(given) for axis in shared)
        return _over(given, -1, {"type": "PReLU", "coefficients": "element", "shared_axes": axes})
    axis = next(axis for axis in range(len(given)) if axis not in shared)
    return _over(given, axis, {"type": "PReLU", "coefficients": "channel"})


def _dense(arguments: Arguments, given: Given) -> Conversion:
    units, bias = arguments.take("units"), arguments.take("use_bias", True)
    return _over(given, -1, {"type": "Dense", "units": units, "bias": bias, "apply_to": "channels"})


def _activation(arguments: Arguments, given: Given) -> Conversion:
    return _over(given, -1, {"type": "Activation", "function": arguments.take("activation")})


def _softmax(arguments: Arguments, given: Given) -> Conversion:
    """Along an axis, which is a spatial one of a design's unless it is the last."""
    axis = _without_batch(arguments.take("axis", -1), given)
    return _over(given, -1, {"type": "Activation", "function": "softmax", "axis": (axis + 1) % len(given)})


def _recurrent(kind: str, arguments: Arguments, given: Given) -> Conversion:
    entry = {
        "type": kind,
        "units": arguments.take("units"),
        "bias": arguments.take("use_bias", True),
        "return_sequences": arguments.take("return_sequences", False),
        "direction": "backward" if arguments.take("go_backwards", False) else "forward",
    }
    if kind == "GRU":
        entry["reset_after"] = arguments.take("reset_after", True)
    return _over(given, -1, entry)


def _bidirectional(arguments: Arguments, given: Given) -> Conversion:
    kind, inner = arguments.take("layer")
    merge = {"mul": "multiply", "ave": "average"}
    entry = _recurrent(kind, Arguments(inner, frozenset()), given).entries[0]
    mode = arguments.take("merge_mode", "concat")
    return _over(given, -1, {**entry, "direction": "both", "merge": merge.get(mode, mode)})


def _conv_lstm(axes: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, axes + 1)
    entry = {**_window(arguments, axes), "filters": arguments.take("filters")}
    _require_stride_or_dilation(entry)
    return _over(
        given, -1, {**entry, "type": f"ConvLSTM{axes}D", "return_sequences": arguments.take("return_sequences", False)}
    )


def _embedding(arguments: Arguments, given: Given) -> Conversion:
    entry = {"type": "Embedding", "vocabulary": arguments.take("input_dim"), "width": arguments.take("output_dim")}
    return _over(given, -1, entry)


def _flatten(arguments: Arguments, given: Given) -> Conversion:
    return _ordered(arguments, given, {"type": "Flatten"})


def _reshape(arguments: Arguments, given: Given) -> Conversion:
    *size, channels = arguments.take("target_shape")
    return _over(given, -1, {"type": "Reshape", "channels": channels, "size": size})


def _permute(arguments: Arguments, given: Given) -> Conversion:
    """Keras counts the axes from 1 with the channels last, a design from 0 with the channels first."""
    *spatial, channels = [axis % len(given) for axis in arguments.take("dims")]
    return _over(given, -1, {"type": "Permute", "dims": [channels, *spatial]})


def _margin(kind: str, field: str, rank: int, arguments: Arguments, given: Given) -> Conversion:
    """Zero padding and cropping: a pair means both ends of one axis, or two axes with equal ends."""
    _require_rank(given, rank)
    value = arguments.take(field, 0 if (kind, rank) == ("Crop", 2) else 1)
    pairs = [value] if rank == 1 and isinstance(value, list) and len(value) == 2 else per_axis(value, rank)
    return _ordered(arguments, given, {"type": kind, field: pairs})


def _upsampling(rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    mode = arguments.take("interpolation", "nearest").lower()
    return _ordered(
        arguments,
        given,
        {"type": "Upsample", "scale": per_axis(arguments.take("size", 2), rank), "mode": mode},
    )


def _of_ranks(
    pattern: str, converter: Callable[..., Conversion], ranks: tuple[int, ...] = (1, 2, 3)
) -> dict[str, Converter]:
    return {pattern.format(rank): partial(converter, rank) for rank in ranks}


CONVERTERS: dict[str, Converter] = {
    **_of_ranks("Conv{}D", _conv),
    **_of_ranks("Conv{}DTranspose", _conv_transpose),
    **_of_ranks("DepthwiseConv{}D", _depthwise, (1, 2)),
    **_of_ranks("SeparableConv{}D", _separable, (1, 2)),
    **_of_ranks("MaxPooling{}D", partial(_pool, "Max")),
    **_of_ranks("AveragePooling{}D", partial(_pool, "Avg")),
    **_of_ranks("GlobalMaxPooling{}D", partial(_global_pool, "Max")),
    **_of_ranks("GlobalAveragePooling{}D", partial(_global_pool, "Avg")),
    **_of_ranks("AdaptiveMaxPooling{}D", partial(_adaptive_pool, "Max")),
    **_of_ranks("AdaptiveAveragePooling{}D", partial(_adaptive_pool, "Avg")),
    **_of_ranks("ZeroPadding{}D", partial(_margin, "ZeroPad", "padding")),
    **_of_ranks("Cropping{}D", partial(_margin, "Crop", "cropping")),
    **_of_ranks("UpSampling{}D", _upsampling),
    "BatchNormalization": _batch_norm,
    "GroupNormalization": _group_norm,
    "LayerNormalization": _layer_norm,
    "RMSNormalization": _rms_norm,
    "UnitNormalization": _unit_norm,
    "PReLU": _prelu,
    "Dense": _dense,
    "Activation": _activation,
    "Softmax": _softmax,
    "Dropout": lambda arguments, given: _over(given, -1, {"type": "Dropout", "rate": arguments.take("rate")}),
    "Rescaling": lambda arguments, given: _over(given, -1, {"type": "Rescaling", "scale": arguments.take("scale")}),
    **{kind: partial(_recurrent, kind) for kind in ("LSTM", "GRU", "SimpleRNN")},
    "Bidirectional": _bidirectional,
    **_of_ranks("ConvLSTM{}D", _conv_lstm),
    "Embedding": _embedding,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "RepeatVector": _repeat_vector,
    "Permute": _permute,
}
"""Every class of keras.layers that is converted. `KERAS_KINDS` has those that are not, with the reason."""
