"""`tensorflow.keras`, under which most sources have Keras, though TensorFlow is not here."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from tests.frameworks.frameworks import keras


class Package(types.ModuleType):
    """A package in which Keras finds classes that no value is of."""

    def __getattr__(self, name: str) -> Any:
        return type(name, (), {})


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts it where a source looks for it, for one test."""
    package = Package("tensorflow")
    package.__dict__.update({"keras": keras, "nn": keras.ops})
    monkeypatch.setitem(sys.modules, "tensorflow", package)
    monkeypatch.setitem(sys.modules, "tensorflow.keras", keras)
    for name in ("layers", "models", "applications"):
        monkeypatch.setitem(sys.modules, f"tensorflow.keras.{name}", getattr(keras, name))
