"""The variants of a sweep as a table: what was varied, every quantity, problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.rows.cells import ALIGNMENTS
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.arithmetic.numerals import UNKNOWN
from cnnstudio.core.counting.quantity import Quantity
from cnnstudio.core.sweeps.plan import quantities_of
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import Table, VariantRow

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
BEST_SIGN: Final = "●"
FIRST: Final = ("parameters", "macs")


class SweepColumn(Struct, frozen=True):
    """A column: its title and help, the text of a row in it, and what rows are sorted by."""

    key: str
    title: str
    help: str
    align: Literal["left", "right"]
    text: Callable[[VariantRow], str]
    order: Callable[[VariantRow], Any]


class SweepModel(QAbstractTableModel):
    """Shows the rows that were counted so far, by variant or in the order of a column."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.table = Table()
        self.space: Space | None = None
        self.columns: tuple[SweepColumn, ...] = ()
        self.variants: list[int] = []
        """The variants in the order in which they are shown."""
        self._places: dict[int, int] | None = None
        self._best: frozenset[int] = frozenset()
        theme.changed.connect(self._repaint)

    def begin(self, space: Space) -> None:
        """Shows a new sweep, of which nothing is counted yet."""
        self.beginResetModel()
        self.space, self.table = space, Table()
        self.variants, self._places, self._best = [], None, frozenset()
        self.columns = self._make_columns(space)
        self.endResetModel()

    def add(self, rows: list[VariantRow]) -> None:
        """Appends rows that were counted, which the table has."""
        wanted = [row.variant for row in rows if row.meets is not False]
        if not wanted:
            return
        first = len(self.variants)
        self.beginInsertRows(_ROOT, first, first + len(wanted) - 1)
        self.variants += wanted
        self._places = None
        self.endInsertRows()

    def show_best(self, best: frozenset[int]) -> None:
        """Marks the variants that nothing beats."""
        self._best = best
        self._repaint()

    def row(self, number: int) -> VariantRow:
        """The variant in a line."""
        return self.table.row(self.variants[number])

    def line_of(self, variant: int) -> int | None:
        """The line that a variant is in."""
        if self._places is None:
            self._places = {shown: line for line, shown in enumerate(self.variants)}
        return self._places.get(variant)

    def _repaint(self) -> None:
        if self.variants:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.variants) - 1, len(self.columns) - 1))

    def _make_columns(self, space: Space) -> tuple[SweepColumn, ...]:
        varied = [_varied_column(space, number) for number in range(len(space.axes))]
        # What people look for first stands first.
        sums = [
            _quantity_column(quantity)
            for quantity in sorted(quantities_of(space), key=lambda each: each.key not in FIRST)
        ]
        convention = CONVENTIONS[space.design.convention]

        def output(row: VariantRow) -> str:
            return UNKNOWN if row.counted.output is None else convention.shape_text(row.counted.output)

        def sizes(row: VariantRow) -> tuple[int, ...] | None:
            shape = row.counted.output
            return None if shape is None else (shape.elements, shape.channels, *shape.spatial)

        return (
            SweepColumn("variant", "", self.tr("Variant"), "right", _number_text, lambda row: row.variant),
            SweepColumn(
                "best",
                self.tr("Best"),
                self.tr("No other variant is as small in both quantities of the chart, and smaller in one"),
                "left",
                lambda row: BEST_SIGN if row.variant in self._best else "",
                lambda row: row.variant not in self._best,
            ),
            *varied,
            *sums,
            SweepColumn("output", self.tr("Output"), self.tr("Shape of the output"), "left", output, sizes),
            SweepColumn("problems", self.tr("Problems"), self.tr("Problems"), "left", _problem_text, _problem_text),
        )

    # What Qt asks.

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.variants)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNMENTS[column.align]
        if role == Qt.ItemDataRole.FontRole:
            return self._theme.number_font()
        row = self.row(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.ForegroundRole:
            if column.key == "best":
                return self._theme.colour("good")
            return self._theme.colour("danger") if row.has_errors else None
        if role == Qt.ItemDataRole.ToolTipRole:
            told = "\n".join(map(str, row.problems)) if column.key == "problems" else column.text(row)
            return plain_tip(told)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title or column.help}: {column.text(row)}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(column.help)
        return ALIGNMENTS[column.align] if role == Qt.ItemDataRole.TextAlignmentRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Puts the rows into the order of a column; what is unknown comes last either way."""
        if not 0 <= column < len(self.columns):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        kept = [self.variants[index.row()] for index in before]
        self.variants = _sorted(self.table, self.variants, self.columns[column].order, order)
        self._places = None
        lines = [self.line_of(variant) for variant in kept]
        moved = [self.index(line or 0, index.column()) for line, index in zip(lines, before, strict=True)]
        self.changePersistentIndexList(before, moved)
        self.layoutChanged.emit()


def _sorted(table: Table, variants: list[int], order: Callable[[VariantRow], Any], way: Qt.SortOrder) -> list[int]:
    keys = [(order(table.row(variant)), variant) for variant in variants]
    known = [key for key in keys if key[0] is not None]
    known.sort(key=lambda key: key[0], reverse=way == Qt.SortOrder.DescendingOrder)
    return [variant for _, variant in known] + [variant for key, variant in keys if key is None]


def _number_text(row: VariantRow) -> str:
    return f"{row.variant + 1:,}"


def _problem_text(row: VariantRow) -> str:
    first = str(row.problems[0]) if row.problems else ""
    more = len(row.problems) - 1
    return f"{first} (+{more})" if more > 0 else first


def _varied_column(space: Space, number: int) -> SweepColumn:
    axis = space.axes[number]

    def pick(row: VariantRow) -> int:
        return space.picks(row.variant)[number]

    return SweepColumn(axis.title, axis.title, axis.title, "right", lambda row: axis.values[pick(row)], pick)


def _quantity_column(quantity: Quantity) -> SweepColumn:
    def text(row: VariantRow) -> str:
        return quantity.unit.full(row.exact(quantity))

    return SweepColumn(quantity.key, quantity.title, quantity.help, "right", text, lambda row: row.exact(quantity))
