"""The frameworks, or a skip of everything here with one sentence. Keras runs on torch."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
REASON = "PyTorch, Keras and onnxruntime are not here; `make test-frameworks` installs them and runs these tests"

torch: Any = pytest.importorskip("torch", reason=REASON)
keras: Any = pytest.importorskip("keras", reason=REASON)
onnx: Any = pytest.importorskip("onnx", reason=REASON)
onnxruntime: Any = pytest.importorskip("onnxruntime", reason=REASON)
numpy: Any = importlib.import_module("numpy")
numpy_helper: Any = importlib.import_module("onnx.numpy_helper")
flop_counter: Any = importlib.import_module("torch.utils.flop_counter")
fake_tensors: Any = importlib.import_module("torch._subclasses.fake_tensor")
attention_kernels: Any = importlib.import_module("torch.nn.attention")
