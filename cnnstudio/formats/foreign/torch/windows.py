"""PyTorch's convolutions, pooling, products and normalization."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.foreign.torch.building import Builder, Call

MAX_RANK = 3


def _rank(call: Call, default: int = 2) -> int:
    """The number of spatial axes that the operator's name says."""
    digits = [sign for sign in call.name if sign in "123"]
    return int(digits[-1]) if digits else default


def _each(call: Call, rank: int, *names: str, default: int) -> list[int]:
    values = call.integers(*names) or [default]
    return values * rank if len(values) == 1 else values


def convolution(builder: Builder, call: Call) -> None:
    """conv1d to conv3d, and the general convolution, which may be transposed."""
    rank = len(call.integers("stride")) or _rank(call)
    if "conv" in call.name and any(sign in call.name for sign in "123"):
        rank = _rank(call)
    attributes: dict[str, Any] = {
        "strides": _each(call, rank, "stride", default=1),
        "dilations": _each(call, rank, "dilation", default=1),
        "group": int(call.get("groups", default=1)),
    }
    padding = call.get("padding", default=0)
    if isinstance(padding, str):
        attributes["auto_pad"] = {"same": "SAME_UPPER", "valid": "VALID"}.get(padding, padding)
    else:
        # Twice, because ONNX wants all beginnings and then all ends.
        attributes["pads"] = _each(call, rank, "padding", default=0) * 2
    kind = "Conv"
    if call.get("transposed", default=False) or "transpose" in call.name:
        kind = "ConvTranspose"
        attributes["output_padding"] = _each(call, rank, "output_padding", default=0)
    names = (call.tensor("input"), call.tensor("weight"), call.tensor("bias"))
    builder.add(call, kind, *names, **attributes)


def pooling(builder: Builder, call: Call) -> None:
    """max_pool and avg_pool."""
    rank = _rank(call)
    kernel = _each(call, rank, "kernel_size", default=1)
    is_max = call.name.startswith("max")
    attributes: dict[str, Any] = {
        "kernel_shape": kernel,
        # An empty stride is PyTorch's way to say: that of the window.
        "strides": _each(call, rank, "stride", default=1) if call.integers("stride") else kernel,
        "pads": _each(call, rank, "padding", default=0) * 2,
        "ceil_mode": int(bool(call.get("ceil_mode", default=False))),
    }
    if is_max:
        attributes["dilations"] = _each(call, rank, "dilation", default=1)
    else:
        attributes["count_include_pad"] = int(bool(call.get("count_include_pad", default=True)))
    kind, outputs = ("MaxPool", call.outputs[:2]) if is_max else ("AveragePool", call.outputs[:1])
    builder.add(call, kind, call.tensor("self", "input"), outputs=outputs, **attributes)


def unpooling(builder: Builder, call: Call) -> None:
    """max_unpool to a size."""
    names = (call.tensor("self", "input"), call.tensor("indices"))
    builder.add(call, "MaxUnpool", *names, output_size=call.integers("output_size"))


def adaptive_pooling(builder: Builder, call: Call) -> None:
    """adaptive_avg_pool and adaptive_max_pool; an axis left open keeps its size."""
    kind = "AdaptiveAvgPool" if "avg" in call.name else "AdaptiveMaxPool"
    sizes = call.get("output_size")
    rank = _rank(call)
    values = sizes if isinstance(sizes, (list, tuple)) else [sizes]
    values = list(values) * rank if len(values) == 1 else list(values)
    builder.add(call, kind, call.tensor("self", "input"), outputs=call.outputs[:2], output_size=values)


def linear(builder: Builder, call: Call) -> None:
    """linear."""
    builder.add(call, "Linear", call.tensor("input"), call.tensor("weight"), call.tensor("bias"))


def addmm(builder: Builder, call: Call) -> None:
    """addmm: bias + mat1 · mat2."""
    product = builder.inner(call, "MatMul", call.tensor("mat1"), call.tensor("mat2"))
    builder.add(call, "Add", product, call.tensor("self", "input"))


def matmul(builder: Builder, call: Call) -> None:
    """matmul, mm and bmm."""
    builder.add(call, "MatMul", call.tensor("self", "input"), call.tensor("other", "mat2"))


def batch_norm(builder: Builder, call: Call) -> None:
    """batch_norm in its many forms."""
    names = [call.tensor(name) for name in ("input", "weight", "bias", "running_mean", "running_var")]
    momentum = float(call.get("momentum", default=0.1))
    builder.add(call, "BatchNormalization", *names, epsilon=float(call.get("eps", default=1e-5)), momentum=1 - momentum)


def instance_norm(builder: Builder, call: Call) -> None:
    """instance_norm."""
    names = [call.tensor(name) for name in ("input", "weight", "bias", "running_mean", "running_var")]
    builder.add(call, "InstanceNormalization", *names, epsilon=float(call.get("eps", default=1e-5)))


def group_norm(builder: Builder, call: Call) -> None:
    """group_norm."""
    names = [call.tensor(name) for name in ("input", "weight", "bias")]
    groups = int(call.get("num_groups", "group"))
    epsilon = float(call.get("eps", default=1e-5))
    builder.add(call, "GroupNormalization", *names, num_groups=groups, epsilon=epsilon)


def layer_norm(builder: Builder, call: Call) -> None:
    """layer_norm over the last axes."""
    names = [call.tensor(name) for name in ("input", "weight", "bias")]
    axes = len(call.integers("normalized_shape"))
    builder.add(call, "LayerNormalization", *names, axis=-axes, epsilon=float(call.get("eps", default=1e-5)))


def upsample(builder: Builder, call: Call) -> None:
    """upsample to a size or by factors."""
    mode = "nearest" if "nearest" in call.name else "cubic" if "bicubic" in call.name else "linear"
    attributes: dict[str, Any] = {"mode": mode}
    sizes, factors = call.get("output_size", "size"), call.get("scale_factors", "scales_h", "scales")
    if sizes:
        attributes["sizes"] = list(sizes) if isinstance(sizes, (list, tuple)) else [sizes]
        attributes["axes"] = list(range(2, 2 + len(attributes["sizes"])))
    elif isinstance(factors, (list, tuple)):
        attributes["scales"] = list(factors)
    else:
        raise call.refusal("enlarges to a size that is computed")
    if call.get("align_corners", default=False):
        attributes["coordinate_transformation_mode"] = "align_corners"
    builder.add(call, "Resize", call.tensor("input", "self"), **attributes)


def dropout(builder: Builder, call: Call) -> None:
    """dropout; outside training it is there all the same."""
    builder.add(call, "Dropout", call.tensor("input", "self"), ratio=float(call.get("p", default=0.5)))
