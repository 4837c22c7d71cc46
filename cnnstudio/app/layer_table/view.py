"""The layer table with its totals always in sight."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QMimeData, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QVBoxLayout, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_table.cell_painter import (
    TableCellDelegate,
    TableRowPainter,
    arrow_rect,
    frozen_strip,
    strips_in,
)
from cnnstudio.app.layer_table.column_widths import ColumnWidths
from cnnstudio.app.layer_table.frozen_column import FrozenColumn, FrozenHeader
from cnnstudio.app.layer_table.model import Index, LayerTableModel
from cnnstudio.app.layer_table.totals_line import TotalsLine, TotalsModel
from cnnstudio.app.rows.background import fill_ground, lay_ground
from cnnstudio.app.rows.steps import runs_of
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.rows import BlockRow
from cnnstudio.core.network.design import ItemPath

ScrollHint = QAbstractItemView.ScrollHint


class _LayerGrid(QTableView):
    """The table itself: folds on a click at the arrow, copies, and asks for menus."""

    menu_requested = Signal(QPoint)
    quantity_requested = Signal(str)
    edit_requested = Signal()

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._is_following = False
        lay_ground(self)
        self.layers = LayerTableModel(document, view_state, parent=self)
        self.setHorizontalHeader(FrozenHeader(lambda: self.layers.columns, self))
        self.frozen = FrozenColumn(self.horizontalHeader(), lambda: self.layers.columns)
        self.setModel(self.layers)
        self.setItemDelegate(TableCellDelegate(self))
        self._painter = TableRowPainter(view_state, theme, self.layers)
        self._set_up()
        self.selectionModel().selectionChanged.connect(self._on_selected)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.layers.modelReset.connect(self.follow_selection)
        self.layers.reordered.connect(self._on_reordered)
        view_state.selection_changed.connect(self.follow_selection)
        document.focused.connect(self._show_focus)
        theme.changed.connect(self._on_theme)

    def _set_up(self) -> None:
        self.setObjectName("layer_table")
        self.setAccessibleName(self.tr("Layer table"))
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        # On by default in tables: a drop would replace the content of a cell.
        self.setDragDropOverwriteMode(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda point: self.menu_requested.emit(self.viewport().mapToGlobal(point))
        )
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        # Never by contents: with 10,000 rows Qt would take a second after each edit to measure all of them.
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._on_header_clicked)
        self.verticalHeader().hide()
        self._on_theme()

    def _on_theme(self) -> None:
        self._painter.apply_theme()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        fill_ground(painter, event.rect(), self._painter.ground)
        area, height = event.rect(), self.verticalHeader().defaultSectionSize()
        lines, offset, width = self.layers.lines, self.verticalOffset(), self.viewport().width()
        first = max(0, (area.top() + offset) // height)
        chosen = set(self._view_state.selection)
        strips = strips_in(area, self.horizontalHeader(), self.layers.columns, self.frozen)
        frozen = frozen_strip(self.frozen, self.layers.columns)
        for number in range(first, min(len(lines), (area.bottom() + offset) // height + 1)):
            row = QRect(0, number * height - offset, width, height)
            is_chosen = lines[number].path in chosen
            self._painter.paint_row(painter, row, lines[number], strips, selected=is_chosen)
            if frozen:
                self._painter.paint_frozen(painter, row, lines[number], frozen, selected=is_chosen)
        if self.hasFocus() and self.currentIndex().isValid():
            self._painter.paint_focus(painter, self.visualRect(self.currentIndex()))

    # The column of names stays in sight: what Qt asks of its cells is answered for where they are.

    def indexAt(self, point: QPoint) -> QModelIndex:
        if self.frozen.section >= 0 and 0 <= point.x() < self.frozen.width:
            return self.layers.index(self.rowAt(point.y()), self.frozen.section)
        return super().indexAt(point)

    def visualRect(self, index: Index) -> QRect:
        return self.frozen.placed(super().visualRect(index), index.column())

    def scrollTo(self, index: Index, hint: ScrollHint = ScrollHint.EnsureVisible) -> None:
        bar, value = self.horizontalScrollBar(), self.horizontalScrollBar().value()
        stays = index.column() == self.frozen.section
        super().scrollTo(index, hint)
        if stays:
            # It is in sight wherever the others have been scrolled to.
            bar.setValue(value)

    def scrollContentsBy(self, across: int, down: int) -> None:
        super().scrollContentsBy(across, down)
        # Scrolling moves the pixels of the frozen column along.
        if across:
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == 0:
            line = self.layers.lines[index.row()]
            is_arrow = arrow_rect(self.visualRect(index), line).contains(event.position().toPoint())
            if is_arrow and isinstance(line.entry, BlockRow):
                self._view_state.set_open(line.path, is_open=not self._view_state.is_open(line.path))
                return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right in the first column fold and unfold a block; Enter edits the cell, or leads to the fields."""
        index = self.currentIndex()
        if index.isValid() and index.column() == 0 and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            line = self.layers.lines[index.row()]
            opens = event.key() == Qt.Key.Key_Right
            if isinstance(line.entry, BlockRow) and self._view_state.is_open(line.path) != opens:
                self._view_state.set_open(line.path, is_open=opens)
                return
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and index.isValid() and self.state() != QAbstractItemView.State.EditingState:
            if index.flags() & Qt.ItemFlag.ItemIsEditable and index.column() > 0:
                self.edit(index)
            else:
                self.edit_requested.emit()
            return
        super().keyPressEvent(event)

    def _on_header_clicked(self, section: int) -> None:
        """Descending, ascending, and back to the order of the network."""
        key = self.layers.columns[section].key
        now = self.layers.sort_order
        if now == (key, True):
            self.layers.set_sort(key, descending=False)
        elif now == (key, False):
            self.layers.set_sort(None)
        else:
            self.layers.set_sort(key)
        self._show_sort_arrow(section)

    def _show_sort_arrow(self, section: int) -> None:
        header, now = self.horizontalHeader(), self.layers.sort_order
        header.setSortIndicatorShown(now is not None)
        if now is not None:
            order = Qt.SortOrder.DescendingOrder if now[1] else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(section, order)

    def _on_selected(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        if self._is_following:
            return
        self._is_following = True
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        self._view_state.select(tuple(self.layers.lines[row].path for row in rows))
        self._is_following = False
        if self._view_state.shows_repeats:
            self.follow_selection()  # what is selected is the layer, in all its repeats

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and current.column() < len(self.layers.columns):
            key = self.layers.columns[current.column()].key
            if key in QUANTITY:
                self.quantity_requested.emit(key)

    def _show_focus(self, focus: tuple[ItemPath, ...]) -> None:
        """Goes to what an edit concerned: it may have moved out of sight while it stayed selected."""
        rows = self.layers.rows_of(focus)
        if rows:
            self.scrollTo(self.layers.index(rows[0], max(0, self.currentIndex().column())))

    def follow_selection(self) -> None:
        """Selects the rows of the shared selection, and goes to the first of them."""
        if self._is_following:
            return
        rows, now = self._select_again(), self.currentIndex()
        if rows and not (self._view_state.shows_repeats and now.row() in rows):
            current = self.layers.index(rows[0], max(0, now.column()))
            self._is_following = True
            self.selectionModel().setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
            self._is_following = False
            self.scrollTo(current)

    def _on_reordered(self) -> None:
        self._select_again()
        self.viewport().update()

    def _select_again(self) -> list[int]:
        """Selects the rows of the shared selection, which it gives."""
        selection = QItemSelection()
        rows = self.layers.rows_of(self._view_state.selection)
        last = max(0, len(self.layers.columns) - 1)
        for first, end in runs_of(sorted(rows)):
            selection.select(self.layers.index(first, 0), self.layers.index(end, last))
        self._is_following = True
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._is_following = False
        return rows


class LayerTable(QWidget):
    """The table, and below it the totals."""

    menu_requested = Signal(QPoint)
    columns_changed = Signal()
    edit_requested = Signal()
    """The fields of the selected layer are to be edited."""

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._theme = theme
        self.grid = _LayerGrid(document, view_state, theme, self)
        self.totals = TotalsLine(TotalsModel(document, self.grid.layers, self), theme, self)
        self.widths = ColumnWidths(self.grid, self.grid.layers, document, theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.totals)
        self.grid.menu_requested.connect(self.menu_requested)
        self.grid.quantity_requested.connect(view_state.set_quantity)
        self.grid.edit_requested.connect(self.edit_requested)
        theme.changed.connect(self._fit_totals)
        view_state.repeats_changed.connect(self.widths.fit)
        self._join_headers()
        self._fit_totals()
        self.widths.fit()

    def _join_headers(self) -> None:
        header, below = self.grid.horizontalHeader(), self.totals.horizontalHeader()
        header.sectionResized.connect(lambda section, _old, new: below.resizeSection(section, new))
        header.sectionMoved.connect(lambda _section, old, new: below.moveSection(old, new))
        header.sectionMoved.connect(lambda *_: self.columns_changed.emit())
        header.sectionResized.connect(lambda *_: self.columns_changed.emit())
        self.totals.follow(self.grid.horizontalScrollBar())
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def _fit_totals(self) -> None:
        height = self.grid.verticalHeader().defaultSectionSize() + 2
        self.totals.verticalHeader().setDefaultSectionSize(height - 2)
        self.totals.setFixedHeight(height)

    @property
    def column_keys(self) -> tuple[str, ...]:
        """The keys of the columns in the order that the user has chosen."""
        return self.widths.order.keys

    def set_columns(self, keys: tuple[str, ...]) -> None:
        """Shows these columns in this order."""
        header = self.grid.horizontalHeader()
        self.widths.order.release()
        for target, key in enumerate(self.column_keys):
            section = next(i for i, column in enumerate(self.grid.layers.columns) if column.key == key)
            header.moveSection(header.visualIndex(section), target)
        for section in range(len(self.grid.layers.columns)):
            header.moveSection(header.visualIndex(section), section)
        self.grid.layers.set_columns(keys)
        self.widths.fit()
        self.columns_changed.emit()

    def toggle_column(self, key: str) -> None:
        """Shows or hides one column; a new one comes where the chooser lists it."""
        keys = list(self.column_keys)
        if key in keys:
            if len(keys) > 1:
                keys.remove(key)
        else:
            order = list(COLUMN)
            at = next((i for i, shown in enumerate(keys) if order.index(shown) > order.index(key)), len(keys))
            keys.insert(at, key)
        self.set_columns(tuple(keys))

    def copied(self) -> QMimeData:
        """The whole table: TSV with a header and raw numbers, and HTML, at once."""
        from cnnstudio.reports.terminal.clipboard import copied_html, copied_tsv  # not at every start

        columns = tuple(COLUMN[key] for key in self.column_keys)
        entries = tuple(line.entry for line in self.grid.layers.lines)
        mime = QMimeData()
        analysis, expand = self._document.analysis, self._view_state.shows_repeats
        mime.setText(copied_tsv(entries, columns, analysis, expand=expand))
        mime.setHtml(copied_html(entries, columns, analysis, expand=expand))
        return mime
