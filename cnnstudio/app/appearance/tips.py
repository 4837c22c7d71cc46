"""Tips whose text is taken as it is: Qt reads what looks like HTML as HTML, and names may look like anything."""

from __future__ import annotations


def escaped(text: str) -> str:
    """Text as rich text shows it unchanged. Python's own function for it loads a table of all entities at the start."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain_tip(text: str) -> str:
    """A tip that Qt breaks into lines, and in which `<b>` means the letters; no tip for no text."""
    return f"<qt>{escaped(text).replace(chr(10), '<br>')}</qt>" if text else ""
