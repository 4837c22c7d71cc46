"""The steps of all models of a program: one draft, from which each model takes its own."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from msgspec import structs

from cnnstudio.core.arithmetic.shape import MAX_RANK
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Draft, Step
from cnnstudio.formats.foreign.keras.inputs import InputSizes
from cnnstudio.formats.foreign.keras.naming import gather_unnamed
from cnnstudio.formats.foreign.keras.reading import ModelReader
from cnnstudio.formats.foreign.keras.weights import Weights
from cnnstudio.formats.foreign.refusals import NotUnderstood, require_axes
from cnnstudio.formats.source.language.values import NotFollowed
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input, Opaque
from cnnstudio.layers.tensors.functions import Function

USUAL_SIDE, USUAL_CHANNELS, USUAL_LENGTH = 224, 3, 128
_AUTOMATIC = re.compile(r"^(.*)\$\d+$")
Path = tuple[str, ...]


class Steps:
    """The steps of every model of a program.

    `owners` has the layer of each, `lines` its line, and `entered` the models that are being called, each inside the
    one before.
    """

    def __init__(self, *, is_first: bool) -> None:
        self.draft = Draft("keras")
        inputs = InputSizes(self.draft, None, channels_first=is_first)
        self.reader = ModelReader(self.draft, inputs, Weights(), channels_first=is_first)
        self.origins: dict[int, int] = {}
        self.owners: dict[int, Any] = {}
        self.frozen: set[int] = set()
        self.lines: dict[int, int] = {}
        self.stated: dict[int, tuple[int | None, ...]] = {}
        self.holders: dict[int, Any] = {}
        self.entered: list[Any] = []
        self.length = USUAL_LENGTH

    def maker(self, step: int) -> Any:
        """The part of a model that makes this step: the outermost model or layer of the source, else the layer."""
        return self.holders.get(step, self.owners.get(step))

    def add_input(self, stated: tuple[int | None, ...], name: str, line: int) -> int:
        """An input by its sizes, channels first; usual ones stand for those left open."""
        usual = USUAL_CHANNELS if len(stated) > 1 else self.length
        sizes = [usual if stated[0] is None else stated[0]]
        sizes += [USUAL_SIDE if size is None else size for size in stated[1:]]
        step = self.draft.add(Input(channels=sizes[0], size=tuple(sizes[1:])), (name,), ())
        self.stated[step] = stated
        self.lines[step] = line
        self.origins[step] = step
        return step

    def note(self, first: int, owner: Any, line: int) -> None:
        """Remembers of the steps from one on whose they are."""
        for index in range(first, len(self.draft.steps)):
            shares = self.draft.steps[index].shares
            self.origins[index] = index if shares is None else self.origins[shares]
            self.owners[index] = owner
            self.lines[index] = line
            if self.entered:
                self.holders[index] = self.entered[0]

    def reached(self, outputs: list[int], ends: list[int]) -> list[int]:
        """The steps that lead to some, in their order, back to the ends."""
        found: set[int] = set()
        waiting = list(outputs)
        while waiting:
            step = waiting.pop()
            if step not in found:
                found.add(step)
                if step not in ends:
                    waiting.extend(self.draft.steps[step].inputs)
        return sorted(found)

    def replay(self, inputs: list[int], outputs: list[int], given: list[int], prefix: Path, line: int) -> list[int]:
        """The steps of a model once more, on other tensors. Raises NotFollowed if they do not fit."""
        if len(given) != len(inputs):
            raise NotFollowed(f"calls a model with {len(given)} tensors, and it takes {len(inputs)}.")
        new = dict(zip(inputs, given, strict=True))
        for index in self.reached(outputs, inputs):
            if index in new:
                continue
            step = self.draft.steps[index]
            sources = tuple(new[source] for source in step.inputs)
            if step.layer is None or isinstance(step.layer, Input):
                raise NotFollowed("calls a model that does not lead from its inputs to its outputs.")
            first = len(self.draft.steps)
            around = self.draft.step_axes
            self.draft.step_axes += step.step_axes
            try:
                new[index] = self.draft.add(step.layer, (*prefix, *step.path), sources, step.numbers)
            except NotUnderstood as refusal:
                raise NotFollowed(str(refusal).partition(": ")[2] or str(refusal)) from None
            finally:
                self.draft.step_axes = around
            made = self.draft.steps[new[index]]
            made.kind = step.kind
            self.note(first, self.owners.get(index), line)
            self.origins[new[index]] = self.origins.get(index, index)
        return [new[index] for index in outputs]

    # One model

    def extracted(
        self, inputs: list[int], outputs: list[int], size: tuple[int, ...] | None, flatten: int | None = None
    ) -> tuple[Draft, dict[int, int]]:
        """The steps of one model as a draft, and the line of each; before the Dense `flatten` its map is flattened.

        Raises NotFollowed if a size does not fit.
        """
        draft = Draft("keras")
        new: dict[int, int] = {}
        first_uses: dict[int, int] = {}
        lines: dict[int, int] = {}
        names = Names()
        for index in self.reached(outputs, []):
            step = self.draft.steps[index]
            if isinstance(step.layer, Input) and index not in inputs:
                raise NotFollowed("is a model that does not name all of its inputs.", self.lines.get(index, 0))
            layer = self._layer(index, step, size if inputs and index == inputs[0] else None)
            is_fixed = isinstance(layer, Opaque) or (isinstance(layer, Function) and layer.channels is not None)
            if size is not None and is_fixed:
                raise NotFollowed(f"holds {step.kind}, which is not read for another input size.", self.lines[index])
            sources = tuple(new[source] for source in step.inputs)
            draft.step_axes = step.step_axes
            try:
                if index == flatten:
                    sources = (draft.add(Flatten(), (*step.path[:-1], "flatten"), sources),)
                made = draft.add(_acting_on(layer, draft, sources), names.path(step.path), sources)
            except NotUnderstood as refusal:
                sentence = str(refusal).partition(": ")[2] or str(refusal)
                raise NotFollowed(sentence, self.lines.get(index, 0)) from None
            new[index], lines[made] = made, self.lines.get(index, 0)
            draft.steps[made].kind = step.kind
            origin = self.origins.get(index, index)
            counts = draft.counts_of(draft.steps[made])
            if counts.parameters + counts.state:
                draft.steps[made].shares = first_uses.get(origin)
                first_uses.setdefault(origin, made)
        draft.step_axes = 0
        draft.outputs = [new[index] for index in outputs]
        gather_unnamed(draft)
        return draft, lines

    def _layer(self, index: int, step: Step, size: tuple[int, ...] | None) -> Layer:
        layer = step.layer
        if layer is None:
            raise NotFollowed(f"holds {step.kind}, which is not read.", self.lines.get(index, 0))
        if size is not None and isinstance(layer, Input):
            try:
                require_axes(size, step.shape.rank + 1, step.path[-1])
            except NotUnderstood as refusal:
                raise NotFollowed(str(refusal), self.lines.get(index, 0)) from None
            return Input(channels=size[0], size=size[1:])
        owner = self.owners.get(index)
        is_frozen = self.origins.get(index, index) in self.frozen or getattr(owner, "is_trained", True) is False
        if is_frozen and hasattr(layer, "trainable") and layer.trainable:
            return structs.replace(layer, trainable=False)
        return layer


def _acting_on(layer: Layer, draft: Draft, sources: tuple[int, ...]) -> Layer:
    """The layer; a Dense after a Flatten that was put in acts on all of its vector."""
    if isinstance(layer, Dense) and layer.apply_to == "channels" and not draft.steps[sources[0]].shape.rank:
        return structs.replace(layer, apply_to="all")
    return layer


class Names:
    """The names that Keras would give, in the place of those that end in a serial number: `conv2d`, `conv2d_1`."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, str], str] = {}
        self._counts: Counter[tuple[Path, str]] = Counter()

    def path(self, path: Path) -> Path:
        """A path with these names."""
        made: Path = ()
        for part in path:
            found = _AUTOMATIC.match(part)
            if found is None:
                made = (*made, part)
                continue
            key = made, part
            if key not in self._known:
                count = self._counts[made, found.group(1)]
                self._counts[made, found.group(1)] += 1
                self._known[key] = f"{found.group(1)}_{count}" if count else found.group(1)
            made = (*made, self._known[key])
        return made


def shape_of(sizes: tuple[Any, ...], *, is_first: bool) -> tuple[int | None, ...]:
    """The sizes of an input, without the batch, channels first. Raises NotFollowed for what are no sizes."""
    # TensorFlow's Keras takes 8.0 for 8, which `32 / 4` gives.
    sizes = tuple(int(size) if isinstance(size, float) and size.is_integer() else size for size in sizes)
    are_sizes = all(size is None or (type(size) is int and size > 0) for size in sizes)
    if not are_sizes or not 1 <= len(sizes) <= MAX_RANK + 1:
        raise NotFollowed(
            f"states an input of the shape {sizes!r}; a design holds 1 to {MAX_RANK + 1} sizes that are numbers."
        )
    return tuple(sizes) if is_first else (sizes[-1], *sizes[:-1])
