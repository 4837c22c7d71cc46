"""The diagram on a canvas: moved, magnified, walked through with the arrow keys; what is clicked is selected."""

from __future__ import annotations

from collections import Counter
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.diagram.content import Area, Content, area_at, neighbour
from cnnstudio.app.diagram.items import GroupItem
from cnnstudio.app.diagram.overview import DiagramOverview
from cnnstudio.app.diagram.painter import Painter
from cnnstudio.core.network.design import ItemPath

MIN_ZOOM: Final = 0.05
MAX_ZOOM: Final = 4.0
ZOOM_STEP: Final = 1.2
MIN_FIRST_ZOOM: Final = 0.75
"""The smallest first zoom, at which texts can still be read with ease."""
STEPS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_Key = tuple[str, ItemPath, ItemPath, int]


class DiagramView(QGraphicsView):
    """Shows a content. What it wants done it says by signals: the panel and the window do it."""

    selection_requested = Signal(object)
    fold_requested = Signal(object, bool)
    label_requested = Signal(object)
    menu_requested = Signal(QPoint)
    zoomed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content: Content | None = None
        self._items: dict[_Key, GroupItem] = {}
        self._selection: tuple[ItemPath, ...] = ()
        self._zoom = 1.0
        self._is_placed = False
        self._pressed: QPoint | None = None
        self._is_panning = False
        self._letters = Painter(theme.text_font())
        self.setScene(QGraphicsScene(self))
        self.setObjectName("diagram")
        self.setAccessibleName(self.tr("Diagram"))
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Magnifying keeps the point under the pointer by itself; Qt's own anchor would move the view a second time.
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.overview = DiagramOverview(theme, self.viewport())
        self.overview.place_requested.connect(self.centerOn)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._show_seen)

    # Content.

    def show_content(self, content: Content, *, keeps: ItemPath | None = None) -> None:
        """Shows a content. What is in sight stays there: `keeps`, or what is selected, or whatever is first."""
        anchor, before = self._anchor(keeps)
        self._content = content
        self.setBackgroundBrush(self._theme.colour("surface"))
        accent = self._theme.tokens.accent
        counted: Counter[tuple[str, ItemPath, ItemPath]] = Counter()
        old, self._items = self._items, {}
        for order, group in enumerate(content.drawing.groups):
            identity = (group.kind, group.path, group.source)
            counted[identity] += 1
            key = (*identity, counted[identity])
            # Items are kept where they show the same: to make thousands anew would be felt after each edit.
            item = old.pop(key, None)
            if item is None:
                item = GroupItem(group, self._letters, accent)
                self.scene().addItem(item)
            else:
                item.show_thing(group, accent)
            item.setZValue(order)
            self._items[key] = item
        for item in old.values():
            self.scene().removeItem(item)
        drawing = content.drawing
        self.setSceneRect(QRectF(0, 0, drawing.width, drawing.height))
        is_tall = drawing.height >= drawing.width
        upright = Qt.AlignmentFlag.AlignTop if is_tall else Qt.AlignmentFlag.AlignVCenter
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | upright)
        self.overview.show_content(content)
        self._mark()
        if anchor is not None and anchor in content.areas and before is not None:
            after = self.mapFromScene(_corner(content.areas[anchor]))
            self._scroll_by(after - before)
        self._place_first()
        self._show_seen()

    def _anchor(self, keeps: ItemPath | None) -> tuple[ItemPath | None, QPoint | None]:
        """The item that stays in its place, and that place on the screen."""
        areas = self._content.areas if self._content is not None else {}
        if keeps is not None and keeps in areas:
            return keeps, self.mapFromScene(_corner(areas[keeps]))
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        wanted = (path for path in (*self._selection, *areas) if path in areas and seen.contains(_corner(areas[path])))
        path = next(wanted, None)
        return path, None if path is None else self.mapFromScene(_corner(areas[path]))

    def apply_theme(self) -> None:
        """Takes up the font and the colours of the theme."""
        self._letters = Painter(self._theme.text_font())
        for item in self._items.values():
            self.scene().removeItem(item)
        self._items = {}
        self._apply_zoom()

    @property
    def content(self) -> Content | None:
        """The content that is shown."""
        return self._content

    @property
    def shown(self) -> dict[_Key, GroupItem]:
        """The items that are drawn."""
        return self._items

    # Selection.

    def show_selection(self, selection: tuple[ItemPath, ...], *, goes_there: bool) -> None:
        """Marks what is selected, and if that is wanted goes there where it is out of sight."""
        self._selection = selection
        self._mark()
        if goes_there:
            self._go_to_selection()

    def _go_to_selection(self) -> None:
        areas = self._content.areas if self._content is not None else {}
        path = next((path for path in self._selection if path in areas), None)
        if path is not None:
            self._reveal(areas[path])

    def _mark(self) -> None:
        chosen = set(self._selection)
        for item in self._items.values():
            group = item.thing
            is_near = group.path in chosen or (group.kind == "edge" and group.source in chosen)
            item.mark(is_near and group.kind != "label")

    def _reveal(self, area: Area) -> None:
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        rect = QRectF(*area)
        if rect.width() > seen.width() or rect.height() > seen.height():
            if not seen.intersects(rect):
                self.centerOn(rect.topLeft() + QPointF(rect.width() / 2, seen.height() / 3))
        elif not seen.contains(rect):
            self.centerOn(rect.center())

    # Magnification.

    @property
    def zoom(self) -> float:
        """The magnification; 1 is the size of the texts of the window."""
        return self._zoom

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """Magnifies; the point of the viewport `at`, or its middle, stays over the same place."""
        at = QPointF(self.viewport().rect().center()) if at is None else at
        place = self.mapToScene(at.toPoint())
        self._zoom = max(MIN_ZOOM, min(MAX_ZOOM, zoom))
        self._apply_zoom()
        self._scroll_by(self.mapFromScene(place) - at.toPoint())
        self._show_seen()
        self.zoomed.emit()

    def fit(self) -> None:
        """Shows all of it, no larger than its own size."""
        self.set_zoom(min(1.0, self._fitting()))
        self.centerOn(self.sceneRect().center())

    def _fitting(self) -> float:
        room, scene = self.viewport().rect(), self.sceneRect()
        scale = self._theme.text_scale
        return min(room.width() / max(1.0, scene.width()), room.height() / max(1.0, scene.height())) / scale

    def _apply_zoom(self) -> None:
        scale = self._zoom * self._theme.text_scale
        self.setTransform(QTransform.fromScale(scale, scale))

    def _place_first(self) -> None:
        """Begins at the beginning: with all of it if it can be read so, else with all of its shorter side if it can."""
        if self._is_placed or not self.isVisible() or self._content is None or not self._content.areas:
            return
        self._is_placed = True
        room, drawing = self.viewport().rect(), self._content.drawing
        is_tall = drawing.height >= drawing.width
        fitting = self._fitting()
        if fitting < MIN_FIRST_ZOOM:
            side = room.width() / drawing.width if is_tall else room.height() / drawing.height
            fitting = max(MIN_FIRST_ZOOM, side / self._theme.text_scale)
        self.set_zoom(min(1.0, fitting))
        boxes = (area for path, area in self._content.areas.items() if path not in self._content.frames)
        first = QRectF(*next(boxes))
        self.centerOn(first.center().x() if is_tall else 0.0, 0.0 if is_tall else first.center().y())
        self._go_to_selection()

    def begin_again(self) -> None:
        """Places the next content as if it were the first."""
        self._is_placed = False

    def _scroll_by(self, offset: QPoint) -> None:
        for bar, by in ((self.horizontalScrollBar(), offset.x()), (self.verticalScrollBar(), offset.y())):
            bar.setValue(bar.value() + by)

    def set_overview(self, is_wanted: bool) -> None:
        """Shows the overview where only a part is seen, or never."""
        self.overview.is_wanted = is_wanted
        self._show_seen()

    def _show_seen(self) -> None:
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        self.overview.show_seen(seen, QSizeF(self.viewport().size()))

    # What Qt calls.

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_first()
        self._show_seen()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * ZOOM_STEP ** (delta.y() / 120), event.position())
            event.accept()
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not delta.x():
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - delta.y())
            event.accept()
        else:
            super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.set_zoom(self._zoom * (1 + event.value()), event.position())
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed = event.position().toPoint()
            self._is_panning = event.button() == Qt.MouseButton.MiddleButton
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._pressed is None:
            self._show_pointer(point)
            return
        # A hand trembles: less than the system's distance for a drag is still a click.
        offset = point - self._pressed
        if self._is_panning or offset.manhattanLength() >= QApplication.startDragDistance():
            self._is_panning = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self._scroll_by(-offset)
            self._pressed = point

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was_click = self._pressed is not None and not self._is_panning
        self._pressed, self._is_panning = None, False
        self.viewport().unsetCursor()
        if was_click:
            is_adding = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._click(self.mapToScene(event.position().toPoint()), is_adding=is_adding)

    def _show_pointer(self, point: QPoint) -> None:
        content, place = self._content, self.mapToScene(point)
        if content is not None and area_at(content.marks, place.x(), place.y()) is not None:
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.viewport().unsetCursor()

    def _click(self, place: QPointF, *, is_adding: bool) -> None:
        content = self._content
        if content is None:
            return
        folding = area_at(content.marks, place.x(), place.y())
        if folding is not None and not is_adding:
            self.fold_requested.emit(folding, folding not in content.frames)
            return
        path = area_at(content.areas, place.x(), place.y()) or area_at(content.labels, place.x(), place.y())
        if path is None:
            self.selection_requested.emit(())
        elif is_adding:
            # Ctrl adds what is not selected, and takes away what is.
            chosen = set(self._selection) ^ {path}
            self.selection_requested.emit(tuple(chosen))
        else:
            self.selection_requested.emit((path,))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        content, place = self._content, self.mapToScene(event.position().toPoint())
        if content is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if area_at(content.marks, place.x(), place.y()) is not None:
            # Two clicks on the arrow fold and open again; the first has been done.
            self._pressed = event.position().toPoint()
            return
        path = area_at(content.areas, place.x(), place.y())
        label = area_at(content.labels, place.x(), place.y())
        if path is not None and path in content.blocks:
            self.fold_requested.emit(path, path not in content.frames)
        elif label is not None or (path is not None and content.labels):
            self.label_requested.emit(label or path)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        content, place = self._content, self.mapToScene(event.pos())
        path = None if content is None else area_at(content.areas, place.x(), place.y())
        if event.reason() == QContextMenuEvent.Reason.Mouse and path is not None and path not in self._selection:
            self.selection_requested.emit((path,))
        self.menu_requested.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._content is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~_SHIFT:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key in STEPS:
            self._walk(STEPS[key], is_adding=bool(event.modifiers() & _SHIFT))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._fold_selected()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.set_zoom(self._zoom * (1 / ZOOM_STEP if key == Qt.Key.Key_Minus else ZOOM_STEP))
        elif key == Qt.Key.Key_0:
            self.set_zoom(1.0)
        elif key == Qt.Key.Key_9:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _walk(self, step: tuple[int, int], *, is_adding: bool) -> None:
        content = self._content
        current = self._selection[-1 if step > (0, 0) else 0] if self._selection else None
        path = None if content is None else neighbour(content, current, step)
        if path is not None:
            self.selection_requested.emit((*self._selection, path) if is_adding else (path,))

    def _fold_selected(self) -> None:
        content = self._content
        for path in self._selection:
            if content is not None and path in content.blocks | content.frames:
                self.fold_requested.emit(path, path not in content.frames)


_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier


def _corner(area: Area) -> QPointF:
    return QPointF(area[0], area[1])
