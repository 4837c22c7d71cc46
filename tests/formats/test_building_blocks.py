"""Building blocks as files: names that no file can have, folders that cannot be written, files that are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.network.design import Block, Design
from cnnstudio.formats.building_blocks import (
    MAX_BYTES,
    BuildingBlock,
    builtin_blocks,
    file_stem,
    own_blocks,
    rename_block,
    save_block,
)
from cnnstudio.formats.design_yaml import design_text, read_design
from cnnstudio.layers.reshaping import Flatten
from tests.hostile import NAMES


def block(name: str) -> Design:
    return Design(name=name, layers=(Block(name=name, layers=(Flatten(name="flat"),)),))


@pytest.mark.parametrize("block", builtin_blocks(), ids=lambda block: block.path.stem)
def test_the_program_s_files_are_as_the_studio_writes_them(block: BuildingBlock) -> None:
    assert design_text(read_design(block.path).design) == block.path.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_any_name_that_a_layer_may_have_is_kept(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "data" / "blocks"
    path = save_block(folder, block(name))
    assert path.parent == folder
    (read,), faults = own_blocks(folder)
    assert (read.name, read.is_own, faults) == (name, True, ())
    assert read.design == block(name)


@given(st.text(max_size=600))
def test_a_file_name_is_short_and_plain(name: str) -> None:
    stem = file_stem(name)
    assert stem
    assert stem[0] not in ".-"
    assert not set(stem) & set('/\\:*?"<>| \n\0')
    assert len(f"{stem}-1000.yaml".encode()) < 255


@pytest.mark.parametrize("name", ["con", "COM1", "nul", "Aux"])
def test_names_of_devices_are_no_file_names(name: str) -> None:
    assert file_stem(name) == f"block-{name.lower()}"


def test_equal_names_are_kept_side_by_side(tmp_path: Path) -> None:
    first, second = save_block(tmp_path, block("Mine")), save_block(tmp_path, block("mine!"))
    assert (first.name, second.name) == ("mine.yaml", "mine-2.yaml")
    assert [found.name for found in own_blocks(tmp_path)[0]] == ["Mine", "mine!"]


def test_files_that_are_none_give_a_sentence_and_nothing_else(tmp_path: Path) -> None:
    save_block(tmp_path, block("Good"))
    (tmp_path / "bad.yaml").write_text("cnnstudio: 1\nlayers: [\n")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\0\0")
    (tmp_path / "empty.yaml").write_text("cnnstudio: 1\nname: Nothing\nlayers: []\n")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "huge.yaml").write_text("# " + "x" * MAX_BYTES)
    (tmp_path / "notes.txt").write_text("not looked at")
    blocks, faults = own_blocks(tmp_path)
    assert [found.name for found in blocks] == ["Good"]
    assert [line.split("/")[-1].split(":")[0] for line in faults] == [
        "bad.yaml",
        "binary.yaml",
        "empty.yaml",
        "folder.yaml",
        "huge.yaml",
    ]
    assert all("\n" not in line for line in faults)
    assert faults[3].endswith("is a folder, not a design file.")
    assert faults[4].endswith("has 0.5 MB; a building block has at most 0.5 MB.")


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert own_blocks(tmp_path / "nowhere") == ((), ())


def test_a_folder_that_cannot_be_read_gives_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    blocks, (fault,) = own_blocks(file)
    assert blocks == ()
    assert fault.startswith(f"{file}: cannot be read: ")


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"Not a directory|File exists|cannot find"):
        save_block(tmp_path / "file" / "blocks", block("Mine"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_keeps_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match="Permission denied"):
        save_block(tmp_path, block("Mine"))
    assert list(tmp_path.iterdir()) == []


def test_renaming_renames_the_block_inside_too(tmp_path: Path) -> None:
    path = save_block(tmp_path, block("Mine"))
    ((mine,), _) = own_blocks(tmp_path)
    rename_block(mine, "Yours")
    assert read_design(path).design == block("Yours")
