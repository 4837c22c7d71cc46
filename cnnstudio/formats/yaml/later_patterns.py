"""Regular expressions of a library, compiled when they are first used, which most of them never are.

PyYAML compiles those of its parser in Python when it is imported, where there is one in C: a seventh of the work of a
command.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

_METHODS: Final = frozenset(("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"))


class LaterPattern:
    """Stands for a pattern, and is compiled when one of its methods is called, or anything else of it is asked for."""

    def __init__(self, compiles: Callable[[], re.Pattern[Any]]) -> None:
        self._compiles = compiles
        self._pattern: re.Pattern[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        return partial(self._call, name) if name in _METHODS else getattr(self._compiled(), name)

    def _call(self, name: str, *arguments: Any, **named: Any) -> object:
        return getattr(self._compiled(), name)(*arguments, **named)

    def _compiled(self) -> re.Pattern[Any]:
        if self._pattern is None:
            self._pattern = self._compiles()
        return self._pattern


@contextmanager
def patterns_compiled_later(package: str) -> Iterator[None]:
    """While it is open, what modules of a package give to `re.compile` becomes a `LaterPattern`."""
    plain = re.compile

    def compiled(pattern: Any, flags: Any = 0) -> object:
        caller = str(sys._getframe(1).f_globals.get("__name__", ""))
        compiles = partial(plain, pattern, flags)
        return LaterPattern(compiles) if caller.partition(".")[0] == package else compiles()

    vars(re)["compile"] = compiled
    try:
        yield
    finally:
        vars(re)["compile"] = plain
