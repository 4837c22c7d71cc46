"""Models as text, which a test compares before and after, and what Qt can draw."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, qVersion

_ROOT = QModelIndex()


def need_letters_in_pictures() -> None:
    """Skips the test with a Qt that puts pictures into a PDF with outlines for letters, at places that vary."""
    if qVersion().startswith("6.8."):
        pytest.skip("Qt 6.8 draws the letters of a picture as outlines, at places that vary by 0.05 points")


def draw_tree(model: QAbstractItemModel, parent: QModelIndex = _ROOT, depth: int = 0) -> str:
    """One line an item, indented by two spaces for each block around it."""
    lines = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        lines.append("  " * depth + str(index.data()))
        inside = draw_tree(model, index, depth + 1)
        if inside:
            lines.append(inside)
    return "\n".join(lines)


def draw_table(model: QAbstractItemModel) -> str:
    """One line a row, cells separated by bars."""
    rows = range(model.rowCount())
    columns = range(model.columnCount())
    return "\n".join(" | ".join(str(model.index(row, column).data()) for column in columns) for row in rows)
