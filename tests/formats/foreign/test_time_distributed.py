"""Layers inside Keras' TimeDistributed against what Keras says of them, and whole models inside one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct, field

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.formats.fault import FileError
from cnnstudio.layers.structure import Opaque
from tests.formats.foreign.truth import imported
from tests.places import TRUTH

Fields = dict[str, Any]
PLACEHOLDERS = ("LSTM", "SeparableConv2D", "Conv3D", "MaxPooling3D", "UpSampling3D")
"""Classes of which a design has nothing that acts at each step: their numbers are kept."""


class Row(Struct, frozen=True):
    """A row of `distributed_layers.jsonl`, made by `distributed_rows.py`."""

    layer: str
    kw: Fields
    given: list[int] = field(name="in")
    out: list[int] = []
    params: int = 0
    trainable: int = 0
    error: str = ""


LINES = (TRUTH / "distributed_layers.jsonl").read_bytes().splitlines()[1:]
ROWS = [msgspec.json.decode(line, type=Row) for line in LINES]
KINDS = list(dict.fromkeys(row.layer for row in ROWS))


def opened(folder: Path, shape: list[int], *inner: Fields) -> Analysis:
    """A Sequential model of these layers, each inside a TimeDistributed, as its file is read."""
    layers = [{"class_name": "InputLayer", "config": {"name": "in", "batch_shape": [None, *shape]}}]
    layers += [
        {"class_name": "TimeDistributed", "config": {"name": f"each_{at}", "layer": layer}}
        for at, layer in enumerate(inner)
    ]
    path = folder / "model.json"
    path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "net", "layers": layers}}))
    return imported(path)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_each_layer_counts_as_keras_counts_it(kind: str, tmp_path: Path) -> None:
    for row in [row for row in ROWS if row.layer == kind]:
        inner = {"class_name": kind, "config": {"name": "inner", **row.kw}}
        if row.error or 0 in row.out:
            with pytest.raises(FileError, match=r"each_0"):
                opened(tmp_path, row.given, inner)
            continue
        analysis = opened(tmp_path, row.given, inner)
        output = analysis.rows[-1].output_shape
        assert output is not None
        assert [*output.spatial, output.channels] == row.out, row
        assert (analysis.totals.parameters, analysis.totals.trainable) == (row.params, row.trainable), row
        is_placeholder = any(isinstance(found.layer, Opaque) for found in analysis.rows)
        assert is_placeholder == (kind in PLACEHOLDERS), row


def test_a_convolution_of_each_frame_is_one_with_a_window_of_one_step(tmp_path: Path) -> None:
    kernel = {"name": "inner", "filters": 8, "kernel_size": [3, 5], "strides": [2, 2], "padding": "same"}
    analysis = opened(tmp_path, [16, 32, 40, 3], {"class_name": "Conv2D", "config": kernel})
    row = analysis.rows[-1]
    assert (row.layer.type_name, row.layer.summary()) == ("Conv3D", "8 · 1×3×5 / 1×2×2 · same")
    # One 3 × 5 kernel for 3 channels and 8 filters, used at 16 · 20 places of each of 16 steps.
    assert (row.parameters, row.macs) == (3 * 5 * 3 * 8 + 8, 16 * (3 * 5 * 3 * 8) * 16 * 20)


def test_a_model_that_is_applied_at_each_step_is_its_layers_at_each_step(tmp_path: Path) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"name": "frame", "batch_shape": [None, 9, 9, 3]}},
        {"class_name": "Conv2D", "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3]}},
        {"class_name": "ReLU", "config": {"name": "act"}},
        {"class_name": "Flatten", "config": {"name": "flat"}},
    ]
    model = {"class_name": "Sequential", "config": {"name": "frames", "layers": layers}}
    dense = {"class_name": "Dense", "config": {"name": "inner", "units": 5}}
    analysis = opened(tmp_path, [6, 9, 9, 3], model, dense)
    kinds = [row.layer.type_name for row in analysis.rows]
    assert kinds == ["Input", "Conv3D", "Activation", "Permute", "Reshape", "Dense"]
    assert analysis.totals.parameters == 4 * (3 * 3 * 3 + 1) + 5 * (7 * 7 * 4 + 1)
    assert str(analysis.rows[-1].output_shape) == "5 × 6"


def test_steps_of_steps_and_what_has_no_steps_are_refused(tmp_path: Path) -> None:
    dense = {"class_name": "Dense", "config": {"name": "inner", "units": 5}}
    twice = {"class_name": "TimeDistributed", "config": {"name": "twice", "layer": dense}}
    with pytest.raises(FileError, match="repeats along time what is repeated along time already"):
        opened(tmp_path, [6, 9, 3], twice)
    with pytest.raises(FileError, match="repeats a layer along time, and receives a tensor without it"):
        opened(tmp_path, [6], dense)
    with pytest.raises(FileError, match="wraps something that the file does not describe"):
        opened(tmp_path, [6, 9], None)  # type: ignore[arg-type]
