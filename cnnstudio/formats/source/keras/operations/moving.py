"""Functions that move, repeat or choose elements of tensors, and cost nothing."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from cnnstudio.formats.source.keras.operations import moved, wide
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array

Function = Callable[[Any, list[Any], dict[str, Any]], Any]


def bound(names: str, given: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """Arguments by their names."""
    return {**dict(zip(names.split(), given, strict=False)), **named}


def _tensor(values: dict[str, Any], *names: str) -> KerasTensor:
    found = next((values[name] for name in names if name in values), None)
    if not isinstance(found, KerasTensor):
        raise NotFollowed("calls a function of a tensor with something else.")
    return found


def _axis(tensor: KerasTensor, axis: Any, more: int = 0) -> int:
    """An axis counted with the batch. Raises NotFollowed for that of the batch, or none."""
    rank = len(tensor.sizes) + 1 + more
    if type(axis) is not int or not -rank <= axis < rank or axis % rank == 0:
        raise NotFollowed("takes an axis that is that of the batch, or is not there.")
    return axis % rank


def _kept(host: Any, kind: str, tensor: KerasTensor, sizes: list[int]) -> KerasTensor:
    return wide.made(host, kind, [tensor], sizes, parts=wide.parts_of(tensor))


def same(kind: str) -> Function:
    """A function that gives a tensor of the sizes that it takes."""
    return lambda host, given, named: _alike(host, kind, given, named)


def _alike(host: Any, kind: str, given: list[Any], named: dict[str, Any]) -> Any:
    tensors = [item for item in [*given, *named.values()] if isinstance(item, KerasTensor)]
    sizes = tensors[0].sizes
    for other in tensors[1:]:
        found = wide.spread(sizes, other.sizes)
        if found is None:
            raise NotFollowed(f"calls {kind} with tensors of {tensors[0].sizes} and {other.sizes}.")
        sizes = found
    return wide.made(host, kind, tensors, sizes, parts=wide.parts_of(tensors[0]))


def transpose(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """`transpose` and `permute_dimensions`."""
    values = bound("x axes", given, named)
    tensor, axes = _tensor(values, "x", "a"), values.get("axes", values.get("perm", values.get("pattern")))
    order = list(host.core.items(axes)) if axes is not None and not isinstance(axes, Unknown) else []
    if isinstance(tensor, (wide.Wide, moved.Moved)) or order[:1] != [0]:
        return moved.arranged(host, tensor, order)
    return host.operation("transpose", [tensor, order], {})


def stack(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """Tensors side by side along an axis of their own."""
    values = bound("values axis", given, named)
    found = values.get("values", values.get("x", values.get("arrays")))
    found = found if isinstance(found, (list, tuple)) else []
    tensors = [item for item in found if isinstance(item, KerasTensor)]
    if not tensors or len(tensors) != len(found) or len({tuple(item.sizes) for item in tensors}) > 1:
        raise NotFollowed("stacks tensors that are not alike.")
    sizes: list[Any] = [None, *tensors[0].sizes]
    sizes.insert(_axis(tensors[0], values.get("axis", 0), 1), len(tensors))
    return wide.made(host, "stack", tensors, sizes[1:], parts=wide.parts_of(tensors[0]))


def unstack(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """The parts of a tensor along an axis, each without it."""
    values = bound("value num axis", given, named)
    tensor = _tensor(values, "value", "x")
    if isinstance(tensor, moved.Moved):
        return list(tensor.items())
    axis = _axis(tensor, values.get("axis", 0))
    sizes = [size for place, size in enumerate(tensor.sizes, 1) if place != axis]
    if tensor.sizes[axis - 1] > 64:
        raise NotFollowed("takes a tensor apart into more than 64 parts.")
    return [_kept(host, "part", tensor, sizes or [1]) for _ in range(tensor.sizes[axis - 1])]


def tile(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """A tensor so many times along each axis."""
    values = bound("x n", given, named)
    tensor = _tensor(values, "x", "input")
    times = values.get("n", values.get("multiples", values.get("repeats")))
    counts = list(host.core.items(times)) if isinstance(times, (list, tuple)) else []
    if len(counts) != len(tensor.sizes) + 1 or counts[0] != 1 or not all(type(count) is int for count in counts):
        raise NotFollowed("repeats a tensor in a way that is not read.")
    return _kept(host, "tile", tensor, [size * count for size, count in zip(tensor.sizes, counts[1:], strict=True)])


def repeat(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """Each element of an axis so many times; without an axis a vector so many times, as Keras' backend has it."""
    values = bound("x repeats axis", given, named)
    tensor, count = _tensor(values, "x", "input"), values.get("repeats", values.get("rep", values.get("n")))
    if type(count) is not int:
        raise NotFollowed("repeats a tensor a number of times that is not known.")
    if values.get("axis") is None:
        if len(tensor.sizes) != 1:
            raise NotFollowed("repeats a tensor in a way that is not read.")
        return _kept(host, "repeat", tensor, [count, *tensor.sizes])
    sizes = list(tensor.sizes)
    sizes[_axis(tensor, values["axis"]) - 1] *= count
    return _kept(host, "repeat", tensor, sizes)


def argmax(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """The place of the largest element along an axis."""
    values = bound("x axis", given, named)
    tensor = _tensor(values, "x", "input")
    axis = _axis(tensor, values.get("axis", -1))
    sizes = [size for place, size in enumerate(tensor.sizes, 1) if place != axis]
    return _kept(host, "argmax", tensor, sizes or [1])


def gather(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """Chosen elements along an axis, or rows of a weight chosen by a tensor of numbers."""
    values = bound("x indices axis", given, named)
    table, places = values.get("x", values.get("params")), values.get("indices")
    if not isinstance(table, KerasTensor) or isinstance(places, KerasTensor) or values.get("batch_dims"):
        raise NotFollowed("chooses elements of a tensor in a way that is not read.")
    axis = _axis(table, values.get("axis", 0))
    count = len(places) if isinstance(places, (list, tuple)) else None
    if isinstance(places, Array) and len(places.shape) == 1:
        count = places.shape[0]
    sizes: list[int] = list(table.sizes)
    if type(places) is int:
        del sizes[axis - 1]
    elif count:
        sizes[axis - 1] = count
    else:
        raise NotFollowed("chooses elements of a tensor in a way that is not read.")
    return _kept(host, "gather", table, sizes or [1])


def patches(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """`extract_patches`: the windows of an image, each as channels of its place."""
    values = bound("images sizes strides rates padding", given, named)
    tensor = _tensor(values, "images", "image")
    size = values.get("sizes", values.get("size"))
    window = _sides(size)
    stride = _sides(values.get("strides")) or window
    if window is None or stride is None or len(tensor.sizes) != 3 or _sides(values.get("rates", 1)) != [1, 1]:
        raise NotFollowed("cuts an image into patches in a way that is not read.")
    is_same = str(values.get("padding", "valid")).lower() == "same"
    rows = [
        -(-have // step) if is_same else (have - side) // step + 1
        for have, side, step in zip(tensor.sizes[:2], window, stride, strict=True)
    ]
    if min(rows) < 1:
        raise NotFollowed("cuts an image into patches that are larger than it.")
    return _kept(host, "patches", tensor, [*rows, prod(window) * tensor.sizes[2]])


def _sides(value: Any) -> list[int] | None:
    """Two sides of one number, a pair, or four with the batch and the channels."""
    if type(value) is int:
        return [value, value]
    found = list(value) if isinstance(value, (list, tuple)) else []
    found = found[1:3] if len(found) == 4 else found
    return found if len(found) == 2 and all(type(side) is int and side > 0 for side in found) else None


def one_hot(host: Any, given: list[Any], named: dict[str, Any]) -> Any:
    """For each number a row of as many numbers as there are classes."""
    values = bound("x depth", given, named)
    tensor = _tensor(values, "x", "indices")
    count = values.get("depth", values.get("num_classes"))
    if type(count) is not int:
        raise NotFollowed("makes rows of so many numbers as are not known.")
    return _kept(host, "one_hot", tensor, [*tensor.sizes, count])
