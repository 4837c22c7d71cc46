"""PyTorch's layers in the words of a design: one visible table, class name to converter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

from msgspec import Struct, field

from tests.layers.framework_row import Arguments, Conversion, LayerTruth, LeftOut, Refused, elements, per_axis
from tests.layers.left_out import TORCH_KINDS

HARMLESS = frozenset(
    [
        "device",
        "dtype",
        "eps",
        "momentum",
        "value",
        "return_indices",
        "count_include_pad",
        "divisor_override",
        "align_corners",
        "recompute_scale_factor",
        "init",
        "inplace",
    ]
)
"""Arguments of PyTorch's layers that change neither a size nor a count."""

Given = tuple[int, ...]
Converter = Callable[[Arguments, Given], Conversion]


class TorchRow(Struct, frozen=True):
    """A row of `torch_layers.jsonl`: shapes have the channels first and no batch."""

    layer: str
    kw: dict[str, Any]
    given: tuple[int, ...] = field(name="in")
    out: list[int] = []
    w: dict[str, list[int]] = {}
    b: dict[str, list[int]] = {}
    params: int = 0
    macs: int = 0
    error: str = ""

    def counted(self) -> LayerTruth | None:
        """The counts of PyTorch; None where it refuses, or leaves nothing, which the studio refuses."""
        if self.error or 0 in self.out:
            return None
        return LayerTruth(
            self.out,
            elements(self.w, frozenset(name for name in self.w if name.startswith("weight"))),
            elements(self.w, frozenset(name for name in self.w if name.startswith("bias"))),
            elements(self.b, frozenset({"running_mean", "running_var"})),
            self.params,
            self.params,
            self.macs,
        )


def from_torch(row: TorchRow) -> Conversion:
    """The row as entries of a design; LeftOut where it has no words for it, KeyError for an unknown class."""
    if row.layer in TORCH_KINDS:
        raise LeftOut(TORCH_KINDS[row.layer])
    arguments = Arguments(row.kw, HARMLESS)
    conversion = CONVERTERS[row.layer](arguments, row.given)
    arguments.finish()
    return conversion


def _first(given: Given, *entries: dict[str, Any]) -> Conversion:
    """A layer that takes the tensor as PyTorch orders it: channels first."""
    return Conversion(entries, given, tuple(range(len(given))))


def _last(given: Given, entry: dict[str, Any]) -> Conversion:
    """A layer that works on the last axis, whatever that means."""
    last = len(given) - 1
    return Conversion((entry,), given, (last, *range(last)))


def _require_rank(given: Given, *ranks: int) -> None:
    if len(given) - 1 not in ranks:
        raise Refused(f"{len(given) - 1} spatial axes, and {ranks} are taken")


def _require_declared(declared: int, received: int) -> None:
    if declared != received:
        raise Refused(f"declared for {declared} channels, received {received}")


def _padding(value: Any, rank: int) -> Any:
    return value if isinstance(value, str) else per_axis(value, rank)


def _convolution(arguments: Arguments, rank: int) -> dict[str, Any]:
    """The fields that plain and transposed convolutions share."""
    return {
        "filters": arguments.take("out_channels"),
        "kernel_size": per_axis(arguments.take("kernel_size"), rank),
        "stride": per_axis(arguments.take("stride", 1), rank),
        "padding": _padding(arguments.take("padding", 0), rank),
        "dilation": per_axis(arguments.take("dilation", 1), rank),
        "groups": arguments.take("groups", 1),
        "bias": arguments.take("bias", True),
        "padding_mode": arguments.take("padding_mode", "zeros"),
    }


def _conv(rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    _require_declared(arguments.take("in_channels"), given[0])
    fields = _convolution(arguments, rank)
    if fields["padding"] == "same" and max(fields["stride"]) > 1:
        raise Refused("padding='same' is not supported for strided convolutions")
    return _first(given, {"type": f"Conv{rank}D", **fields})


def _conv_transpose(rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    _require_declared(arguments.take("in_channels"), given[0])
    fields = _convolution(arguments, rank)
    if fields.pop("padding_mode") != "zeros":
        raise Refused("only zeros padding mode is supported for ConvTranspose")
    extra = per_axis(arguments.take("output_padding", 0), rank)
    return _first(given, {"type": f"ConvTranspose{rank}D", **fields, "output_padding": extra})


def _pool(kind: str, rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    size = per_axis(arguments.take("kernel_size"), rank)
    entry = {
        "type": f"{kind}Pool{rank}D",
        "pool_size": size,
        "stride": per_axis(arguments.take("stride", None) or size, rank),
        "padding": per_axis(arguments.take("padding", 0), rank),
        "ceil_mode": arguments.take("ceil_mode", False),
    }
    if kind == "Max":
        entry["dilation"] = per_axis(arguments.take("dilation", 1), rank)
    return _first(given, entry)


def _adaptive_pool(kind: str, rank: int, arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, rank)
    sizes = per_axis(arguments.take("output_size"), rank)
    return _first(given, {"type": f"Adaptive{kind}Pool", "output_size": sizes})


def _statistics_norm(kind: str, ranks: tuple[int, ...], arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, *ranks)
    by_default = kind == "BatchNorm"
    entry = {
        "type": kind,
        "affine": arguments.take("affine", by_default),
        "track_statistics": arguments.take("track_running_stats", by_default),
    }
    _require_declared(arguments.take("num_features"), given[0])
    return _first(given, entry)


def _group_norm(arguments: Arguments, given: Given) -> Conversion:
    groups = arguments.take("num_groups")
    _require_declared(arguments.take("num_channels"), given[0])
    return _first(given, {"type": "GroupNorm", "groups": groups, "affine": arguments.take("affine", True)})


def _layer_norm(shifts: bool, arguments: Arguments, given: Given) -> Conversion:
    """LayerNorm and RMSNorm: over the last axes; those before them are as the batch to it."""
    shape = per_axis(arguments.take("normalized_shape"), 1)
    if tuple(shape) != given[len(given) - len(shape) :]:
        raise Refused(f"normalized_shape {shape} is not the end of {list(given)}")
    entry = {
        "type": "LayerNorm",
        "affine": arguments.take("elementwise_affine", True),
        "center": shifts and arguments.take("bias", True),
    }
    if len(shape) == 1:
        return _last(given, entry)
    axes = tuple(range(len(given) - len(shape), len(given)))
    return Conversion(({**entry, "over": "map"},), given, axes)


def _prelu(arguments: Arguments, given: Given) -> Conversion:
    slopes = arguments.take("num_parameters", 1)
    if slopes != 1:
        _require_declared(slopes, given[0])
    return _first(given, {"type": "PReLU", "coefficients": "layer" if slopes == 1 else "channel"})


def _linear(arguments: Arguments, given: Given) -> Conversion:
    _require_declared(arguments.take("in_features"), given[-1])
    units, bias = arguments.take("out_features"), arguments.take("bias", True)
    return _last(given, {"type": "Dense", "units": units, "bias": bias, "apply_to": "channels"})


def _flatten(arguments: Arguments, given: Given) -> Conversion:
    rank = len(given) + 1
    start, end = arguments.take("start_dim", 1) % rank, arguments.take("end_dim", -1) % rank
    if start == 0 or end < start:
        raise Refused("the batch is flattened, or the end comes before the start")
    if (start, end) == (1, rank - 1):
        return _first(given, {"type": "Flatten"})
    sizes = [*given[: start - 1], prod(given[start - 1 : end]), *given[end:]]
    return _first(given, {"type": "Reshape", "channels": sizes[0], "size": sizes[1:]})


def _pixel_shuffle(kind: str, factor: str, arguments: Arguments, given: Given) -> Conversion:
    """Acts on the last three axes; PyTorch takes any before them as batches."""
    axes = tuple(range(len(given) - 3, len(given)))
    if min(axes) < 0:
        raise Refused("at least three axes are needed")
    return Conversion(({"type": kind, "scale": arguments.take(factor)},), given, axes)


def _channel_shuffle(arguments: Arguments, given: Given) -> Conversion:
    return _first(given, {"type": "ChannelShuffle", "groups": arguments.take("groups")})


def _pad(mode: str, rank: int, arguments: Arguments, given: Given) -> Conversion:
    """PyTorch lists the last axis first: (left, right, top, bottom, front, back); a negative end crops."""
    _require_rank(given, rank)
    ends = per_axis(arguments.take("padding"), 2 * rank)
    pairs = list(reversed([ends[i : i + 2] for i in range(0, 2 * rank, 2)]))
    added = [[max(0, end) for end in pair] for pair in pairs]
    cut = [[max(0, -end) for end in pair] for pair in pairs]
    pad = {"type": "ZeroPad", "padding": added, "padding_mode": mode}
    return _first(given, pad, {"type": "Crop", "cropping": cut}) if min(ends) < 0 else _first(given, pad)


INTERPOLATIONS = {
    "nearest": ("nearest", (1, 2, 3)),
    "nearest-exact": ("nearest", (1, 2, 3)),
    "linear": ("linear", (1,)),
    "bilinear": ("bilinear", (2,)),
    "bicubic": ("bicubic", (2,)),
    "trilinear": ("trilinear", (3,)),
}
"""PyTorch's modes: the studio's word, and the numbers of spatial axes that PyTorch takes."""


def _upsample(default_mode: str, arguments: Arguments, given: Given) -> Conversion:
    mode, ranks = INTERPOLATIONS[arguments.take("mode", default_mode)]
    _require_rank(given, *ranks)
    sizes = {"scale": arguments.take("scale_factor", None), "size": arguments.take("size", None)}
    entry: dict[str, Any] = {"type": "Upsample", "mode": mode}
    entry |= {name: value for name, value in sizes.items() if value is not None}
    return _first(given, entry)


def _of_ranks(pattern: str, converter: Callable[..., Conversion]) -> dict[str, Converter]:
    return {pattern.format(rank): partial(converter, rank) for rank in (1, 2, 3)}


PAD_MODES = {
    "ZeroPad{}d": "zeros",
    "ConstantPad{}d": "zeros",
    "ReflectionPad{}d": "reflect",
    "ReplicationPad{}d": "replicate",
    "CircularPad{}d": "circular",
}


def _power_pool(arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, 2)
    size = per_axis(arguments.take("kernel_size"), 2)
    fields = {"power": arguments.take("norm_type"), "pool_size": size, "ceil_mode": arguments.take("ceil_mode", False)}
    stride = arguments.take("stride", None)
    return _first(given, {"type": "LPPool2D", **fields, "stride": size if stride is None else per_axis(stride, 2)})


def _unfold(arguments: Arguments, given: Given) -> Conversion:
    _require_rank(given, 2)
    names = {"kernel_size": None, "dilation": 1, "padding": 0, "stride": 1}
    sizes = {name: per_axis(arguments.take(name, default), 2) for name, default in names.items()}
    return _first(given, {"type": "Unfold", **sizes})


def _embedding(arguments: Arguments, given: Given) -> Conversion:
    entry = {"vocabulary": arguments.take("num_embeddings"), "width": arguments.take("embedding_dim")}
    return _first(given, {"type": "Embedding", **entry})


def _recurrent(kind: str, arguments: Arguments, given: Given) -> Conversion:
    _require_declared(arguments.take("input_size"), given[0])
    entry = {
        "type": kind,
        "units": arguments.take("hidden_size"),
        "bias": arguments.take("bias", True),
        "direction": "both" if arguments.take("bidirectional", False) else "forward",
        "return_sequences": arguments.take("output") == "sequence",
    }
    if kind == "LSTM":
        entry["projection"] = arguments.take("proj_size", 0) or None
    if kind == "SimpleRNN":
        entry["function"] = arguments.take("nonlinearity", "tanh")
    return _first(given, entry)


CONVERTERS: dict[str, Converter] = {
    "LPPool2d": _power_pool,
    "Unfold": _unfold,
    **_of_ranks("Conv{}d", _conv),
    **_of_ranks("ConvTranspose{}d", _conv_transpose),
    **_of_ranks("MaxPool{}d", partial(_pool, "Max")),
    **_of_ranks("AvgPool{}d", partial(_pool, "Avg")),
    **_of_ranks("AdaptiveMaxPool{}d", partial(_adaptive_pool, "Max")),
    **_of_ranks("AdaptiveAvgPool{}d", partial(_adaptive_pool, "Avg")),
    "BatchNorm1d": partial(_statistics_norm, "BatchNorm", (0, 1)),
    "BatchNorm2d": partial(_statistics_norm, "BatchNorm", (2,)),
    "BatchNorm3d": partial(_statistics_norm, "BatchNorm", (3,)),
    "InstanceNorm1d": partial(_statistics_norm, "InstanceNorm", (1,)),
    "InstanceNorm2d": partial(_statistics_norm, "InstanceNorm", (2,)),
    "InstanceNorm3d": partial(_statistics_norm, "InstanceNorm", (3,)),
    "GroupNorm": _group_norm,
    "LayerNorm": partial(_layer_norm, True),
    "RMSNorm": partial(_layer_norm, False),
    "PReLU": _prelu,
    "Linear": _linear,
    **{name: partial(_recurrent, kind) for name, kind in {"LSTM": "LSTM", "GRU": "GRU", "RNN": "SimpleRNN"}.items()},
    "Embedding": _embedding,
    "Flatten": _flatten,
    "PixelShuffle": partial(_pixel_shuffle, "PixelShuffle", "upscale_factor"),
    "PixelUnshuffle": partial(_pixel_shuffle, "PixelUnshuffle", "downscale_factor"),
    "ChannelShuffle": _channel_shuffle,
    "Upsample": partial(_upsample, "nearest"),
    "UpsamplingNearest2d": partial(_upsample, "nearest"),
    "UpsamplingBilinear2d": partial(_upsample, "bilinear"),
    **{
        key: of_rank
        for name, mode in PAD_MODES.items()
        for key, of_rank in _of_ranks(name, partial(_pad, mode)).items()
    },
}
"""Every class of torch.nn that is converted. `TORCH_KINDS` has those that are not, with the reason."""
