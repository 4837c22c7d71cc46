"""Files of other programs: how long they take to read, against the onnx package where it is installed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from cnnstudio.formats import read_file
from tests.benchmarks.measuring import Result, duration, medians
from tests.formats.foreign.truth import FOLDER

CONVOLUTIONS = 53
"""As many as ResNet-50 has."""
RESNET_BYTES, LARGE_BYTES = 100_000_000, 500_000_000
GOALS = {"Keras, ResNet-50": 0.020, "ONNX of 100 MB": 0.020, "ONNX of 500 MB": 0.050}
"""The seconds that reading a file may take."""

Piece = bytes | int
"""Bytes, or as many zeros as the number says."""


def results() -> Iterator[Result | str]:
    """A Keras file and two ONNX files, written sparse, since their weights are never read."""
    with TemporaryDirectory() as folder:
        keras, small, large = (Path(folder, name) for name in ("resnet50.json", "small.onnx", "large.onnx"))
        keras.write_bytes(gzip.decompress((FOLDER / "keras" / "ResNet50.json.gz").read_bytes()))
        write_sparse(small, RESNET_BYTES)
        write_sparse(large, LARGE_BYTES)
        paths = dict(zip(GOALS, (keras, small, large), strict=True))
        times = medians([partial(read_file, path) for path in paths.values()], seconds=4)
        for (name, goal), seconds in zip(GOALS.items(), times, strict=True):
            verdict = "met" if seconds <= goal else "MISSED"
            yield f"{name}: {duration(seconds)}; goal {goal * 1000:g} ms: {verdict}"
        try:
            from onnx import load
        except ImportError:
            yield "onnx is not installed, so that nothing is measured against it: pip install onnx"
            return
        ours, theirs = medians([partial(read_file, small), partial(load, str(small))], seconds=6)
        yield Result("ONNX of 100 MB, read as a design", "onnx.load", ours, theirs, 1 / 20)


def write_sparse(path: Path, weight_bytes: int) -> None:
    """An ONNX file of a chain of 1 × 1 convolutions whose weights are so many zeros, which take no room on a disk."""
    channels = max(8, int((weight_bytes / CONVOLUTIONS / 4) ** 0.5))
    pieces: list[Piece] = [_text(2, "sparse"), _message(11, _value_info("x0", channels))]
    for index in range(CONVOLUTIONS):
        node = b"".join(
            (
                _text(1, f"x{index}"),
                _text(1, f"w{index}"),
                _text(2, f"x{index + 1}"),
                _text(3, f"conv{index}"),
                _text(4, "Conv"),
            )
        )
        pieces.append(_message(1, node))
        head = _number(1, channels) * 2 + _number(1, 1) * 2 + _number(2, 1) + _text(8, f"w{index}")
        size = 4 * channels * channels
        head += _varint(9 << 3 | 2) + _varint(size)
        pieces += [_varint(5 << 3 | 2) + _varint(len(head) + size) + head, size]
    pieces.append(_message(12, _text(1, f"x{CONVOLUTIONS}")))
    length = sum(len(piece) if isinstance(piece, bytes) else piece for piece in pieces)
    opset = _message(8, _text(1, "") + _number(2, 17))
    with path.open("wb") as file:
        file.write(_number(1, 8) + opset + _varint(7 << 3 | 2) + _varint(length))
        for piece in pieces:
            if isinstance(piece, bytes):
                file.write(piece)
            else:
                file.seek(piece, 1)
        file.truncate()


def _value_info(name: str, channels: int) -> bytes:
    dims = b"".join(_message(1, _number(1, size)) for size in (1, channels, 7, 7))
    tensor = _number(1, 1) + _message(2, dims)
    return _text(1, name) + _message(2, _message(1, tensor))


def _varint(value: int) -> bytes:
    result = b""
    while value > 0x7F:
        result += bytes([value & 0x7F | 0x80])
        value >>= 7
    return result + bytes([value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())
