"""What the benchmark uses of onnx, so that types are checked where onnx is not installed."""

from typing import Any

helper: Any
TensorProto: Any

def load(f: str) -> object: ...
