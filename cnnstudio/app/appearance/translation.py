"""Texts that are declared in one place and translated in another."""

from __future__ import annotations


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Marks a text for translation, by the name that Qt's tools look for; Qt's own function is not typed."""
    return text
