"""The layers of Caffe in a design: one function a layer type, in one table."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from msgspec import Struct

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Numbers, placeholder
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.wire.prototext import Message
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.activation import PReLU
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.normalization import BatchNorm, LocalResponseNorm, Rescaling, Scale
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.reshaping import Crop, Flatten, Reshape, Upsample

Values = dict[str, Any]


class CaffeLayer(Struct, frozen=True):
    """One layer: its type in today's spelling, its name, its message, and the shapes that it takes."""

    kind: str
    name: str
    message: Message
    shapes: tuple[Shape, ...]

    def parameters(self, key: str) -> Message:
        """The message of its own parameters."""
        return self.message.message(f"{key}_param")

    def refusal(self, sentence: str) -> NotUnderstood:
        """The refusal of this layer."""
        return NotUnderstood(f"the layer '{self.name}' ({self.kind}) {sentence}")

    def integer(self, message: Message, name: str, default: int | None = None) -> int:
        """A whole number; NotUnderstood if there is none."""
        value = message.one(name, default)
        if type(value) is not int:
            raise self.refusal(f"states no whole number for {name}.")
        return value


def sizes(layer: CaffeLayer, message: Message, name: str, short: str, rank: int, default: int | None) -> Any:
    """`kernel_size: 3`, once for each axis, or `kernel_h` and `kernel_w`."""
    pair = (message.one(f"{short}_h"), message.one(f"{short}_w"))
    if rank == 2 and any(value is not None for value in pair):
        values = [default if value is None else value for value in pair]
    else:
        values = list(message.all(name)) or [default]
    if not all(type(value) is int for value in values) or len(values) not in (1, rank):
        raise layer.refusal(f"states no sizes for {name} that fit its {rank} axes.")
    return values[0] if len(set(values)) == 1 else tuple(values)


def _window(layer: CaffeLayer, message: Message, rank: int) -> Values:
    padding = sizes(layer, message, "pad", "pad", rank, 0)
    return {
        "kernel_size": sizes(layer, message, "kernel_size", "kernel", rank, None),
        "stride": sizes(layer, message, "stride", "stride", rank, 1),
        "padding": padding if padding else "valid",
        "bias": bool(message.one("bias_term", True)),
    }


def convolution(layer: CaffeLayer) -> Layer:
    """Convolution, which is depthwise with a group for each channel; and Deconvolution."""
    message, shape = layer.parameters("convolution"), layer.shapes[0]
    values = _window(layer, message, shape.rank)
    filters, groups = layer.integer(message, "num_output"), layer.integer(message, "group", 1)
    if layer.kind == "DepthwiseConvolution":
        groups = shape.channels
    values["dilation"] = sizes(layer, message, "dilation", "dilation", shape.rank, 1)
    if layer.kind == "Deconvolution":
        return LAYER_TYPES[f"ConvTranspose{shape.rank}D"](**{"filters": filters, "groups": groups, **values})
    if 1 < groups == shape.channels and filters % groups == 0 and shape.rank < 3:
        if filters != groups:
            values["depth_multiplier"] = filters // groups
        return LAYER_TYPES[f"DepthwiseConv{shape.rank}D"](**values)
    return LAYER_TYPES[f"Conv{shape.rank}D"](**{"filters": filters, "groups": groups, **values})


def pooling(layer: CaffeLayer) -> Layer:
    """Pooling, which rounds up unless it says otherwise."""
    message, shape = layer.parameters("pooling"), layer.shapes[0]
    kind = {"MAX": "Max", 0: "Max", "AVE": "Avg", 1: "Avg"}.get(message.one("pool", "MAX"))
    if kind is None:
        raise layer.refusal(f"pools by {message.one('pool')}, which a design has no word for.")
    if message.one("global_pooling", False):
        values: Values = {"keepdims": True}
        return LAYER_TYPES[f"Global{kind}Pool"](**values)
    padding = sizes(layer, message, "pad", "pad", shape.rank, 0)
    values = {
        "pool_size": sizes(layer, message, "kernel_size", "kernel", shape.rank, None),
        "stride": sizes(layer, message, "stride", "stride", shape.rank, 1),
        "padding": padding if padding else "valid",
        # Caffe rounds up by default, unlike later frameworks: GoogLeNet's first pool makes 56 of 112, and floor would
        # make 55.
        "ceil_mode": message.one("round_mode", "CEIL") in ("CEIL", 0) and message.one("ceil_mode", True) is not False,
    }
    if values["stride"] == values["pool_size"]:
        del values["stride"]
    return LAYER_TYPES[f"{kind}Pool{shape.rank}D"](**values)


def inner_product(layer: CaffeLayer) -> Layer:
    """InnerProduct, which flattens what it receives."""
    message = layer.parameters("inner_product")
    if message.one("axis", 1) not in (1, -3):
        raise layer.refusal("acts from another axis on, which is not read.")
    return Dense(units=layer.integer(message, "num_output"), bias=bool(message.one("bias_term", True)))


def batch_norm(layer: CaffeLayer) -> Layer:
    """BatchNorm, which learns nothing in Caffe: the Scale after it does."""
    epsilon = float(layer.parameters("batch_norm").one("eps", 1e-5))
    return BatchNorm(affine=False, epsilon=epsilon)


def scale(layer: CaffeLayer) -> Layer:
    """Scale, with a bias if it says so."""
    message = layer.parameters("scale")
    if len(layer.message.all("bottom")) > 1:
        return LAYER_TYPES["Multiply"]()
    if message.one("axis", 1) != 1 or message.one("num_axes", 1) != 1:
        raise layer.refusal("scales along other axes than the channels.")
    return Scale(bias=bool(message.one("bias_term", False)))


def bias(layer: CaffeLayer) -> Layer:
    """Bias: one learned addend a channel, which a design has no word for."""
    channels = layer.shapes[0].channels
    return placeholder(layer.shapes[0], Numbers(channels), 0, channels)


def local_response_norm(layer: CaffeLayer) -> Layer:
    """LRN across channels; within a channel a placeholder."""
    message = layer.parameters("lrn")
    if message.one("norm_region", "ACROSS_CHANNELS") not in ("ACROSS_CHANNELS", 0):
        return placeholder(layer.shapes[0], Numbers(), 0)
    return LocalResponseNorm(
        # These are the defaults of caffe.proto, which differ from PyTorch's: α is 1 there and 0.0001 here.
        size=layer.integer(message, "local_size", 5),
        alpha=float(message.one("alpha", 1.0)),
        beta=float(message.one("beta", 0.75)),
        k=float(message.one("k", 1.0)),
    )


def relu(layer: CaffeLayer) -> Layer:
    """ReLU, which may have a slope for negative inputs."""
    slope = float(layer.parameters("relu").one("negative_slope", 0.0))
    return _function("leaky_relu", slope=slope) if slope else _function("relu")


def _function(name: str, **constants: Any) -> Layer:
    return LAYER_TYPES["Activation"](**{"function": name, **constants})


def prelu(layer: CaffeLayer) -> Layer:
    """PReLU, with a slope a channel unless it is shared."""
    shared = bool(layer.parameters("prelu").one("channel_shared", False))
    return PReLU(coefficients="layer" if shared else "channel")


def eltwise(layer: CaffeLayer) -> Layer:
    """Eltwise: sum, product or maximum."""
    rule = layer.parameters("eltwise").one("operation", "SUM")
    kind = {"SUM": "Add", 1: "Add", "PROD": "Multiply", 0: "Multiply", "MAX": "Maximum", 2: "Maximum"}.get(rule)
    if kind is None:
        raise layer.refusal(f"joins branches by {rule}, which a design has no word for.")
    return LAYER_TYPES[kind]()


def concat(layer: CaffeLayer) -> Layer:
    """Concat along an axis, which old files call concat_dim."""
    message = layer.parameters("concat")
    axis = message.one("axis", message.one("concat_dim", 1))
    rank = layer.shapes[0].rank
    place = axis + rank + 1 if type(axis) is int and axis < 0 else axis - 1 if type(axis) is int else -1
    if not 0 <= place <= rank:
        raise layer.refusal(f"joins along the axis {axis}, which a design does not have.")
    return Concat(axis=place)


def dropout(layer: CaffeLayer) -> Layer:
    """Dropout."""
    rate = float(layer.parameters("dropout").one("dropout_ratio", 0.5))
    if not 0 <= rate < 1:
        raise layer.refusal(f"drops with the probability {rate:g}, and it must be from 0 to less than 1.")
    return Dropout(rate=rate)


def power(layer: CaffeLayer) -> Layer:
    """Power: (shift + scale · x)^power; without a power a Rescaling."""
    message = layer.parameters("power")
    if float(message.one("power", 1.0)) != 1:
        return placeholder(layer.shapes[0], Numbers(), 0)
    return Rescaling(scale=float(message.one("scale", 1.0)), offset=float(message.one("shift", 0.0)))


def reshape(layer: CaffeLayer) -> Layer:
    """Reshape: 0 keeps a size, -1 is worked out."""
    wanted = layer.parameters("reshape").message("shape").all("dim")
    if not wanted or not all(type(size) is int for size in wanted) or wanted[0] not in (0, -1, 1):
        raise layer.refusal("reshapes its tensor to a shape that is not read.")
    have = [0, *layer.shapes[0].to_list()]
    inner = [have[i] if size == 0 and i < len(have) else size for i, size in enumerate(wanted)][1:]
    known = prod(size for size in inner if size > 0)
    inner = [layer.shapes[0].elements // max(known, 1) if size == -1 else size for size in inner]
    if not inner:
        return Flatten()
    return Reshape(channels=inner[0], size=tuple(inner[1:]))


def flatten(_layer: CaffeLayer) -> Layer:
    """Flatten."""
    return Flatten()


def crop(layer: CaffeLayer) -> Layer:
    """Crop to the size of a second input, from an offset on."""
    message = layer.parameters("crop")
    axis = layer.integer(message, "axis", 2)
    if len(layer.shapes) < 2 or axis != 2:
        raise layer.refusal("crops along other axes than the map's.")
    offsets = message.all("offset") or [0]
    offsets = offsets * layer.shapes[0].rank if len(offsets) == 1 else offsets
    pairs = [
        (offset, have - want - offset)
        for offset, have, want in zip(offsets, layer.shapes[0].spatial, layer.shapes[1].spatial, strict=True)
    ]
    return Crop(cropping=tuple(pairs))


def interpolate(layer: CaffeLayer) -> Layer:
    """Interp and Upsample of derived versions of Caffe."""
    message = layer.parameters("interp") or layer.parameters("upsample")
    if message.one("height") is not None:
        size = (layer.integer(message, "height"), layer.integer(message, "width"))
        return Upsample(size=size, mode="bilinear")
    factor = layer.integer(message, "zoom_factor", message.one("scale"))
    return Upsample(scale=factor, mode="nearest" if layer.kind == "Upsample" else "bilinear")


def elementwise(layer: CaffeLayer) -> Layer:
    """A function of every element that a design has no word for."""
    return placeholder(layer.shapes[0], Numbers(), 0)


def named(function: str) -> Callable[[CaffeLayer], Layer]:
    """The rule of a function of every element."""
    return lambda _layer: _function(function)


LAYERS: dict[str, Callable[[CaffeLayer], Layer]] = {
    "Convolution": convolution,
    "DepthwiseConvolution": convolution,
    "Deconvolution": convolution,
    "Pooling": pooling,
    "InnerProduct": inner_product,
    "BatchNorm": batch_norm,
    "Scale": scale,
    "Bias": bias,
    "LRN": local_response_norm,
    "ReLU": relu,
    "ReLU6": named("relu6"),
    "PReLU": prelu,
    "ELU": named("elu"),
    "Sigmoid": named("sigmoid"),
    "TanH": named("tanh"),
    "Swish": named("silu"),
    "Softmax": named("softmax"),
    "SoftmaxWithLoss": named("softmax"),
    "Exp": elementwise,
    "Log": elementwise,
    "AbsVal": elementwise,
    "BNLL": named("softplus"),
    "Normalize": elementwise,
    "Eltwise": eltwise,
    "Concat": concat,
    "Dropout": dropout,
    "Power": power,
    "Reshape": reshape,
    "Flatten": flatten,
    "Crop": crop,
    "Interp": interpolate,
    "Upsample": interpolate,
}
"""For each layer type of Caffe the rule that gives its layer; the others are refused by name."""
OLD_NAMES = {
    "CONVOLUTION": "Convolution",
    "DECONVOLUTION": "Deconvolution",
    "POOLING": "Pooling",
    "INNER_PRODUCT": "InnerProduct",
    "LRN": "LRN",
    "RELU": "ReLU",
    "SIGMOID": "Sigmoid",
    "TANH": "TanH",
    "SOFTMAX": "Softmax",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "ELTWISE": "Eltwise",
    "CONCAT": "Concat",
    "DROPOUT": "Dropout",
    "POWER": "Power",
    "FLATTEN": "Flatten",
    "SPLIT": "Split",
    "SLICE": "Slice",
    "ACCURACY": "Accuracy",
    "DATA": "Data",
    "IMAGE_DATA": "ImageData",
    "HDF5_DATA": "HDF5Data",
    "MEMORY_DATA": "MemoryData",
    "ABSVAL": "AbsVal",
    "BNLL": "BNLL",
    "EXP": "Exp",
    "SILENCE": "Silence",
    "ARGMAX": "ArgMax",
}
"""The types of the old form, `layers { type: CONVOLUTION }`, in today's spelling."""
