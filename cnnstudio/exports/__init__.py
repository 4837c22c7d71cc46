"""Designs as code and files that the frameworks run: one room or module a target, in one tuple."""

from __future__ import annotations

from cnnstudio.exports.keras import KERAS_SOURCE
from cnnstudio.exports.keras.json_model import KERAS_JSON
from cnnstudio.exports.onnx import ONNX_FILE
from cnnstudio.exports.pytorch import PYTORCH_SOURCE
from cnnstudio.exports.target import Target

TARGETS: dict[str, Target] = {target.key: target for target in (PYTORCH_SOURCE, KERAS_SOURCE, KERAS_JSON, ONNX_FILE)}
"""Every target by its key, in the order of menus."""
