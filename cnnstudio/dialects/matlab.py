"""MATLAB's dialect: layer types and the layers of the Deep Learning Toolbox."""

from __future__ import annotations

from cnnstudio.dialects.conversions import NUMBER, Conversion
from cnnstudio.dialects.dialect import Argument, Dialect, Spelling, argument, fact

_CONVOLUTION = (
    argument("FilterSize", "kernel_size"),
    argument("NumFilters", "filters"),
    argument("Stride", "stride", 1),
    argument("Padding", "padding", 0),
    argument("DilationFactor", "dilation", 1),
    fact("NumChannels", "channels", "auto"),
)
_POOL = (argument("PoolSize", "pool_size"), argument("Stride", "stride", 1), argument("Padding", "padding", 0))

_SEQUENCES = Conversion(lambda value, _rank: "sequence" if value else "last", lambda value, _rank: value == "sequence")


def _function(name: str, function: str, *arguments: Argument) -> Spelling:
    return Spelling("Activation", name, arguments, implied=(("function", function),))


ROWS = (
    *[
        Spelling(f"Conv{rank}D", name, _CONVOLUTION)
        for rank, name in ((1, "convolution1dLayer"), (2, "convolution2dLayer"), (3, "convolution3dLayer"))
    ],
    Spelling("Conv2D", "groupedConvolution2dLayer", exact_if="it states the filters of each group"),
    *[
        Spelling(
            f"ConvTranspose{rank}D",
            f"transposedConv{rank}dLayer",
            (
                argument("FilterSize", "kernel_size"),
                argument("NumFilters", "filters"),
                argument("Stride", "stride", 1),
                fact("Cropping", "cropping", 0),
            ),
        )
        for rank in (1, 2, 3)
    ],
    *[Spelling(f"MaxPool{rank}D", f"maxPooling{rank}dLayer", _POOL) for rank in (1, 2, 3)],
    *[Spelling(f"AvgPool{rank}D", f"averagePooling{rank}dLayer", _POOL) for rank in (1, 2, 3)],
    Spelling("GlobalAvgPool", "globalAveragePooling{n}dLayer", ranks=(1, 2, 3), implied=(("keepdims", True),)),
    Spelling("GlobalMaxPool", "globalMaxPooling{n}dLayer", ranks=(1, 2, 3), implied=(("keepdims", True),)),
    Spelling("AdaptiveAvgPool", "adaptiveAveragePooling2dLayer", (argument("OutputSize", "output_size"),)),
    Spelling(
        "Embedding",
        "wordEmbeddingLayer",
        (argument("Dimension", "width"), argument("NumWords", "vocabulary")),
        aliases=("embeddingLayer",),
    ),
    Spelling("Dense", "fullyConnectedLayer", (argument("OutputSize", "units"),)),
    *[
        Spelling(
            layer,
            name,
            (
                argument("NumHiddenUnits", "units"),
                argument("OutputMode", "return_sequences", "sequence", _SEQUENCES),
            ),
            implied=implied,
        )
        for layer, name, implied in (
            ("LSTM", "lstmLayer", ()),
            ("GRU", "gruLayer", ()),
            ("LSTM", "bilstmLayer", (("direction", "both"),)),
        )
    ],
    Spelling("BatchNorm", "batchNormalizationLayer", (argument("Epsilon", "epsilon", 1e-5, NUMBER),)),
    Spelling("LayerNorm", "layerNormalizationLayer", (argument("Epsilon", "epsilon", 1e-5, NUMBER),)),
    Spelling(
        "InstanceNorm",
        "instanceNormalizationLayer",
        (argument("Epsilon", "epsilon", 1e-5, NUMBER),),
        implied=(("affine", True),),
    ),
    Spelling(
        "GroupNorm",
        "groupNormalizationLayer",
        (argument("NumGroups", "groups"), argument("Epsilon", "epsilon", 1e-5, NUMBER)),
    ),
    Spelling(
        "LocalResponseNorm",
        "crossChannelNormalizationLayer",
        (
            argument("WindowChannelSize", "size"),
            argument("Alpha", "alpha", 1e-4, NUMBER),
            argument("Beta", "beta", 0.75, NUMBER),
            argument("K", "k", 2.0, NUMBER),
        ),
    ),
    _function("reluLayer", "relu"),
    _function("leakyReluLayer", "leaky_relu", argument("Scale", "slope", 0.01, NUMBER)),
    _function("clippedReluLayer", "relu6", fact("Ceiling", "ceiling")),
    _function("eluLayer", "elu", argument("Alpha", "alpha", 1.0, NUMBER)),
    _function("geluLayer", "gelu"),
    _function("swishLayer", "silu"),
    _function("tanhLayer", "tanh"),
    _function("sigmoidLayer", "sigmoid"),
    _function("softmaxLayer", "softmax"),
    _function("softplusLayer", "softplus"),
    Spelling("PReLU", "preluLayer"),
    Spelling("Add", "additionLayer", (fact("NumInputs", "inputs"),)),
    Spelling("Multiply", "multiplicationLayer", (fact("NumInputs", "inputs"),)),
    Spelling("Concat", "depthConcatenationLayer", (fact("NumInputs", "inputs"),)),
    Spelling("Concat", "concatenationLayer", (fact("Dim", "dim"), fact("NumInputs", "inputs"))),
    Spelling("Flatten", "flattenLayer"),
    Spelling("Reshape", "reshapeLayer"),
    Spelling("MaxUnpool", "maxUnpooling2dLayer"),
    Spelling("Crop", "crop2dLayer", aliases=("crop3dLayer",)),
    Spelling("Upsample", "resize2dLayer", (argument("Scale", "scale", None), argument("OutputSize", "size", None))),
    Spelling("Upsample", "resize3dLayer", (argument("Scale", "scale", None), argument("OutputSize", "size", None))),
    Spelling("PixelShuffle", "depthToSpace2dLayer", (argument("BlockSize", "scale"),)),
    Spelling("PixelUnshuffle", "spaceToDepthLayer", (argument("BlockSize", "scale"),)),
    Spelling("Dropout", "dropoutLayer", (argument("Probability", "rate", 0.5, NUMBER),)),
    Spelling("SpatialDropout", "spatialDropoutLayer", (argument("Probability", "rate", 0.5, NUMBER),)),
    Spelling("Input", "imageInputLayer", (fact("InputSize", "size"),), aliases=("image3dInputLayer", "inputLayer")),
    Spelling("Input", "featureInputLayer", (fact("InputSize", "size"),), aliases=("sequenceInputLayer",)),
    Spelling("Output", "classificationLayer", aliases=("regressionLayer", "pixelClassificationLayer")),
    Spelling("Identity", "identityLayer"),
)

ABSENT = """
    additiveAttentionLayer attentionLayer functionLayer
    gruProjectedLayer lstmProjectedLayer oneHotLayer peepholeLSTMLayer
    patchEmbeddingLayer
    positionEmbeddingLayer recurrentSeparableLayer roiAlignLayer roiInputLayer roiMaxPooling2dLayer selfAttentionLayer
    sequenceFoldingLayer sequenceUnfoldingLayer sinusoidalPositionEncodingLayer complexReluLayer
"""

MATLAB = Dialect(
    "matlab",
    "MATLAB",
    "Deep Learning Toolbox R2024b",
    ("nnet.cnn.layer.",),
    ROWS,
    harmless=frozenset(
        f"{of}{what}"
        for of in ("Weight", "Weights", "Bias")
        for what in ("LearnRateFactor", "L2Factor", "Initializer", "sInitializer")
    )
    | {"WeightsInitializer", "Normalization", "NormalizationDimension"},
    other_layers={
        "networkLayer": ("Block",),
    },
    other_arguments={
        "FilterSize": "kernel_size",
        "NumFilters": "filters",
        "PoolSize": "pool_size",
        "Stride": "stride",
        "DilationFactor": "dilation",
        "OutputSize": "units",
        "Name": "name",
        "NumGroups": "groups",
    },
    absent=frozenset(ABSENT.split()),
)
