"""The libraries that a program imports: PyTorch, Keras, and what of the others networks are written with."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.foreign.keras.table import LAYERS
from cnnstudio.formats.source.keras.functions import FUNCTIONS
from cnnstudio.formats.source.keras.host import KerasModels
from cnnstudio.formats.source.keras.names import canonical, is_old
from cnnstudio.formats.source.language.arguments import ArgumentParser
from cnnstudio.formats.source.language.core import MISSING, Core
from cnnstudio.formats.source.language.libraries import CONSTANTS, LIBRARIES, NOTHING
from cnnstudio.formats.source.language.objects import Objects
from cnnstudio.formats.source.language.operators import unknown_among
from cnnstudio.formats.source.language.values import Class, Instance, Native, Raised, Unknown
from cnnstudio.formats.source.numbers import FUNCTIONS as NUMBERS
from cnnstudio.formats.source.project.libraries import FUNCTIONS as SETTINGS
from cnnstudio.formats.source.torch.arrays import Flowing
from cnnstudio.formats.source.torch.calls.plain import AUTOGRAD, applied, data_set
from cnnstudio.formats.source.torch.calls.plain import FUNCTIONS as OF_TORCH
from cnnstudio.formats.source.torch.host import TorchModules
from cnnstudio.formats.source.torch.tree import is_module

_TORCH = ("torch.", "torchvision.", "einops.")
_KERAS = ("keras.", "tensorflow.", "keras_contrib.", "tensorflow_addons.", "sklearn.")
_KERAS_NAMES = (
    "Sequential",
    "Model",
    "Input",
    "Layer",
    "concatenate",
    "add",
    "multiply",
    "average",
    "maximum",
    "subtract",
)


APPLICATIONS = ("VGG16", "VGG19", "ResNet50", "Xception", "InceptionV3", "MobileNet", "MobileNetV2", "DenseNet121")
"""Networks of keras.applications that no other library gives under these names."""
_ARRAYS = {
    **{f"tensorflow.{name}": name for name in ("zeros", "ones")},
    **{f"numpy.{name}": name for name in ("zeros", "ones", "empty")},
    "numpy.random.randn": "randn",
    "numpy.random.rand": "rand",
    "numpy.random.random": "rand",
    "keras.ops.zeros": "zeros",
    "keras.ops.ones": "ones",
}
"""Functions that make arrays, by the function of PyTorch that takes the same sizes."""


_RUN = ("tensorflow.app.run", "tensorflow.compat.v1.app.run", "absl.app.run")
"""Functions that call `main`."""
_USUAL = {
    **{name: name for name in ("torch", "keras", "math", "torchvision")},
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "tf": "tensorflow",
    "np": "numpy",
    "layers": "keras.layers",
    "OrderedDict": "collections.OrderedDict",
}
"""Full names of what people import under short ones; a part of a script that is pasted leaves the imports out."""


class Libraries:
    """Everything that a program can import, as far as it is known."""

    def __init__(self) -> None:
        self.core: Any = None
        self.torch: TorchModules
        self.keras: KerasModels

    def attach(self, core: Core) -> None:
        """Makes them those of one program."""
        self.core = core
        self.torch = TorchModules(core)
        self.keras = KerasModels(core)

    # Names

    def canonical(self, name: str) -> str:
        """The one name of a thing that can be imported by several."""
        if name.startswith("six.moves."):
            return f"builtins.{name[10:]}"
        found = canonical(TorchModules.canonical(name))
        self.keras.is_old |= is_old(name)
        return found

    def knows(self, name: str) -> bool:
        """True if a module's `import *` gives this name."""
        name, bare = self.canonical(name), name.rpartition(".")[2]
        if name.startswith(("keras.layers.", "keras.Sequential", "keras.Model", "keras.Input", "keras.Layer")):
            return bare in LAYERS or bare in _KERAS_NAMES
        return TorchModules.knows(name) or name in LIBRARIES or name in CONSTANTS

    @staticmethod
    def usual(name: str) -> str:
        """The full name that a short one mostly stands for; "" for one that is nobody's habit."""
        if name in _USUAL:
            return _USUAL[name]
        if name in ("Sequential", "Model", "Input"):
            return f"keras.{name}"
        if name in APPLICATIONS:
            return f"keras.applications.{name}"
        return f"keras.layers.{name}" if name in LAYERS and len(name) > 3 else ""

    def member(self, name: str) -> Any:
        """The value of a name that is more than a name; MISSING for all others."""
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name.startswith("builtins.") and name[9:] in self.core.builtins:
            return self.core.builtins[name[9:]]
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
        if name in SETTINGS:
            return SETTINGS[name](self.core, given, named)
        row = NUMBERS.get(name)
        if row is not None and not any(isinstance(item, Flowing) for item in given):
            return row(self.core, given, named)
        if name == "argparse.ArgumentParser":
            return ArgumentParser(self.core)
        if name in _RUN:
            return self.core.call(self.core.scope.names.get("main", Unknown("main")), [None], {})
        if name.startswith(NOTHING):
            return None
        if name in _ARRAYS:
            return self.torch.call(f"torch.{_ARRAYS[name]}", given, named)
        known = data_set(name)
        if known is not MISSING:
            return known
        if name in OF_TORCH and given:
            return OF_TORCH[name](self.core, given, named)
        if name.startswith(_TORCH):
            return self.torch.call(name, given, named)
        if name.startswith(_KERAS) or name in FUNCTIONS:
            return self.keras.call(name, given, named)
        lost = unknown_among(*given)
        return lost or Unknown(f"what {name} gives")

    def made(self) -> tuple[int, int]:
        """The numbers of modules and models that were made so far."""
        return len(self.torch.made), len(self.keras.made)

    def spoil(self, before: tuple[int, int], line: int, sentence: str) -> None:
        """Remembers that what was made since may not be what the source makes of it."""
        for value in [*self.torch.made[before[0] :], *self.keras.made[before[1] :]]:
            if isinstance(value, Instance):
                value.attributes.setdefault("__spoiled__", (line, sentence))
            elif value.spoiled is None:
                value.spoiled = line, sentence

    # Objects

    def method(self, instance: Instance, name: str) -> Any:
        """An attribute from the foreign classes of an object; MISSING if there is none."""
        if is_module(instance):
            return self.torch.method(instance, name)
        if self.keras.is_layer(instance):
            return self.keras.objects.method(instance, name)
        bases = [base for base in instance.kind.foreign if base != "object"]
        if bases and name == "__init__":
            return Native(name, lambda _given, _named: None)
        if bases and name not in ("__new__", "__len__", "__getitem__", "__iter__", "__getattr__"):
            return Unknown(f"'{name}' of {bases[0]}")
        return MISSING

    def of_class(self, kind: Class, name: str) -> Any:
        """A function that a class has from the foreign ones it is derived from; MISSING if there is none."""
        return applied(self.core, kind, name)

    def set(self, instance: Instance, name: str, value: Any) -> None:
        """Told of every attribute that an object gets."""
        if is_module(instance):
            self.torch.set(instance, name, value)

    def called(self, instance: Instance, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of calling an object; MISSING if its class does not say what that does."""
        if is_module(instance):
            return self.torch.call_module(instance, given, named)
        if self.keras.is_layer(instance):
            return self.keras.objects.called(instance, given, named)
        if AUTOGRAD in instance.kind.foreign:
            return self.core.call(self.core.attribute(instance, "forward"), given, named)
        if any(base != "object" for base in instance.kind.foreign):
            return Unknown(f"what an object of {instance.kind.name} gives")
        return MISSING
