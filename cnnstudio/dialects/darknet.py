"""Darknet's dialect: layer types and the sections of cfg files."""

from __future__ import annotations

from cnnstudio.dialects.conversions import NUMBER
from cnnstudio.dialects.dialect import Dialect, Spelling, argument, fact

ROWS = (
    Spelling(
        "Conv2D",
        "convolutional",
        (
            argument("filters", "filters", 1),
            argument("size", "kernel_size", 1),
            argument("stride", "stride", 1),
            fact("pad", "pads_half", 0),
            argument("padding", "padding", 0),
            argument("groups", "groups", 1),
            argument("dilation", "dilation", 1),
            fact("batch_normalize", "batch_normalize", 0),
            fact("activation", "activation", "logistic"),
        ),
        aliases=("conv",),
        exact_if="pad=1 means half the size; batch_normalize=1 is a BatchNorm after it, and no bias",
    ),
    Spelling("ConvTranspose2D", "deconvolutional", aliases=("deconv",)),
    Spelling(
        "MaxPool2D",
        "maxpool",
        (
            argument("size", "pool_size", 1),
            argument("stride", "stride", 1),
            fact("padding", "total_padding", None),
        ),
        aliases=("max",),
        exact_if="it pads size − 1 elements in all, the smaller half first",
    ),
    Spelling("GlobalAvgPool", "avgpool", aliases=("avg",)),
    Spelling(
        "Dense",
        "connected",
        (argument("output", "units", 1), fact("activation", "activation", "logistic")),
        aliases=("conn",),
    ),
    Spelling("LSTM", "lstm", (argument("output", "units", 1),), implied=(("return_sequences", True),)),
    Spelling(
        "GRU",
        "gru",
        (argument("output", "units", 1),),
        implied=(("return_sequences", True),),
        exact_if="it resets the state before its product; tanh=1, as the state is logistic otherwise",
    ),
    Spelling("BatchNorm", "batchnorm"),
    Spelling("LocalResponseNorm", "normalization", aliases=("lrn",)),
    Spelling("Activation", "activation", (fact("activation", "activation", "linear"),)),
    Spelling("Activation", "softmax", implied=(("function", "softmax"),), aliases=("soft",)),
    Spelling("Activation", "logistic", implied=(("function", "sigmoid"),)),
    Spelling("Add", "shortcut", (fact("from", "from"), fact("activation", "activation", "linear"))),
    Spelling("Multiply", "scale_channels", (fact("from", "from"),), aliases=("sam",)),
    Spelling(
        "Concat",
        "route",
        (fact("layers", "layers"), fact("groups", "groups", 1), fact("group_id", "group_id", 0)),
        exact_if="of one layer with groups it is a Slice",
    ),
    Spelling("Upsample", "upsample", (argument("stride", "scale", 2),)),
    Spelling(
        "PixelUnshuffle",
        "reorg",
        (argument("stride", "scale", 1),),
        aliases=("reorg3d",),
        exact_if="its channels come in another order",
    ),
    Spelling("Crop", "crop"),
    Spelling("Dropout", "dropout", (argument("probability", "rate", 0.5, NUMBER),)),
    Spelling(
        "Input",
        "net",
        (fact("width", "width"), fact("height", "height"), fact("channels", "channels")),
        aliases=("network",),
    ),
    Spelling("Output", "yolo", aliases=("region", "detection", "cost")),
)

ABSENT = "local crnn conv_lstm iseg contrastive history empty implicit_add implicit_mul"

DARKNET = Dialect(
    "darknet",
    "Darknet",
    "Darknet, and its forks",
    (),
    ROWS,
    functions={
        "linear": "linear",
        "relu": "relu",
        "relu6": "relu6",
        "leaky_relu": "leaky",
        "sigmoid": "logistic",
        "tanh": "tanh",
        "elu": "elu",
        "selu": "selu",
        "gelu": "gelu",
        "silu": "swish",
        "mish": "mish",
        "hard_tanh": "hardtan",
    },
    other_functions={"leaky": "leaky_relu", "hardtan": "hard_tanh"},
    other_layers={
        "local_avgpool": ("AvgPool2D",),
        "l2norm": ("UnitNormalization",),
        "gaussian_yolo": ("Output",),
        # It makes its outputs from the state by one more matrix and function, which a SimpleRNN does not.
        "rnn": ("SimpleRNN",),
    },
    other_arguments={"size": "kernel_size", "pad": "padding", "probability": "rate", "output": "units"},
    absent=frozenset(ABSENT.split()),
)
