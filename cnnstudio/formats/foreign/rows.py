"""The foreign formats, one row each: how a file is recognized by its content, and the reader that it is given to.

A reader is imported when a file is read, so that a start pays for none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from cnnstudio.formats.content import Sample
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.format import Format, ReadOptions

HDF5 = b"\x89HDF\r\n\x1a\n"
_KERAS_JSON = re.compile(rb"""^\s*\{.*"class_name"\s*:""", re.DOTALL)


def _row(
    key: str, title: str, suffixes: tuple[str, ...], recognizes: Callable[[Sample], bool], what: str, reader: str
) -> Format:
    """A row; `reader` names a module and in it the function that gives a `Source`."""

    def read(path: Path, options: ReadOptions) -> DesignFile:
        from cnnstudio.formats.foreign.assembly.finishing import finished
        from cnnstudio.formats.foreign.refusals import guarded

        module, _, function = reader.rpartition(".")
        read_source = getattr(import_module(f"cnnstudio.formats.foreign.{module}"), function)
        return guarded(path, what, lambda: finished(read_source(path, options.input_size), fold=options.fold))

    return Format(key, title, suffixes, recognizes, read)


def _is_keras_archive(sample: Sample) -> bool:
    return "config.json" in sample.members and ("metadata.json" in sample.members or sample.suffix == ".keras")


def _is_keras_json(sample: Sample) -> bool:
    return _KERAS_JSON.search(sample.head) is not None


def _is_hdf5(sample: Sample) -> bool:
    return sample.head.startswith(HDF5)


def _is_exported(sample: Sample) -> bool:
    return any(
        name.endswith(("/archive_format", "serialized_exported_program.json")) or "/models/" in name
        for name in sample.members
    )


def _is_onnx(sample: Sample) -> bool:
    from cnnstudio.formats.foreign.onnx.recognition import is_onnx

    return is_onnx(sample.head)


FOREIGN: tuple[Format, ...] = (
    _row("keras", "Keras models", (".keras",), _is_keras_archive, "a Keras file", "keras.files.read_keras_archive"),
    _row("keras-h5", "Keras HDF5", (".h5", ".hdf5"), _is_hdf5, "a Keras file", "keras.files.read_keras_hdf5"),
    _row("keras-json", "Keras JSON", (".json",), _is_keras_json, "a Keras file", "keras.files.read_keras_json"),
    _row(
        "pt2",
        "PyTorch exported programs",
        (".pt2",),
        _is_exported,
        "a .pt2 file",
        "torch.exported_program.read_exported_program",
    ),
    _row("onnx", "ONNX models", (".onnx",), _is_onnx, "an ONNX file", "onnx.files.read_onnx"),
)
"""Every foreign format, in the order in which they are tried."""
