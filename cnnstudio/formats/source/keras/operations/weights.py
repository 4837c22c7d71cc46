"""Weights that a layer of the source makes for itself, and what it joins with them."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from cnnstudio.core.arithmetic.shape import MAX_RANK, Shape
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Numbers, placeholder
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import NotFollowed
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.normalization import Scale
from cnnstudio.layers.tensors.learned import Parameter

_ADDING = ("Add", "Subtract")
_FACTORS = ("Multiply", "Divide")


def shape_from(host: Any, sizes: list[int]) -> Shape:
    """The sizes of a tensor without its batch as a design's shape. Raises NotFollowed for too many, or none."""
    if not 0 < len(sizes) <= MAX_RANK + 1:
        raise NotFollowed(f"makes a tensor of {len(sizes)} axes; a design holds 1 to {MAX_RANK + 1} besides the batch.")
    channels, *sides = sizes if host.is_first else (sizes[-1], *sizes[:-1])
    return Shape(channels, tuple(sides))


def spread(left: list[int], right: list[int]) -> list[int] | None:
    """The sizes of two tensors that are joined element by element, the last axes in line; None if they do not fit."""
    pairs = list(zip_longest(reversed(left), reversed(right), fillvalue=1))
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        return None
    return [max(pair) for pair in reversed(pairs)]


def joined(host: Any, name: str, tensor: KerasTensor, weight: Array) -> KerasTensor:
    """A tensor joined with a weight element by element. Raises NotFollowed if they do not fit."""
    own = list(weight.shape)
    # A weight may have an axis for the batch, of which there is one.
    if len(own) == len(tensor.sizes) + 1 and own[0] == 1:
        own = own[1:]
    sizes = spread(tensor.sizes, own)
    if sizes is None:
        raise NotFollowed(f"joins a tensor with a weight of the sizes {weight.shape}, which do not fit.")
    wide = [size for size in own if size != 1]
    if weight.origin and weight.numbers != weight.size:
        # Some rows of a table, which holds more.
        return held(host, name.lower(), [tensor], sizes, weight)
    if name in _FACTORS and weight.size == 1:
        return placed(host, Scale(factors="layer"), "scale", [tensor], weight)
    if name in _FACTORS and wide == [tensor.sizes[-1]] and own[-1] == tensor.sizes[-1] and not host.is_first:
        return placed(host, Scale(), "scale", [tensor], weight)
    if name in (*_ADDING, *_FACTORS) and sizes == tensor.sizes:
        shape = shape_from(host, [1] * (len(sizes) - len(own)) + own)
        use: Any = "add" if name in _ADDING else "multiply"
        is_alike = own == tensor.sizes
        stated: dict[str, Any] = {} if is_alike else {"channels": shape.channels, "size": shape.spatial}
        layer = Parameter(use=use, **stated)
        return placed(host, layer, "parameter", [tensor], weight)
    return held(host, name.lower(), [tensor], sizes, weight)


def held(
    host: Any, kind: str, tensors: list[KerasTensor], sizes: list[int], weight: Array, macs: int | None = 0
) -> KerasTensor:
    """A placeholder that holds a weight, for what has no layer type."""
    return placed(host, placeholder(shape_from(host, sizes), _numbers(host, weight), macs), kind, tensors, weight)


def _numbers(host: Any, weight: Array) -> Numbers:
    if _key(weight) in host.weights:
        return Numbers()
    count = weight.numbers if weight.origin else weight.size
    return Numbers(count) if weight.is_learned else Numbers(0, count)


def _key(weight: Array) -> Any:
    return weight.origin or id(weight)


def placed(host: Any, layer: Layer, kind: str, tensors: list[KerasTensor], weight: Array | None = None) -> KerasTensor:
    """The output of a layer that is put in for what the source computes; a weight that was used before is shared."""
    first = len(host.draft.steps)
    path = (*host.path, f"{kind}${host.number()}")
    before = host.weights.get(_key(weight)) if weight is not None else None
    if before is not None and host.draft.steps[before[0]].layer != layer:
        # A weight that is used in two ways: its numbers are those of the first.
        counts = host.draft.counted(layer, tuple(host.draft.steps[tensor.step].shape for tensor in tensors), path)
        layer, weight = placeholder(counts.output, Numbers(), counts.macs), None
    try:
        step = host.draft.add(layer, path, tuple(tensor.step for tensor in tensors))
    except NotUnderstood as refusal:
        raise NotFollowed(str(refusal).partition(": ")[2] or str(refusal)) from None
    host.draft.steps[step].kind = kind
    if weight is not None:
        host.draft.steps[step].shares = before[0] if before is not None else None
        host.weights.setdefault(_key(weight), (step, weight))
    host.steps.note(first, None, host.core.line)
    return KerasTensor(host, step)


def multiplied(host: Any, tensor: KerasTensor, weight: Array) -> KerasTensor:
    """A tensor by a matrix that is a weight: a Dense without biases. Raises NotFollowed if they do not fit."""
    shape = list(weight.shape)
    if len(shape) != 2 or tensor.sizes[-1] != shape[0] or host.is_first:
        raise NotFollowed(f"multiplies {tensor.sizes[-1]:,} features by a weight of the sizes {weight.shape}.")
    layer = Dense(units=shape[1], bias=False, apply_to="channels" if len(tensor.sizes) > 1 else "all")
    return placed(host, layer, "dense", [tensor], weight)
