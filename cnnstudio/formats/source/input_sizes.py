"""The size of the input of a network: stated by the source, hinted at by it, or one with which every layer fits."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from cnnstudio.formats.source.data_sets import named_in
from cnnstudio.formats.source.torch.layers import Layer
from cnnstudio.formats.source.torch.tree import walk
from cnnstudio.formats.source.torch.zoo import ZooPart

USUAL_SIZES = (224, 32, 28, 64, 96, 128, 299, 227, 256, 160, 192, 240, 512, 384, 48, 100, 16, 150, 200, 112, 84, 300)
USUAL_LENGTHS = (1000, 128, 256, 512, 2000, 16000, 100, 64, 784, 187, 32, 28)
USUAL_DEPTHS = (16, 8, 32)
MAX_SOLVED = 1024
_RANDOM = ("randn", "rand", "zeros", "ones", "random", "normal", "uniform", "empty")
_CROPS = ("Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop", "resize")


class Size(Struct, frozen=True):
    """A size to try, channels first, and where it comes from; "" for one that is only usual."""

    sizes: tuple[int, ...]
    source: str = ""


class Wanted(Struct, frozen=True):
    """The axes of the input's map and the channels that the first layer expects."""

    axes: int
    channels: int


def wanted_by(root: Any) -> Wanted:
    """The input that the first layers of a network expect: maps by a convolution, else a vector."""
    first_linear: Wanted | None = None
    for _, module in walk(root):
        if isinstance(module, ZooPart):
            return Wanted(2, 3)
        found = module if isinstance(module, Layer) else getattr(module, "state", None)
        if not isinstance(found, Layer):
            continue
        rank = found.reading.spelling.rank
        channels = found.given.get("in_channels")
        if "Conv" in found.title and type(channels) is int and rank:
            return Wanted(rank, channels)
        features = found.given.get("in_features", found.given.get("input_size"))
        if first_linear is None and type(features) is int:
            first_linear = Wanted(0 if found.title == "Linear" else 1, features)
    return first_linear or Wanted(2, 3)


def hinted(tree: ast.Module, text: str, wanted: Wanted) -> Iterator[Size]:
    """The sizes at which a file hints, the surest first."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, wanted)
    for name, shape in named_in(text):
        if wanted.axes == 2 and shape[0] == wanted.channels:
            yield Size(shape, f"the images of {name}")
        if wanted.axes == 2 and shape[0] != wanted.channels and wanted.channels in (1, 3):
            yield Size((wanted.channels, *shape[1:]), f"the images of {name}")
        if not wanted.axes and _product(shape) == wanted.channels:
            yield Size(shape, f"the images of {name}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _CROPS and wanted.axes == 2:
            side = _crop(node)
            if side is not None:
                yield Size((wanted.channels, *side), f"{_name(node.func)} in line {node.lineno}")


def _of_call(node: ast.Call, wanted: Wanted) -> Iterator[Size]:
    name = _name(node.func)
    if name in _RANDOM:
        shape = _numbers(node.args[0]) if len(node.args) == 1 else _whole(node.args)
        found = _fitting(shape, wanted, has_batch=True)
        if found is not None:
            yield Size(found, f"the tensor in line {node.lineno}")
    shown = [*node.args[1:2]] if name == "summary" else []
    shown += [keyword.value for keyword in node.keywords if keyword.arg in ("input_size", "input_shape", "input_res")]
    for value in shown:
        shape = _numbers(value)
        for has_batch in (False, True):
            found = _fitting(shape, wanted, has_batch=has_batch)
            if found is not None:
                yield Size(found, f"the size in line {node.lineno}")


def _fitting(shape: tuple[int, ...], wanted: Wanted, *, has_batch: bool) -> tuple[int, ...] | None:
    inner = shape[1:] if has_batch else shape
    is_map = len(inner) == wanted.axes + 1 and inner[0] == wanted.channels
    is_flat = not wanted.axes and len(inner) > 1 and _product(inner) == wanted.channels
    return inner if inner and min(inner) > 0 and max(inner) < 1_000_000 and (is_map or is_flat) else None


def _product(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _whole(nodes: list[ast.expr]) -> tuple[int, ...]:
    values = [node.value for node in nodes if isinstance(node, ast.Constant) and type(node.value) is int]
    return tuple(values) if len(values) == len(nodes) else ()


def _numbers(node: ast.expr) -> tuple[int, ...]:
    return _whole(node.elts) if isinstance(node, (ast.Tuple, ast.List)) else ()


def _crop(node: ast.Call) -> tuple[int, int] | None:
    for value in [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "size")]:
        sides = _numbers(value) or _whole([value])
        if sides and len(sides) <= 2 and min(sides) > 7:
            return sides[0], sides[-1]
    return None


def usual(wanted: Wanted) -> Iterator[Size]:
    """Usual sizes."""
    channels = wanted.channels
    if wanted.axes == 0:
        yield Size((channels,))
        for shape in ((1, 28, 28), (3, 32, 32), (3, 28, 28), (1, 32, 32), (3, 64, 64), (3, 224, 224)):
            if _product(shape) == channels:
                yield Size(shape)
    elif wanted.axes == 1:
        yield from (Size((channels, length)) for length in USUAL_LENGTHS)
    elif wanted.axes == 2:
        yield from (Size((channels, side, side)) for side in USUAL_SIZES)
    else:
        yield from (
            Size((channels, depth, side, side)) for depth in USUAL_DEPTHS for side in (112, 64, 32, 16, 128, 224)
        )
