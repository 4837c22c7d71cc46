"""PyTorch's operators of attention, and the whole encoder layer that it runs as one where nothing is trained."""

from __future__ import annotations

from cnnstudio.formats.foreign.torch.building import Builder, Call

PROJECTIONS = "qkv_weight qkv_bias proj_weight proj_bias"
REST = "norm_weight_1 norm_bias_1 norm_weight_2 norm_bias_2 ffn_weight_1 ffn_bias_1 ffn_weight_2 ffn_bias_2"


def dot_product(builder: Builder, call: Call) -> None:
    """scaled_dot_product_attention, with heads on an axis of their own."""
    names = [call.tensor(name) for name in ("query", "key", "value", "attn_mask")]
    attributes = {"is_causal": bool(call.get("is_causal", default=False)), "scale": call.get("scale")}
    builder.add(call, "ScaledDotProductAttention", *names, **attributes)


def native(builder: Builder, call: Call) -> None:
    """_native_multi_head_attention: attention with its projections, those of query, key and value in one matrix."""
    names = [call.tensor(name) for name in ("query", "key", "value", *PROJECTIONS.split(), "mask")]
    builder.add(call, "NativeMultiHeadAttention", *names, heads=int(call.get("num_head")))


def encoder_layer(builder: Builder, call: Call) -> None:
    """_transformer_encoder_layer_fwd: attention and two dense layers, each with a sum and a normalization."""
    source, is_first = call.tensor("src"), bool(call.get("norm_first", default=False))
    if call.get("mask") is not None:
        raise call.refusal("takes a mask")
    weights = {name: call.tensor(name) for name in (*PROJECTIONS.split(), *REST.split())}
    epsilon = float(call.get("eps", default=1e-5))

    def normalized(name: str, which: int) -> str:
        affine = (weights[f"norm_weight_{which}"], weights[f"norm_bias_{which}"])
        return builder.inner(call, "LayerNormalization", name, *affine, axis=-1, epsilon=epsilon)

    def attended(name: str) -> str:
        projections = [weights[part] for part in PROJECTIONS.split()]
        heads = int(call.get("num_heads"))
        return builder.inner(call, "NativeMultiHeadAttention", name, name, name, *projections, heads=heads)

    def fed(name: str) -> str:
        hidden = builder.inner(call, "Linear", name, weights["ffn_weight_1"], weights["ffn_bias_1"])
        bent = builder.inner(call, "Gelu" if call.get("use_gelu", default=False) else "Relu", hidden)
        return builder.inner(call, "Linear", bent, weights["ffn_weight_2"], weights["ffn_bias_2"])

    middle = builder.inner(call, "Add", source, attended(normalized(source, 1) if is_first else source))
    middle = middle if is_first else normalized(middle, 1)
    last = builder.inner(call, "Add", middle, fed(normalized(middle, 2) if is_first else middle))
    builder.add(call, "Identity", last if is_first else normalized(last, 2))
