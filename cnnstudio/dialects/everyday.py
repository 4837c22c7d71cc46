"""Names that belong to no framework: what lectures, papers and people call a layer, a function or a field."""

from __future__ import annotations

from typing import Any

LAYERS: dict[str, tuple[str, ...]] = {
    "bn": ("BatchNorm",),
    "cat": ("Concat",),
    "conv": ("Conv2D",),
    "convolution": ("Conv2D",),
    "custom": ("Opaque",),
    "deconv": ("ConvTranspose2D",),
    "deconvolution": ("ConvTranspose2D",),
    "downsample": ("MaxPool2D",),
    "depthwise convolution": ("DepthwiseConv2D",),
    "dw": ("DepthwiseConv2D",),
    "dw conv": ("DepthwiseConv2D",),
    "excitation": ("Multiply",),
    "fc": ("Dense",),
    "fully connected": ("Dense",),
    "gap": ("GlobalAvgPool",),
    "gate": ("Multiply",),
    "depthwise separable conv": ("SeparableConv2D",),
    "depthwise separable convolution": ("SeparableConv2D",),
    "global average pooling": ("GlobalAvgPool",),
    "global mean pool": ("GlobalAvgPool",),
    "global mean pooling": ("GlobalAvgPool",),
    "global pool": ("GlobalAvgPool",),
    "group conv": ("Conv2D",),
    "grouped convolution": ("Conv2D",),
    "image": ("Input",),
    "interpolate": ("Upsample",),
    "join": ("Concat",),
    "linear": ("Dense",),
    "lrn": ("LocalResponseNorm",),
    "max pooling": ("MaxPool2D",),
    "max unpooling": ("MaxUnpool",),
    "mean pool": ("AvgPool2D",),
    "mean pooling": ("AvgPool2D",),
    "mlp": ("Dense",),
    "nonlinearity": ("Activation",),
    "pad": ("ZeroPad",),
    "padding": ("ZeroPad",),
    "pixels": ("Rescaling",),
    "placeholder": ("Opaque",),
    "pool": ("MaxPool2D", "AvgPool2D"),
    "residual": ("Add",),
    "resize": ("Upsample",),
    "shortcut": ("Add",),
    "skip": ("Add",),
    "self attention": ("MultiHeadAttention",),
    "sep conv": ("SeparableConv2D",),
    "squeeze": ("Multiply",),
    "subpixel": ("PixelShuffle",),
    "subsample": ("MaxPool2D",),
    "sum": ("Add",),
    "transpose conv": ("ConvTranspose2D",),
    "transposed conv": ("ConvTranspose2D",),
    "transposed convolution": ("ConvTranspose2D",),
    "unknown": ("Opaque",),
    "unpool": ("Upsample",),
    "up conv": ("ConvTranspose2D",),
    "up convolution": ("ConvTranspose2D",),
    "up pooling": ("Upsample",),
    "upsampling": ("Upsample",),
}
"""Names of layers, and the types that they are here, the usual one first."""

IMPLIED: dict[str, tuple[str, str, Any]] = {
    "blstm": ("LSTM", "direction", "both"),
    "pointwise": ("Conv2D", "kernel_size", 1),
    **{
        f"{kind} {conv}": meant
        for conv in ("conv", "convolution")
        for kind, meant in {
            "atrous": ("Conv2D", "dilation", 2),
            "dilated": ("Conv2D", "dilation", 2),
            "pointwise": ("Conv2D", "kernel_size", 1),
            "strided": ("Conv2D", "stride", 2),
            "causal": ("Conv1D", "causal", True),
        }.items()
    },
    **{
        f"{kind} {cell}": (layer, "direction", "both")
        for cell, layer in {"lstm": "LSTM", "gru": "GRU", "rnn": "SimpleRNN"}.items()
        for kind in ("bi", "bidirectional")
    },
    **{
        f"{kind} {pad}": ("ZeroPad", "padding_mode", mode)
        for kind, mode in {"reflection": "reflect", "replication": "replicate", "circular": "circular"}.items()
        for pad in ("pad", "padding")
    },
    **{
        f"{mode} {up}": ("Upsample", "mode", mode)
        for mode in ("bilinear", "bicubic", "trilinear")
        for up in ("upsample", "upsampling")
    },
}
"""Names of layers that say a value of a field as well."""

FUNCTIONS: dict[str, str] = {
    "h sigmoid": "hard_sigmoid",
    "h swish": "hard_swish",
    "identity": "linear",
    "logistic": "sigmoid",
    "lrelu": "leaky_relu",
    "swish": "silu",
    "tan h": "tanh",
}
"""Names of activation functions, and ours."""

FIELDS: dict[str, str] = {
    "feature maps": "filters",
    "kernel": "kernel_size",
    "kernels": "filters",
    "kernel shape": "kernel_size",
    "neurons": "units",
    "nodes": "units",
    "filter": "filters",
    "filter size": "kernel_size",
    "hidden": "units",
    "window": "pool_size",
}
"""Names of fields, and ours."""

INSTEAD: dict[str, str] = {
    "batch_normalize": "Put a BatchNorm after it, and leave out its bias.",
    "batch_norm": "Put a BatchNorm after it.",
    "auto_pad": "Write padding: same, or the padding itself.",
}
"""Arguments that are said in another way here: what to do."""

BLOCKS: dict[str, str] = {
    "Bottleneck": "resnet50",
    "ConvNeXt": "depthwise",
    "Dense layer": "densenet denselayer growth",
    "Fire": "squeezenet",
    "Inception": "googlenet",
    "Inverted residual": "mbconv mobilenet efficientnet se squeeze excitation",
    "Residual": "resnet basicblock skip shortcut",
    "U-Net level": "unet encoder decoder segmentation",
}
"""Building blocks, and words by which they are found."""
