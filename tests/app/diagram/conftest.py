"""Diagram panels on ResNet-18."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.diagram.panel import DiagramPanel
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.settings import Settings
from tests.app.diagram.diagram_bench import hidden_panel


@pytest.fixture
def state(resnet: Document) -> ViewState:
    """The view state of ResNet-18."""
    return ViewState(resnet, resnet)


@pytest.fixture
def panel(resnet: Document, state: ViewState, theme: Theme, settings: Settings, qtbot: QtBot) -> DiagramPanel:
    """ResNet-18, drawn."""
    panel = hidden_panel(resnet, state, theme, settings, qtbot)
    panel.show()
    qtbot.waitExposed(panel)
    return panel
