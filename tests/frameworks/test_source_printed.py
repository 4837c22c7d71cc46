"""Networks by what their framework prints of them: `print(model)` of PyTorch and `model.summary()` of Keras."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.format import ReadOptions
from tests.frameworks import tensorflow_names
from tests.frameworks.frameworks import keras
from tests.frameworks.styles import run, styles

MODULES = styles("torch_styles.txt")
MODELS = styles("keras_styles.txt") | styles("keras_scripts.txt")
IN_A_ROW = ("sequential", "ordered dict", "vgg config", "conv1d", "conv3d", "adversarial generator by options")
"""Modules that `forward` applies one after the other, as `print` shows them."""
CHAINS = (
    *("sequential list", "dense alone", "volumes in time", "three axes", "one axis", "last layer replaced"),
    "frozen part",
)


@pytest.mark.parametrize("name", IN_A_ROW)
def test_modules_are_read_as_pytorch_prints_them(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    style = MODULES[name]
    net = run(style.write(tmp_path), monkeypatch)
    path = tmp_path / "printed.txt"
    path.write_text(str(net), encoding="utf-8")
    totals = analyze(read_file(path, ReadOptions(input_size=style.size)).design).totals
    assert totals.parameters == sum(weight.numel() for weight in net.parameters())


@pytest.mark.parametrize("name", CHAINS)
def test_layers_are_read_as_keras_shows_them(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tensorflow_names.install(monkeypatch)
    style = MODELS[name]
    net = run(style.write(tmp_path), monkeypatch)
    if not net.built:
        net(keras.ops.zeros((1, *style.size[1:], style.size[0])))
    lines: list[str] = []
    net.summary(print_fn=lambda text, **_: lines.append(text))
    path = tmp_path / "printed.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    totals = analyze(read_file(path, ReadOptions(input_size=style.size)).design).totals
    assert totals.parameters == net.count_params()
