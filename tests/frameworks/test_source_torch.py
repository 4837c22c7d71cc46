"""Networks in PyTorch source: what the reader makes of each against what PyTorch builds and counts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.format import ReadOptions
from tests.frameworks.frameworks import flop_counter, torch
from tests.frameworks.styles import run, styles

STYLES = styles("torch_styles.txt")
COUNTED_OTHERWISE = {"tied": "a weight of two layers whose biases are their own is counted at each, and said"}
RECURRENT = ("rnn over rows", "cnn with gru", "frames taken for examples")
"""Styles whose work PyTorch does not count, and whose channels come last."""
UNUSED = re.compile(r"\d+ modules? with ([\d,]+) parameters? (?:is|are) made and never used")


@pytest.mark.parametrize("name", STYLES)
def test_a_network_is_read_as_pytorch_builds_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = STYLES[name].size
    path = STYLES[name].write(tmp_path)
    file = read_file(path, ReadOptions(input_size=size))
    analysis = analyze(file.design)
    assert file.report is not None
    network = file.report.networks[0]
    net = run(path, monkeypatch).eval()
    macs, shapes = _traced(net, size)
    assert not network.faults
    assert not network.left_out
    idle = sum(int(found[1].replace(",", "")) for note in network.notes if (found := UNUSED.match(note)))
    parameters = sum(tensor.numel() for tensor in net.parameters()) - idle
    assert network.stated_parameters == parameters
    if name not in COUNTED_OTHERWISE:
        trainable = sum(tensor.numel() for tensor in net.parameters() if tensor.requires_grad) - idle
        assert (analysis.totals.parameters, analysis.totals.trainable) == (parameters, trainable)
    if name in RECURRENT:
        assert [sorted(shape) for shape in _outputs(analysis)] == [sorted(shape) for shape in shapes]
    else:
        assert sorted(_outputs(analysis)) == sorted(shapes)
        assert analysis.totals.macs == macs


def _traced(net: Any, size: tuple[int, ...]) -> tuple[int, list[tuple[int, ...]]]:
    """The MACs and the output shapes of a network."""
    image = torch.zeros(1, *size)
    net(image)
    with flop_counter.FlopCounterMode(display=False) as counter, torch.no_grad():
        given = net(image)
    parts = list(given.values()) if isinstance(given, dict) else given if isinstance(given, (list, tuple)) else [given]
    return counter.get_total_flops() // 2, [tuple(part.shape[1:]) for part in parts]


def _outputs(analysis: Analysis) -> list[tuple[int, ...]]:
    """The shapes that the design gives: of its outputs, or of the last layer."""
    rows = [row for row in analysis.rows if row.layer.type_name == "Output"] or [analysis.rows[-1]]
    return [tuple(row.output_shape.to_list()) for row in rows if row.output_shape is not None]
