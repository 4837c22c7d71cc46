"""Tips whose text is taken as it is: Qt reads what looks like HTML as HTML, and names may look like anything."""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """A tip that Qt breaks into lines, and in which `<b>` means the letters; no tip for no text."""
    return f"<qt>{escape(text, quote=False).replace(chr(10), '<br>')}</qt>" if text else ""
