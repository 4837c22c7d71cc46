"""The layer types, in the order of the palette. A new type is a class in a module here and its name in this list."""

from __future__ import annotations

from cnnstudio.core.network.design import FurtherOutput
from cnnstudio.core.network.layer import WINDOW_RANK, Layer
from cnnstudio.layers.activation import Activation, PReLU
from cnnstudio.layers.attention.heads import DotProductAttention, MultiHeadAttention
from cnnstudio.layers.attention.products import MatMul
from cnnstudio.layers.attention.windows import RelativePositionBias, WindowAttention
from cnnstudio.layers.convolution import (
    Conv1D,
    Conv2D,
    Conv3D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add, Average, Concat, Maximum, Minimum, Multiply, Subtract
from cnnstudio.layers.normalization import (
    BatchNorm,
    GlobalResponseNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    Normalization,
    Rescaling,
    Scale,
    UnitNormalization,
)
from cnnstudio.layers.patches.local import LocallyConnected1D, LocallyConnected2D
from cnnstudio.layers.patches.pools import BlurPool, LPPool1D, LPPool2D, LPPool3D, MaxUnpool
from cnnstudio.layers.patches.unfolding import Fold, Unfold
from cnnstudio.layers.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    Subsampling,
)
from cnnstudio.layers.regularization import Dropout, DropPath, SpatialDropout
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
from cnnstudio.layers.sequences.convolutional import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.sequences.recurrent import GRU, LSTM, SimpleRNN
from cnnstudio.layers.shuffling import ChannelShuffle, PixelShuffle, PixelUnshuffle, Split
from cnnstudio.layers.structure import Identity, Input, Opaque, Output
from cnnstudio.layers.tensors.functions import GLU, Function
from cnnstudio.layers.tensors.learned import Parameter
from cnnstudio.layers.tensors.partition import WindowMerge, WindowPartition
from cnnstudio.layers.tensors.reductions import Reduce, Stack
from cnnstudio.layers.transposed import ConvTranspose1D, ConvTranspose2D, ConvTranspose3D

PALETTE: tuple[type[Layer], ...] = (
    *(Conv2D, DepthwiseConv2D, SeparableConv2D, ConvTranspose2D),
    *(Conv1D, DepthwiseConv1D, SeparableConv1D, ConvTranspose1D, Conv3D, ConvTranspose3D),
    *(LocallyConnected2D, LocallyConnected1D),
    *(MaxPool2D, AvgPool2D, GlobalAvgPool, GlobalMaxPool, AdaptiveAvgPool, AdaptiveMaxPool),
    *(MaxPool1D, AvgPool1D, MaxPool3D, AvgPool3D, Subsampling),
    *(BlurPool, LPPool2D, LPPool1D, LPPool3D, MaxUnpool, Reduce),
    *(Dense, Embedding),
    *(LSTM, GRU, SimpleRNN, ConvLSTM2D, ConvLSTM1D, ConvLSTM3D),
    *(MultiHeadAttention, DotProductAttention, WindowAttention, RelativePositionBias, MatMul),
    *(BatchNorm, LayerNorm, GroupNorm, InstanceNorm, LocalResponseNorm, GlobalResponseNorm, UnitNormalization),
    *(Scale, Rescaling, Normalization),
    *(Activation, PReLU, GLU),
    *(Add, Concat, Multiply, Subtract, Average, Maximum, Minimum, Stack),
    *(Flatten, Reshape, RepeatVector, Permute, ZeroPad, Crop),
    *(Upsample, PixelShuffle, PixelUnshuffle, ChannelShuffle, Slice, Split),
    *(WindowPartition, WindowMerge, Unfold, Fold),
    *(Dropout, SpatialDropout, DropPath),
    *(Input, Output, Identity, FurtherOutput, Parameter, Function, Opaque),
)
"""Every layer type, families together, the most used first."""

LAYER_TYPES: dict[str, type[Layer]] = {layer_type.__name__: layer_type for layer_type in PALETTE}
"""Layer types by the name that a design file gives them."""


def form_for(type_name: str, rank: int) -> str:
    """The type of the same kind for maps with so many spatial axes, where there is one: Conv1D for Conv2D.

    The steps of a convolutional LSTM are such an axis.
    """
    forms = [f"{type_name[:-2]}{axes}D" for axes in range(1, WINDOW_RANK + 1)] if type_name.endswith("D") else []
    fitting = [form for form in forms if form in LAYER_TYPES and getattr(LAYER_TYPES[form], "rank", None) == rank]
    return next(iter(fitting), type_name)
