"""TorchScript, traced and scripted, against what PyTorch says of the models."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.format import ReadOptions
from tests.formats.foreign.truth import imported, sample, samples, truth


@pytest.mark.parametrize("name", samples("torchscript"))
def test_a_script_counts_as_pytorch_does(name: str, tmp_path: Path) -> None:
    said = truth("torchscript", name)
    path = sample("torchscript", name, tmp_path)
    file = read_file(path, ReadOptions(input_size=tuple(said["input"])))
    totals = analyze(file.design).totals
    assert (totals.weights + totals.biases, totals.state, totals.macs) == (said["params"], said["state"], said["macs"])
    assert file.report is not None
    assert file.report.networks[0].stated_parameters == said["params"]
    assert file.report.networks[0].complete


def test_every_module_has_its_shape(tmp_path: Path) -> None:
    said = truth("torchscript", "unet.trace.pt")
    file = read_file(sample("torchscript", "unet.trace.pt", tmp_path), ReadOptions(input_size=(1, 64, 64)))
    mine = Counter(tuple(row.output_shape.to_list()) for row in analyze(file.design).rows if row.output_shape)
    assert not Counter(tuple(shape[1:]) for _, _, shape in said["rows"]) - mine


def test_an_input_size_is_found_with_which_every_layer_fits(tmp_path: Path) -> None:
    _, _, network = imported(sample("torchscript", "plain.trace.pt", tmp_path))
    assert network.input_shapes == ((1, 28, 28),)
    assert network.assumed == ("The file states no input size; 1 × 28 × 28 was assumed, with which every layer fits.",)


def test_code_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.pt"
    with (
        zipfile.ZipFile(sample("torchscript", "plain.trace.pt", tmp_path)) as old,
        zipfile.ZipFile(path, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("models.py"):
                content = content.replace(b"fc2 = self.fc2", b"fc2 = open('attacked', 'w')")
            new.writestr(name, content)
    with pytest.raises(FileError, match="calls 'open', which is not followed"):
        read_file(path)
    assert not (tmp_path / "attacked").exists()
