"""The heart of the interpreter: what each part of it asks of the others."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from cnnstudio.formats.source.language.limits import MAX_LENGTH, Budget, Exhausted
from cnnstudio.formats.source.language.values import (
    Class,
    Foreign,
    Instance,
    Namespace,
    NotFollowed,
    Range,
    Scope,
    Thing,
    Unknown,
    kind_of,
)

MISSING = object()
"""The answer of a framework that does not know a name."""


class Frameworks(Protocol):
    """The libraries that a program imports, as far as they are known."""

    def canonical(self, name: str) -> str:
        """The one name of a thing that can be imported by several."""

    def knows(self, name: str) -> bool:
        """True if a module's `import *` gives this name."""

    def usual(self, name: str) -> str:
        """The full name that a short one mostly stands for, such as `nn`; "" for one that is nobody's habit."""

    def member(self, name: str) -> Any:
        """The value of a name, if it is more than a name; MISSING otherwise."""

    def call(self, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of an imported function or class; Unknown for one that is not known."""

    def method(self, instance: Instance, name: str) -> Any:
        """An attribute that an object has from the foreign classes it is derived from; MISSING if there is none."""

    def of_class(self, kind: Class, name: str) -> Any:
        """A function that a class has from the foreign ones it is derived from; MISSING if there is none."""

    def set(self, instance: Instance, name: str, value: Any) -> None:
        """Told of every attribute that an object gets."""

    def made(self) -> tuple[int, int]:
        """A mark of what was made so far."""

    def spoil(self, before: tuple[int, int], line: int, sentence: str) -> None:
        """Remembers that what was made since a mark may not be what the source makes of it."""

    def called(self, instance: Instance, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of calling an object whose class does not say what that does; MISSING if nobody does."""


class Core(ABC):
    """The state of one program that is followed."""

    def __init__(self, frameworks: Frameworks) -> None:
        self.frameworks = frameworks
        self.budget = Budget()
        self.line = 0
        self.notes: list[tuple[int, str]] = []
        self.settings: dict[str, Any] = {}
        self.used_settings: set[str] = set()
        self.watched: dict[str, list[tuple[int, list[Any], dict[str, Any]]]] | None = None
        """Names of functions and classes whose calls are kept: the line of each and its arguments."""
        self.data: Callable[[str], str | None] = lambda _name: None
        """Gives the text of a file of data that the source names."""

    # What the parts add

    @abstractmethod
    def value(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression."""

    @abstractmethod
    def call(self, function: Any, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of calling something."""

    @abstractmethod
    def foreign(self, name: str) -> Any:
        """Something that is imported, by its full name."""

    @abstractmethod
    def attribute(self, owner: Any, name: str) -> Any:
        """The value of an attribute; NotFollowed or Raised if there is none."""

    @abstractmethod
    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Sets an attribute; NotFollowed or Raised where that is not read."""

    @abstractmethod
    def imported(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Binds what an import gives."""

    def note(self, sentence: str) -> None:
        """Remembers a sentence about the line that is followed, once."""
        if (self.line, sentence) not in self.notes:
            self.notes.append((self.line, sentence))

    def said(self, name: str, value: Any) -> Any:
        """The user's value for an argument of a library that is not known and is held by no variable; else itself.

        It stays unknown under the argument's name.
        """
        if not isinstance(value, Unknown) or value.name or "--set " in value.why:
            return value
        if name in self.settings:
            self.used_settings.add(name)
            return self.settings[name]
        return Unknown(value.why, name)

    # What all need

    def items(self, value: Any) -> Iterator[Any]:
        """The elements of a value, each counted as a step; NotFollowed if it has none."""
        for count, item in enumerate(self._items(value)):
            self.budget.spend()
            if count >= MAX_LENGTH:
                raise Exhausted(f"goes through more than {MAX_LENGTH:,} elements.")
            yield item

    def _items(self, value: Any) -> Iterator[Any]:
        if isinstance(value, Range):
            yield from value.numbers
        elif isinstance(value, (str, list, tuple, dict, set, frozenset)):
            yield from list(value)
        elif isinstance(value, Thing):
            yield from value.items()
        elif isinstance(value, Namespace) and value.is_open:
            yield from list(value.attributes)
        elif isinstance(value, Instance):
            yield from self._items(self.call(self.attribute(value, "__iter__"), [], {}))
        elif isinstance(value, Unknown):
            raise NotFollowed(f"goes through something that is not known: {value.asking}")
        else:
            raise NotFollowed(f"goes through {kind_of(value)}, which is not read.")

    def is_true(self, value: Any) -> bool | Unknown:
        """The truth of a value, Unknown if nobody can tell."""
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Range):
            return len(value.numbers) > 0
        if isinstance(value, Thing):
            return value.truth()
        if isinstance(value, Instance):
            return self._truth_of(value)
        if isinstance(value, (Class, Foreign)):
            return True
        return bool(value) if isinstance(value, (int, float, str, list, tuple, dict, set, type(None))) else True

    def _truth_of(self, value: Instance) -> bool | Unknown:
        for name in ("__bool__", "__len__"):
            try:
                method = value.kind.find(name)
            except KeyError:
                continue
            return self.is_true(self.call(method, [value], {}))
        return True

    def length(self, value: Any) -> int | Unknown:
        """The number of elements."""
        if isinstance(value, Unknown):
            return value.part
        if isinstance(value, Range):
            return len(value.numbers)
        if isinstance(value, Thing):
            return value.length()
        if isinstance(value, Namespace) and value.is_open:
            return len(value.attributes)
        if isinstance(value, (str, list, tuple, dict, set, frozenset)):
            return len(value)
        if isinstance(value, Instance):
            found = self.frameworks.method(value, "__len__")
            result = self.call(found if found is not MISSING else self.attribute(value, "__len__"), [], {})
            if isinstance(result, (int, Unknown)):
                return result
        raise NotFollowed(f"asks for the length of {kind_of(value)}, which is not read.")
