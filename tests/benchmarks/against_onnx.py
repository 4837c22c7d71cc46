"""The whole analysis against the shape inference of onnx, which is written in C++."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from operator import attrgetter

from cnnstudio.core.analysis import analyze, count_layer
from cnnstudio.core.design import Design
from cnnstudio.formats.builtin import open_design
from tests.benchmarks.measuring import Afresh, Result, medians

QUANTITIES = (
    *("weights", "biases", "parameters", "state", "trainable", "non_trainable", "macs", "flops"),
    *("activations", "activation_bytes", "parameter_bytes", "output_shape", "input_shapes", "receptive_field"),
)
NETWORKS = ("resnet-50", "resnet-152")


LOOK = attrgetter(*QUANTITIES)


def all_quantities(design: Design) -> list[object]:
    """Counts a design and looks at every quantity of every row, repeats written out."""
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
        ours = partial(all_quantities, design)
        cold, warm, reference = medians(
            [Afresh(count_layer.cache_clear, ours), ours, partial(infer_shapes, model)], seconds=4
        )
        yield Result(f"analysis of {name}, nothing remembered", "onnx infer_shapes", cold, reference, 1)
        yield Result(f"analysis of {name}, again", "onnx infer_shapes", warm, reference, 1)
