"""The one visible table of Keras: the class of a layer, and what it is in a design."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.keras import activations, plain_layers, reshaping, sequences, windows
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.layers import LAYER_TYPES

Rule = Callable[[Call], Layer]


def _constant(type_name: str) -> Rule:
    return lambda _call: LAYER_TYPES[type_name]()


def _numbered() -> dict[str, Rule]:
    """The classes whose names end in the number of their axes."""
    rules: dict[str, Rule] = {}
    for rank in (1, 2, 3):
        end = f"{rank}D"
        for name in (f"Conv{end}", f"Convolution{end}", f"AtrousConvolution{end}"):
            rules[name] = partial(windows.convolution, rank=rank)
        for name in (f"Conv{end}Transpose", f"Deconvolution{end}", f"Convolution{end}Transpose"):
            rules[name] = partial(windows.transposed, rank=rank)
        for kind, word in (("Max", "Max"), ("Avg", "Average")):
            rules[f"{word}Pooling{end}"] = rules[f"{kind}Pool{end}"] = partial(windows.pooling, rank=rank, kind=kind)
            for name in (f"Global{word}Pooling{end}", f"Global{kind}Pool{end}"):
                rules[name] = partial(windows.global_pooling, kind=kind)
            rules[f"Adaptive{word}Pooling{end}"] = partial(windows.adaptive_pooling, kind=kind)
        rules[f"ZeroPadding{end}"] = partial(reshaping.zero_pad, rank=rank)
        rules[f"Cropping{end}"] = partial(reshaping.crop, rank=rank)
        rules[f"UpSampling{end}"] = partial(reshaping.upsample, rank=rank)
        rules[f"SpatialDropout{end}"] = plain_layers.spatial_dropout
        if rank < 3:
            rules[f"LocallyConnected{end}"] = partial(windows.local, rank=rank)
            rules[f"DepthwiseConv{end}"] = partial(windows.depthwise, rank=rank)
            for name in (f"SeparableConv{end}", f"SeparableConvolution{end}"):
                rules[name] = partial(windows.separable, rank=rank)
    return rules


LAYERS: dict[str, Rule] = {
    **_numbered(),
    "Dense": plain_layers.dense,
    "BatchNormalization": plain_layers.batch_norm,
    "SyncBatchNormalization": plain_layers.batch_norm,
    "LayerNormalization": plain_layers.layer_norm,
    "RMSNormalization": plain_layers.rms_norm,
    "GroupNormalization": plain_layers.group_norm,
    "InstanceNormalization": plain_layers.instance_norm,
    "Normalization": plain_layers.normalization,
    "UnitNormalization": plain_layers.unit_norm,
    "Rescaling": plain_layers.rescaling,
    "LayerScale": plain_layers.layer_scale,
    "Activation": activations.activation,
    "ReLU": activations.relu,
    "LeakyReLU": plain_layers.leaky_relu,
    "ELU": plain_layers.elu,
    "PReLU": plain_layers.prelu,
    "Softmax": activations.softmax,
    "ThresholdedReLU": plain_layers.noise,
    "Add": _constant("Add"),
    "Subtract": _constant("Subtract"),
    "Multiply": _constant("Multiply"),
    "Average": _constant("Average"),
    "Maximum": _constant("Maximum"),
    "Minimum": _constant("Minimum"),
    "Concatenate": reshaping.concatenate,
    "Merge": plain_layers.old_merge,
    "Flatten": _constant("Flatten"),
    "Reshape": reshaping.reshape,
    "Permute": reshaping.permute,
    "RepeatVector": reshaping.repeat_vector,
    "Resizing": reshaping.resize,
    "CenterCrop": reshaping.center_crop,
    "RandomCrop": reshaping.center_crop,
    "Dropout": plain_layers.dropout,
    "AlphaDropout": plain_layers.dropout,
    "StochasticDepth": plain_layers.stochastic_depth,
    "GaussianDropout": plain_layers.noise,
    "GaussianNoise": plain_layers.noise,
    "ActivityRegularization": _constant("Identity"),
    "Identity": _constant("Identity"),
    "Masking": _constant("Identity"),
    "LSTM": sequences.recurrent,
    "GRU": sequences.recurrent,
    "SimpleRNN": sequences.recurrent,
    "CuDNNLSTM": sequences.recurrent,
    "CuDNNGRU": sequences.recurrent,
    "Bidirectional": sequences.bidirectional,
    **dict.fromkeys(sequences.CONV_LSTMS, sequences.conv_lstm),
    "Embedding": sequences.embedding,
    "MultiHeadAttention": sequences.attention,
    "Dot": sequences.dot,
    "Attention": sequences.dot_attention,
    "AdditiveAttention": sequences.dot_attention,
    **{
        f"Random{name}": _constant("Identity")
        for name in (
            *("Flip", "Rotation", "Zoom", "Translation", "Contrast", "Brightness", "Height", "Width"),
            *("ColorJitter", "ColorDegeneration", "Hue", "Saturation", "Sharpness", "Grayscale", "Shear"),
            *("Posterization", "Invert", "GaussianBlur", "Erasing", "Perspective", "ElasticTransform"),
        )
    },
    **{name: _constant("Identity") for name in ("AutoContrast", "Solarization", "Equalization", "AugMix", "MixUp")},
}
"""For each class of Keras the rule that gives its layer; the others are refused by name."""
