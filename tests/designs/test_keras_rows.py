"""Built-in designs against Keras, layer by layer, counted as Keras does.

Alignment: the rows with parameters in order, or by name where Keras sorts branches into each other; the rows
without parameters class by class. Left out is ZeroPadding2D: the designs pad in the window that follows.
"""

from __future__ import annotations

import re

import pytest
from msgspec import Struct

from cnnstudio.core.counting.rows import Row
from tests.designs.builtin import count
from tests.designs.truth_rows import TruthRow, figures_of, is_learned, keras_rows, read
from tests.places import TRUTH

TYPES = {
    "InputLayer": "Input",
    "MaxPooling2D": "MaxPool2D",
    "AveragePooling2D": "AvgPool2D",
    "GlobalAveragePooling2D": "GlobalAvgPool",
    "Flatten": "Flatten",
    "Add": "Add",
    "Concatenate": "Concat",
    "Activation": "Activation",
    "ReLU": "Activation",
}
LEFT_OUT = {"ZeroPadding2D"}


class Network(Struct, frozen=True):
    """A Keras network: its file, and how many rows with and without parameters are compared."""

    file: str
    learned: int
    others: int


NETWORKS = {
    "cnn-100x100": Network("seed_a_100x100x1", 5, 3),
    "lenet-like-32x32": Network("seed_b_lenet_32x32x3", 5, 4),
    "vgg-16": Network("VGG16", 16, 7),
    "densenet-121": Network("DenseNet121", 242, 185),
    "mobilenet-v2": Network("MobileNetV2", 105, 47),
    "resnet-50-keras": Network("ResNet50", 107, 68),
    "xception": Network("Xception", 81, 53),
    # Its softmax is a layer of its own, and none in Keras.
    "alexnet": Network("seed_c_alexnet_227x227x3", 8, 5),
}


def test_every_file_is_compared() -> None:
    assert {path.stem for path in (TRUTH / "keras").glob("*.json")} == {n.file for n in NETWORKS.values()}


@pytest.mark.parametrize("stem", NETWORKS)
def test_layers_with_parameters(stem: str) -> None:
    pairs = _pairs(stem)
    assert len(pairs) == NETWORKS[stem].learned
    for row, truth in pairs:
        assert figures_of(row) == truth.figures, f"{row.path} against {truth.name}"
        assert row.non_trainable == truth.figures.state


def _pairs(stem: str) -> list[tuple[Row, TruthRow]]:
    wanted = [row for row in keras_rows(NETWORKS[stem].file) if row.is_learned]
    rows = [row for row in count(stem, "keras").rows if is_learned(row)]
    if stem == "resnet-50-keras":
        by_name = {truth.name: truth for truth in wanted}
        assert by_name.keys() == {_resnet_name(row.path) for row in rows}
        return [(row, by_name[_resnet_name(row.path)]) for row in rows]
    return list(zip(rows, wanted, strict=True))


def _resnet_name(path: str) -> str:
    """`conv2_block3_1_conv` for `conv2/rest[2]/1_conv`."""
    match = re.fullmatch(r"(conv\d)/(first|rest\[(\d)\])/(.+)", path)
    if match is None:
        return path
    return f"{match[1]}_block{int(match[3] or 0) + 1}_{match[4]}"


@pytest.mark.parametrize("stem", NETWORKS)
def test_layers_without_parameters(stem: str) -> None:
    wanted = [row for row in keras_rows(NETWORKS[stem].file) if not row.is_learned]
    classes = {row.type_name for row in wanted} - LEFT_OUT
    compared = 0
    for name in sorted(classes):
        outputs = [row.figures.output for row in wanted if row.type_name == name]
        rows = [row for row in count(stem, "keras").rows if row.layer.type_name == TYPES[name]]
        assert [figures_of(row).output for row in rows] == outputs, name
        compared += len(rows)
    assert compared == NETWORKS[stem].others


@pytest.mark.parametrize("stem", NETWORKS)
def test_totals_of_the_file(stem: str) -> None:
    document = read(f"keras/{NETWORKS[stem].file}.json")
    wanted, totals = document["totals"], count(stem, "keras").totals
    assert totals.parameters == wanted["params"]
    assert totals.trainable == wanted["trainable_params"]
    assert totals.non_trainable == wanted["non_trainable_params"]
    assert totals.macs == document["macs"]
