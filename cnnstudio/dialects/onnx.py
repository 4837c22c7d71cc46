"""ONNX's dialect: layer types and the operators of the default domain, as of opset 21."""

from __future__ import annotations

from cnnstudio.dialects.conversions import (
    APPROXIMATION,
    BATCHED_AXIS,
    COMPLEMENT,
    EACH_AXIS,
    NUMBER,
    ONNX_PADS,
    Conversion,
    choices,
)
from cnnstudio.dialects.dialect import Argument, Composed, Dialect, Spelling, Unsaid, argument, fact

OPSET = 21
"""The version of the operators that is written: the first with GroupNormalization a channel."""
EACH = (1, 2, 3)
INTEGER = Conversion(lambda value, _rank: int(value), lambda value, _rank: bool(value))
"""0 or 1 for a switch."""
_WINDOW = (
    argument("strides", "stride", None, EACH_AXIS),
    argument("pads", "padding", None, ONNX_PADS),
    fact("auto_pad", "auto_pad", "NOTSET"),
)
_DILATIONS = argument("dilations", "dilation", None, EACH_AXIS)
_GROUP = argument("group", "groups", 1)
_KERNEL = fact("kernel_shape", "kernel", None)


def _function(name: str, function: str, *arguments: Argument) -> Spelling:
    return Spelling("Activation", name, arguments, implied=(("function", function),))


def _merge(layer: str, name: str) -> Spelling:
    return Spelling(layer, name)


ACTIVATIONS = (
    _function("Relu", "relu"),
    _function("LeakyRelu", "leaky_relu", argument("alpha", "slope", 0.01, NUMBER)),
    _function("Elu", "elu", argument("alpha", "alpha", 1.0, NUMBER)),
    _function("Selu", "selu"),
    _function("Celu", "celu", argument("alpha", "alpha", 1.0, NUMBER)),
    _function("Gelu", "gelu", argument("approximate", "approximate", "none", APPROXIMATION)),
    _function("Mish", "mish"),
    _function("Sigmoid", "sigmoid"),
    # 0.2 is ONNX's own slope; that of PyTorch is 1/6, so it has to be written and looked at.
    _function("HardSigmoid", "hard_sigmoid", fact("alpha", "hard_slope", 0.2), fact("beta", "hard_shift", 0.5)),
    _function("Tanh", "tanh"),
    _function("HardSwish", "hard_swish"),
    # The last axis only since opset 13: before, it was 1, and all axes from there on were taken as one.
    _function("Softmax", "softmax", fact("axis", "axis", -1)),
    _function("LogSoftmax", "log_softmax", fact("axis", "axis", -1)),
    _function("Softplus", "softplus"),
    _function("Softsign", "softsign"),
    _function("Exp", "exponential"),
    _function("Log", "log"),
    _function("Sqrt", "sqrt"),
    _function("Abs", "abs"),
    _function("Identity", "linear"),
)

_RECURRENT = (
    argument("hidden_size", "units"),
    argument("direction", "direction", "forward", choices(backward="reverse", both="bidirectional")),
    fact("activations", "functions", ()),
    fact("layout", "layout", 0),
)
RECURRENT_FUNCTIONS = {
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "relu": "Relu",
    "softsign": "Softsign",
    "softplus": "Softplus",
}
"""Functions of the state and of the gates that take no constants."""
_STEPS_FIRST = "the steps are the first axis, and the directions are joined after it"

ROWS = (
    Spelling(
        "Conv{n}D",
        "Conv",
        (_KERNEL, *_WINDOW, _DILATIONS, _GROUP),
        exact_if="weights are N × C / G × K; the rank is that of the kernel",
        ranks=EACH,
    ),
    Spelling(
        "ConvTranspose{n}D",
        "ConvTranspose",
        (
            _KERNEL,
            *_WINDOW,
            _DILATIONS,
            _GROUP,
            argument("output_padding", "output_padding", None, EACH_AXIS),
            fact("output_shape", "output_shape", None),
        ),
        exact_if="weights are C × N / G × K",
        ranks=EACH,
    ),
    Spelling(
        "MaxPool{n}D",
        "MaxPool",
        (
            argument("kernel_shape", "pool_size", None, EACH_AXIS),
            *_WINDOW,
            _DILATIONS,
            argument("ceil_mode", "ceil_mode", 0, INTEGER),
            fact("storage_order", "storage_order", 0),
        ),
        ranks=EACH,
    ),
    Spelling(
        "AvgPool{n}D",
        "AveragePool",
        (
            argument("kernel_shape", "pool_size", None, EACH_AXIS),
            *_WINDOW,
            argument("ceil_mode", "ceil_mode", 0, INTEGER),
            # 0 here and True in PyTorch: padding counts there unless it is told otherwise.
            argument("count_include_pad", "count_padding", 0, INTEGER),
        ),
        ranks=EACH,
    ),
    # Its output has all the axes of its input, each of size 1.
    Spelling("GlobalAvgPool", "GlobalAveragePool", implied=(("keepdims", True),)),
    Spelling("GlobalMaxPool", "GlobalMaxPool", implied=(("keepdims", True),)),
    Spelling(
        "Dense",
        "Gemm",
        (
            fact("alpha", "alpha", 1.0),
            fact("beta", "beta", 1.0),
            fact("transA", "transA", 0),
            fact("transB", "transB", 0),
        ),
        exact_if="a map is flattened before it; on channels it is a Conv with a kernel of 1",
    ),
    Spelling("LSTM", "LSTM", _RECURRENT, exact_if=f"it has no projection; {_STEPS_FIRST}"),
    Spelling(
        "GRU",
        "GRU",
        (*_RECURRENT, argument("linear_before_reset", "reset_after", 0, INTEGER)),
        exact_if=_STEPS_FIRST,
    ),
    Spelling("SimpleRNN", "RNN", _RECURRENT, exact_if=_STEPS_FIRST),
    Spelling(
        "BatchNorm",
        "BatchNormalization",
        (
            argument("epsilon", "epsilon", 1e-5, NUMBER),
            argument("momentum", "momentum", 0.9, COMPLEMENT),
            fact("training_mode", "training_mode", 0),
        ),
        implied=(("track_statistics", True),),
    ),
    Spelling(
        "InstanceNorm",
        "InstanceNormalization",
        (argument("epsilon", "epsilon", 1e-5, NUMBER),),
        implied=(("track_statistics", False),),
    ),
    Spelling(
        "LayerNorm",
        "LayerNormalization",
        (fact("axis", "axis", -1), argument("epsilon", "epsilon", 1e-5, NUMBER), fact("stash_type", "stash_type", 1)),
        exact_if="over the whole map; over channels a Transpose stands before and after it",
    ),
    Spelling(
        "GroupNorm",
        "GroupNormalization",
        (argument("num_groups", "groups"), argument("epsilon", "epsilon", 1e-5, NUMBER)),
    ),
    Spelling(
        "LocalResponseNorm",
        "LRN",
        (
            argument("size", "size"),
            argument("alpha", "alpha", 1e-4, NUMBER),
            argument("beta", "beta", 0.75, NUMBER),
            argument("bias", "k", 1.0, NUMBER),
        ),
    ),
    *ACTIVATIONS,
    Spelling("PReLU", "PRelu", exact_if="slopes are 1, C or C × sizes numbers"),
    _merge("Add", "Add"),
    # Add takes two inputs and no more, Sum any number.
    _merge("Add", "Sum"),
    _merge("Multiply", "Mul"),
    _merge("Subtract", "Sub"),
    _merge("Average", "Mean"),
    _merge("Maximum", "Max"),
    _merge("Minimum", "Min"),
    Spelling("Concat", "Concat", (argument("axis", "axis", 1, BATCHED_AXIS),)),
    Spelling("Flatten", "Flatten", (fact("axis", "axis", 1),)),
    Spelling("Reshape", "Reshape", (fact("allowzero", "allowzero", 0),)),
    Spelling("Permute", "Transpose", (fact("perm", "perm", None),)),
    Spelling("ZeroPad", "Pad", (fact("mode", "mode", "constant"),), exact_if="wrap is there from opset 19"),
    Spelling(
        "Upsample",
        "Resize",
        (
            fact("mode", "mode", "nearest"),
            fact("coordinate_transformation_mode", "coordinates", "half_pixel"),
            # Not what PyTorch does, which takes the floor.
            fact("nearest_mode", "nearest", "round_prefer_floor"),
            fact("cubic_coeff_a", "cubic", -0.75),
        ),
        aliases=("Upsample",),
    ),
    # DCR by default, which is TensorFlow's order of channels; PyTorch's is CRD.
    Spelling("PixelShuffle", "DepthToSpace", (argument("blocksize", "scale"), fact("mode", "mode", "DCR"))),
    Spelling("Slice", "Slice"),
    Spelling("Dropout", "Dropout", (fact("seed", "seed", None),)),
    Spelling("MatMul", "MatMul", exact_if="nothing is transposed; otherwise a Transpose stands before it"),
    Spelling("Identity", "Identity"),
)

COMPOSED = (
    Composed("DepthwiseConv1D", "Conv with as many groups as input channels"),
    Composed("DepthwiseConv2D", "Conv with as many groups as input channels"),
    Composed("SeparableConv1D", "Conv with as many groups as input channels, then Conv with a kernel of 1"),
    Composed("SeparableConv2D", "Conv with as many groups as input channels, then Conv with a kernel of 1"),
    Composed("AdaptiveAvgPool", "AveragePool where the size divides; otherwise a MatMul by fixed means an axis"),
    Composed("AdaptiveMaxPool", "MaxPool where the size divides; otherwise Slice, ReduceMax and Concat an axis"),
    Composed("Subsampling", "AveragePool, Mul and Add"),
    Composed("Scale", "Mul, and Add for a bias"),
    Composed("UnitNormalization", "LpNormalization over the channels, or over the flattened map"),
    Composed("Embedding", "Gather from a table, by whole numbers"),
    Composed("RepeatVector", "Unsqueeze and Expand"),
    Composed("Rescaling", "Mul and Add"),
    Composed("Normalization", "Sub and Div"),
    Composed("PixelUnshuffle", "Reshape, Transpose, Reshape"),
    Composed("ChannelShuffle", "Reshape, Transpose, Reshape"),
    Composed("GLU", "Split, Sigmoid and Mul"),
    Composed("Reduce", "ReduceSum, ReduceMean, ReduceMax, ReduceMin or ReduceL2"),
    Composed("Stack", "Unsqueeze and Concat"),
    Composed("GlobalResponseNorm", "ReduceL2, ReduceMean, Div, Mul and Add"),
    Composed("LocallyConnected1D", "Slice, Concat and MatMul"),
    Composed("LocallyConnected2D", "Slice, Concat and MatMul"),
    Composed("LPPool1D", "Pow, AveragePool, Mul and Pow"),
    Composed("LPPool2D", "Pow, AveragePool, Mul and Pow"),
    Composed("LPPool3D", "Pow, AveragePool, Mul and Pow"),
    Composed("BlurPool", "Pad, and Conv with a fixed filter for each channel"),
    Composed("Split", "Split, of which it is the first part"),
    Composed("FurtherOutput", "the part that it takes of what a layer or a block gives"),
    Composed("MaxUnpool", "MaxUnpool of given places; else ArgMax in each window, where windows do not overlap"),
    Composed("Unfold", "Conv with a fixed filter for each element of a window"),
    Composed("Fold", "ConvTranspose with a fixed filter for each element of a window"),
    Composed("MultiHeadAttention", "Conv with a kernel of 1, MatMul and Softmax"),
    Composed("DotProductAttention", "MatMul and Softmax"),
    Composed("WindowAttention", "Pad, Gather, Conv with a kernel of 1, MatMul and Softmax"),
    Composed("RelativePositionBias", "Gather and Add"),
    Composed("Parameter", "Add, Mul, or Expand and Concat"),
    Composed("WindowPartition", "Reshape, Transpose, Reshape"),
    Composed("WindowMerge", "Reshape, Transpose, Reshape"),
    Composed("Crop", "Slice"),
    Composed("SpatialDropout", "Dropout, which does nothing in inference"),
    Composed("DropPath", "Dropout, which does nothing in inference"),
    Composed("Input", "an input of the graph"),
    Composed("Output", "an output of the graph"),
)

UNSAID = (
    *[
        Unsaid(f"ConvLSTM{axes}D", "no operator convolves a state from step to step", "Export PyTorch or Keras source.")
        for axes in (1, 2, 3)
    ],
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

ABSENT = """
    ArgMax ArgMin Cast Ceil Clip Constant ConstantOfShape Cos Cosh Div Einsum Equal Erf Expand Floor Gather
    GatherElements GatherND Greater GridSample Hardmax If Less Loop GlobalLpPool MaxRoiPool
    MeanVarianceNormalization Neg NonMaxSuppression NonZero Not OneHot Pow Range Reciprocal
    ReduceProd RMSNormalization RoiAlign RotaryEmbedding Round Scan ScatterElements ScatterND
    Shape Shrink Sign Sin STFT ThresholdedRelu Tile TopK Unique Where
"""

ONNX = Dialect(
    "onnx",
    "ONNX",
    f"opset {OPSET}",
    ("ai.onnx.",),
    ROWS,
    COMPOSED,
    UNSAID,
    functions={dict(row.implied)["function"]: row.name for row in ACTIVATIONS},
    other_layers={
        "Attention": ("DotProductAttention",),
        "ReduceMean": ("GlobalAvgPool",),
        "LpNormalization": ("UnitNormalization",),
        "SpaceToDepth": ("PixelUnshuffle",),
        "Split": ("Split", "Slice"),
        "ReduceSum": ("Reduce",),
        "ReduceMax": ("Reduce", "GlobalMaxPool"),
        "ReduceMin": ("Reduce",),
        "ReduceL2": ("Reduce",),
        "LpPool": ("LPPool2D", "LPPool1D", "LPPool3D"),
        "MaxUnpool": ("MaxUnpool",),
        "Squeeze": ("Reshape",),
        "Unsqueeze": ("Reshape",),
    },
    other_arguments={"kernel_shape": "kernel_size", "strides": "stride", "dilations": "dilation", "pads": "padding"},
    absent=frozenset(ABSENT.split()),
    other_implied={
        "InstanceNormalization": (("affine", True),),
        "ReduceSum": (("function", "sum"),),
        "ReduceMax": (("function", "max"),),
        "ReduceMin": (("function", "min"),),
        "ReduceL2": (("function", "norm"),),
    },
)
