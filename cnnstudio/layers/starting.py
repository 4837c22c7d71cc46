"""The first values of a layer from the palette: values one would often keep, in one table."""

from __future__ import annotations

from typing import Any

import msgspec

from cnnstudio.core.network.layer import Layer
from cnnstudio.layers import LAYER_TYPES

Values = dict[str, Any]

_SAME_3: Values = {"kernel_size": 3, "padding": "same"}
_CONVOLUTION: Values = {"filters": 64, **_SAME_3}
_DOUBLING: Values = {"filters": 64, "kernel_size": 2, "stride": 2}
_HALVING: Values = {"pool_size": 2}

STARTING_VALUES: dict[str, Values] = {
    "Conv2D": _CONVOLUTION,
    "DepthwiseConv2D": _SAME_3,
    "SeparableConv2D": _CONVOLUTION,
    "ConvTranspose2D": _DOUBLING,
    "Conv1D": _CONVOLUTION,
    "DepthwiseConv1D": _SAME_3,
    "SeparableConv1D": _CONVOLUTION,
    "ConvTranspose1D": _DOUBLING,
    "Conv3D": _CONVOLUTION,
    "ConvTranspose3D": _DOUBLING,
    "MaxPool2D": _HALVING,
    "AvgPool2D": _HALVING,
    "GlobalAvgPool": {},
    "GlobalMaxPool": {},
    "AdaptiveAvgPool": {"output_size": 1},
    "AdaptiveMaxPool": {"output_size": 1},
    "MaxPool1D": _HALVING,
    "AvgPool1D": _HALVING,
    "MaxPool3D": _HALVING,
    "AvgPool3D": _HALVING,
    "Subsampling": {},
    "Dense": {"units": 128},
    "BatchNorm": {},
    "LayerNorm": {},
    "GroupNorm": {},
    "InstanceNorm": {},
    "LocalResponseNorm": {},
    "Scale": {},
    "Rescaling": {"scale": 1 / 255},
    "Normalization": {},
    "Activation": {"function": "relu"},
    "PReLU": {},
    "Add": {},
    "Concat": {},
    "Multiply": {},
    "Subtract": {},
    "Average": {},
    "Maximum": {},
    "Minimum": {},
    "Flatten": {},
    "Reshape": {"channels": -1},
    "Permute": {"dims": [1, 2, 0]},
    "ZeroPad": {},
    "Crop": {},
    "Upsample": {"scale": 2},
    "PixelShuffle": {},
    "PixelUnshuffle": {},
    "ChannelShuffle": {},
    "Slice": {},
    "Dropout": {},
    "SpatialDropout": {},
    "DropPath": {"rate": 0.1},
    "Input": {"size": [224, 224], "channels": 3},
    "Output": {},
    "Identity": {},
    "Opaque": {"channels": 64, "parameters": 0},
}
"""For each layer type the fields that a new one is given; all others keep their defaults."""


def starting_layer(type_name: str) -> Layer:
    """A new layer of this type, without a name; KeyError if there is no such type."""
    return msgspec.convert(STARTING_VALUES[type_name], LAYER_TYPES[type_name])
