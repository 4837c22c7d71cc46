"""The recognition of each foreign format, by the first bytes of a file and by what an archive lists."""

from __future__ import annotations

import re

from cnnstudio.formats.content import Sample

HDF5 = b"\x89HDF\r\n\x1a\n"
_KERAS_JSON = re.compile(rb"""^\s*\{.*"class_name"\s*:""", re.DOTALL)
_PROTOTXT = re.compile(
    rb"""^\s*(?:layers?\s*:?\s*\{|input\s*:\s*["']|input_dim\s*:|input_shape\s*:?\s*\{)""", re.MULTILINE
)
_PYTHON = re.compile(rb"^(?:from|import)[ \t]+(?:torch|keras|tensorflow|tf_keras|torchvision)\b", re.MULTILINE)
_NOTEBOOK = re.compile(rb"""^\s*\{.*"cells"\s*:""", re.DOTALL)
_PRINTED = re.compile(rb"^\w+\(\r?\n\s+\(\w+\): |^\s*[^\w\n]*\s*Layer \(type", re.MULTILINE)
_FRAGMENT = re.compile(rb"\b(?:nn|layers|keras)\.\w+\(|\bSequential\(|\bclass \w+\([\w.]*(?:Module|Model)\)")
_SOURCES = (".py", ".ipynb")
MAX_LOOKED_AT = 20_000
_SOLVER = re.compile(rb"^\s*base_lr\s*:", re.MULTILINE)
_DARKNET = re.compile(rb"^\s*\[(?:net|network)\]\s*$", re.MULTILINE)


def is_keras_archive(sample: Sample) -> bool:
    """A zip with the configuration of a model."""
    return "config.json" in sample.members and ("metadata.json" in sample.members or sample.suffix == ".keras")


def is_keras_json(sample: Sample) -> bool:
    """A JSON object with a class name near its beginning."""
    return _KERAS_JSON.search(sample.head) is not None


def is_hdf5(sample: Sample) -> bool:
    """The signature of HDF5."""
    return sample.head.startswith(HDF5)


def is_exported_program(sample: Sample) -> bool:
    """A zip of torch.export, of today or of its first years."""
    return any(
        name.endswith(("/archive_format", "serialized_exported_program.json"))
        or ("/models/" in name and name.endswith(".json"))
        for name in sample.members
    )


def is_torchscript(sample: Sample) -> bool:
    """A zip of PyTorch with code in it."""
    # Checked before checkpoints, because TorchScript holds a data.pkl as well.
    return any("/code/" in name for name in sample.members) and any(
        name.endswith(("/data.pkl", "/constants.pkl")) for name in sample.members
    )


def is_checkpoint(sample: Sample) -> bool:
    """A zip of PyTorch without code."""
    return any(name.rpartition("/")[2] == "data.pkl" for name in sample.members) and not is_torchscript(sample)


def is_safetensors(sample: Sample) -> bool:
    """The length of a header, and the header, which is JSON."""
    # The format has no signature: it begins with the length of its header, which safetensors bounds by 100 MB.
    length = int.from_bytes(sample.head[:8], "little")
    return len(sample.head) > 9 and sample.head[8:9] == b"{" and 2 <= length < 100_000_000


def is_prototxt(sample: Sample) -> bool:
    """Text with layers in braces, or a solver's."""
    # A text has none; a binary model may hold the same words, and so may source: `input_dim: int`.
    if b"\0" in sample.head or sample.suffix in _SOURCES:
        return False
    return _PROTOTXT.search(sample.head) is not None or (
        sample.suffix == ".prototxt" or _SOLVER.search(sample.head) is not None
    )


def is_darknet(sample: Sample) -> bool:
    """Text with a section [net]."""
    return b"\0" not in sample.head and _DARKNET.search(sample.head) is not None


def is_onnx(sample: Sample) -> bool:
    """The first fields of a ModelProto."""
    from cnnstudio.formats.foreign.onnx.recognition import is_onnx as begins_model

    return begins_model(sample.head)


def is_source(text: str) -> bool:
    """True for a text that seems to be source code of a network, or what a framework prints of one."""
    content = text[:MAX_LOOKED_AT].encode(errors="replace")
    return any(pattern.search(content) for pattern in (_PYTHON, _PRINTED, _FRAGMENT))


def is_python(sample: Sample) -> bool:
    """A text that imports a framework, or a notebook, by its suffix or its beginning."""
    if sample.suffix in _SOURCES:
        return True
    return any(pattern.search(sample.head) for pattern in (_PYTHON, _NOTEBOOK, _PRINTED))
