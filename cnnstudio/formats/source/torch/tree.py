"""Modules inside modules: an object of a class of the source, a container, or a layer of PyTorch's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cnnstudio.formats.source.language.values import Class, Instance, NotFollowed, Thing
from cnnstudio.formats.source.torch.arrays import Array

MODULE = "torch.nn.Module"
MAX_MODULES = 20_000
SPOILED = "__spoiled__"


class Module(Thing):
    """A module that PyTorch itself defines. `own` are its weights, `inner` the modules in it.

    `spoiled` is the line and the reason why it is not what the source makes of it, None if it is.
    """

    def __init__(self, kind: str, line: int, host: Any) -> None:
        self.host = host
        self.kind = kind
        self.line = line
        self.own: dict[str, Array] = {}
        self.inner: dict[str, Any] = {}
        self.others: dict[str, Any] = {}
        self.spoiled: tuple[int, str] | None = None
        self.title = kind.rpartition(".")[2]

    def attribute(self, name: str) -> Any:
        """The value that PyTorch's modules have under a name."""
        return self.host.attribute(self, name)

    def set_attribute(self, name: str, value: Any) -> None:
        """Keeps a module or anything else under a name."""
        (self.inner if is_module(value) else self.others)[name] = value

    def call(self, given: list[Any], named: dict[str, Any]) -> Any:
        """Follows a call."""
        return self.host.call_module(self, given, named)


def is_module(value: Any) -> bool:
    """True for anything that can be a part of a network."""
    return is_network(value.kind) if isinstance(value, Instance) else isinstance(value, Module)


def is_network(kind: Class) -> bool:
    """True for a class of the source that is derived from a module."""
    return any(base.startswith("torch.nn.") for base in kind.foreign)


def children(value: Any) -> dict[str, Any]:
    """The modules directly in a module by their names."""
    if isinstance(value, Module):
        return {name: item for name, item in value.inner.items() if is_module(item)}
    if isinstance(value, Instance):
        held = {name: item for name, item in value.attributes.items() if is_module(item)}
        inner = value.state.inner if isinstance(value.state, Module) else {}
        return {**{name: item for name, item in inner.items() if is_module(item)}, **held}
    return {}


def weights(value: Any) -> dict[str, Array]:
    """The parameters and buffers directly in a module by their names."""
    if isinstance(value, Module):
        return value.own
    if isinstance(value, Instance):
        held = {
            name: item
            for name, item in value.attributes.items()
            if isinstance(item, Array) and item.is_learned is not None
        }
        return {**value.state.own, **held} if isinstance(value.state, Module) else held
    return {}


def walk(value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every module in a module with the path to it, itself first, each once. Raises NotFollowed for too many."""
    seen: set[int] = set()
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while waiting:
        path, item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if len(seen) > MAX_MODULES:
            raise NotFollowed(f"holds more than {MAX_MODULES:,} modules, and so many are not read.")
        yield path, item
        waiting.extend(((*path, name), inner) for name, inner in reversed(children(item).items()))


def refuse_spoiled(value: Any) -> None:
    """Raises NotFollowed, with the line, for a module that is not what the source makes of it."""
    found = value.attributes.get(SPOILED) if isinstance(value, Instance) else getattr(value, "spoiled", None)
    if found:
        raise NotFollowed(found[1], found[0])


def name_weights(modules: Iterable[tuple[tuple[str, ...], Any]]) -> None:
    """Gives each weight of these modules the name that leads to it; one that is in several places keeps its first."""
    seen: set[int] = set()
    for path, item in modules:
        for name, array in weights(item).items():
            if id(array) not in seen:
                seen.add(id(array))
                array.origin = ".".join((*path, name))
