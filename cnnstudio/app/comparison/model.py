"""The lines of a comparison as a table, and its totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.rows.cells import ALIGNMENTS
from cnnstudio.app.rows.steps import Step, difference
from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.comparison.comparison import ComparedRow, Comparison
from cnnstudio.core.comparison.totals import ComparedTotal
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.reports.comparison.terminal_text import shown_rows
from cnnstudio.reports.comparison.words import (
    ARROW,
    NONE,
    Say,
    changes_text,
    difference_text,
    item_text,
    kind_words,
    ratio_text,
    row_difference,
    sign,
    signed_text,
    total_text,
    unknown_difference,
)
from cnnstudio.reports.terminal.table import shortened

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
TOTALS: Final = placed("comparison_window")
"""The totals that stand on top, in their order."""

MAX_LABEL_LENGTH: Final = 20
"""Letters of a label over a column of numbers."""

Part = Literal["sign", "name", "type", "value", "difference", "differs"]


class ComparedColumn(Struct, frozen=True):
    """A column: what it shows, of which design where that matters, and its title."""

    part: Part
    title: str
    design: int = 0
    align: Literal["left", "right"] = "left"


class ComparisonModel(QAbstractTableModel):
    """Shows a comparison line by line; another one takes its place by steps, so that selection and scroll stay."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._comparison: Comparison | None = None
        self._labels: tuple[str, ...] = ()
        self._rows: list[ComparedRow] = []
        self._columns: tuple[ComparedColumn, ...] = ()
        self._quantity = "parameters"
        self._is_expanded = False

    @property
    def rows(self) -> list[ComparedRow]:
        """The lines shown."""
        return self._rows

    @property
    def columns(self) -> tuple[ComparedColumn, ...]:
        """The columns shown."""
        return self._columns

    def show(
        self,
        comparison: Comparison,
        labels: tuple[str, ...],
        *,
        quantity: str,
        is_expanded: bool,
        only_differences: bool,
    ) -> None:
        """Shows a comparison; lines of the same layers stay where they are."""
        rows = shown_rows(comparison, only_differences=only_differences)
        columns = _columns(
            labels, self.tr("Type"), COLUMN[quantity].title, self.tr("Difference"), self.tr("What differs")
        )
        is_alike = columns == self._columns and is_expanded == self._is_expanded and self._comparison is not None
        if not is_alike:
            self.beginResetModel()
        self._comparison, self._labels, self._quantity = comparison, labels, quantity
        self._columns, self._is_expanded = columns, is_expanded
        if not is_alike:
            self._rows = rows
            self.endResetModel()
            return
        for step in difference([_key(row) for row in self._rows], [_key(row) for row in rows]):
            self._take_step(step, rows)
        self._rows = rows
        if rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(columns) - 1))

    def _take_step(self, step: Step, rows: list[ComparedRow]) -> None:
        current = self._rows
        if step.kind == "remove":
            self.beginRemoveRows(_ROOT, step.first, step.last)
            self._rows = current[: step.first] + current[step.last + 1 :]
            self.endRemoveRows()
        elif step.kind == "insert":
            self.beginInsertRows(_ROOT, step.first, step.last)
            self._rows = current[: step.first] + rows[step.first : step.last + 1] + current[step.first :]
            self.endInsertRows()
        elif step.kind == "move" and self.beginMoveRows(_ROOT, step.first, step.last, _ROOT, step.target):
            run = current[step.first : step.last + 1]
            rest = current[: step.first] + current[step.last + 1 :]
            at = step.target if step.target < step.first else step.target - len(run)
            self._rows = rest[:at] + run + rest[at:]
            self.endMoveRows()
        elif step.kind == "replace":
            self._rows = current[: step.first] + rows[step.first : step.first + 1] + current[step.first + 1 :]

    # What a cell says.

    def cell(self, index: Index) -> tuple[ComparedRow, ComparedColumn, str]:
        """The data that a delegate draws in a cell: its line, its column and its text."""
        row, column = self._rows[index.row()], self._columns[index.column()]
        return row, column, self.cell_text(row, column)

    def cell_text(self, row: ComparedRow, column: ComparedColumn) -> str:
        """The text of a cell; `–` in the place of a layer that is not there."""
        if column.part == "sign":
            return sign(row)
        if column.part == "type":
            return ARROW.join(dict.fromkeys(item.entry.item.type_name for item in row.items if item is not None))
        if column.part == "differs":
            return self.words(row)
        if column.part == "difference":
            return self._difference(row)
        item = row.items[column.design]
        if item is None:
            return NONE if column.part == "name" else ""
        if column.part == "name":
            return item_text(item, expand=self._is_expanded)
        assert self._comparison is not None
        return COLUMN[self._quantity].cell(item.entry, self._comparison.analyses[column.design])

    def words(self, row: ComparedRow) -> str:
        """The differences of a line, in words."""
        assert self._comparison is not None
        told = changes_text(row, self._comparison, (self._quantity,))
        return ": ".join(text for text in (kind_words(row, self._labels), told) if text)

    def _difference(self, row: ComparedRow) -> str:
        assert self._comparison is not None
        quantity = QUANTITY[self._quantity]
        number = row_difference(row, quantity, self._comparison)
        if number is None:
            return unknown_difference(row)
        return signed_text(quantity, number) if number else ""

    # What Qt asks.

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column, text = self.cell(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENTS[column.align]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.words(row) if column.part in ("sign", "differs") else text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = kind_words(row, self._labels) or self.tr("the same")
            return words if column.part == "sign" else f"{column.title.replace(chr(10), ', ')}: {text}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(column.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return column.title.replace("\n", ", ") or self.tr("Sign")
        return ALIGNMENTS[column.align] if role == Qt.ItemDataRole.TextAlignmentRole else None


def _columns(
    labels: Sequence[str], type_title: str, quantity: str, difference_title: str, differs: str
) -> tuple[ComparedColumn, ...]:
    names = [ComparedColumn("name", label, design) for design, label in enumerate(labels)]
    short = [shortened(label, MAX_LABEL_LENGTH) for label in labels]
    values = [ComparedColumn("value", f"{quantity}\n{label}", design, "right") for design, label in enumerate(short)]
    delta = [ComparedColumn("difference", difference_title, 0, "right")] if len(labels) == 2 else []
    return (
        ComparedColumn("sign", ""),
        *names,
        ComparedColumn("type", type_title),
        *values,
        *delta,
        ComparedColumn("differs", differs),
    )


def _key(row: ComparedRow) -> tuple[str | None, ...]:
    return tuple(None if item is None else item.entry.path for item in row.items)


class _TotalsLine(NamedTuple):
    """A line of totals: its label, and each cell in full and in brief, the label first."""

    label: str
    texts: tuple[str, ...]
    briefs: tuple[str, ...]


def _totals_line(
    label: str, write: Callable[[ComparedTotal, int, Say], str], totals: Sequence[ComparedTotal], design: int
) -> _TotalsLine:
    texts, briefs = (tuple(write(total, design, say) for total in totals) for say in (Measure.text, Measure.brief))
    return _TotalsLine(label, (label, *texts), (label, *briefs))


class ComparedTotalsModel(QAbstractTableModel):
    """The totals: a line for each design, then the differences and the ratios."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: list[_TotalsLine] = []

    def show(self, comparison: Comparison, labels: tuple[str, ...]) -> None:
        """Shows the totals of a comparison."""
        self.beginResetModel()
        totals = [total for quantity in TOTALS for total in comparison.totals if total.quantity is quantity]
        self._lines = [_totals_line(label, total_text, totals, index) for index, label in enumerate(labels)]
        for index in range(1, len(labels)):
            to = f" ({labels[index]})" if len(labels) > 2 else ""
            self._lines += [
                _totals_line(self.tr("Difference") + to, difference_text, totals, index),
                _totals_line(self.tr("Ratio") + to, ratio_text, totals, index),
            ]
        self.endResetModel()

    @property
    def designs(self) -> int:
        """The number of lines that belong to designs: each further one adds its own, a difference and a ratio."""
        return (len(self._lines) + 2) // 3

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(TOTALS) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        label, text = line.label, line.texts[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.briefs[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(text)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENTS["right" if index.column() else "left"]
        if role == Qt.ItemDataRole.FontRole:
            return self._theme.number_font(bold=not index.column() and index.row() < self.designs)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{label}, {self._title(index.column())}: {text}" if index.column() else label
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._title(section)
        return ALIGNMENTS["right" if section else "left"] if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _title(self, section: int) -> str:
        return TOTALS[section - 1].title if section else ""
