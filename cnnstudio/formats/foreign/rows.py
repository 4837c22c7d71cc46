"""The foreign formats, one row each: how a file is recognized by its content, and the reader that it is given to.

A reader is imported when a file is read, so that a start pays for none.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import structs

from cnnstudio.formats.content import Sample, refusal
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.foreign import recognition, unsupported
from cnnstudio.formats.format import Format, ReadOptions


def _row(
    key: str,
    title: str,
    suffixes: tuple[str, ...],
    recognizes: Callable[[Sample], bool],
    what: str,
    reader: str,
    *,
    asks: bool = False,
) -> Format:
    """A row; `reader` names a module and in it the function that gives a `Source`, or a design with its report.

    It takes the path and the size of the input, or all of the user's options where it `asks` for more.
    """

    def read(path: Path, options: ReadOptions) -> DesignFile:
        from cnnstudio.formats.foreign.assembly.finishing import finished
        from cnnstudio.formats.foreign.refusals import guarded

        module, _, function = reader.rpartition(".")
        read_source = getattr(import_module(f"cnnstudio.formats.{module}"), function)

        def whole() -> DesignFile:
            source: Any = read_source(path, options if asks else options.input_size)
            file = source if isinstance(source, DesignFile) else finished(source, fold=options.fold)
            assert file.report is not None
            return structs.replace(file, report=structs.replace(file.report, source=str(path)))

        return guarded(path, what, whole)

    return Format(key, title, suffixes, recognizes, read)


def _refuse(path: Path, _options: ReadOptions) -> DesignFile:
    raise refusal(path, unsupported.sentence_for(Sample(path)) or "is not a network that can be read.")


FOREIGN: tuple[Format, ...] = (
    _row(
        "keras",
        "Keras models",
        (".keras",),
        recognition.is_keras_archive,
        "a Keras file",
        "foreign.keras.files.read_keras_archive",
    ),
    _row(
        "keras-h5",
        "Keras models in HDF5",
        (".h5", ".hdf5"),
        recognition.is_hdf5,
        "a Keras file",
        "foreign.keras.files.read_keras_hdf5",
    ),
    _row(
        "keras-json",
        "Keras models in JSON",
        (".json",),
        recognition.is_keras_json,
        "a Keras file",
        "foreign.keras.files.read_keras_json",
    ),
    _row(
        "pt2",
        "PyTorch exported programs",
        (".pt2",),
        recognition.is_exported_program,
        "a .pt2 file",
        "foreign.torch.exported_program.read_exported_program",
    ),
    _row(
        "torchscript",
        "TorchScript",
        (".pt",),
        recognition.is_torchscript,
        "a TorchScript file",
        "foreign.torch.script.files.read_torchscript",
    ),
    _row(
        "checkpoint",
        "PyTorch checkpoints",
        (".pt", ".pth"),
        recognition.is_checkpoint,
        "a PyTorch checkpoint",
        "foreign.checkpoints.files.read_checkpoint",
    ),
    _row(
        "safetensors",
        "safetensors",
        (".safetensors",),
        recognition.is_safetensors,
        "a .safetensors file",
        "foreign.checkpoints.files.read_safetensors",
    ),
    _row(
        "caffe",
        "Caffe networks",
        (".prototxt",),
        recognition.is_prototxt,
        "a .prototxt file",
        "foreign.caffe.files.read_prototxt",
    ),
    _row(
        "darknet",
        "Darknet networks",
        (".cfg",),
        recognition.is_darknet,
        "a .cfg file",
        "foreign.darknet.files.read_cfg",
    ),
    _row(
        "python",
        "Python source and notebooks",
        (".py", ".ipynb"),
        recognition.is_python,
        "Python source",
        "source.files.read_source",
        asks=True,
    ),
    Format("unsupported", "Other files", (), unsupported.is_unsupported, _refuse),
    _row("onnx", "ONNX models", (".onnx",), recognition.is_onnx, "an ONNX file", "foreign.onnx.files.read_onnx"),
)
"""Every foreign format, in the order in which they are tried; ONNX has no signature and comes last."""
