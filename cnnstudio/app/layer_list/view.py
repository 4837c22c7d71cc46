"""The layer list: the network in order, to be dragged, renamed and folded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.file_drops import source_in
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.model import LayerTreeModel
from cnnstudio.app.layer_list.row_painter import LayerRowDelegate, LayerRowPainter
from cnnstudio.app.rows.background import fill_ground, lay_ground
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.network.design import ItemPath
from cnnstudio.core.network.wiring import same_wiring

Index = QModelIndex | QPersistentModelIndex


class LayerList(QTreeView):
    """A tree of layers and blocks. `menu_requested` asks the window for its context menu at a global point."""

    menu_requested = Signal(QPoint)
    edit_requested = Signal()
    """The fields of the selected layer are to be edited."""

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._is_following = False
        lay_ground(self)
        self._layers = LayerTreeModel(document, self, remark=lambda path: view_state.unsayable.get(path, ""))
        self.setModel(self._layers)
        self._painter = LayerRowPainter(view_state, theme)
        self.setItemDelegate(LayerRowDelegate(self._painter, self._layers, self))
        self._set_up()
        self.selectionModel().selectionChanged.connect(self._on_selected)
        self.expanded.connect(lambda index: self._on_folded(index, is_open=True))
        self.collapsed.connect(lambda index: self._on_folded(index, is_open=False))
        view_state.selection_changed.connect(self._follow_selection)
        document.changed.connect(self._on_changed)
        document.focused.connect(self._show_focus)
        view_state.folding_changed.connect(self._follow_folding)
        view_state.shape_order_changed.connect(self.viewport().update)
        view_state.unsayable_changed.connect(self.viewport().update)
        theme.changed.connect(self.viewport().update)

    def _set_up(self) -> None:
        self.setObjectName("layer_list")
        self.setAccessibleName(self.tr("Layers"))
        # Before the header is hidden, upon which Qt 6.8 measures the rows once and for all.
        self.setUniformRowHeights(True)
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        # On by default in item views: a drop would clear the cell that it comes from.
        self.setDragDropOverwriteMode(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        # A double click renames.
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda point: self.menu_requested.emit(self.viewport().mapToGlobal(point))
        )
        # A current row is where the keyboard starts (and what screen readers need); it is not selected.
        first = self._layers.index(0, 0)
        self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)

    def paintEvent(self, event: QPaintEvent) -> None:
        area = event.rect()
        painter = QPainter(self.viewport())
        fill_ground(painter, area, self._painter.ground)
        index = self.indexAt(QPoint(self.indentation(), max(0, area.top())))
        if index.isValid():
            self._paint_rows(painter, index, area.bottom())
        painter.end()
        if self.state() == QAbstractItemView.State.DraggingState:
            # Nothing of the rows, but where what is dragged would be dropped, which Qt alone knows.
            super().paintEvent(QPaintEvent(QRegion()))

    def _paint_rows(self, painter: QPainter, index: QModelIndex, bottom: int) -> None:
        """Paints an item and those below it down to a height. All rows are equally high."""
        first, indent, width = self.visualRect(index), self.indentation(), self.viewport().width()
        top, height, chosen = first.top(), first.height(), set(self._view_state.selection)
        for row in self._layers.shown_from(index, self._view_state.is_open):
            if top > bottom:
                break
            left, band = indent * len(row.path), QRect(0, top, width, height)
            self._painter.paint_row(painter, band, left, row, selected=row.path in chosen)
            if row.has_rows:
                arrow = QRect(left - indent, top, indent, height)
                self._painter.paint_arrow(painter, arrow, is_open=self._view_state.is_open(row.path))
            top += height
        current = self.currentIndex()
        # A single selected row is where the keyboard is, and says so by its colour.
        if self.hasFocus() and current.isValid() and chosen != {self._layers.path_of(current)}:
            self._painter.paint_focus(painter, self.visualRect(current))

    @property
    def layer_model(self) -> LayerTreeModel:
        """The model behind the list."""
        return self._layers

    def rename(self, path: ItemPath) -> None:
        """Begins to rename an item in place."""
        index = self._layers.index_of_path(path)
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)

    def rename_selected(self) -> None:
        """Begins to rename the first item that is selected."""
        if self._view_state.selection:
            self.rename(self._view_state.selection[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter leads to the fields of the row; with the keys that rename it stays in the list."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and self.state() != QAbstractItemView.State.EditingState and self.currentIndex().isValid():
            path = self._layers.path_of(self.currentIndex())
            if path not in self._view_state.selection:
                self._view_state.select((path,))
            self.edit_requested.emit()
        else:
            super().keyPressEvent(event)

    # Selection and folding are shared by all views of the window.

    def _on_selected(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        if self._is_following:
            return
        self._is_following = True
        self._view_state.select(tuple(self._layers.path_of(index) for index in self.selectionModel().selectedRows()))
        self._is_following = False

    def _follow_selection(self) -> None:
        if self._is_following:
            return
        self._is_following = True
        selection = QItemSelection()
        indexes = self._layers.indexes_of_paths(self._view_state.selection)
        for first, last in _runs(indexes):
            selection.select(first, last)
        model = self.selectionModel()
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if indexes:
            model.setCurrentIndex(indexes[0], QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(indexes[0])
        self._is_following = False

    def _show_focus(self, focus: tuple[ItemPath, ...]) -> None:
        """Goes to what an edit concerned: it may have moved out of sight while it stayed selected."""
        indexes = self._layers.indexes_of_paths(focus[:1])
        if indexes:
            self.scrollTo(indexes[0])

    def _on_folded(self, index: QModelIndex, *, is_open: bool) -> None:
        self._view_state.set_open(self._layers.path_of(index), is_open=is_open)

    def _follow_folding(self, path: ItemPath, is_open: bool) -> None:
        index = self._layers.index_of_path(path)
        if index.isValid() and self.isExpanded(index) != is_open:
            self.setExpanded(index, is_open)

    def _on_changed(self, old: Analysis, new: Analysis) -> None:
        if same_wiring(old.design.layers, new.design.layers):
            return
        self._agree_on_folding()
        # Qt keeps ranges of rows, and moves their ends only: what was between may be elsewhere.
        if len(self._view_state.selection) > 1:
            self._follow_selection()

    def _agree_on_folding(self) -> None:
        """A block that has come back, or has another name, is as open here as it is everywhere."""
        for index in self._layers.block_indexes():
            path = self._layers.path_of(index)
            if self._view_state.is_open(path):
                self.setExpanded(index, True)
            elif self.isExpanded(index):
                self._view_state.set_open(path, is_open=True)

    def dataChanged(self, top: Index, bottom: Index, roles: Sequence[int] = ()) -> None:
        """Rows look different but are as high and hold what they held: Qt would ask again about every one of them."""
        if self.state() == QAbstractItemView.State.EditingState:
            super().dataChanged(top, bottom, roles)
        else:
            # Rows between the two have others below them; the whole width, as the gutter of a row belongs to it.
            above, below = self.visualRect(top), self.visualRect(bottom)
            self.viewport().update(0, above.top(), self.viewport().width(), below.bottom() - above.top() + 1)

    # Files and source code belong to the window: the list lets their drags pass.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _is_for_window(event.mimeData()):
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if _is_for_window(event.mimeData()):
            event.ignore()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if _is_for_window(event.mimeData()):
            event.ignore()
        elif (block := self._opened_above(event.position().toPoint())) is not None:
            self._layers.dropMimeData(event.mimeData(), event.dropAction(), 0, 0, block)
            # Ignored, as every drop is whose edit has done everything: the source would delete what was moved.
            event.ignore()
            self.stopAutoScroll()
            self.setState(QAbstractItemView.State.NoState)
            self.viewport().update()
        else:
            super().dropEvent(event)

    def _opened_above(self, point: QPoint) -> QModelIndex | None:
        """The open block whose head a drop is just below: that is above what is in it, and not after the block."""
        index = self.indexAt(point)
        is_below = self.dropIndicatorPosition() == QAbstractItemView.DropIndicatorPosition.BelowItem
        return index if is_below and self.isExpanded(index) and self._layers.rowCount(index) else None


def _runs(indexes: list[QModelIndex]) -> list[tuple[QModelIndex, QModelIndex]]:
    """The first and the last of each run of neighbours: a selection of few ranges is a fast one."""
    runs: list[tuple[QModelIndex, QModelIndex]] = []
    for index in indexes:
        last = runs[-1][1] if runs else None
        if last is not None and last.row() + 1 == index.row() and last.parent() == index.parent():
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _is_for_window(mime: QMimeData) -> bool:
    return mime.hasUrls() or bool(source_in(mime))
