"""`.cfg` files of Darknet as drafts: sections with the same names in the order of the layers.

https://github.com/AlexeyAB/darknet/wiki/CFG-Parameters-in-the-different-layers
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import NO_NUMBERS, Draft, placeholder
from cnnstudio.formats.foreign.refusals import NotUnderstood, require_axes
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.foreign.wire.buffers import mapped
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D, DepthwiseConv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.normalization import BatchNorm, LocalResponseNorm
from cnnstudio.layers.pooling import AvgPool2D, GlobalAvgPool, MaxPool2D
from cnnstudio.layers.regularization import Dropout
from cnnstudio.layers.reshaping import Slice, Upsample
from cnnstudio.layers.structure import Identity, Input
from cnnstudio.layers.transposed import ConvTranspose2D

MAX_BYTES = 8_000_000
_FUNCTIONS = {
    "logistic": "sigmoid",
    "loggy": "sigmoid",
    "relu": "relu",
    "leaky": "leaky_relu",
    "tanh": "tanh",
    "elu": "elu",
    "selu": "selu",
    "mish": "mish",
    "swish": "silu",
    "gelu": "gelu",
    "relu6": "relu6",
    "hardtan": "hard_tanh",
}
_IGNORED = ("cost", "crnn", "detection", "region", "yolo", "Gaussian_yolo", "gaussian_yolo", "softmax", "contrastive")


class Section(Struct, frozen=True):
    """One section: its name, its options, and the line on which it begins."""

    name: str
    options: dict[str, str]
    line: int

    def integer(self, name: str, default: int) -> int:
        """A whole number."""
        text = self.options.get(name)
        try:
            # Darknet itself reads them by C's `atoi`, which takes `64.0` for 64.
            return default if text is None else int(float(text))
        except (ValueError, OverflowError):
            raise self.refusal(f"states '{text}' for {name}, which is no whole number") from None

    def number(self, name: str, default: float) -> float:
        """A number."""
        text = self.options.get(name)
        try:
            return default if text is None else float(text)
        except ValueError:
            raise self.refusal(f"states '{text}' for {name}, which is no number") from None

    def integers(self, name: str) -> list[int]:
        """Whole numbers, separated by commas."""
        parts = [part.strip() for part in self.options.get(name, "").split(",") if part.strip()]
        try:
            return [int(part) for part in parts]
        except ValueError:
            raise self.refusal(f"states '{self.options[name]}' for {name}, which are no whole numbers") from None

    def refusal(self, sentence: str) -> NotUnderstood:
        """The refusal of this section."""
        return NotUnderstood(f"line {self.line}: [{self.name}] {sentence}.")


def read_cfg(path: Path, input_size: tuple[int, ...] | None) -> Source:
    """A `.cfg` file."""
    with mapped(path) as content:
        if len(content) > MAX_BYTES:
            raise NotUnderstood(f"has {len(content) / 1e6:,.0f} MB; a .cfg has at most 8 MB.")
        sections = _sections(bytes(content).decode("utf-8", "replace"))
    if not sections or sections[0].name not in ("net", "network"):
        raise NotUnderstood("is no .cfg of Darknet: it does not begin with [net].")
    draft = Draft("pytorch")
    _Reader(draft, sections, input_size).read()
    return Source("darknet", "Darknet", path.stem, draft)


def _sections(text: str) -> list[Section]:
    sections: list[Section] = []
    for number, line in enumerate(text.splitlines(), 1):
        # By hand: sections repeat under one name, which configparser refuses or merges.
        plain = line.split("#")[0].split(";")[0].strip()
        if plain.startswith("["):
            sections.append(Section(plain.strip("[] \t"), {}, number))
        elif "=" in plain and sections:
            key, _, value = plain.partition("=")
            sections[-1].options[key.strip()] = value.strip()
        elif plain:
            raise NotUnderstood(f"line {number}: '{plain[:40]}' is neither a section nor an option.")
    return sections


class _Reader:
    """Reads the sections one by one; `ends` are the steps with which the layers end, in Darknet's own counting."""

    def __init__(self, draft: Draft, sections: list[Section], input_size: tuple[int, ...] | None) -> None:
        self.draft = draft
        self.sections = sections
        self.wanted = input_size
        self.ends: list[int] = []
        self.outputs: list[int] = []
        self.last = 0

    def read(self) -> None:
        self._input(self.sections[0])
        for number, section in enumerate(self.sections[1:]):
            rule = _RULES.get(section.name)
            if section.name in _IGNORED:
                self._output(section, number)
            elif rule is None:
                raise section.refusal("is a kind of layer that is not read; export the network to ONNX")
            else:
                self.last = rule(self, section, f"{number:03d}_{section.name}")
            # Also for sections that add nothing: `route` and `shortcut` count all of them.
            self.ends.append(self.last)
        if not self.sections[1:]:
            raise NotUnderstood("describes no layers.")
        self.draft.outputs = list(dict.fromkeys([*self.outputs, self.last]))

    def _input(self, net: Section) -> None:
        height, width = net.integer("height", 0), net.integer("width", 0)
        sizes = (net.integer("channels", 3), height, width)
        if self.wanted is not None:
            require_axes(self.wanted, 3, "image")
            if self.wanted != sizes:
                self.draft.assumed.append(f"The input is {' × '.join(map(str, self.wanted))}, as asked for.")
            sizes = (self.wanted[0], self.wanted[1], self.wanted[2])
        elif not height or not width:
            sizes = (sizes[0], 416, 416)
            self.draft.assumed.append("The file states no input size; 416 × 416 was assumed.")
        if min(sizes) < 1:
            raise net.refusal("states an impossible input size")
        self.last = self.draft.add(Input(channels=sizes[0], size=sizes[1:]), ("image",), ())

    def _output(self, section: Section, number: int) -> None:
        """Layers that turn an output into boxes or a loss change no shape; softmax is a function."""
        if section.name == "softmax":
            self.last = self.add(Activation(function="softmax"), f"{number:03d}_softmax")
        elif section.name != "cost":
            self.outputs.append(self.last)

    def add(self, layer: Layer, name: str, *sources: int) -> int:
        """Adds a layer on the last one, or on others."""
        return self.draft.add(layer, (name,), sources or (self.last,))

    def channels(self) -> int:
        """The channels of the last output."""
        return self.draft.steps[self.last].shape.channels

    def end(self, section: Section, index: int) -> int:
        """The step of a layer by its number: negative ones count back from here."""
        place = len(self.ends) + index if index < 0 else index
        if not 0 <= place < len(self.ends):
            raise section.refusal(f"names the layer {index}, which is not before it")
        return self.ends[place]

    def activate(self, section: Section, name: str, default: str) -> None:
        """The activation that a section ends in."""
        word = section.options.get("activation", default)
        if word == "linear":
            return
        function = _FUNCTIONS.get(word)
        values: dict[str, Any] = {"function": function, **({"slope": 0.1} if word == "leaky" else {})}
        shape = self.draft.steps[self.last].shape
        layer = placeholder(shape, NO_NUMBERS, 0) if function is None else LAYER_TYPES["Activation"](**values)
        self.last = self.add(layer, f"{name}_{word}")


def _padding(section: Section, size: int) -> int:
    # `pad` is a switch for half the kernel; the amount has a word of its own, `padding`.
    return size // 2 if section.integer("pad", 0) else section.integer("padding", 0)


def _convolutional(reader: _Reader, section: Section, name: str) -> int:
    """pad=1 is half the kernel; with a normalization there is no bias."""
    size, stride = section.integer("size", 1), section.integer("stride", 1)
    filters, groups = section.integer("filters", 1), section.integer("groups", 1)
    normalizes = bool(section.integer("batch_normalize", 0))
    padding = _padding(section, size)
    values: dict[str, Any] = {
        "kernel_size": size,
        "stride": stride,
        "padding": padding if padding else "valid",
        "dilation": section.integer("dilation", 1),
        "bias": not normalizes,
    }
    if 1 < groups == reader.channels() == filters:
        reader.last = reader.add(DepthwiseConv2D(**values), name)
    else:
        reader.last = reader.add(Conv2D(filters=filters, groups=groups, **values), name)
    if normalizes:
        reader.last = reader.add(BatchNorm(epsilon=1e-6), f"{name}_bn")
    reader.activate(section, name, "logistic")
    return reader.last


def _deconvolutional(reader: _Reader, section: Section, name: str) -> int:
    size = section.integer("size", 1)
    normalizes = bool(section.integer("batch_normalize", 0))
    padding = _padding(section, size)
    layer = ConvTranspose2D(
        filters=section.integer("filters", 1),
        kernel_size=size,
        stride=section.integer("stride", 1),
        padding=padding if padding else "valid",
        bias=not normalizes,
    )
    reader.last = reader.add(layer, name)
    if normalizes:
        reader.last = reader.add(BatchNorm(epsilon=1e-6), f"{name}_bn")
    reader.activate(section, name, "logistic")
    return reader.last


def _maxpool(reader: _Reader, section: Section, name: str) -> int:
    """The padding is size − 1 in all, of which half comes first."""
    stride = section.integer("stride", 1)
    size = section.integer("size", stride)
    # So a pool of size 2 and stride 1 keeps the size of its map, as YOLO needs it.
    total = section.integer("padding", size - 1)
    values: dict[str, Any] = {"pool_size": size, "stride": stride}
    shape = reader.draft.steps[reader.last].shape
    ends = []
    for length in shape.spatial:
        outputs = (length + total - size) // stride + 1
        begin = total // 2
        ends.append((begin, max(0, (outputs - 1) * stride + size - length - begin)))
    if any(begin or end for begin, end in ends):
        values["padding"] = tuple(ends)
    return reader.add(MaxPool2D(**values), name)


def _avgpool(reader: _Reader, section: Section, name: str) -> int:
    """Without a size it is over the whole map."""
    if "size" in section.options:
        size = section.integer("size", 2)
        return reader.add(AvgPool2D(pool_size=size, stride=section.integer("stride", size)), name)
    return reader.add(GlobalAvgPool(keepdims=True), name)


def _connected(reader: _Reader, section: Section, name: str) -> int:
    normalizes = bool(section.integer("batch_normalize", 0))
    reader.last = reader.add(Dense(units=section.integer("output", 1), bias=not normalizes), name)
    if normalizes:
        reader.last = reader.add(BatchNorm(epsilon=1e-6), f"{name}_bn")
    reader.activate(section, name, "logistic")
    return reader.last


def _route(reader: _Reader, section: Section, name: str) -> int:
    """Earlier layers one after the other, or a group of the channels of one."""
    sources = [reader.end(section, index) for index in section.integers("layers")]
    if not sources:
        raise section.refusal("names no layers")
    groups = section.integer("groups", 1)
    if groups > 1:
        index = section.integer("group_id", 0)
        sources = [_part(reader, section, source, groups, index, name) for source in sources]
    return reader.add(Concat(), name, *sources) if len(sources) > 1 else sources[0]


def _part(reader: _Reader, section: Section, source: int, groups: int, index: int, name: str) -> int:
    channels = reader.draft.steps[source].shape.channels
    if channels % groups or not 0 <= index < groups:
        raise section.refusal(f"takes the group {index} of {groups}, which {channels} channels do not have")
    each = channels // groups
    return reader.add(Slice(start=index * each, stop=(index + 1) * each), f"{name}_group", source)


def _shortcut(reader: _Reader, section: Section, name: str) -> int:
    """The sum with earlier layers of the same shape."""
    sources = [reader.end(section, index) for index in section.integers("from")]
    if not sources:
        raise section.refusal("names no layer to add")
    shape = reader.draft.steps[reader.last].shape
    if any(reader.draft.steps[source].shape != shape for source in sources):
        raise section.refusal("adds maps of different shapes, of which Darknet takes a part; this is not read")
    reader.last = reader.add(LAYER_TYPES["Add"](), name, reader.last, *sources)
    reader.activate(section, name, "linear")
    return reader.last


def _scale_channels(reader: _Reader, section: Section, name: str) -> int:
    """An earlier map times the last output, one number a channel."""
    source = reader.end(section, section.integers("from")[0])
    reader.last = reader.add(LAYER_TYPES["Multiply"](), name, source, reader.last)
    reader.activate(section, name, "linear")
    return reader.last


def _sam(reader: _Reader, section: Section, name: str) -> int:
    """Spatial attention: an earlier map times the last output."""
    return _scale_channels(reader, section, name)


def _upsample(reader: _Reader, section: Section, name: str) -> int:
    return reader.add(Upsample(scale=section.integer("stride", 2)), name)


def _dropout(reader: _Reader, section: Section, name: str) -> int:
    rate = section.number("probability", 0.5)
    if not 0 <= rate < 1:
        raise section.refusal(f"drops with the probability {rate:g}")
    return reader.add(Dropout(rate=rate), name)


def _activation(reader: _Reader, section: Section, name: str) -> int:
    reader.activate(section, name, "linear")
    return reader.last


def _normalization(reader: _Reader, section: Section, name: str) -> int:
    return reader.add(LocalResponseNorm(size=section.integer("size", 5)), name)


def _batchnorm(reader: _Reader, _section: Section, name: str) -> int:
    return reader.add(BatchNorm(epsilon=1e-6), name)


def _identity(reader: _Reader, _section: Section, name: str) -> int:
    return reader.add(Identity(), name)


_RULES = {
    "convolutional": _convolutional,
    "conv": _convolutional,
    "deconvolutional": _deconvolutional,
    "maxpool": _maxpool,
    "max": _maxpool,
    "avgpool": _avgpool,
    "avg": _avgpool,
    "connected": _connected,
    "conn": _connected,
    "route": _route,
    "shortcut": _shortcut,
    "scale_channels": _scale_channels,
    "sam": _sam,
    "upsample": _upsample,
    "dropout": _dropout,
    "activation": _activation,
    "normalization": _normalization,
    "batchnorm": _batchnorm,
    "crop": _identity,
}
