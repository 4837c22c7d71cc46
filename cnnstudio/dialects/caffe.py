"""Caffe's dialect: layer types and the layers of prototxt files, of the new form and the old."""

from __future__ import annotations

from cnnstudio.dialects.conversions import NUMBER
from cnnstudio.dialects.dialect import Argument, Dialect, Spelling, argument, fact

_CONVOLUTION = (
    argument("num_output", "filters"),
    argument("bias_term", "bias", True),
    argument("pad", "padding", 0),
    argument("kernel_size", "kernel_size"),
    argument("group", "groups", 1),
    argument("stride", "stride", 1),
    argument("dilation", "dilation", 1),
)
_POOL = (
    fact("pool", "pool", "MAX"),
    argument("pad", "padding", 0),
    argument("kernel_size", "pool_size"),
    argument("stride", "stride", 1),
    fact("global_pooling", "global_pooling", False),
    fact("round_mode", "round_mode", "CEIL"),
)

_BY_AXIS = {"kernel": "kernel_size", "pad": "padding", "stride": "stride"}


def _function(name: str, function: str, *arguments: Argument, aliases: tuple[str, ...] = ()) -> Spelling:
    return Spelling("Activation", name, arguments, implied=(("function", function),), aliases=aliases)


ROWS = (
    Spelling("Conv2D", "Convolution", _CONVOLUTION, aliases=("CONVOLUTION",)),
    Spelling("ConvTranspose2D", "Deconvolution", _CONVOLUTION, aliases=("DECONVOLUTION",)),
    Spelling("DepthwiseConv2D", "DepthwiseConvolution", aliases=("ConvolutionDepthwise",)),
    Spelling("MaxPool2D", "Pooling", _POOL, aliases=("POOLING",), exact_if="pool: MAX; sizes are rounded up"),
    Spelling("AvgPool2D", "Pooling", _POOL, exact_if="pool: AVE; sizes are rounded up"),
    Spelling(
        "Dense",
        "InnerProduct",
        (argument("num_output", "units"), argument("bias_term", "bias", True), fact("axis", "axis", 1)),
        aliases=("INNER_PRODUCT",),
    ),
    Spelling(
        "BatchNorm",
        "BatchNorm",
        (argument("eps", "epsilon", 1e-5, NUMBER), fact("moving_average_fraction", "keeps", 0.999)),
        exact_if="its factor and shift are a Scale after it",
    ),
    Spelling("Scale", "Scale", (argument("bias_term", "bias", False), fact("axis", "axis", 1))),
    Spelling(
        "LocalResponseNorm",
        "LRN",
        (
            argument("local_size", "size", 5),
            argument("alpha", "alpha", 1.0, NUMBER),
            argument("beta", "beta", 0.75, NUMBER),
            argument("k", "k", 1.0, NUMBER),
            fact("norm_region", "norm_region", "ACROSS_CHANNELS"),
        ),
    ),
    Spelling("Embedding", "Embed", (argument("input_dim", "vocabulary"), argument("num_output", "width"))),
    Spelling("LSTM", "LSTM", (argument("num_output", "units"),), implied=(("return_sequences", True),)),
    _function("ReLU", "relu", fact("negative_slope", "negative_slope", 0.0), aliases=("RELU",)),
    _function("ELU", "elu", argument("alpha", "alpha", 1.0, NUMBER)),
    _function("Sigmoid", "sigmoid", aliases=("SIGMOID",)),
    _function("TanH", "tanh", aliases=("TANH",)),
    _function("Softmax", "softmax", fact("axis", "axis", 1), aliases=("SOFTMAX", "SoftmaxWithLoss", "SOFTMAX_LOSS")),
    _function("BNLL", "softplus"),
    _function("Exp", "exponential"),
    Spelling("PReLU", "PReLU", (fact("channel_shared", "channel_shared", False),)),
    Spelling("Add", "Eltwise", (fact("operation", "operation", "SUM"),), aliases=("ELTWISE",)),
    Spelling("Concat", "Concat", (fact("axis", "axis", 1, "concat_dim"),), aliases=("CONCAT",)),
    Spelling("Flatten", "Flatten", (fact("axis", "axis", 1),), aliases=("FLATTEN",)),
    Spelling("Reshape", "Reshape", (fact("shape", "shape"),)),
    Spelling(
        "Slice",
        "Slice",
        (fact("axis", "axis", 1, "slice_dim"), fact("slice_point", "slice_point", ())),
        aliases=("SLICE",),
    ),
    Spelling("Crop", "Crop", (fact("axis", "axis", 2), fact("offset", "offset", ()))),
    Spelling("Permute", "Permute", (fact("order", "order", ()),)),
    Spelling("Upsample", "Interp", aliases=("Upsample",)),
    Spelling("ChannelShuffle", "ShuffleChannel", (argument("group", "groups", 1),)),
    Spelling("Dropout", "Dropout", (argument("dropout_ratio", "rate", 0.5, NUMBER),), aliases=("DROPOUT",)),
    Spelling("Rescaling", "Power", (argument("scale", "scale", 1.0, NUMBER), argument("shift", "offset", 0.0, NUMBER))),
    Spelling(
        "Input",
        "Input",
        (fact("shape", "shape"),),
        aliases=("Data", "ImageData", "DATA", "IMAGE_DATA", "HDF5Data", "MemoryData", "DummyData", "WindowData"),
    ),
    Spelling("Identity", "Split", aliases=("SPLIT", "Silence")),
)

ABSENT = """
    Accuracy ArgMax AbsVal BatchReindex Bias Im2col Log MVN PriorBox
    DetectionOutput Proposal PSROIPooling Python Reduction ROIPooling SPP Threshold Tile
"""

CAFFE = Dialect(
    "caffe",
    "Caffe",
    "Caffe 1.0",
    (),
    ROWS,
    harmless=frozenset(["weight_filler", "bias_filler", "engine", "force_nd_im2col", "filler", "lr_mult"]),
    functions={
        "relu": "ReLU",
        "elu": "ELU",
        "sigmoid": "Sigmoid",
        "tanh": "TanH",
        "softmax": "Softmax",
        "softplus": "BNLL",
        "exponential": "Exp",
    },
    other_layers={
        "Eltwise": ("Add", "Multiply", "Maximum"),
        "Normalize": ("UnitNormalization",),
        # It makes its outputs from the state by one more matrix and function, which a SimpleRNN does not.
        "RNN": ("SimpleRNN",),
        "Convolution3D": ("Conv3D",),
        "Deconvolution3D": ("ConvTranspose3D",),
        "Pooling3D": ("MaxPool3D", "AvgPool3D"),
    },
    other_arguments={
        **{f"{name}_{axis}": field for name, field in _BY_AXIS.items() for axis in "hw"},
        "kernel": "kernel_size",
        "pad": "padding",
        "dropout_ratio": "rate",
        "local_size": "size",
    },
    absent=frozenset(ABSENT.split()),
)
