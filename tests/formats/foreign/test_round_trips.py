"""Built-in designs out as ONNX or Keras JSON and in again: equal layer by layer, but for what a format cannot say."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.network.design import Design
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportError, ExportOptions, counted_for
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.formats.fault import FileError
from cnnstudio.layers.normalization import Normalization
from tests.examples import share
from tests.exports.samples import GATED, analysis_of
from tests.formats.foreign.truth import imported
from tests.strategies import designs

UNSAYABLE = ("lenet-5", "convlstm-video")
UNSAYABLE_IN_KERAS_JSON = (
    *("alexnet-grouped", "convnext-tiny", "googlenet-caffe", "googlenet-caffe-aux", "lenet-5", "mobilevit-s"),
    *("pointnet", "resnet-20-cifar", "segnet", "shufflenet-v2-x1.0", "siamese-omniglot", "swin-t", "two-stream"),
    *("vit-b-16", "zfnet"),
)
"""Designs that take an operation of Keras, which is code, and one that is opaque."""
NOT_READ = re.compile(
    r"does not state their output shapes: (?:'.*?' \((?:AveragePool|Conv|Gather|ReduceMean)\)(?:; )?)+\. Run"
    r"|the constant of '.*' \(MaxPool\) is not known"
)
"""Refusals of what we write: windows, means and vectors for words in places that are not known, unpooling elsewhere."""
OTHERWISE = {
    "alexnet-torchvision": "an adaptive pooling that divides evenly is written as the pooling that it is",
    "convnext-tiny": "a vector that is normalized comes back as the map of one element that it was",
    "mobilevit-s": "patches are written as moved axes",
    "crnn": "the two directions of a recurrent layer lie along an axis of their own before they are joined",
    "segnet": "unpooling is written by the places of the maximums",
    "swin-t": "attention in windows is written as its products",
    "googlenet-aux": "an adaptive pooling that does not divide evenly is written axis by axis",
    "googlenet-caffe-aux": "its last output gets a name",
    "inception-v3-aux": "its last output gets a name",
    "mobilenet-v1": "what acts on each element is found before the Flatten, which is a view",
    "u-net": "a Crop is written axis by axis",
    "xception": "a separable convolution is written as its two parts",
}
"""Designs of which some layers come back under another type, and why."""
TOTALS = ("weights", "biases", "macs", "state")
"""Numbers that no convention changes, but for the biases of recurrent layers."""


@pytest.mark.parametrize("name", [name for name in builtin_paths() if name not in UNSAYABLE])
def test_a_design_comes_back_from_onnx_as_it_went_out(name: str, tmp_path: Path) -> None:
    before = analyze(open_design(name).design)
    after, checked = _there_and_back(before, "onnx", tmp_path / "net.onnx")
    assert checked > 0
    before = counted_for(before, after.convention)
    assert _totals(after) == _totals(before)
    if name not in OTHERWISE:
        assert _layers(after) == _layers(before)


@pytest.mark.parametrize("name", [name for name in builtin_paths() if name not in UNSAYABLE_IN_KERAS_JSON])
def test_a_design_comes_back_from_keras_with_its_counts(name: str, tmp_path: Path) -> None:
    before = analyze(open_design(name).design)
    after, _ = _there_and_back(before, "keras-json", tmp_path / "net.json")
    assert _totals(after) == _totals(counted_for(before, after.convention))


@pytest.mark.parametrize("name", UNSAYABLE_IN_KERAS_JSON)
def test_what_the_json_of_keras_cannot_say_is_refused(name: str) -> None:
    with pytest.raises(ExportError, match=r"which is code, and JSON holds layers alone|an Opaque: its function is not"):
        TARGETS["keras-json"].write(analyze(open_design(name).design), ExportOptions())


@pytest.mark.parametrize(("target", "ending"), [("onnx", ".onnx"), ("keras-json", ".json")])
def test_a_vector_that_is_joined_with_a_map_comes_back_as_it_went_out(target: str, ending: str, tmp_path: Path) -> None:
    before = analysis_of(GATED)
    after, _ = _there_and_back(before, target, tmp_path / f"net{ending}")
    assert _layers(after) == _layers(before)
    assert [row.layer.inputs for row in after.rows] == [row.layer.inputs for row in before.rows]


@pytest.mark.parametrize("size", ["[5]", "[4, 5]", "[2, 3, 4, 5]"])
def test_a_learned_tensor_that_is_an_output_comes_back(size: str, tmp_path: Path) -> None:
    head = f"cnnstudio: 1\nname: net\nlayers:\n- {{type: Input, name: x, size: {size}, channels: 3}}\n"
    learned = "- {type: Activation, name: y, function: relu}\n- {type: Parameter, name: z, use: alone, inputs: [x]}\n"
    before = analysis_of(head + learned)
    after, _ = _there_and_back(before, "onnx", tmp_path / "net.onnx")
    # Each of several outputs is marked.
    assert {kind: n for kind, n in _layers(after).items() if kind[0] != "Output"} == _layers(before)


def _there_and_back(analysis: Analysis, target: str, path: Path) -> tuple[Analysis, int]:
    """The design that comes back, and the number of shapes that were compared."""
    path.write_bytes(TARGETS[target].write(analysis, ExportOptions()).content)
    _, after, network = imported(path)
    assert network.shapes_different == 0
    return after, network.shapes_checked


def _totals(analysis: Analysis) -> dict[str, object]:
    return {key: getattr(analysis.totals, key) for key in TOTALS}


def _layers(analysis: Analysis) -> Counter[tuple[object, ...]]:
    """The layers: what each is, gives and learns."""
    return Counter(
        (row.layer.type_name, str(row.output_shape), row.weights, row.biases, row.macs) for row in analysis.rows
    )


@share(1 / 4)
@given(design=designs(counted=True))
def test_a_random_design_comes_back_with_what_it_learns_or_is_refused(design: Design) -> None:
    before = analyze(design)
    after, refusal = None, ""
    with tempfile.TemporaryDirectory() as folder:
        try:
            after, _ = _there_and_back(before, "onnx", Path(folder, "net.onnx"))
        except ExportError:
            return
        except FileError as error:
            refusal = str(error)
    if after is None:
        assert NOT_READ.search(refusal), refusal
        return
    # By one convention: recurrent layers have two biases a gate as PyTorch counts, and one as Keras does.
    before = analyze(design, after.convention)
    learned = [analysis.totals.weights + analysis.totals.biases for analysis in (before, after)]
    assert learned[0] == learned[1]
    # Keras counts its images besides, for which ONNX has no place.
    images = sum(isinstance(row.layer, Normalization) and row.layer.track_statistics for row in before.rows)
    assert before.totals.state == after.totals.state + images
