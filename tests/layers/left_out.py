"""Every row of the frameworks' truth that is not compared, with the reason in words and the exact number."""

from __future__ import annotations

KERAS_CONTRADICTS_ITSELF = "Keras promises an output shape, and then the run of the same layer fails"

TORCH_KINDS: dict[str, str] = {}
KERAS_KINDS: dict[str, str] = {}
