"""Figures that differ by one decision, each made by changing a built-in design in that one place."""

from __future__ import annotations

import pytest
from msgspec import structs

from cnnstudio.core.arithmetic.convention import CAFFE
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.layer import Layer
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.pooling import MaxPool2D
from cnnstudio.layers.reshaping import Flatten
from tests.designs.builtin import changed, count, load, row_at, with_input
from tests.designs.truth_rows import torch_rows


def test_alexnet_splits_into_weights_and_biases() -> None:
    splits = {stem: (count(stem).totals.weights, count(stem).totals.biases) for stem in ALEXNETS}
    assert splits == ALEXNETS


ALEXNETS = {
    "alexnet": (62_367_776, 10_568),
    "alexnet-grouped": (60_954_656, 10_568),
    "alexnet-torchvision": (61_090_496, 10_344),
}


def test_alexnet_at_224_loses_a_row_by_rounding_down() -> None:
    analysis = analyze(with_input(load("alexnet"), 224))
    maps = [row_at(analysis, name).output_shape for name in ("Conv-1", "MaxPool-1", "MaxPool-2", "MaxPool-3")]
    assert [shape.spatial[0] for shape in maps if shape] == [54, 26, 12, 5]
    assert row_at(analysis, "FC-1").parameters == 26_218_496


def test_alexnet_at_224_keeps_it_in_caffe() -> None:
    def round_up(_: str, layer: Layer) -> Layer:
        return structs.replace(layer, ceil_mode=True) if isinstance(layer, MaxPool2D) else layer

    analysis = analyze(changed(with_input(load("alexnet"), 224), round_up), CAFFE)
    maps = [row_at(analysis, name).output_shape for name in ("MaxPool-1", "MaxPool-2", "MaxPool-3")]
    assert [shape.spatial[0] for shape in maps if shape] == [27, 13, 6]
    assert row_at(analysis, "FC-1").parameters == 37_752_832


@pytest.mark.parametrize(("classes", "parameters"), [(8, 56_901_000), (10, 56_909_194), (1000, 60_965_224)])
def test_grouped_alexnet_by_classes(classes: int, parameters: int) -> None:
    def shrink(place: str, layer: Layer) -> Layer:
        return structs.replace(layer, units=classes) if place == "fc8" else layer

    assert analyze(changed(load("alexnet-grouped"), shrink)).totals.parameters == parameters


def test_alexnet_without_flatten_as_keras_has_it() -> None:
    def unflatten(_: str, layer: Layer) -> Layer | None:
        if isinstance(layer, Dense):
            return structs.replace(layer, apply_to="channels")
        return None if isinstance(layer, Flatten) else layer

    totals = analyze(changed(load("alexnet"), unflatten)).totals
    assert (totals.weights, totals.biases) == (25_667_616, 10_568)
    assert totals.parameters == 25_678_184


@pytest.mark.parametrize("size", [63, 224, 500])
def test_adaptive_pooling_hides_the_size_of_the_image(size: int) -> None:
    analysis = analyze(with_input(load("alexnet-torchvision"), size))
    assert analysis.totals.parameters == 61_100_840
    assert not analysis.errors


def test_alexnet_takes_233_mib() -> None:
    totals = count("alexnet-torchvision").totals
    assert totals.parameter_bytes == 244_403_360
    assert round(totals.parameter_bytes / 2**20, 2) == 233.08


def test_lenet_5_rows_are_those_of_the_paper() -> None:
    learned = {row.path: row.parameters for row in count("lenet-5").rows if row.parameters}
    assert learned == {"C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164}
    assert sum(learned.values()) == 60_000


def test_lenet_5_connections_are_those_of_the_paper() -> None:
    """A weight or a bias connects once for each output position; S2 and S4 take 4 inputs and a bias."""
    rows = {row.path: row for row in count("lenet-5").rows}
    positions = {name: shape.positions for name, row in rows.items() if (shape := row.output_shape)}
    connections = {name: (rows[name].parameters or 0) * positions[name] for name in ("C1", "C3", "C5", "F6")}
    connections |= {name: 5 * (rows[name].activations or 0) for name in ("S2", "S4")}
    wanted = {"C1": 122_304, "S2": 5_880, "C3": 151_600, "S4": 2_000, "C5": 48_120, "F6": 10_164}
    assert connections == wanted
    assert sum(connections.values()) + (rows["output"].macs or 0) == 340_908


TABLE_I = (
    "X...XXX..XXXX.XX",
    "XX...XXX..XXXX.X",
    "XXX...XXX..X.XXX",
    ".XXX..XXXX..X.XX",
    "..XXX..XXXX.XX.X",
    "...XXX..XXXX.XXX",
)
"""The maps of S2 (rows) that each map of C3 (columns) sees, from LeCun et al. 1998: 60 links."""


def test_lenet_5_c3_is_table_i_of_the_paper() -> None:
    layer = row_at(count("lenet-5"), "C3").layer
    assert isinstance(layer, Conv2D)
    columns = zip(*TABLE_I, strict=True)
    links = tuple(tuple(i for i, mark in enumerate(column) if mark == "X") for column in columns)
    assert layer.connections == links
    assert sum(map(len, links)) == 60


def test_lenet_5_modern_split_and_at_28() -> None:
    totals = count("lenet-5-modern").totals
    assert (totals.weights, totals.biases) == (61_470, 236)
    assert analyze(with_input(load("lenet-5-modern"), 28)).totals.parameters == 44_426


def test_rows_of_the_textbook_example() -> None:
    learned = [row.parameters for row in count("lenet-like-32x32").rows if row.parameters]
    assert learned == [608, 3_216, 48_120, 10_164, 850]


def test_vgg_16_split_and_without_its_top() -> None:
    totals = count("vgg-16").totals
    assert (totals.weights, totals.biases) == (138_344_128, 13_416)
    features = [row.parameters or 0 for row in count("vgg-16").rows if row.layer.family == "convolution"]
    assert sum(features) == 14_714_688


def test_resnet_50_splits() -> None:
    rows = count("resnet-50").rows
    families = {name: sum(r.parameters or 0 for r in rows if r.layer.family == name) for name in RESNET_50}
    assert families == RESNET_50
    assert count("resnet-50", "keras").totals.parameters == 25_610_152


RESNET_50 = {"convolution": 23_454_912, "normalization": 53_120, "dense": 2_049_000}


def test_resnet_50_of_keras_has_26560_more_biases() -> None:
    keras, torch = count("resnet-50-keras").totals, count("resnet-50").totals
    assert keras.biases - torch.biases == 26_560
    assert keras.parameters - torch.parameters == 26_560 + 53_120
    assert (keras.trainable, keras.non_trainable) == (25_583_592, 53_120)


def test_resnet_50_with_the_stride_on_the_1x1() -> None:
    def move_stride(place: str, layer: Layer) -> Layer:
        if isinstance(layer, Conv2D) and place.endswith(("first/conv1", "first/conv2")) and "layer1" not in place:
            return structs.replace(layer, stride=2 if place.endswith("conv1") else 1)
        return layer

    analysis = analyze(changed(load("resnet-50"), move_stride))
    field = row_at(analysis, "layer4/rest[2]/relu3").receptive_field
    assert analysis.totals.parameters == 25_557_032
    assert analysis.totals.macs == 3_857_973_248
    assert field is not None
    assert field.size == (483, 483)


def test_resnet_50_without_the_last_bias() -> None:
    def unbias(_: str, layer: Layer) -> Layer:
        return structs.replace(layer, bias=False) if isinstance(layer, Dense) else layer

    assert analyze(changed(load("resnet-50"), unbias)).totals.parameters == 25_556_032


@pytest.mark.parametrize(("stem", "parameters"), [("googlenet", 7_005_832), ("googlenet-aux", 13_385_816)])
def test_googlenet_with_true_5x5(stem: str, parameters: int) -> None:
    def widen(place: str, layer: Layer) -> Layer:
        if place.endswith("branch3/conv2"):
            return structs.replace(layer, kernel_size=5, padding=2)
        return layer

    assert analyze(changed(load(stem), widen)).totals.parameters == parameters


def test_googlenet_conv1_has_9408_weights() -> None:
    assert row_at(count("googlenet"), "conv1").weights == 9_408


def test_mobilenet_v2_in_keras() -> None:
    assert count("mobilenet-v2", "keras").totals.parameters == 3_538_984
    assert count("mobilenet-v2").totals.state == 34_112


def test_efficientnet_b0_lacks_the_7_numbers_of_keras_normalization() -> None:
    assert count("efficientnet-b0", "keras").totals.parameters == 5_330_571 - 7


def test_c3d_of_ucf101() -> None:
    def shrink(place: str, layer: Layer) -> Layer:
        return structs.replace(layer, units=101) if place == "fc8" else layer

    assert analyze(changed(load("c3d"), shrink)).totals.parameters == 78_409_573


def test_heads_are_the_difference_of_the_googlenets() -> None:
    """Either head: 1 × 1 to 128 channels on 4 × 4, then 2,048 to 1,024 to 1,000."""
    macs = sum(channels * 128 * 16 + 2_048 * 1_024 + 1_024 * 1_000 for channels in (512, 528))
    assert count("googlenet-aux").totals.macs - count("googlenet").totals.macs == macs
    assert count("googlenet-caffe-aux").totals.macs - count("googlenet-caffe").totals.macs == macs
    parameters = macs + 2 * (128 + 1_024 + 1_000) - 15 * 128 * (512 + 528)
    assert count("googlenet-caffe-aux").totals.parameters - count("googlenet-caffe").totals.parameters == parameters


def test_head_of_inception_v3_is_the_difference() -> None:
    macs = 25 * 768 * 128 + 5 * 5 * 128 * 768 + 768 * 1_000
    assert count("inception-v3-aux").totals.macs - count("inception-v3").totals.macs == macs


def test_googlenet_of_caffe_multiplies_more_by_its_5x5() -> None:
    """Caffe has 25 / 9 of the operations where torchvision has 3 × 3 kernels instead of 5 × 5."""
    narrow = sum(row.figures.macs for row in torch_rows("googlenet") if row.name.endswith("branch3.1.conv"))
    assert count("googlenet-caffe").totals.macs == 1_498_376_192 + narrow * 16 // 9
