"""The one visible table of PyTorch's operators: name, arguments in their order, and the rule that writes it."""

from __future__ import annotations

from collections.abc import Callable

from cnnstudio.formats.foreign.torch import arithmetic, attention, shaping, windows
from cnnstudio.formats.foreign.torch.building import Builder, Call

Rule = Callable[[Builder, Call], None]
_CONV = "input weight bias stride padding dilation groups"
# Here the groups come before the dilation, other than above: arguments are known by their place alone.
_CONV_TRANSPOSE = "input weight bias stride padding output_padding groups dilation"
_GENERAL = "input weight bias stride padding dilation transposed output_padding groups"
_MAX = "self kernel_size stride padding dilation ceil_mode"
# An average has no dilation, so `ceil_mode` stands where a maximum has it.
_AVG = "self kernel_size stride padding ceil_mode count_include_pad divisor_override"
_RECURRENT = "input hx params has_biases num_layers dropout train bidirectional batch_first"
_NORM = "input weight bias running_mean running_var"

OPERATORS: dict[str, tuple[str, Rule]] = {
    **{f"conv{rank}d": (_CONV, windows.convolution) for rank in (1, 2, 3)},
    **{f"conv_transpose{rank}d": (_CONV_TRANSPOSE, windows.convolution) for rank in (1, 2, 3)},
    "convolution": (_GENERAL, windows.convolution),
    "_convolution": (_GENERAL, windows.convolution),
    "_convolution_mode": (_CONV, windows.convolution),
    **{f"max_pool{rank}d": (_MAX, windows.pooling) for rank in (1, 2, 3)},
    **{f"max_pool{rank}d_with_indices": (_MAX, windows.pooling) for rank in (1, 2, 3)},
    **{f"max_unpool{rank}d": ("self indices output_size", windows.unpooling) for rank in (2, 3)},
    **{f"avg_pool{rank}d": (_AVG, windows.pooling) for rank in (1, 2, 3)},
    **{
        f"{prefix}adaptive_{kind}_pool{rank}d": ("self output_size", windows.adaptive_pooling)
        for prefix in ("", "_")
        for kind in ("avg", "max")
        for rank in (1, 2, 3)
    },
    "linear": ("input weight bias", windows.linear),
    "addmm": ("self mat1 mat2 beta alpha", windows.addmm),
    **dict.fromkeys(("matmul", "mm", "bmm"), ("self other", windows.matmul)),
    "batch_norm": (f"{_NORM} training momentum eps cudnn_enabled", windows.batch_norm),
    "native_batch_norm": (f"{_NORM} training momentum eps", windows.batch_norm),
    "_native_batch_norm_legit": (f"{_NORM} training momentum eps", windows.batch_norm),
    "_native_batch_norm_legit_functional": (f"{_NORM} training momentum eps", windows.batch_norm),
    # It has no `training` at all, so momentum takes that place.
    "_native_batch_norm_legit_no_training": (f"{_NORM} momentum eps", windows.batch_norm),
    "_batch_norm_impl_index": (f"{_NORM} training momentum eps cudnn_enabled", windows.batch_norm),
    "instance_norm": (f"{_NORM} use_input_stats momentum eps cudnn_enabled", windows.instance_norm),
    "group_norm": ("input num_groups weight bias eps cudnn_enabled", windows.group_norm),
    # Three sizes stand before the number of groups, which is second for `group_norm`.
    "native_group_norm": ("input weight bias N C HxW group eps", windows.group_norm),
    "layer_norm": ("input normalized_shape weight bias eps cudnn_enable", windows.layer_norm),
    "native_layer_norm": ("input normalized_shape weight bias eps", windows.layer_norm),
    **{
        f"upsample_{name}": ("input output_size align_corners scale_factors", windows.upsample)
        for name in ("bilinear2d", "bicubic2d", "linear1d", "trilinear3d")
    },
    **{f"upsample_nearest{name}": ("input output_size scale_factors", windows.upsample) for name in ("1d", "2d", "3d")},
    **dict.fromkeys(("dropout", "feature_dropout", "alpha_dropout"), ("input p train", windows.dropout)),
    "native_dropout": ("input p train", windows.dropout),
    **dict.fromkeys(arithmetic.FUNCTIONS, ("self", arithmetic.function)),
    "hardsigmoid": ("self", arithmetic.hard_sigmoid),
    "gelu": ("self approximate", arithmetic.gelu),
    "leaky_relu": ("self negative_slope", arithmetic.leaky_relu),
    "elu": ("self alpha scale input_scale", arithmetic.elu),
    "celu": ("self alpha", arithmetic.elu),
    "clamp": ("self min max", arithmetic.clamp),
    "clamp_min": ("self min", arithmetic.clamp),
    "clamp_max": ("self max", arithmetic.clamp),
    "hardtanh": ("self min_val max_val", arithmetic.clamp),
    "prelu": ("self weight", arithmetic.prelu),
    "_prelu_kernel": ("self weight", arithmetic.prelu),
    **dict.fromkeys(("softmax", "log_softmax", "_softmax", "_log_softmax"), ("self dim dtype", arithmetic.softmax)),
    "glu": ("self dim", arithmetic.glu),
    **dict.fromkeys(("add", "sub", "rsub"), ("self other alpha", arithmetic.binary)),
    **dict.fromkeys(("mul", "div", "maximum", "minimum", "multiply"), ("self other", arithmetic.binary)),
    "pow": ("self exponent", arithmetic.power),
    "mean": ("self dim keepdim dtype", arithmetic.reduction),
    "sum": ("self dim keepdim dtype", arithmetic.reduction),
    "amax": ("self dim keepdim", arithmetic.reduction),
    "amin": ("self dim keepdim", arithmetic.reduction),
    **dict.fromkeys(("view", "reshape", "_unsafe_view", "_reshape_alias"), ("self size", shaping.view)),
    "embedding": ("weight indices padding_idx scale_grad_by_freq sparse", shaping.embedding),
    "flatten": ("self start_dim end_dim", shaping.flatten),
    "view_as": ("self other", shaping.as_other),
    "expand_as": ("self other", shaping.as_other),
    "reshape_as": ("self other", shaping.as_other),
    "unflatten": ("self dim sizes", shaping.unflatten),
    "permute": ("self dims", shaping.permute),
    "transpose": ("self dim0 dim1", shaping.exchange),
    "t": ("self", shaping.exchange),
    **dict.fromkeys(("movedim", "moveaxis"), ("self source destination", shaping.move)),
    "squeeze": ("self dim", shaping.squeeze),
    "unsqueeze": ("self dim", shaping.unsqueeze),
    "expand": ("self size implicit", shaping.expand),
    "cat": ("tensors dim", shaping.concat),
    "concat": ("tensors dim", shaping.concat),
    "stack": ("tensors dim", shaping.stack),
    "chunk": ("self chunks dim", shaping.split),
    "split": ("self split_size dim", shaping.split),
    "split_with_sizes": ("self split_sizes dim", shaping.split),
    "unbind": ("self dim", shaping.unbind),
    "slice": ("self dim start end step", shaping.cut),
    "narrow": ("self dim start length", shaping.narrow),
    "select": ("self dim index", shaping.select),
    "index": ("self indices", shaping.index),
    "pad": ("self pad mode value", shaping.pad),
    "constant_pad_nd": ("self pad value", shaping.pad),
    **{
        f"{kind}_pad{rank}d": ("self padding", shaping.pad)
        for kind in ("reflection", "replication")
        for rank in (1, 2, 3)
    },
    **dict.fromkeys(
        ("lstm", "gru", "rnn_tanh", "rnn_relu"),
        ("input hx params has_biases num_layers dropout train bidirectional batch_first", shaping.recurrent),
    ),
    "scaled_dot_product_attention": (
        "query key value attn_mask dropout_p is_causal scale enable_gqa",
        attention.dot_product,
    ),
    "_native_multi_head_attention": (
        f"query key value embed_dim num_head {attention.PROJECTIONS} mask need_weights",
        attention.native,
    ),
    "_transformer_encoder_layer_fwd": (
        f"src embed_dim num_heads {attention.PROJECTIONS} use_gelu norm_first eps {attention.REST} mask",
        attention.encoder_layer,
    ),
    "pixel_shuffle": ("self upscale_factor", shaping.pixel_shuffle),
    "pixel_unshuffle": ("self downscale_factor", shaping.pixel_unshuffle),
    "channel_shuffle": ("self groups", shaping.channel_shuffle),
    **dict.fromkeys(
        (
            *("contiguous", "clone", "to", "_to_copy", "detach", "alias", "lift_fresh_copy", "type_as", "float"),
            *("detach_", "lift", "_to_cpu", "half", "double", "requires_grad_"),
        ),
        ("self", arithmetic.identity),
    ),
}
"""Every operator that is known, without the underscore of those that work in place."""


def operator_name(target: str) -> str:
    """`conv2d` for `torch.ops.aten.conv2d.default` and for `aten::conv2d`; in-place ones without their underscore."""
    name = target.rpartition("::")[2]
    parts = name.split(".")
    if parts[:2] == ["torch", "ops"]:
        name = parts[3] if len(parts) > 3 else parts[-1]
    elif len(parts) > 1:
        name = parts[-1]
    # Looked up first, because `detach_` and `requires_grad_` are in the table under their full names.
    return name if name in OPERATORS or not name.endswith("_") else name[:-1]


def write(builder: Builder, call: Call) -> bool:
    """Adds what a call is to the graph; False for an operator that is not known."""
    found = OPERATORS.get(call.name)
    if found is None:
        return False
    found[1](builder, call)
    return True
