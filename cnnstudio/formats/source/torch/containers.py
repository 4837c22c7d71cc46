"""Modules that hold others: Sequential, ModuleList and ModuleDict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnnstudio.formats.source.language.values import NotFollowed, Raised, Thing, Unknown, kind_of
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.tree import Module, is_module

KINDS = ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")


class Container(Module):
    """A container, its modules in their order."""

    def __init__(self, kind: str, line: int, host: Any) -> None:
        super().__init__(kind, line, host)
        self.is_dict = self.title.endswith("Dict")

    def fill(self, given: list[Any], items: Callable[[Any], Iterator[Any]]) -> None:
        """Puts in what it is made with. Raises NotFollowed for what is no module."""
        if len(given) == 1 and isinstance(given[0], dict):
            for name, item in given[0].items():
                self.put(str(name), item)
        elif self.title == "Sequential":
            for item in given:
                self.append(item)
        elif given and given[0] is not None:
            for item in items(given[0]):
                if self.is_dict:
                    name, value = list(items(item))
                    self.put(str(name), value)
                else:
                    self.append(item)

    def put(self, name: str, item: Any) -> None:
        """Adds a module by its name. Raises NotFollowed for what is no module."""
        if isinstance(item, Unknown):
            raise NotFollowed(f"{self.title} holds a module that is not known: {item.why}.")
        if not is_module(item) and not (isinstance(item, Array) or item is None):
            raise NotFollowed(f"{self.title} holds {kind_of(item)}, which is no module.")
        if isinstance(item, Array):
            self.own[name] = item
        self.inner[name] = item

    def append(self, item: Any) -> None:
        """Adds a module at the end."""
        self.put(str(len(self.inner)), item)

    def insert(self, place: int, item: Any) -> None:
        """Puts a module before another one."""
        values = list(self.inner.values())
        values.insert(place, item)
        self.inner = {str(number): value for number, value in enumerate(values)}

    def length(self) -> int:
        """The number of its modules."""
        return len(self.inner)

    def truth(self) -> bool:
        """False for an empty one."""
        return bool(self.inner)

    def items(self) -> Iterator[Any]:
        """Its modules, or the names of a dict."""
        yield from list(self.inner if self.is_dict else self.inner.values())

    def item(self, key: Any) -> Any:
        """A module by its place or name, or some of them in a container of the same kind."""
        if isinstance(key, Unknown):
            return key
        if isinstance(key, str):
            if key not in self.inner:
                raise Raised("KeyError", key)
            return self.inner[key]
        values = list(self.inner.values())
        try:
            found = values[key]
        except (IndexError, TypeError):
            raise Raised("IndexError", f"{self.title} has {len(values)} modules") from None
        if not isinstance(key, slice):
            return found
        made = Container(self.kind, self.line, self.host)
        names = list(self.inner)[key]
        made.inner = dict(zip(names if self.title == "Sequential" else map(str, range(len(found))), found, strict=True))
        return made

    def set_attribute(self, name: str, value: Any) -> None:
        """Replaces a module; a negative place counts from the end."""
        if name.lstrip("-").isdigit() and not self.is_dict:
            names = list(self.inner)
            place = int(name)
            if not -len(names) <= place < len(names):
                raise Raised("IndexError", f"{self.title} has {len(names)} modules")
            name = names[place]
        if is_module(value) or value is None:
            self.inner[name] = value
        else:
            self.others[name] = value

    def remove(self, key: Any) -> None:
        """Takes a module out."""
        names = list(self.inner)
        try:
            gone = [key] if isinstance(key, str) else names[key] if isinstance(key, slice) else [names[key]]
        except (IndexError, TypeError):
            raise Raised("IndexError", f"{self.title} has {len(names)} modules") from None
        values = [value for name, value in self.inner.items() if name not in gone]
        kept = [name for name in names if name not in gone]
        if not self.is_dict and all(name.isdigit() for name in kept):
            kept = [str(place) for place in range(len(kept))]
        self.inner = dict(zip(kept, values, strict=True))

    def arithmetic(self, operator: str, other: Any, *, is_left: bool) -> Any:
        """Two containers one after the other."""
        if operator != "+" or not isinstance(other, (Container, list)):
            return Thing.arithmetic(self, operator, other, is_left=is_left)
        made = Container(self.kind, self.line, self.host)
        parts = [list(self.inner.values()), list(other.inner.values() if isinstance(other, Container) else other)]
        for item in [*parts[0], *parts[1]] if is_left else [*parts[1], *parts[0]]:
            made.append(item)
        return made
