"""Exports: source against the analysis of the same design, a light ONNX file of the largest built-in, the code view."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportOptions
from cnnstudio.formats.builtin import builtin_paths, open_design
from tests.benchmarks.measuring import Result, duration, medians
from tests.benchmarks.networks import chain

MAX_SOURCE_RATIO = 10
"""PyTorch source of ResNet-50, in times of its analysis."""
MAX_ONNX_SECONDS = 0.05
MAX_REFRESH_SECONDS = 0.016
UNSAYABLE = ("lenet-5", "convlstm-video")


def results() -> Iterator[Result | str]:
    """Each target on ResNet-50, the largest ONNX file, and 1,000 layers as the code view asks for them."""
    design = open_design("resnet-50").design
    analysis = analyze(design)
    actions = [partial(_write, key, analysis) for key in TARGETS]
    counted, *times = medians([partial(analyze, design), *actions], seconds=6)
    for key, seconds in zip(TARGETS, times, strict=True):
        yield Result(f"ResNet-50 as {TARGETS[key].title}", "its analysis", seconds, counted)
        if key == "pytorch":
            yield f"  goal {MAX_SOURCE_RATIO} × the analysis: {_verdict(seconds / counted, MAX_SOURCE_RATIO)}"
            yield f"  goal {duration(MAX_REFRESH_SECONDS)} for the code view: {_verdict(seconds, MAX_REFRESH_SECONDS)}"
    largest = max((analyze(open_design(stem).design) for stem in builtin_paths() if stem not in UNSAYABLE), key=_layers)
    (seconds,) = medians([partial(_write, "onnx", largest)], seconds=3)
    verdict = _verdict(seconds, MAX_ONNX_SECONDS)
    name = f"{largest.design.name}, {_layers(largest):,} layers, as light ONNX"
    yield f"{name}: {duration(seconds)}; goal 50 ms: {verdict}"
    long = analyze(chain(1_000))
    (seconds,) = medians([partial(_write, "pytorch", long)], seconds=3)
    yield f"1,000 layers as PyTorch source, which the code view makes in a thread: {duration(seconds)}"


def _layers(analysis: Analysis) -> int:
    return analysis.totals.layers


def _write(key: str, analysis: Analysis) -> bytes:
    return TARGETS[key].write(analysis, ExportOptions()).content


def _verdict(value: float, most: float) -> str:
    return "met" if value <= most else "MISSED"
