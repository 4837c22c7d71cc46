"""The way in which the program is installed: in a Python that takes more packages, or as a bundle that takes none."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path


def bundle() -> Path | None:
    """The folder of what a bundle brings; None where the program runs in a Python."""
    inside = getattr(sys, "_MEIPASS", None)
    return None if inside is None else Path(inside)


def python() -> str:
    """The Python that runs scripts: this one, or that of the system where the program is a bundle."""
    if bundle() is None:
        return sys.executable
    names = ("python3", "python")
    return next((found for name in names if (found := shutil.which(name)) is not None), names[0])


def how_to_add(package: str) -> str:
    """The end of a sentence about a package that is missing: the way to add it, or why there is none."""
    if bundle() is not None:
        return f"this bundle takes no packages: install CNN Studio in a Python, and {package} beside it"
    return f"type: {pip_install(package)}"


def pip_install(package: str, interpreter: str | None = None) -> str:
    """The command that adds a package to a Python, else to this one: by its own pip, or by another."""
    place = interpreter or sys.executable
    word = f'"{place}"' if " " in place else place
    lacks_pip = place == sys.executable and find_spec("pip") is None
    return f"pip --python {word} install {package}" if lacks_pip else f"{word} -m pip install {package}"
