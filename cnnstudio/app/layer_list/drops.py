"""Drags from the layer list, and the edits that drops on it make."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Qt

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.layer_mime import buildings_in, has_layers, layers_in, layers_mime, paths_in
from cnnstudio.authoring.blocks.placing import place_building
from cnnstudio.core import edits
from cnnstudio.core.edits import Edit, EditError, Place
from cnnstudio.core.network.design import ItemPath
from cnnstudio.formats.fault import FileError


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
    if paths:
        return edits.duplicate(design, paths, place)
    try:
        blocks = buildings_in(data)
        if blocks:
            return place_building(document.analysis, place, blocks)
        return edits.paste(design, place, layers_in(data))
    except FileError as error:
        raise EditError(f"what was dropped is not a list of layers: {error.faults[0].sentence}") from None
