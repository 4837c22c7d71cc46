"""The editing commands of a window, by action, by key and by clipboard; keys in a line of text mean the text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.document.layer_mime import BUILDING, LAYERS, PATHS, buildings_in, paths_in
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core.network.design import find
from cnnstudio.formats.fault import FileError
from cnnstudio.layers.convolution import Conv2D
from tests.app.conftest import opened_window, select, window_of
from tests.app.drawing import draw_tree

Key = Qt.Key
Control = Qt.KeyboardModifier.ControlModifier
SMALL = """- {type: Input, name: image, size: [8, 8], channels: 3}
- {type: Conv2D, name: one, filters: 8, kernel_size: 3}
- {type: Flatten, name: two}
- {type: Dense, name: three, units: 10}
"""


@pytest.fixture
def window(studio: Studio, qtbot: QtBot) -> MainWindow:
    """Four layers, with the keyboard."""
    window = window_of(studio, SMALL)
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


@pytest.fixture
def resnet_window(studio: Studio) -> MainWindow:
    """ResNet-18, which has blocks."""
    return opened_window(studio, "resnet-18")


def names(window: MainWindow) -> str:
    return draw_tree(window.layers.layer_model).replace("\n", " ")


def trigger(window: MainWindow, *keys: str) -> None:
    for key in keys:
        window.actions_of[key].trigger()


def said(window: MainWindow) -> str:
    return window.statusBar().currentMessage()


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


# Commands.


def test_delete_in_the_middle_takes_nothing_else_with_it(window: MainWindow) -> None:
    select(window, "two")
    trigger(window, "delete")
    assert names(window) == "image one three"
    assert window.view_state.selection == (("three",),)
    trigger(window, "undo")
    assert names(window) == "image one two three"
    assert window.view_state.selection == (("two",),)


def test_copies_paste_as_text_into_an_editor_and_back(window: MainWindow) -> None:
    select(window, "one", "three")
    trigger(window, "copy")
    text = clipboard()
    assert text == "".join(SMALL.splitlines(keepends=True)[row] for row in (1, 3))
    QGuiApplication.clipboard().setText(text.replace("filters: 8", "filters: 99"))
    select(window, "image")
    trigger(window, "paste")
    assert names(window) == "image one_1 three_1 one two three"
    assert window.view_state.selection == (("one_1",), ("three_1",))
    assert "filters: 99" in text_of(window)


def text_of(window: MainWindow) -> str:
    window.editing.select_all()
    window.editing.copy()
    return clipboard()


def test_cut_and_paste_moves(window: MainWindow) -> None:
    select(window, "one")
    trigger(window, "cut")
    assert names(window) == "image two three"
    select(window, "three")
    trigger(window, "paste")
    assert names(window) == "image two three one"


def test_copy_in_one_window_and_paste_in_another(studio: Studio, window: MainWindow) -> None:
    other = opened_window(studio, "resnet-18")
    select(other, "layer1")
    trigger(other, "copy")
    select(window, "image")
    trigger(window, "paste")
    assert names(window).split()[:3] == ["image", "layer1", "conv1"]
    assert window.document.design.layers[1] == next(
        layer for layer in other.document.design.layers if layer.name == "layer1"
    )


def test_pasted_source_opens_in_a_window_of_its_own(studio: Studio, window: MainWindow) -> None:
    before = names(window)
    QGuiApplication.clipboard().setText(
        "nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1568, 10))"
    )
    trigger(window, "paste")
    assert names(window) == before
    opened = studio.windows[-1]
    assert opened is not window
    assert opened.document.analysis.totals.parameters == 8 * 28 + 10 * 1569
    assert opened.document.report is not None
    notes = opened.document.report.networks[0].notes
    assert "line 1 says nn, which nothing imports, and was taken to mean torch.nn." in notes


@pytest.mark.parametrize("text", ["", "hello", "[1, 2", "- {type: Conv2D}", "a: 1", "\x00", "- " * 100, "&a [*a]"])
def test_pasting_nonsense_says_why_and_changes_nothing(window: MainWindow, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    trigger(window, "paste")
    assert said(window).startswith("The clipboard holds no layers: ")
    assert names(window) == "image one two three"
    assert window.document.undo_stack.count() == 0


def test_pasting_a_picture_says_why(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setData("image/png", b"\x89PNG")
    QGuiApplication.clipboard().setMimeData(mime)
    trigger(window, "paste")
    assert said(window).startswith("The clipboard holds no layers: ")


DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("kind", "content"), [(LAYERS, b"\xff\xfe"), (LAYERS, DEEP), (PATHS, DEEP), (BUILDING, DEEP), (BUILDING, b"\xff")]
)
def test_what_others_put_on_the_clipboard_or_drop_never_raises(window: MainWindow, kind: str, content: bytes) -> None:
    mime = QMimeData()
    mime.setData(kind, content)
    assert paths_in(mime, "key") == ()
    if kind == BUILDING:
        with pytest.raises(FileError, match="not a list of building blocks"):
            buildings_in(mime)
    QGuiApplication.clipboard().setMimeData(mime)
    trigger(window, "paste")
    assert said(window).startswith("The clipboard holds no layers: ")


def test_pasting_with_no_clipboard_at_all_says_why(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """As some systems say of an empty one."""
    monkeypatch.setattr(QClipboard, "mimeData", lambda *_: None)
    trigger(window, "paste")
    assert said(window).startswith("The clipboard holds no layers: ")


def test_move_up_and_down_and_no_further(window: MainWindow) -> None:
    select(window, "two", "three")
    trigger(window, "move_up", "move_up")
    assert names(window) == "image two three one"
    assert said(window) == "'two' needs an input, and nothing stands above the first row."
    trigger(window, "move_down", "move_down", "move_down")
    assert names(window) == "image one two three"
    assert said(window) == "There is no row to move to."


def test_duplicate_and_names(window: MainWindow) -> None:
    select(window, "one")
    trigger(window, "duplicate")
    assert names(window) == "image one one_1 two three"
    assert window.document.undo_stack.undoText() == "Duplicate one"


def test_a_layer_used_again_and_given_weights_of_its_own(window: MainWindow) -> None:
    select(window, "one")
    trigger(window, "use_again")
    assert names(window) == "image one one_1 two three"
    assert find(window.document.design, ("one_1",)).shares == "one"
    select(window, "one")
    trigger(window, "delete")
    assert find(window.document.design, ("one_1",)).shares == ""
    assert "has the weights now" in said(window)
    trigger(window, "undo")
    select(window, "one_1")
    trigger(window, "unshare")
    assert find(window.document.design, ("one_1",)).shares == ""


def test_something_new_comes_below_the_selection_or_at_the_end(window: MainWindow) -> None:
    select(window, "one")
    window.editing.add("BatchNorm")
    window.view_state.select(())
    window.editing.add("Dropout")
    assert names(window) == "image one batch_norm_1 two three dropout_1"


def test_all_can_be_deleted_and_brought_back(window: MainWindow) -> None:
    trigger(window, "select_all", "delete")
    assert names(window) == ""
    assert window.view_state.selection == ()
    trigger(window, "delete", "copy", "move_up", "select_all")
    window.editing.delete()
    assert said(window) == "Select the layers to delete first."
    trigger(window, "undo")
    assert names(window) == "image one two three"


def test_undoing_everything_leads_back_to_the_start(window: MainWindow) -> None:
    before = text_of(window)
    select(window, "one")
    trigger(window, "duplicate", "move_down", "cut", "paste", "select_all", "delete", "paste")
    while window.actions_of["undo"].isEnabled():
        trigger(window, "undo")
    assert text_of(window) == before
    assert not window.isWindowModified()


# Keys.


def press(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifier)
    QCoreApplication.processEvents()  # Return commits a moment later


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert isinstance(widget, QWidget)
    return widget


def test_keys_in_the_list(window: MainWindow) -> None:
    window.layers.setFocus()
    select(window, "two")
    press(window.layers, Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert names(window) == "image two one three"
    press(window.layers, Key.Key_Delete)
    assert names(window) == "image one three"
    press(window.layers, Key.Key_Z, Control)
    press(window.layers, Key.Key_Z, Control)
    assert names(window) == "image one two three"
    press(window.layers, Key.Key_A, Control)
    assert len(window.view_state.selection) == 4


def test_keys_in_a_line_of_text_mean_the_text(window: MainWindow) -> None:
    select(window, "one")
    window.layers.setFocus()
    press(window.layers, Key.Key_F2)
    line = focused()
    assert isinstance(line, QLineEdit)
    assert line.text() == "one"
    press(line, Key.Key_A, Control)
    press(line, Key.Key_C, Control)
    assert clipboard() == "one"
    press(line, Key.Key_Delete)
    assert line.text() == ""
    press(line, Key.Key_V, Control)
    press(line, Key.Key_V, Control)
    press(line, Key.Key_Backspace)
    assert line.text() == "oneon"
    press(line, Key.Key_Z, Control)
    assert names(window) == "image one two three"
    assert window.view_state.selection == (("one",),)
    press(line, Key.Key_Escape)
    assert names(window) == "image one two three"
    assert window.document.undo_stack.count() == 0


def test_return_commits_a_name_and_escape_does_not(window: MainWindow) -> None:
    select(window, "one")
    window.layers.setFocus()
    for finish, expected in ((Key.Key_Escape, "image one two three"), (Key.Key_Return, "image other two three")):
        press(window.layers, Key.Key_F2)
        line = focused()
        QTest.keyClicks(line, "other")
        press(line, finish)
        assert names(window) == expected
    assert window.document.undo_stack.undoText() == "Rename one to other"


def test_f2_renames_in_the_list_and_edits_the_cell_in_the_table(window: MainWindow) -> None:
    grid = window.table.grid
    grid.setFocus()
    row = grid.layers.row_of(("one",))
    grid.setCurrentIndex(grid.layers.index(row, window.table.column_keys.index("filters")))
    press(grid, Key.Key_F2)
    line = focused()
    assert isinstance(line, QLineEdit)
    assert line.text() == "8"
    press(line, Key.Key_A, Control)
    QTest.keyClicks(line, "16")
    press(line, Key.Key_Return)
    assert "filters: 16" in text_of(window)


def test_typing_starts_editing_only_where_a_cell_can_be_edited(window: MainWindow) -> None:
    grid = window.table.grid
    grid.setFocus()
    row = grid.layers.row_of(("one",))
    for column, can in (("parameters", False), ("output", False), ("stride", True)):
        grid.setCurrentIndex(grid.layers.index(row, window.table.column_keys.index(column)))
        press(grid, Key.Key_2)
        assert isinstance(focused(), QLineEdit) == can, column
    press(focused(), Key.Key_Return)
    assert "stride: 2" in text_of(window)


def test_tab_leaves_the_table(window: MainWindow) -> None:
    window.table.grid.setFocus()
    press(window.table.grid, Key.Key_Tab)
    assert not window.table.isAncestorOf(focused())


def test_the_keyboard_goes_round_the_panels(window: MainWindow) -> None:
    window.resize(1280, 800)
    window.layers.setFocus()
    seen: list[str] = []
    for _ in range(6):
        trigger(window, "next_panel")
        docks = {key: window.docks[key] for key in ("palette", "layers", "inspector", "working")}
        panels = {**docks, "table": window.table, "chart": window.chart}
        holders = [name for name, panel in panels.items() if holds_focus(panel)]
        seen += holders
    assert seen == ["table", "chart", "inspector", "working", "palette", "layers"]
    trigger(window, "previous_panel")
    assert holds_focus(window.docks["palette"])


def holds_focus(panel: QWidget) -> bool:
    return panel is focused() or panel.isAncestorOf(focused())


def test_every_layer_of_a_type_is_selected_in_blocks_too(resnet_window: MainWindow) -> None:
    resnet_window.view_state.select((("conv1",),))
    resnet_window.actions_of["select_alike"].trigger()
    chosen = resnet_window.view_state.selection
    assert ("layer1", "conv2") in chosen
    assert {type(find(resnet_window.document.design, path)) for path in chosen} == {Conv2D}


def test_a_layer_is_made_of_another_type_in_its_place(resnet_window: MainWindow) -> None:
    resnet_window.view_state.select((("maxpool",),))
    menu = QMenu(resnet_window)
    resnet_window.editing.list_types(menu)
    names = [action.text() for action in menu.actions()]
    assert names[0] == "AvgPool2D"
    menu.actions()[0].trigger()
    assert find(resnet_window.document.design, ("maxpool",)).type_name == "AvgPool2D"
    assert resnet_window.document.undo_stack.undoText() == "Make maxpool an AvgPool2D"


def test_a_block_has_no_other_type(resnet_window: MainWindow) -> None:
    resnet_window.view_state.select((("layer1",),))
    menu = QMenu(resnet_window)
    resnet_window.editing.list_types(menu)
    assert not menu.isEnabled()
