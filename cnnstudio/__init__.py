"""CNN Studio: design convolutional networks and see what they cost.

For programs and notebooks, without Qt: `load` opens a design, `open_model` a file of a framework, `from_torch` and
`from_keras` take a model that is in memory, `summary` prints what a network costs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cnnstudio.version import __version__

if TYPE_CHECKING:
    from cnnstudio.interface import Memory, Network, Text, from_keras, from_torch, load, open_model, summary

__all__ = [
    "Memory",
    "Network",
    "Text",
    "__version__",
    "from_keras",
    "from_torch",
    "load",
    "open_model",
    "summary",
]


def __getattr__(name: str) -> Any:
    """The interface, loaded when it is first asked for: the window and the command line start without it."""
    if name in __all__:
        return getattr(import_module("cnnstudio.interface"), name)
    raise AttributeError(f"module 'cnnstudio' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
