"""Keras files against what Keras itself says of them, row by row."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Block, find
from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.foreign.keras.naming import path_of
from cnnstudio.formats.format import ReadOptions
from tests.formats.foreign.truth import imported, sample, samples, truth


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize("name", samples("keras"))
def test_a_keras_file_counts_as_keras_does(name: str, fold: bool, tmp_path: Path) -> None:
    said = truth("keras", name)
    _, analysis, network = imported(sample("keras", name, tmp_path), fold=fold)
    assert analysis.totals.parameters == said["totals"]["params"]
    assert analysis.totals.trainable == said["totals"]["trainable_params"]
    assert said["macs"] in (None, analysis.totals.macs)
    rows = [row for row in analysis.rows if row.output_shape is not None]
    shapes = Counter((*row.output_shape.spatial, row.output_shape.channels) for row in rows if row.output_shape)
    missing = Counter(map(tuple, said["shapes"])) - shapes
    assert not missing
    assert Counter(row.parameters for row in rows) - Counter(said["params"]) <= Counter([0])
    assert network.complete
    assert (network.left_out, network.shapes_different) == ((), 0)
    assert network.stated_parameters in (None, analysis.totals.parameters)
    assert network.counted_parameters == analysis.totals.parameters


def test_blocks_are_found_by_the_prefixes_of_names_and_repeats_are_folded(tmp_path: Path) -> None:
    file, _, _ = imported(sample("keras", "ResNet50.json", tmp_path))
    block = find(file.design, ("conv4", "block2"))
    assert isinstance(block, Block)
    assert block.repeat == 5
    assert [item.name for item in block.layers[-2:]] == ["add", "out"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("conv2_block1_1_conv", ("conv2", "block1", "1_conv")),
        ("block_1_expand_BN", ("block_1", "expand_BN")),
        ("block1a_dwconv", ("block1a", "dwconv")),
        ("conv2d_17", ("conv2d_17",)),
        ("convnext_tiny_stage_0_block_2_gelu", ("convnext_tiny_stage_0", "block_2", "gelu")),
        ("predictions", ("predictions",)),
    ],
)
def test_a_name_says_in_which_blocks_a_layer_is(name: str, path: tuple[str, ...]) -> None:
    assert path_of(name) == path


def _model(layers: list[dict[str, Any]], *, shape: list[int | None]) -> dict[str, Any]:
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, *shape], "name": "image"}}
    return {"class_name": "Sequential", "config": {"name": "made", "layers": [first, *layers]}}


def _saved(folder: Path, model: dict[str, Any]) -> Path:
    path = folder / "model.json"
    path.write_text(json.dumps(model))
    return path


def _conv(**values: Any) -> dict[str, Any]:
    return {"class_name": "Conv2D", "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3], **values}}


def test_an_open_size_is_assumed_and_said_and_can_be_given(tmp_path: Path) -> None:
    path = _saved(tmp_path, _model([_conv()], shape=[None, None, 3]))
    assumed = imported(path)[2]
    assert assumed.input_shapes == ((3, 224, 224),)
    assert assumed.assumed == ("The file leaves the size of the input 'image' open; 3 × 224 × 224 was assumed.",)
    report = read_file(path, ReadOptions(input_size=(3, 64, 48))).report
    assert report is not None
    assert report.networks[0].input_shapes == ((3, 64, 48),)


def test_python_code_in_a_file_is_named_and_never_run(tmp_path: Path) -> None:
    code = {"class_name": "Lambda", "config": {"name": "mine", "function": ["4wEAAAA=", None, None]}}
    path = _saved(tmp_path, _model([_conv(), code], shape=[8, 8, 3]))
    with pytest.raises(FileError, match=r"'mine' \(Lambda\) holds Python code, which is not run"):
        read_file(path)


def test_code_whose_output_the_next_layer_states_is_a_placeholder(tmp_path: Path) -> None:
    code = {"class_name": "Lambda", "config": {"name": "mine", "function": ["4wEAAAA=", None, None]}}
    after = {**_conv(name="after"), "build_config": {"input_shape": [None, 3, 3, 4]}}
    _, analysis, network = imported(_saved(tmp_path, _model([_conv(), code, after], shape=[8, 8, 3])))
    assert [(left.name, left.kind, left.parameters) for left in network.left_out] == [("mine", "Lambda", 0)]
    assert not network.complete
    assert analysis.totals.parameters == 4 * 3 * 9 + 4 + 4 * 4 * 9 + 4


def test_a_layer_that_is_used_twice_counts_its_weights_once(tmp_path: Path) -> None:
    def layer(kind: str, name: str, calls: list[Any], **config: Any) -> dict[str, Any]:
        return {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": calls}

    layers = [
        layer("InputLayer", "left", [], batch_input_shape=[None, 8, 8, 3]),
        layer("InputLayer", "right", [], batch_input_shape=[None, 8, 8, 3]),
        layer("Conv2D", "conv", [[["left", 0, 0, {}]], [["right", 0, 0, {}]]], filters=4, kernel_size=[3, 3]),
        layer("Subtract", "difference", [[["conv", 0, 0, {}], ["conv", 1, 0, {}]]]),
    ]
    config = {
        "name": "twins",
        "layers": layers,
        "input_layers": [["left", 0, 0], ["right", 0, 0]],
        "output_layers": [["difference", 0, 0]],
    }
    file, analysis, network = imported(_saved(tmp_path, {"class_name": "Functional", "config": config}))
    assert analysis.totals.parameters == 3 * 3 * 3 * 4 + 4
    assert analysis.totals.macs == 2 * 6 * 6 * 3 * 3 * 3 * 4
    assert find(file.design, ("conv_2",)).shares == "conv"
    assert not network.replaced
    assert not network.left_out


def test_what_keras_does_not_store_is_said(tmp_path: Path) -> None:
    path = _saved(tmp_path, {"class_name": "MyNet", "config": {"width": 3}})
    with pytest.raises(FileError, match="a MyNet of its author's own, of which Keras stores no layers"):
        read_file(path)


def test_a_size_with_other_axes_than_the_input_is_refused(tmp_path: Path) -> None:
    path = _saved(tmp_path, _model([_conv()], shape=[8, 8, 3]))
    with pytest.raises(
        FileError, match="has the input 'image', whose size is 3 numbers, channels first; received were 2"
    ):
        read_file(path, ReadOptions(input_size=(3, 8)))


def test_a_layer_whose_numbers_are_not_those_of_the_file_is_not_believed(tmp_path: Path) -> None:
    path = sample("keras", "k2_sequential.h5", tmp_path)
    report = read_file(path, ReadOptions(input_size=(1, 40, 40))).report
    assert report is not None
    (network,) = report.networks
    assert [(left.kind, left.parameters) for left in network.left_out] == [("Dense", 23050)]
    assert "'dense' (Dense) would have 51,850 numbers, and the file holds 23,050" in network.notes[0]


def test_names_with_a_slash_are_not_taken_for_one(tmp_path: Path) -> None:
    layers = [
        {"class_name": "Dense", "config": {"name": "a/fc", "units": 4, "batch_input_shape": [None, 3]}},
        {"class_name": "Dense", "config": {"name": "b/fc", "units": 4}},
        {"class_name": "Dense", "config": {"name": "c/fc", "units": 4}},
    ]
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "net", "layers": layers}}))
    assert analyze(read_file(path).design).totals.parameters == 16 + 20 + 20
