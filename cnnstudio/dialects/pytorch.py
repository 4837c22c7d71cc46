"""PyTorch's dialect: layer types and the modules and functions of `torch.nn`."""

from __future__ import annotations

from cnnstudio.dialects.conversions import (
    APPROXIMATION,
    BATCHED_AXIS,
    NUMBER,
    TORCH_PADDING,
)
from cnnstudio.dialects.dialect import REQUIRED, Argument, Composed, Dialect, Spelling, Unsaid, argument, fact
from cnnstudio.dialects.pytorch_sequences import SEQUENCES

EACH = (1, 2, 3)
_WINDOW = (
    argument("stride", "stride", 1),
    argument("padding", "padding", 0, TORCH_PADDING),
)
_CONVOLUTION = (
    fact("in_channels", "channels"),
    argument("out_channels", "filters"),
    argument("kernel_size", "kernel_size"),
    *_WINDOW,
)
_POOL = (
    argument("kernel_size", "pool_size"),
    argument("stride", "stride", None),
    argument("padding", "padding", 0, TORCH_PADDING),
)


def _norm(affine: bool, track: bool) -> tuple[Argument, ...]:
    return (
        fact("num_features", "channels"),
        argument("eps", "epsilon", 1e-5, NUMBER),
        argument("momentum", "momentum", 0.1, NUMBER),
        argument("affine", "affine", affine),
        argument("track_running_stats", "track_statistics", track),
        argument("bias", "center", True),
    )


def _function(name: str, function: str, *arguments: Argument, aliases: tuple[str, ...] = ()) -> Spelling:
    return Spelling("Activation", name, arguments, implied=(("function", function),), aliases=aliases)


ACTIVATIONS = (
    _function("ReLU", "relu", argument("inplace", "", False), aliases=("relu", "relu_")),
    _function("ReLU6", "relu6", aliases=("relu6",)),
    _function("LeakyReLU", "leaky_relu", argument("negative_slope", "slope", 0.01, NUMBER), aliases=("leaky_relu",)),
    _function("ELU", "elu", argument("alpha", "alpha", 1.0, NUMBER), aliases=("elu",)),
    _function("SELU", "selu", aliases=("selu",)),
    _function("CELU", "celu", argument("alpha", "alpha", 1.0, NUMBER), aliases=("celu",)),
    _function("GELU", "gelu", argument("approximate", "approximate", "none", APPROXIMATION), aliases=("gelu",)),
    _function("SiLU", "silu", aliases=("silu", "Swish")),
    _function("Mish", "mish", aliases=("mish",)),
    _function("Sigmoid", "sigmoid", aliases=("sigmoid",)),
    _function("LogSigmoid", "log_sigmoid", aliases=("logsigmoid",)),
    _function("Hardsigmoid", "hard_sigmoid", aliases=("hardsigmoid",)),
    _function("Tanh", "tanh", aliases=("tanh",)),
    _function("Hardtanh", "hard_tanh", aliases=("hardtanh",)),
    _function("Hardswish", "hard_swish", aliases=("hardswish",)),
    _function("Softmax", "softmax", fact("dim", "softmax_axis", None), aliases=("softmax", "Softmax2d")),
    _function("LogSoftmax", "log_softmax", fact("dim", "softmax_axis", None), aliases=("log_softmax",)),
    _function("Softplus", "softplus", aliases=("softplus",)),
    _function("Softsign", "softsign", aliases=("softsign",)),
    _function("Identity", "linear"),
    # There are no modules for these.
    *[
        Spelling("Activation", name, implied=(("function", function),), is_function=True)
        for name, function in (
            *(("exp", "exponential"), ("log", "log"), ("sqrt", "sqrt")),
            *(("square", "square"), ("abs", "abs")),
        )
    ],
)
_DROP = (argument("p", "rate", 0.5, NUMBER), argument("inplace", "", False))

ROWS = (
    Spelling(
        "Conv{n}D",
        "Conv{n}d",
        (
            *_CONVOLUTION,
            argument("dilation", "dilation", 1),
            argument("groups", "groups", 1),
            argument("bias", "bias", True),
            argument("padding_mode", "padding_mode", "zeros"),
        ),
        EACH,
        aliases=("conv{n}d", "LazyConv{n}d"),
        exact_if="`same` at a stride of 1; otherwise explicit padding is put before it",
    ),
    Spelling(
        "ConvTranspose{n}D",
        # By place, the groups and the bias come before the dilation here, other than in Conv2d.
        "ConvTranspose{n}d",
        (
            *_CONVOLUTION,
            argument("output_padding", "output_padding", 0),
            argument("groups", "groups", 1),
            argument("bias", "bias", True),
            argument("dilation", "dilation", 1),
        ),
        EACH,
        aliases=("conv_transpose{n}d", "LazyConvTranspose{n}d"),
        exact_if="padding is given by numbers; `same` is padded and cropped to size",
    ),
    Spelling(
        "MaxPool{n}D",
        "MaxPool{n}d",
        (
            *_POOL,
            argument("dilation", "dilation", 1),
            fact("return_indices", "indices", False),
            argument("ceil_mode", "ceil_mode", False),
        ),
        EACH,
        aliases=("max_pool{n}d",),
    ),
    Spelling(
        "AvgPool{n}D",
        "AvgPool{n}d",
        (*_POOL, argument("ceil_mode", "ceil_mode", False), argument("count_include_pad", "count_padding", True)),
        EACH,
        aliases=("avg_pool{n}d",),
    ),
    Spelling(
        "AdaptiveAvgPool",
        "AdaptiveAvgPool{n}d",
        (argument("output_size", "output_size"),),
        EACH,
        aliases=("adaptive_avg_pool{n}d",),
    ),
    Spelling(
        "AdaptiveMaxPool",
        "AdaptiveMaxPool{n}d",
        (argument("output_size", "output_size"), fact("return_indices", "indices", False)),
        EACH,
        aliases=("adaptive_max_pool{n}d",),
    ),
    Spelling(
        "Dense",
        "Linear",
        (fact("in_features", "features"), argument("out_features", "units"), argument("bias", "bias", True)),
        aliases=("linear", "LazyLinear"),
    ),
    *SEQUENCES,
    Spelling("BatchNorm", "BatchNorm{n}d", _norm(True, True), EACH, aliases=("LazyBatchNorm{n}d",)),
    # There is no BatchNorm0d: the one for one axis takes vectors too.
    Spelling("BatchNorm", "BatchNorm1d", _norm(True, True), ranks=(0,)),
    # Other than BatchNorm it learns nothing and keeps no statistics, unless it is told to.
    Spelling("InstanceNorm", "InstanceNorm{n}d", _norm(False, False), EACH),
    Spelling(
        "LayerNorm",
        "LayerNorm",
        (
            fact("normalized_shape", "normalized"),
            argument("eps", "epsilon", 1e-5, NUMBER),
            argument("elementwise_affine", "affine", True),
            argument("bias", "center", True),
        ),
        aliases=("layer_norm",),
        exact_if="over the whole map; over channels the axes are exchanged around it",
    ),
    Spelling(
        "GroupNorm",
        "GroupNorm",
        (
            argument("num_groups", "groups"),
            fact("num_channels", "channels"),
            argument("eps", "epsilon", 1e-5, NUMBER),
            argument("affine", "affine", True),
            argument("bias", "center", True),
        ),
        aliases=("group_norm",),
    ),
    Spelling(
        "LocalResponseNorm",
        "LocalResponseNorm",
        (
            argument("size", "size"),
            argument("alpha", "alpha", 1e-4, NUMBER),
            argument("beta", "beta", 0.75, NUMBER),
            argument("k", "k", 1.0, NUMBER),
        ),
        aliases=("local_response_norm", "CrossMapLRN2d"),
    ),
    *ACTIVATIONS,
    Spelling(
        "PReLU",
        "PReLU",
        (fact("num_parameters", "slopes", 1), fact("init", "initial", 0.25)),
        aliases=("prelu",),
        exact_if="one slope a layer or a channel; one an element is a parameter of its own",
    ),
    Spelling(
        "MultiHeadAttention",
        "MultiheadAttention",
        (
            fact("embed_dim", "channels"),
            argument("num_heads", "heads"),
            fact("dropout", "dropout", 0.0),
            argument("bias", "bias", True),
            *(fact("add_bias_kv", "added", False), fact("add_zero_attn", "zeros", False)),
            *(fact("kdim", "key_channels", None), fact("vdim", "value_channels", None)),
            fact("batch_first", "batch_first", False),
        ),
        exact_if="key and value of each head have the channels / heads; otherwise four linear layers say it",
    ),
    Spelling("GLU", "GLU", (argument("dim", "axis", -1, BATCHED_AXIS),), aliases=("glu",)),
    Spelling(
        "LPPool{n}D",
        "LPPool{n}d",
        (
            argument("norm_type", "power"),
            argument("kernel_size", "pool_size"),
            argument("stride", "stride", None),
            argument("ceil_mode", "ceil_mode", False),
        ),
        EACH,
        aliases=("lp_pool{n}d",),
    ),
    Spelling(
        "Unfold",
        "Unfold",
        (
            argument("kernel_size", "kernel_size"),
            argument("dilation", "dilation", 1),
            argument("padding", "padding", 0),
            argument("stride", "stride", 1),
        ),
        aliases=("unfold",),
    ),
    Spelling(
        "Fold",
        "Fold",
        (
            argument("output_size", "size"),
            argument("kernel_size", "kernel_size"),
            argument("dilation", "dilation", 1),
            argument("padding", "padding", 0),
            argument("stride", "stride", 1),
        ),
        aliases=("fold",),
    ),
    Spelling(
        "Stack",
        "stack",
        (fact("tensors", "tensors"), argument("dim", "axis", 0, BATCHED_AXIS)),
        is_function=True,
    ),
    Spelling("DotProductAttention", "scaled_dot_product_attention", is_function=True),
    Spelling("MatMul", "matmul", is_function=True, aliases=("bmm", "mm")),
    Spelling("Add", "add", is_function=True),
    Spelling("Subtract", "sub", is_function=True, aliases=("subtract",)),
    Spelling("Multiply", "mul", is_function=True, aliases=("multiply",)),
    Spelling("Maximum", "maximum", is_function=True),
    Spelling("Minimum", "minimum", is_function=True),
    Spelling(
        "Concat",
        "cat",
        # By default it joins along the batch, so the axis of channels always has to be written.
        (fact("tensors", "tensors"), argument("dim", "axis", 0, BATCHED_AXIS)),
        is_function=True,
        aliases=("concat", "concatenate"),
    ),
    Spelling("Flatten", "Flatten", aliases=("flatten",)),
    Spelling("Reshape", "reshape", is_function=True, aliases=("view", "Unflatten")),
    Spelling("Permute", "permute", is_function=True, aliases=("transpose", "movedim")),
    Spelling(
        "ZeroPad",
        "ZeroPad{n}d",
        (fact("padding", "reversed_pads"),),
        EACH,
        implied=(("padding_mode", "zeros"),),
        aliases=("ConstantPad{n}d",),
    ),
    *[
        Spelling("ZeroPad", f"{name}Pad{{n}}d", (fact("padding", "reversed_pads"),), EACH, (("padding_mode", mode),))
        for name, mode in (("Reflection", "reflect"), ("Replication", "replicate"), ("Circular", "circular"))
    ],
    Spelling(
        "Upsample",
        "Upsample",
        (
            argument("size", "size", None),
            argument("scale_factor", "scale", None),
            argument("mode", "mode", "nearest"),
            argument("align_corners", "align_corners", None),
        ),
        aliases=("interpolate", "upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"),
    ),
    Spelling("PixelShuffle", "PixelShuffle", (argument("upscale_factor", "scale"),), aliases=("pixel_shuffle",)),
    Spelling(
        "PixelUnshuffle", "PixelUnshuffle", (argument("downscale_factor", "scale"),), aliases=("pixel_unshuffle",)
    ),
    Spelling("ChannelShuffle", "ChannelShuffle", (argument("groups", "groups"),), aliases=("channel_shuffle",)),
    Spelling("Dropout", "Dropout", _DROP, aliases=("dropout",)),
    Spelling("SpatialDropout", "Dropout{n}d", _DROP, EACH, aliases=("dropout{n}d",)),
    Spelling(
        "DropPath",
        "StochasticDepth",
        (argument("p", "rate", REQUIRED, NUMBER), fact("mode", "drop_mode", "row")),
        aliases=("DropPath", "stochastic_depth", "drop_path"),
        exact_if="torchvision is there; otherwise a few lines say it",
    ),
    Spelling("Identity", "Identity"),
)

COMPOSED = (
    Composed("DepthwiseConv1D", "Conv1d with as many groups as input channels"),
    Composed("DepthwiseConv2D", "Conv2d with as many groups as input channels"),
    Composed("SeparableConv1D", "a depthwise Conv1d without a bias, then a Conv1d of kernel 1"),
    Composed("SeparableConv2D", "a depthwise Conv2d without a bias, then a Conv2d of kernel 1"),
    Composed("GlobalAvgPool", "AdaptiveAvgPool to 1, then Flatten unless the axes are kept"),
    Composed("GlobalMaxPool", "AdaptiveMaxPool to 1, then Flatten unless the axes are kept"),
    Composed("Subsampling", "an average pool times the window, a learned factor and a learned bias a map"),
    Composed("Scale", "a learned factor a channel, and a learned bias if there is one"),
    Composed("UnitNormalization", "nn.functional.normalize, over the channels or the flattened map"),
    *[Composed(f"ConvLSTM{axes}D", "two convolutions and a loop over the steps") for axes in (1, 2, 3)],
    Composed("RepeatVector", "unsqueeze and expand"),
    Composed("Rescaling", "a multiplication and an addition"),
    Composed("Normalization", "buffers of a mean and a variance a channel"),
    Composed("Average", "the sum divided by the number of branches"),
    Composed("Crop", "indexing of the spatial axes"),
    Composed("Slice", "indexing of one axis"),
    Composed("GlobalResponseNorm", "the lengths of the channels, their mean, and a learned scale and shift"),
    Composed("LocallyConnected1D", "windows as columns, and a product with weights of their own for each"),
    Composed("LocallyConnected2D", "windows as columns, and a product with weights of their own for each"),
    Composed("BlurPool", "reflected padding, and a convolution of each channel by a fixed filter"),
    Composed("Split", "torch.chunk, of which it is the first part"),
    Composed("FurtherOutput", "the part that it takes of what a layer or a block gives"),
    Composed("MaxUnpool", "nn.functional.max_unpool, of places that are given, or found in the map once more"),
    Composed("Reduce", "sum, mean, amax, amin or linalg.vector_norm"),
    Composed("WindowAttention", "linear layers and a softmax within windows of a map that is rolled"),
    Composed("RelativePositionBias", "a learned table, looked up by the distance of two positions"),
    Composed("Parameter", "an nn.Parameter, added, multiplied or joined"),
    Composed("WindowPartition", "unflatten and permute"),
    Composed("WindowMerge", "reshape and permute"),
    Composed("Input", "an argument of forward"),
    Composed("Output", "what forward returns"),
)

UNSAID = (
    Unsaid(
        "Function",
        "it is known by its name alone",
        "Replace it by layers that say what it computes.",
    ),
    Unsaid(
        "Opaque",
        "its function is not known, only its shape and its counts",
        "Replace it by layers that say what it computes.",
    ),
)

OTHER_LAYERS: dict[str, tuple[str, ...]] = {
    "SyncBatchNorm": ("BatchNorm",),
    "FrozenBatchNorm2d": ("BatchNorm",),
    "batch_norm": ("BatchNorm",),
    "instance_norm": ("InstanceNorm",),
    "normalize": ("UnitNormalization",),
    "pad": ("ZeroPad",),
    "chunk": ("Split", "Slice"),
    "split": ("Split", "Slice"),
    "Sequential": ("Block",),
    "ModuleList": ("Block",),
    **{f"MaxUnpool{rank}d": ("MaxUnpool",) for rank in EACH},
    "Parameter": ("Parameter",),
    "ShiftedWindowAttention": ("WindowAttention",),
    "LSTMCell": ("LSTM",),
    "GRUCell": ("GRU",),
    "RNNCell": ("SimpleRNN",),
}

ABSENT = """
    AlphaDropout Bilinear Conv2dNormActivation CosineSimilarity EmbeddingBag FeatureAlphaDropout
    FractionalMaxPool2d FractionalMaxPool3d Hardshrink
    PairwiseDistance RMSNorm RReLU RoIAlign RoIPool
    Softmin Softshrink SqueezeExcitation Tanhshrink Threshold Transformer TransformerDecoder TransformerDecoderLayer
    TransformerEncoder TransformerEncoderLayer DeformConv2d
"""

PYTORCH = Dialect(
    "pytorch",
    "PyTorch",
    "torch 2.0 or later",
    ("torch.nn.functional.", "torch.nn.modules.", "torch.nn.", "torchvision.ops.", "torch.", "nn.", "F."),
    ROWS,
    COMPOSED,
    UNSAID,
    frozenset(["device", "dtype", "inplace", "training"]),
    {dict(row.implied)["function"]: row.name for row in ACTIVATIONS},
    {"swish": "silu", "leaky_relu_": "leaky_relu", "Softmax2d": "softmax"},
    OTHER_LAYERS,
    {"p": "rate", "out_planes": "filters"},
    frozenset(ABSENT.split()),
    {"FrozenBatchNorm2d": (("trainable", False),)},
)
