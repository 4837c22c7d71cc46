"""Layers on the clipboard and in drags: YAML text, so that they paste into an editor and back."""

from __future__ import annotations

import json

from PySide6.QtCore import QMimeData

from cnnstudio.core.design import Item, ItemPath
from cnnstudio.formats.design_yaml import items_text, parse_items

LAYERS = "application/x-cnnstudio-layers"
"""A YAML list of items, as the `layers` of a design file."""
PATHS = "application/x-cnnstudio-paths"
"""Where the items are: JSON of the document's number and their paths, for moves within one window."""


def layers_mime(items: tuple[Item, ...], document_key: str = "", paths: tuple[ItemPath, ...] = ()) -> QMimeData:
    """The items as layers and as plain text; with their paths where they come out of a document."""
    mime = QMimeData()
    text = items_text(items)
    mime.setData(LAYERS, text.encode())
    mime.setText(text)
    if paths:
        mime.setData(PATHS, json.dumps({"document": document_key, "paths": paths}).encode())
    return mime


def has_layers(mime: QMimeData) -> bool:
    """Whether there is something that may be layers."""
    return mime.hasFormat(LAYERS) or (mime.hasText() and not mime.hasUrls())


def layers_in(mime: QMimeData) -> tuple[Item, ...]:
    """The items in a drag or on the clipboard; FileError if the text there is no list of layers."""
    text = mime.data(LAYERS).toStdString() if mime.hasFormat(LAYERS) else mime.text()
    return parse_items(text, "clipboard")


def paths_in(mime: QMimeData, document_key: str) -> tuple[ItemPath, ...]:
    """The paths of items dragged within this document; empty for items from elsewhere."""
    if not mime.hasFormat(PATHS):
        return ()
    try:
        data = json.loads(mime.data(PATHS).toStdString())
        if data["document"] != document_key:
            return ()
        return tuple(tuple(map(str, path)) for path in data["paths"])
    except (ValueError, KeyError, TypeError):
        return ()
