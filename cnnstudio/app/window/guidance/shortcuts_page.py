"""The page of the manual with all keys: those of the menus from their declarations."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

from cnnstudio.app.window.actions import ACTIONS, CONTEXT, sequences
from cnnstudio.manual.page import Page, code, table
from cnnstudio.manual.reference_pages import CHAPTER

PATH: Final = "reference/shortcuts.md"
_IN_VIEWS: Final = (
    ("F2", "rename the layer (list); edit the cell (table)"),
    ("Enter", "go to the fields of the layer (list, table); go to the layer (problems)"),
    ("Ctrl+Enter", "apply the first remedy (problems)"),
    ("Left, Right", "fold and unfold a block (list)"),
    ("Up, Down", "step a number (inspector); go through layers (list, table, chart)"),
    ("Home, End", "first and last layer (list, table)"),
    ("Tab, Shift+Tab", "next and previous field or tool"),
    ("Esc", "give up what was typed or dragged"),
    ("F8, Shift+F8", "next and previous difference (comparison)"),
)
"""Keys of the views themselves, which are in no menu."""


def shortcuts_page() -> Page:
    """The page of all keys."""
    return Page(PATH, "Keyboard shortcuts", CHAPTER, _text)


def _text() -> str:
    rows = [
        (
            ", ".join(code(keys.toString(QKeySequence.SequenceFormat.PortableText)) for keys in sequences(spec)),
            _words(spec.text),
        )
        for spec in ACTIONS
        if sequences(spec)
    ]
    return "\n\n".join(
        (
            "# Keyboard shortcuts",
            "Everything can be done without a mouse. `F6` goes from panel to panel, `F1` shows the page about where "
            "the keyboard is.",
            "## In every window of a design",
            table(("key", "what it does"), rows),
            "## In the views",
            table(("key", "what it does"), [(code(keys), words) for keys, words in _IN_VIEWS]),
            "",
        )
    )


def _words(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text).rstrip("…")
