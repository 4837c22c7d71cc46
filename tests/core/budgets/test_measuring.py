"""Tests of the numbers that conditions are about."""

from __future__ import annotations

from cnnstudio.core.budgets.condition import Span, condition_from
from cnnstudio.core.budgets.measuring import span_of
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.memory.model import estimate
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.layers.structure import Opaque
from tests.networks import builtin, design_of


def test_a_total_is_one_number() -> None:
    assert span_of(condition_from("parameters <= 5M"), builtin("alexnet")) == Span(62_378_344, 62_378_344)


def test_memory_is_the_interval_of_the_peak() -> None:
    analysis = builtin("vgg-11")
    found = estimate(analysis, Setting(batch=8, optimizer="sgd", precision="fp32"))
    assert found.low < found.high
    assert span_of(condition_from("memory(8, sgd, fp32) <= 8GB"), analysis) == Span(found.low, found.high)


def test_what_is_unknown_in_part_has_no_upper_end() -> None:
    analysis = analyze(design_of(Opaque(name="what", channels=4, parameters=0)))
    assert span_of(condition_from("macs <= 5"), analysis) == Span(0, None)
    assert span_of(condition_from("memory <= 1B"), analysis).high is None
