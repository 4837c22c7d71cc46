"""What the tests of the window share."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtWidgets import QApplication

from cnnstudio.app.document import Document
from cnnstudio.app.settings import Settings
from cnnstudio.core.design import Design
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.design_yaml import DesignFile
from cnnstudio.formats.yaml_comments import Comments


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and state in a folder of the test's own."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    QStandardPaths.setTestModeEnabled(False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that nobody else sees."""
    return Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


def document_of(design: Design) -> Document:
    """A document that holds a design and has no file."""
    return Document(DesignFile(design, Comments(), {}))


@pytest.fixture
def alexnet(qapp: QApplication) -> Document:
    """AlexNet, open."""
    return opened("alexnet", qapp)


@pytest.fixture
def resnet(qapp: QApplication) -> Document:
    """ResNet-18, open: blocks and branches."""
    return opened("resnet-18", qapp)


def opened(name: str, application: QApplication) -> Document:
    """A built-in design, open; it lives as long as the application."""
    return Document(open_design(name), parent=application)
