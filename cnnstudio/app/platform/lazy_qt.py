"""Imports PySide6 without what it does at every start for a programmer's errors, for help and for `__feature__`."""

from __future__ import annotations

import builtins
import importlib.machinery
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from importlib.abc import Loader  # imports much itself

REPLACED: Final = "__orig_import__"
"""The attribute in which PySide6 keeps Python's own import, which it replaces."""
_SIGNATURES: Final = "shibokensupport.signature."
RUN_LATER: Final = frozenset(
    _SIGNATURES + name
    for name in ("errorhandler", "layout", "lib.enum_sig", "lib.pyi_generator", "lib.tool", "mapping", "parser")
)
"""Its modules that tell the signature of a function of Qt: for an error, for help, and for stubs."""
_CALLED_FROM_C: Final = "update_mapping"
"""A function of `mapping` which PySide6's part in C takes out of the module without asking for an attribute."""


def import_qt() -> None:
    """Imports it, to be called before anything else does, and gives Python its own import back.

    PySide6's import reads and decodes the source of every module that is imported from then on, of numpy's hundreds
    too, and keeps it in memory, to learn whether the module may use `__feature__` (snake_case names and the like). A
    PySide6 that replaces nothing is left alone.
    """
    with _modules_run_later(RUN_LATER):
        import PySide6  # noqa: F401
    plain = getattr(builtins, REPLACED, None)
    if plain is not None:
        builtins.__import__ = plain


@contextmanager
def _modules_run_later(names: frozenset[str]) -> Iterator[None]:
    """While it is open, an importer written in Python that finds one of these modules has it run later.

    PySide6 carries them as source, which its importer compiles at every start: a sixth of the work until the window
    is there.
    """

    def specification(name: str, loader: Any, **named: Any) -> ModuleSpec:
        return ModuleSpec(name, cast("Loader", _RunLater(loader)) if name in names else loader, **named)

    vars(importlib.machinery)["ModuleSpec"] = specification
    try:
        yield
    finally:
        vars(importlib.machinery)["ModuleSpec"] = ModuleSpec


class _RunLater:
    """Runs a module when it is first asked for something that it defines, in whatever thread that is."""

    _lock = RLock()

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._is_running = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        name, contents = module.__name__, vars(module)

        def wanted(attribute: str) -> Any:
            with self._lock:
                # What the import itself looks for, or two modules that want each other.
                if attribute.startswith("__") or self._is_running:
                    raise AttributeError(attribute)
                if contents.get("__getattr__") is wanted:
                    self._run(module, name)
                    del contents["__getattr__"]
                return getattr(module, attribute)

        contents["__getattr__"] = wanted
        if name.endswith(".mapping"):
            contents[_CALLED_FROM_C] = lambda: wanted(_CALLED_FROM_C)()

    def _run(self, module: ModuleType, name: str) -> None:
        """Under the name it was found by, for PySide6 gives it another one besides."""
        specification = module.__spec__
        assert specification is not None
        given, specification.name = specification.name, name
        self._is_running = True
        try:
            self._loader.exec_module(module)
        finally:
            self._is_running = False
            specification.name = given
