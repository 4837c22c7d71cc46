"""Layers inside Keras' TimeDistributed against what Keras says of them, and whole models inside one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct, field

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.network.design import Block, walk
from cnnstudio.exports.keras.json_model import KERAS_JSON
from cnnstudio.exports.onnx import ONNX_FILE
from cnnstudio.exports.pytorch import PYTORCH_SOURCE
from cnnstudio.exports.target import ExportOptions, Target, counted_for
from cnnstudio.formats.fault import FileError
from cnnstudio.layers.structure import Opaque
from tests.exports.samples import analysis_of
from tests.formats.foreign.truth import imported
from tests.places import TRUTH

Fields = dict[str, Any]


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
        assert not any(isinstance(found.layer, Opaque) for found in analysis.rows), row


def blocks_of(analysis: Analysis) -> list[tuple[str, list[str]]]:
    """The blocks of the design that are applied at each step, with the types of what is in them."""
    found = [item for _, item in walk(analysis.design.layers) if isinstance(item, Block)]
    return [(item.name, [inner.type_name for inner in item.layers]) for item in found if item.time_distributed]


def test_a_convolution_of_each_frame_is_a_block_at_each_step(tmp_path: Path) -> None:
    kernel = {"name": "inner", "filters": 8, "kernel_size": [3, 5], "strides": [2, 2], "padding": "same"}
    analysis = opened(tmp_path, [16, 32, 40, 3], {"class_name": "Conv2D", "config": kernel})
    assert blocks_of(analysis) == [("each_0", ["Conv2D"])]
    # One 3 × 5 kernel for 3 channels and 8 filters, used at 16 · 20 places of each of 16 steps.
    row = analysis.rows[-1]
    assert (row.parameters, row.macs) == (3 * 5 * 3 * 8 + 8, 16 * (3 * 5 * 3 * 8) * 16 * 20)


FRAMES = {
    "class_name": "Sequential",
    "config": {
        "name": "frames",
        "layers": [
            {"class_name": "InputLayer", "config": {"name": "frame", "batch_shape": [None, 9, 9, 3]}},
            {"class_name": "Conv2D", "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3]}},
            {"class_name": "ReLU", "config": {"name": "act"}},
            {"class_name": "Flatten", "config": {"name": "flat"}},
        ],
    },
}
DENSE = {"class_name": "Dense", "config": {"name": "inner", "units": 5}}


def test_a_model_that_is_applied_at_each_step_and_what_follows_it_so_are_one_block(tmp_path: Path) -> None:
    analysis = opened(tmp_path, [6, 9, 9, 3], FRAMES, DENSE)
    assert blocks_of(analysis) == [("time_distributed", ["Conv2D", "Activation", "Flatten", "Dense"])]
    assert analysis.totals.parameters == 4 * (3 * 3 * 3 + 1) + 5 * (7 * 7 * 4 + 1)
    assert str(analysis.rows[-1].output_shape) == "5 × 6"


def test_steps_of_steps_are_a_block_in_a_block(tmp_path: Path) -> None:
    lstm = {"class_name": "LSTM", "config": {"name": "inner", "units": 5}}
    words = {"class_name": "TimeDistributed", "config": {"name": "words", "layer": lstm}}
    analysis = opened(tmp_path, [2, 6, 9, 3], words, DENSE)
    assert blocks_of(analysis) == [("time_distributed", ["Block", "Dense"]), ("each_0", ["LSTM"])]
    assert [str(row.output_shape) for row in analysis.rows] == ["3 × 2 × 6 × 9", "5 × 2 × 6", "5 × 2 × 6"]


def test_weights_used_again_at_each_step_are_shared(tmp_path: Path) -> None:
    each = {"class_name": "TimeDistributed", "config": {"name": "each", "layer": DENSE}}
    calls: list[Any] = [[[name, 0, 0, {}]] for name in ("a", "b")]
    layers: list[Fields] = [
        {"class_name": "InputLayer", "name": name, "config": {"name": name, "batch_shape": [None, 4, 6]}}
        for name in ("a", "b")
    ]
    config: Fields = {
        "name": "net",
        "layers": [
            *({**layer, "inbound_nodes": []} for layer in layers),
            {**each, "name": "each", "inbound_nodes": calls},
        ],
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": [["each", 0, 0], ["each", 1, 0]],
    }
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"class_name": "Functional", "config": config}))
    analysis = imported(path)[1]
    assert analysis.totals.parameters == 5 * (6 + 1)
    assert len(blocks_of(analysis)) == 2


def test_what_has_no_steps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="repeats a layer along time, and receives a tensor without it"):
        opened(tmp_path, [6], DENSE)
    with pytest.raises(FileError, match="wraps something that the file does not describe"):
        opened(tmp_path, [6, 9], None)  # type: ignore[arg-type]


VIDEO = """\
cnnstudio: 1
name: video
layers:
- {type: Input, name: video, size: [6, 12, 10], channels: 3}
- type: Block
  name: frames
  time_distributed: true
  layers:
  - {type: Conv2D, name: conv, filters: 4, kernel_size: 3}
  - {type: MaxPool2D, name: pool, pool_size: 2}
  - {type: Flatten, name: flat}
  - {type: Dense, name: code, units: 7}
- {type: LSTM, name: lstm, units: 5}
- {type: Dense, name: out, units: 3}
"""


@pytest.mark.parametrize("target", [PYTORCH_SOURCE, ONNX_FILE, KERAS_JSON], ids=lambda target: target.key)
def test_a_block_at_each_step_comes_back_out_of_files_of_the_frameworks(target: Target, tmp_path: Path) -> None:
    analysis = analysis_of(VIDEO)
    path = tmp_path / f"video{target.suffixes[0]}"
    path.write_bytes(target.write(analysis, ExportOptions()).content)
    again = imported(path)[1]
    assert [kinds for _, kinds in blocks_of(again)] == [["Conv2D", "MaxPool2D", "Flatten", "Dense"]]
    wanted = counted_for(analysis, again.convention).totals
    assert (again.totals.parameters, again.totals.macs) == (wanted.parameters, wanted.macs)
