"""The window: what its views share, its layout, what is dropped on it, and designs that nobody expects."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLineEdit, QUndoView, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.chart.lazy_library import ChartLibrary
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.app.window.status import StatusLine
from cnnstudio.app.working.view import WorkingView
from cnnstudio.core import edits
from cnnstudio.core.network.design import Block, Design, walk
from cnnstudio.formats.design_yaml import write_design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Input
from tests.app.conftest import has_all_docks, opened_window
from tests.app.dragging import Copy, drop, enter
from tests.app.drawing import draw_tree


@pytest.fixture
def window(studio: Studio) -> MainWindow:
    """ResNet-18, open: blocks and branches."""
    return opened_window(studio, "resnet-18")


def test_the_keyboard_begins_in_the_layer_list(window: MainWindow) -> None:
    assert window.focusWidget() is window.layers
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Down)
    assert window.view_state.selection == ((window.document.design.layers[1].name,),)


# What is made after the first picture.


@pytest.mark.parametrize("reason", ["no library", ""])
def test_the_rest_comes_without_a_chart(
    reason: str, studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds if the chart's library cannot be loaded, and if it takes for ever."""

    def start(library: ChartLibrary) -> None:
        if reason:
            library.failed.emit(reason)

    monkeypatch.setattr(ChartLibrary, "start", start)
    window = opened_window(studio, "resnet-18")
    qtbot.waitUntil(lambda: has_all_docks(window))
    assert window.chart.plot is None
    assert reason in window.chart.message


# What the views share.


def selected_everywhere(window: MainWindow) -> list[set[tuple[str, ...]]]:
    layers, grid = window.layers, window.table.grid
    plot = window.chart.plot
    assert plot is not None
    return [
        {layers.layer_model.path_of(index) for index in layers.selectionModel().selectedRows()},
        {grid.layers.path_of(index) for index in grid.selectionModel().selectedRows()},
        set(window.view_state.selection),
    ]


def test_a_selection_is_one_in_list_table_and_chart(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.chart.plot is not None)
    path = ("layer1", "conv2")
    window.view_state.select((path,))
    assert selected_everywhere(window) == [{path}] * 3
    grid, flag = window.table.grid, QItemSelectionModel.SelectionFlag
    grid.selectionModel().select(grid.layers.index(0, 0), flag.ClearAndSelect | flag.Rows)
    assert selected_everywhere(window) == [{("image",)}] * 3
    plot = window.chart.plot
    assert plot is not None
    plot.selection_requested.emit((("fc",), ("avgpool",)))
    assert selected_everywhere(window) == [{("fc",), ("avgpool",)}] * 3
    assert window.view_state.selection == (("avgpool",), ("fc",)), "in the order of the list"


def total_spot(window: MainWindow, key: str) -> QPoint:
    """The place of a column's total in the line below the table."""
    totals = window.table.totals
    return totals.visualRect(totals.model().index(0, window.table.column_keys.index(key))).center()


def test_a_click_on_a_total_shows_its_working(window: MainWindow) -> None:
    working = window.docks.view("working", WorkingView)
    window.view_state.select((("fc",),))
    window.docks["working"].hide()
    ground = window.table.totals.viewport()
    QTest.mouseClick(ground, Qt.MouseButton.LeftButton, pos=total_spot(window, "type"))
    assert window.view_state.selection == (("fc",),), "a column without a total is no link"
    QTest.mouseClick(ground, Qt.MouseButton.LeftButton, pos=total_spot(window, "weights"))
    assert not window.view_state.selection
    assert window.docks["working"].isVisible()
    (line,) = working.question
    assert (line.working.name, line.working.value) == ("total weights", window.document.analysis.totals.weights)
    status = window.statusBar()
    assert isinstance(status, StatusLine)
    status.total_requested.emit("macs")
    assert working.question[0].working.name == "total MACs"


def open_rows(window: MainWindow) -> tuple[bool, bool, bool]:
    """Tells for list, table and chart whether the first block is open."""
    plot = window.chart.plot
    assert plot is not None
    index = window.layers.layer_model.index_of_path(("layer1",))
    inner = ("layer1", "conv2")
    return (
        window.layers.isExpanded(index),
        window.table.grid.layers.row_of(inner) >= 0,
        any(bar.path == inner for bar in plot.bars),
    )


def test_blocks_fold_in_list_table_and_chart_together(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.chart.plot is not None)
    assert open_rows(window) == (False, False, False)
    window.layers.expand(window.layers.layer_model.index_of_path(("layer1",)))
    assert open_rows(window) == (True, True, True)
    window.actions_of["fold_all"].trigger()
    assert open_rows(window) == (False, False, False)
    window.actions_of["unfold_all"].trigger()
    assert open_rows(window) == (True, True, True)
    blocks = [path for path, item in walk(window.document.design.layers) if isinstance(item, Block)]
    assert all(window.view_state.is_open(path) for path in blocks)


def test_blocks_stay_open_through_edits_and_undo(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.chart.plot is not None)
    window.view_state.set_open(("layer1",), is_open=True)
    window.document.apply(edits.move(window.document.design, [("layer1",)], ((), 1)))
    assert open_rows(window) == (True, True, True)
    window.document.undo_stack.undo()
    assert open_rows(window) == (True, True, True)


def test_the_history_goes_back_to_any_step(window: MainWindow) -> None:
    before = window.document.design
    for name in ("one", "two", "three"):
        last = window.document.design.layers[-1].name
        window.document.apply(edits.rename(window.document.design, (last,), name))
    history = window.docks.view("history", QUndoView)
    model = history.model()
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == [
        "As opened",
        "Rename fc to one",
        "Rename one to two",
        "Rename two to three",
    ]
    history.setCurrentIndex(model.index(2, 0))
    assert window.document.design.layers[-1].name == "two"
    history.setCurrentIndex(model.index(0, 0))
    assert (window.document.design, window.isWindowModified()) == (before, False)


def test_undo_shows_what_it_concerned(studio: Studio, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "long.yaml"
    convolutions = (Conv2D(name=f"c{n}", filters=3, kernel_size=1) for n in range(200))
    write_design(path, Design(layers=(Input(name="image", size=(8, 8), channels=3), *convolutions)))
    window = studio.open(path)
    assert window is not None
    with qtbot.waitExposed(window):
        window.show()
    window.view_state.select((("c150",),))
    window.editing.delete()
    window.view_state.select((("c3",),))
    for view in (window.layers, window.table.grid):
        view.scrollToTop()
    window.document.undo_stack.undo()
    assert window.view_state.selection == (("c150",),)
    for view, index in (
        (window.layers, window.layers.layer_model.index_of_path(("c150",))),
        (window.table.grid, window.table.grid.layers.index(window.table.grid.layers.row_of(("c150",)), 0)),
    ):
        assert view.viewport().rect().contains(view.visualRect(index).center())


# Title, problems, layout.


def test_the_title_names_file_and_design_and_marks_changes(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    write_design(path, Design(name="Net [*] 1"))
    window = studio.open(path)
    assert window is not None
    assert window.windowTitle() == "my.yaml — Net [*][*] 1[*] — CNN Studio"
    assert not window.isWindowModified()
    window.document.apply(edits.set_design(window.document.design, "name", "my.yaml"))
    assert (window.windowTitle(), window.isWindowModified()) == ("my.yaml[*] — CNN Studio", True)


def test_problems_are_shown_only_where_there_are_some(studio: Studio) -> None:
    window = opened_window(studio)
    assert not window.docks["problems"].isVisible()
    window.document.apply(edits.set_field(window.document.design, [("Conv-3",)], "kernel_size", 99))
    assert window.docks["problems"].isVisible()
    window.document.undo_stack.undo()
    assert not window.docks["problems"].isVisible()


def test_problems_that_somebody_closed_stay_closed_until_there_are_new_ones(studio: Studio) -> None:
    window = opened_window(studio)
    dock = window.docks["problems"]
    window.document.apply(edits.set_field(window.document.design, [("Conv-3",)], "kernel_size", 99))
    dock.close()
    window.document.apply(edits.set_field(window.document.design, [("Conv-5",)], "kernel_size", 99))
    assert not dock.isVisible()
    while window.document.undo_stack.canUndo():
        window.document.undo_stack.undo()
    window.document.undo_stack.redo()
    assert dock.isVisible()


def test_a_refused_edit_is_told_in_the_status_line(window: MainWindow) -> None:
    window.document.attempt(lambda: edits.rename(window.document.design, ("fc",), "input"))
    assert window.statusBar().currentMessage().startswith("'input' is reserved")


def test_the_layout_is_kept_and_can_be_reset(studio: Studio, window: MainWindow) -> None:
    first = opened_window(studio)
    for each in (first, window):
        each.resize(1280, 800)
    first.docks["palette"].hide()
    first.docks["history"].show()
    first.removeDockWidget(first.docks["inspector"])
    first.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, first.docks["inspector"])
    first.docks["inspector"].show()
    first.center.setSizes([200, 500])
    shares = shares_of(first)
    first.close()
    second = opened_window(studio)
    second.resize(1280, 800)
    assert layout_of(second) == (False, True, Qt.DockWidgetArea.LeftDockWidgetArea)
    assert shares_of(second) == pytest.approx(shares, abs=0.02)
    second.actions_of["reset_layout"].trigger()
    assert layout_of(second) == layout_of(window) == (True, False, Qt.DockWidgetArea.RightDockWidgetArea)
    second.close()
    third = opened_window(studio)
    third.resize(1280, 800)
    assert layout_of(third) == layout_of(window)


def shares_of(window: MainWindow) -> list[float]:
    """The shares of table and chart in the middle."""
    sizes = window.center.sizes()
    return [size / sum(sizes) for size in sizes]


def layout_of(window: MainWindow) -> tuple[bool, bool, Qt.DockWidgetArea]:
    docks = window.docks
    area = window.dockWidgetArea(docks["inspector"])
    return not docks["palette"].isHidden(), not docks["history"].isHidden(), area


def test_a_layout_of_another_version_is_not_forced_on_a_window(studio: Studio, window: MainWindow) -> None:
    state = studio.settings.layout()._replace(state=window.saveState(99))
    studio.settings.set_layout(state)
    assert layout_of(opened_window(studio)) == layout_of(window)


def test_theme_and_text_size_follow_at_once(studio: Studio, window: MainWindow) -> None:
    studio.theme.apply()
    height = window.table.grid.verticalHeader().defaultSectionSize()
    light = window.grab().toImage().pixelColor(window.width() // 2, window.height() // 3).lightness()
    window.look.set_theme_mode("dark")
    assert window.grab().toImage().pixelColor(window.width() // 2, window.height() // 3).lightness() < 90 < light
    window.look.set_text_scale(2.0)
    assert window.table.grid.verticalHeader().defaultSectionSize() > 1.5 * height
    assert window.layers.fontMetrics().height() > 1.5 * (height - 10)
    window.look.set_text_scale(1.0)
    window.look.set_theme_mode("light")


# Files dropped.


def mime_of(*names: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(name) for name in names])
    return mime


def test_a_dropped_file_opens_and_is_never_moved(
    studio: Studio, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "ü.yaml"
    write_design(path, Design(name="Dropped"))
    mime = mime_of(str(path), str(tmp_path / "picture.png"))
    event = enter(window, mime)
    assert (event.isAccepted(), event.dropAction()) == (True, Copy)
    assert drop(window, mime).dropAction() == Copy
    qtbot.waitUntil(lambda: len(studio.windows) == 2)
    assert studio.windows[-1].document.path == path
    assert path.exists()


def test_what_is_no_design_file_is_not_taken(window: MainWindow) -> None:
    assert not enter(window, mime_of("/tmp/picture.png")).isAccepted()


# For everybody.


def views_of(window: MainWindow) -> list[QWidget]:
    for dock in window.docks:
        dock.show()
    window.view_state.select((("conv1",),))
    kinds = (QAbstractItemView, QLineEdit, QComboBox)
    found = [child for kind in kinds for child in window.findChildren(kind)]
    return [widget for widget in found if widget.isVisible()]


def is_complete(window: MainWindow) -> bool:
    """True if all views have been made, which they are one after the other."""
    return window.chart.plot is not None and has_all_docks(window)


def test_every_view_has_an_accessible_name(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: is_complete(window))
    views = views_of(window)
    assert len(views) > 8
    nameless = [view for view in views if not view.accessibleName() and not is_part(view)]
    assert nameless == []


def is_part(widget: QWidget) -> bool:
    """True if a widget is a piece of another one that Qt put together, and speaks for it."""
    parent = widget.parentWidget()
    return isinstance(parent, QComboBox) or type(widget).__name__ in ("QTableView", "QListView", "QHeaderView")


def test_tab_goes_round_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1280, 800)
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.waitUntil(lambda: is_complete(window))
    window.view_state.select((("conv1",),))
    window.layers.setFocus()
    reached: set[str] = set()
    docks = {key: window.docks[key] for key in ("palette", "layers", "inspector")}
    for _ in range(60):
        QTest.keyClick(focused_in(window), Qt.Key.Key_Tab)
        focused = focused_in(window)
        panels = {"table": window.table, "chart": window.chart, **docks}
        reached |= {name for name, panel in panels.items() if within(panel, focused)}
    assert reached >= {"palette", "layers", "table", "chart", "inspector"}


def focused_in(window: MainWindow) -> QWidget:
    widget = window.focusWidget()
    assert isinstance(widget, QWidget)
    return widget


def within(panel: QWidget, widget: QWidget) -> bool:
    return panel is widget or panel.isAncestorOf(widget)


# What nobody expects.

NAMES = ("😀 conv", "n" * 300, "שלום", "مرحبا 1", "<b>bold</b>", "a&b", "日本語の層", "a/b[1]", "%1 {0}")


def test_names_that_nobody_expects(studio: Studio, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "names.yaml"
    layers = tuple(Conv2D(name=name, filters=3, kernel_size=1) for name in NAMES)
    write_design(path, Design(name="<i>😀", layers=(Input(name="image", size=(8, 8), channels=3), *layers)))
    window = studio.open(path)
    assert window is not None
    qtbot.waitUntil(lambda: window.chart.plot is not None)
    for name in NAMES:
        window.view_state.select(((name,),))
        window.document.apply(edits.set_field(window.document.design, [(name,)], "filters", 4))
        assert window.document.undo_stack.undoText() == f"Set filters of {name} to 4"
        index = window.layers.layer_model.index_of_path((name,))
        assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith(f"{name}, Conv2D")
        window.grab()
    assert window.files.save()
    assert window.minimumSizeHint().width() < 1280


def test_an_empty_design_invites_to_begin(studio: Studio) -> None:
    window = studio.new()
    window.editing.select_all()
    window.editing.delete()
    assert window.document.design.layers == ()
    for key in ("move_up", "duplicate", "copy", "fold_all", "copy_table"):
        window.actions_of[key].trigger()
    window.view_state.select((("nobody",),))
    window.grab()
    window.editing.add("Input")
    assert draw_tree(window.layers.layer_model) == "input_1"


def test_selections_keep_to_what_exists(window: MainWindow) -> None:
    state = ViewState(window.document, window)
    state.select((("fc",), ("nobody",), ("image",), ("fc",)))
    assert state.selection == (("image",), ("fc",))
    window.document.apply(edits.remove(window.document.design, [("image",)]))
    assert ("image",) not in state.selection
