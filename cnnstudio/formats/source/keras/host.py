"""Keras as a framework of the interpreter: what its names make, and what its layers and models do when called."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable
from math import prod
from typing import Any

from cnnstudio.formats.foreign.draft import Numbers, placeholder
from cnnstudio.formats.foreign.keras.config import CallConfig, LayerConfig
from cnnstudio.formats.foreign.keras.reading import RETURN_SCORES
from cnnstudio.formats.foreign.keras.table import LAYERS
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.source.keras import inputs, layers, states, zoo
from cnnstudio.formats.source.keras.functions import FUNCTIONS
from cnnstudio.formats.source.keras.graph import USUAL_CHANNELS, USUAL_LENGTH, USUAL_SIDE, Steps
from cnnstudio.formats.source.keras.layers import KerasLayer
from cnnstudio.formats.source.keras.models import Functional, Model, Sequential
from cnnstudio.formats.source.keras.names import LAYER, MODEL, canonical, layer_of
from cnnstudio.formats.source.keras.objects import SourceObjects
from cnnstudio.formats.source.keras.operations import arrays, weights, wide
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.core import MISSING, Core
from cnnstudio.formats.source.language.values import Function, Instance, Native, NotFollowed, Raised, Scope, Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.layers.tensors import functions

TENSOR: dict[str, Any] = {"class_name": "__keras_tensor__", "config": {"keras_history": ["tensor", 0, 0]}}
_LAYOUTS = ("channels_first", "th")
_SKIPPED = ("Discretization", "TextVectorization", "StringLookup", "IntegerLookup", "CategoryEncoding")


class KerasModels:
    """Makes layers and models, and applies them."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.is_first = False
        self.is_old = False
        self.is_used = self.is_solid = self.is_turned = False
        self.doubt = ""
        self.steps = Steps(is_first=False)
        self.made: list[Any] = []
        self.path: tuple[str, ...] = ()
        self.input_size: tuple[int, ...] | None = None
        self.weights: dict[Any, tuple[int, Array]] = {}
        self.charged: set[int] = set()
        self.first_of: dict[int, list[int]] = {}
        self.shortest = USUAL_LENGTH
        self.applications: Scope | None = None
        self.hint: Callable[[], tuple[tuple[int, ...], str] | None] = lambda: None
        self.objects = SourceObjects(self)
        self.places: Counter[str] = Counter()
        self._count = 0

    @property
    def usual(self) -> tuple[int, ...]:
        """The sizes of an image, or of a volume, that nobody states, channels first."""
        return (USUAL_CHANNELS, *((16, 112, 112) if self.is_solid else (USUAL_SIDE, USUAL_SIDE)))

    @property
    def draft(self) -> Any:
        """The draft that holds the steps of all models."""
        return self.steps.draft

    def number(self) -> int:
        """A number that was not given before."""
        self._count += 1
        return self._count

    @staticmethod
    def tensors(value: Any) -> list[KerasTensor]:
        """The tensors in a value, which may be a list or a dict of them."""
        if isinstance(value, KerasTensor):
            return [value]
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        return [tensor for part in parts for tensor in KerasModels.tensors(part)]

    @staticmethod
    def is_layer(value: Any) -> bool:
        """True for what a model can hold."""
        if isinstance(value, Instance):
            bases = [canonical(base) for base in value.kind.foreign]
            return any(base in (LAYER, MODEL, "keras.Sequential") or layer_of(base) in LAYERS for base in bases)
        return isinstance(value, (KerasLayer, Model))

    # Calls of names

    def call(self, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """The result of a class or function of Keras or TensorFlow; Unknown for one that is not known."""
        bare = name.rpartition(".")[2]
        if name in ("keras.Input", "keras.layers.Input"):
            return self._input(given, named)
        if name == "keras.Sequential":
            return self.sequential(given, named)
        if name in (MODEL, "keras.Functional"):
            return self.model(given, named)
        if name.startswith("keras.layers."):
            return self._layer(bare, given, named)
        if name.startswith("keras.initializers.") or bare.endswith("_initializer"):
            return Native(bare, _started)
        if name.startswith("keras.applications.") and bare[:1].isupper():
            return zoo.make(self, bare, given, named)
        if bare in ("set_image_data_format", "set_image_dim_ordering"):
            self.set_layout(given[0] in _LAYOUTS if given else False)
            return None
        function = FUNCTIONS.get(name) or FUNCTIONS.get(f"*.{bare}" if self.tensors([*given, *named.values()]) else "")
        if function is not None:
            return self._called(function, name, given, named)
        if self.tensors([*given, *named.values()]):
            return self._function(bare, given, named)
        found = arrays.called(bare, given, named)
        return Unknown(f"what {name} gives") if found is MISSING else found

    def _called(self, function: Any, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        try:
            return function(self, given, named)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise Raised("TypeError", f"{name} is called with other arguments than are read ({error})") from None

    def _input(self, given: list[Any], named: dict[str, Any]) -> Any:
        config = {**dict(zip(("shape",), given, strict=False)), **named}
        sizes = self.sizes_of(config)
        if sizes is None:
            raise NotFollowed("Input states no shape.")
        if self.input_size is not None and None in sizes and len(self.input_size) == len(sizes):
            sizes = self.input_size
        name = config.get("name")
        step = self.steps.add_input(sizes, name if isinstance(name, str) else "input", self.core.line)
        made = KerasTensor(self, step)
        self.steps.owners[step] = layers.KerasLayer("InputLayer", {"name": name}, self)
        self.steps.owners[step].output = made
        return made

    def sizes_of(self, config: dict[str, Any]) -> tuple[int | None, ...] | None:
        """The sizes of an input that an argument states, channels first; None if none does."""
        return inputs.sizes_of(self, config)

    def arguments(self, names: list[str], codes: list[ast.AST]) -> dict[str, Any]:
        """Values for arguments that say the size of the input, if the program makes anything of Keras."""
        return inputs.arguments(self, names, codes) if self.is_used else {}

    def leading_to(self, value: Any) -> Functional | None:
        """The model that leads to the tensors in a value; None if it holds a model, or no tensor but inputs."""
        if any(isinstance(part, (Model, Instance)) for part in value):
            return None
        ends = [tensor.step for tensor in self.tensors(value)]
        starts = [step for step in self.steps.reached(ends, []) if not self.draft.steps[step].inputs]
        made = list(dict.fromkeys(step for step in ends if step not in starts))
        return Functional(self, "", starts, made) if starts and made else None

    def sequential(self, given: list[Any], named: dict[str, Any]) -> Any:
        """A Sequential of these layers."""
        name = named.get("name")
        made = Sequential(self, name if isinstance(name, str) else "")
        parts = named.get("layers", given[0] if given else None)
        if parts is not None:
            for part in self.core.items(parts):
                made.add(part)
        return made

    def model(self, given: list[Any], named: dict[str, Any]) -> Any:
        """A model from tensors to tensors; Unknown if one of them is."""
        values = {**dict(zip(("inputs", "outputs", "name"), given, strict=False)), **named}
        inputs = self.tensors(values.get("inputs", values.get("input")))
        found = values.get("outputs", values.get("output"))
        outputs = self.tensors(found)
        lost = found if isinstance(found, Unknown) else None
        if isinstance(found, (list, tuple)):
            lost = next((part for part in found if isinstance(part, Unknown)), None)
        if lost is not None or not outputs or not inputs:
            why = lost.why if lost is not None else "its inputs or outputs are no tensors"
            return Unknown(f"line {self.core.line} makes a model of what is not known: {why}")
        name = values.get("name")
        steps = [tensor.step for tensor in inputs], [tensor.step for tensor in outputs]
        return Functional(self, name if isinstance(name, str) else "", *steps)

    def _layer(self, bare: str, given: list[Any], named: dict[str, Any]) -> Any:
        if bare[:1].islower():
            return self._merge(bare, given, named)
        if bare in ("Layer", *_SKIPPED):
            return Unknown(f"what {bare} gives")
        if bare not in LAYERS and bare not in ("Lambda", "TimeDistributed", "InputLayer"):
            return Unknown(f"a layer of the class {bare}, which is not read")
        made = layers.make(bare, given, named, self)
        if made.config.get("data_format", made.config.get("dim_ordering")) in _LAYOUTS:
            self.set_layout(True)
        return made

    def _merge(self, bare: str, given: list[Any], named: dict[str, Any]) -> Any:
        """`add([a, b])` and its family, as functions."""
        title = "Concatenate" if bare in ("concatenate", "concat") else bare.capitalize()
        if title not in LAYERS:
            return Unknown(f"what {bare} gives")
        tensors, more = given[0] if given else named.pop("inputs", None), dict(named)
        if len(given) > 1:
            more["mode" if title == "Merge" else "axis"] = given[1]
        return self.apply(layers.make(title, [], more, self), [tensors], {})

    def set_layout(self, is_first: bool) -> None:
        """Puts the channels first or last. Raises NotFollowed where layers were made the other way before."""
        if is_first is self.is_first or "image_data_format" in self.core.used_settings:
            return
        if self.draft.steps:
            raise NotFollowed("puts the channels first in some layers and last in others, which is not read.")
        self.is_first = is_first
        length = self.steps.length
        self.steps = Steps(is_first=is_first)
        self.steps.length = length

    def _function(self, bare: str, given: list[Any], named: dict[str, Any]) -> Any:
        """A function of tensors under its name in Keras; Unknown if it is none that is read."""
        try:
            return self.operation(bare, given, named)
        except NotFollowed as refusal:
            return Unknown(f"what {bare} gives in line {self.core.line}: {refusal.sentence.rstrip('.')}")

    # Applying

    def entered(self, name: str, model: Any) -> tuple[str, ...]:
        """Goes into a model by its name; the path before."""
        before = self.path
        self.path = (*before, name)
        self.steps.entered.append(model)
        return before

    def left(self, before: tuple[str, ...]) -> None:
        """Leaves a model again."""
        self.path = before
        self.steps.entered.pop()

    def apply(self, layer: KerasLayer, given: list[Any], named: dict[str, Any]) -> Any:
        """Applies a layer to tensors. Raises NotFollowed with the sentence of its refusal."""
        if layer.spoiled is not None:
            raise NotFollowed(layer.spoiled[1], layer.spoiled[0])
        if layer.kind == "Lambda":
            fixed = layer.config.get("arguments")
            return self.core.call(layer.function, given, {**fixed, **named} if isinstance(fixed, dict) else named)
        if layer.kind == "Merge" and isinstance(layer.config.get("mode"), (Function, Native)):
            return self.core.call(layer.config["mode"], given, named)
        if layer.kind == "TimeDistributed":
            layer.output = self._at_each_step(layer.config.get("layer"), given, named)
            return layer.output
        _require_known(layer, given)
        names = ("query", "value", "key", "inputs")
        tensors = self.tensors(
            [*given[: 1 if layer.is_recurrent else None], *[named[name] for name in names if name in named]]
        )
        if len(tensors) == 1 and wide.is_meant(layer, tensors[0]):
            return wide.applied(self, layer, tensors[0])
        if not tensors and layer.kind == "Embedding" and given and isinstance(given[0], Array):
            return _looked_up(layer, given[0])
        if not tensors:
            lost = next((item for item in given if isinstance(item, Unknown)), None)
            if lost is not None:
                raise NotFollowed(f"{layer.title} takes what is not known: {lost.why}.")
            return Unknown(f"what {layer.kind} gives of no tensor")
        if layer.is_recurrent:
            tensors = states.begun(self, layer, tensors, self.tensors([*given[1:], named.get("initial_state")]))
        config = {key: value for key, value in layer.config.items() if key not in ("trainable", "layers")}
        for key in ("layer", "forward_layer", "backward_layer"):
            if key in config:
                config[key] = self._inner(layer, config[key])
        entry = LayerConfig(layer.kind, layer.entry_name, config, ())
        asked = {RETURN_SCORES: True} if named.get(RETURN_SCORES) is True else {}
        value = self._step(entry, CallConfig((), (), asked), tensors, layer)
        value = states.given(self, layer, value) if layer.config.get("return_state") is True else value
        layer.input, layer.output = tensors[0], value[0] if isinstance(value, list) else value
        if isinstance(value, list):
            return value
        return value if layer.after is None else self.core.call(layer.after, [value], {})

    def _at_each_step(self, inner: Any, given: list[Any], named: dict[str, Any]) -> Any:
        """Applies a layer, a model or an object of the source at each step of a sequence."""
        if not self.is_layer(inner):
            raise NotFollowed("TimeDistributed wraps something that is no layer, which is not read.")
        self.draft.step_axes += 1
        try:
            return self.core.call(inner, given, named)
        finally:
            self.draft.step_axes -= 1

    def _inner(self, layer: KerasLayer, inner: Any) -> dict[str, Any]:
        if not isinstance(inner, KerasLayer):
            raise NotFollowed(f"{layer.kind} wraps something that is no single layer, which is not read.")
        return {"class_name": inner.kind, "config": {**inner.config, "name": inner.entry_name}}

    def operation(self, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """Applies a function of tensors. Raises NotFollowed if it is not read."""
        tensors = self.tensors([*given, *named.values()])
        arguments = tuple(TENSOR if self.tensors(item) else _constant(item) for item in given)
        plain = {key: TENSOR if self.tensors(item) else _constant(item) for key, item in named.items()}
        entry = LayerConfig(name, f"{layers.snake(name)}${self.number()}", {}, (), "keras.src.ops.numpy")
        return self._step(entry, CallConfig((), arguments, plain), tensors, None)

    def _step(self, entry: LayerConfig, call: CallConfig, tensors: list[KerasTensor], owner: Any) -> Any:
        first = len(self.draft.steps)
        try:
            made = self.steps.reader.apply(entry, call, [tensor.step for tensor in tensors], self.path)
        except NotUnderstood as refusal:
            raise NotFollowed(_bare(str(refusal))) from None
        self._share(owner, first)
        self.steps.note(first, owner, self.core.line)
        return KerasTensor(self, made[0]) if len(made) == 1 else [KerasTensor(self, step) for step in made]

    def _share(self, owner: Any, first: int) -> None:
        """Gives the steps of a layer that was applied before the weights of then, in whichever model that was."""
        if owner is None:
            return
        own = range(first, len(self.draft.steps))
        for step, origin in zip(own, self.first_of.setdefault(owner.serial, list(own)), strict=False):
            made, before = self.draft.steps[step], self.draft.steps[origin]
            if step != origin and made.shares is None and made.layer == before.layer:
                made.shares = origin

    def joined(self, name: str, tensor: KerasTensor, weight: Array) -> KerasTensor:
        """A tensor joined with a weight of the source, element by element."""
        return weights.joined(self, name, tensor, weight)

    def held(self, kind: str, tensors: list[KerasTensor], sizes: list[int], weight: Array) -> KerasTensor:
        """A placeholder that holds a weight of the source."""
        return weights.held(self, kind, tensors, sizes, weight)

    def placed(self, kind: str, tensors: list[KerasTensor], sizes: list[int], macs: int | None = 0) -> KerasTensor:
        """A step for an operation without a layer type: a function that costs nothing, else a placeholder."""
        shape = weights.shape_from(self, sizes)
        if macs != 0:
            return weights.placed(self, placeholder(shape, Numbers(), macs), kind, tensors)
        is_alike = sizes == tensors[0].sizes
        stated: dict[str, Any] = {} if is_alike else {"channels": shape.channels, "size": shape.spatial}
        layer = functions.Function(function=kind, **stated)
        return weights.placed(self, layer, kind, tensors)

    def replayed(self, model: Model, tensors: list[KerasTensor]) -> Any:
        """Applies a model to tensors."""
        inputs, outputs = model.ends()
        given = [tensor.step for tensor in tensors]
        before = self.entered(model.prefix(), model)
        try:
            made = self.steps.replay(inputs, outputs, given, self.path, self.core.line)
        finally:
            self.left(before)
        found = [KerasTensor(self, step) for step in made]
        return found[0] if len(found) == 1 else found


def _looked_up(layer: KerasLayer, places: Array) -> Array:
    """Rows of a table, one for each of some places: a learned array. Raises NotFollowed if there are not so many."""
    rows, width = layer.config.get("input_dim"), layer.config.get("output_dim")
    if type(rows) is int and places.shape[:1] == (layer.host.steps.length,):
        layer.host.shortest = min(rows, layer.host.shortest)
    if type(rows) is not int or type(width) is not int or prod(places.shape) > rows:
        raise NotFollowed(
            f"takes {prod(places.shape)} rows of an Embedding of {rows}; give --input-size where it follows the input."
        )
    made = Array((*places.shape, width), is_learned=True)
    made.origin, made.numbers = f"table {layer.serial}", rows * width
    return made


def _require_known(layer: KerasLayer, given: list[Any]) -> None:
    """Raises NotFollowed if one of several tensors that a layer joins is not known: the others are not all of them."""
    first = given[:3] if layer.kind == "MultiHeadAttention" else given[0] if given else ()
    lost = (
        next((item for item in first if isinstance(item, Unknown)), None) if isinstance(first, (list, tuple)) else None
    )
    if lost is not None:
        raise NotFollowed(f"{layer.title} takes what is not known: {lost.why}.")


def _started(given: list[Any], named: dict[str, Any]) -> Any:
    """The numbers with which a weight begins, by the shape that an initializer is called with."""
    shape = named.get("shape", given[0] if given else None)
    is_known = isinstance(shape, (tuple, list)) and all(type(size) is int for size in shape)
    return Array(tuple(shape)) if shape and is_known else Unknown("numbers whose shape is not known")


def _constant(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_constant(item) for item in value]
    if isinstance(value, Array):
        return list(value.values) if value.values is not None else "an array"
    return value if isinstance(value, (int, float, str, bool, dict, type(None))) else str(type(value).__name__)


def _bare(text: str) -> str:
    """A refusal without the name that Keras would give a layer."""
    if text.startswith("the layer '") and ") " in text:
        kind = text.partition("(")[2].partition(")")[0]
        return f"{kind} {text.partition(') ')[2]}"
    return text.partition(": ")[2] if text.startswith("'") and ": " in text else text
