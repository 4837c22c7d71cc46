"""The sizes of an input: stated by an argument, or assumed where the source takes them from what nobody knows."""

from __future__ import annotations

import ast
import re
from typing import Any

from cnnstudio.formats.source.facts import calls_in
from cnnstudio.formats.source.keras import uses
from cnnstudio.formats.source.keras.graph import shape_of
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.keras.tuning import HyperParameters
from cnnstudio.formats.source.language.values import NotFollowed, Unknown

Sizes = tuple[int | None, ...]
_SHAPE = re.compile(r"^(?:(?:in|input|image|img|data|x)_?)?shape$", re.IGNORECASE)
_TENSOR = re.compile(r"^(?:inputs?|x|inp|(?:input|img|image)_?(?:tensor|layer|input)|tensor)$", re.IGNORECASE)
_ROWS = re.compile(r"^(?:(?:in|input|image|img)_?)?(?:height|h|rows?)$", re.IGNORECASE)
_COLUMNS = re.compile(r"^(?:(?:in|input|image|img)_?)?(?:width|w|cols?|columns)$", re.IGNORECASE)
_SEQUENCES = re.compile(r"^(?:(?:Separable)?Conv(?:olution)?1D|(?:CuDNN)?(?:LSTM|GRU)|SimpleRNN|Embedding)$")
_IMAGES = re.compile(r"[23]D|^(?:VGG|ResNet|DenseNet|Inception|Xception|MobileNet|EfficientNet)")
_CHANNELS = re.compile(r"^(?:(?:in|input|image|img|n|num)_?)?(?:channels?|depth|ch)$", re.IGNORECASE)


def sizes_of(host: Any, config: dict[str, Any]) -> Sizes | None:
    """The sizes of an input that an argument states, channels first; None if none does.

    Raises NotFollowed for one that nobody can tell.
    """
    for key in ("shape", "input_shape", "batch_shape", "batch_input_shape", "input_dim"):
        value = config.get(key)
        if value is None:
            continue
        if isinstance(value, Unknown) and key != "input_dim":
            return _assumed(host, value)
        sizes = tuple(host.core.items(value)) if not isinstance(value, (int, Unknown)) else (value,)
        sizes = sizes[1:] if key.startswith("batch") else sizes
        _doubt(host, sizes)
        return shape_of(_with_usual(host, sizes), is_first=host.is_first)
    return None


def _doubt(host: Any, sizes: tuple[Any, ...]) -> None:
    """Notes an image whose channels seem to stand first, where Keras takes the last size for them."""
    is_odd = len(sizes) == 3 and sizes[0] in (1, 3) and all(type(size) is int and size > 4 for size in sizes[1:])
    if is_odd and not host.is_first and "image_data_format" not in host.core.used_settings:
        host.doubt = (
            f"the input of line {host.core.line} was taken to have {sizes[2]} channels, as Keras has them last; if "
            "they stand first, give --set image_data_format=channels_first"
        )
        host.core.note(f"{host.doubt}.")


def _with_usual(host: Any, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    """The sizes, left open where they are not known."""
    lost = next((size for size in sizes if isinstance(size, Unknown)), None)
    if lost is None:
        return sizes
    if "--set" in lost.why:
        raise NotFollowed(f"states an input whose shape is not known: {lost.why}.")
    if host.input_size is not None and len(host.input_size) == len(sizes):
        channels, *sides = host.input_size
        return (channels, *sides) if host.is_first else (*sides, channels)
    if isinstance(sizes[0 if host.is_first else -1], Unknown) and len(sizes) > 1:
        raise NotFollowed(f"states an input whose channels are not known: {lost.why}; give --input-size.")
    found = host.hint()
    if found is not None and len(found[0]) == len(sizes) and not host.is_first:
        host.core.note(f"states an input of which a size is not known and was taken to be that of {found[1]}.")
        hinted = (*found[0][1:], found[0][0])
        return tuple(have if isinstance(size, Unknown) else size for size, have in zip(sizes, hinted, strict=True))
    host.core.note(f"states an input of which a size is not known and was taken to be usual: {lost.why}.")
    return tuple(None if isinstance(size, Unknown) else size for size in sizes)


def _assumed(host: Any, lost: Unknown) -> Sizes:
    """The sizes of an input that nobody can tell: those that the user gives, or that the file hints at."""
    if host.input_size is not None:
        return tuple(host.input_size)
    if "--set" in lost.why:
        raise NotFollowed(f"states an input whose shape is not known: {lost.why}.")
    found = host.hint()
    if found is None:
        raise NotFollowed(
            f"states an input whose shape is not known: {lost.why}; give --input-size, such as 3,224,224."
        )
    host.core.note(f"states an input whose shape is not known and was taken to be {found[1]}.")
    sizes: Sizes = found[0]
    return sizes


def _takes_sequences(codes: list[ast.AST]) -> bool:
    """True if a source has layers for sequences, and none for images."""
    names = {name for code in codes for name in calls_in(code)}
    return any(_SEQUENCES.match(name) for name in names) and not any(_IMAGES.search(name) for name in names)


def arguments(host: Any, names: list[str], codes: list[ast.AST]) -> dict[str, Any]:
    """Values for those arguments that say the size of an input, by their use or their names, channels last.

    Nobody can tell the size of a sequence: where the source has layers for such alone, there are none.
    """
    if host.input_size is None and _takes_sequences(codes):
        return {name: HyperParameters(host) for name in names if name in ("hp", "hyperparameters")}
    found = host.hint()
    sizes = tuple(host.input_size or (found[0] if found and not host.is_solid else host.usual))
    shape = sizes if host.is_first or host.is_turned else (*sizes[1:], sizes[0])
    given: dict[str, Any] = {name: shape for name in names if _SHAPE.match(name)}
    if not host.is_first:
        given |= uses.sizes(uses.roles(codes, names), shape)
    given |= {name: HyperParameters(host) for name in names if name in ("hp", "hyperparameters")}
    if names and _TENSOR.match(names[0]):
        given[names[0]] = KerasTensor(host, host.steps.add_input(sizes, "input", host.core.line))
    rows = {name: sizes[1] for name in names if _ROWS.match(name)}
    columns = {name: sizes[-1] for name in names if _COLUMNS.match(name)}
    # One of the two alone, or a depth without them, is rather the width or the depth of the network.
    if rows and columns and len(sizes) == 3:
        given |= rows | columns | {name: sizes[0] for name in names if _CHANNELS.match(name)}
    return given
