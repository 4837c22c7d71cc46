"""The studio for programs and notebooks: networks as values that tell what they cost. Loads no Qt."""

from __future__ import annotations

from cnnstudio.interface.frameworks import from_keras, from_torch
from cnnstudio.interface.memory import Memory
from cnnstudio.interface.network import Network
from cnnstudio.interface.opening import load, open_model
from cnnstudio.interface.text import Text
from cnnstudio.interface.torchinfo import summary

__all__ = ["Memory", "Network", "Text", "from_keras", "from_torch", "load", "open_model", "summary"]
