"""One row a format: open, drop, save, dialogs and command line know a format that is added to the tuple."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio import formats
from cnnstudio.core.network.design import Design
from cnnstudio.formats import DESIGN, FORMATS, format_of, read_file, write_file
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.content import Sample
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.format import ReadOptions, input_size_from
from tests.networks import MAP
from tests.stone import REPORT

YAML = "cnnstudio: 1\nname: Mine\nlayers:\n- {type: Input, size: 8, channels: 3}\n"


def _file(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", ["3,224,224", "3x224x224", "3 × 224 × 224", " 3; 224 224 "])
def test_an_input_size_is_read_as_people_write_it(text: str) -> None:
    assert input_size_from(text) == (3, 224, 224)


@pytest.mark.parametrize(
    "text", ["", "3,", "+3,8,8", "1_0", "3,0,8", "3,8.5", "\uff13,8,8", "1,2,3,4,5,6", f"3,{10**9 + 1}"]
)
def test_what_is_no_input_size_is_none(text: str) -> None:
    assert input_size_from(text) is None


def test_keys_and_suffixes_tell_formats_apart() -> None:
    keys = [row.key for row in FORMATS]
    assert len(set(keys)) == len(keys)
    for row in FORMATS:
        assert row.title
        assert row.suffixes or row.key == "unsupported"
        assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in row.suffixes), row.key


@pytest.mark.usefixtures("stone")
@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.yaml", YAML, "design"),
        ("a.stone", YAML, "design"),
        ("a.txt", '{"cnnstudio": 1, "layers": []}', "design"),
        ("a.yaml", "\ufeff# mine\ncnnstudio: 1\n", "design"),
        ("a.yaml", "STONE", "stone"),
        ("a", "STONE", "stone"),
        ("a.Rock", "sand", "stone"),
        ("a.yml", "layers: []", "design"),
        ("a.bin", "sand: cnnstudio", "design"),
        ("empty", "", "design"),
    ],
)
def test_the_content_says_the_format_before_the_suffix_does(
    tmp_path: Path, name: str, content: str, expected: str
) -> None:
    assert format_of(_file(tmp_path, name, content)).key == expected


@pytest.mark.usefixtures("stone")
def test_what_is_imported_comes_with_a_report(tmp_path: Path) -> None:
    path = _file(tmp_path, "net.stone", "STONE")
    file = read_file(path, ReadOptions(input_size=(4, 8, 8)))
    assert (file.design.name, file.design.layers[0], file.report) == ("net", MAP, REPORT)
    assert open_design(str(path)).report is not None
    assert read_file(_file(tmp_path, "net.yaml", YAML)).report is None


@pytest.mark.usefixtures("stone")
def test_only_what_can_be_written_is_saved(tmp_path: Path) -> None:
    assert {".yaml", ".yml", ".stone", ".rock"} <= set(formats.suffixes())
    assert formats.suffixes(writable=True) == (".yaml", ".yml")
    path = tmp_path / "net.stone"
    write_file(path, Design(name="Mine"))
    assert format_of(path) is DESIGN
    assert read_file(path).design == Design(name="Mine")


@pytest.mark.usefixtures("stone")
@pytest.mark.parametrize(
    ("name", "expected"),
    [("net.yaml", "net"), ("NET.ROCK", "NET"), ("v1.0", "v1.0"), ("a.b.yml", "a.b"), (".yaml", ".yaml"), ("n", "n")],
)
def test_a_suffix_that_is_a_format_is_taken_off(name: str, expected: str) -> None:
    assert formats.without_suffix(name) == expected


def test_a_zip_archive_is_recognized_by_what_it_lists(tmp_path: Path) -> None:
    from zipfile import ZipFile

    path = tmp_path / "net.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", "x")
    sample = Sample(path)
    assert sample.members == ("net/data.pkl",)
    path.write_bytes(path.read_bytes()[:40])
    assert Sample(path).members == ()
    assert Sample(_file(tmp_path, "a.yaml", YAML)).members == ()


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "is a folder, not a design file."), ("none.yaml", "there is no such file.")]
)
def test_what_cannot_be_looked_at_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(FileError, match=sentence):
        format_of(tmp_path / name)
