"""Layers on the clipboard and in drags: YAML text, so that they paste into an editor and back."""

from __future__ import annotations

import json

from PySide6.QtCore import QMimeData

from cnnstudio.app.document.file_drops import source_in
from cnnstudio.authoring.blocks.adapting import fitted
from cnnstudio.core.network.design import Design, Item, ItemPath
from cnnstudio.formats.design_yaml import MAX_FILE_BYTES, decode, design_text, items_text, parse_design, parse_items
from cnnstudio.formats.fault import FileError, FileFault

LAYERS = "application/x-cnnstudio-layers"
"""A YAML list of items, as the `layers` of a design file."""
PATHS = "application/x-cnnstudio-paths"
"""The places of the items: JSON of the document's number and their paths, for moves within one window."""
BUILDING = "application/x-cnnstudio-building-blocks"
"""A JSON list of building blocks as the texts of their files: they are adapted to the place where they are dropped."""


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
    """True if there is something that may be layers."""
    # Files come with their addresses as text, which are no layers, and code has none either; the window opens both.
    return mime.hasFormat(LAYERS) or (mime.hasText() and not mime.hasUrls() and not source_in(mime))


def layers_in(mime: QMimeData | None) -> tuple[Item, ...]:
    """The items in a drag or on the clipboard. Raises FileError if the text there is not a list of layers."""
    if mime is None:  # some systems say so of an empty clipboard
        mime = QMimeData()
    content = bytes(mime.data(LAYERS).data()) if mime.hasFormat(LAYERS) else mime.text().encode(errors="replace")
    # Any program may have put anything on the clipboard.
    if len(content) > MAX_FILE_BYTES:
        raise FileError("clipboard", [FileFault(0, 0, f"holds more than {MAX_FILE_BYTES / 1e6:g} MB.")])
    return parse_items(decode(content, "clipboard"), "clipboard")


def paths_in(mime: QMimeData, document_key: str) -> tuple[ItemPath, ...]:
    """The paths of items dragged within this document; empty for items from elsewhere."""
    if not mime.hasFormat(PATHS):
        return ()
    try:
        data = json.loads(bytes(mime.data(PATHS).data()))
        # Paths of another window's design may name other layers here.
        if data["document"] != document_key:
            return ()
        return tuple(tuple(map(str, path)) for path in data["paths"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()


def building_mime(designs: tuple[Design, ...]) -> QMimeData:
    """Building blocks, for our own windows; and as they are, as layers and text."""
    mime = layers_mime(tuple(item for design in designs for item in fitted(design, None).items))
    mime.setData(BUILDING, json.dumps([design_text(design) for design in designs]).encode())
    return mime


def buildings_in(mime: QMimeData) -> tuple[Design, ...]:
    """The building blocks in a drag, none if it carries something else; FileError if they cannot be read."""
    if not mime.hasFormat(BUILDING):
        return ()
    try:
        texts = [str(text) for text in json.loads(bytes(mime.data(BUILDING).data()))]
    except (ValueError, TypeError, RecursionError):
        raise FileError("building block", [FileFault(0, 0, "is not a list of building blocks.")]) from None
    return tuple(parse_design(text, "building block").design for text in texts)
