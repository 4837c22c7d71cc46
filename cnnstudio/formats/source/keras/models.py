"""Models of Keras: a Sequential, and one from tensors to tensors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from cnnstudio.core.arithmetic.shape import MAX_RANK
from cnnstudio.formats.source.keras.graph import shape_of
from cnnstudio.formats.source.keras.layers import OF_CALLS, KerasLayer
from cnnstudio.formats.source.keras.order import ordered
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import Instance, Native, NotFollowed, Raised, Thing, Unknown, kind_of
from cnnstudio.formats.source.torch.arrays import Array

NOTHING = (
    *("compile", "summary", "save", "save_weights", "load_weights", "evaluate", "predict", "set_weights", "to_json"),
    *("get_weights", "train_on_batch", "test_on_batch", "get_config", "export", "reset_states", "fit_generator"),
    *("evaluate_generator", "predict_generator", "predict_classes", "save_model", "reset_metrics", "count_params"),
    *("predict_on_batch", "to_yaml", "make_train_function", "stop_training", "add_loss", "add_metric"),
)
_SHAPES = ("input_shape", "batch_input_shape", "batch_shape")


class Model(Thing, ABC):
    """The common part of all models. `shown` is the shape of the data that it was given, without the batch, `uses` more
    than 0 for one that is trained.
    """

    title = "a model"

    def __init__(self, host: Any, name: str) -> None:
        self.host = host
        self.name = name
        self.line: int = host.core.line
        self.serial = host.number()
        self.spoiled: tuple[int, str] | None = None
        self.shown: tuple[int, ...] | None = None
        self.uses = 0
        host.made.append(self)

    @abstractmethod
    def ends(self) -> tuple[list[int], list[int]]:
        """The steps of its inputs and outputs. Raises NotFollowed if it has none yet."""

    @abstractmethod
    def parts(self) -> list[Any]:
        """Its layers."""

    def build_if_known(self) -> None:
        """Makes its steps if it knows its input, so that its layers have outputs."""

    def prefix(self) -> str:
        """The name by which its layers are called inside another model."""
        return self.name or f"model${self.serial}"

    def call(self, given: list[Any], named: dict[str, Any]) -> Any:
        """Applies it to other tensors; data only shows its shape."""
        tensors = self.host.tensors([*given[:1], named.get("inputs")])
        if not tensors:
            self.show(given)
            return Unknown("what a model gives")
        return self.host.replayed(self, tensors)

    def show(self, given: list[Any]) -> None:
        """Remembers the shape of data that it is given."""
        for value in given:
            if isinstance(value, Array) and 2 <= len(value.shape) <= MAX_RANK + 2 and self.shown is None:
                self.shown = value.shape[1:]

    def attribute(self, name: str) -> Any:
        """Its layers, ends and methods."""
        if name in ("layers", "get_layer"):
            self.build_if_known()
        if name == "layers":
            return list(self.parts())
        if name in ("output", "outputs", "input", "inputs"):
            found = [KerasTensor(self.host, step) for step in self.ends()[name.startswith("output")]]
            return found[0] if len(found) == 1 and not name.endswith("s") else found
        if name in ("output_shape", "input_shape"):
            step = self.ends()[name.startswith("output")][0]
            return KerasTensor(self.host, step).attribute("shape")
        if name == "get_layer":
            return Native(name, self._get_layer)
        if name in OF_CALLS:
            return Native(name, lambda _given, _named: self.attribute(OF_CALLS[name]))
        self.uses += {"compile": 1, "fit": 4, "fit_generator": 4}.get(name, 0)
        if name == "fit":
            return Native(name, lambda given, named: self._fitted(given[:1] or [named.get("x")]))
        if name == "build":
            return Native(name, lambda given, named: self.build([*given, *named.values()]))
        if name == "name":
            return self.name
        if name == "trainable":
            return True
        if name == "__isinstance__":
            return ("keras.Model", "keras.models.Model", "keras.layers.Layer", "keras.Layer")
        if name in ("__call__", "call"):
            return Native(name, self.call)
        if name in NOTHING or name.startswith("_"):
            return Native(name, lambda _given, _named: Unknown(f"what {name} gives"))
        return Unknown(f"'{name}' of a model")

    def _fitted(self, values: list[Any]) -> Any:
        self.show(values)
        return Unknown("the history of a training")

    def build(self, given: list[Any]) -> None:
        """Takes the shape of its input, with the batch."""
        sizes = given[0] if given and isinstance(given[0], (tuple, list)) else None
        if sizes is not None and all(type(size) is int for size in sizes[1:]):
            self.shown = tuple(sizes[1:])

    def _get_layer(self, given: list[Any], named: dict[str, Any]) -> Any:
        name = named.get("name", given[0] if given else None)
        place = named.get("index", name)
        parts = list(self.parts())
        if isinstance(place, Unknown):
            return place
        if isinstance(place, int) and -len(parts) <= place < len(parts):
            return parts[place]
        found = next((part for part in parts if self.host.core.attribute(part, "name") == name), None)
        if found is None:
            unnamed = [part for part in parts if isinstance(part, KerasLayer) and not part.name]
            found = next((part for part in unnamed if part.automatic(1) == name), None)
        if found is None:
            raise Raised("ValueError", f"there is no layer '{name}' in the model")
        return found

    def set_attribute(self, name: str, value: Any) -> None:
        """Freezes all of its layers; other attributes change nothing."""
        if name == "trainable":
            for part in self.parts():
                train(part, value)
        elif name in ("name", "_name") and isinstance(value, str):
            self.name = value


def train(part: Any, value: Any) -> None:
    """Freezes a layer, a model, or all that an object of the source holds; or sets it free again."""
    if isinstance(part, (KerasLayer, Model)):
        part.set_attribute("trainable", value)
    elif isinstance(part, Instance):
        for inner in part.attributes.values():
            train(inner, value)
    elif isinstance(part, (list, tuple)):
        for inner in part:
            train(inner, value)


class Functional(Model):
    """A model from tensors to tensors."""

    def __init__(self, host: Any, name: str, inputs: list[int], outputs: list[int]) -> None:
        super().__init__(host, name)
        self._inputs = inputs
        self._outputs = outputs

    def ends(self) -> tuple[list[int], list[int]]:
        """The steps of its inputs and outputs."""
        return self._inputs, self._outputs

    def parts(self) -> list[Any]:
        """Its inputs, layers and models in the order of Keras, each once."""
        return [maker for maker in ordered(self.host.steps, self._outputs) if maker is not None]


class Sequential(Model):
    """Layers one after the other; it is built once the shape of its input is known."""

    title = "a Sequential"

    def __init__(self, host: Any, name: str) -> None:
        super().__init__(host, name)
        self.layers: list[Any] = []
        self.stated: tuple[int | None, ...] | None = None
        self._built: tuple[int, list[int], list[int]] | None = None

    def add(self, layer: Any) -> None:
        """Puts a layer at the end. Raises NotFollowed for what is no layer."""
        if isinstance(layer, Unknown):
            raise NotFollowed(f"adds a layer that is not known: {layer.why}.")
        if isinstance(layer, KerasTensor):
            self.stated = self.host.steps.stated[layer.step]
            return
        if isinstance(layer, KerasLayer) and layer.kind == "InputLayer":
            self.stated = self.host.sizes_of(layer.config)
            return
        if not self.host.is_layer(layer):
            raise NotFollowed(f"adds {kind_of(layer)}, which is no layer.")
        if not self.layers and self.stated is None and isinstance(layer, KerasLayer):
            self.stated = self.host.sizes_of(layer.config)
        self.layers.append(layer)

    def attribute(self, name: str) -> Any:
        """Its methods."""
        if name == "add":
            return Native(name, lambda given, named: self.add([*given, *named.values()][0]))
        if name == "pop":
            return Native(name, lambda _given, _named: self.layers.pop())
        return super().attribute(name)

    def parts(self) -> list[Any]:
        """Its layers."""
        return self.layers

    def build_if_known(self) -> None:
        """Makes its steps if it knows its input, so that its layers have outputs."""
        if self.layers and (self.input_sizes() is not None or self._joined() is not None):
            self.ends()

    def input_sizes(self) -> tuple[int | None, ...] | None:
        """The sizes of its input, channels first, as far as they are stated or shown; None if not at all."""
        if self.stated is not None:
            return self.stated
        if self.shown is not None:
            return shape_of(self.shown, is_first=self.host.is_first)
        first = self.layers[0] if self.layers else None
        if isinstance(first, Sequential):
            return first.input_sizes()
        if isinstance(first, Functional):
            return tuple(self.host.draft.steps[first.ends()[0][0]].shape.to_list())
        return None

    def ends(self) -> tuple[list[int], list[int]]:
        """The steps of its input and output, made when they are first asked for. Raises NotFollowed without a shape."""
        sizes = self.input_sizes()
        if self._built is not None and self._built[0] == len(self.layers):
            return self._built[1], self._built[2]
        if not self.layers:
            raise NotFollowed("is a Sequential without layers.", self.line)
        joined = self._joined()
        given: Any
        if joined is not None:
            starts, given = joined
        elif sizes is None:
            raise NotFollowed("is a Sequential whose input has no shape yet.", self.line)
        else:
            starts = [self.host.steps.add_input(sizes, "input", self.line)]
            given = KerasTensor(self.host, starts[0])
        value: Any = self._through(given)
        if not isinstance(value, KerasTensor):
            why = value.why if isinstance(value, Unknown) else "it is no tensor"
            raise NotFollowed(f"gives something that is not followed: {why}.", self.line)
        self._built = len(self.layers), starts, [value.step]
        return self._built[1], self._built[2]

    @property
    def is_joined(self) -> bool:
        """True if it begins with a Merge of models, and so has their inputs."""
        return bool(self.layers) and self._joined() is not None

    def _joined(self) -> tuple[list[int], list[KerasTensor]] | None:
        """The inputs and outputs of the models that a Merge joins, with which Keras 1 began a Sequential; else None."""
        first = self.layers[0]
        models = first.config.get("layers") if isinstance(first, KerasLayer) and first.kind == "Merge" else None
        if not models or not all(isinstance(model, Model) for model in models):
            return None
        ends = [model.ends() for model in models]
        starts = list(dict.fromkeys(step for inputs, _ in ends for step in inputs))
        return starts, [KerasTensor(self.host, step) for _, outputs in ends for step in outputs]

    def call(self, given: list[Any], named: dict[str, Any]) -> Any:
        """Applies its layers one after the other."""
        tensors = self.host.tensors([*given[:1], named.get("inputs")])
        if not tensors:
            self.show(given)
            return Unknown("what a model gives")
        before = self.host.entered(self.prefix(), self)
        try:
            return self._through(tensors[0])
        finally:
            self.host.left(before)

    def _through(self, value: Any) -> Any:
        """The output of the last layer; a layer that does not fit is told by the line that makes it."""
        core = self.host.core
        line = core.line
        for layer in self.layers:
            core.line = layer.line
            try:
                value = core.call(layer, [value], {})
            except NotFollowed as error:
                error.line = error.line or layer.line
                raise
        core.line = line
        return value

    def items(self) -> Iterator[Any]:
        """Its layers."""
        yield from list(self.layers)
