"""Projections, products and a last projection are one attention with heads."""

from __future__ import annotations

from msgspec import structs

from cnnstudio.formats.foreign.draft import Draft, Numbers, Step
from cnnstudio.formats.foreign.passes.patterns import Matcher
from cnnstudio.layers.attention.heads import DotProductAttention, MultiHeadAttention
from cnnstudio.layers.convolution import Conv1D, Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.reshaping import Slice


def join_attention(draft: Draft) -> None:
    """Dense layers for queries, keys and values, their dot products, and a dense layer are a MultiHeadAttention."""
    matcher = Matcher(draft)
    for index, step in enumerate(draft.steps):
        if step.is_dropped or not isinstance(step.layer, DotProductAttention):
            continue
        last = matcher.only_user(index)
        projections = _projections(matcher, index)
        if last is None or projections is None or not _is_projection(matcher.steps[last]):
            continue
        _join(draft, index, last, projections)


def _is_projection(step: Step) -> bool:
    """True for a linear layer at each position: a dense layer on the channels, or a convolution with a kernel of 1."""
    layer = step.layer
    if step.shares is not None or getattr(layer, "activation", None):
        return False
    if isinstance(layer, (Conv1D, Conv2D)):
        plain = type(layer)(filters=layer.filters, kernel_size=1, bias=layer.bias)
        ones = layer.kernel_size if isinstance(layer.kernel_size, tuple) else (layer.kernel_size,)
        return set(ones) == {1} and structs.replace(layer, kernel_size=1) == plain
    return isinstance(layer, Dense) and layer.apply_to == "channels"


def _projections(matcher: Matcher, attention: int) -> tuple[list[int], list[int]] | None:
    """The dense layers whose outputs are query, key and value, and the slices if they are parts of one; else None."""
    taken = list(matcher.steps[attention].inputs)
    if all(_is_projection(matcher.steps[source]) and matcher.is_inner(source, attention) for source in taken):
        return (taken, []) if len(set(taken)) == 3 else None
    slices = [matcher.steps[source] for source in taken]
    if len(set(taken)) < 3 or not all(isinstance(each.layer, Slice) for each in slices):
        return None
    dense = slices[0].inputs[0]
    is_whole = _is_projection(matcher.steps[dense]) and matcher.is_inner(dense, *taken)
    if any(each.inputs != (dense,) for each in slices) or not is_whole or not _are_thirds(matcher, dense, slices):
        return None
    return ([dense], taken) if all(matcher.is_inner(source, attention) for source in taken) else None


def _are_thirds(matcher: Matcher, dense: int, slices: list[Step]) -> bool:
    """True if queries, keys and values follow each other in this order and are all of the channels."""
    start = 0
    for each in slices:
        layer = each.layer
        assert isinstance(layer, Slice)
        if layer.axis or layer.start != start or layer.step != 1 or layer.stop is None:
            return False
        start = layer.stop
    return start == matcher.steps[dense].shape.channels


def _join(draft: Draft, index: int, last: int, projections: tuple[list[int], list[int]]) -> None:
    dense, slices = projections
    step, final = draft.steps[index], draft.steps[last]
    biases = {getattr(draft.steps[each].layer, "bias", False) for each in (*dense, last)}
    sources = [draft.steps[each].inputs[0] for each in dense]
    key, value = (draft.steps[source].shape.channels for source in (step.inputs[0], step.inputs[2]))
    assert isinstance(step.layer, DotProductAttention)
    attends_to = step.layer.attends_to
    heads, channels = step.layer.heads, draft.steps[sources[0]].shape.channels
    if len(biases) > 1:
        return
    final.layer = MultiHeadAttention(
        heads=heads,
        key_size=None if key == channels else key // heads,
        value_size=None if value == key else value // heads,
        units=None if final.shape.channels == channels else final.shape.channels,
        bias=biases.pop(),
        attends_to=attends_to,
    )
    held = [draft.steps[each].numbers or Numbers() for each in (*dense, last)]
    final.numbers = Numbers(sum(each.learned for each in held), sum(each.stored for each in held))
    final.inputs = _inputs(sources)
    final.path, final.kind = _path(draft, [*dense, last]), ""
    for gone in (*dense, *slices, index):
        draft.steps[gone].is_dropped = True
    draft.note_replaced("projections and the dot products of their heads are one MultiHeadAttention")


def _inputs(sources: list[int]) -> tuple[int, ...]:
    """One input that attends to itself, two where keys and values are of one, or three."""
    if len(set(sources)) == 1:
        return (sources[0],)
    return (sources[0], sources[1]) if sources[1] == sources[2] else tuple(sources)


def _path(draft: Draft, parts: list[int]) -> tuple[str, ...]:
    """The module that all parts are in, and else that of the last."""
    paths = [draft.steps[part].path for part in parts]
    common = 0
    while all(len(path) > common + 1 and path[common] == paths[0][common] for path in paths):
        common += 1
    return paths[0][:common] or (*paths[-1][:-1], "attention")
