"""PyTorch's functions of elements, and arithmetic."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.foreign.torch.building import Builder, Call

FUNCTIONS = {
    "relu": "Relu",
    "relu6": "Relu6",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "silu": "Silu",
    "mish": "Mish",
    "hardswish": "HardSwish",
    "selu": "Selu",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "log_sigmoid": "LogSigmoid",
    "exp": "Exp",
    "erf": "Erf",
    "sqrt": "Sqrt",
    "abs": "Abs",
    "neg": "Neg",
    "reciprocal": "Reciprocal",
    "log": "Log",
    "floor": "Floor",
    "ceil": "Ceil",
    "round": "Round",
    "sign": "Sign",
    "sin": "Sin",
    "cos": "Cos",
    "rsqrt": "Rsqrt",
    "square": "Square",
    "bitwise_not": "Not",
    "logical_not": "Not",
    "isnan": "IsNaN",
}
_BINARY = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "maximum": "Max",
    "minimum": "Min",
    "multiply": "Mul",
}


def _source(call: Call) -> str:
    return call.tensor("self", "input")


def function(builder: Builder, call: Call) -> None:
    """A function of every element."""
    builder.add(call, FUNCTIONS[call.name], _source(call))


def hard_sigmoid(builder: Builder, call: Call) -> None:
    """hardsigmoid."""
    builder.add(call, "HardSigmoid", _source(call), alpha=1 / 6, beta=0.5)


def gelu(builder: Builder, call: Call) -> None:
    """gelu."""
    builder.add(call, "Gelu", _source(call), approximate=str(call.get("approximate", default="none")))


def leaky_relu(builder: Builder, call: Call) -> None:
    """leaky_relu."""
    builder.add(call, "LeakyRelu", _source(call), alpha=float(call.get("negative_slope", default=0.01)))


def elu(builder: Builder, call: Call) -> None:
    """elu, celu, and selu where it is written as elu with its two constants."""
    alpha, scale = float(call.get("alpha", default=1.0)), float(call.get("scale", default=1.0))
    factor = float(call.get("input_scale", default=1.0))
    # Decomposed programs have no selu and no celu: both are elu with other constants.
    if abs(alpha - 1.6732632) < 1e-4 and abs(scale - 1.0507009) < 1e-4:
        builder.add(call, "Selu", _source(call))
    elif call.name == "celu" or (scale == 1 and abs(factor * alpha - 1) < 1e-6 and alpha != 1):
        builder.add(call, "Celu", _source(call), alpha=alpha)
    elif scale == 1 and factor == 1:
        builder.add(call, "Elu", _source(call), alpha=alpha)
    else:
        builder.add(call, "ThresholdedRelu", _source(call))


def clamp(builder: Builder, call: Call) -> None:
    """clamp, clamp_min, clamp_max and hardtanh."""
    default = (-1.0, 1.0) if call.name == "hardtanh" else (None, None)
    low = call.get("min_val", "min", default=default[0])
    high = call.get("max_val", "max", default=default[1])
    bounds: dict[str, Any] = {"min": low if low is not None else -3e38, "max": high if high is not None else 3e38}
    builder.add(call, "Clip", _source(call), **bounds)


def prelu(builder: Builder, call: Call) -> None:
    """prelu."""
    builder.add(call, "PRelu", _source(call), call.tensor("weight"))


def softmax(builder: Builder, call: Call) -> None:
    """softmax and log_softmax."""
    kind = "LogSoftmax" if "log" in call.name else "Softmax"
    builder.add(call, kind, _source(call), axis=int(call.get("dim", default=-1)))


def glu(builder: Builder, call: Call) -> None:
    """glu: one half of the channels times the sigmoid of the other."""
    axis = int(call.get("dim", default=-1))
    first, second = (f"{call.outputs[0]}$half{index}" for index in (1, 2))
    builder.add(call, "Split", _source(call), outputs=(first, second), axis=axis)
    gate = builder.inner(call, "Sigmoid", second)
    builder.add(call, "Mul", first, gate)


def binary(builder: Builder, call: Call) -> None:
    """add, sub, mul, div and so on, with the factor that add and sub may have."""
    left, right = call.get("self", "input"), call.get("other")
    alpha = call.get("alpha", default=1)
    if call.name == "rsub":
        # rsub(a, b) is b - a; Python's `1 - x` is traced so.
        left, right = right, left
    second = builder.operand(call, right)
    if alpha not in (1, 1.0) and call.name in ("add", "sub"):
        second = builder.inner(call, "Mul", second, builder.constant(float(alpha)))
    kind = _BINARY.get("sub" if call.name == "rsub" else call.name, "")
    builder.add(call, kind, builder.operand(call, left), second)


def power(builder: Builder, call: Call) -> None:
    """pow."""
    builder.add(call, "Pow", _source(call), builder.operand(call, call.get("exponent")))


def reduction(builder: Builder, call: Call) -> None:
    """mean, sum, amax and amin over axes."""
    kind = {"mean": "ReduceMean", "sum": "ReduceSum", "amax": "ReduceMax", "amin": "ReduceMin"}[call.name]
    keeps = int(bool(call.get("keepdim", default=False)))
    builder.add(call, kind, _source(call), axes=call.integers("dim"), keepdims=keeps)


def identity(builder: Builder, call: Call) -> None:
    """Passes a tensor on unchanged."""
    builder.add(call, "Identity", _source(call))
