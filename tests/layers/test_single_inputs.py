"""Layers that join several inputs, and take a single one where it is named."""

from __future__ import annotations

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import structure_faults
from cnnstudio.layers.merge import Add, Concat
from tests.networks import conv, design_of


def test_a_concat_may_name_one_input() -> None:
    named = design_of(conv("a"), Concat(name="all", inputs=("a",)))
    assert list(structure_faults(named.layers)) == []
    assert not analyze(named).errors
    # One that names none has been given too little, as long as nobody said so.
    assert [problem.rule for problem in analyze(design_of(conv("a"), Concat(name="all"))).errors] == ["missing-input"]
    assert next(structure_faults(design_of(conv("a"), Add(name="sum", inputs=("a",))).layers)).field == "inputs"
