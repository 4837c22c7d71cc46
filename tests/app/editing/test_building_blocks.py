"""Building blocks in the window: added by every way there is, kept, renamed, deleted, and told of where that fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QInputDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.application import Studio
from cnnstudio.app.document.layer_mime import BUILDING, building_mime
from cnnstudio.app.editing.building_blocks import BuildingBlocks
from cnnstudio.app.palette.entries import TYPE_NAME
from cnnstudio.app.palette.view import PaletteView
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core.network.design import Block, Design
from cnnstudio.formats.building_blocks import builtin_blocks, own_blocks, save_block
from cnnstudio.layers.reshaping import Flatten
from tests.app.conftest import Answers, select, window_of
from tests.hostile import NAMES
from tests.networks import drawn

Button = QMessageBox.StandardButton
SMALL = """- {type: Input, name: image, size: [8, 8], channels: 16}
- {type: Conv2D, name: one, filters: 16, kernel_size: 3, padding: same}
- {type: Add, name: sum, inputs: [one, image]}
- {type: Flatten, name: two}
"""


@pytest.fixture
def window(studio: Studio) -> MainWindow:
    """Four layers, one of them a sum."""
    return window_of(studio, SMALL)


def palette_of(window: MainWindow) -> PaletteView:
    return window.docks.view("palette", PaletteView)


def answer_text(text: str | None) -> None:
    """Types a text into the next dialog that asks for one, None to leave it."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QInputDialog):
            QTimer.singleShot(20, look)
            return
        if text is None:
            dialog.reject()
        else:
            dialog.setTextValue(text)
            dialog.accept()

    QTimer.singleShot(0, look)


def save_as(window: MainWindow, name: str | None) -> None:
    answer_text(name)
    window.actions_of["save_block"].trigger()


def own_names(window: MainWindow) -> list[str]:
    """The names of the user's building blocks, as the palette shows them."""
    model = palette_of(window).tree.model()
    heading = model.index(model.rowCount() - 1, 0)
    names = [str(model.index(row, 0, heading).data()) for row in range(model.rowCount(heading))]
    return names[len(builtin_blocks()) :]


def index_in(palette: PaletteView, name: str) -> QModelIndex:
    model = palette.tree.model()
    flags = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    return model.match(model.index(0, 0), Qt.ItemDataRole.DisplayRole, name, 1, flags)[0]


def test_a_building_block_is_added_below_the_selection_and_says_what_was_adapted(window: MainWindow) -> None:
    select(window, "one")
    window.editing.add(builtin_blocks()[0].key)
    assert [item.name for item in window.document.design.layers] == ["image", "one", "residual", "sum", "two"]
    said = "The filters of 'residual' follow the 16 channels that flow in. 'sum' took 'one' and now takes 'residual'."
    assert window.statusBar().currentMessage() == said
    assert window.document.undo_stack.undoText() == "Add Residual"
    assert window.document.analysis.problems == ()
    window.document.undo_stack.undo()
    assert [item.name for item in window.document.design.layers] == ["image", "one", "sum", "two"]


def test_a_building_block_is_adapted_to_where_it_is_dropped(window: MainWindow) -> None:
    mime = building_mime((builtin_blocks()[1].design,))
    window.layers.layer_model.dropMimeData(mime, Qt.DropAction.CopyAction, 1, 0, QModelIndex())
    assert [item.name for item in window.document.design.layers] == ["image", "bottleneck", "one", "sum", "two"]
    assert window.document.analysis.errors == ()
    assert window.statusBar().currentMessage().startswith("The filters of 'bottleneck' follow the 16 channels")


@pytest.mark.parametrize("text", ["nonsense", "7", '["cnnstudio: 1\\nlayers: 7"]'])
def test_what_is_no_building_block_is_refused(window: MainWindow, text: str) -> None:
    mime = building_mime((builtin_blocks()[1].design,))
    mime.setData(BUILDING, text.encode())
    window.layers.layer_model.dropMimeData(mime, Qt.DropAction.CopyAction, 1, 0, QModelIndex())
    assert window.statusBar().currentMessage().startswith("What was dropped is not a list of layers: ")
    assert not window.document.is_modified


def test_a_selection_is_kept_and_found_at_once(window: MainWindow, studio: Studio) -> None:
    QAbstractItemModelTester(palette_of(window).tree.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    select(window, "one", "sum")
    save_as(window, " My sum ")
    assert own_names(window) == ["My sum"]
    assert not window.document.is_modified
    (mine,) = (block for block in window.editing.blocks.every() if block.is_own)
    assert drawn(mine.design) == "image My sum(one sum<one,input)"
    window.editing.add(mine.key)
    assert window.document.analysis.errors == ()
    other = studio.new()
    assert own_names(other) == ["My sum"]


def test_what_cannot_be_kept_is_said_before_anybody_is_asked(window: MainWindow) -> None:
    select(window, "image")
    window.actions_of["save_block"].trigger()
    assert window.statusBar().currentMessage().startswith("Nothing flows into 'image'")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "A name is one line of visible characters."),
        ("input", "'input' is reserved for what flows into a block; use another name."),
        ("x" * 501, f"Name must be text of at most 500 characters, and received '{'x' * 60}…'."),
    ],
)
def test_names_that_cannot_be(window: MainWindow, answers: Answers, name: str, sentence: str) -> None:
    select(window, "one")
    answers.give(Button.Ok)
    save_as(window, name)
    assert answers.texts == [sentence]
    assert own_names(window) == []


def test_hostile_names_are_kept(window: MainWindow) -> None:
    select(window, "one")
    for name in NAMES:
        if name == name.strip():
            save_as(window, name)
            assert own_names(window) == [name]
            palette_of(window).grab()
            (file,) = window.editing.blocks.folder.iterdir()
            file.unlink()


def test_nobody_has_to_say_a_name(window: MainWindow) -> None:
    select(window, "one")
    save_as(window, None)
    assert own_names(window) == []


def test_a_folder_that_cannot_be_made_gives_one_sentence(window: MainWindow, answers: Answers) -> None:
    folder = window.editing.blocks.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    select(window, "one")
    answers.give(Button.Ok)
    save_as(window, "Mine")
    assert answers.texts == [f"The folder of building blocks, {folder}, cannot be changed: File exists."]
    assert own_names(window) == ["1 file cannot be read"]
    assert window.editing.blocks.faults == (f"{folder}: cannot be read: Not a directory.",)


def test_rename_and_delete_from_the_context_menu(window: MainWindow, answers: Answers) -> None:
    select(window, "one")
    save_as(window, "Mine")
    palette = palette_of(window)
    menu = palette.menu_of(index_in(palette, "Mine"))
    assert menu is not None
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert list(actions) == ["Add", "Rename…", "Delete…"]
    answer_text("Yours")
    actions["Rename…"].trigger()
    assert own_names(window) == ["Yours"]
    (key,) = (block.key for block in window.editing.blocks.every() if block.is_own)
    answers.give(Button.No, Button.Yes)
    palette.delete_requested.emit(key)
    assert own_names(window) == ["Yours"]
    palette.delete_requested.emit(key)
    assert own_names(window) == []
    assert "Delete the building block 'Yours' and its file" in answers.texts[0]
    palette.delete_requested.emit(key)
    palette.rename_requested.emit(key)
    window.editing.add(key)
    assert window.statusBar().currentMessage() == "This building block no longer exists."


def test_a_name_that_cannot_be_is_not_given(window: MainWindow, answers: Answers) -> None:
    select(window, "one")
    save_as(window, "Mine")
    (key,) = (block.key for block in window.editing.blocks.every() if block.is_own)
    answer_text("input")
    answers.give(Button.Ok)
    palette_of(window).rename_requested.emit(key)
    answer_text(None)
    palette_of(window).rename_requested.emit(key)
    assert own_names(window) == ["Mine"]


def whole(name: str) -> Design:
    return Design(name=name, layers=(Block(name=name, layers=(Flatten(name="flat"),)),))


def test_broken_files_are_one_row_that_says_why(tmp_path: Path, qtbot: QtBot) -> None:
    save_block(tmp_path, whole("Good"))
    (tmp_path / "bad.yaml").write_text("cnnstudio: 1\nlayers: [<b>]\n")
    palette = PaletteView(BuildingBlocks(tmp_path), Theme("light"))
    qtbot.addWidget(palette)
    row = index_in(palette, "1 file cannot be read")
    assert "bad.yaml" in row.data(Qt.ItemDataRole.ToolTipRole)
    assert "<b>" not in row.data(Qt.ItemDataRole.ToolTipRole)
    assert row.data(TYPE_NAME) is None
    assert not row.flags() & Qt.ItemFlag.ItemIsDragEnabled
    palette.search.setText("good")
    assert len(palette.shown_types()) == 1


def test_what_another_window_keeps_is_seen_when_one_comes_back(tmp_path: Path, qtbot: QtBot) -> None:
    blocks = BuildingBlocks(tmp_path)
    palette = PaletteView(blocks, Theme("light"))
    qtbot.addWidget(palette)
    palette.search.setText("later")
    assert palette.shown_types() == []
    save_block(tmp_path, whole("Later"))
    with qtbot.waitSignal(blocks.changed):
        blocks.refresh()
    assert len(palette.shown_types()) == 1
    with qtbot.assertNotEmitted(blocks.changed):
        blocks.refresh()
    assert [block.name for block in own_blocks(tmp_path)[0]] == ["Later"]


def test_the_palette_looks_again_when_its_window_becomes_active(tmp_path: Path, qtbot: QtBot) -> None:
    blocks = BuildingBlocks(tmp_path)
    palette = PaletteView(blocks, Theme("light"))
    qtbot.addWidget(palette)
    other = QWidget()
    qtbot.addWidget(other)
    with qtbot.waitExposed(palette):
        palette.show()
    palette.activateWindow()
    qtbot.waitUntil(palette.isActiveWindow)
    with qtbot.waitExposed(other):
        other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    save_block(tmp_path, whole("Later"))
    with qtbot.waitSignal(blocks.changed):
        palette.activateWindow()
