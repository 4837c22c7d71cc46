"""Connecting and disconnecting without the pointer, for one window: what is chosen from lists and menus."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QDialog, QMenu, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.authoring.connections import Connection, can_disconnect, connect, connections, disconnect
from cnnstudio.core.network.design import BLOCK_INPUT, ItemPath, find
from cnnstudio.core.network.wiring import taken_by


class Connecting:
    """The commands that connect the selected layer; each is one edit."""

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, owner: QWidget) -> None:
        self._document = document
        self._view_state = view_state
        self._theme = theme
        self._owner = owner

    def handlers(self) -> dict[str, Callable[[], object]]:
        """The handler of each action, by its key."""
        return {"connect_to": self.connect}

    def connect(self) -> None:
        """Asks for a later layer, and connects the selected one to it."""
        document, selection = self._document, self._view_state.selection
        if len(selection) != 1:
            document.refused.emit(self._owner.tr("Select the layer to connect first."))
            return
        source = selection[0]
        found = {connection.target: connection for connection in connections(document.analysis, source)}
        if not found:
            none = self._owner.tr("There is no later layer that '{name}' could be connected to.")
            document.refused.emit(none.format(name=source[-1]))
            return
        target = self._asked(source, found)
        if target:
            document.attempt(lambda: connect(document.design, source, target))

    def _asked(self, source: ItemPath, found: dict[ItemPath, Connection]) -> ItemPath:
        from cnnstudio.app.search.find_layer import FindLayer  # only wanted on demand

        title = self._owner.tr("Connect {name} to").format(name=source[-1])
        design = self._document.design
        dialog = FindLayer(
            self._theme, list(found), partial(find, design), self._owner, title, lambda path: self._words(found[path])
        )
        is_chosen = dialog.exec() == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        return dialog.chosen if is_chosen else ()

    def _words(self, connection: Connection) -> str:
        """The side effects of a connection: the one it replaces, and whether the shapes go together."""
        tr = self._owner.tr
        does = (
            tr("in place of {name}").format(name=connection.replaced) if connection.replaced else tr("one more input")
        )
        return does if connection.fits else tr("{does}; the shapes do not fit").format(does=does)

    def list_inputs(self, menu: QMenu) -> None:
        """Lists the inputs of the selected layer, each to be disconnected; those that it needs cannot be chosen."""
        menu.clear()
        selection = self._view_state.selection
        names = taken_by(self._document.design, selection[0]) if len(selection) == 1 else ()
        menu.setEnabled(bool(names))
        for name in names:
            self._add(menu, selection[0], name)

    def _add(self, menu: QMenu, path: ItemPath, name: str) -> None:
        is_input = name == BLOCK_INPUT
        words = self._owner.tr("the input of {block}").format(block=path[-2]) if is_input else name
        action = menu.addAction(words.replace("&", "&&"))
        reason = can_disconnect(self._document.design, path, name)
        action.setEnabled(reason is None)
        action.setToolTip(plain_tip(reason or words))
        action.triggered.connect(lambda: self._document.attempt(lambda: disconnect(self._document.design, path, name)))
