"""Faulty files are refused with every fault at once, each with its sentence, its line and its column."""

from __future__ import annotations

import pytest

from cnnstudio.formats.design_yaml import read_design
from cnnstudio.formats.fault import MAX_SHOWN, FileError
from tests.formats.bad_files import BadFile, bad_files

BAD_FILES = bad_files()


@pytest.mark.parametrize("bad", BAD_FILES, ids=lambda bad: bad.path.stem)
def test_file_is_refused_with_its_sentences(bad: BadFile) -> None:
    with pytest.raises(FileError) as caught:
        read_design(bad.path)
    assert caught.value.faults == bad.faults


@pytest.mark.parametrize("bad", BAD_FILES, ids=lambda bad: bad.path.stem)
def test_every_fault_is_one_line_for_people(bad: BadFile) -> None:
    with pytest.raises(FileError) as caught:
        read_design(bad.path)
    lines = caught.value.lines()
    assert len(lines) == len(bad.faults) <= MAX_SHOWN
    assert all(line.isprintable() and len(line) < 700 for line in lines)
    assert all(line.endswith((".", "?")) and "  " not in line.replace("'   '", "") for line in lines)


def test_there_are_bad_files_of_every_kind() -> None:
    kinds = {bad.path.stem.partition("-")[0] for bad in BAD_FILES}
    assert kinds >= {"alias", "duplicate", "inputs", "numbers", "out", "syntax", "tag", "unknown", "version", "wrong"}
    assert all(bad.faults for bad in BAD_FILES)
