"""Functions of torch that give plain values: pairs of sizes, the widths of a weight, and those of a class's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, prod
from typing import Any

from cnnstudio.formats.source.data_sets import classes_in
from cnnstudio.formats.source.language.core import MISSING, Core
from cnnstudio.formats.source.language.values import Class, Function, Native, NotFollowed, Thing, Unknown
from cnnstudio.formats.source.torch.arrays import Array, Flowing

Rule = Callable[[Core, list[Any], dict[str, Any]], Any]
AUTOGRAD = "torch.autograd.Function"
_COUNTS = {"_single": 1, "_pair": 2, "_triple": 3, "_quadruple": 4}


def _repeated(count: int) -> Rule:
    def made(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
        value = given[0]
        return tuple(core.items(value)) if isinstance(value, (list, tuple)) else (value,) * count

    return made


def _ntuple(_core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    count = given[0]
    if type(count) is not int or not 0 < count < 10:
        return Unknown("a tuple of so many numbers")
    return Native("parse", lambda more, named: _repeated(count)(_core, more, named))


def _size(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    return given[0].part if isinstance(given[0], Unknown) else tuple(core.items(given[0]))


def _fans(_core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    """The numbers of a filter, and of what each number of the input goes into."""
    shape = given[0].shape if isinstance(given[0], Array) else ()
    if len(shape) < 2:
        return (Unknown("the fan of a weight"),) * 2
    return shape[1] * prod(shape[2:]), shape[0] * prod(shape[2:])


def _fan(core: Core, given: list[Any], named: dict[str, Any]) -> Any:
    mode = given[1] if len(given) > 1 else named.get("mode", "fan_in")
    return _fans(core, given, named)[mode == "fan_out"]


def _grid(_core: Core, given: list[Any], named: dict[str, Any]) -> Any:
    """Tensors of all pairs of places, the second axis before the first where it is asked for."""
    parts = given[0] if len(given) == 1 and isinstance(given[0], (list, tuple)) else given
    if not all(isinstance(item, Array) and len(item.shape) <= 1 for item in parts):
        return Unknown("a grid of what is not known")
    sizes = [item.size for item in parts]
    if named.get("indexing") == "xy":
        sizes[:2] = sizes[1::-1]
    return [Array(tuple(sizes), is_float=False) for _ in parts]


def _divisible(_core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    if not all(isinstance(item, (int, float)) for item in given[:2]) or given[1] == 0:
        return Unknown("a number that is divisible")
    return ceil(given[0] / given[1]) * given[1]


class DataSet(Thing):
    """A well-known data set: the number of its classes is known, and nothing else."""

    title = "a data set"

    def __init__(self, classes: int) -> None:
        self.classes = [f"class {place}" for place in range(classes)]

    def attribute(self, name: str) -> Any:
        """Its classes; all else is not known."""
        if name == "classes":
            return list(self.classes)
        if name == "class_to_idx":
            return {word: place for place, word in enumerate(self.classes)}
        return Unknown(f"'{name}' of {self.title}")

    def item(self, key: Any) -> Any:
        """An image and its class, which are not known."""
        return Unknown(f"an element of {self.title}")

    def items(self) -> Iterator[Any]:
        """Raises NotFollowed: its images are not known."""
        raise NotFollowed(f"goes through {self.title}, which is not here.")

    def length(self) -> Any:
        """The number of its images, which is not known."""
        return Unknown(f"the length of {self.title}")


def data_set(name: str) -> Any:
    """A data set of torchvision by its full name; MISSING for one that is not known."""
    classes = classes_in(name.rpartition(".")[2]) if name.startswith("torchvision.datasets.") else None
    return MISSING if classes is None else DataSet(classes)


def _cropped(core: Core, value: Any, size: Any) -> Any:
    """The middle of a map, as torchvision cuts it out."""
    if not isinstance(value, Flowing):
        return Unknown("the middle of an image")
    height, width = core.attribute(value, "shape")[-2:]
    rows, columns = (size, size) if type(size) is int else tuple(core.items(size))
    if not all(type(side) is int for side in (rows, columns)) or rows > height or columns > width:
        raise NotFollowed("cuts a part out of the middle of a map whose size is not known, or that is smaller.")
    top, left = round((height - rows) / 2.0), round((width - columns) / 2.0)
    return value.item((Ellipsis, slice(top, top + rows), slice(left, left + columns)))


def _cropping(core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    return Native("CenterCrop", lambda more, _more: _cropped(core, more[0], given[0]))


def _of_network(_core: Core, given: list[Any], _named: dict[str, Any]) -> Any:
    """A state, of zeros where it does not come from the network: made of its input, so that its products count."""
    state, source, size = given
    if isinstance(state, Flowing) or not isinstance(source, Flowing):
        return state
    zeros = source.trace_call("mul", [source.item((slice(None), slice(0, 1))), 0], {})
    return zeros.trace_call("expand", [zeros, [-1, size]], {})


FUNCTIONS: dict[str, Rule] = {
    "torchvision.transforms.CenterCrop": _cropping,
    "torchvision.transforms.functional.center_crop": lambda core, given, _named: _cropped(core, *given[:2]),
    "cnnstudio.of_network": _of_network,
    "torch.meshgrid": _grid,
    "ultralytics.utils.ops.make_divisible": _divisible,
    **{f"torch.nn.{name}": _repeated(count) for name, count in _COUNTS.items()},
    "torch.nn._ntuple": _ntuple,
    "torch.Size": _size,
    "torch.nn.init._calculate_fan_in_and_fan_out": _fans,
    "torch.nn.init._calculate_correct_fan": _fan,
    "torch.nn.init.calculate_gain": lambda _core, _given, _named: Unknown("the gain of an activation"),
}
"""By full name."""


def applied(core: Core, kind: Class, name: str) -> Any:
    """`apply` of a class with a forward and a backward of its own, which is the former; MISSING for another name."""
    if name != "apply" or AUTOGRAD not in kind.foreign:
        return MISSING
    try:
        forward = kind.find("forward")
    except KeyError:
        return MISSING
    if not isinstance(forward, Function):
        return MISSING
    context = Unknown("what a function keeps for its backward")
    return Native(name, lambda given, named: core.call(forward, [context, *given], named))
