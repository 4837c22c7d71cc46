"""The table of `model.summary()` of Keras, and those of torchinfo and torchsummary, as source: layers in a row, worked
out of their shapes and numbers.
"""

from __future__ import annotations

import re
from math import prod
from typing import Any

from cnnstudio.formats.source.language.values import NotFollowed

_KERAS = re.compile(r"(\w[\w/.]*)\s*\((\w+)\)[\s│|]*[\[(]+(?:None|\d+)((?:,\s*\d+)*),?\s*[\])]+[\s│|]*([\d,]+)")
_INFO = re.compile(r"[├└│─\s]*(\w+): \d+-\d+\s+(?:\[[^\]]*\]\s+)??\[-?\d+((?:,\s*\d+)*)\]\s+([\d,]+|--|\(recursive\))")
_SUMMARY = re.compile(r"^\s*(\w+)-\d+\s+\[-1((?:,\s*\d+)*)\]\s+([\d,]+)", re.MULTILINE)
_SCRIPT = re.compile(r"^\s*(?:import|from)\s+\w", re.MULTILINE)
_TITLES = ("Layer (type", "Layer (type:depth-idx)")
_KINDS = {
    "Conv2d": "Conv2D",
    "Linear": "Dense",
    "MaxPool2d": "MaxPooling2D",
    "AvgPool2d": "AveragePooling2D",
    "BatchNorm2d": "BatchNormalization",
    "BatchNorm1d": "BatchNormalization",
    "Dropout2d": "SpatialDropout2D",
    "AdaptiveAvgPool2d": "GlobalAveragePooling2D",
}
_ACTIVATIONS = (
    *("ReLU", "ReLU6", "Sigmoid", "Tanh", "Softmax", "LogSoftmax", "GELU", "SiLU", "ELU", "LeakyReLU", "Activation"),
)
_CONTAINERS = ("Sequential", "ModuleList", "BasicBlock", "Bottleneck")
MAX_STRIDE = 8
NOTE = "A summary shows shapes and numbers alone: kernels, strides and paddings were worked out of them."
Row = tuple[str, list[int], int]


def as_source(text: str, channels: int | None = None) -> tuple[str, list[str]] | None:
    """The Keras source of a table, and what was assumed for it; None for a text that is none.

    `channels` are those of the input, where the user gives them.

    Raises NotFollowed for a table that does not tell enough.
    """
    # Many a script shows its summary in comments.
    if not any(title in text for title in _TITLES) or _SCRIPT.search(text):
        return None
    if "Connected to" in text:
        raise NotFollowed("is the summary of a network with branches, and shows no kernels; open its source.")
    rows = _rows(text)
    if not rows:
        return None
    worker = _Worker(channels)
    for row in rows:
        worker.add(*row)
    lines = [
        "import keras",
        "from keras import layers",
        f"model = keras.Sequential([keras.Input({worker.first_shape()}),",
        *[f"    {line}," for line in worker.lines],
        "])",
    ]
    return "\n".join(lines) + "\n", [NOTE, *worker.notes]


def _rows(text: str) -> list[Row]:
    """Kind, sizes with the channels last, and parameters of each layer."""
    found: list[Row] = []
    for line in _unwrapped(text):
        keras = _KERAS.search(line)
        if keras is not None:
            found.append((keras[2], _sizes(keras[3]), _number(keras[4])))
            continue
        other = _INFO.match(line) or _SUMMARY.match(line)
        if other is not None and other[1] not in _CONTAINERS:
            sizes = _sizes(other[2])
            kind = _KINDS.get(other[1], other[1])
            found.append((kind, [*sizes[1:], *sizes[:1]], _number(other[3])))
    return found


def _unwrapped(text: str) -> list[str]:
    """The lines of a table; a row that a frame of Keras 3 shows on several lines stands on one."""
    lines: list[str] = []
    row: list[str] = []
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.strip()[1:-1].split("│")] if line.startswith("│") else []
        if row and len(cells) == len(row) and not cells[-1]:
            row = [f"{before} {cell}".strip() for before, cell in zip(row, cells, strict=True)]
            lines[-1] = " │ ".join(row)
            continue
        row = cells
        lines.append(" │ ".join(cells) if cells else line)
    return lines


def _sizes(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", text)]


def _number(text: str) -> int:
    digits = text.replace(",", "")
    return int(digits) if digits.isdigit() else 0


class _Worker:
    """Works out layer after layer what a table leaves out."""

    def __init__(self, channels: int | None) -> None:
        self.channels = channels
        self.lines: list[str] = []
        self.notes: list[str] = []
        self.before: list[int] | None = None
        self.start: list[int] | None = None

    def first_shape(self) -> tuple[int, ...]:
        """The shape of the input. Raises NotFollowed if nothing tells it."""
        if self.start is None:
            raise NotFollowed("is a summary that does not tell the input of its first layer.")
        return tuple(self.start)

    def add(self, kind: str, sizes: list[int], parameters: int) -> None:
        """Adds a row of the table. Raises NotFollowed for a layer that it does not tell enough of."""
        is_recurrent = re.fullmatch(r"ConvLSTM[123]D", kind) is not None
        if self.before is not None and "Conv" in kind and len(self.before) != len(sizes) and not is_recurrent:
            raise NotFollowed(f"is a summary in which {kind} does not fit what is before it.")
        if kind == "InputLayer":
            self.start = self.before = sizes
            return
        if re.fullmatch(r"Conv[123]D", kind):
            line = self._convolution(kind, sizes, parameters)
        elif is_recurrent:
            line = self._conv_lstm(kind, sizes, parameters)
        elif kind in ("Dense",):
            line = self._dense(sizes, parameters)
        else:
            line = self._other(kind, sizes, parameters)
        if line:
            self.lines.append(line)
        self.before = sizes

    def _convolution(self, kind: str, sizes: list[int], parameters: int) -> str:
        filters, rank = sizes[-1], len(sizes) - 1
        stated = self.before[-1] if self.before is not None else self.channels
        known = [3, 1, 4] if stated is None else [stated]
        for channels in known:
            for bias in (filters, 0):
                kernel = _side(parameters - bias, channels * filters, rank)
                if kernel is not None:
                    return self._window(kind, sizes, kernel, channels, f"{filters}, {kernel}", bias=bool(bias))
        shape = ("", "square ", "cubic ")[rank - 1]
        raise NotFollowed(f"is a summary in which no {shape}kernel gives a {kind} {parameters:,} parameters.")

    def _window(self, kind: str, sizes: list[int], kernel: int, channels: int, given: str, *, bias: bool = True) -> str:
        before = self.before or self._assumed([side + kernel - 1 for side in sizes[:-1]], channels)
        steps = _steps(before[:-1], sizes[:-1], kernel)
        if steps is None:
            raise NotFollowed(f"is a summary in which no stride leads to {kind} of {sizes}.")
        return f"layers.{kind}({given}, {steps}{'' if bias else ', use_bias=False'})"

    def _conv_lstm(self, kind: str, sizes: list[int], parameters: int) -> str:
        """An LSTM of convolutions over a sequence of maps: a kernel a gate for the map and for the state."""
        rank, filters = int(kind[-2]), sizes[-1]
        given, is_sequence = len(self.before or sizes), len(sizes) == rank + 2
        if given != rank + 2 or not (is_sequence or len(sizes) == rank + 1):
            raise NotFollowed(f"is a summary in which {kind} does not fit what is before it.")
        known = [self.before[-1]] if self.before else [3, 1, 4] if self.channels is None else [self.channels]
        of_a_gate, rest = divmod(parameters, 4 * filters)
        sides = [(_side(of_a_gate - bias, at + filters, rank), at, bias) for at in known for bias in (1, 0)]
        kernel, channels, bias = next(((side, *other) for side, *other in sides if side and not rest), (0, 0, 0))
        map_sides = sizes[-rank - 1 : -1]
        before = self.before or self._assumed([sizes[0], *(side + kernel - 1 for side in map_sides)], channels)
        steps = _steps(before[1:-1], map_sides, kernel) if kernel else None
        if steps is None:
            raise NotFollowed(f"is a summary with {kind}, of which it does not tell enough; open its source.")
        more = (", return_sequences=True" if is_sequence else "") + ("" if bias else ", use_bias=False")
        return f"layers.{kind}({filters}, {kernel}, {steps}{more})"

    def _assumed(self, sizes: list[int], channels: int) -> list[int]:
        """The input, where no row tells it: that of a first layer without padding and stride."""
        self.before = self.start = [*sizes, channels]
        text = " × ".join(map(str, [channels, *sizes]))
        self.notes.append(f"The summary does not tell the input; {text} was worked out of an unpadded first layer.")
        return self.start

    def _dense(self, sizes: list[int], parameters: int) -> str:
        units = sizes[-1]
        line = f"layers.Dense({units})"
        if self.before is None:
            self.before = self.start = [(parameters - units) // units]
        features = self.before[-1]
        if len(self.before) > 1 and len(sizes) == 1:
            # PyTorch flattens in forward, which a table does not show.
            features, line = prod(self.before), f"layers.Flatten(), {line}"
        if parameters == features * units:
            line = line.replace(f"Dense({units})", f"Dense({units}, use_bias=False)")
        elif parameters != (features + 1) * units:
            raise NotFollowed(f"is a summary in which Dense does not fit {features:,} features.")
        return line

    def _pooling(self, kind: str, sizes: list[int]) -> str:
        sides = list(zip((self.before or sizes)[:-1], sizes[:-1], strict=False))
        pool = tuple(max(1, round(have / want)) for have, want in sides)
        for padding in ("valid", "same"):
            if all(_after(have, side, side, padding) == want for (have, want), side in zip(sides, pool, strict=True)):
                return f"layers.{kind}({pool}, padding='{padding}')"
        raise NotFollowed(f"is a summary in which no pool leads to {kind} of {sizes}.")

    def _other(self, kind: str, sizes: list[int], parameters: int) -> str:
        if parameters and kind != "BatchNormalization":
            raise NotFollowed(f"is a summary with {kind}, of which it does not tell enough; open its source.")
        if re.fullmatch(r"(?:Max|Average)Pooling[123]D", kind):
            return self._pooling(kind, sizes)
        simple: dict[str, Any] = {
            "Flatten": "Flatten()",
            "BatchNormalization": "BatchNormalization()",
            **{
                f"Global{word}Pooling{n}D": f"Global{word}Pooling{n}D()"
                for word in ("Average", "Max")
                for n in (1, 2, 3)
            },
            "Dropout": "Dropout(0.5)",
            "SpatialDropout2D": "SpatialDropout2D(0.5)",
        }
        if kind in simple:
            if "Dropout" in kind:
                self._note("A summary does not tell the rates of Dropout; 0.5 was assumed.")
            return f"layers.{simple[kind]}"
        if kind == "Reshape":
            return f"layers.Reshape({tuple(sizes)})"
        if re.fullmatch(r"UpSampling[123]D", kind) and self.before is not None and not sizes[0] % self.before[0]:
            return f"layers.{kind}({sizes[0] // self.before[0]})"
        if kind in _ACTIVATIONS:
            if kind == "Activation":
                self._note("A summary does not tell which functions its activations are; relu was assumed.")
            return "layers.Activation('relu')" if kind == "Activation" else f"layers.Activation('{_function(kind)}')"
        raise NotFollowed(f"is a summary with {kind}, of which it does not tell enough; open its source.")

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def _function(kind: str) -> str:
    return {"LogSoftmax": "log_softmax", "LeakyReLU": "leaky_relu"}.get(kind, kind.lower())


def _side(numbers: int, planes: int, rank: int) -> int | None:
    """The side of a kernel of so many numbers that is equal along all axes, None if there is none."""
    if numbers <= 0 or numbers % planes:
        return None
    side = round((numbers // planes) ** (1 / rank))
    return side if side**rank * planes == numbers else None


def _steps(before: list[int], after: list[int], kernel: int) -> str | None:
    """The stride and the padding with which a kernel makes these sizes of those; None if there are none."""
    for stride in range(1, MAX_STRIDE + 1):
        for padding in ("valid", "same"):
            sides = zip(before, after, strict=True)
            if all(_after(have, kernel, stride, padding) == want for have, want in sides):
                return f"strides={stride}, padding='{padding}'"
    return None


def _after(size: int, kernel: int, stride: int, padding: str) -> int:
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1
