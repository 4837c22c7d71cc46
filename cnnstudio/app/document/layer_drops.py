"""Drags of layers, and the edits that drops of them make."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, QMimeData, Qt

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.layer_mime import buildings_in, has_layers, layers_in, layers_mime, paths_in
from cnnstudio.authoring.blocks.adapting import fitted
from cnnstudio.authoring.blocks.placing import place_building, shape_at
from cnnstudio.core import edits
from cnnstudio.core.edits import Edit, EditError, Place
from cnnstudio.core.edits.edit import labelled
from cnnstudio.core.network.design import BLOCK_INPUT, Block, Item, ItemPath, index_of
from cnnstudio.formats.fault import FileError


class Connection(Struct, frozen=True):
    """The connection by which an item takes another of its list, or `input`, by name."""

    target: ItemPath
    source: str

    @property
    def ends(self) -> set[ItemPath]:
        """The paths of both ends."""
        return {self.target, (*self.target[:-1], self.source)}


def dragged(document: Document, paths: Sequence[ItemPath]) -> QMimeData:
    """The items of a drag, and where they are."""
    found = edits.chosen(document.design, paths)
    return layers_mime(tuple(found.values()), document.key, tuple(found))


def is_taken(document: Document, data: QMimeData, action: Qt.DropAction, target: ItemPath) -> bool:
    """True if there are layers that can go into a list; a block cannot be moved into itself."""
    if not has_layers(data):
        return False
    moved = paths_in(data, document.key) if action == Qt.DropAction.MoveAction else ()
    return not any(target[: len(path)] == path for path in moved)


def dropped(document: Document, data: QMimeData, action: Qt.DropAction, place: Place) -> Edit:
    """The edit that a drop makes; EditError if there are no layers in it."""
    design = document.design
    paths = paths_in(data, document.key)
    if paths and action == Qt.DropAction.MoveAction:
        return edits.move(design, paths, place)
    if paths and action == Qt.DropAction.LinkAction:
        return edits.use_again(design, paths, place)
    if paths:
        return edits.duplicate(design, paths, place)
    try:
        blocks = buildings_in(data)
        if blocks:
            return place_building(document.analysis, place, blocks)
        return edits.paste(design, place, layers_in(data))
    except FileError as error:
        raise _no_layers(error) from None


def dropped_on(document: Document, data: QMimeData, action: Qt.DropAction, connection: Connection) -> Edit:
    """The edit that a drop on a connection makes: what is dropped goes between its ends.

    Others keep what they take. What cannot stand on one connection, such as a merge, goes above the item that the
    connection leads to. Raises EditError if there are no layers in it.
    """
    design, target = document.design, connection.target
    place = (target[:-1], index_of(design, target))
    paths = paths_in(data, document.key)
    found = edits.chosen(design, paths)
    moves = bool(found) and action == Qt.DropAction.MoveAction
    if moves and not connection.ends.isdisjoint(found):
        return Edit(design, "", tuple(found))  # it lies there already
    if action == Qt.DropAction.LinkAction:
        found = {path: edits.sharing_with(item, path) for path, item in found.items()}
    items = tuple(found.values()) if found else _dropped_items(document, data, connection)
    if not _is_chain(items) or (moves and any(target[: len(path)] == path for path in found)):
        return dropped(document, data, action, place)
    if not moves:
        return edits.insert_on(design, target, connection.source, items)
    # Taken out first, so that the connection it is dropped on is that of the network without it.
    rest = edits.remove(design, found)
    edit = edits.insert_on(rest.design, target, connection.source, items)
    label = f"Move {labelled(list(found))} between {connection.source} and {target[-1]}"
    return Edit(edit.design, label, edit.focus, (*rest.notes, *edit.notes))


def _dropped_items(document: Document, data: QMimeData, connection: Connection) -> tuple[Item, ...]:
    """The items in a drag from elsewhere; building blocks are adapted to what the connection carries."""
    try:
        blocks = buildings_in(data)
        if not blocks:
            return layers_in(data)
    except FileError as error:
        raise _no_layers(error) from None
    parent, design = connection.target[:-1], document.design
    above = 0 if connection.source == BLOCK_INPUT else index_of(design, (*parent, connection.source)) + 1
    shape = shape_at(document.analysis, (parent, above))
    return tuple(item for block in blocks for item in fitted(block, shape).items)


def _is_chain(items: tuple[Item, ...]) -> bool:
    """True if one connection can feed the items: they take each other, and the first of them a single input."""
    own: set[str] = set()
    for number, item in enumerate(items):
        needs = 1 if isinstance(item, Block) else item.min_inputs
        if needs > 1 and not own.issuperset(item.inputs or ("",)):
            return False
        if number and not own.issuperset(item.inputs):
            return False
        own.add(item.name)
    return bool(items)


def _no_layers(error: FileError) -> EditError:
    text = QCoreApplication.translate("Drops", "what was dropped is not a list of layers: {fault}")
    return EditError(text.format(fault=error.faults[0].sentence))
