"""Hyperparameters as tables, notes of edits and reports show them."""

from __future__ import annotations

from typing import Any

UNKNOWN_AXIS = "?"
"""The text for a size that is not given."""


def value_text(value: Any) -> str:
    """A hyperparameter as text: `3`, `3 × 5`, `same`, `0:1, 1:0`; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        if any(isinstance(part, tuple) for part in value):
            return ", ".join(":".join(map(str, part)) if isinstance(part, tuple) else str(part) for part in value)
        sizes = [UNKNOWN_AXIS if part is None else str(part) for part in value]
        return (" × " if all(part is None or isinstance(part, int) for part in value) else ", ").join(sizes)
    return f"{value:g}" if isinstance(value, float) else str(value)
