"""`summary` as users of torchinfo call it."""

from __future__ import annotations

import types

import pytest

from cnnstudio.interface import load, summary
from tests.interface.test_frameworks import KerasLike


def test_it_prints_the_table_and_gives_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    told = summary("alexnet")
    assert (told.total_params, told.trainable_params, told.total_mult_adds) == (62_378_344, 62_378_344, 1_135_256_096)
    assert capsys.readouterr().out == f"{told}\n"
    assert told._repr_html_() == load("alexnet")._repr_html_()
    summary(load("alexnet"), verbose=0, depth=0)
    assert capsys.readouterr().out == ""


def test_a_size_begins_with_the_batch() -> None:
    image = types.SimpleNamespace(shape=(7, 1, 32, 32))
    assert summary(KerasLike(), input_data=image, verbose=0).total_params == 61_706
    with pytest.raises(ValueError, match=r"input_size begins with the batch, as in \(1, 3, 224, 224\), and received"):
        summary(KerasLike(), (3,))
    with pytest.raises(ValueError, match="a model of PyTorch does not say what it takes: give input_size"):
        summary(object())
