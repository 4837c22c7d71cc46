"""PyTorch's way to say merges, reductions, stacks, patches, and unusual pools and normalizations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.shape import Shape, per_axis
from cnnstudio.core.network.layer import Layer
from cnnstudio.dialects.conversions import brief
from cnnstudio.dialects.pytorch import PYTORCH
from cnnstudio.exports.pytorch.sliding import padded
from cnnstudio.exports.source.saying import APPLIED, CannotSay, Expression, Said, replaced, spelled
from cnnstudio.exports.source.statements import Slot, call, literal
from cnnstudio.exports.windows import window_axes
from cnnstudio.layers.merge import Merge
from cnnstudio.layers.normalization import GlobalResponseNorm
from cnnstudio.layers.patches.local import LocallyConnected
from cnnstudio.layers.patches.pools import BlurPool, LPPool, MaxUnpool
from cnnstudio.layers.patches.unfolding import Fold, Unfold
from cnnstudio.layers.tensors.functions import GLU
from cnnstudio.layers.tensors.reductions import Reduce, Stack

Shapes = tuple[Shape, ...]
_REDUCTIONS = {"sum": "torch.sum", "mean": "torch.mean", "max": "torch.amax", "min": "torch.amin"}


def module(layer: Layer, inputs: Shapes, _output: Shape) -> Said:
    """PyTorch's own module."""
    return Said(APPLIED, spelled(PYTORCH, layer, inputs[0].rank, {}, "nn."))


def power_pool(layer: LPPool, inputs: Shapes, output: Shape) -> Said:
    """PyTorch's own module. Raises CannotSay where it would make fewer or more windows."""
    axes = window_axes(inputs[0], output, layer.pool_size, layer.steps_of(), layer.padding)
    if not all(axis.ceils if layer.ceil_mode else axis.floors for axis in axes):
        raise CannotSay("PyTorch rounds its windows up by another rule", "Use another convention, or no ceil mode.")
    return module(layer, inputs, output)


def glu(layer: GLU, _inputs: Shapes, _output: Shape) -> Said:
    """A gated linear unit; PyTorch takes the last axis unless told otherwise."""
    return Said(APPLIED, call("nn.GLU", dim=layer.axis + 1))


def reduce(layer: Reduce, inputs: Shapes, _output: Shape) -> Said:
    """A function over axes; a vector of one number where nothing is left."""
    places = literal(tuple(axis + 1 for axis in sorted(layer.axes)))
    name = _REDUCTIONS.get(layer.function, "torch.linalg.vector_norm")
    keeps = ", keepdim=True" if layer.keepdims else ""
    end = ".unsqueeze(1)" if not layer.keepdims and len(layer.axes) > inputs[0].rank else ""
    return Said((f"{name}(", 0, f", dim={places}{keeps}){end}"))


def stack(layer: Stack, inputs: Shapes, _output: Shape) -> Said:
    """A stack along a new axis."""
    parts = [part for at in range(len(inputs)) for part in (", ", at)][1:]
    return Said(("torch.stack([", *parts, f"], dim={layer.axis + 1})"))


def response_norm(layer: GlobalResponseNorm, inputs: Shapes, _output: Shape) -> Said:
    """A helper, as ConvNeXt V2 has it."""
    shape = (inputs[0].channels, *(1,) * inputs[0].rank)
    named = {} if layer.epsilon == 1e-6 else {"eps": layer.epsilon}
    return Said(APPLIED, call("GlobalResponseNorm", ("shape", shape), **named), ("GlobalResponseNorm",))


def local(layer: LocallyConnected, inputs: Shapes, output: Shape) -> Said:
    """Windows as columns, each with weights of its own."""
    axes = window_axes(inputs[0], output, layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    before = padded([(axis.begin, axis.end) for axis in axes])
    sizes = tuple(axis.kernel for axis in axes)
    named: dict[str, Any] = {}
    for name, value in (("stride", layer.stride), ("dilation", layer.dilation)):
        if brief(value) != 1:
            named[name] = per_axis(value, layer.rank)
    named |= {} if layer.bias else {"bias": False}
    first = (("channels", inputs[0].channels), ("filters", layer.filters), ("places", output.spatial))
    made = call("LocallyConnected", *first, ("kernel_size", sizes), **named)
    return Said(replaced(APPLIED, 0, before), made, ("LocallyConnected",))


def blur(layer: BlurPool, inputs: Shapes, _output: Shape) -> Said:
    """A fixed filter over each channel of the reflected map."""
    rank = inputs[0].rank
    ends = [(axis.pads[0], axis.pads[1]) for axis in layer.axes(inputs[0])]
    before = padded(ends, "reflect") if layer.filter_size > 1 else (0,)
    expression: Expression = ("blur(", 0, f", {literal(layer.taps())}, {literal(per_axis(layer.stride, rank))})")
    return Said(replaced(expression, 0, before), None, ("blur",))


def unpool(layer: MaxUnpool, inputs: Shapes, _output: Shape) -> Said:
    """PyTorch's function, with the places of the maximums, which are found once more unless they are given."""
    if inputs[1].within:
        return _unpool_places(layer, inputs[1])
    windows = f"{literal(brief(layer.pool_size))}, {literal(brief(layer.steps_of()))}"
    size = Slot("size", literal(inputs[1].spatial))
    return Said(("unpool(", 0, ", ", 1, f", {windows}, ", size, ")"), None, ("unpool",))


def _unpool_places(layer: MaxUnpool, places: Shape) -> Said:
    """PyTorch's function as it is, with the padding that it demands for the size of the map."""
    padding = brief(layer.paddings(places) or 0)
    usual = tuple(literal(brief(sizes)) for sizes in (layer.pool_size, layer.steps_of(), padding))
    size = Slot("size", literal(places.within))
    return Said((f"F.max_unpool{places.rank}d(", 0, ", ", 1, f", {', '.join(usual)}, ", size, ")"))


MAX_TERMS, MAX_NESTED = 500, 150
"""Terms of a sum, and calls in each other, that Python's own parser takes."""
_SIGNS = {"Add": " + ", "Average": " + ", "Multiply": " * ", "Subtract": " - "}


def merge(layer: Merge, inputs: Shapes, _output: Shape) -> Said:
    """A merge as arithmetic; raises CannotSay for more inputs than Python's parser takes."""
    most = MAX_TERMS if layer.type_name in _SIGNS else MAX_NESTED
    if len(inputs) > most:
        reason = f"it joins {len(inputs):,} tensors, and Python reads an expression of at most {most}"
        raise CannotSay(reason, "Join them in several layers.")
    rank = max(shape.rank for shape in inputs)
    # PyTorch would line a vector up with the last axis of a map.
    axes = "[:, :" + ", None" * rank + "]"
    terms: list[Expression] = [(at,) if shape.rank == rank else (at, axes) for at, shape in enumerate(inputs)]
    if layer.type_name in _SIGNS:
        parts = [part for term in terms for part in (_SIGNS[layer.type_name], *term)][1:]
        return Said(("(", *parts, f") / {len(inputs)}")) if layer.type_name == "Average" else Said(tuple(parts))
    function = "torch.maximum(" if layer.type_name == "Maximum" else "torch.minimum("
    expression = terms[0]
    for term in terms[1:]:
        expression = (function, *expression, ", ", *term, ")")
    return Said(expression)


SAYERS: dict[type[Layer], Callable[[Any, Shapes, Shape], Said]] = {
    GLU: glu,
    Reduce: reduce,
    Stack: stack,
    GlobalResponseNorm: response_norm,
    LocallyConnected: local,
    LPPool: power_pool,
    BlurPool: blur,
    MaxUnpool: unpool,
    Merge: merge,
    Unfold: module,
    Fold: module,
}
"""The function for each of these types."""
