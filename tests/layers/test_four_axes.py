"""Maps with four spatial axes, as volumes at steps of time: what layers make of them, and how they are said."""

from __future__ import annotations

from typing import Any

import pytest

from cnnstudio.core.arithmetic.shape import MAX_RANK, Shape
from cnnstudio.core.counting.analysis import Analysis, analyze, count_layer
from cnnstudio.core.counting.working import workings
from cnnstudio.core.network.design import Design, with_names
from cnnstudio.core.network.layer import Counts, Layer
from cnnstudio.core.network.problem import Remark
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportOptions
from cnnstudio.layers import LAYER_TYPES, form_for
from cnnstudio.layers.structure import Input
from cnnstudio.layers.tensors.reductions import Stack, pooled_over_map

SCANS = Shape(6, (4, 5, 8, 8))
SEES = "receives a map of 6 channels, 4 × 5 × 8 × 8."


def made(name: str, **fields: Any) -> Layer:
    return LAYER_TYPES[name](**fields)


def after_scans(layer: Layer) -> Analysis:
    """A design of the layer behind an input of volumes."""
    return analyze(Design(layers=with_names((Input(name="scans", size=SCANS.spatial, channels=SCANS.channels), layer))))


@pytest.mark.parametrize(
    ("layer", "sentence", "remedy"),
    [
        (made("Conv3D", filters=2, kernel_size=3), f"Conv3D needs a map with 3 spatial axes and {SEES}", "Reshape"),
        (made("MaxPool3D", pool_size=2), f"MaxPool3D needs a map with 3 spatial axes and {SEES}", "Reshape"),
        (made("GlobalAvgPool"), f"GlobalAvgPool works along at most 3 spatial axes and {SEES}", "Use a Reduce"),
        (made("AdaptiveMaxPool", output_size=2), f"AdaptiveMaxPool works along at most 3 spatial axes and {SEES}", ""),
        (made("Upsample", scale=2), f"Upsample works along at most 3 spatial axes and {SEES}", "Reshape"),
        (made("BlurPool"), f"BlurPool works along at most 3 spatial axes and {SEES}", "Reshape"),
        (made("ZeroPad", padding_mode="reflect"), f"ZeroPad works along at most 3 spatial axes and {SEES}", "zeros"),
        (
            made("ConvLSTM2D", filters=2, kernel_size=3),
            f"ConvLSTM2D reads a sequence of maps, with its steps and 2 axes, and {SEES}",
            "Use ConvLSTM3D, with the steps as the first axis.",
        ),
    ],
    ids=lambda value: value.type_name if isinstance(value, Layer) else None,
)
def test_a_window_along_fewer_axes_is_refused_by_name(layer: Layer, sentence: str, remedy: str) -> None:
    refused = count_layer(layer, (SCANS,), "keras")
    assert isinstance(refused, Remark)
    assert refused.sentence == sentence
    assert remedy in refused.remedy


def test_a_stack_of_such_maps_would_have_too_many_axes() -> None:
    refused = count_layer(Stack(), (SCANS, SCANS), "keras")
    assert isinstance(refused, Remark)
    assert refused.sentence.endswith("would have more than four spatial axes.")
    counts = count_layer(Stack(axis=1), (Shape(2, (3, 4, 5)),) * 7, "keras")
    assert isinstance(counts, Counts)
    assert counts.output == Shape(2, (7, 3, 4, 5))
    assert counts.output.rank == MAX_RANK


def test_the_working_names_all_four_axes() -> None:
    row = after_scans(made("ConvLSTM3D", filters=2, kernel_size=3, padding="same", return_sequences=True)).rows[-1]
    names = [working.name for working in workings(row)]
    assert names[:5] == ["output time", "output depth", "output height", "output width", "output channels"]
    activations = next(working.text() for working in workings(row) if working.key == "activations")
    assert "O_t · O_d · O_h · O_w · N = 4 × 5 × 8 × 8 × 2" in activations


def test_the_form_for_a_map_counts_the_steps_of_an_lstm() -> None:
    assert [form_for("ConvLSTM2D", rank) for rank in (1, 2, 3, 4)] == [
        *("ConvLSTM2D", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"),
    ]
    assert [form_for("MaxPool2D", rank) for rank in (0, 1, 3, 4)] == [
        "MaxPool2D",
        "MaxPool1D",
        "MaxPool3D",
        "MaxPool2D",
    ]
    assert form_for("Dense", 2) == "Dense"


def test_a_mean_over_the_whole_map_is_a_pool_as_far_as_there_is_one() -> None:
    assert pooled_over_map("mean", 3, keepdims=True) == made("GlobalAvgPool", keepdims=True)
    assert pooled_over_map("max", 4, keepdims=False) == made("Reduce", function="max", axes=(1, 2, 3, 4))


@pytest.mark.parametrize(
    ("layer", "target", "said"),
    [
        (made("BatchNorm"), "pytorch", ["nn.BatchNorm1d(6)", ".flatten(2)).reshape("]),
        (made("InstanceNorm"), "pytorch", ["nn.InstanceNorm1d(6)", ".flatten(2)).reshape("]),
        (made("SpatialDropout", rate=0.1), "pytorch", ["nn.Dropout1d(p=0.1)", ".flatten(2)).reshape("]),
        (made("SpatialDropout", rate=0.1), "keras", ["Dropout(0.1, noise_shape=(None, 1, 1, 1, 1, 6)"]),
        (made("ZeroPad", padding=1), "keras", ["ops.pad(", "((0, 0), (1, 1), (1, 1), (1, 1), (1, 1), (0, 0))"]),
        (made("Crop", cropping=((0, 1), (1, 0), (1, 2), (0, 0))), "keras", ["[:, :-1, 1:, 1:-2, :]"]),
        (made("ConvLSTM3D", filters=2, kernel_size=3), "keras", ["layers.ConvLSTM3D(2, 3"]),
        (made("ConvLSTM3D", filters=2, kernel_size=3), "pytorch", ["ConvLSTM(6, 2, (3, 3, 3)", "nn.Conv3d"]),
    ],
    ids=lambda value: value.type_name if isinstance(value, Layer) else None,
)
def test_it_is_said_by_what_the_framework_has(layer: Layer, target: str, said: list[str]) -> None:
    text = TARGETS[target].write(after_scans(layer), ExportOptions()).content.decode()
    assert [part for part in said if part not in text] == []
