"""Built-in designs are found by name, wherever a file may stand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnnstudio.formats.builtin import builtin_paths, find_builtin, is_builtin, locate_design, open_design
from cnnstudio.formats.fault import FileError


def test_names_are_in_natural_order() -> None:
    names = list(builtin_paths())
    assert names.index("resnet-18") < names.index("resnet-50") < names.index("resnet-101")
    assert names.index("alexnet") < names.index("alexnet-grouped")


def test_every_name_leads_to_its_file() -> None:
    assert {name: find_builtin(name) for name in builtin_paths()} == builtin_paths()


def test_a_file_of_the_user_is_none_of_them(tmp_path: Path) -> None:
    built_in = builtin_paths()["alexnet"]
    link = tmp_path / "link.yaml"
    link.symlink_to(built_in)
    assert is_builtin(built_in)
    assert is_builtin(link)
    assert not is_builtin(tmp_path / "alexnet.yaml")
    assert not is_builtin(Path("\0"))


@pytest.mark.parametrize("name", ["AlexNet", "alex net", "ALEX_NET", "alexnet"])
def test_case_and_signs_do_not_matter(name: str) -> None:
    assert find_builtin(name) == builtin_paths()["alexnet"]


@pytest.mark.parametrize("name", ["", "---", "alex", "../designs/alexnet"])
def test_other_names_find_nothing(name: str) -> None:
    assert find_builtin(name) is None


def test_file_comes_before_a_built_in_design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("alexnet").write_text("cnnstudio: 1\nname: Mine\nlayers: []\n")
    assert open_design("alexnet").design.name == "Mine"


def test_built_in_design_comes_before_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("alexnet").mkdir()
    assert open_design("alexnet").design.name == "AlexNet"
    Path("other").mkdir()
    with pytest.raises(FileError, match="other: is a folder, not a design file"):
        open_design("other")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("alxnet", r"alxnet: there is no such file, and no built-in design of that name\. Did you mean 'alexnet'\?"),
        ("nothing.like.it", r"nothing\.like\.it: there is no such file, and no built-in design of that name\.$"),
        ("", r"'': there is no such file, and no built-in design of that name\.$"),
        ("a\0b", r"a\\x00b: there is no such file, and"),
        ("a\x1b[31mb", r"a\\x1b\[31mb: there is no such file, and no built-in design of that name\."),
        ("x" * 5_000, "is not a valid file name"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="other systems refuse other names")
def test_what_is_not_there(source: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        locate_design(source)
