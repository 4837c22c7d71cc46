"""Reshapes that mean something: shuffled channels, groups that are normalized, a pooled map that becomes a vector."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from msgspec import structs

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.passes.patterns import Matcher
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.normalization import GroupNorm, InstanceNorm, Scale
from cnnstudio.layers.pooling import GlobalAvgPool, GlobalMaxPool
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.reshaping import Flatten, Permute, Reshape
from cnnstudio.layers.shuffling import ChannelShuffle


def join_shuffles(draft: Draft) -> None:
    """C channels to G × C/G, the two exchanged, and back, is a ChannelShuffle."""
    matcher = Matcher(draft)
    for index, step in enumerate(draft.steps):
        if step.is_dropped or not isinstance(step.layer, Reshape):
            continue
        exchange = step.inputs[0]
        layer = matcher.steps[exchange].layer
        if not isinstance(layer, Permute) or layer.dims[:2] != (1, 0) or not matcher.is_inner(exchange, index):
            continue
        cut = matcher.steps[exchange].inputs[0]
        split = matcher.steps[cut]
        if not isinstance(split.layer, Reshape) or not matcher.is_inner(cut, exchange):
            continue
        source = split.inputs[0]
        # The shapes prove that the three together only exchange channels: any other reshape would end in another one.
        same = matcher.steps[source].shape == step.shape and prod(split.shape.spatial[1:]) == step.shape.positions
        if same and layer.dims[2:] == tuple(range(2, len(layer.dims))):
            matcher.replace(index, ChannelShuffle(groups=split.shape.channels), source, exchange, cut)
            draft.note_replaced("ChannelShuffle was written as two reshapes and a transpose")


def join_flattening(draft: Draft) -> None:
    """Global pooling that keeps the axes, and a Flatten, is global pooling that makes a vector.

    Between the two may be what acts on each element: frameworks flatten first, and a view of one element shows it last.
    """
    matcher = Matcher(draft)
    for index, step in enumerate(draft.steps):
        if step.is_dropped or not isinstance(step.layer, Flatten):
            continue
        chain = _chain_to_pooling(matcher, index)
        if not chain:
            continue
        vector = step.shape
        for at, source in pairwise((index, *chain)):
            here, before = draft.steps[at], draft.steps[source]
            here.layer, here.path, here.kind = before.layer, before.path, before.kind
            here.numbers, here.constants, here.shape = before.numbers, before.constants, vector
        pooling, first = draft.steps[chain[-1]], draft.steps[(index, *chain)[-2]]
        assert isinstance(pooling.layer, (GlobalAvgPool, GlobalMaxPool))
        first.layer, first.inputs = structs.replace(pooling.layer, keepdims=False), pooling.inputs
        pooling.is_dropped = True
        draft.note_replaced("global pooling and the flattening after it are one layer")


def _chain_to_pooling(matcher: Matcher, index: int) -> list[int]:
    """The steps before a Flatten back to a global pooling, if nothing else takes them; else none."""
    chain: list[int] = []
    while True:
        source = matcher.steps[index].inputs[0]
        layer = matcher.steps[source].layer
        if not matcher.is_inner(source, index):
            return []
        chain.append(source)
        if isinstance(layer, (GlobalAvgPool, GlobalMaxPool)):
            return chain
        if not isinstance(layer, (Activation, Dropout)):
            return []
        index = source


def join_group_norms(draft: Draft) -> None:
    """Groups as channels, normalized one by one, and back, is a GroupNorm, with the Scale after it."""
    matcher = Matcher(draft)
    for index, step in enumerate(draft.steps):
        if step.is_dropped or not isinstance(step.layer, (Reshape, Flatten)):
            continue
        norm = step.inputs[0]
        layer = matcher.steps[norm].layer
        # torch's exporter writes GroupNorm so, as ONNX had no operation for it before opset 18.
        if not isinstance(layer, InstanceNorm) or not matcher.is_inner(norm, index) or not _is_plain(matcher, norm):
            continue
        cut = matcher.steps[norm].inputs[0]
        split = matcher.steps[cut]
        if not isinstance(split.layer, Reshape) or not matcher.is_inner(cut, norm):
            continue
        source = split.inputs[0]
        if matcher.steps[source].shape != step.shape:
            continue
        last, gone = index, []  # type: int, list[int]
        user = matcher.only_user(index)
        scale = matcher.steps[user].layer if user is not None else None
        has_scale = user is not None and isinstance(scale, Scale)
        has_shift = user is not None and matcher.steps[user].kind == "Shift" and scale is None
        if user is not None and (has_scale or has_shift):
            last, gone = user, [index]
        plain = matcher.steps[norm].numbers
        draft.discounted += plain.learned if plain is not None else 0
        joined = GroupNorm(
            groups=split.shape.channels,
            epsilon=layer.epsilon,
            affine=has_scale or has_shift,
            scale=not has_shift,
            center=not has_scale or (isinstance(scale, Scale) and scale.bias),
        )
        numbers = draft.steps[last].numbers if has_scale or has_shift else None
        matcher.replace(last, joined, source, norm, cut, *gone)
        draft.steps[last].numbers = numbers
        draft.note_replaced("GroupNorm was written as reshapes around an instance normalization")
        matcher = Matcher(draft)


def _is_plain(matcher: Matcher, norm: int) -> bool:
    """True if an instance normalization scales by ones and shifts by zeros, which are not learned."""
    layer = matcher.steps[norm].layer
    if isinstance(layer, InstanceNorm) and not layer.affine:
        return True
    values = matcher.steps[norm].constants.get("values", [])
    wanted = (1.0, 0.0)
    return len(values) == 2 and all(
        row is None or all(value == want for value in row) for row, want in zip(values, wanted, strict=True)
    )
