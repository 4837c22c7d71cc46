"""States of recurrent layers in ONNX files: out with a further output each, and in again as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design, walk
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportOptions
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.design_yaml import parse_items

TRANSLATOR = """
- {{type: Input, name: words, size: 9, channels: 4}}
- {{type: Input, name: before, size: 7, channels: 5}}
- {{type: {kind}, name: encoder, units: 6, direction: {direction}, return_sequences: {sequences}, inputs: [words]}}
{states}
- {{type: {kind}, name: decoder, units: 6, direction: {direction}, return_sequences: true, inputs: [before, {names}]}}
- {{type: GlobalAvgPool, name: pool, inputs: [{source}]}}
- {{type: Dense, name: head, units: 3, inputs: [decoder], apply_to: channels}}
"""


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_states_come_back(kind: str, direction: str, sequences: bool, tmp_path: Path) -> None:
    names = ("state", "cell") if kind == "LSTM" else ("state",)
    states = "\n".join(
        [f"- {{type: FurtherOutput, name: {name}, output: {name}, inputs: [encoder]}}" for name in names]
    )
    text = TRANSLATOR.format(
        kind=kind,
        direction=direction,
        sequences=str(sequences).lower(),
        states=states,
        names=", ".join(names),
        source="encoder" if sequences else "decoder",
    )
    written = analyze(Design(name="net", layers=parse_items(text)))
    assert written.errors == ()
    path = tmp_path / "net.onnx"
    path.write_bytes(TARGETS["onnx"].write(written, ExportOptions()).content)
    read = open_design(str(path)).design
    types = [item.type_name for _, item in walk(read.layers)]
    assert "Opaque" not in types
    assert types.count(kind) == 2
    # Without its sequence, the output of a layer is its last state.
    assert len([row for row in analyze(read).rows if row.picks]) == len(names) - (not sequences)
    assert analyze(read).totals.parameters == written.totals.parameters
    assert analyze(read).totals.macs == written.totals.macs
