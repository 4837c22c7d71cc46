"""Convolutions and pooling by functions, such as `conv2d` of Keras' backend, with kernels of the source's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.formats.source.keras import layers
from cnnstudio.formats.source.keras.operations import weights
from cnnstudio.formats.source.keras.operations.moving import bound
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.layers import LAYER_TYPES

Function = Callable[[Any, list[Any], dict[str, Any]], Any]


def _sides(value: Any, rank: int) -> Any:
    """The strides of each axis; TensorFlow names the batch and the channels too."""
    if value is None:
        return 1
    if type(value) is int:
        return value
    found = list(value) if isinstance(value, (list, tuple)) else []
    found = found[1:-1] if len(found) == rank + 2 else found
    if len(found) == 1:
        found *= rank
    if len(found) != rank or not all(type(side) is int and side > 0 for side in found):
        raise NotFollowed("slides a kernel by strides that are not known.")
    return found[0] if len(set(found)) == 1 else tuple(found)


def convolution(rank: int, *, is_deep: bool = False) -> Function:
    """`conv1d` to `conv3d`, or `depthwise_conv2d`."""

    def function(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
        values = bound("x kernel strides padding", given, named)
        tensor = values.get("x", values.get("input", values.get("inputs")))
        kernel = next((values[name] for name in _KERNELS if name in values), None)
        if not isinstance(tensor, KerasTensor) or not isinstance(kernel, Array):
            return next((item for item in (tensor, kernel) if isinstance(item, Unknown)), Unknown("a convolution"))
        if len(kernel.shape) != rank + 2 or host.is_first or values.get("data_format") in ("channels_first", "NCHW"):
            raise NotFollowed("slides a kernel in a way that is not read.")
        *sides, channels, filters = kernel.shape
        fields: dict[str, Any] = {
            "kernel_size": tuple(sides),
            "stride": _sides(values.get("strides"), rank),
            "padding": str(values.get("padding", "valid")).lower(),
            "dilation": _sides(values.get("dilation_rate", values.get("dilations", values.get("rate"))), rank),
            "bias": False,
        }
        if is_deep:
            fields["depth_multiplier"] = filters
        else:
            fields |= {"filters": filters, "groups": max(tensor.sizes[-1] // channels, 1)}
        layer = LAYER_TYPES[f"{'Depthwise' if is_deep else ''}Conv{rank}D"](**fields)
        if not kernel.is_learned:
            raise NotFollowed("slides a kernel that is not learned, which is not read.")
        return weights.placed(host, layer, "conv", [tensor], kernel)

    return function


_KERNELS = ("kernel", "filters", "filter", "depthwise_kernel")


def pooling(kind: str) -> Function:
    """`max_pool2d`, `avg_pool`, `pool2d` and their like."""

    def function(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
        values = bound("x size strides padding", given, named)
        tensor = values.get("x", values.get("input", values.get("value", values.get("inputs"))))
        if not isinstance(tensor, KerasTensor):
            return Unknown("a pooling of something")
        rank = len(tensor.sizes) - 1
        size = values.get("size", values.get("ksize", values.get("pool_size")))
        mode = {"max": "Max", "avg": "Average"}.get(values.get("pool_mode", ""), kind)
        config = {"pool_size": _sides(size, rank), "padding": str(values.get("padding", "valid")).lower()}
        config["strides"] = _sides(values["strides"], rank) if values.get("strides") is not None else None
        # The backend of Keras slides by 1 where nothing is said, all others by the window.
        if "pool_mode" in named and config["strides"] is None:
            config["strides"] = 1
        return host.apply(layers.make(f"{mode}Pooling{rank}D", [], config, host), [tensor], {})

    return function


def pooled_with_places(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """`max_pool_with_argmax`: the largest of each window, and their places."""
    values = bound("input ksize strides padding", given, named)
    values = {name: values[name] for name in ("input", "ksize", "strides", "padding") if name in values}
    found = pooling("Max")(host, [], values)
    if not isinstance(found, KerasTensor):
        return found
    return [found, host.placed("places", [found], found.sizes)]


def with_bias(_host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """`bias_add`: a weight added to each channel."""
    values = bound("x bias", given, named)
    tensor, bias = values.get("x", values.get("value")), values.get("bias")
    if not isinstance(tensor, KerasTensor) or not isinstance(bias, Array):
        return Unknown("a sum of something")
    return tensor.arithmetic("+", bias, is_left=True)
