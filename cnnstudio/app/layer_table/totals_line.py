"""The line of totals below the layer table."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QScrollBar, QTableView, QWidget
from shiboken6 import isValid

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.layer_table.cell_painter import Strip, frozen_strip, strips_in
from cnnstudio.app.layer_table.frozen_column import FrozenColumn
from cnnstudio.app.layer_table.model import LayerTableModel
from cnnstudio.app.rows.background import fill_ground, lay_ground
from cnnstudio.app.rows.cells import PADDING
from cnnstudio.app.rows.text_cache import Lettering
from cnnstudio.core.counting.columns import Column

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class TotalsModel(QAbstractTableModel):
    """One line: the totals of the columns that can be summed up."""

    def __init__(self, document: Document, layers: LayerTableModel, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._layers = layers
        document.changed.connect(self._on_changed)
        layers.modelReset.connect(self._on_reset)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else 1

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._layers.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        column = self._layers.columns[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell_text(column, is_first=index.column() == 0)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = self.cell_text(column, is_first=index.column() == 0)
            return f"{column.title}: {text}" if text else column.title
        return None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, which are those of the table."""
        return self._layers.columns

    def cell_text(self, column: Column, *, is_first: bool) -> str:
        """The total of a column; in the first one what the line is, if that has none."""
        text = column.brief_total(self._document.analysis)
        return self.tr("Total") if is_first and not text else text

    def _tip(self, column: Column) -> str:
        if not has_working(column):
            return ""
        return self.tr("{total}: click for the working").format(total=column.total_text(self._document.analysis))

    def _on_changed(self, _old: object, _new: object) -> None:
        if self.columnCount():
            self.dataChanged.emit(self.index(0, 0), self.index(0, self.columnCount() - 1))

    def _on_reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()


def has_working(column: Column) -> bool:
    """True if a column has a total that has a working."""
    return column.summed is not None and column.summed.has_working


class TotalsLine(QTableView):
    """The line of totals below the table; its columns follow those of the table, and so do its texts.

    A click on a total asks for the working of that quantity.
    """

    total_requested = Signal(str)

    def __init__(self, model: TotalsModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._totals = model
        lay_ground(self)
        self._followed: QScrollBar | None = None
        self._frozen = FrozenColumn(self.horizontalHeader(), lambda: model.columns)
        self.setModel(model)
        self.setObjectName("totals_line")
        self.setAccessibleName(self.tr("Totals"))
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        theme.changed.connect(self._apply_theme)
        self._apply_theme()

    def _apply_theme(self) -> None:
        self._lettering = Lettering(self._theme.number_font(bold=True))
        self._ground, self._text = self._theme.colour("surface"), self._theme.colour("text")
        self.viewport().update()

    def follow(self, bar: QScrollBar) -> None:
        """Scrolls with the scroll bar of the table, which is narrower by its other scroll bar and so goes further."""
        self._followed = bar
        bar.valueChanged.connect(self._on_followed)
        bar.rangeChanged.connect(self._on_followed)

    def _on_followed(self) -> None:
        self.updateGeometries()
        if self._followed is not None and isValid(self._followed):
            self.horizontalScrollBar().setValue(self._followed.value())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        fill_ground(painter, event.rect(), self._ground)
        painter.setFont(self._lettering.font)
        painter.setPen(self._text)
        height = self.rowHeight(0)
        for strip in strips_in(event.rect(), self.horizontalHeader(), self._totals.columns, self._frozen):
            self._paint_total(painter, strip, height)
        frozen = frozen_strip(self._frozen, self._totals.columns)
        if frozen:
            painter.fillRect(0, 0, frozen.width, height, self._ground)
            self._paint_total(painter, frozen, height)

    def _paint_total(self, painter: QPainter, strip: Strip, height: int) -> None:
        inner = QRect(strip.left + PADDING, 0, strip.width - 2 * PADDING, height)
        text = self._totals.cell_text(strip.column, is_first=strip.is_first)
        inner, text = strip.whole(inner, text, self._lettering)
        self._lettering.paint(painter, inner, text, at_right=strip.column.align == "right")

    def scrollContentsBy(self, across: int, down: int) -> None:
        super().scrollContentsBy(across, down)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_link = self._total_at(event) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        column = self._total_at(event)
        if column is not None and event.button() == Qt.MouseButton.LeftButton:
            self.total_requested.emit(column.key)

    def _total_at(self, event: QMouseEvent) -> Column | None:
        """The column whose total is below the pointer."""
        index = self.indexAt(event.position().toPoint())
        is_frozen = event.position().x() < self._frozen.width
        column = self._totals.columns[index.column()] if index.isValid() and not is_frozen else None
        return column if column is not None and has_working(column) else None

    def updateGeometries(self) -> None:
        super().updateGeometries()
        # A window that is taken apart still moves what is left of it.
        if self._followed is not None and isValid(self._followed):
            self.horizontalScrollBar().setRange(self._followed.minimum(), self._followed.maximum())
