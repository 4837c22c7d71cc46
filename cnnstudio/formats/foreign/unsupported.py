"""Files that hold networks, or something like them, and are not read: what each is, and what to export instead."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from cnnstudio.formats.content import Sample

_KERAS = "save the model as .keras, by model.save('model.keras')"
_ONNX = "export the network to ONNX"
_PT2 = "export the model to .pt2, by torch.export.save(torch.export.export(model, (example,)), 'model.pt2')"


class Unsupported(Struct, frozen=True):
    """A kind of file that is not read: how it is recognized, and the sentence for it."""

    recognizes: Callable[[Sample], bool]
    sentence: str


def _starts(*beginnings: bytes) -> Callable[[Sample], bool]:
    return lambda sample: sample.head.startswith(beginnings)


def _ends(*suffixes: str) -> Callable[[Sample], bool]:
    return lambda sample: sample.suffix in suffixes


def _is_numpy_archive(sample: Sample) -> bool:
    return bool(sample.members) and all(name.endswith(".npy") for name in sample.members)


def _holds(*names: str) -> Callable[[Sample], bool]:
    return lambda sample: any(name.rpartition("/")[2] in names for name in sample.members)


UNSUPPORTED: tuple[Unsupported, ...] = (
    Unsupported(
        # FlatBuffers have their signature after the offset of the root table.
        lambda sample: sample.head[4:8] == b"TFL3",
        f"is a TensorFlow Lite model, which is not read; {_KERAS} or {_ONNX}.",
    ),
    Unsupported(
        _holds("saved_model.pb"), f"is a packed TensorFlow SavedModel, which holds no layers to read; {_KERAS}."
    ),
    Unsupported(_ends(".pb"), f"is a TensorFlow graph or SavedModel, which holds no layers to read; {_KERAS}."),
    Unsupported(
        _starts(b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file"),
        "is a MATLAB file, whose networks are not read; export the network by exportONNXNetwork(net, 'net.onnx').",
    ),
    Unsupported(_ends(".weights"), "holds the weights of a Darknet network; open the .cfg that belongs to it."),
    Unsupported(_ends(".caffemodel"), "holds the weights of a Caffe network; open the .prototxt that belongs to it."),
    Unsupported(_starts(b"GGUF", b"ggml"), f"holds the weights of a language model in GGUF; {_ONNX}."),
    Unsupported(_ends(".mlmodel", ".mlpackage"), f"is a Core ML model, which is not read; {_ONNX}."),
    Unsupported(_ends(".pdmodel", ".pdparams"), f"is a PaddlePaddle file, which is not read; {_ONNX}, by paddle2onnx."),
    Unsupported(
        lambda sample: sample.suffix in (".xml", ".bin") and b"<net" in sample.head,
        f"is an OpenVINO model, which is not read; {_ONNX} before it is converted.",
    ),
    Unsupported(_ends(".engine", ".plan", ".trt"), "is an engine of TensorRT; open the ONNX file that it was made of."),
    Unsupported(
        # The number by which torch.save began before it made zip archives.
        lambda sample: sample.head.startswith(b"\x80") and b"\xf9 j\xa8P" in sample.head[:64],
        "is a checkpoint of PyTorch before 1.6; load it with torch.load and save it again with torch.save.",
    ),
    Unsupported(
        lambda sample: len(sample.head) > 2 and sample.head[0] == 0x80 and 2 <= sample.head[1] <= 5,
        f"is a Python pickle, which is never run; if it holds a network, {_PT2}.",
    ),
    Unsupported(_starts(b"\x93NUMPY"), f"is a NumPy array, and not a network; {_ONNX}."),
    Unsupported(_is_numpy_archive, f"holds NumPy arrays alone, without the network; {_ONNX}."),
    Unsupported(
        _starts(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"RIFF"),
        "is a picture or a document, and not a network.",
    ),
    Unsupported(
        _starts(b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ"),
        "is a compressed archive; unpack it and open the file with the network.",
    ),
    Unsupported(
        # A tar archive has its signature in the header of its first file.
        lambda sample: sample.head[257:262] == b"ustar",
        "is a tar archive; unpack it and open the file with the network.",
    ),
    Unsupported(
        # Last of the archives: all that are read have been tried by then.
        lambda sample: sample.head.startswith(b"PK\x03\x04"),
        "is a zip archive without a network that can be read; unpack it and open the file with the network.",
    ),
    Unsupported(
        lambda sample: sample.head.startswith(b"\x89HDF"),
        f"is an HDF5 file without a model; {_KERAS}.",
    ),
)
"""Every such kind, in the order in which they are tried."""


def sentence_for(sample: Sample) -> str | None:
    """The kind of a file and what to do instead; None if nothing is known of it."""
    return next((kind.sentence for kind in UNSUPPORTED if kind.recognizes(sample)), None)


def is_unsupported(sample: Sample) -> bool:
    """True if a file is of a kind that is known and not read."""
    return sentence_for(sample) is not None
