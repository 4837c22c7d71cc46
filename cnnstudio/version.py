"""The version of the program, which stands in all that it writes, and the versions of what it runs on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

__version__ = "0.1.0"
PACKAGES: Final = ("PySide6-Essentials", "pyqtgraph", "numpy", "PyYAML", "msgspec", "graphlay", "markdown-it-py")
"""Whose versions somebody who looks for a fault asks for."""


def versions() -> Iterator[str]:
    """The versions of the program and of what it runs on, one a line, Qt's own apart."""
    import platform  # none of this at every start
    from importlib.metadata import PackageNotFoundError, version

    yield f"CNN Studio {__version__}"
    yield f"Python {platform.python_version()}, {platform.platform()}"
    for name in PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
