"""The libraries that a program imports: PyTorch, Keras, and what of the others networks are written with."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.source.language.arguments import ArgumentParser
from cnnstudio.formats.source.language.core import MISSING, Core
from cnnstudio.formats.source.language.libraries import CONSTANTS, LIBRARIES, NOTHING
from cnnstudio.formats.source.language.objects import Objects
from cnnstudio.formats.source.language.operators import unknown_among
from cnnstudio.formats.source.language.values import Instance, Native, Raised, Unknown
from cnnstudio.formats.source.torch.host import TorchModules
from cnnstudio.formats.source.torch.tree import is_module

_MODULES = ("torch.", "torchvision.")


class Libraries:
    """Everything that a program can import, as far as it is known."""

    def __init__(self) -> None:
        self.core: Any = None
        self.torch: TorchModules

    def attach(self, core: Core) -> None:
        """Makes them those of one program."""
        self.core = core
        self.torch = TorchModules(core)

    # Names

    def canonical(self, name: str) -> str:
        """The one name of a thing that can be imported by several."""
        return TorchModules.canonical(name)

    def knows(self, name: str) -> bool:
        """True if a module's `import *` gives this name."""
        return TorchModules.knows(name) or name in LIBRARIES or name in CONSTANTS

    def member(self, name: str) -> Any:
        """The value of a name that is more than a name; MISSING for all others."""
        if name in CONSTANTS:
            return CONSTANTS[name]
        return self.torch.member(name)

    # Calls

    def call(self, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of something imported; Unknown for what is not known."""
        library = LIBRARIES.get(name)
        if library is not None:
            assert isinstance(self.core, Objects)
            try:
                return library(self.core, given, named)
            except (IndexError, KeyError, TypeError) as error:
                raise Raised("TypeError", f"{name} is called with other arguments than it takes ({error})") from None
        if name == "argparse.ArgumentParser":
            return ArgumentParser(self.core)
        if name.startswith(NOTHING):
            return None
        if name.startswith(_MODULES):
            return self.torch.call(name, given, named)
        lost = unknown_among(*given)
        return lost or Unknown(f"what {name} gives")

    # Objects

    def method(self, instance: Instance, name: str) -> Any:
        """An attribute from the foreign classes of an object; MISSING if there is none."""
        if is_module(instance):
            return self.torch.method(instance, name)
        bases = [base for base in instance.kind.foreign if base != "object"]
        if bases and name == "__init__":
            return Native(name, lambda _given, _named: None)
        if bases and name not in ("__new__", "__len__", "__getitem__", "__iter__", "__getattr__"):
            return Unknown(f"'{name}' of {bases[0]}")
        return MISSING

    def set(self, instance: Instance, name: str, value: Any) -> None:
        """Told of every attribute that an object gets."""
        if is_module(instance):
            self.torch.set(instance, name, value)

    def called(self, instance: Instance, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of calling an object; MISSING if its class does not say what that does."""
        if is_module(instance):
            return self.torch.call_module(instance, given, named)
        if any(base != "object" for base in instance.kind.foreign):
            return Unknown(f"what an object of {instance.kind.name} gives")
        return MISSING
