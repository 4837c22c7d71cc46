"""The page of the manual that is about a part of a window: each part carries its path, and what lies in it need not."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

FRONT_PAGE: Final = "README.md"
_TOPIC: Final = "help_topic"


def set_topic(widget: QWidget, path: str) -> None:
    """Says which page is about a widget and all that is in it: `views/table.md`."""
    widget.setProperty(_TOPIC, path)


def topic_of(widget: QWidget | None) -> str:
    """The page about a widget, or about the nearest one around it that has a page; the front page if none has."""
    while widget is not None:
        path = widget.property(_TOPIC)
        if isinstance(path, str):
            return path
        widget = widget.parentWidget()
    return FRONT_PAGE
