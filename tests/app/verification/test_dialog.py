"""The dialog that verifies: what it tells, what it remembers, and that Cancel ends the process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.verification.dialog import VerifyDialog
from tests.verification.test_verification import answering, onnx_answer, python_that

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows starts no scripts")


@pytest.fixture
def dialog(alexnet: Document, settings: Settings, qtbot: QtBot) -> VerifyDialog:
    """The dialog on AlexNet, set to onnxruntime."""
    made = VerifyDialog(alexnet, ViewState(alexnet), settings)
    qtbot.addWidget(made)
    made.framework.setCurrentIndex(made.framework.findData("onnxruntime"))
    made.show()
    return made


def finish(dialog: VerifyDialog, qtbot: QtBot) -> str:
    """Runs to the end; the text that is shown then."""
    dialog.start()
    qtbot.waitUntil(lambda: dialog.run_button.isEnabled(), timeout=20_000)
    return dialog.told.toPlainText()


def test_equality_is_told_and_the_interpreter_remembered(
    dialog: VerifyDialog, alexnet: Document, settings: Settings, tmp_path: Path, qtbot: QtBot
) -> None:
    python = answering(tmp_path, onnx_answer(alexnet.analysis))
    dialog.python.setText(python)
    assert "All are equal." in finish(dialog, qtbot)
    assert settings.verify_python == python


def test_a_bundle_offers_the_python_of_the_system_for_it_runs_no_scripts(
    alexnet: Document, settings: Settings, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    made = VerifyDialog(alexnet, ViewState(alexnet), settings)
    qtbot.addWidget(made)
    assert Path(made.python.text()).name == "python3"


def test_a_difference_leads_to_its_layer(dialog: VerifyDialog, alexnet: Document, tmp_path: Path, qtbot: QtBot) -> None:
    answer = onnx_answer(alexnet.analysis)
    answer["layers"]["Conv-2"]["parameters"] = 7
    dialog.python.setText(answering(tmp_path, answer))
    said = finish(dialog, qtbot)
    assert "Conv-2" in said
    assert "614,656" in said
    dialog.told.anchorClicked.emit(QUrl("Conv-2"))
    assert alexnet.focus == (("Conv-2",),)


def test_a_framework_that_is_missing_is_told(dialog: VerifyDialog, tmp_path: Path, qtbot: QtBot) -> None:
    dialog.python.setText(answering(tmp_path, {"missing": "onnxruntime"}))
    assert "onnxruntime is not installed for" in finish(dialog, qtbot)


def test_cancel_ends_the_process(dialog: VerifyDialog, tmp_path: Path, qtbot: QtBot) -> None:
    note = tmp_path / "pid"
    body = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    dialog.python.setText(python_that(tmp_path, body))
    dialog.start()
    qtbot.waitUntil(lambda: note.exists() and bool(note.read_text()), timeout=20_000)
    dialog.cancel()
    assert dialog.run_button.isEnabled()

    def is_gone() -> bool:
        try:
            os.kill(int(note.read_text()), 0)
        except ProcessLookupError:
            return True
        return False

    qtbot.waitUntil(is_gone, timeout=20_000)
    assert sys.executable


def test_enter_verifies_and_opens_no_file_dialog(dialog: VerifyDialog) -> None:
    defaults = [button for button in dialog.findChildren(QPushButton) if button.isDefault() or button.autoDefault()]
    assert dialog.run_button in defaults
    assert not [button for button in defaults if button.parent() is dialog]
