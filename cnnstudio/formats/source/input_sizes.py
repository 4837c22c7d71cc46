"""The size of the input of a network: stated by the source, hinted at by it, or one with which every layer fits."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from math import prod
from typing import Any

from cnnstudio.formats.source.data_sets import named_in
from cnnstudio.formats.source.language.parsing import walked
from cnnstudio.formats.source.sizes import SEQUENCE, SOUND, TOKENS, Size, Wanted
from cnnstudio.formats.source.torch.layers import Layer
from cnnstudio.formats.source.torch.tree import Module, walk
from cnnstudio.formats.source.torch.zoo import ZooPart

USUAL_SIZES = (
    224,
    32,
    28,
    64,
    96,
    128,
    256,
    299,
    227,
    160,
    192,
    240,
    512,
    384,
    48,
    100,
    16,
    150,
    200,
    112,
    84,
    300,
    331,
    448,
    1024,
)
USUAL_LENGTHS = (1000, 128, 256, 512, 2000, 16000, 100, 64, 784, 187, 32, 28)
USUAL_DEPTHS = (16, 8, 32)
USUAL_STEPS = (128, 64, 100, 50, 32, 512, 256, 20, 10, 200, 300)
USUAL_IMAGES = ((1, 28, 28), (3, 32, 32), (3, 28, 28), (1, 32, 32), (3, 64, 64), (3, 224, 224))
MAX_STEPS = 5_000
MAX_WANTED = 4
_OF_STEPS = ("LSTM", "GRU", "RNN", "MultiheadAttention", "LayerNorm", "Rearrange", "Reduce", "Embedding")
"""Layers of which one says that a network may take sequences."""
_RANDOM = ("randn", "rand", "zeros", "ones", "random", "normal", "uniform", "empty", "randint")
_CROPS = ("Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop", "resize")
_STEPS = re.compile(
    r"^(?:max_?|input_?|fix_?)?(?:seq|sequence|sentence|text|pad|context|block|window)?_?(?:len|length|size|steps)$",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"^(?:image|img|input|im|crop|resize)_?(?:size|dim|h|height|res|resolution|side|w|width)$", re.IGNORECASE
)
_SHAPE = re.compile(r"^(?:input|in|image|img|observation|obs|state)_?(?:shape|size|dims?)$", re.IGNORECASE)
_LONG = re.compile(r"len|seq|block|context|window|step|pad", re.IGNORECASE)


def wanted_by(root: Any) -> list[Wanted]:
    """The inputs that the first layers of a network may expect, the likeliest first.

    That is what its first convolution takes, unless a Linear, an Embedding or a recurrent layer is made before it. A
    Linear takes a vector; steps of features, or an image cut into patches, only among layers that take such.
    """
    titles = {module.title for _, module in walk(root) if isinstance(module, Module)}
    is_of_steps = bool(titles & set(_OF_STEPS))
    found: list[Wanted] = []
    for _, module in walk(root):
        if isinstance(module, ZooPart):
            return [*found, Wanted(2, 3)]
        layer = module if isinstance(module, Layer) else getattr(module, "state", None)
        if isinstance(layer, Layer):
            found += [item for item in _of_layer(layer) if is_of_steps or item.order != SEQUENCE]
            # Of a layer whose width nobody knows, no later one tells it.
            if found and (
                "Conv" in layer.title or any(item.channels is None and item.order != TOKENS for item in found)
            ):
                break
    found = [_with_positions(item, root) for item in found]
    is_window = any(item.axes and not item.order for item in found) or any(item.order == SOUND for item in found)
    patches = [Wanted(2, 3), Wanted(2, 1)] if is_of_steps and not is_window else []
    return [*list(dict.fromkeys(found))[:MAX_WANTED], *patches] or [Wanted(2, 3)]


def vectors_of(root: Any) -> Iterator[int]:
    """The lengths of vectors that a network may take beside others, to which it joins what it knows of labels."""
    layers = [item for _, item in walk(root) if isinstance(item, Layer)]
    joined = [item.given["embedding_dim"] for item in layers if item.title == "Embedding"]
    for layer in layers:
        features = layer.given.get("in_features")
        if layer.title == "Linear" and type(features) is int:
            yield from (features - width for width in joined if features > width)
            yield from _summands(root, features)
            yield features
    yield from joined


def _summands(root: Any, total: int) -> Iterator[int]:
    """Two numbers that a network keeps of itself, such as its noise and its classes, which add up to a width."""
    own = [item for item in getattr(root, "attributes", {}).values() if type(item) is int and 0 < item < total]
    for first in dict.fromkeys(own):
        if total - first in own and first * 2 >= total:
            yield from (first, total - first)


def _with_positions(wanted: Wanted, root: Any) -> Wanted:
    """The wish for numbers of words with their number, if a second table, of positions, tells it."""
    if wanted.order != TOKENS:
        return wanted
    tables = [item.given for _, item in walk(root) if isinstance(item, Layer) and item.title == "Embedding"]
    sizes = [item.get("num_embeddings") for item in tables[1:] if item["embedding_dim"] == tables[0]["embedding_dim"]]
    # A table of a few rows is of kinds, such as the sentence that a word is in.
    length = next((size for size in sizes if type(size) is int and 3 < size <= MAX_STEPS), None)
    return Wanted(0, length, TOKENS)


def _of_layer(layer: Layer) -> list[Wanted]:
    """The inputs that a layer may take as the first of a network; none for one that takes anything."""
    rank, given = layer.reading.spelling.rank, layer.given
    if "Conv" in layer.title and rank:
        found = [Wanted(rank, given.get("in_channels"))]
        # A sound, or a spectrogram, to which `unsqueeze` gives its one channel.
        return [*found, Wanted(rank - 1, None, SOUND)] if given.get("in_channels") == 1 and rank < 3 else found
    if layer.title == "Embedding":
        return [Wanted(0, None, TOKENS)]
    if layer.title == "Linear":
        return [Wanted(0, given.get("in_features")), Wanted(1, given.get("in_features"), SEQUENCE)]
    if layer.title in ("LSTM", "GRU", "RNN", "MultiheadAttention"):
        return [Wanted(1, given.get("input_size", given.get("embed_dim")), SEQUENCE)]
    return []


def hinted(tree: ast.Module, text: str, wanted: Wanted, said: dict[str, Any] | None = None) -> Iterator[Size]:
    """The sizes at which a file hints, the surest first; before all others those that the user's arguments name."""
    for name, value in (said or {}).items():
        yield from _of_argument(name, value, wanted)
    for node in walked(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, wanted)
        elif isinstance(node, (ast.arguments, ast.Assign)):
            yield from _of_shape(node, wanted)
    if wanted.order == SOUND:
        return
    if wanted.order:
        yield from _of_steps(tree, text, wanted)
        return
    for name, shape in named_in(text):
        if wanted.axes == 2 and wanted.channels in (shape[0], None):
            yield Size(shape, f"the images of {name}")
        if wanted.axes == 2 and shape[0] != wanted.channels and wanted.channels in (1, 3):
            yield Size((wanted.channels, *shape[1:]), f"the images of {name}")
        if not wanted.axes and prod(shape) == wanted.channels:
            yield Size(shape, f"the images of {name}")
    for node in walked(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _CROPS and wanted.axes == 2:
            side = _crop(node)
            if side is not None:
                yield Size((wanted.channels or 3, *side), f"{_name(node.func)} in line {node.lineno}")
    for name, number, line in _named_numbers(tree):
        if _SIDE.match(name) and wanted.axes == 2 and 7 < number <= MAX_STEPS:
            yield Size((wanted.channels or 3, number, number), f"{name} in line {line}")


def _of_shape(node: ast.arguments | ast.Assign, wanted: Wanted) -> Iterator[Size]:
    """The size that a default or a variable such as `input_shape=(4, 84, 84)` says."""
    pairs: list[tuple[str, ast.expr]] = []
    if isinstance(node, ast.Assign):
        pairs = [(_name(target), node.value) for target in node.targets]
    else:
        inner = [*node.posonlyargs, *node.args]
        defaulted = zip(inner[len(inner) - len(node.defaults) :], node.defaults, strict=True)
        pairs = [(item.arg, value) for item, value in defaulted]
    for name, value in pairs:
        if _SHAPE.match(name) and (fitting := _fitting(_numbers(value), wanted, has_batch=False)) is not None:
            yield Size(fitting, f"{name} in line {value.lineno}", wanted.order)


def _of_argument(name: str, value: Any, wanted: Wanted) -> Iterator[Size]:
    source = f"{name}, as asked for"
    sizes = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    if not all(type(size) is int and 0 < size < 1_000_000 for size in sizes):
        return
    if wanted.axes == 2 and not wanted.order and len(sizes) == 1 and _SIDE.match(name):
        yield Size((wanted.channels or 3, *sizes, *sizes), source)
    elif wanted.axes == 2 and len(sizes) == 3 and sizes[0] == (wanted.channels or sizes[0]):
        yield Size(sizes, source)
    elif wanted.order in (TOKENS, SEQUENCE) and len(sizes) == 1 and _STEPS.match(name) and _LONG.search(name):
        yield _steps(sizes[0], wanted, source)


def _of_steps(tree: ast.Module, text: str, wanted: Wanted) -> Iterator[Size]:
    """The lengths of sequences that a file names, and images taken row by row."""
    for name, shape in named_in(text):
        if wanted.order == SEQUENCE and wanted.channels and not prod(shape) % wanted.channels:
            yield _steps(prod(shape) // wanted.channels, wanted, f"the images of {name}, in rows of {wanted.channels}")
    for name, number, line in _named_numbers(tree):
        if _STEPS.match(name) and _LONG.search(name) and 1 < number <= MAX_STEPS:
            yield _steps(number, wanted, f"{name} in line {line}")


def _named_numbers(tree: ast.Module) -> Iterator[tuple[str, int, int]]:
    """Whole numbers under a name: assigned to it, given as an argument, or as a default."""
    for node in walked(tree):
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(_name(target), node.value) for target in node.targets]
        elif isinstance(node, ast.Call):
            pairs = [(keyword.arg or "", keyword.value) for keyword in node.keywords]
            if _name(node.func) == "add_argument":
                option = next((item.value for item in node.args if isinstance(item, ast.Constant)), "")
                pairs = [
                    (str(option).lstrip("-").replace("-", "_"), value) for name, value in pairs if name == "default"
                ]
        elif isinstance(node, ast.arguments):
            inner = [*node.posonlyargs, *node.args]
            defaulted = zip(inner[len(inner) - len(node.defaults) :], node.defaults, strict=True)
            pairs = [(item.arg, value) for item, value in defaulted]
        for name, value in pairs:
            if isinstance(value, ast.Constant) and type(value.value) is int:
                yield name, value.value, value.lineno


def _steps(length: int, wanted: Wanted, source: str = "") -> Size:
    """So many numbers of words, or steps of features."""
    sizes = (length,) if wanted.order == TOKENS else (wanted.channels or 1, length)
    return Size(sizes, source, wanted.order)


def _of_call(node: ast.Call, wanted: Wanted) -> Iterator[Size]:
    name = _name(node.func)
    if name in _RANDOM:
        whole = next((found for item in node.args if (found := _numbers(item))), ())
        shape = whole if name == "randint" or len(node.args) == 1 else _whole(node.args)
        fitting = _fitting(shape, wanted, has_batch=True)
        if fitting is not None:
            yield Size(fitting, f"the tensor in line {node.lineno}", wanted.order)
    shown = [*node.args[1:2]] if name == "summary" else []
    shown += [keyword.value for keyword in node.keywords if keyword.arg in ("input_size", "input_shape", "input_res")]
    for value in shown:
        shape = _numbers(value)
        for has_batch in (False, True):
            fitting = _fitting(shape, wanted, has_batch=has_batch)
            if fitting is not None:
                yield Size(fitting, f"the size in line {node.lineno}", wanted.order)


def _fitting(shape: tuple[int, ...], wanted: Wanted, *, has_batch: bool) -> tuple[int, ...] | None:
    inner = shape[1:] if has_batch else shape
    if not inner or min(inner) <= 0 or max(inner) >= 1_000_000:
        return None
    if wanted.order == TOKENS:
        return inner if len(inner) == 1 else None
    if wanted.order == SEQUENCE:
        return inner[::-1] if len(inner) == 2 and wanted.channels in (inner[1], None) else None
    is_map = len(inner) == wanted.axes + 1 and wanted.channels in (inner[0], None)
    is_flat = not wanted.axes and len(inner) > 1 and prod(inner) == wanted.channels
    return inner if is_map or is_flat else None


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
    """Usual sizes; none if nobody knows how many channels there are."""
    channels = wanted.channels
    if wanted.order == TOKENS:
        lengths = USUAL_STEPS if channels is None else (channels, *USUAL_STEPS)
        yield from (_steps(length, wanted) for length in lengths)
    elif wanted.order == SOUND:
        yield from (Size((length,) * (wanted.axes + 1)) for length in (USUAL_LENGTHS if not wanted.axes else (128, 64)))
    elif channels is None:
        return
    elif wanted.order:
        yield from (_steps(length, wanted) for length in USUAL_STEPS)
    elif wanted.axes == 0:
        yield Size((channels,))
        yield from (Size(shape) for shape in USUAL_IMAGES if prod(shape) == channels)
    elif wanted.axes == 1:
        yield from (Size((channels, length)) for length in USUAL_LENGTHS)
    elif wanted.axes == 2:
        yield from (Size((channels, side, side)) for side in USUAL_SIZES)
    else:
        yield from (
            Size((channels, depth, side, side))
            for depth in USUAL_DEPTHS
            for side in (112, 64, 32, 16, 128, 224, 48, 96)
        )
