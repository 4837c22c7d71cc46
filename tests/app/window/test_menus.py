"""Actions, menus and the tool bar: everything has a text and a tip, and no two things want the same key."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QToolBar, QToolButton
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.window.actions import ACTIONS
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.app.window.tool_bar import KNOWN_ICONS, TOOLS
from cnnstudio.core import edits
from cnnstudio.core.counting.columns import COLUMNS
from tests.app.conftest import has_all_docks, opened_window

OWN_KEYS = [
    "Up",
    "Down",
    "Left",
    "Right",
    "PgUp",
    "PgDown",
    "Home",
    "End",
    "Return",
    "Enter",
    "Space",
    "Esc",
    "Tab",
    "Shift+Tab",
    "Backspace",
    "Ctrl+Up",
    "Ctrl+Down",
    "Ctrl+Return",
    "Shift+Up",
    "Shift+Down",
    "Ctrl+Left",
    "Ctrl+Right",
    "F4",
]
"""Keys that the views themselves use."""


@pytest.fixture
def window(studio: Studio) -> MainWindow:
    """AlexNet, open."""
    return opened_window(studio)


def menu_of(window: MainWindow, title: str) -> QMenu:
    return next(child for child in window.menuBar().findChildren(QMenu) if child.title().replace("&", "") == title)


def submenu_of(menu: QMenu, title: str) -> QMenu:
    entries = menu.actions()
    every = [child for widget in QApplication.topLevelWidgets() for child in widget.findChildren(QMenu)]
    found = next(menu for menu in every if menu.title() == title and menu.menuAction() in entries)
    found.aboutToShow.emit()
    return found


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def checked(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isChecked()]


def option(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def test_every_action_has_a_text_and_a_tip_with_its_key(window: MainWindow) -> None:
    for spec in ACTIONS:
        action = window.actions_of[spec.key]
        assert action.text(), spec.key
        tip = action.toolTip()
        assert tip, spec.key
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        assert tip.endswith(f"({keys})") if keys else "(" not in tip


def test_no_two_actions_want_the_same_key(window: MainWindow) -> None:
    every = [keys.toString() for spec in ACTIONS for keys in window.actions_of[spec.key].shortcuts()]
    assert sorted(set(every)) == sorted(every)
    assert not set(every) & set(OWN_KEYS)
    assert {"Ctrl+Z", "Ctrl+S", "Ctrl+O", "Ctrl+N", "Ctrl+Q", "Ctrl+F", "Del", "F2", "Alt+Up", "Alt+Down"} <= set(every)


def test_no_key_is_ambiguous_in_the_whole_window(window: MainWindow) -> None:
    every = [
        (keys.toString(), action.text())
        for action in window.findChildren(QAction)
        for keys in action.shortcuts()
        if action.shortcutContext() in (Qt.ShortcutContext.WindowShortcut, Qt.ShortcutContext.ApplicationShortcut)
    ]
    assert sorted({keys for keys, _ in every}) == sorted(keys for keys, _ in every)


def test_every_action_stands_in_a_menu(window: MainWindow) -> None:
    titles = ("File", "Edit", "Layer", "View", "Tools", "Help")
    listed = {action for title in titles for action in menu_of(window, title).actions()}
    missing = [spec.key for spec in ACTIONS if window.actions_of[spec.key] not in listed]
    assert missing == []


def test_mnemonics_differ(window: MainWindow) -> None:
    letters = [action.text()[action.text().index("&") + 1] for action in window.menuBar().actions()]
    assert len(set(letters)) == len(letters) == 6


def test_the_tool_bar_holds_what_is_used_most(window: MainWindow) -> None:
    bar = window.findChild(QToolBar, "tools")
    assert isinstance(bar, QToolBar)
    tools = [action.iconText() for action in bar.actions() if action.objectName()]
    assert tools == [window.actions_of[key].iconText() for key in TOOLS if key not in ("", "connect")]
    connect = bar.findChild(QToolButton, "connect")
    assert isinstance(connect, QToolButton)
    menu = bar.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert texts(menu) == [
        "Connect to…",
        "Add residual connection around",
        "Branch in parallel",
        "Concatenate with…",
    ]
    assert tools[:5] == ["New", "Open", "Save", "Undo", "Redo"]
    assert all(not action.icon().isNull() for action in bar.actions() if action.objectName())


def test_undo_and_redo_name_the_deed(window: MainWindow) -> None:
    undo, redo = window.actions_of["undo"], window.actions_of["redo"]
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("Undo", False, False)
    window.document.apply(edits.set_field(window.document.design, [("Conv-2",)], "kernel_size", 3))
    menu = menu_of(window, "Edit")
    menu.aboutToShow.emit()
    assert (undo.text(), undo.isEnabled()) == ("Undo Set kernel size of Conv-2 to 3", True)
    undo.trigger()
    menu.aboutToShow.emit()
    assert (redo.text(), redo.isEnabled(), undo.text()) == ("Redo Set kernel size of Conv-2 to 3", True, "Undo")
    assert undo.iconText() == "Undo", "the tool bar keeps its width"


def test_an_ampersand_in_a_name_is_no_mnemonic(window: MainWindow) -> None:
    window.document.apply(edits.rename(window.document.design, ("Conv-2",), "a&b"))
    menu_of(window, "Edit").aboutToShow.emit()
    assert window.actions_of["undo"].text() == "Undo Rename Conv-2 to a&&b"


def test_what_needs_a_selection_is_off_without_one(window: MainWindow) -> None:
    def enabled() -> set[str]:
        return {spec.key for spec in ACTIONS if spec.needs and window.actions_of[spec.key].isEnabled()}

    window.view_state.select(())
    assert enabled() == set()
    window.view_state.select((("Conv-1",),))
    assert enabled() == {spec.key for spec in ACTIONS if spec.needs}
    window.view_state.select((("Conv-1",), ("Conv-2",)))
    assert enabled() == {spec.key for spec in ACTIONS if spec.needs == "selection"}


def test_recent_files_open_from_the_menu(studio: Studio, window: MainWindow, tmp_path: Path) -> None:
    recent = submenu_of(menu_of(window, "File"), "Open recent")
    assert texts(recent) == ["None yet"]
    path = tmp_path / "a & b.yaml"
    window.document.save(path)
    studio.settings.add_recent(path)
    window.close()
    other = studio.new()
    recent = submenu_of(menu_of(other, "File"), "Open recent")
    assert texts(recent) == [f"a && b.yaml  —  {tmp_path}", "Clear list"]
    recent.actions()[0].trigger()
    assert studio.windows[-1].document.path == path
    option(recent, "Clear list").trigger()
    assert studio.settings.recent == []


def test_columns_are_chosen_in_the_menu_and_remembered(studio: Studio, window: MainWindow) -> None:
    columns = submenu_of(menu_of(window, "View"), "Columns")
    assert texts(columns) == [column.title for column in COLUMNS]
    assert "State" not in checked(columns)
    before = window.table.column_keys
    option(columns, "State").trigger()
    added = set(window.table.column_keys) - set(before)
    assert added == {"state"}
    option(columns, "Share").trigger()
    assert "share" not in window.table.column_keys
    assert studio.new().table.column_keys == window.table.column_keys


def test_convention_from_its_button_and_from_the_menu(window: MainWindow) -> None:
    button = window.findChild(QToolButton, "convention")
    assert isinstance(button, QToolButton)
    assert button.text() == "Counting: PyTorch"
    assert button.popupMode() == QToolButton.ToolButtonPopupMode.InstantPopup, "a click asks, and edits nothing"
    offered = button.menu()
    assert checked(offered) == ["PyTorch"]
    option(offered, "Keras").trigger()
    assert (button.text(), window.document.design.convention) == ("Counting: Keras", "keras")
    menu = submenu_of(menu_of(window, "View"), "Counting")
    assert (texts(menu), checked(menu)) == (["PyTorch", "Keras", "Caffe"], ["Keras"])
    option(menu, "Caffe").trigger()
    assert (button.text(), checked(menu)) == ("Counting: Caffe", ["Caffe"])
    option(offered, "PyTorch").trigger()
    assert button.text() == "Counting: PyTorch"
    assert window.document.undo_stack.count() == 0, "there and back is no edit"


def test_shape_order_in_one_click_and_in_the_menu(studio: Studio, window: MainWindow) -> None:
    button = window.findChild(QToolButton, "shape_order")
    assert isinstance(button, QToolButton)
    row = window.table.grid.layers.row_of(("Conv-1",))
    column = window.table.column_keys.index("output")

    def shown() -> str:
        return str(window.table.grid.layers.index(row, column).data())

    assert (button.text(), shown()) == ("C × H × W", "96 × 55 × 55")
    button.click()
    assert (button.text(), shown()) == ("H × W × C", "55 × 55 × 96")
    assert studio.settings.shape_order == "channels_last"
    menu = submenu_of(menu_of(window, "View"), "Shapes")
    assert checked(menu) == ["H × W × C"]
    option(menu, "As the convention prints it").trigger()
    assert shown() == "96 × 55 × 55"
    window.look.set_convention("keras")
    assert (button.text(), shown()) == ("H × W × C", "55 × 55 × 96")
    assert not window.document.undo_stack.undoText().startswith("Set shape"), "showing is no edit"


def test_a_theme_chosen_in_one_window_is_checked_in_all(studio: Studio, window: MainWindow) -> None:
    other = studio.new()
    option(submenu_of(menu_of(window, "View"), "Theme"), "Dark").trigger()
    assert checked(submenu_of(menu_of(other, "View"), "Theme")) == ["Dark"]
    assert studio.settings.theme_mode == "dark"
    assert studio.theme.is_dark


def test_text_size_has_steps_and_bounds(studio: Studio, window: MainWindow) -> None:
    for _ in range(30):
        window.actions_of["text_larger"].trigger()
    assert studio.theme.text_scale == studio.settings.text_scale == 3.0
    for _ in range(60):
        window.actions_of["text_smaller"].trigger()
    assert studio.theme.text_scale == 0.6
    window.actions_of["text_normal"].trigger()
    assert studio.theme.text_scale == 1.0


def test_full_screen_and_back(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_of["full_screen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    window.actions_of["full_screen"].trigger()
    qtbot.waitUntil(lambda: not window.isFullScreen())


def test_the_context_menu_offers_what_one_does_with_layers(window: MainWindow) -> None:
    for view in (window.layers, window.table):
        view.menu_requested.emit(window.pos())
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert texts(menu) == [
            "Add layer…",
            "Cut",
            "Copy layers",
            "Paste",
            "Duplicate",
            "Use again with the same weights",
            "Give weights of its own",
            "Delete",
            "Rename",
            "Change type",
            "Move up",
            "Move down",
            "Group",
            "Ungroup",
            "Repeat…",
            "Apply at each step",
            "Connect to…",
            "Disconnect from",
            "Add residual connection around",
            "Branch in parallel",
            "Concatenate with…",
            "Save as building block…",
        ]
        menu.close()


def test_the_schema_is_copied(window: MainWindow) -> None:
    window.actions_of["design_schema"].trigger()
    assert '"$schema"' in QGuiApplication.clipboard().text()


def test_the_table_is_copied_as_text_with_raw_numbers_and_as_html_at_once(window: MainWindow) -> None:
    window.table.set_columns(("layer", "parameters"))
    window.view_state.select((("FC-1",), ("Conv-2",)))
    window.actions_of["copy_table"].trigger()
    mime = QGuiApplication.clipboard().mimeData()
    head, *lines = mime.text().splitlines()
    assert head == "Layer\tParameters"
    assert {"Conv-2\t614656", "FC-1\t37752832"} <= set(lines), "the whole table, whatever is selected"
    assert len(lines) >= len(window.document.design.layers)
    assert "<table" in mime.html()


def test_a_narrow_tool_bar_shows_icons_and_nothing_is_cut_off(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: has_all_docks(window))
    bar = window.findChild(QToolBar, "tools")
    assert isinstance(bar, QToolBar)
    styles = []
    for width in (2000, window.minimumSizeHint().width(), 2000):
        window.resize(width, 700)
        QApplication.processEvents()
        styles.append(bar.toolButtonStyle())
        buttons = [child for child in bar.findChildren(QToolButton) if child.objectName() != "qt_toolbar_ext_button"]
        assert all(button.isVisible() for button in buttons)
    words, icons = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
    assert styles == [words, icons, words]


def test_words_go_first_where_everybody_knows_the_icon(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: has_all_docks(window))
    bar = window.findChild(QToolBar, "tools")
    assert isinstance(bar, QToolBar)
    every = {key for key in TOOLS if key not in ("", "connect")}
    shown: list[set[str]] = []
    for width in range(2000, window.minimumSizeHint().width(), -40):
        window.resize(width, 700)
        QApplication.processEvents()
        low, icons = QAction.Priority.LowPriority, Qt.ToolButtonStyle.ToolButtonIconOnly
        is_bare = bar.toolButtonStyle() == icons
        words = {key for key in every if not is_bare and window.actions_of[key].priority() != low}
        if not shown or shown[-1] != words:
            shown.append(words)
    assert shown == [every, every - set(KNOWN_ICONS), set()]


def test_every_action_does_something(window: MainWindow) -> None:
    assert window.handlers.keys() == {spec.key for spec in ACTIONS}
