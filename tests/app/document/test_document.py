"""The document: one way to change it, one step of undo for each deed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.app.document import commands
from cnnstudio.app.document.document import Document
from cnnstudio.core import edits
from cnnstudio.core.edits import Edit
from cnnstudio.core.network.design import find
from cnnstudio.formats import read_file
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.formats.fault import FileError


def set_filters(document: Document, filters: int) -> None:
    document.apply(edits.set_field(document.design, [("Conv-2",)], "filters", filters))


def test_an_equal_design_is_no_edit(alexnet: Document) -> None:
    set_filters(alexnet, 256)
    assert alexnet.undo_stack.count() == 0
    assert not alexnet.is_modified


def test_undo_text_names_the_deed(alexnet: Document) -> None:
    alexnet.apply(edits.set_field(alexnet.design, [("Conv-2",)], "kernel_size", 5))
    alexnet.apply(edits.set_field(alexnet.design, [("Conv-2",)], "kernel_size", 3))
    assert alexnet.undo_stack.undoText() == "Set kernel size of Conv-2 to 3"


def test_typing_a_number_is_one_step(alexnet: Document) -> None:
    for filters in (5, 51, 512):
        set_filters(alexnet, filters)
    assert alexnet.undo_stack.count() == 1
    assert alexnet.undo_stack.undoText() == "Set filters of Conv-2 to 512"
    alexnet.undo_stack.undo()
    assert getattr(find(alexnet.design, ("Conv-2",)), "filters", None) == 256


def test_there_and_back_leaves_no_step(alexnet: Document) -> None:
    set_filters(alexnet, 5)
    set_filters(alexnet, 256)
    assert alexnet.undo_stack.count() == 0


def test_what_an_edit_had_to_change_is_said_and_much_of_it_in_short(alexnet: Document) -> None:
    said: list[str] = []
    alexnet.noted.connect(said.append)
    for count in (2, 5):
        notes = tuple(f"Note {number}." for number in range(count))
        note = f"with {count} notes"
        alexnet.apply(Edit(edits.set_design(alexnet.design, "note", note).design, "Change", (), notes))
    assert said == ["Note 0. Note 1.", "Note 0. Note 1. Note 2. And 2 more changes of connections or names."]


def test_edits_after_a_pause_are_steps_of_their_own(alexnet: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "COALESCE_SECONDS", -1.0)
    set_filters(alexnet, 5)
    set_filters(alexnet, 6)
    assert alexnet.undo_stack.count() == 2


def test_changed_carries_both_analyses(alexnet: Document) -> None:
    seen: list[tuple[int, int]] = []
    alexnet.changed.connect(lambda old, new: seen.append((old.totals.parameters, new.totals.parameters)))
    alexnet.apply(edits.remove(alexnet.design, [("FC-2",)]))
    assert seen == [(62_378_344, 62_378_344 - 16_781_312)]


def test_focus_is_restored_by_undo(alexnet: Document) -> None:
    alexnet.focus = (("Conv-1",),)
    seen: list[object] = []
    alexnet.focused.connect(seen.append)
    alexnet.apply(edits.remove(alexnet.design, [("Conv-2",)]))
    alexnet.undo_stack.undo()
    assert seen == [(("MaxPool-2",),), (("Conv-1",),)]


def test_a_refused_edit_says_why_and_changes_nothing(alexnet: Document) -> None:
    said: list[str] = []
    alexnet.refused.connect(said.append)
    assert not alexnet.attempt(lambda: edits.rename(alexnet.design, ("Conv-1",), "Conv-2"))
    assert said == ["the name 'Conv-2' is taken; names are unique in a list."]
    assert alexnet.undo_stack.count() == 0


def test_save_and_undo_past_the_save(alexnet: Document, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    before = alexnet.design
    set_filters(alexnet, 7)
    alexnet.save(path)
    assert not alexnet.is_modified
    assert read_design(path).design == alexnet.design
    alexnet.undo_stack.undo()
    assert alexnet.is_modified
    assert alexnet.design == before


def test_a_failed_save_keeps_the_old_file_and_the_work(alexnet: Document, tmp_path: Path) -> None:
    folder = tmp_path / "taken.yaml"
    folder.mkdir()
    set_filters(alexnet, 7)
    with pytest.raises(IsADirectoryError):
        alexnet.save(folder)
    assert alexnet.is_modified
    assert alexnet.path is None


@pytest.mark.usefixtures("qapp")
def test_a_faulty_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("cnnstudio: 1\nlayers:\n- {type: Conf2D}\n")
    with pytest.raises(FileError, match="Did you mean 'Conv2D'"):
        read_file(path)
