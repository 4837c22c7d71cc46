"""Functions of Keras and TensorFlow of arrays that do not depend on the input: weights, masks, positions."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log, prod, sqrt
from typing import Any

from cnnstudio.formats.source.keras.operations import weights
from cnnstudio.formats.source.keras.operations.moving import bound
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.core import MISSING
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.layers.tensors.learned import Parameter

_SAME = ("cast", "convert_to_tensor", "constant", "identity", "stop_gradient", "abs", "sqrt", "exp", "tanh", "where")
_OF_NUMBERS: dict[str, Callable[[Any], Any]] = {"ceil": ceil, "floor": floor, "sqrt": sqrt, "log": log, "round": round}
_JOINED = ("add", "subtract", "multiply", "divide")


def called(bare: str, given: list[Any], named: dict[str, Any]) -> Any:
    """The result of a function of an array by its bare name; MISSING for one that is not known."""
    values = bound("x second third", given, named)
    array = values.get("x", values.get("input", values.get("a")))
    if isinstance(array, (int, float)) and bare in _OF_NUMBERS and array >= 0:
        return _OF_NUMBERS[bare](array)
    if (
        isinstance(array, (tuple, list))
        and bare in ("prod", "reduce_prod")
        and all(type(size) is int for size in array)
    ):
        return prod(array)
    if bare in ("Variable", "variable"):
        return _variable(values)
    if not isinstance(array, Array):
        return MISSING
    if bare in _SAME:
        return array
    if bare in _JOINED:
        sign = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}[bare]
        return array.arithmetic(sign, values.get("second", values.get("y", values.get("x2"))), is_left=True)
    shape = _shape(bare, array, values)
    return MISSING if shape is None else Array(shape, is_float=array.is_float).named(array)


def _variable(values: dict[str, Any]) -> Any:
    """A variable of TensorFlow that a layer holds: learned, unless it says otherwise."""
    start = values.get("initial_value", values.get("x"))
    if not isinstance(start, Array):
        return Unknown("a variable whose shape is not known")
    made = Array(start.shape, is_learned=values.get("trainable", values.get("second", True)) is not False)
    made.origin = f"variable {id(made)}"
    return made


def _shape(bare: str, array: Array, values: dict[str, Any]) -> tuple[int, ...] | None:
    second = values.get("second")
    sizes = list(array.shape)
    if bare in ("transpose", "permute_dimensions"):
        axes = values.get("axes", values.get("perm", values.get("pattern", second)))
        order = list(axes) if isinstance(axes, (list, tuple)) else list(range(len(sizes)))[::-1]
        is_whole = sorted(map(str, order)) == sorted(map(str, range(len(sizes))))
        return tuple(sizes[axis] for axis in order) if is_whole else None
    if bare in ("tile", "broadcast_to", "repeat", "repeat_elements"):
        return _repeated(bare, sizes, values)
    if bare == "squeeze":
        return tuple(size for size in sizes if size != 1)
    places = values.get("indices", second)
    if bare in ("gather", "take") and isinstance(places, Array) and values.get("axis", values.get("third", 0)) == 0:
        return (*places.shape, *sizes[1:])
    return None


def _repeated(bare: str, sizes: list[int], values: dict[str, Any]) -> tuple[int, ...] | None:
    """The sizes of an array that is repeated; for each image of a batch, which nobody counts, it stays as it is."""
    second = values.get("second", values.get("multiples", values.get("shape", values.get("repeats"))))
    if bare in ("repeat", "repeat_elements"):
        axis = values.get("axis", values.get("third"))
        if type(axis) is not int or not -len(sizes) <= axis < len(sizes):
            return None
        if isinstance(second, Unknown) or second is None:
            return tuple(sizes) if axis == 0 else None
        if type(second) is not int:
            return None
        sizes[axis] *= second
        return tuple(sizes)
    counts = list(second) if isinstance(second, (list, tuple)) else []
    if not counts:
        return None
    if isinstance(counts[0], Unknown) or counts[0] is None:
        counts[0] = 1
    if not all(type(count) is int for count in counts):
        return None
    if bare == "broadcast_to":
        return tuple(counts)
    return tuple(a * b for a, b in zip(sizes, counts, strict=True)) if len(counts) == len(sizes) else None


def put_beside(host: Any, parts: list[Any], axis: Any) -> Any:
    """A weight before or after a tensor, as a class token is. Raises NotFollowed if they do not fit."""
    place = next(at for at, item in enumerate(parts) if isinstance(item, Array))
    weight, tensor = parts[place], parts[1 - place]
    if len(parts) != 2 or not isinstance(tensor, KerasTensor) or type(axis) is not int:
        raise NotFollowed("puts a weight beside several tensors, which is not read.")
    own = list(weight.shape[1:]) if len(weight.shape) == len(tensor.sizes) + 1 else list(weight.shape)
    at = axis % (len(tensor.sizes) + 1) - 1
    fits = len(own) == len(tensor.sizes) and all(
        a == b for axis, (a, b) in enumerate(zip(own, tensor.sizes, strict=True)) if axis != at
    )
    if not fits or at < 0:
        raise NotFollowed(f"puts a weight of the sizes {weight.shape} beside a tensor of {tensor.sizes}.")
    shape = weights.shape_from(host, own)
    if weight.is_learned is None:
        sizes = [size + own[at] if axis == at else size for axis, size in enumerate(tensor.sizes)]
        return host.placed("concatenate", [tensor], sizes)
    use: Any = "last" if place else "first"
    last = len(own) - 1
    layer = Parameter(use=use, axis=0 if at == last else at + 1, channels=shape.channels, size=shape.spatial)
    return weights.placed(host, layer, "parameter", [tensor], weight)
