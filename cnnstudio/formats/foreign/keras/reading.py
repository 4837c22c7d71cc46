"""From the description of a Keras model to a draft: every call of every layer, models inside models included."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from msgspec import structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.distribution import one_step
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Draft, Numbers, placeholder
from cnnstudio.formats.foreign.keras import activations, sequences
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.formats.foreign.keras.config import (
    MAX_DEPTH,
    CallConfig,
    Config,
    History,
    LayerConfig,
    histories,
    layer_config,
    plain,
)
from cnnstudio.formats.foreign.keras.inputs import InputSizes
from cnnstudio.formats.foreign.keras.naming import path_of
from cnnstudio.formats.foreign.keras.operations import is_operation, operation
from cnnstudio.formats.foreign.keras.table import LAYERS
from cnnstudio.formats.foreign.keras.weights import Weights
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import Rescaling
from cnnstudio.layers.structure import Identity, Input

Path = tuple[str, ...]
RETURN_SCORES = "return_attention_scores"
"""The argument by which a call of an attention asks for its scores."""
_NO_FUNCTIONS = ("ReLU", "ELU", "Softmax", "Reshape", "Identity", "Rescaling")
"""Layers whose names are those of functions too."""
Values = dict[History, int]
Shapes = dict[History, tuple[int | None, ...] | None]


class ModelReader:
    """Reads one model into a draft."""

    def __init__(self, draft: Draft, inputs: InputSizes, weights: Weights, *, channels_first: bool) -> None:
        self.draft = draft
        self.inputs = inputs
        self.weights = weights
        self.channels_first = channels_first
        self.refused: list[str] = []
        # By their paths: layers of two nested models may share a name, and are still two.
        self.first_uses: dict[Path, int] = {}
        self.checked: set[int] = set()
        self.stated: Shapes = {}
        self.current: History = ("", 0, 0)

    def read(self, model: LayerConfig) -> None:
        """The whole model; its outputs are those of the draft."""
        self.draft.outputs = self._model(model, (), None, trainable=True)
        self._stop_at_refusals()

    @property
    def at_each_step(self) -> bool:
        """True inside a TimeDistributed, where each layer is applied at each step."""
        return self.draft.step_axes > 0

    @at_each_step.setter
    def at_each_step(self, value: bool) -> None:
        self.draft.step_axes = int(value)

    # Models

    def _model(self, model: LayerConfig, path: Path, sources: list[int] | None, *, trainable: bool) -> list[int]:
        """The outputs of one call of a model; `sources` is what it takes, None for the outermost one."""
        if len(path) > MAX_DEPTH:
            raise NotUnderstood("nests its models too deeply.")
        entries = [layer_config(entry) for entry in model.config["layers"] if isinstance(entry, dict)]
        trainable = trainable and model.config.get("trainable", True) is not False
        # By what it holds and not by its class: a class derived from Sequential keeps its layers under a name of its
        # own.
        if any(entry.calls for entry in entries) or "input_layers" in model.config:
            return self._functional(model, entries, path, sources, trainable=trainable)
        return self._sequential(model, entries, path, sources, trainable=trainable)

    def _sequential(
        self, model: LayerConfig, entries: list[LayerConfig], path: Path, sources: list[int] | None, *, trainable: bool
    ) -> list[int]:
        if not entries:
            raise NotUnderstood(f"the model '{model.name}' has no layers.")
        for entry, after in pairwise(entries):
            self.stated[entry.name, 0, 0] = sizes_of(after.built_for)
        values = list(sources or [])
        if sources is None and entries[0].kind != "InputLayer":
            shape = self.inputs.of_sequential(model, entries[0])
            values = [self._input(shape, self._input_path(entries[0]))]
        for entry in entries:
            if entry.kind == "InputLayer":
                values = values or [self._input(self.inputs.of_layer(entry), path + path_of(entry.name))]
                continue
            call = CallConfig(())
            self.current = (entry.name, 0, 0)
            values = self._call(entry, call, values, path, trainable=trainable)
        return values

    def _input_path(self, first: LayerConfig) -> Path:
        return (f"{first.name}_input",)

    def _functional(
        self, model: LayerConfig, entries: list[LayerConfig], path: Path, sources: list[int] | None, *, trainable: bool
    ) -> list[int]:
        values: Values = {}
        wanted = histories(model.config.get("input_layers"))
        inputs = [entry for entry in entries if entry.kind == "InputLayer"]
        order = {name: place for place, (name, _, _) in enumerate(wanted)}
        for entry in sorted(inputs, key=lambda entry: order.get(entry.name, len(order))):
            place = order.get(entry.name, len(order))
            if sources is None:
                values[entry.name, 0, 0] = self._input(self.inputs.of_layer(entry), path + path_of(entry.name))
            elif place < len(sources):
                values[entry.name, 0, 0] = sources[place]
            else:
                raise NotUnderstood(f"the model '{model.name}' is called with too few inputs.")
        outputs = histories(model.config.get("output_layers"))
        shifts = _shifts(entries, outputs)
        self.stated.update(_stated(entries, shifts))
        self._run(entries, values, shifts, path, trainable=trainable)
        missing = [name for name, node, tensor in outputs if (name, node - shifts.get(name, 0), tensor) not in values]
        if missing or not outputs:
            self._stop_at_refusals()
            what = f"gives '{missing[0]}', which no layer of it makes" if missing else "gives nothing"
            raise NotUnderstood(f"the model '{model.name}' {what}.")
        return [values[name, node - shifts.get(name, 0), tensor] for name, node, tensor in outputs]

    def _run(
        self, entries: list[LayerConfig], values: Values, shifts: dict[str, int], path: Path, *, trainable: bool
    ) -> None:
        """Every call once what it takes is there; a layer that is used in several places waits for some of them."""
        waiting = [
            (entry, node, call)
            for entry in entries
            if entry.kind != "InputLayer"
            for node, call in enumerate(entry.calls)
        ]
        while waiting:
            later = []
            for entry, node, call in waiting:
                keys = [_shifted(tensor.history, shifts) for tensor in call.tensors]
                if not all(key in values for key in keys):
                    later.append((entry, node, call))
                    continue
                sources = [values[key] for key in keys]
                self.current = (entry.name, node, 0)
                # What a file states of a model that is repeated it states of one step.
                if not self.at_each_step:
                    self._check(call, sources)
                for place, step in enumerate(self._call(entry, call, sources, path, trainable=trainable)):
                    values[entry.name, node, place] = step
            if len(later) == len(waiting):
                self._stop_at_refusals()
                raise NotUnderstood(f"the layer '{later[0][0].name}' takes what no layer before it gives.")
            waiting = later

    def _check(self, call: CallConfig, sources: list[int]) -> None:
        """Compares the shapes that the file states, once a tensor."""
        for tensor, step in zip(call.tensors, sources, strict=True):
            if tensor.shape is not None and len(tensor.shape) > 1 and step not in self.checked:
                self.checked.add(step)
                counted = Call("", "", {}, (), self.channels_first).sizes_of(self.draft.steps[step].shape)
                stated = list(tensor.shape[1:])
                self.draft.shapes_checked += 1
                known = [(a, b) for a, b in zip(stated, counted, strict=False) if a is not None]
                if len(stated) != len(counted) or (not self.inputs.is_changed and any(a != b for a, b in known)):
                    name = "/".join(self.draft.steps[step].path)
                    self.draft.different.append(f"'{name}': the file states {stated}, counted are {counted}")

    # Layers

    def apply(self, entry: LayerConfig, call: CallConfig, sources: list[int], path: Path) -> list[int]:
        """The steps of one call of a layer outside a whole model. Raises NotUnderstood, with its sentence."""
        steps = self._call(entry, call, sources, path, trainable=True)
        if self.refused:
            raise NotUnderstood(self.refused.pop())
        return steps

    def _input(self, shape: Shape, path: Path) -> int:
        return self.draft.add(Input(channels=shape.channels, size=shape.spatial), path, ())

    def _call(
        self, entry: LayerConfig, call: CallConfig, sources: list[int], path: Path, *, trainable: bool
    ) -> list[int]:
        """The steps of one call of a layer, one for each of its outputs."""
        if self.refused and not sources:
            return []
        if entry.kind == "TimeDistributed":
            return self._distributed(entry, call, sources, path, trainable=trainable)
        if entry.is_model:
            return self._model(entry, (*path, entry.name), sources, trainable=trainable)
        own_path = path + path_of(entry.name)
        if entry.kind == "MultiHeadAttention":
            sources = sequences.attended(sources)
        shapes = tuple(self.draft.steps[source].shape for source in sources)
        taken = tuple([one_step(shape, self.draft.step_axes) for shape in shapes])
        given = Call(entry.kind, "/".join((*path, entry.name)), entry.config, taken, self.channels_first, call)
        try:
            layer = self._layer(entry, given)
        except NotUnderstood as refusal:
            # Every layer that is not read is named, not only the first.
            self.refused.append(str(refusal))
            return []
        if entry.kind in ("CustomScaleLayer", "ScaleLayer") and len(sources) == 2:
            return [self._custom_scale(given, sources, own_path)]
        frozen = not trainable or entry.config.get("trainable", True) is False
        taken_by_it = sequences.begun(self.draft, layer, sources, own_path)
        shapes = tuple(self.draft.steps[source].shape for source in taken_by_it)
        given = structs.replace(given, shapes=shapes)
        step = self._add(layer, given, list(taken_by_it), own_path, path, frozen=frozen)
        if call.named.get(RETURN_SCORES) is True:
            return [step, *sequences.scores_given(self.draft, layer, step, own_path)]
        if not _gives_states(entry):
            return [step]
        return [step, *sequences.states_given(self.draft, layer, step, own_path)]

    def _distributed(
        self, entry: LayerConfig, call: CallConfig, sources: list[int], path: Path, *, trainable: bool
    ) -> list[int]:
        """A layer, or each layer of a model, that is applied at each step of time."""
        shapes = tuple(self.draft.steps[source].shape for source in sources)
        outer = Call(entry.kind, "/".join((*path, entry.name)), entry.config, shapes, self.channels_first, call)
        held = entry.config.get("layer")
        try:
            if not isinstance(held, dict):
                raise outer.refusal("wraps something that the file does not describe.")
            if outer.shape.rank <= self.draft.step_axes or self.channels_first:
                raise outer.refusal("repeats a layer along time, and receives a tensor without it.")
        except NotUnderstood as refusal:
            self.refused.append(str(refusal))
            return []
        inner = structs.replace(layer_config(held), name=entry.name)
        trainable = trainable and entry.config.get("trainable", True) is not False
        self.draft.step_axes += 1
        try:
            return self._call(inner, call, sources, path, trainable=trainable)
        finally:
            self.draft.step_axes -= 1

    def _layer(self, entry: LayerConfig, call: Call) -> Layer:
        if entry.kind in ("CustomScaleLayer", "ScaleLayer"):
            return Identity()
        is_old = (entry.kind not in LAYERS or len(call.shapes) == 1) and entry.kind not in _NO_FUNCTIONS
        if entry.is_operation or (is_old and not entry.module and is_operation(entry.kind)):
            return operation(call)
        rule = LAYERS.get(entry.kind)
        if rule is not None:
            return rule(call)
        return self._unknown(entry, call)

    def _unknown(self, entry: LayerConfig, call: Call) -> Layer:
        """A layer of the file's author: a placeholder where the file tells its output and its numbers, else refused."""
        sizes = self.stated.get(self.current)
        # A Lambda has no weights, and its code is bytecode in base64, which is never decoded.
        held = 0 if entry.kind == "Lambda" else self.weights.held_by((entry.name,))
        if sizes and held is not None and None not in sizes[1:] and not self.inputs.is_changed:
            return placeholder(call.shape_from([size or 0 for size in sizes[1:]]), Numbers(held), None)
        what = (
            "holds Python code, which is not run" if entry.kind == "Lambda" else "is of a class that is not Keras' own"
        )
        raise call.refusal(f"{what}, and the file does not state its output; export the model to ONNX.")

    def _custom_scale(self, call: Call, sources: list[int], path: Path) -> int:
        """x + scale · y, as in Inception-ResNet."""
        scaled = self.draft.add(Rescaling(scale=call.number("scale", default=1.0)), (*path, "scale"), (sources[1],))
        return self.draft.add(Add(), (*path, "add"), (sources[0], scaled))

    def _add(self, layer: Layer, call: Call, sources: list[int], path: Path, model: Path, *, frozen: bool) -> int:
        counts = self.draft.counted(layer, call.shapes, path, self.draft.step_axes)
        # The name itself may hold a slash, as `conv1/bn`; the names of models are before it.
        key = (*model, call.name.removeprefix("".join(f"{name}/" for name in model)))
        held, first = self.weights.held_by(key), self.first_uses.get(key)
        if frozen and counts.parameters:
            layer = structs.replace(layer, trainable=False)
        numbers = None
        if held is not None and first is None:
            # The file does not tell learned numbers from moving ones; how many move is the rule's to say.
            numbers = Numbers(held - counts.state, counts.state)
        index = self.draft.add(layer, path, tuple(sources), numbers)
        self.draft.steps[index].kind = call.kind
        self.first_uses.setdefault(key, index)
        if counts.parameters + counts.state:
            self.draft.steps[index].shares = first
        value = plain(call.config.get("activation"))
        has_own = call.kind != "Activation" and not sequences.is_recurrent(call.kind)
        if has_own and "activation" in call.config and not activations.is_known(value):
            shape = activations.elementwise(counts.output)
            index = self.draft.add(shape, (*path[:-1], f"{path[-1]}_activation"), (index,))
            self.draft.steps[index].kind = activations.name_of(value)
        return index

    def _stop_at_refusals(self) -> None:
        if self.refused:
            shown = "; ".join(self.refused[:10])
            more = f"; and {len(self.refused) - 10} more" if len(self.refused) > 10 else ""
            raise NotUnderstood(f"{len(self.refused)} of its layers cannot be read: {shown}{more}")


def sizes_of(value: Any) -> tuple[int | None, ...] | None:
    """The sizes of a tensor as a file states them, None if it does not."""
    sizes = plain(value)
    if not isinstance(sizes, list) or not all(size is None or type(size) is int for size in sizes):
        return None
    return tuple(sizes)


def _stated(entries: list[LayerConfig], shifts: dict[str, int]) -> Shapes:
    """The shapes that the file states of tensors: where they are taken, and what its one taker was built for."""
    found: Shapes = {}
    for entry in entries:
        for call in entry.calls:
            for tensor in call.tensors:
                built = sizes_of(entry.built_for) if len(call.tensors) == 1 else None
                shape = tensor.shape or built
                if shape is not None:
                    found[_shifted(tensor.history, shifts)] = shape
    return found


def _shifted(history: History, shifts: dict[str, int]) -> History:
    name, node, tensor = history
    return name, node - shifts.get(name, 0), tensor


def _shifts(entries: list[LayerConfig], outputs: list[History]) -> dict[str, int]:
    """By how much the file counts the calls of a layer too high.

    Keras 2 counts the call by which a nested model was built as its first, so that those in the file begin at 1.
    """
    highest: dict[str, int] = {}
    for name, node, _ in [*(t.history for entry in entries for call in entry.calls for t in call.tensors), *outputs]:
        highest[name] = max(node, highest.get(name, 0))
    calls = {entry.name: len(entry.calls) for entry in entries if entry.kind != "InputLayer"}
    return {name: node + 1 - calls[name] for name, node in highest.items() if 0 < calls.get(name, 0) <= node}


def is_channels_first(config: Config) -> bool:
    """True if the channels come first in all layers of a model; NotUnderstood if they do in some only."""
    words: set[str] = set()
    _collect_layouts(config, words, 0)
    words.discard("default")
    if len(words) > 1:
        raise NotUnderstood("puts the channels first in some layers and last in others, which is not read.")
    return words == {"channels_first"}


def _collect_layouts(value: Any, words: set[str], depth: int) -> None:
    if depth > 4 * MAX_DEPTH:
        raise NotUnderstood("nests its configuration too deeply.")
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("data_format", "dim_ordering") and isinstance(item, str):
                words.add({"th": "channels_first", "tf": "channels_last"}.get(item, item))
            elif isinstance(item, (dict, list)):
                _collect_layouts(item, words, depth + 1)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, (dict, list)):
                _collect_layouts(item, words, depth + 1)


def _gives_states(entry: LayerConfig) -> bool:
    """True for a recurrent layer, or one that a Bidirectional holds, that is asked for its last states."""
    inner = entry.config.get("layer")
    config = inner.get("config") if isinstance(inner, dict) and entry.kind == "Bidirectional" else entry.config
    return isinstance(config, dict) and config.get("return_state") is True
