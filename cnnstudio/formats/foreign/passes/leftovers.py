"""The last passes: what is still no layer becomes a placeholder, and what leads nowhere is dropped."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from cnnstudio.core.counting.analysis import count_layer
from cnnstudio.core.network.layer import Counts, Layer
from cnnstudio.formats.foreign.draft import Draft, Numbers, Step, placeholder
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.structure import Opaque, Output
from cnnstudio.layers.tensors.functions import Function
from cnnstudio.layers.tensors.reductions import Reduce

MAX_TOLD = 20
"""Layers of unlike numbers that the report names."""
_FUNCTIONS: dict[str, Any] = {"Sqrt": "sqrt", "Log": "log", "Abs": "abs", "Exp": "exponential"}
_FREE: dict[str, str] = {
    **dict.fromkeys(("Reshape", "Transpose", "Gather", "Slice", "Squeeze", "Unsqueeze"), "rearrange"),
    **{name: name.lower() for name in ("Concat", "Expand", "Add", "Sub", "Mul", "Min", "Max", "Mod", "Clip", "Where")},
    **{
        name: name.lower()
        for name in ("Sin", "Cos", "Exp", "Log", "Abs", "Sqrt", "Softmax", "Neg", "Reciprocal", "Rsqrt")
    },
    **{f"Reduce{name}": name.lower() for name in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2")},
    "Div": "divide",
    "Pow": "power",
}
"""Operations that have neither weights nor products, and so cost nothing, and a word for each."""
_REDUCTIONS: dict[str, Any] = {
    "ReduceSum": "sum",
    "ReduceMean": "mean",
    "ReduceMax": "max",
    "ReduceMin": "min",
    "ReduceL2": "norm",
}


def replace_primitives(draft: Draft) -> None:
    """Gives every operation that no pass has found a place for a layer of its own, or an Opaque with its shape."""
    for step in draft.steps:
        if step.is_dropped or not (step.layer is None or isinstance(step.layer, Opaque)):
            continue
        layer = _of_one_input(step) if step.layer is None and len(step.inputs) == 1 else None
        step.layer = layer or _free(step) or step.layer or placeholder(step.shape, step.numbers or Numbers(), step.macs)


def _free(step: Step) -> Layer | None:
    """A Function of its shape for an operation that costs nothing by its kind; None for all else."""
    is_free = not (step.numbers and (step.numbers.learned or step.numbers.stored)) and not step.macs
    words = [_FREE.get(kind) for kind in (step.kind or "").split(" + ")]
    if not is_free or not step.inputs or not all(words):
        return None
    name = " and ".join(dict.fromkeys(word for word in words if word))
    return Function(function=name, channels=step.shape.channels, size=step.shape.spatial or None)


def _of_one_input(step: Step) -> Layer | None:
    if step.kind in _FUNCTIONS:
        return Activation(function=_FUNCTIONS[step.kind])
    if step.kind == "Pow" and step.constants.get("exponent") == 2:
        return Activation(function="square")
    if step.kind in _REDUCTIONS and step.constants.get("axes"):
        return Reduce(function=_REDUCTIONS[step.kind], axes=step.constants["axes"], keepdims=True)
    return None


def name_placeholders(draft: Draft) -> None:
    """Notes in every placeholder what it is called in the file."""
    for step in draft.steps:
        if isinstance(step.layer, Opaque) and step.kind:
            step.layer = structs.replace(step.layer, note=step.kind)


def believe_the_file(draft: Draft) -> None:
    """Replaces a layer whose rule gives other numbers than the file holds by a placeholder with those of the file."""
    told: list[str] = []
    for step in draft.steps:
        if step.is_dropped or step.numbers is None or step.layer is None or step.layer.type_name == "Opaque":
            continue
        counts = _counts(draft, step)
        if counts is None or (counts.parameters, counts.state) == (step.numbers.learned, step.numbers.stored):
            continue
        name = "/".join(step.path)
        told.append(
            f"'{name}' ({step.layer.type_name}) would have {counts.parameters + counts.state:,} numbers, "
            f"and the file holds {step.numbers.learned + step.numbers.stored:,}; it was left out"
        )
        step.kind = step.kind or step.layer.type_name
        step.layer = placeholder(step.shape, step.numbers, None)
    more = [f"… and {len(told) - MAX_TOLD} more"] if len(told) > MAX_TOLD else []
    draft.notes.extend([*told[:MAX_TOLD], *more])


def keep_what_can_be_shared(draft: Draft) -> None:
    """Replaces a layer that is not the same as the one whose weights it uses by a placeholder without numbers."""
    for step in draft.steps:
        if step.is_dropped or step.shares is None or step.layer is None:
            continue
        owner = draft.steps[step.shares]
        if owner.is_dropped or owner.layer != step.layer:
            counts = _counts(draft, step)
            step.layer = placeholder(step.shape, Numbers(), None if counts is None else counts.macs)
            step.kind = f"{step.kind} with the weights of '{'/'.join(owner.path)}'"
            step.shares = None
            draft.note_replaced("a layer used again counts its shared weights once")


def _counts(draft: Draft, step: Step) -> Counts | None:
    assert step.layer is not None
    shapes = draft.taken_shapes(step.layer, step.inputs)
    counts = count_layer(step.layer, shapes, draft.convention.rules, step.step_axes)
    return counts if isinstance(counts, Counts) else None


def drop_unused(draft: Draft) -> None:
    """Drops what leads to no output and holds no numbers; what holds some stays, as it is a part of the file."""
    users = draft.users()
    outputs = set(draft.outputs)
    # From the end: what only led to something dropped is then unused itself.
    for index in range(len(draft.steps) - 1, -1, -1):
        step = draft.steps[index]
        is_used = index in outputs or any(not draft.steps[user].is_dropped for user in users[index])
        if is_used or step.is_dropped or not step.inputs:
            continue
        if step.layer is None:
            step.is_dropped = not step.numbers
            continue
        counts = _counts(draft, step)
        if counts is not None and not counts.parameters + counts.state:
            step.is_dropped = True


def mark_outputs(draft: Draft) -> None:
    """Puts an Output after each output of a network, but not after the one with which its list ends."""
    last = max((index for index, step in enumerate(draft.steps) if not step.is_dropped), default=0)
    outputs = list(dict.fromkeys(draft.outputs))
    # The end of a list is its output anyway, and an Output there would be a layer that the file does not have.
    if outputs == [last]:
        return
    marks = [
        draft.add(Output(), (f"output_{i}" if len(outputs) > 1 else "output",), (index,))
        for i, index in enumerate(outputs, 1)
    ]
    draft.outputs = marks
