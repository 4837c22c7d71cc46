"""The margins of texts in the cells of every table."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt

INDENT: Final = 14
"""Pixels that a name is indented for each block it lies in."""
ARROW: Final = 12
"""The side of the arrow that folds a block, in pixels."""
PADDING: Final = 8
"""Pixels between the edge of a cell and its text."""
ALIGNMENTS: Final = {
    "left": Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    "right": Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
}
