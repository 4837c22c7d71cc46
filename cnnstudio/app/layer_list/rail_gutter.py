"""The gutter at the left of the layer list: the connections as rails, a node beside each row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.connection_words import connection_words
from cnnstudio.app.layer_list.event_forwarding import forward_click, forward_drag
from cnnstudio.app.layer_list.rail_nodes import NodeLook
from cnnstudio.app.layer_list.rail_painter import RailPainter
from cnnstudio.app.layer_list.view import LayerList
from cnnstudio.app.rows.background import fill_ground
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.network.design import Block, ItemPath, find, index_of, items_of
from cnnstudio.core.network.wiring import same_wiring
from cnnstudio.core.rails.rails import MAX_LANES, RailEdge, lay_out
from cnnstudio.core.rails.visible_graph import VisibleGraph, visible_graph

if TYPE_CHECKING:
    from cnnstudio.app.layer_list.connection_drag import ConnectionDrag


class RailGutter(QWidget):
    """Stands beside the list and scrolls with it. The layout is made when it is wanted, once an edit."""

    _outdated = Signal()

    def __init__(
        self, layers: LayerList, document: Document, view_state: ViewState, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._layers, self._document, self._view_state, self._theme = layers, document, view_state, theme
        # The line of a drag reaches over the list as well, so it is drawn on what holds both.
        self._host = parent
        self._graph = VisibleGraph()
        self._rows: dict[ItemPath, int] | None = None
        self._is_stale = True
        self._selected: set[int] = set()
        self._edges: tuple[RailEdge, ...] = ()
        self._hovered = -1
        self._pressed: ItemPath = ()
        self._press_point = QPoint()
        self._painter = RailPainter(theme)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Connections of the layers"))
        # `paintEvent` fills the ground itself; Qt would fill it once more before.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        document.changed.connect(self._on_changed)
        view_state.folding_changed.connect(self._outdate)
        view_state.selection_changed.connect(self._read_selection)
        layers.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        theme.changed.connect(self._apply_theme)
        # Queued, so that many blocks that open at once are one layout, which still is made before they are painted.
        self._outdated.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        self.refresh()
        self._fit()

    @cached_property
    def drag(self) -> ConnectionDrag:
        """The dragging of connections; made when the pointer first enters, because it imports all edits."""
        from cnnstudio.app.layer_list.connection_drag import ConnectionDrag

        drag = ConnectionDrag(self, self._document, self._theme, self._host)
        drag.ended.connect(self._on_drag_ended)
        return drag

    # What is drawn.

    @property
    def graph(self) -> VisibleGraph:
        """The rows and connections as they are now."""
        self.refresh()
        return self._graph

    def refresh(self) -> None:
        """Lays the rails out anew if something has changed."""
        if not self._is_stale:
            return
        self._is_stale = False
        self._graph = visible_graph(self._document.design.layers, self._view_state.is_open)
        self._rows = None
        self._painter.rails = lay_out(self._graph.sources)
        self._read_selection()
        self._fit()

    def _on_changed(self, old: Analysis, new: Analysis) -> None:
        # Most edits change a number, and leave every rail where it is.
        if not same_wiring(old.design.layers, new.design.layers):
            self._outdate()

    def _outdate(self, *_what: object) -> None:
        if not self._is_stale:
            self._is_stale = True
            self._outdated.emit()

    def _read_selection(self) -> None:
        if self._is_stale:
            return
        # The graph is up to date from here on. A stale one has other rows, and `refresh` reads the selection once more.
        rows = map(self._row_of, self._view_state.selection)
        self._selected = {row for row in rows if row >= 0}
        self._edges = self._painter.rails.of_rows(self._selected) if self._selected else ()
        self.update()

    def _row_of(self, path: ItemPath) -> int:
        """The row of an item; -1 if it is inside a folded block."""
        if self._rows is None:
            self._rows = {path: row for row, path in enumerate(self._graph.paths)}
        return self._rows.get(path, -1)

    def _fit(self) -> None:
        self.setFixedWidth(self._painter.width())

    def _apply_theme(self) -> None:
        self._painter.apply_theme()
        self._fit()
        self.update()

    def _on_scrolled(self, _value: int) -> None:
        self.update()

    # Where rows are: they are all equally high, and scroll by the pixel.

    def _first_row(self) -> QRect:
        """The place of the first row beside the list, scrolled as it is; empty if there is none."""
        rect = self._layers.visualRect(self._layers.model().index(0, 0))
        corner = self._layers.viewport().mapTo(self.window(), QPoint(0, 0)) - self.mapTo(self.window(), QPoint(0, 0))
        return rect.translated(0, corner.y())

    def row_at(self, y: int) -> int:
        """The row at a height; -1 for none."""
        first = self._first_row()
        # Without a row there is no height; the row that comes out is refused below.
        row = (y - first.top()) // max(1, first.height())
        return row if 0 <= row < len(self.graph.paths) else -1

    def path_at(self, y: int) -> ItemPath:
        """The item beside a height; () for none."""
        row = self.row_at(y)
        return self.graph.paths[row] if row >= 0 else ()

    def node_at(self, path: ItemPath) -> QPoint:
        """The middle of the node of an item whose blocks are open."""
        self.refresh()
        row, first = self._row_of(path), self._first_row()
        # A node can be asked for before anything was painted, and only painting tells the painter how high rows are.
        self._painter.height = first.height()
        return self._painter.centre(row, first.top() + row * first.height()).toPoint()

    @property
    def row_height(self) -> int:
        """The height of every row."""
        return self._first_row().height()

    @property
    def row_end(self) -> int:
        """The right end of rows, before the scroll bar."""
        viewport = self._layers.viewport()
        return viewport.mapTo(self.window(), QPoint(viewport.width(), 0)).x() - self.mapTo(self.window(), QPoint()).x()

    def rows_in_sight(self) -> Iterator[tuple[ItemPath, int, int]]:
        """The items beside which there is room in the gutter, with the top and the height of each."""
        first = self._first_row()
        height = max(1, first.height())
        begin, end = max(0, -first.top() // height), (self.height() - first.top()) // height
        for row in range(begin, min(end + 1, len(self.graph.paths))):
            yield self._graph.paths[row], first.top() + row * height, height

    @property
    def scroll_bar(self) -> QScrollBar:
        """The scroll bar of the list and the gutter."""
        return self._layers.verticalScrollBar()

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        self.refresh()
        painter = QPainter(self)
        fill_ground(painter, event.rect(), self._theme.colour("surface"))
        first_row = self._first_row()
        height, count = first_row.height(), len(self._graph.paths)
        if count == 0 or height <= 0:
            return
        first = max(0, (event.rect().top() - first_row.top()) // height)
        last = min(count - 1, (event.rect().bottom() - first_row.top()) // height)
        self._painter.height = height
        self._paint_rows(painter, first, last, first_row.top() + first * height)

    def _paint_rows(self, painter: QPainter, first: int, last: int, top: int) -> None:
        rails, height = self._painter, round(self._painter.height)
        rails.begin(painter)
        for row in range(first, last + 1):
            # First of all, because rails of rows further up pass through here and would be covered.
            if row in self._selected:
                painter.fillRect(0, top + (row - first) * height, self.width(), height, self._theme.colour("selection"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rails.paint_rails(painter, first, last, top)
        if self._edges:
            rails.paint_edges(painter, self._edges, first, last, top)
        for row in range(first, last + 1):
            # Last, so that every node lies on the rails that pass it.
            item = self._graph.items[row]
            look = NodeLook(item.family, isinstance(item, Block), row in self._selected, row == self._hovered)
            rails.paint_node(painter, row, top + (row - first) * height, look)
        if rails.rails.lanes > MAX_LANES:
            rails.paint_more(painter, first, last, top)

    # The pointer: a click is one on the row, a drag connects.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = self.path_at(event.position().toPoint().y())
        self._press_point = event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton:
            forward_click(event, self, self._layers.viewport())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self.drag.is_active and not event.buttons():
            # It was let go where nobody told.
            self.drag.cancel()
        elif self.drag.is_active:
            self.drag.move_to(event.globalPosition().toPoint())
        elif self._pressed and event.buttons() & Qt.MouseButton.LeftButton:
            # A hand that trembles while it clicks must not start a connection.
            if (point - self._press_point).manhattanLength() >= QApplication.startDragDistance():
                self.drag.begin(self._pressed)
                self.drag.move_to(event.globalPosition().toPoint())
        elif not event.buttons():
            self._hover(self.row_at(point.y()))
            # As it is now. Told by `event`, which gets to see all there are, it would slow down every start.
            self.setToolTip(plain_tip(self.tip_at(point.y())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.drag.is_active:
            self.drag.drop()
        elif self._pressed and event.button() == Qt.MouseButton.LeftButton:
            forward_click(event, self, self._layers.viewport())
        self._pressed = ()

    def _on_drag_ended(self) -> None:
        """Keeps a button that is still held down from starting another drag."""
        self._pressed = ()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._layers.menu_requested.emit(event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.setCursor(Qt.CursorShape.PointingHandCursor if row >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def tip_at(self, y: int) -> str:
        """The inputs and users of a layer, and the hint that it can be connected."""
        path = self.path_at(y)
        if not path:
            return ""
        design, parent = self._document.design, path[:-1]
        around = find(design, parent) if parent else None
        block = around if isinstance(around, Block) else None
        words = connection_words(items_of(design, parent), index_of(design, path), block)
        hint = self.tr("Drag from here to a later layer to connect it.")
        return "\n".join([f"{path[-1]}: {', '.join(words)}" if words else path[-1], hint])

    # What is dragged over the gutter is dragged over the list.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        forward_drag(event, self, self._layers)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        forward_drag(event, self, self._layers)

    def dropEvent(self, event: QDropEvent) -> None:
        forward_drag(event, self, self._layers)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._layers.dragLeaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        QApplication.sendEvent(self._layers.viewport(), event)
