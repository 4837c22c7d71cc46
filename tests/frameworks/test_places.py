"""The places of maximums: taken out of a pool, kept in blocks, put back by MaxUnpool, given by the network."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.design import walk
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportError, ExportOptions
from cnnstudio.formats import read_file
from cnnstudio.formats.format import ReadOptions
from tests.exports.samples import analysis_of
from tests.frameworks.frameworks import numpy as np
from tests.frameworks.frameworks import torch
from tests.frameworks.running import text_of
from tests.frameworks.test_frameworks import compare_everywhere, run_everywhere
from tests.frameworks.test_memory import counted as kept_bytes
from tests.frameworks.test_memory import for_training, kept_by_autograd

nn = torch.nn
HEAD = "cnnstudio: 1\nname: case\nlayers:\n"

SEGNET = """\
- {type: Input, name: image, size: [13, 12], channels: 3}
- type: Block
  name: down
  repeat: 2
  further_outputs: [pool, where]
  layers:
  - {type: Conv2D, name: conv, filters: 3, kernel_size: 3, padding: same, activation: tanh}
  - {type: MaxPool2D, name: pool, pool_size: 2}
  - {type: FurtherOutput, name: where, output: indices, inputs: [pool]}
  - {type: Identity, name: end, inputs: [pool]}
- {type: FurtherOutput, name: places, output: where, inputs: [down]}
- type: Block
  name: up
  inputs: [down, places]
  further_inputs: [places]
  layers:
  - {type: Conv2D, name: conv, filters: 3, kernel_size: 3, padding: same}
  - {type: MaxUnpool, name: unpool, pool_size: 2, inputs: [conv, places]}
  - {type: Conv2D, name: last, filters: 2, kernel_size: 3, padding: same, activation: tanh}
"""
UNPOOLED = """\
- {{type: Input, name: image, size: {size}, channels: 3}}
- {{type: Scale, name: scale}}
- {{type: {pool}, name: pool, {fields}}}
- {{type: FurtherOutput, name: places, output: indices, inputs: [pool]}}
- {{type: Scale, name: before, inputs: [pool]}}
- {{type: MaxUnpool, name: unpool, {window}, inputs: [before, places]}}
- {{type: Scale, name: after}}
- {{type: Output, name: first, inputs: [after]}}
- {{type: Output, name: second, inputs: [places]}}
"""
CASES = {
    "one axis": ("[9]", "MaxPool1D", "pool_size: 2", "pool_size: 2"),
    "two axes": ("[8, 6]", "MaxPool2D", "pool_size: 2", "pool_size: 2"),
    "what is left over": ("[9, 7]", "MaxPool2D", "pool_size: [2, 3]", "pool_size: [2, 3]"),
    "padding": ("[8, 8]", "MaxPool2D", "pool_size: 3, stride: 2, padding: 1", "pool_size: 3, stride: 2"),
    "same": ("[7, 7]", "MaxPool2D", "pool_size: 3, stride: 2, padding: same", "pool_size: 3, stride: 2"),
    "ceil": ("[7, 5]", "MaxPool2D", "pool_size: 2, ceil_mode: true", "pool_size: 2"),
    "gaps": ("[9, 9]", "MaxPool2D", "pool_size: 2, stride: 3", "pool_size: 2, stride: 3"),
    "three axes": ("[5, 4, 6]", "MaxPool3D", "pool_size: 2", "pool_size: 2"),
}


def case(size: str, pool: str, fields: str, window: str) -> Analysis:
    return counted(UNPOOLED.format(size=size, pool=pool, fields=fields, window=window))


def counted(layers: str) -> Analysis:
    analysis = analysis_of(HEAD + layers)
    assert analysis.errors == ()
    return analysis


@pytest.mark.parametrize("name", CASES)
def test_places_give_equal_numbers(name: str) -> None:
    analysis = case(*CASES[name])
    results = run_everywhere(analysis, 1)
    assert set(results) == {"pytorch", "onnx"}
    assert compare_everywhere(analysis, 1) == ""
    # The places themselves are whole numbers below the number of positions of the map.
    places = results["onnx"][1]
    assert places.dtype == np.int64
    shape = analysis.rows[0].output_shape
    assert shape is not None
    assert places.max() < shape.positions


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("name", CASES)
def test_places_are_kept_as_autograd_keeps_them(name: str, precision: str) -> None:
    analysis = analyze(for_training(case(*CASES[name]).design))
    assert kept_bytes(analysis, precision) == kept_by_autograd(analysis, precision) > 0


def test_places_pass_through_blocks() -> None:
    analysis = counted(SEGNET)
    assert set(run_everywhere(analysis, 1)) == {"pytorch", "onnx"}
    assert compare_everywhere(analysis, 1) == ""
    analysis = analyze(for_training(analysis.design))
    for precision in ("fp32", "bf16"):
        assert kept_bytes(analysis, precision) == kept_by_autograd(analysis, precision) > 0


def test_places_of_an_adaptive_pool_give_pytorchs_numbers() -> None:
    analysis = case("[9, 9]", "AdaptiveMaxPool", "output_size: [3, 3]", "pool_size: 3")
    text = text_of(analysis, "pytorch")
    assert "nn.AdaptiveMaxPool2d(3, return_indices=True)" in text
    assert set(run_everywhere(analysis, 1)) == {"pytorch"}
    analysis = analyze(for_training(analysis.design))
    assert kept_bytes(analysis, "fp32") == kept_by_autograd(analysis, "fp32") > 0


def test_what_frameworks_have_no_places_for_is_refused_by_name() -> None:
    analysis = case(*CASES["two axes"])
    with pytest.raises(ExportError, match="Keras' pools do not give the places of their maximums"):
        text_of(analysis, "keras")
    uneven = case("[7, 7]", "MaxPool2D", "pool_size: 2, padding: same, stride: 3", "pool_size: 2, stride: 3")
    with pytest.raises(ExportError, match="PyTorch pools a padded copy of its map here"):
        text_of(uneven, "pytorch")


class SegNet(nn.Module):  # type: ignore[misc,name-defined]
    """Pools that tell their places, and what puts back."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.pool = nn.MaxPool2d(3, 2, 1, return_indices=True)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.unpool = nn.MaxUnpool2d(3, 2, 1)
        self.last = nn.Conv2d(8, 2, 1)

    def forward(self, image: Any) -> Any:
        image = self.first(image)
        size = image.size()
        image, places = self.pool(image)
        return self.last(self.unpool(self.second(image), places, output_size=size))


class OneAxis(nn.Module):  # type: ignore[misc,name-defined]
    """The same along one axis, and with an adaptive pool."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(3, 8, 3, padding=1)
        self.pool = nn.MaxPool1d(2, return_indices=True)
        self.bins = nn.AdaptiveMaxPool1d(3, return_indices=True)
        self.unpool = nn.MaxUnpool1d(2)
        self.last = nn.Conv1d(8, 2, 1)

    def forward(self, sound: Any) -> Any:
        sound, places = self.pool(self.first(sound))
        small, inner = self.bins(sound)
        sound = sound + nn.functional.max_unpool1d(small, inner, 2, output_size=[6])
        return self.last(self.unpool(sound, places))


class Traced(SegNet):
    """The same by PyTorch's operator, as tracing its function fails in PyTorch itself."""

    def forward(self, image: Any) -> Any:
        image, places = self.pool(self.first(image))
        return self.last(torch.ops.aten.max_unpool2d(self.second(image), places, [16, 12]))


def exported(net: Any, image: Any, path: Path) -> Path:
    torch.export.save(torch.export.export(net, (image,)), path)
    return path


def traced(net: Any, image: Any, path: Path) -> Path:
    torch.jit.trace(net, image).save(str(path))
    return path


@pytest.mark.parametrize(
    ("kind", "sizes", "save", "suffix"),
    [
        (SegNet, (3, 16, 12), exported, "pt2"),
        (OneAxis, (3, 12), exported, "pt2"),
        (Traced, (3, 16, 12), exported, "pt2"),
        (Traced, (3, 16, 12), traced, "pt"),
    ],
)
def test_places_of_a_network_of_pytorchs_are_read(
    kind: Any, sizes: Any, save: Any, suffix: str, tmp_path: Path
) -> None:
    net = kind().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = save(net, torch.zeros(1, *sizes), tmp_path / f"net.{suffix}")
    design = read_file(path, ReadOptions(input_size=sizes)).design
    types = [item.type_name for _, item in walk(design.layers)]
    assert "Opaque" not in types
    assert types.count("FurtherOutput") == types.count("MaxUnpool") == (2 if kind is OneAxis else 1)
    analysis = analyze(design)
    assert analysis.errors == ()
    assert analysis.totals.parameters == sum(tensor.numel() for tensor in net.parameters())
    assert analysis.rows[-1].output_shape == Shape(2, sizes[1:])


@pytest.mark.parametrize("name", CASES)
def test_places_come_back_from_onnx(name: str, tmp_path: Path) -> None:
    analysis, path = case(*CASES[name]), tmp_path / "net.onnx"
    path.write_bytes(TARGETS["onnx"].write(analysis, ExportOptions()).content)
    read = analyze(read_file(path).design)
    types = [row.layer.type_name for row in read.rows]
    assert "Opaque" not in types
    assert [types.count(kind) for kind in ("FurtherOutput", "MaxUnpool")] == [1, 1]
    assert compare_everywhere(read, 1) == ""
    assert read.totals.parameters == analysis.totals.parameters


@pytest.mark.parametrize("name", [name for name in CASES if name != "same"])
def test_places_come_back_from_source(name: str, tmp_path: Path) -> None:
    analysis, path = case(*CASES[name]), tmp_path / "net.py"
    path.write_text(text_of(analysis, "pytorch"))
    read = analyze(read_file(path).design)
    types = [row.layer.type_name for row in read.rows]
    assert "Opaque" not in types
    assert [types.count(kind) for kind in ("FurtherOutput", "MaxUnpool")] == [1, 1]
    assert read.totals.parameters == analysis.totals.parameters


APART = """\
- {type: Input, name: image, size: [8, 8], channels: 3}
- {type: Scale, name: first, inputs: [image]}
- {type: MaxPool2D, name: pool, pool_size: 2}
- {type: FurtherOutput, name: places, output: indices, inputs: [pool]}
- {type: Scale, name: second, inputs: [image]}
- {type: AvgPool2D, name: mean, pool_size: 2}
- {type: MaxUnpool, name: up, pool_size: 2, inputs: [mean, places]}
"""


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_pool_of_which_the_places_alone_are_taken_keeps_nothing(precision: str) -> None:
    """They have no gradient, so that nothing before the pool learns."""
    analysis = counted(APART)
    assert kept_bytes(analysis, precision) == kept_by_autograd(analysis, precision) > 0
