"""Models as text: what a test compares before and after."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex

_ROOT = QModelIndex()


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
