"""Damaged, strange and hostile files: one sentence, and nothing in them is run."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import pytest

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError
from tests.formats.foreign import fuzz


def test_mutated_files_of_every_format_give_a_design_or_one_sentence() -> None:
    times = [seconds for _, seconds in fuzz.run(300, seed=18)]
    assert max(times) < fuzz.MAX_SECONDS


def test_the_samples_themselves_are_read(tmp_path: Path) -> None:
    for name, content in fuzz.seeds().items():
        path = tmp_path / name
        path.write_bytes(content)
        if name in ("net.safetensors", "net.pth"):
            with pytest.raises(FileError, match="holds weights alone, 1 tensors"):
                read_file(path)
        else:
            assert not analyze(read_file(path).design).errors, name


class _Attack:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("open('attacked', 'w').write('x')",)


def test_a_pickle_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("net/data.pkl", pickle.dumps({"weight": _Attack()}, protocol=2))
    path = tmp_path / "net.pth"
    path.write_bytes(content.getvalue())
    with pytest.raises(FileError, match="holds no tensors of weights"):
        read_file(path)
    assert not (tmp_path / "attacked").exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("net.tflite", b"\x1c\0\0\0TFL3" + bytes(40), "is a TensorFlow Lite model"),
        ("net.mat", b"MATLAB 5.0 MAT-file, Platform" + bytes(100), "exportONNXNetwork"),
        ("yolo.weights", bytes(64), "open the .cfg that belongs to it"),
        ("net.caffemodel", b"\x0a\x04test" + bytes(64), "open the .prototxt that belongs to it"),
        ("net.pkl", pickle.dumps([1, 2]), "is a Python pickle, which is never run"),
        ("saved_model.pb", b"\x08\x01\x12\x04test", "SavedModel, which holds no layers"),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(40), "is a picture"),
        ("net.gguf", b"GGUF\x03\0\0\0" + bytes(40), "language model in GGUF"),
        ("solver.prototxt", b'net: "train.prototxt"\nbase_lr: 0.01\n', "is a solver's file"),
        ("net.h5", b"\x89HDF\r\n\x1a\n" + bytes(100), "is not a Keras file that can be read|is an HDF5"),
    ],
)
def test_what_is_not_read_is_named_with_what_to_do_instead(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileError, match=sentence) as raised:
        read_file(path)
    assert len(raised.value.lines()) == 1


@pytest.mark.parametrize(
    ("offset", "value", "sentence"),
    [
        (8, 1, "holds 'config.json' under a password; save it without one."),
        (10, 14, "holds 'config.json' packed otherwise than zip archives usually are; pack it anew."),
    ],
)
def test_a_member_that_zip_archives_seldom_have_is_refused(
    tmp_path: Path, offset: int, value: int, sentence: str
) -> None:
    name = next(name for name in fuzz.seeds() if name.endswith(".keras"))
    content = bytearray(fuzz.seeds()[name])
    # Flags and the kind of packing in the directory, of the member whose name follows 46 bytes after its mark.
    for at in range(len(content)):
        if content.startswith(b"PK\x01\x02", at) and content.startswith(b"config.json", at + 46):
            content[at + offset] = value
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileError) as told:
        read_file(path)
    assert told.value.lines() == [f"{path}: {sentence}"]
