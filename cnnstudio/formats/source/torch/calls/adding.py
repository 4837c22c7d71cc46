"""Adds a layer of a design to a tensor of the network that is traced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnstudio.core.network.layer import Layer as StudioLayer
from cnnstudio.formats.foreign.draft import Numbers
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.tracing.dense import channels_last
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay
from cnnstudio.formats.foreign.tracing.values import Constant, View
from cnnstudio.formats.source.language.values import NotFollowed, Thing, Unknown
from cnnstudio.formats.source.torch.tensors import Tensor
from cnnstudio.formats.source.torch.trace import Trace

_ELEMENTWISE = ("Activation", "Dropout", "SpatialDropout", "DropPath", "Identity")
_PASSING = ("Dropout", "SpatialDropout", "DropPath", "Identity")


class Extremes(Thing):
    """The values that a function such as max gives along an axis, and their places."""

    title = "the values and places of a function"

    def __init__(self, parts: tuple[Any, Any]) -> None:
        self.parts = parts

    def attribute(self, name: str) -> Any:
        """Its values, and their places."""
        if name not in ("values", "indices"):
            return super().attribute(name)
        return self.parts[name == "indices"]

    def item(self, key: Any) -> Any:
        """The values under 0, the places under 1."""
        if key not in (0, 1, -1, -2):
            return super().item(key)
        return self.parts[key]

    def items(self) -> Iterator[Any]:
        """The values, and their places."""
        yield from self.parts


def bound(names: str, given: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """Arguments by their names."""
    return {**dict(zip(names.split(), given, strict=False)), **named}


def tensor_of(values: list[Any], what: str) -> Tensor:
    """The tensor that a function takes first. Raises NotFollowed if it is none."""
    if values and isinstance(values[0], Tensor):
        return values[0]
    if values and isinstance(values[0], Unknown):
        raise NotFollowed(f"{what} takes something that is not known: {values[0].why}.")
    raise NotFollowed(f"{what} is called without a tensor of the network, which is not read.")


def add_layer(trace: Trace, layer: StudioLayer, source: Tensor, kind: str, *others: Tensor) -> Tensor:
    """Adds a layer of a design to what a tensor holds. Raises NotFollowed if it does not fit."""
    trace.made += 1
    name = f"%{trace.made}.0"
    operation = Operation(kind, (source.name, *(other.name for other in others)), (name,), {}, (*trace.path, kind))
    before = len(trace.draft.steps)
    tracer = trace.tracer
    try:
        view = tracer.view(operation)
        if layer.type_name in _ELEMENTWISE:
            tracer.same_axes(operation, view, layer)
        else:
            views = [tracer.view(operation, place) for place in range(len(operation.inputs))]
            tracer.emit(operation, layer, *(tracer.normal(item, operation.path) for item in views))
    except CannotSay:
        tracer.undo(before)
        if layer.type_name in _PASSING:
            # Cut into windows or heads, a tensor waits for a shape that a design can say; this changes nothing in it.
            return source
        raise NotFollowed(f"{kind} takes a tensor of {trace.shown(source.name)}, which is not read.") from None
    except NotUnderstood as refusal:
        tracer.undo(before)
        raise NotFollowed(str(refusal).partition(": ")[2] or str(refusal)) from None
    for step in range(before, len(trace.draft.steps)):
        trace.lines[step] = trace.line
    return Tensor(trace, name)


def add_over_channels(trace: Trace, layer: StudioLayer, sources: list[Tensor], kind: str, weights: list[str]) -> Tensor:
    """Adds a layer that works along the last axis of its tensors, which are the channels of a design."""
    trace.made += 1
    name = f"%{trace.made}.0"
    inputs = (*(source.name for source in sources), *weights)
    operation = Operation(kind, inputs, (name,), {}, (*trace.path, kind))
    tracer, before = trace.tracer, len(trace.draft.steps)
    numbers = sum(value.numbers for item in weights if isinstance(value := tracer.values[item], Constant))
    try:
        views = [channels_last(tracer, tracer.view(operation, place), trace.path) for place in range(len(sources))]
        step = tracer.emit(operation, layer, *(view.step for view in views), numbers=Numbers(numbers))
        tracer.set(operation, View(step, views[0].axes))
    except (CannotSay, NotUnderstood) as refusal:
        tracer.undo(before)
        raise NotFollowed(str(refusal).partition(": ")[2] or f"{kind} takes tensors that are not read.") from None
    for index in range(before, len(trace.draft.steps)):
        trace.lines[index] = trace.line
    return Tensor(trace, name)
