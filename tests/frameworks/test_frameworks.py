"""Exports run by their frameworks: built-in designs, random layers and designs, equal numbers from equal weights."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from cnnstudio import resources
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.exports.target import ExportError, counted_for
from cnnstudio.formats.builtin import builtin_paths
from cnnstudio.verification import FRAMEWORKS, checking, verify
from tests.exports.samples import SAMPLES, analysis_of
from tests.frameworks.conftest import seeds
from tests.frameworks.frameworks import numpy as np
from tests.frameworks.random_layers import design_case, layer_case
from tests.frameworks.running import (
    checked_shapes,
    images_of,
    keras_model,
    onnx_file,
    run_keras,
    run_onnx,
    run_torch,
    text_of,
    torch_net,
    weights_of,
)
from tests.frameworks.weights import into_keras, into_torch

Files = dict[str, bytes]
UNSAYABLE = ("lenet-5",)
NOT_IN_ONNX = ("convlstm-video",)
MAX_KERAS_PARAMETERS = 30_000_000
"""Keras makes all weights of a model; larger designs say nothing that these do not."""
SMALL = (
    *SAMPLES.values(),
    "m5-audio",
    "fcn-time-series",
    "conv-autoencoder",
    "squeezenet-1.1",
    "lenet-caffe",
    "c-lstm",
)
"""Designs whose numbers are compared, with the same weights in all frameworks."""

sayable = pytest.mark.parametrize("stem", [stem for stem in builtin_paths() if stem not in UNSAYABLE])


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes run here, which spares the start of a process and of a framework for each design."""

    def run(probe: str, request: dict[str, Any], _python: str, _limit: float, files: Files, _started: object) -> Any:
        path = resources.path("probes") / f"{probe}_probe.py"
        spec = importlib.util.spec_from_file_location(f"{probe}_probe", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                Path(folder, name).write_bytes(content)
            return module.probe({key: str(Path(folder, key)) if key in files else it for key, it in request.items()})

    monkeypatch.setattr(checking, "run_probe", run)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_process_of_its_own_tells_the_same(framework: str) -> None:
    assert verify(analysis_of(SAMPLES["nested"]), framework, sys.executable).differences == ()


@sayable
@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_builtin_design_is_what_the_framework_makes_of_it(stem: str, framework: str) -> None:
    analysis = analysis_of(stem)
    if framework == "keras" and analysis.totals.parameters > MAX_KERAS_PARAMETERS:
        pytest.skip("too many weights to make")
    if framework == "onnxruntime" and (analysis.totals.macs > 3e9 or stem in NOT_IN_ONNX):
        pytest.skip("too long to run, or not to be said")
    verdict = verify(analysis, framework, sys.executable)
    assert verdict.differences == ()
    assert verdict.compared["output shape"] >= len(analysis.rows) - 3


@pytest.mark.parametrize("stem", [stem for stem in builtin_paths() if stem not in (*UNSAYABLE, *NOT_IN_ONNX)])
def test_onnx_files_pass_the_checker_and_strict_inference_finds_every_shape(stem: str) -> None:
    from cnnstudio.exports.onnx import ONNX_FILE
    from cnnstudio.exports.target import ExportOptions

    analysis = analysis_of(stem)
    found = checked_shapes(ONNX_FILE.write(analysis, ExportOptions()).content)
    wanted = {row.path: row.output_shape.to_list() for row in analysis.rows if row.output_shape is not None}
    assert {path: found.get(path) for path in wanted} == wanted


def close(ours: Any, theirs: Any) -> bool:
    """Equal within what the order of additions makes of single precision."""
    if ours.shape != theirs.shape:
        return False
    bound = 2e-4 * max(1.0, float(np.nanmax(np.abs(theirs)))) if theirs.size else 1.0
    return bool(np.allclose(ours, theirs, rtol=2e-3, atol=bound, equal_nan=True))


def run_everywhere(analysis: Analysis, seed: int) -> dict[str, list[Any]]:
    """The outputs of each framework that can say the design, from the same weights and images."""
    images = images_of(analysis, seed)
    results: dict[str, list[Any]] = {}
    weights: dict[str, Any] | None = None
    try:
        content = onnx_file(analysis)
        shapes = checked_shapes(content)
        assert all(shapes[row.path] == row.output_shape.to_list() for row in analysis.rows if row.output_shape)
        results["onnx"], weights = run_onnx(content, images), weights_of(content)
    except ExportError:
        pass
    for key in ("pytorch", "keras"):
        try:
            texts = [text_of(analysis, key, flat=flat) for flat in (False, True)]
        except ExportError:
            continue
        results |= {key: _run_source(key, texts, analysis, weights, images)}
    return results


def _run_source(key: str, texts: list[str], analysis: Analysis, weights: Any, images: Any) -> list[Any]:
    """The outputs of Python source; with blocks it makes as many parameters as without."""
    totals = counted_for(analysis, CONVENTIONS[key]).totals
    learned = totals.weights + totals.biases
    if key == "keras":
        model = keras_model(texts[0])
        assert model.count_params() == learned + totals.state
        if weights is not None:
            into_keras(model, analysis, weights)
        return run_keras(model, images)
    folded, flat = torch_net(texts[0]), torch_net(texts[1])
    run_torch(folded, images)
    for net in (folded, flat):
        assert sum(tensor.numel() for tensor in net.parameters()) == learned
    if weights is not None:
        into_torch(flat, analysis, weights)
    return run_torch(flat, images)


def compare_everywhere(analysis: Analysis, seed: int) -> str:
    """A sentence for each framework whose numbers are its own; empty if all agree."""
    results = run_everywhere(analysis, seed)
    # The weights come from the ONNX file; without one each framework has its own.
    if len(results) < 2 or "onnx" not in results:
        return ""
    first, *others = results
    told = []
    for key in others:
        pairs = list(zip(results[first], results[key], strict=True))
        if not all(close(ours, theirs) for ours, theirs in pairs):
            told.append(f"{key} and {first} differ on {analysis.design.layers[-1]}")
    return "; ".join(told)


@pytest.mark.parametrize(
    "source", SMALL, ids=lambda source: source.strip().split("\n")[1] if "\n" in source else source
)
def test_equal_weights_give_equal_numbers(source: str) -> None:
    assert compare_everywhere(analysis_of(source), 0) == ""


def test_random_layers_give_equal_numbers(request: pytest.FixtureRequest) -> None:
    told = {seed: compare_everywhere(layer_case(seed), seed) for seed in seeds(request.config, "layers")}
    assert {seed: text for seed, text in told.items() if text} == {}


NOISE = frozenset({1051, 1055, 1179, 1265})
"""Designs that blow rounding up: what attention and normalizations make nearly constant is divided by its deviation, so
that PyTorch in single precision differs from itself in double; and roots and logarithms of what is not above 0, of
which frameworks take the maximum in their own ways.
"""
RUNTIME = {971: "loads LayerNormalization before Resize to a size, twice, only without its optimizations"}
"""Designs that ONNX Runtime alone runs otherwise, or not at all, and why."""


def test_random_designs_give_equal_numbers(request: pytest.FixtureRequest) -> None:
    tried = [seed for seed in seeds(request.config, "designs") if seed not in NOISE and seed not in RUNTIME]
    told = {seed: compare_everywhere(design_case(seed), seed) for seed in tried}
    assert {seed: text for seed, text in told.items() if text} == {}
