"""Diagram panels for tests: on ResNet-18 or on a small design, with questions about what they show."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.diagram.items import GroupItem
from cnnstudio.app.diagram.panel import DiagramPanel
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.network.design import Design, ItemPath
from tests.app.conftest import document_of

FIRST = ("layer2", "first")
"""A block in a block of ResNet-18."""


def hidden_panel(document: Document, state: ViewState, theme: Theme, settings: Settings, qtbot: QtBot) -> DiagramPanel:
    panel = DiagramPanel(document, state, theme, settings)
    qtbot.addWidget(panel)
    panel.resize(700, 500)
    return panel


def shown_with_state(
    design: Design, theme: Theme, settings: Settings, qtbot: QtBot
) -> tuple[DiagramPanel, Document, ViewState]:
    """A small design, drawn, with what the panel follows."""
    document = document_of(design)
    document.setParent(QApplication.instance())
    state = ViewState(document, document)
    panel = hidden_panel(document, state, theme, settings, qtbot)
    panel.show()
    qtbot.waitExposed(panel)
    return panel, document, state


def panel_of(design: Design, theme: Theme, settings: Settings, qtbot: QtBot) -> DiagramPanel:
    """A small design, drawn."""
    return shown_with_state(design, theme, settings, qtbot)[0]


def things(panel: DiagramPanel, *kinds: str) -> dict[ItemPath, GroupItem]:
    return {item.thing.path: item for item in panel.view.shown.values() if item.thing.kind in kinds}


def boxes(panel: DiagramPanel) -> set[ItemPath]:
    return set(things(panel, "box"))


def texts(panel: DiagramPanel) -> list[str]:
    found = [shape for item in panel.view.shown.values() for shape in item.thing.shapes]
    return [text for shape in found if isinstance(text := getattr(shape, "text", None), str)]


def middle(panel: DiagramPanel, path: ItemPath, kind: str = "box") -> QPoint:
    """The middle of a thing on the viewport."""
    left, top, width, height = things(panel, kind)[path].thing.bounds
    return panel.view.mapFromScene(QPointF(left + width / 2, top + height / 2))


def selected(state: ViewState) -> list[ItemPath]:
    return list(state.selection)


def click(panel: DiagramPanel, point: QPoint, *keys: Qt.KeyboardModifier) -> None:
    modifiers = keys[0] if keys else Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, modifiers, point)
