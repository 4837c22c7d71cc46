"""Connecting without the pointer: by the action with its list, and disconnecting by the menu."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QListWidget, QMenu

from cnnstudio.app.application import Studio
from cnnstudio.app.search.find_layer import FindLayer
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core.network.design import ItemPath, find
from tests.app.conftest import opened_window


@pytest.fixture
def window(studio: Studio) -> MainWindow:
    return opened_window(studio, "resnet-18")


class Chooser:
    """Chooses from the next list, and keeps what it offered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, chosen: ItemPath) -> None:
        self.title = ""
        self.rows: list[str] = []
        self._chosen = chosen
        monkeypatch.setattr(FindLayer, "exec", self._answer)

    def _answer(self, *_nothing: object) -> QDialog.DialogCode:
        dialog = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, FindLayer))
        self.title = dialog.windowTitle()
        found = dialog.findChild(QListWidget)
        assert isinstance(found, QListWidget)
        self.rows = [found.item(row).text() for row in range(found.count())]
        dialog.chosen = self._chosen
        return QDialog.DialogCode.Accepted if self._chosen else QDialog.DialogCode.Rejected


def test_connect_to_asks_for_a_later_layer(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    chooser = Chooser(monkeypatch, ("layer1", "add"))
    window.view_state.select((("layer1", "relu1"),))
    window.actions_of["connect_to"].trigger()
    assert chooser.title == "Connect relu1 to"
    assert chooser.rows == [
        "layer1/add   one more input",
        "layer1/bn2   in place of conv2",
        "layer1/relu2   in place of add",
    ]
    assert find(window.document.design, ("layer1", "add")).inputs == ("bn2", "input", "relu1")
    assert window.document.undo_stack.undoText() == "Connect relu1 to add"
    assert window.view_state.selection == (("layer1", "add"),)


def test_what_does_not_fit_says_so(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    chooser = Chooser(monkeypatch, ())
    window.view_state.select((("conv1",),))
    window.actions_of["connect_to"].trigger()
    assert "avgpool   in place of layer4" in chooser.rows
    assert window.document.undo_stack.count() == 0, "nothing was chosen"


def test_the_last_layer_leads_nowhere(window: MainWindow) -> None:
    window.view_state.select((("fc",),))
    window.actions_of["connect_to"].trigger()
    assert window.statusBar().currentMessage() == "There is no later layer that 'fc' could be connected to."


def test_one_layer_must_be_selected(window: MainWindow) -> None:
    action = window.actions_of["connect_to"]
    assert not action.isEnabled()
    window.view_state.select((("conv1",), ("bn1",)))
    assert not action.isEnabled()
    window.view_state.select((("conv1",),))
    assert action.isEnabled()


def disconnect_menu(window: MainWindow) -> QMenu:
    window.layers.menu_requested.emit(window.pos())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return next(child for child in menu.findChildren(QMenu) if child.title() == "Disconnect from")


def test_disconnecting_by_the_context_menu(window: MainWindow) -> None:
    window.view_state.select((("layer1", "add"),))
    menu = disconnect_menu(window)
    assert [(action.text(), action.isEnabled()) for action in menu.actions()] == [
        ("bn2", False),
        ("the input of layer1", True),
    ]
    assert menu.actions()[0].toolTip().startswith("<qt>'add' is a layer of type Add, which needs at least 2 inputs")
    menu.actions()[1].trigger()
    assert find(window.document.design, ("layer1", "add")).inputs == ()
    assert window.document.undo_stack.undoText() == "Disconnect add from the input of layer1"
    assert window.statusBar().currentMessage() == "'add' now takes 'bn2' alone, and needs 2 inputs."
    popup = QApplication.activePopupWidget()
    assert popup is not None
    popup.close()
    window.document.undo_stack.undo()
    assert find(window.document.design, ("layer1", "add")).inputs == ("bn2", "input")


def test_an_input_layer_has_nothing_to_disconnect_from(window: MainWindow) -> None:
    window.view_state.select((("image",),))
    menu = disconnect_menu(window)
    assert not menu.isEnabled()
    popup = QApplication.activePopupWidget()
    assert popup is not None
    popup.close()
