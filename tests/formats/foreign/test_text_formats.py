"""Caffe and Darknet, and checkpoints that fit a built-in design."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.fault import FileError
from tests.formats.foreign.truth import imported

LENET = """name: "LeNet"
input: "data" input_dim: 1 input_dim: 1 input_dim: 28 input_dim: 28
layers { name: "conv1" type: CONVOLUTION bottom: "data" top: "conv1"
  convolution_param { num_output: 20 kernel_size: 5 } }
layers { name: "pool1" type: POOLING bottom: "conv1" top: "pool1" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layers { name: "conv2" type: CONVOLUTION bottom: "pool1" top: "conv2"
  convolution_param { num_output: 50 kernel_size: 5 } }
layers { name: "pool2" type: POOLING bottom: "conv2" top: "pool2" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layers { name: "ip1" type: INNER_PRODUCT bottom: "pool2" top: "ip1" inner_product_param { num_output: 500 } }
layers { name: "relu1" type: RELU bottom: "ip1" top: "ip1" }  # in place
layers { name: "ip2" type: INNER_PRODUCT bottom: "ip1" top: "ip2" inner_product_param { num_output: 10 } }
layers { name: "accuracy" type: ACCURACY bottom: "ip2" bottom: "label" include { phase: TEST } }
layers { name: "prob" type: SOFTMAX bottom: "ip2" top: "prob" }
"""


def test_the_old_form_of_caffe_counts_as_the_built_in_lenet(tmp_path: Path) -> None:
    path = tmp_path / "lenet.prototxt"
    path.write_text(LENET)
    file, analysis, _ = imported(path)
    built_in = analyze(open_design("lenet-caffe").design)
    assert analysis.totals.parameters == built_in.totals.parameters == 431080
    assert analysis.totals.macs == built_in.totals.macs
    assert file.design.convention == "caffe"
    assert not analysis.problems


def test_caffe_rounds_pools_up_and_merges_branches(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text(
        """layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 4 dim: 14 dim: 14 } } }
        layer { name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param { pool: AVE kernel_size: 3 stride: 2 } }
        layer { name: "c" type: "Convolution" bottom: "p" top: "c"
          convolution_param { num_output: 4 kernel_h: 1 kernel_w: 3 pad_h: 0 pad_w: 1 group: 2 bias_term: false } }
        layer { name: "bn" type: "BatchNorm" bottom: "c" top: "c" }
        layer { name: "s" type: "Scale" bottom: "c" top: "c" scale_param { bias_term: true } }
        layer { name: "sum" type: "Eltwise" bottom: "p" bottom: "c" top: "sum" }
        layer { name: "cat" type: "Concat" bottom: "sum" bottom: "p" top: "cat" }"""
    )
    _, analysis, _ = imported(path)
    assert [row.output_shape.to_list() for row in analysis.rows if row.output_shape][1] == [4, 7, 7]
    assert analysis.rows[-1].output_shape is not None
    assert analysis.rows[-1].output_shape.to_list() == [8, 7, 7]
    assert (analysis.totals.parameters, analysis.totals.state) == (4 * 2 * 3 + 8, 8)


def test_a_layer_that_caffe_does_not_have_is_named(tmp_path: Path) -> None:
    path = tmp_path / "net.prototxt"
    path.write_text(LENET.replace("type: RELU", "type: THRESHOLD"))
    with pytest.raises(FileError, match=r"the layer 'relu1' \(THRESHOLD\) is of a type that is not read"):
        read_file(path)


def test_darknet_pads_routes_and_adds(tmp_path: Path) -> None:
    path = tmp_path / "net.cfg"
    path.write_text(
        "[net]\nwidth=416\nheight=416\nchannels=3\n"
        "[convolutional]\nbatch_normalize=1\nfilters=16\nsize=3\nstride=1\npad=1\nactivation=leaky\n"
        "[maxpool]\nsize=2\nstride=2\n"
        "[maxpool]\nsize=2\nstride=1\n"
        "[convolutional]\nfilters=16\nsize=1\nactivation=linear\n"
        "[shortcut]\nfrom=-3\nactivation=linear\n"
        "[route]\nlayers=-1,1\n"
        "[upsample]\nstride=2\n"
        "[route]\nlayers=-1\ngroups=2\ngroup_id=1\n"
        "[convolutional]\nfilters=255\nsize=1\nactivation=linear\n[yolo]\nclasses=80\n"
    )
    _, analysis, _ = imported(path)
    shapes = [row.output_shape.to_list() for row in analysis.rows if row.output_shape]
    assert [16, 208, 208] in shapes
    assert shapes[-1] == [255, 416, 416]
    assert analysis.totals.parameters == 432 + 32 + 16 * 16 + 16 + 16 * 255 + 255


def test_weights_that_are_those_of_a_built_in_design_open_it(tmp_path: Path) -> None:
    design = open_design("lenet-caffe").design
    entries: dict[str, object] = {}
    for row in analyze(design).rows:
        assert row.counts is not None
        for kind, size in (("weight", row.counts.weights), ("bias", row.counts.biases)):
            if size:
                entries[f"{row.path}.{kind}"] = {"dtype": "F32", "shape": [int(size)], "data_offsets": [0, 0]}
    header = json.dumps(entries).encode()
    path = tmp_path / "lenet.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    file, _, network = imported(path)
    assert file.design == design
    assert "lenet-caffe" in network.assumed[0]
    assert network.stated_parameters == network.counted_parameters == 431080
    assert len(network.tensors) == len(entries)
