"""The layers as a table: the lines that the list shows, with the columns that the user chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_table.lines import VisibleLine, keys_of, repeated_lines, visible_lines
from cnnstudio.app.rows.cells import ALIGNMENTS
from cnnstudio.app.rows.steps import Step, difference, moved
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.columns import COLUMN, Column
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.network.design import Item, ItemPath

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
STANDARD_COLUMNS = (
    "layer",
    *(quantity.key for quantity in placed("table") if quantity.group != "field"),
    "type",
    "filters",
    "kernel_size",
    "stride",
    "padding",
    *(quantity.key for quantity in placed("table") if quantity.group == "field"),
)
"""The columns until the user chooses others: what a layer costs first, as the list beside has its type and fields."""

_CELL_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_FIELD_FLAGS = _CELL_FLAGS | Qt.ItemFlag.ItemIsEditable


class LayerTableModel(QAbstractTableModel):
    """Shows the visible lines, sorted if asked to, and edits hyperparameters in the cell."""

    reordered = Signal()
    """The same lines are in other rows now."""

    def __init__(
        self,
        document: Document,
        view_state: ViewState,
        columns: Sequence[str] = STANDARD_COLUMNS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._columns = tuple(COLUMN[key] for key in columns if key in COLUMN)
        self._sort: tuple[str, bool] | None = None
        self._lines = self._lines_now()
        document.changed.connect(self._on_changed)
        view_state.folding_changed.connect(self._on_lines_changed)
        view_state.repeats_changed.connect(self._on_lines_changed)
        view_state.shape_order_changed.connect(self._tell_all)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns shown."""
        return self._columns

    @property
    def lines(self) -> list[VisibleLine]:
        """The lines shown, in their order."""
        return self._lines

    @property
    def sort_order(self) -> tuple[str, bool] | None:
        """The column key that lines are sorted by and whether downwards; None in the order of the network."""
        return self._sort

    def set_columns(self, keys: Sequence[str]) -> None:
        """Shows other columns."""
        self.beginResetModel()
        self._columns = tuple(COLUMN[key] for key in keys if key in COLUMN)
        self.endResetModel()

    def set_sort(self, key: str | None, *, descending: bool = True) -> None:
        """Sorts by a column; None restores the order of the network."""
        self._sort = None if key is None else (key, descending)
        self._on_lines_changed()

    def cell(self, index: Index) -> tuple[VisibleLine, Column, str]:
        """The data that a delegate draws in a cell, in one call: its line, its column, and its text."""
        line, column = self._lines[index.row()], self._columns[index.column()]
        return line, column, self.cell_text(line, column)

    def path_of(self, index: Index) -> ItemPath:
        """The path of the item in a row."""
        return self._lines[index.row()].path if index.isValid() else ()

    def row_of(self, path: ItemPath) -> int:
        """The row of an item, -1 if it is not shown."""
        return next((row for row, line in enumerate(self._lines) if line.path == path), -1)

    def rows_of(self, paths: Sequence[ItemPath]) -> list[int]:
        """The rows of those items that are shown; one for each repeat where these are shown."""
        rows: dict[ItemPath, list[int]] = {path: [] for path in paths}
        for row, line in enumerate(self._lines):
            if line.path in rows:
                rows[line.path].append(row)
        return [row for path in paths for row in rows[path]]

    # What Qt asks.

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line, column = self._lines[index.row()], self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell_text(line, column)
        if role == Qt.ItemDataRole.EditRole:
            return column.text(column.value(line.entry, self._document.analysis), self._document.analysis)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENTS[column.align]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {self.cell_text(line, column)}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        if not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column.title}: {column.help}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENTS[column.align]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        line, column = self._lines[index.row()], self._columns[index.column()]
        return _FIELD_FLAGS if has_field(line.entry.item, column) else _CELL_FLAGS

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        line, column = self._lines[index.row()], self._columns[index.column()]
        from cnnstudio.app.layer_table.cell_edits import cell_edit  # with the first edit

        design, selection = self._document.design, self._view_state.selection
        return self._document.attempt(lambda: cell_edit(design, selection, line.path, column, str(value)))

    def cell_text(self, line: VisibleLine, column: Column) -> str:
        """The text of a cell, shapes in the chosen order."""
        if line.label and column.key == "layer":
            return line.label
        if column.key == "output":
            value = column.value(line.entry, self._document.analysis)
            if value is not None:
                return self._view_state.shape_text(Shape(value[0], tuple(value[1:])))
        return column.cell(line.entry, self._document.analysis)

    # Following the document.

    def _on_changed(self, _old: object, _new: object) -> None:
        self._on_lines_changed()
        self._tell_all()

    def _on_lines_changed(self, *_what: object) -> None:
        lines = self._sorted(self._lines_now())
        before, after = keys_of(self._lines), keys_of(lines)
        if before == after:
            self._lines = lines
        elif len(before) == len(after) and set(before) == set(after):
            self._reorder(lines, before, after)
        elif self._sort is not None:
            self.beginResetModel()
            self._lines = lines
            self.endResetModel()
        else:
            for step in difference(before, after):
                self._take_step(step, lines)
            self._lines = lines

    def _lines_now(self) -> list[VisibleLine]:
        analysis = self._document.analysis
        if self._view_state.shows_repeats:
            return repeated_lines(analysis)
        return visible_lines(analysis, self._view_state.is_open)

    def _sorted(self, lines: list[VisibleLine]) -> list[VisibleLine]:
        if self._sort is None:
            return lines
        column, descending = COLUMN[self._sort[0]], self._sort[1]
        keyed = [(column.value(line.entry, self._document.analysis), line) for line in lines]
        # Unknown values stay at the end whichever way is sorted: they are neither the smallest nor the largest.
        known = [pair for pair in keyed if pair[0] is not None]
        known.sort(key=lambda pair: _sort_key(pair[0]), reverse=descending)
        return [line for _, line in known] + [line for value, line in keyed if value is None]

    def _reorder(self, lines: list[VisibleLine], before: list[object], after: list[object]) -> None:
        """The rows stay and show other lines: a view that hears of a layout change keeps every selected cell.

        What Qt keeps of a line goes along; of ranges it keeps the ends only, so that views have to select again.
        """
        rows = {key: row for row, key in enumerate(after)}
        kept = self.persistentIndexList()
        moved_to = [self.index(rows[before[index.row()]], index.column()) for index in kept]
        self._lines = lines
        self.changePersistentIndexList(kept, moved_to)
        self.reordered.emit()

    def _take_step(self, step: Step, lines: list[VisibleLine]) -> None:
        current = self._lines
        if step.kind == "remove":
            self.beginRemoveRows(_ROOT, step.first, step.last)
            self._lines = current[: step.first] + current[step.last + 1 :]
            self.endRemoveRows()
        elif step.kind == "insert":
            self.beginInsertRows(_ROOT, step.first, step.last)
            self._lines = current[: step.first] + lines[step.first : step.last + 1] + current[step.first :]
            self.endInsertRows()
        elif step.kind == "move" and self.beginMoveRows(_ROOT, step.first, step.last, _ROOT, step.target):
            self._lines = moved(current, step)
            self.endMoveRows()
        elif step.kind == "replace":
            self._lines = current[: step.first] + lines[step.first : step.first + 1] + current[step.first + 1 :]

    def _tell_all(self) -> None:
        if self._lines and self._columns:
            # One signal for all cells: one for each row would have the view look up its rows again and again.
            last = self.index(len(self._lines) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)


def has_field(item: Item, column: Column) -> bool:
    """True if an item has the field that a column edits."""
    return any(name in item.__struct_fields__ for name in column.fields)


def _sort_key(value: Any) -> Any:
    """Numbers before lists before texts, so that any column can be sorted."""
    if isinstance(value, (int, float)):
        return (0, value, "")
    if isinstance(value, (list, tuple)):
        numbers = [part for part in value if isinstance(part, (int, float))]
        return (1, [len(value), *numbers], "")
    return (2, 0, str(value).casefold())
