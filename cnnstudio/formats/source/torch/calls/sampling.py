"""Functions that look elsewhere in a map, that compare two vectors, and distributions whose numbers a network gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnstudio.formats.source.language.core import Core
from cnnstudio.formats.source.language.values import Native, NotFollowed, Thing, Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.binding import TensorFunction
from cnnstudio.formats.source.torch.calls.adding import add_layer, bound, tensor_of
from cnnstudio.formats.source.torch.tensors import Tensor, operate
from cnnstudio.formats.source.torch.trace import Trace
from cnnstudio.layers.tensors.functions import Function


class Grid(Thing):
    """The places that affine_grid gives: by what they are made of, and the size of the map that is sampled there."""

    title = "a grid of places"

    def __init__(self, source: Tensor, sizes: list[int]) -> None:
        self.source = source
        self.sizes = sizes

    def attribute(self, name: str) -> Any:
        """The places themselves, wherever they are kept."""
        if name in ("to", "cuda", "cpu", "float", "type_as", "detach", "clone", "contiguous"):
            return Native(name, lambda _given, _named: self)
        return super().attribute(name)


def affine_grid(_trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """affine_grid of six numbers for each image."""
    values = bound("theta size align_corners", given, named)
    sizes = values.get("size")
    if not isinstance(sizes, (list, tuple)) or not all(type(size) is int for size in sizes):
        raise NotFollowed("calls affine_grid with a size that is not known.")
    return Grid(tensor_of([values.get("theta")], "affine_grid"), list(sizes[2:]))


def grid_sample(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """grid_sample: the map at other places, as many as the grid has. It has neither weights nor products."""
    values = bound("input grid mode padding_mode align_corners", given, named)
    source, grid = tensor_of([values.get("input")], "grid_sample"), values.get("grid")
    if isinstance(grid, Grid):
        sizes, other = grid.sizes, [grid.source]
    elif isinstance(grid, (Tensor, Array)):
        sizes = list((grid.sizes if isinstance(grid, Tensor) else list(grid.shape))[1:-1])
        other = [grid] if isinstance(grid, Tensor) else []
    else:
        return Unknown(f"what grid_sample gives in line {trace.line}, at places that are not known")
    layer = Function(function="grid sample", channels=source.sizes[1], size=tuple(sizes))
    return add_layer(trace, layer, source, "grid_sample", *other)


def distance(name: str) -> TensorFunction:
    """A number for each pair of vectors, such as their distance."""

    def made(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
        values = bound("x1 x2", given, named)
        first, second = (tensor_of([values.get(key)], name) for key in ("x1", "x2"))
        if len(first.sizes) != 2 or len(second.sizes) != 2:
            return Unknown(f"what {name} gives in line {trace.line}, of what are no vectors")
        result = add_layer(trace, Function(function=name, channels=1), first, name, second)
        return result if values.get("keepdim") is True else operate(trace, "squeeze", [result, 1], {})

    return made


def noisy(core: Core, mean: Any, spread: Any) -> Any:
    """A mean with as much noise as a spread says."""
    noise = core.call(core.foreign("torch.randn_like"), [mean], {})
    return core.call(core.foreign("torch.add"), [mean, core.call(core.foreign("torch.mul"), [noise, spread], {})], {})


class Distribution(Thing):
    """A distribution whose numbers a network gives."""

    title = "a distribution"

    def __init__(self, core: Core, parts: list[Tensor]) -> None:
        self.core = core
        self.parts = parts

    def attribute(self, name: str) -> Any:
        """Its mean, and what is drawn from it; all else is not known."""
        if name in ("mean", "loc", "logits", "probs"):
            return self.parts[0]
        if name in ("sample", "rsample") and len(self.parts) == 2:
            return Native(name, lambda _given, _named: noisy(self.core, *self.parts))
        return Unknown(f"'{name}' of {self.title}")

    def items(self) -> Iterator[Any]:
        """The tensors that it is made of."""
        yield from self.parts


SAMPLING: dict[str, TensorFunction] = {
    "affine_grid": affine_grid,
    "grid_sample": grid_sample,
    "pairwise_distance": distance("pairwise_distance"),
    "cosine_similarity": distance("cosine_similarity"),
}
"""By name."""
