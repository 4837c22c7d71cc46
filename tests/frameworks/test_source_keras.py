"""Networks in Keras source: what the reader makes of each against what Keras builds and counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.format import ReadOptions
from tests.frameworks import tensorflow_names
from tests.frameworks.frameworks import keras
from tests.frameworks.old_keras import install
from tests.frameworks.styles import Style, run, styles

STYLES = styles("keras_styles.txt") | styles("keras_scripts.txt")
OLD_STYLES = styles("keras1_styles.txt")


@pytest.fixture(autouse=True)
def _tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    tensorflow_names.install(monkeypatch)


@pytest.mark.parametrize("name", STYLES)
def test_a_network_is_read_as_keras_builds_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _compare(STYLES[name], tmp_path, monkeypatch)


@pytest.mark.parametrize("name", OLD_STYLES)
def test_a_network_of_keras_1_is_read_as_it_was_meant(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    try:
        _compare(OLD_STYLES[name], tmp_path, monkeypatch)
    finally:
        keras.config.set_image_data_format("channels_last")


def _compare(style: Style, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = style.size
    path = style.write(tmp_path)
    file = read_file(path, ReadOptions(input_size=size))
    analysis = analyze(file.design)
    assert file.report is not None
    assert file.report.networks[0].complete
    net = run(path, monkeypatch)
    if not net.built:
        net(keras.ops.zeros((1, *size[1:], size[0])))
    assert analysis.totals.parameters == net.count_params()
    trained = sum(int(keras.ops.size(weight)) for weight in net.trainable_weights)
    assert analysis.totals.trainable == trained
    assert _outputs(analysis) == _shapes(net, size)


def _shapes(net: Any, size: tuple[int, ...]) -> list[list[int]]:
    """The output shapes that Keras says, channels first."""
    if hasattr(net, "output_shape") and net.__class__.__name__ in ("Functional", "Sequential", "Model"):
        shapes = net.output_shape
        rows = [shapes] if isinstance(shapes, tuple) else list(shapes)
    else:
        rows = [tuple(net(keras.ops.zeros((1, *size[1:], size[0]))).shape)]
    return [[row[-1], *row[1:-1]] for row in rows]


def _outputs(analysis: Analysis) -> list[list[int]]:
    """The shapes that the design gives: of its outputs, or of the last layer."""
    rows = [row for row in analysis.rows if row.layer.type_name == "Output"] or [analysis.rows[-1]]
    return [row.output_shape.to_list() for row in rows if row.output_shape is not None]
