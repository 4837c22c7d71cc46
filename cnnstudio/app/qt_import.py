"""Imports PySide6 without what it does for features of its own that this program does not use."""

from __future__ import annotations

import builtins

from cnnstudio.later_patterns import patterns_compiled_later

REPLACED = "__orig_import__"
"""Where PySide6 keeps Python's import, which it replaces."""


def import_qt() -> None:
    """Imports it, to be called before anything else does, and gives Python its own import back.

    PySide6's reads and decodes the source of every module that is imported from then on, of numpy's hundreds too, and
    keeps it in memory, to learn whether the module may use `__feature__` (snake_case names and the like). A PySide6
    that replaces nothing is left alone.
    """
    with patterns_compiled_later("shibokensupport"):
        import PySide6  # noqa: F401
    plain = getattr(builtins, REPLACED, None)
    if plain is not None:
        builtins.__import__ = plain
