"""Objects of the source's own classes of layers and models."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.arithmetic.shape import MAX_RANK
from cnnstudio.formats.foreign.keras.table import LAYERS
from cnnstudio.formats.source.facts import missing_of, settable
from cnnstudio.formats.source.keras import layers
from cnnstudio.formats.source.keras.layers import KerasLayer
from cnnstudio.formats.source.keras.models import Model
from cnnstudio.formats.source.keras.names import canonical, layer_of
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.core import MISSING
from cnnstudio.formats.source.language.values import Class, Function, Instance, Native, NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array


def _show(instance: Instance, given: list[Any]) -> Any:
    """Remembers the shape of the data that a model is given, or for which it is built."""
    for value in given[:1]:
        shape = value.shape if isinstance(value, Array) else value if isinstance(value, (tuple, list)) else ()
        if 2 <= len(shape) <= MAX_RANK + 2 and all(type(size) is int for size in shape[1:]):
            instance.attributes.setdefault("__shown__", tuple(shape[1:]))
    lost = next((value for value in given[:1] if isinstance(value, Unknown)), None)
    return lost.part if lost is not None else Unknown(f"what an object of {instance.kind.name} gives of data")


def derived_from(instance: Instance) -> str:
    """The layer of Keras from which a class of the source is derived; "" if from none that is read."""
    return next((kind for kind in map(layer_of, instance.kind.foreign) if kind in LAYERS), "")


def _builds(instance: Instance) -> bool:
    """True if the class of an object makes its weights itself, so that the layer above it is not what it is."""
    return any(isinstance(kind, Class) and "build" in kind.members for kind in instance.kind.order)


class SourceObjects:
    """Gives such objects what Keras would give them, and applies them."""

    def __init__(self, host: Any) -> None:
        self.host = host

    def method(self, instance: Instance, name: str) -> Any:
        """An attribute that an object has because its class is a model or a layer; MISSING if it has none."""
        state = instance.state
        if name == "__new__":
            return Native(name, lambda _given, _named: self.host.made.append(instance))
        if name == "__init__":
            return Native(name, lambda given, named: self._start(instance, given, named))
        if isinstance(state, Model):
            return state.attribute(name)
        if name == "add_weight":
            return Native(name, self._weight)
        if isinstance(state, KerasLayer):
            return self._of_layer(state, name)
        if name in ("__call__",):
            return Native(name, lambda given, named: self.called(instance, given, named))
        if name == "name":
            return instance.attributes.get("__name__", layers.snake(instance.kind.name))
        if name in ("trainable", "built", "losses", "metrics"):
            return True
        if name in ("fit", "predict", "evaluate", "build"):
            return Native(name, lambda given, named: _show(instance, [*given, *named.values()]))
        if name.startswith("__") or name == "call":
            return MISSING
        return Native(name, lambda _given, _named: Unknown(f"what {name} gives"))

    def _of_layer(self, state: KerasLayer, name: str) -> Any:
        """An attribute of an object whose class is derived from a layer of Keras: that of the layer."""
        if name == "build":
            return Native(name, lambda _given, _named: None)
        if name in ("call", "__call__"):
            return Native(name, lambda given, _named: self.host.apply(state, given, {}))
        return MISSING if name.startswith("__") else state.attribute(name)

    def _start(self, instance: Instance, given: list[Any], named: dict[str, Any]) -> None:
        kind = derived_from(instance)
        if kind:
            instance.state = layers.make(kind, given, named, self.host)
            return
        values = {**dict(zip(("inputs", "outputs"), given, strict=False)), **named}
        if "inputs" in values and "outputs" in values:
            made = self.host.model([], {key: values[key] for key in ("inputs", "outputs")})
            if isinstance(made, Unknown):
                raise NotFollowed(f"makes a model of what is not known: {made.why}.")
            self.host.made.remove(made)
            instance.state = made
        elif any(canonical(base) == "keras.Sequential" for base in instance.kind.foreign):
            instance.state = self.host.sequential(given, {key: value for key, value in named.items() if key != "name"})
            self.host.made.remove(instance.state)

    def _weight(self, given: list[Any], named: dict[str, Any]) -> Any:
        shape = named.get("shape", next((item for item in given if isinstance(item, (tuple, list))), ()))
        if not isinstance(shape, (tuple, list)) or not all(type(size) is int for size in shape):
            return Unknown("a weight whose shape is not known")
        made = Array(tuple(shape), is_learned=named.get("trainable", True) is not False)
        made.origin = f"weight{self.host.number()}"
        return made

    def called(self, instance: Instance, given: list[Any], named: dict[str, Any]) -> Any:
        """Applies an object of a class of the source: by its `build` and `call`."""
        if "__spoiled__" in instance.attributes:
            line, sentence = instance.attributes["__spoiled__"]
            raise NotFollowed(sentence, line)
        if isinstance(instance.state, Model):
            return instance.state.call(given, named)
        tensors = self.host.tensors(given[:1] or list(named.values())[:1])
        if not tensors:
            return _show(instance, given or list(named.values()))
        if "__built__" not in instance.attributes:
            instance.attributes["__built__"] = True
            self._build(instance, tensors)
        try:
            function = instance.kind.find("call")
        except KeyError:
            if isinstance(instance.state, KerasLayer) and not _builds(instance):
                return self.host.apply(instance.state, given, named)
            raise NotFollowed(
                f"calls an object of {instance.kind.name}, whose class does not say what that does."
            ) from None
        if isinstance(function, Function) and {"training", "mask"} & set(missing_of(function)):
            # Keras says both of itself; nothing is trained here.
            named = {"training": False, "mask": None, **named}
            named = {name: value for name, value in named.items() if name in settable(function)}
        before = self.host.entered(self._name_of(instance), instance)
        try:
            found = self.host.core.call(function, [instance, *given], named)
            return self._taking_all(instance, tensors, found)
        finally:
            self.host.left(before)

    def _taking_all(self, instance: Instance, tensors: list[KerasTensor], found: Any) -> Any:
        """The output of a layer, made of all that it takes: one that only adds a loss may give an input back."""
        if not isinstance(found, KerasTensor):
            return found
        reached = self.host.steps.reached([found.step], [tensor.step for tensor in tensors])
        others = [tensor for tensor in tensors if tensor.step not in reached]
        if not others:
            return found
        return self.host.placed(layers.snake(instance.kind.name), [found, *others], found.sizes)

    def _build(self, instance: Instance, tensors: list[KerasTensor]) -> None:
        for name, item in instance.attributes.items():
            if isinstance(item, KerasLayer) and not item.name:
                item.name = name
        try:
            function = instance.kind.find("build")
        except KeyError:
            return
        shapes = [tensor.attribute("shape") for tensor in tensors]
        self.host.core.call(function, [instance, shapes[0] if len(shapes) == 1 else shapes], {})

    def _name_of(self, instance: Instance) -> str:
        if "__name__" not in instance.attributes:
            instance.attributes["__name__"] = f"{layers.snake(instance.kind.name)}${self.host.number()}"
        return str(instance.attributes["__name__"])
