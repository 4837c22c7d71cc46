"""Convolutions and pooling of Keras as layers of a design."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import per_axis
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.keras import activations
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.layers import LAYER_TYPES

Values = dict[str, Any]


def _padding(call: Call, rank: int) -> Any:
    word = call.get("padding", "border_mode", default="valid")
    # Another layer than a Conv1D has no word for it: all of the padding comes first.
    if word == "causal" and rank == 1:
        kernel = per_axis(call.sizes("kernel_size", "filter_length", rank=1), 1)[0]
        dilation = per_axis(call.sizes("dilation_rate", "atrous_rate", rank=1), 1)[0]
        return (((kernel - 1) * dilation, 0),)
    if word not in ("valid", "same"):
        raise call.refusal(f"pads by the unknown rule '{word}'.")
    return word


def _kernel(call: Call, rank: int) -> int | tuple[int, ...]:
    if "kernel_size" in call.config:
        return call.sizes("kernel_size", rank=rank)
    if rank == 1:
        return call.integer("filter_length")
    names = ("nb_row", "nb_col") if rank == 2 else ("kernel_dim1", "kernel_dim2", "kernel_dim3")
    return tuple(call.integer(name) for name in names)


def _window(call: Call, rank: int) -> Values:
    return {
        "kernel_size": _kernel(call, rank),
        "stride": call.sizes("strides", "subsample", "subsample_length", rank=rank),
        "padding": _padding(call, rank),
        "dilation": call.sizes("dilation_rate", "atrous_rate", rank=rank),
        "bias": call.flag("use_bias", "bias", default=True),
        "activation": activations.in_field(call.get("activation")),
    }


def convolution(call: Call, rank: int) -> Layer:
    """Conv1D to Conv3D."""
    values = _window(call, rank)
    values["filters"] = call.integer("filters", "nb_filter")
    values["groups"] = call.integer("groups", default=1)
    if rank == 1 and call.get("padding", "border_mode") == "causal":
        values |= {"causal": True, "padding": "valid"}
    return LAYER_TYPES[f"Conv{rank}D"](**values)


def local(call: Call, rank: int) -> Layer:
    """LocallyConnected1D and 2D of Keras 2, which know no dilation."""
    values = _window(call, rank)
    values["filters"] = call.integer("filters", "nb_filter")
    return LAYER_TYPES[f"LocallyConnected{rank}D"](**values)


def depthwise(call: Call, rank: int) -> Layer:
    """DepthwiseConv1D and 2D."""
    values = _window(call, rank)
    values["depth_multiplier"] = call.integer("depth_multiplier", default=1)
    return LAYER_TYPES[f"DepthwiseConv{rank}D"](**values)


def separable(call: Call, rank: int) -> Layer:
    """SeparableConv1D and 2D."""
    values = _window(call, rank)
    values["filters"] = call.integer("filters", "nb_filter")
    values["depth_multiplier"] = call.integer("depth_multiplier", default=1)
    return LAYER_TYPES[f"SeparableConv{rank}D"](**values)


def transposed(call: Call, rank: int) -> Layer:
    """Conv1DTranspose to 3D. Without padding Keras gives I · S + max(K − S, 0), as if the output were padded."""
    values = _window(call, rank)
    values["filters"] = call.integer("filters", "nb_filter")
    values["groups"] = call.integer("groups", default=1)
    if call.get("output_padding") is not None:
        values["output_padding"] = call.sizes("output_padding", rank=rank)
    elif values["padding"] == "valid":
        sizes = (per_axis(values[key], rank) for key in ("kernel_size", "stride", "dilation"))
        missing = tuple(max(0, s - (d * (k - 1) + 1)) for k, s, d in zip(*sizes, strict=True))
        if any(missing):
            values["output_padding"] = missing
    return LAYER_TYPES[f"ConvTranspose{rank}D"](**values)


def pooling(call: Call, rank: int, kind: str) -> Layer:
    """Max and average pooling over windows."""
    values: Values = {
        "pool_size": call.sizes("pool_size", "pool_length", rank=rank, default=2),
        "padding": _padding(call, rank),
    }
    # None is Keras' default, and means the window itself.
    if call.get("strides", "stride") is not None:
        stride = call.sizes("strides", "stride", rank=rank)
        if stride != values["pool_size"]:
            values["stride"] = stride
    return LAYER_TYPES[f"{kind}Pool{rank}D"](**values)


def global_pooling(call: Call, kind: str) -> Layer:
    """Global pooling."""
    values: Values = {"keepdims": call.flag("keepdims", default=False)}
    return LAYER_TYPES[f"Global{kind}Pool"](**values)


def adaptive_pooling(call: Call, kind: str) -> Layer:
    """Adaptive pooling."""
    values: Values = {"output_size": call.sizes("output_size", rank=call.shape.rank)}
    return LAYER_TYPES[f"Adaptive{kind}Pool"](**values)
