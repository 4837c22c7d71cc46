"""The pages of a report below each other, to scroll through and to look at closely."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.reports.pdf import Pages
from cnnstudio.app.reports.pdf.ink import POINT

GAP: Final = 14
MIN_ZOOM, MAX_ZOOM, ZOOM_STEP = 0.25, 4.0, 1.25
PIXELS_A_POINT: Final = 96 / 72
MAX_KEPT: Final = 6
"""Painted pages that are kept, for scrolling back and forth."""


class PageView(QAbstractScrollArea):
    """Shows pages. `page_changed` carries the number of the page in view, from 0; `zoom_changed` the zoom."""

    page_changed = Signal(int)
    zoom_changed = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pages: Pages | None = None
        self._zoom = 0.0
        self._images: OrderedDict[int, QImage] = OrderedDict()
        self._page = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Pages of the report"))
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        theme.changed.connect(self.viewport().update)

    # What is shown.

    def show_pages(self, pages: Pages | None) -> None:
        """Shows other pages; the place in them stays as far as it can."""
        place = self.verticalScrollBar().value()
        self._pages = pages
        self._images.clear()
        self._measure()
        self.verticalScrollBar().setValue(place)
        self._on_scrolled()
        self.viewport().update()

    @property
    def page_count(self) -> int:
        """The number of pages."""
        return len(self._pages) if self._pages is not None else 0

    @property
    def page(self) -> int:
        """The page in view, from 0."""
        return self._page

    def go_to(self, number: int) -> None:
        """Brings a page to the top."""
        number = max(0, min(self.page_count - 1, number))
        self.verticalScrollBar().setValue(self._top(number) - GAP)

    @property
    def zoom(self) -> float:
        """The size of the page on the screen, 1 for its own; by the width of the view until somebody chooses."""
        return self._zoom or self._fitting_zoom()

    def set_zoom(self, zoom: float) -> None:
        """Shows pages larger or smaller; 0 fits them to the width again."""
        middle = self.viewport().height() // 2
        before = self._scale()
        self._zoom = max(MIN_ZOOM, min(MAX_ZOOM, zoom)) if zoom else 0.0
        place = self.verticalScrollBar().value() + middle
        self._images.clear()
        self._measure()
        self.verticalScrollBar().setValue(round(place * self._scale() / before) - middle)
        self.viewport().update()
        self.zoom_changed.emit(self.zoom)

    def zoom_in(self) -> None:
        """One step larger."""
        self.set_zoom(self.zoom * ZOOM_STEP)

    def zoom_out(self) -> None:
        """One step smaller."""
        self.set_zoom(self.zoom / ZOOM_STEP)

    # Measures, in pixels of the screen.

    def _fitting_zoom(self) -> float:
        if self._pages is None:
            return 1.0
        width = self._pages.size.width() / POINT * PIXELS_A_POINT
        return max(MIN_ZOOM, min(MAX_ZOOM, (self.viewport().width() - 2 * GAP) / width))

    def _scale(self) -> float:
        return self.zoom * PIXELS_A_POINT / POINT

    def _page_size(self) -> QSize:
        assert self._pages is not None
        size = self._pages.size * self._scale()
        return QSize(round(size.width()), round(size.height()))

    def _top(self, number: int) -> int:
        return GAP + number * (self._page_size().height() + GAP)

    def _measure(self) -> None:
        if self._pages is None:
            for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
                bar.setRange(0, 0)
            return
        size, room = self._page_size(), self.viewport().size()
        whole = QSize(size.width() + 2 * GAP, self._top(self.page_count))
        self.verticalScrollBar().setRange(0, max(0, whole.height() - room.height()))
        self.verticalScrollBar().setPageStep(room.height())
        self.verticalScrollBar().setSingleStep(40)
        self.horizontalScrollBar().setRange(0, max(0, whole.width() - room.width()))
        self.horizontalScrollBar().setPageStep(room.width())

    def _rect(self, number: int) -> QRect:
        """The rectangle of a page in the view."""
        size = self._page_size()
        left = max(GAP, (self.viewport().width() - size.width()) // 2) - self.horizontalScrollBar().value()
        return QRect(QPoint(left, self._top(number) - self.verticalScrollBar().value()), size)

    def _on_scrolled(self) -> None:
        if self._pages is None:
            return
        height = self._page_size().height() + GAP
        # Of turned pages several are in view: the one that is at the top, or the last where there is no more to scroll.
        bar = self.verticalScrollBar()
        middle = bar.value() + min(self.viewport().height(), height) // 2
        is_at_end = bar.value() == bar.maximum() > 0
        page = self.page_count - 1 if is_at_end else max(0, min(self.page_count - 1, middle // height))
        if page != self._page:
            self._page = page
            self.page_changed.emit(page)

    # What Qt calls.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.colour("raised"))
        if self._pages is None:
            return
        for number in range(self.page_count):
            rect = self._rect(number)
            if rect.top() > event.rect().bottom():
                break
            if rect.intersects(event.rect()):
                painter.drawImage(rect.topLeft(), self._image(number))
                painter.setPen(self._theme.colour("outline"))
                painter.drawRect(rect.adjusted(-1, -1, 0, 0))

    def _image(self, number: int) -> QImage:
        """The page painted; paper is white in the dark too."""
        image = self._images.get(number)
        if image is None:
            image = self._painted(number)
            self._images[number] = image
            while len(self._images) > MAX_KEPT:
                self._images.popitem(last=False)
        self._images.move_to_end(number)
        return image

    def _painted(self, number: int) -> QImage:
        assert self._pages is not None
        ratio = self.devicePixelRatioF()
        image = QImage(self._page_size() * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor("white"))
        painter = QPainter(image)
        painter.scale(self._scale(), self._scale())
        self._pages.paint(painter, number)
        painter.end()
        return image

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._zoom:
            self._images.clear()
            self.zoom_changed.emit(self.zoom)
        self._measure()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            (self.zoom_in if event.angleDelta().y() > 0 else self.zoom_out)()
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.page_count - 1}.get(Qt.Key(event.key()))
        if page is None:
            super().keyPressEvent(event)
        else:
            self.go_to(page)
