"""Models in memory: what is no model, and what a size has to be; real ones are tried in tests/frameworks."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportOptions
from cnnstudio.interface import from_keras, from_torch, load


class KerasLike:
    """A model as far as it matters: it describes itself in JSON."""

    name = "mine"

    def to_json(self) -> str:
        return TARGETS["keras-json"].write(load("lenet-5-modern").analysis, ExportOptions()).content.decode()


def test_a_keras_model_is_read_by_its_own_description() -> None:
    network = from_keras(KerasLike())
    assert (network.name, network.parameters) == ("mine", 61_706)


def test_what_is_no_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="from_keras takes a Keras model, and received int"):
        from_keras(3)
    stand_in: Any = types.ModuleType("torch")
    stand_in.nn = types.SimpleNamespace(Module=KerasLike)
    monkeypatch.setitem(sys.modules, "torch", stand_in)
    with pytest.raises(TypeError, match=r"from_torch takes a torch.nn.Module, and received int"):
        from_torch(3, (3, 8, 8))
    with pytest.raises(ValueError, match=r"input_size is channels and sizes, such as \(3, 224, 224\), and received"):
        from_torch(KerasLike(), (3, 0))
