"""Activation functions that a file writes as several operations."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.passes.patterns import Matcher, close
from cnnstudio.layers.activation import Activation


def join_functions(draft: Draft) -> None:
    """x · sigmoid(x) is silu, x · hard_sigmoid(x) hard_swish, x · tanh(softplus(x)) mish, and so on."""
    matcher = Matcher(draft)
    for index, step in enumerate(draft.steps):
        if step.is_dropped:
            continue
        found = _capped(matcher, index) or _hard_sigmoid(matcher, index)
        if found is None and matcher.type_name(index) == "Multiply" and len(step.inputs) == 2:
            found = _product(matcher, index)
        if found is None:
            found = _gelu(matcher, index)
        if found is not None:
            layer, source, gone = found
            matcher.replace(index, layer, source, *gone)
            draft.note_replaced(f"{layer.summary()} was written as several operations")
            matcher = Matcher(draft)


def join_activations(draft: Draft) -> None:
    """A function that the file puts under the name of the layer before it is the activation of that layer."""
    matcher = Matcher(draft)
    moved: dict[int, int] = {}
    for index, step in enumerate(draft.steps):
        if step.is_dropped or not isinstance(step.layer, Activation):
            continue
        source = step.inputs[0]
        before = matcher.steps[source]
        is_named_so = len(step.path) > 1 and step.path[:-1] == before.path[:-1]
        is_plain = step.layer == Activation(function=step.layer.function)
        if not is_named_so or not is_plain or not matcher.is_inner(source, index):
            continue
        if before.layer is None or getattr(before.layer, "activation", "") is not None:
            continue
        step.layer = structs.replace(before.layer, activation=step.layer.function)
        step.inputs, step.path, step.kind = before.inputs, before.path, before.kind
        step.numbers, step.constants, step.macs = before.numbers, before.constants, before.macs
        step.shares = before.shares
        moved[source] = index
        before.is_dropped = True
    for step in draft.steps:
        # Whoever shares the weights of a layer shares those of the step that it has become.
        if step.shares is not None:
            step.shares = moved.get(step.shares, step.shares)


Found = tuple[Layer, int, tuple[int, ...]]


def _capped(matcher: Matcher, index: int) -> Found | None:
    """min(max(x, 0), 6)."""
    step = matcher.steps[index]
    if matcher.kind(index) != "Clip" or step.constants.get("low") is not None or step.constants.get("high") != 6:
        return None
    below = step.inputs[0]
    if matcher.function(below) != "relu" or not matcher.is_inner(below, index):
        return None
    return Activation(function="relu6"), matcher.steps[below].inputs[0], (below,)


def _hard_sigmoid(matcher: Matcher, index: int) -> Found | None:
    """clip(x + 3, 0, 6) / 6."""
    scaled = matcher.scaled(index)
    if scaled is None or not close(scaled[0], 1 / 6) or scaled[1]:
        return None
    clip = matcher.steps[index].inputs[0]
    if matcher.function(clip) != "relu6" or not matcher.is_inner(clip, index):
        return None
    shift = matcher.steps[clip].inputs[0]
    if matcher.scaled(shift) != (1.0, 3.0) or not matcher.is_inner(shift, clip):
        return None
    return Activation(function="hard_sigmoid"), matcher.steps[shift].inputs[0], (clip, shift)


_GATES = {"sigmoid": "silu", "hard_sigmoid": "hard_swish"}


def _product(matcher: Matcher, index: int) -> Found | None:
    """x times a function of x."""
    first, second = matcher.steps[index].inputs
    # Exporters write the factors of a product in either order.
    for source, gate in ((first, second), (second, first)):
        function = matcher.function(gate)
        if function is None or not matcher.is_inner(gate, index):
            continue
        below = matcher.steps[gate].inputs[0]
        if function in _GATES and below == source:
            name = _GATES[function]
            return Activation(function=name), source, (gate,)  # type: ignore[arg-type]
        is_mish = function == "tanh" and matcher.function(below) == "softplus" and matcher.is_inner(below, gate)
        if is_mish and matcher.steps[below].inputs[0] == source:
            return Activation(function="mish"), source, (gate, below)
    return None


def _gelu(matcher: Matcher, index: int) -> Found | None:
    """x · (1 + erf(x / √2)) / 2, its factors in any order."""
    chain = _through(matcher, index)
    if chain is None:
        return None
    product, parts = chain
    factors = list(matcher.steps[product].inputs)
    for at, shift in enumerate(factors):
        if matcher.scaled(shift) != (1.0, 1.0) or not matcher.is_inner(shift, product):
            continue
        erf = matcher.steps[shift].inputs[0]
        is_tanh = matcher.function(erf) == "tanh"
        if (matcher.kind(erf) != "Erf" and not is_tanh) or not matcher.is_inner(erf, shift):
            continue
        source, halves = _unhalved(matcher, factors[1 - at], product)
        if is_tanh:
            inner = _tanh_parts(matcher, erf, source)
            if inner is not None:
                return Activation(function="gelu", approximate=True), source, (*parts, shift, erf, *halves, *inner)
            continue
        root = matcher.steps[erf].inputs[0]
        scaled = matcher.scaled(root)
        if scaled is not None and close(scaled[0], 2**-0.5) and matcher.steps[root].inputs[0] == source:
            return Activation(function="gelu"), source, (*parts, shift, erf, root, *halves)
    return None


def _through(matcher: Matcher, index: int) -> tuple[int, tuple[int, ...]] | None:
    """The product, and what is dropped with it: the step may be the product itself, or half of it."""
    if matcher.type_name(index) == "Multiply" and len(matcher.steps[index].inputs) == 2:
        return index, ()
    scaled = matcher.scaled(index)
    if scaled != (0.5, 0.0):
        return None
    product = matcher.steps[index].inputs[0]
    if matcher.type_name(product) != "Multiply" or len(matcher.steps[product].inputs) != 2:
        return None
    return (product, (product,)) if matcher.is_inner(product, index) else None


def _unhalved(matcher: Matcher, index: int, user: int) -> tuple[int, tuple[int, ...]]:
    """The factor, without the half that may have been taken of it first."""
    if matcher.scaled(index) == (0.5, 0.0) and matcher.is_inner(index, user):
        return matcher.steps[index].inputs[0], (index,)
    return index, ()


def _tanh_parts(matcher: Matcher, tanh: int, source: int) -> tuple[int, ...] | None:
    """The steps of √(2/π) · (x + 0.044715 · x³) between a tanh and its x."""
    found: list[int] = []
    queue = list(matcher.steps[tanh].inputs)
    # The formula has fewer operations; a search without a bound would walk up the whole network.
    while queue and len(found) < 8:
        step = queue.pop()
        if step == source or step in found:
            continue
        found.append(step)
        queue.extend(matcher.steps[step].inputs)
    names = {matcher.type_name(step) or matcher.kind(step) for step in found}
    has_factor = any((scaled := matcher.scaled(step)) and close(scaled[0], 0.044715) for step in found)
    if queue or not has_factor or not names <= {"Rescaling", "Add", "Multiply", "Pow"}:
        return None
    inner = {*found, tanh}
    return tuple(found) if all(matcher.is_inner(step, *inner) for step in found) else None
