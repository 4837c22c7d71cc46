"""Programs of torch.export against what PyTorch says of the models; each file also states every shape."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cnnstudio.core.network.design import Block, find, walk
from tests.formats.foreign.truth import imported, sample, samples, truth

FUSED_ATTENTION = ("vit",)
"""PyTorch's own counter leaves out what its fast path of attention does."""


@pytest.mark.parametrize("name", samples("torch"))
def test_a_program_counts_as_pytorch_does(name: str, tmp_path: Path) -> None:
    said = truth("torch", name)
    _, analysis, network = imported(sample("torch", name, tmp_path))
    totals = analysis.totals
    assert (totals.weights + totals.biases, totals.state) == (said["params"], said["state"])
    if name.partition(".")[0] not in FUSED_ATTENTION:
        assert totals.macs == said["macs"]
    assert network.stated_parameters == network.counted_parameters == said["params"]
    assert network.shapes_checked > 0
    assert (network.shapes_different, network.complete) == (0, True)


@pytest.mark.parametrize("name", ["shuffle.pt2", "mnv3.pt2", "unet.pt2"])
def test_every_module_has_its_shape(name: str, tmp_path: Path) -> None:
    said = truth("torch", name)
    _, analysis, _ = imported(sample("torch", name, tmp_path))
    mine = Counter(tuple(row.output_shape.to_list()) for row in analysis.rows if row.output_shape)
    theirs = Counter(tuple(shape[1:]) for _, kind, shape in said["rows"] if kind != "AdaptiveAvgPool2d")
    assert not theirs - mine


def test_shuffled_channels_and_repeats_are_recognized(tmp_path: Path) -> None:
    file, analysis, network = imported(sample("torch", "shuffle.pt2", tmp_path))
    assert sum(row.layer.type_name == "ChannelShuffle" for row in analysis.rows) == 16
    assert "ChannelShuffle was written as two reshapes and a transpose (16 ×)" in network.replaced
    assert any(isinstance(item, Block) and item.repeat == 3 for item in _inside(find(file.design, ("stage2",))))


def _inside(item: object) -> tuple[object, ...]:
    return item.layers if isinstance(item, Block) else ()


def test_a_module_called_three_times_counts_its_weights_once(tmp_path: Path) -> None:
    file, analysis, network = imported(sample("torch", "shared.pt2", tmp_path))
    assert analysis.totals.parameters == 4 * 4 * 9 + 4 + 8
    assert len({item.shares for _, item in walk(file.design.layers)} - {""}) == 2
    assert not network.replaced
    assert not network.left_out
