"""About the program: versions and licences."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from cnnstudio import __version__
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.manual.about import AboutDialog, licence_text


def test_it_tells_versions_and_licences(theme: Theme, qtbot: QtBot) -> None:
    dialog = AboutDialog(theme)
    qtbot.addWidget(dialog)
    pages = [dialog.pages.widget(at) for at in range(dialog.pages.count())]
    versions, licence, others = (page.toPlainText() for page in pages if isinstance(page, QPlainTextEdit))
    assert dialog.title.text() == f"CNN Studio {__version__}"
    assert f"Qt {qVersion()}" in versions
    assert "pyqtgraph 0.14" in versions
    assert licence.startswith("MIT License")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in others
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == versions


def test_licences_are_found_in_a_bundle_and_missed_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    (tmp_path / "LICENSE").write_text("of the bundle", encoding="utf-8")
    assert licence_text("LICENSE") == "of the bundle"
    assert licence_text("THIRD-PARTY.txt") == "THIRD-PARTY.txt is missing; install the program again."
