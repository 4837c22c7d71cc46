"""The memory of networks: from the analysis to the peak of a training step, with autocast."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.memory.model import estimate
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.formats.builtin import open_design
from tests.benchmarks.measuring import Result, medians

GOALS = {"resnet-50": 0.005, "densenet-201": 0.015}
"""Seconds that each may take."""


def results() -> Iterator[Result]:
    """ResNet-50 and DenseNet-201, counted before."""
    for name, goal in GOALS.items():
        analysis = analyze(open_design(name).design)
        (seconds,) = medians([partial(estimate, analysis, Setting(precision="bf16"))], seconds=2)
        yield Result(f"memory of {name}", f"{goal * 1000:g} ms", seconds, goal, 1)
