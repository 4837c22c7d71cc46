"""The surface that a list or table is painted on."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QWidget


def lay_ground(view: QAbstractScrollArea) -> QWidget:
    """Gives a view that paints all of its surface a viewport that says so: nothing behind is painted first.

    It is made here because asking for one that Qt made takes 20 ms at the start: Python looks through all widgets
    there are for what kind it is.
    """
    ground = QWidget()
    ground.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
    view.setViewport(ground)
    return ground


def fill_ground(painter: QPainter, area: QRect, colour: QColor) -> None:
    """Fills a part of the surface, and leaves the painter without pen and brush.

    `fillRect` asks first whether the colour is a gradient, for which Python makes all that Qt knows by name: 2 ms at
    the start.
    """
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRect(area)
    painter.setBrush(Qt.BrushStyle.NoBrush)
