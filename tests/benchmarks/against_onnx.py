"""The whole analysis against the shape inference of onnx, which is written in C++."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from operator import attrgetter
from typing import Any

from cnnstudio.core.counting.analysis import Analysis, analyze, count_layer
from cnnstudio.core.network.design import Design
from cnnstudio.formats.builtin import open_design
from tests.benchmarks.measuring import Action, Afresh, Result, medians

QUANTITIES = (
    *("weights", "biases", "parameters", "state", "trainable", "non_trainable", "macs", "flops"),
    *("activations", "activation_bytes", "parameter_bytes", "output_shape", "input_shapes", "receptive_field"),
)
LOOK = attrgetter(*QUANTITIES)
NETWORKS = ("resnet-50", "resnet-152")


def all_quantities(design: Design) -> list[object]:
    """Counts a design, lists every repeat as rows of its own, and reads every quantity of every row."""
    return [LOOK(row) for row in analyze(design).rows]


def results() -> Iterator[Result | str]:
    """ResNet-50 and ResNet-152; a sentence where onnx is not installed."""
    try:
        from onnx.shape_inference import infer_shapes

        from tests.benchmarks.onnx_graph import to_onnx
    except ImportError:
        yield "onnx is not installed, so that nothing is measured against it: pip install onnx"
        return
    for name in NETWORKS:
        design = open_design(name).design
        model = to_onnx(analyze(design))
        require_same_shapes(analyze(design), infer_shapes(model))
        counted, listed = partial(analyze, design), partial(all_quantities, design)
        strict = partial(infer_shapes, model, check_type=True, strict_mode=True, data_prop=True)
        actions: list[Action] = [
            Afresh(count_layer.cache_clear, counted),
            counted,
            listed,
            partial(infer_shapes, model),
            strict,
        ]
        cold, warm, listing, reference, strict_reference = medians(actions, seconds=5)
        yield Result(f"{name}, nothing remembered", "onnx infer_shapes", cold, reference, 1)
        yield Result(f"{name}, again", "onnx infer_shapes", warm, reference, 1)
        yield Result(f"{name}, repeats listed, all read", "onnx infer_shapes", listing, reference)
        yield Result(f"{name}, again", "the same, types checked, strict", warm, strict_reference)


def require_same_shapes(analysis: Analysis, inferred: Any) -> None:
    """Ends the measurement where onnx has not worked out the very shapes that the analysis has."""
    values = [*inferred.graph.value_info, *inferred.graph.output]
    shapes = {value.name: [size.dim_value for size in value.type.tensor_type.shape.dim] for value in values}
    for row in analysis.rows[1:]:
        if row.output_shape is None or shapes[row.path] != [1, *row.output_shape.to_list()]:
            raise SystemExit(f"onnx says {shapes[row.path]} for {row.path}, which is {row.output_shape} here.")
