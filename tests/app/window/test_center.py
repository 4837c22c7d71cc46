"""The middle of the window: table and diagram under their tabs, the chart below."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.window.main_window import MainWindow
from tests.app.conftest import opened_window


@pytest.fixture
def window(studio: Studio) -> MainWindow:
    """ResNet-18, open."""
    return opened_window(studio, "resnet-18")


def test_the_table_comes_first_and_the_diagram_is_not_made(window: MainWindow) -> None:
    assert window.center.panel.current == "table"
    assert window.center.panel.made == [window.table]
    assert window.table.isVisible()


def test_the_diagram_is_shown_by_its_tab_and_remembered(studio: Studio, window: MainWindow, settings: Settings) -> None:
    window.actions_of["show_diagram"].trigger()
    assert window.center.diagram.isVisible()
    assert window.center.diagram.tools.isVisible()
    assert not window.table.isVisible()
    assert settings.center_view == "diagram"
    second = opened_window(studio)
    assert second.center.panel.current == "diagram"
    window.actions_of["show_table"].trigger()
    assert window.table.isVisible()
    assert not window.center.diagram.tools.isVisible()
    assert settings.center_view == "table"


def test_list_and_diagram_share_folding_and_selection(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_of["show_diagram"].trigger()
    index = window.layers.layer_model.index_of_path(("layer1",))
    window.layers.expand(index)
    view = window.center.diagram.view
    qtbot.waitUntil(lambda: ("frame", ("layer1",), (), 1) in view.shown)
    view.selection_requested.emit((("layer1", "conv2"),))
    assert window.view_state.selection == (("layer1", "conv2"),)
    assert [
        window.layers.layer_model.path_of(selected) for selected in window.layers.selectionModel().selectedRows()
    ] == [("layer1", "conv2")]


def test_fit_shows_the_diagram_and_all_of_it(window: MainWindow) -> None:
    window.actions_of["fit_diagram"].trigger()
    view = window.center.diagram.view
    seen = view.mapToScene(view.viewport().rect()).boundingRect()
    assert seen.adjusted(-2, -2, 2, 2).contains(view.sceneRect())


def test_the_keyboard_goes_to_the_diagram_where_it_is_shown(window: MainWindow) -> None:
    window.actions_of["show_diagram"].trigger()
    window.layers.setFocus()
    window.actions_of["next_panel"].trigger()
    assert window.focusWidget() is window.center.diagram.view
