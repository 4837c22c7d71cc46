"""Keras' dialect: layer types and the classes of `keras.layers`, of Keras 3 first, with the names of Keras 1 and 2."""

from __future__ import annotations

from typing import Any

from cnnstudio.dialects.conversions import COMPLEMENT, LAST_AXIS, NUMBER, PAIRS, PLAIN, choices
from cnnstudio.dialects.dialect import REQUIRED, Argument, Composed, Dialect, Spelling, Unsaid, argument, fact

EACH = (1, 2, 3)
PLANAR = (1, 2)
FORMAT = fact("data_format", "data_format", None, "dim_ordering")
STRIDES = argument("strides", "stride", 1, PLAIN, "subsample", "subsample_length", "stride")
PADDING = argument("padding", "padding", "valid", PLAIN, "border_mode")
DILATION = argument("dilation_rate", "dilation", 1, PLAIN, "atrous_rate")
ACTIVATION = argument("activation", "activation", None)
BIAS = argument("use_bias", "bias", True, PLAIN, "bias")
FILTERS = argument("filters", "filters", REQUIRED, PLAIN, "nb_filter")
KERNEL = argument("kernel_size", "kernel_size", REQUIRED, PLAIN, "filter_length")


def _epsilon(default: float) -> Argument:
    return argument("epsilon", "epsilon", default, NUMBER)


def _pool(letters: str) -> tuple[str, ...]:
    return (f"{letters}Pool{{n}}D", f"{letters}Pooling{{n}}d")


def _merge(name: str) -> Spelling:
    return Spelling(name, name, aliases=(name.lower(),))


def _function(name: str, function: str, *arguments: Argument) -> Spelling:
    return Spelling("Activation", name, arguments, implied=(("function", function),))


_POOL = (
    argument("pool_size", "pool_size", 2, PLAIN, "pool_length"),
    argument("strides", "stride", None, PLAIN, "stride"),
    PADDING,
    FORMAT,
)
_DEPTHWISE = (argument("depth_multiplier", "depth_multiplier", 1), FORMAT, DILATION, ACTIVATION, BIAS)
_KEEPS = argument("keepdims", "keepdims", False)
_RATE: tuple[Any, ...] = (argument("rate", "rate", REQUIRED, NUMBER, "p"),)
_OF_STATE = choices(hard_swish="hard_silu")
_RECURRENT = (
    argument("units", "units", REQUIRED, PLAIN, "output_dim"),
    argument("activation", "function", "tanh", _OF_STATE),
)
_GATED = (*_RECURRENT, argument("recurrent_activation", "gate_function", "sigmoid", _OF_STATE, "inner_activation"))
_RECURRENT_END = (
    BIAS,
    fact("dropout", "dropout", 0.0, "dropout_W"),
    fact("recurrent_dropout", "recurrent_dropout", 0.0, "dropout_U"),
    argument("return_sequences", "return_sequences", False),
    fact("return_state", "return_state", False),
    fact("go_backwards", "go_backwards", False),
    fact("stateful", "stateful", False),
    fact("unroll", "unroll", False),
)
_CONV_LSTM = (
    *(FILTERS, KERNEL, STRIDES, PADDING, FORMAT, DILATION),
    *(*_GATED[1:], *_RECURRENT_END),
)
_BOTH = "both directions are a around it, and merge its merge_mode"
_AFFINE = (argument("center", "center", True), argument("scale", "scale", True))

ROWS = (
    Spelling(
        "Conv{n}D",
        "Conv{n}D",
        (
            *(FILTERS, KERNEL, STRIDES, PADDING, FORMAT, DILATION),
            argument("groups", "groups", 1),
            *(ACTIVATION, BIAS),
        ),
        EACH,
        aliases=("Convolution{n}D", "AtrousConvolution{n}D", "AtrousConv{n}D"),
        exact_if="padding is `valid` or `same`; other padding is a ZeroPadding before it",
    ),
    Spelling(
        "DepthwiseConv{n}D",
        "DepthwiseConv{n}D",
        (KERNEL, STRIDES, PADDING, *_DEPTHWISE),
        PLANAR,
        aliases=("DepthwiseConvolution{n}D",),
    ),
    Spelling(
        "SeparableConv{n}D",
        "SeparableConv{n}D",
        (
            *(FILTERS, KERNEL, STRIDES, PADDING, FORMAT, DILATION),
            argument("depth_multiplier", "depth_multiplier", 1),
            *(ACTIVATION, BIAS),
        ),
        PLANAR,
        aliases=("SeparableConvolution{n}D",),
    ),
    Spelling(
        "ConvTranspose{n}D",
        "Conv{n}DTranspose",
        (
            *(FILTERS, KERNEL, STRIDES, PADDING),
            argument("output_padding", "output_padding", None),
            *(FORMAT, DILATION, ACTIVATION, BIAS),
        ),
        EACH,
        aliases=("Convolution{n}DTranspose", "Deconvolution{n}D", "Deconv{n}D"),
        exact_if="there are no groups, and not both a stride and a dilation",
    ),
    Spelling("MaxPool{n}D", "MaxPooling{n}D", _POOL, EACH, aliases=_pool("Max")),
    Spelling("AvgPool{n}D", "AveragePooling{n}D", _POOL, EACH, aliases=("AvgPool{n}D", "AvgPooling{n}D")),
    Spelling("GlobalAvgPool", "GlobalAveragePooling{n}D", (FORMAT, _KEEPS), EACH, aliases=("GlobalAvgPool{n}D",)),
    Spelling("GlobalMaxPool", "GlobalMaxPooling{n}D", (FORMAT, _KEEPS), EACH, aliases=("GlobalMaxPool{n}D",)),
    Spelling("AdaptiveAvgPool", "AdaptiveAveragePooling{n}D", (argument("output_size", "output_size"), FORMAT), EACH),
    Spelling("AdaptiveMaxPool", "AdaptiveMaxPooling{n}D", (argument("output_size", "output_size"), FORMAT), EACH),
    Spelling(
        "Dense",
        "Dense",
        (argument("units", "units", REQUIRED, PLAIN, "output_dim"), ACTIVATION, BIAS),
        exact_if="it acts on channels, or on a vector; a map is flattened before it",
    ),
    Spelling("Embedding", "Embedding", (argument("input_dim", "vocabulary"), argument("output_dim", "width"))),
    Spelling("LSTM", "LSTM", (*_GATED, *_RECURRENT_END), aliases=("CuDNNLSTM",), exact_if=_BOTH),
    Spelling(
        "GRU",
        "GRU",
        (*_GATED, *_RECURRENT_END, argument("reset_after", "reset_after", True)),
        aliases=("CuDNNGRU",),
        exact_if=_BOTH,
    ),
    *[Spelling(f"ConvLSTM{axes}D", f"ConvLSTM{axes}D", _CONV_LSTM) for axes in (1, 2, 3)],
    Spelling("SimpleRNN", "SimpleRNN", (*_RECURRENT, *_RECURRENT_END), exact_if=_BOTH),
    Spelling(
        "BatchNorm",
        "BatchNormalization",
        (
            fact("axis", "axis", -1, "mode"),
            # Both defaults differ from PyTorch's, which in these terms are 0.9 and an epsilon of 1e-5.
            argument("momentum", "momentum", 0.99, COMPLEMENT),
            *(_epsilon(1e-3), *_AFFINE),
        ),
        implied=(("track_statistics", True),),
        aliases=("BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization"),
    ),
    Spelling(
        "LayerNorm",
        "LayerNormalization",
        (fact("axis", "axis", -1), _epsilon(1e-3), *_AFFINE),
    ),
    Spelling(
        "GroupNorm",
        "GroupNormalization",
        (argument("groups", "groups", 32), fact("axis", "axis", -1), _epsilon(1e-3), *_AFFINE),
    ),
    Spelling("UnitNormalization", "UnitNormalization", (fact("axis", "axis", -1),)),
    Spelling("Rescaling", "Rescaling", (argument("scale", "scale"), argument("offset", "offset", 0.0, NUMBER))),
    Spelling(
        "Normalization",
        "Normalization",
        (fact("axis", "axis", -1), fact("mean", "mean", None), fact("variance", "variance", None)),
    ),
    _function("ReLU", "relu", fact("max_value", "max_value", None), fact("negative_slope", "negative_slope", 0.0)),
    # 0.3 by default, where PyTorch and ONNX have 0.01.
    _function("LeakyReLU", "leaky_relu", argument("negative_slope", "slope", 0.3, NUMBER, "alpha")),
    _function("ELU", "elu", argument("alpha", "alpha", 1.0, NUMBER)),
    _function("Softmax", "softmax", argument("axis", "axis", -1, LAST_AXIS)),
    Spelling("Activation", "Activation", (argument("activation", "function"),)),
    Spelling("PReLU", "PReLU", (fact("shared_axes", "shared_axes", None),)),
    Spelling(
        "MultiHeadAttention",
        "MultiHeadAttention",
        (
            argument("num_heads", "heads"),
            argument("key_dim", "key_size"),
            argument("value_dim", "value_size", None),
            fact("dropout", "dropout", 0.0),
            argument("use_bias", "bias", True),
            argument("output_shape", "units", None),
            fact("attention_axes", "attention_axes", None),
        ),
        exact_if="query, key and value have as many axes",
    ),
    *map(_merge, ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")),
    Spelling(
        "Concat", "Concatenate", (argument("axis", "axis", -1, LAST_AXIS, "concat_axis"),), aliases=("concatenate",)
    ),
    Spelling("Flatten", "Flatten", (FORMAT,)),
    Spelling(
        "Reshape",
        "Reshape",
        (fact("target_shape", "target_shape"),),
        exact_if="channels stay as they are or a vector is made; otherwise the axes are exchanged around it",
    ),
    Spelling("RepeatVector", "RepeatVector", (argument("n", "times"),)),
    Spelling("Permute", "Permute", (fact("dims", "dims"),)),
    Spelling(
        "ZeroPad",
        "ZeroPadding{n}D",
        (argument("padding", "padding", 1, PAIRS), FORMAT),
        EACH,
        implied=(("padding_mode", "zeros"),),
        exact_if="it adds zeros; other modes are a few lines",
    ),
    Spelling("Crop", "Cropping{n}D", (argument("cropping", "cropping", 1, PAIRS), FORMAT), EACH),
    Spelling(
        "Upsample",
        "UpSampling{n}D",
        (
            argument("size", "scale", 2, PLAIN, "length"),
            FORMAT,
            argument("interpolation", "mode", "nearest"),
        ),
        EACH,
        implied=(("size", None), ("align_corners", False)),
        exact_if="the factors are whole, and between elements it repeats, or interpolates bilinearly",
    ),
    Spelling("Dropout", "Dropout", _RATE),
    Spelling("SpatialDropout", "SpatialDropout{n}D", _RATE, EACH),
    Spelling("Identity", "Identity"),
    Spelling(
        "Input",
        "Input",
        (fact("shape", "shape", None, "batch_shape", "batch_input_shape", "input_shape"),),
        aliases=("InputLayer",),
    ),
)

COMPOSED = (
    Composed("InstanceNorm", "GroupNormalization with as many groups as channels"),
    Composed("LocalResponseNorm", "the mean of the squares of the neighbouring channels, by keras.ops"),
    Composed("Scale", "a learned factor a channel, and a learned bias if there is one"),
    Composed("Subsampling", "an average pool times the window, a learned factor and a learned bias a map"),
    Composed("PixelShuffle", "reshaping and exchanging axes, in PyTorch's order of channels"),
    Composed("PixelUnshuffle", "reshaping and exchanging axes, in PyTorch's order of channels"),
    Composed("ChannelShuffle", "reshaping and exchanging axes"),
    Composed("Slice", "indexing of one axis"),
    Composed("DropPath", "Dropout with one decision for each example"),
    Composed("GLU", "keras.ops.glu"),
    Composed("Reduce", "keras.ops.sum, mean, max, min or norm"),
    Composed("Stack", "keras.ops.stack"),
    Composed("GlobalResponseNorm", "a layer of its own: the lengths of the channels, their mean, a scale and a shift"),
    Composed("LocallyConnected1D", "a layer of its own, as Keras 2 had it"),
    Composed("LocallyConnected2D", "a layer of its own, as Keras 2 had it"),
    Composed("LPPool1D", "powers, and an average pool"),
    Composed("LPPool2D", "powers, and an average pool"),
    Composed("LPPool3D", "powers, and an average pool"),
    Composed("BlurPool", "reflected padding, and a sum of shifted maps"),
    Composed("Split", "ops.split, of which it is the first part"),
    Composed("FurtherOutput", "the part that it takes of what a layer or a block gives"),
    Composed("MaxUnpool", "the place of each window's maximum in a map, where windows do not overlap"),
    Composed("Unfold", "shifted maps beside each other"),
    Composed("Fold", "columns spread out, shifted and added"),
    Composed("DotProductAttention", "keras.ops.dot_product_attention"),
    Composed("WindowAttention", "a layer of its own: two products within windows of a map that is rolled"),
    Composed("RelativePositionBias", "a learned table, looked up by the distance of two positions"),
    Composed("MatMul", "keras.ops.einsum"),
    Composed("Parameter", "a layer of its own with one weight, added, multiplied or joined"),
    Composed("WindowPartition", "reshaping and exchanging axes"),
    Composed("WindowMerge", "reshaping and exchanging axes"),
    Composed("Output", "an output of the model"),
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

FUNCTIONS = {
    name: name
    for name in (
        *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "sigmoid", "log_sigmoid"),
        *("hard_sigmoid", "tanh", "hard_tanh", "softmax", "log_softmax", "softplus", "softsign", "exponential"),
        *("log", "sqrt", "square", "abs"),
        "linear",
    )
} | {"hard_swish": "hard_silu"}

OLDER_FUNCTIONS = {"swish": "silu", "hard_swish": "hard_swish", "log_softmax_v2": "log_softmax"}
"""Other names of activation functions, and ours."""

OTHER_LAYERS: dict[str, tuple[str, ...]] = {
    "Merge": ("Add", "Concat", "Multiply", "Average", "Maximum"),
    "Resizing": ("Upsample",),
    "CenterCrop": ("Crop",),
    "LayerScale": ("Scale",),
    "LocallyConnected1D": ("LocallyConnected1D",),
    "LocallyConnected2D": ("LocallyConnected2D",),
    "Attention": ("DotProductAttention",),
    "matmul": ("MatMul",),
    "Sequential": ("Block",),
    "Functional": ("Block",),
    "TimeDistributed": ("Block",),
    "Bidirectional": ("LSTM", "GRU", "SimpleRNN"),
    "LSTMCell": ("LSTM",),
    "GRUCell": ("GRU",),
    "SimpleRNNCell": ("SimpleRNN",),
}

OTHER_ARGUMENTS = {
    "nb_row": "kernel_size",
    "nb_col": "kernel_size",
    "border_mode": "padding",
    "subsample": "stride",
    "strides": "stride",
    "pool_length": "pool_size",
    "nb_filter": "filters",
    "output_dim": "units",
    "p": "rate",
}

ABSENT = """
    ActivityRegularization CReLU AdditiveAttention AlphaDropout AutoContrast CategoryEncoding
    Discretization Dot EinsumDense GaussianDropout
    GaussianNoise GroupQueryAttention HashedCrossing Hashing Highway IntegerLookup Lambda
    Masking MaxoutDense MelSpectrogram
    ParametricSoftplus RMSNormalization RNN RandomBrightness RandomContrast RandomCrop RandomFlip RandomRotation
    RandomTranslation RandomZoom SReLU SpectralNormalization StackedRNNCells StringLookup
    TextVectorization ThresholdedReLU TimeDistributedDense
"""

HARMLESS = frozenset(
    [
        *(
            f"{weights}_{rule}"
            for weights in (
                "kernel",
                "bias",
                "beta",
                "gamma",
                "depthwise",
                "pointwise",
                "alpha",
                "moving_mean",
                "moving_variance",
                "activity",
                "W",
                "b",
            )
            for rule in ("initializer", "regularizer", "constraint")
        ),
        *("name", "dtype", "trainable", "seed", "init", "weights", "renorm", "virtual_batch_size", "fused"),
        *("batch_shape", "batch_input_shape", "sparse", "ragged", "synchronized", "lora_rank", "quantization_config"),
    ]
)

KERAS = Dialect(
    "keras",
    "Keras",
    "Keras 3",
    (
        *("tensorflow.keras.layers.", "tf.keras.layers.", "tf_keras.layers.", "keras.layers.convolutional."),
        *("keras.layers.core.", "keras.layers.", "keras.activations.", "layers."),
    ),
    ROWS,
    COMPOSED,
    UNSAID,
    HARMLESS,
    FUNCTIONS,
    OLDER_FUNCTIONS | {"leakyrelu": "leaky_relu"},
    OTHER_LAYERS,
    OTHER_ARGUMENTS,
    frozenset(ABSENT.split()),
    {"Bidirectional": (("direction", "both"),), "TimeDistributed": (("time_distributed", True),)},
)
