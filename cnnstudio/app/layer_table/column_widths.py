"""The widths of the table's columns: wide enough for what stands in them, unless somebody chose another width."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QTableView

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.layer_table.lines import VisibleLine
from cnnstudio.app.layer_table.model import LayerTableModel
from cnnstudio.app.rows.cells import INDENT, PADDING
from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.columns import Column

MEASURED_LINES = 60
MAX_WIDTH = 260
SETTLED_MS = 120
"""Columns are not measured between keystrokes."""


class ColumnWidths(QObject):
    """Fits the columns once, and lets them grow when numbers no longer fit. They never shrink under the eye."""

    def __init__(self, grid: QTableView, layers: LayerTableModel, document: Document, theme: Theme) -> None:
        super().__init__(grid)
        self._grid = grid
        self._layers = layers
        self._document = document
        self._theme = theme
        self._chosen: set[int] = set()
        self._is_fitting = False
        self._text_scale = theme.text_scale
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._grow)
        grid.horizontalHeader().sectionResized.connect(self._on_resized)
        document.changed.connect(self._on_changed)
        layers.rowsInserted.connect(self._on_changed)
        theme.changed.connect(self._on_theme)

    def fit(self) -> None:
        """Gives every column the width of its longest text, and of its title."""
        self._chosen.clear()
        for section in range(len(self._layers.columns)):
            self._set_width(section, self._wanted(section, self._layers.lines[:MEASURED_LINES]))

    def _grow(self) -> None:
        lines = self._lines_in_sight()
        for section in range(len(self._layers.columns)):
            wanted = self._wanted(section, lines)
            # A column that becomes narrower moves all those beside it while somebody reads them.
            if section not in self._chosen and wanted > self._grid.columnWidth(section):
                self._set_width(section, wanted)

    def _lines_in_sight(self) -> list[VisibleLine]:
        first = max(0, self._grid.rowAt(0))
        return self._layers.lines[first : first + MEASURED_LINES]

    def _wanted(self, section: int, lines: list[VisibleLine]) -> int:
        column = self._layers.columns[section]
        metrics = QFontMetrics(self._bold_font())
        texts = [self._layers.cell_text(line, column) for line in lines]
        widest = max(metrics.horizontalAdvance(text) for text in (*texts, *self._fixed_texts(column)))
        deepest = max((line.depth for line in lines), default=0) if section == 0 else 0
        arrow = INDENT * (2 + deepest) if section == 0 else 0
        return min(MAX_WIDTH, widest + 2 * PADDING + arrow + 2)

    def _fixed_texts(self, column: Column) -> tuple[str, ...]:
        return column.title, column.brief_total(self._document.analysis), UNKNOWN

    def _bold_font(self) -> QFont:
        """The font of blocks and totals, the widest there is."""
        font = QFont(self._theme.number_font())
        font.setBold(True)
        return font

    def _set_width(self, section: int, width: int) -> None:
        self._is_fitting = True
        self._grid.setColumnWidth(section, width)
        self._is_fitting = False

    def _on_resized(self, section: int, _old: int, _new: int) -> None:
        # Qt tells of widths that were set here by the same signal as of those that somebody drags.
        if not self._is_fitting:
            self._chosen.add(section)

    def _on_theme(self) -> None:
        """Another text size: columns that somebody has chosen a width for keep it in letters."""
        factor = self._theme.text_scale / self._text_scale
        self._text_scale = self._theme.text_scale
        if factor == 1:
            return
        lines = self._lines_in_sight()
        for section in range(len(self._layers.columns)):
            is_chosen = section in self._chosen
            scaled = round(self._grid.columnWidth(section) * factor)
            self._set_width(section, scaled if is_chosen else self._wanted(section, lines))

    def _on_changed(self) -> None:
        self._settled.start()
