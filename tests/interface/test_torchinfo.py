"""`summary` as users of torchinfo call it."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.interface import load, open_model, summary
from tests.formats.foreign.truth import sample
from tests.interface.test_frameworks import KerasLike


def test_it_prints_the_table_and_gives_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    told = summary("alexnet")
    assert (told.total_params, told.trainable_params, told.total_mult_adds) == (62_378_344, 62_378_344, 1_135_256_096)
    assert capsys.readouterr().out == f"{told}\n"
    assert told._repr_html_() == load("alexnet")._repr_html_()
    summary(load("alexnet"), verbose=0, depth=0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("of", [lambda path: path, load])
def test_a_size_holds_for_files_and_networks_too(tmp_path: Path, of: Any) -> None:
    path = tmp_path / "net.yaml"
    load("resnet-18").save(path)
    small = summary(of(path), (8, 3, 64, 64), verbose=0)
    assert small.network.rows("layer,output")[0] == {"layer": "image", "output": [3, 64, 64]}
    assert small.total_mult_adds == load("resnet-18").with_("image", size=[64, 64]).macs
    grey = summary("resnet-18", (1, 1, 224, 224), verbose=0)
    assert grey.total_params == 11_689_512 - 2 * 64 * 7 * 7
    with pytest.raises(ValueError, match=r"image takes 3 sizes, channels first, and received \(64, 64\)\."):
        summary(of(path), (8, 64, 64), verbose=0)


def test_a_size_goes_to_a_reader_that_needs_it(tmp_path: Path) -> None:
    path = sample("torchscript", "unet.trace.pt", tmp_path)
    told = summary(path, input_data=types.SimpleNamespace(shape=(2, 1, 64, 64)), verbose=0)
    assert told.network.rows("output")[0] == {"output": [1, 64, 64]}
    assert told.total_mult_adds == open_model(path, input_size=(1, 64, 64)).macs


def test_a_network_of_two_inputs_does_not_know_which_is_meant() -> None:
    with pytest.raises(ValueError, match=r"has 2 inputs; give each its size by with_\(layer, size=\.\.\.\)"):
        summary("siamese-omniglot", (1, 1, 105, 105), verbose=0)


def test_a_size_begins_with_the_batch() -> None:
    image = types.SimpleNamespace(shape=(7, 1, 32, 32))
    assert summary(KerasLike(), input_data=image, verbose=0).total_params == 61_706
    with pytest.raises(ValueError, match=r"input_size begins with the batch, as in \(1, 3, 224, 224\), and received"):
        summary(KerasLike(), (3,))
    with pytest.raises(ValueError, match="a model of PyTorch does not say what it takes: give input_size"):
        summary(object())


def test_columns_are_called_as_torchinfo_calls_them() -> None:
    told = summary("alexnet", col_names=("input_size", "output_size", "num_params", "kernel_size"), verbose=0)
    assert told.text.splitlines()[2].split() == [
        "Layer",
        "Type",
        "Input",
        "shape",
        "Output",
        "shape",
        "Parameters",
        "Kernel",
    ]
    with pytest.raises(ValueError, match="there is no column 'sizes'; col_names are input_size, output_size"):
        summary("alexnet", col_names=["sizes"], verbose=0)


def test_a_size_may_come_without_a_batch_and_in_a_list() -> None:
    for size, batch_dim in (((3, 64, 64), 0), ([(1, 3, 64, 64)], None), ([1, 3, 64, 64], None)):
        told = summary("resnet-18", size, batch_dim=batch_dim, verbose=0)
        assert told.network.rows("output")[0] == {"output": [3, 64, 64]}
    with pytest.raises(ValueError, match="input_size is that of one input"):
        summary("resnet-18", [(1, 3, 64, 64), (1, 3, 64, 64)], verbose=0)
    with pytest.raises(ValueError, match="input_data is a tensor or an array, and received str"):
        summary("resnet-18", input_data="image", verbose=0)


def test_what_changes_nothing_is_told() -> None:
    with pytest.warns(UserWarning, match="takes no notice of device and mode: a network is counted and not run"):
        summary("alexnet", device="cuda", mode="train", row_settings=("depth", "var_names"), verbose=0)
    with pytest.warns(UserWarning, match="takes no notice of col_width and row_settings='ascii_only'"):
        summary("alexnet", col_width=16, row_settings=["ascii_only"], verbose=0)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no such folder: '.*none'"):
        load("alexnet").save(tmp_path / "none" / "net.yaml")
