"""Exported files, opened again by our own readers: the same parameters and MACs, without any framework."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportError, ExportOptions
from cnnstudio.formats.builtin import builtin_paths, open_design
from tests.examples import some
from tests.exports.samples import analysis_of

MIN_READ = {"onnx": 70, "keras-json": 56}
"""Built-in designs that each target says."""


@pytest.mark.parametrize("key", MIN_READ)
def test_every_builtin_design_comes_back_with_its_totals(key: str, tmp_path: Path) -> None:
    target = TARGETS[key]
    read = 0
    stems = some(builtin_paths())
    for stem in stems:
        analysis = analysis_of(stem)
        try:
            content = target.write(analysis, ExportOptions()).content
        except ExportError:
            continue
        path = tmp_path / f"{stem}{target.suffixes[0]}"
        path.write_bytes(content)
        back = analyze(open_design(str(path)).design)
        assert back.errors == (), stem
        # By one convention: recurrent layers have two biases a gate as PyTorch counts, and one as Keras does.
        ours, theirs = analyze(analysis.design, back.convention).totals, back.totals
        assert (theirs.weights + theirs.biases, theirs.macs) == (ours.weights + ours.biases, ours.macs), stem
        read += 1
    assert read >= MIN_READ[key] - (len(builtin_paths()) - len(stems))
