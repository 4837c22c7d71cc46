"""The five steps of the tour that Help, First steps leads through, in a window of a small design."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from cnnstudio.app.tour.step import TourStep
from cnnstudio.app.tour.tour import Tour
from cnnstudio.app.window.frame import WindowFrame

DESIGN: Final = "lenet-5-modern"
"""The built-in design on which the tour takes place."""
translate = QCoreApplication.translate


def start_first_steps(window: WindowFrame) -> Tour:
    """Begins the tour in a window; it follows what is done there."""
    tour = Tour(_steps(window), window.theme, window)
    window.document.changed.connect(tour.follow)
    window.view_state.selection_changed.connect(tour.follow)
    window.view_state.quantity_changed.connect(tour.follow)
    return tour


def _steps(window: WindowFrame) -> tuple[TourStep, ...]:
    document, view_state = window.document, window.view_state
    opened, quantity = document.design, view_state.quantity
    return (
        TourStep(
            translate("FirstSteps", "The network is a list"),
            translate(
                "FirstSteps",
                "Each row is a layer; it takes what the one above it gives. Select a convolution: it is selected in "
                "every part of the window.",
            ),
            partial(_shown_dock, window, "layers"),
            lambda: bool(view_state.selection),
        ),
        TourStep(
            translate("FirstSteps", "Change a field"),
            translate(
                "FirstSteps",
                "The inspector has the fields of what is selected. Give the convolution more filters, and watch the "
                "table: everything that follows is counted anew. Ctrl+Z takes it back.",
            ),
            partial(_shown_dock, window, "inspector"),
            lambda: document.design != opened,
        ),
        TourStep(
            translate("FirstSteps", "Read what it costs"),
            translate(
                "FirstSteps",
                "A row for each layer, the totals below. Click a number in another column, such as MACs, or a total.",
            ),
            lambda: window.center.panel,
            lambda: view_state.quantity != quantity,
        ),
        *_last_steps(window, len(opened.layers)),
    )


def _last_steps(window: WindowFrame, layers: int) -> tuple[TourStep, ...]:
    """The steps after the table; at first there were so many layers."""
    return (
        TourStep(
            translate("FirstSteps", "Ask why"),
            translate(
                "FirstSteps",
                "The working unfolds the number that you chose: the formula, the same with the numbers, the value. "
                "It is the rule itself that is shown, not a text about it.",
            ),
            partial(_shown_dock, window, "working"),
        ),
        TourStep(
            translate("FirstSteps", "Add layers, save, hand in"),
            translate(
                "FirstSteps",
                "Drag layers from the palette, or press Ctrl+Space and type a line: conv 16 3x3 same relu, pool 2. "
                "Ctrl+S saves the design, Ctrl+Shift+E makes a report, F1 explains the part that you are in.",
            ),
            partial(_shown_dock, window, "palette"),
            lambda: len(window.document.design.layers) > layers,
        ),
    )


def _shown_dock(window: WindowFrame, key: str) -> QWidget:
    dock = window.docks[key]
    dock.show()
    dock.raise_()
    return dock
