"""Variances and standard deviations along axes, as the means and squares that they are made of."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.source.language.values import Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.binding import TensorFunction
from cnnstudio.formats.source.torch.calls.adding import bound, tensor_of
from cnnstudio.formats.source.torch.tensors import operate
from cnnstudio.formats.source.torch.trace import Trace


def spread(kind: str) -> TensorFunction:
    """var and std: the mean of the squares of what is left without the mean, and its root."""

    def made(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
        named = {("dim" if key == "axis" else key): item for key, item in named.items()}
        values = bound("self dim unbiased keepdim", given, named)
        source, axes = tensor_of([values.get("self", values.get("input"))], kind), values.get("dim")
        if axes == 0 and len(source.sizes) > 1 and source.sizes[0] == trace.tracer.batch:
            # Over the images of a batch, it is the same for each of them.
            return Array(((1,) if values.get("keepdim") else ()) + tuple(source.sizes[1:]))
        if axes is None or isinstance(axes, bool):
            return Unknown(f"the {kind} of all elements in line {trace.line}")
        mean = operate(trace, "mean", [source, axes, True], {})
        left = operate(trace, "sub", [source, mean], {})
        square = operate(trace, "pow", [left, 2], {})
        result = operate(trace, "mean", [square, axes, values.get("keepdim", False)], {})
        return operate(trace, "sqrt", [result], {}) if kind == "std" else result

    return made


def spread_and_mean(kind: str) -> TensorFunction:
    """var_mean and std_mean: both of them."""

    def made(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
        values = bound("self dim unbiased keepdim", given, named)
        mean = operate(trace, "mean", [values.get("self", values.get("input")), values.get("dim")], {})
        if values.get("keepdim"):
            mean = operate(trace, "mean", [values.get("self", values.get("input")), values.get("dim"), True], {})
        return spread(kind)(trace, given, named), mean

    return made


STATISTICS: dict[str, TensorFunction] = {
    "var": spread("var"),
    "std": spread("std"),
    "var_mean": spread_and_mean("var"),
    "std_mean": spread_and_mean("std"),
}
"""By name."""
