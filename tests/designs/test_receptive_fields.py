"""Receptive fields of built-in designs against fields measured by gradients.

Alignment: convolutions and max pooling in the order of the forward pass, on an image as large as the measured
one.
"""

from __future__ import annotations

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.rows import Row
from tests.designs.builtin import count, load, row_at, with_input
from tests.designs.truth_rows import read
from tests.places import TRUTH

NETWORKS = {
    "alexnet-torchvision": ("alexnet", 8),
    "vgg-16": ("vgg16", 18),
    "resnet-50": ("resnet50", 54),
    "mobilenet-v2": ("mobilenet_v2", 52),
}


def test_every_file_is_compared() -> None:
    files = {path.stem for path in (TRUTH / "receptive_field").glob("*.json")}
    assert files == {name for name, _ in NETWORKS.values()}


@pytest.mark.parametrize("stem", NETWORKS)
def test_measured_fields(stem: str) -> None:
    name, compared = NETWORKS[stem]
    document = read(f"receptive_field/{name}.json")
    analysis = analyze(with_input(load(stem), document["H"]))
    rows = [row for row in analysis.rows if row.layer.family == "convolution" or row.layer.type_name == "MaxPool2D"]
    assert len(rows) == len(document["rows"]) == compared
    for row, truth in zip(rows, document["rows"], strict=True):
        offset = truth["first"] - truth["index"] * truth["jump"]
        wanted = (truth["rf"], truth["jump"], offset, truth["out_h"])
        assert not truth["touches_border"]
        assert _field(row) == (wanted, wanted), f"{row.path} against {truth['path']}"


def _field(row: Row) -> tuple[tuple[int | float | None, ...], ...]:
    """Size, stride and offset of the field, and the size of the map, along each axis."""
    field, output = row.receptive_field, row.output_shape
    assert field is not None
    assert output is not None
    return tuple(zip(field.size, field.stride, field.offset, output.spatial, strict=True))


SIZES = [
    ("vgg-16", "conv5_3", 196, 16),
    ("vgg-16", "pool5", 212, 32),
    ("alexnet", "Conv-5", 163, 16),
    ("alexnet", "MaxPool-3", 195, 32),
    ("alexnet-grouped", "conv5", 163, 16),
    ("alexnet-grouped", "pool5", 195, 32),
    ("resnet-50", "layer4/rest[2]/relu3", 427, 32),
    ("resnet-50-keras", "conv5/rest[2]/out", 483, 32),
    ("lenet-5", "C1", 5, 1),
    ("lenet-5", "S2", 6, 2),
    ("lenet-5", "C3", 14, 2),
    ("lenet-5", "S4", 16, 4),
    ("lenet-5", "C5", 32, 4),
]


@pytest.mark.parametrize(("stem", "path", "size", "stride"), SIZES)
def test_published_fields(stem: str, path: str, size: int, stride: int) -> None:
    field = row_at(count(stem), path).receptive_field
    assert field is not None
    assert (field.size, field.stride) == ((size, size), (stride, stride))
