"""Layer normalization that a file writes as several operations."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.foreign.draft import Draft, Numbers
from cnnstudio.formats.foreign.passes.patterns import Matcher
from cnnstudio.layers.normalization import InstanceNorm, LayerNorm, Scale


def join_layer_norms(draft: Draft) -> None:
    """(x − mean) / √(mean((x − mean)²) + ε), and what scales and shifts it, is a LayerNorm."""
    matcher = Matcher(draft)
    for index, step in enumerate(draft.steps):
        if step.is_dropped or matcher.kind(index) != "Div" or len(step.inputs) != 2:
            continue
        found = _normalized(matcher, index)
        if found is None:
            continue
        source, epsilon, axes, parts = found
        over: Any = "channels" if axes == (0,) else "map"
        if axes == tuple(range(1, step.shape.rank + 1)) and axes:
            matcher.replace(index, InstanceNorm(epsilon=float(f"{epsilon:.6g}"), affine=False), source, *parts)
            draft.note_replaced("InstanceNorm was written as several operations")
            matcher = Matcher(draft)
            continue
        if axes != (0,) and axes != tuple(range(step.shape.rank + 1)):
            continue
        last, numbers, names, gone = _affine(matcher, index)
        layer = LayerNorm(
            over=over,
            # A file has it in single precision: 1e-5 comes back as 9.99999974737875e-06.
            epsilon=float(f"{epsilon:.6g}"),
            affine=bool(names),
            scale="scale" in names or not names,
            center="center" in names or not names,
        )
        matcher.replace(last, layer, source, *parts, *gone)
        draft.steps[last].numbers = numbers
        draft.note_replaced("LayerNorm was written as several operations")
        matcher = Matcher(draft)


def _normalized(matcher: Matcher, index: int) -> tuple[int, float, tuple[int, ...], tuple[int, ...]] | None:
    """The source, ε and axes of a quotient that normalizes, and the steps that it is made of."""
    centred, root = matcher.steps[index].inputs
    if matcher.type_name(centred) != "Subtract" or matcher.kind(root) != "Sqrt":
        return None
    source, mean = matcher.steps[centred].inputs
    shift = matcher.steps[root].inputs[0]
    scaled = matcher.scaled(shift)
    # ε is tiny; a larger addend is another formula that happens to have the same operations.
    if scaled is None or scaled[0] != 1 or not 0 < scaled[1] < 0.1:
        return None
    variance = matcher.steps[shift].inputs[0]
    square = matcher.steps[variance].inputs[0]
    means = (matcher.kind(mean), matcher.kind(variance))
    if means != ("ReduceMean", "ReduceMean") or matcher.steps[mean].inputs[0] != source:
        return None
    again = tuple(dict.fromkeys(matcher.steps[square].inputs))
    # The centred values, and the mean itself, may have been computed once more for the variance.
    others = [step for step in again if step != centred]
    same = all(_is_centred(matcher, step, source, mean) for step in others)
    means_again = tuple(matcher.steps[step].inputs[1] for step in others if same)
    is_square = matcher.kind(square) == "Pow" and matcher.steps[square].constants.get("exponent") in (2, 2.0)
    is_product = matcher.type_name(square) == "Multiply"
    if not (is_square or is_product) or not same:
        return None
    axes = matcher.steps[mean].constants.get("axes")
    if axes is None or matcher.steps[variance].constants.get("axes") != axes:
        return None
    parts = (centred, root, mean, shift, variance, square, *others, *(item for item in means_again if item != mean))
    inside = {*parts, index}
    return (source, scaled[1], axes, parts) if all(matcher.is_inner(part, *inside) for part in parts) else None


def _is_centred(matcher: Matcher, step: int, source: int, mean: int) -> bool:
    """True for a source without its mean."""
    inputs = matcher.steps[step].inputs
    if matcher.type_name(step) != "Subtract" or len(inputs) != 2 or inputs[0] != source:
        return False
    again = matcher.steps[inputs[1]]
    return inputs[1] == mean or (
        matcher.kind(inputs[1]) == "ReduceMean"
        and again.inputs[0] == source
        and again.constants.get("axes") == matcher.steps[mean].constants.get("axes")
    )


def _affine(matcher: Matcher, index: int) -> tuple[int, Numbers | None, list[str], tuple[int, ...]]:
    """The last step of a normalization with its scale and shift, their numbers and names, and what came before it."""
    last, learned, names = index, 0, []  # type: int, int, list[str]
    gone: list[int] = []
    for name in ("scale", "center"):
        user = matcher.only_user(last)
        if user is None:
            break
        step = matcher.steps[user]
        is_next = isinstance(step.layer, Scale) if name == "scale" else matcher.kind(user) == "Shift"
        if not is_next:
            continue
        gone.append(last)
        last = user
        learned += step.numbers.learned if step.numbers else 0
        names.append(name)
    return last, Numbers(learned), names, tuple(gone)
