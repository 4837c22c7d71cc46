"""Helpers of the passes: who takes a step, and whether it is the one expected."""

from __future__ import annotations

from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Draft, Step
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.normalization import Rescaling


class Matcher:
    """A draft with its wiring looked up; made anew for each pass."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.steps = draft.steps
        self.users = draft.users()
        self.outputs = set(draft.outputs)

    def source(self, step: Step, index: int = 0) -> Step:
        """The step that another takes."""
        return self.steps[step.inputs[index]]

    def only_user(self, index: int) -> int | None:
        """The one step that takes this one and nothing else, None if there is not exactly one."""
        users = self.users[index]
        # An output of the network is taken by whoever runs it, which no step of the graph shows.
        return users[0] if len(users) == 1 and index not in self.outputs else None

    def is_inner(self, index: int, *within: int) -> bool:
        """True if only these steps take this one."""
        return index not in self.outputs and all(user in within for user in self.users[index])

    def function(self, index: int) -> str | None:
        """The function of an Activation."""
        layer = self.steps[index].layer
        return layer.function if isinstance(layer, Activation) else None

    def kind(self, index: int) -> str | None:
        """The kind of a step that is no layer by itself."""
        step = self.steps[index]
        return step.kind if step.layer is None else None

    def type_name(self, index: int) -> str:
        """The type of a step's layer."""
        layer = self.steps[index].layer
        return layer.type_name if layer is not None else ""

    def scaled(self, index: int) -> tuple[float, float] | None:
        """Factor and addend of a Rescaling."""
        layer = self.steps[index].layer
        return (layer.scale, layer.offset) if isinstance(layer, Rescaling) else None

    def replace(self, index: int, layer: Layer, source: int, *gone: int) -> None:
        """Lets a step be a layer on one source, and drops the steps that were parts of it."""
        step = self.steps[index]
        name = natural(layer)
        step.layer, step.inputs, step.kind = layer, (source,), ""
        step.path = (*step.path[:-1], name)
        for part in gone:
            self.steps[part].is_dropped = True


def natural(layer: Layer) -> str:
    """The name of a step that was made of several."""
    from cnnstudio.core.network.layer import natural_name

    return layer.function if isinstance(layer, Activation) else natural_name(layer.type_name)


def close(value: float | None, wanted: float) -> bool:
    """True if a number of the file is this one, as single precision has it."""
    # Half precision keeps three digits.
    return value is not None and abs(value - wanted) <= 1e-3 * max(1.0, abs(wanted))
