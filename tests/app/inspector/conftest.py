"""The inspector on ResNet-18."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from tests.app.inspector.inspector_bench import Bench


@pytest.fixture
def bench(resnet: Document, theme: Theme, qtbot: QtBot) -> Bench:
    """The inspector of ResNet-18, with questions about what it shows."""
    return Bench(resnet, theme, qtbot)
