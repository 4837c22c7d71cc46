"""The widths of the table's columns: wide enough for what stands in them, unless somebody chose another width."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QTableView

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.layer_table.column_order import ColumnOrder
from cnnstudio.app.layer_table.lines import VisibleLine
from cnnstudio.app.layer_table.model import LayerTableModel
from cnnstudio.app.rows.cells import INDENT, PADDING
from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.columns import Column

MEASURED_LINES = 60
MAX_WIDTH = 260
MIN_LETTERS = 6
"""Letters of a name that stay, however deep its layer lies, where the numbers need the room."""
IN_SIGHT = ("parameters", "macs")
"""Columns for which the names give way, so that they are whole without scrolling."""
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
        self._names = 0
        self.order = ColumnOrder(grid, layers)
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
        grid.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another width of the table is another room for the names."""
        if event.type() == QEvent.Type.Resize and watched is self._grid.viewport():
            self._make_room()
        return super().eventFilter(watched, event)

    def fit(self) -> None:
        """Gives every column the width of its longest text, and of its title."""
        self._chosen.clear()
        for section in range(len(self._layers.columns)):
            self._set_width(section, self._wanted(section, self._layers.lines[:MEASURED_LINES]))
        self._names = self._grid.columnWidth(0)
        self._make_room()

    def _make_room(self, *, moves: bool = True) -> None:
        """Lets the names give way to the numbers that are to be in sight, as far as they can be read.

        Where that is not enough, what stands among these numbers goes behind them until there is room again; unless
        nothing `moves`, as while somebody edits.
        """
        columns = self._layers.columns
        if 0 in self._chosen or not columns or columns[0].key != "layer":
            return
        deepest = max((line.depth for line in self._lines_in_sight()), default=0)
        letters = QFontMetrics(self._bold_font()).averageCharWidth() * MIN_LETTERS
        least = min(self._names, INDENT * (2 + deepest) + letters + 2 * PADDING)
        if moves:
            self.order.squeeze(self._room(with_others=True) < least)
        room = self._room(with_others=not self.order.is_squeezed)
        # In vain where even that is not enough.
        width = max(least, min(self._names, room)) if room >= least else self._names
        if width != self._grid.columnWidth(0):
            self._set_width(0, width)

    def _room(self, *, with_others: bool) -> int:
        """The pixels that are left for the names, beside all columns up to the last that is to be in sight."""
        keys = self.order.up_to_last(IN_SIGHT) if with_others else IN_SIGHT
        widths = (self._grid.columnWidth(at) for at, column in enumerate(self._layers.columns) if column.key in keys)
        return self._grid.viewport().width() - sum(widths)

    def _grow(self) -> None:
        lines = self._lines_in_sight()
        for section in range(len(self._layers.columns)):
            wanted = self._wanted(section, lines)
            # A column that becomes narrower moves all those beside it while somebody reads them.
            if section not in self._chosen and wanted > self._grid.columnWidth(section):
                self._set_width(section, wanted)
                self._names = max(self._names, wanted) if section == 0 else self._names
        self._make_room(moves=False)

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
        analysis = self._document.analysis
        # Room for the word is kept only where it may be needed: shares are narrower than it.
        return (column.title, column.brief_total(analysis), *((UNKNOWN,) if analysis.problems else ()))

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
        self._names = self._grid.columnWidth(0)
        self._make_room()

    def _on_changed(self) -> None:
        self._settled.start()
