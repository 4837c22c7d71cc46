"""The dialog of Tools, Verify: a framework, the Python that has it, and what differs, with links to the layers."""

from __future__ import annotations

import subprocess
from functools import partial
from html import escape
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from cnnstudio import installation
from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.background import Background
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.network.design import path_from
from cnnstudio.exports.target import ExportError
from cnnstudio.verification import DEFAULT_LIMIT, FRAMEWORKS, Verdict, VerifyError, verify

TITLES = {"pytorch": "PyTorch", "keras": "Keras", "onnxruntime": "onnxruntime"}
MAX_TOLD = 200


class VerifyDialog(QDialog):
    """Runs the design as it is in a process of its own; closing the dialog, or Cancel, ends that."""

    def __init__(
        self, document: Document, view_state: ViewState, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_topic(self, "export.md#verified-by-the-framework")
        self._document, self._view_state, self._settings = document, view_state, settings
        self._process: subprocess.Popen[bytes] | None = None
        self._background = Background(self, (VerifyError, ExportError))
        self._background.done.connect(self._show_verdict)
        self._background.failed.connect(self._show_failure)
        self.setWindowTitle(self.tr("Verify with a framework"))
        self.framework = QComboBox()
        for key in FRAMEWORKS:
            self.framework.addItem(TITLES[key], key)
        self.python = QLineEdit(settings.verify_python or installation.python())
        self.python.setAccessibleName(self.tr("Python"))
        self.told = QTextBrowser()
        self.told.setOpenLinks(False)
        self.told.anchorClicked.connect(self._go_to)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.hide()
        self._build()
        self.resize(620, 420)

    def _build(self) -> None:
        browse = QPushButton(self.tr("Choose…"))
        # The first button of a dialog would else be what Enter presses.
        browse.setAutoDefault(False)
        browse.clicked.connect(self._choose_python)
        line = QHBoxLayout()
        line.addWidget(self.python, 1)
        line.addWidget(browse)
        form = QFormLayout()
        form.addRow(self.tr("Framework"), self.framework)
        form.addRow(self.tr("Python that has it"), line)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.run_button = self.buttons.addButton(self.tr("Verify"), QDialogButtonBox.ButtonRole.ActionRole)
        self.run_button.setDefault(True)
        self.cancel_button = self.buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.ActionRole)
        self.cancel_button.setEnabled(False)
        self.run_button.clicked.connect(lambda: self.start())
        self.cancel_button.clicked.connect(lambda: self.cancel())
        self.buttons.rejected.connect(self.reject)
        self.told.setPlainText(
            self.tr(
                "The design is exported and run by the framework, in the Python above and a process of its own. Every "
                "shape, and the parameters of every layer, are compared with the table."
            )
        )
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.told, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self.buttons)

    def start(self) -> None:
        """Begins to verify the design as it is now."""
        python = self.python.text().strip() or installation.python()
        self._settings.verify_python = python
        self._set_running(True)
        key = str(self.framework.currentData())
        self._background.start(partial(verify, self._document.analysis, key, python, DEFAULT_LIMIT, self._keep))

    def cancel(self) -> None:
        """Ends what runs; nothing is left of it."""
        self._background.cancel()
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        self._process = None
        self._set_running(False)

    def done(self, result: int) -> None:
        self.cancel()
        super().done(result)

    def _keep(self, process: subprocess.Popen[bytes]) -> None:
        """Called in the thread that waits for the process."""
        self._process = process

    def _set_running(self, is_running: bool) -> None:
        self.progress.setVisible(is_running)
        self.run_button.setEnabled(not is_running)
        self.cancel_button.setEnabled(is_running)

    def _choose_python(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Python that has the framework"), self.python.text())
        if name:
            self.python.setText(name)

    def _show_failure(self, text: str) -> None:
        self._set_running(False)
        self.told.setPlainText(text)

    def _show_verdict(self, verdict: Verdict) -> None:
        self._set_running(False)
        compared = ", ".join(f"{count:,} × {quantity}" for quantity, count in verdict.compared.items())
        head = self.tr("{version}, {layers:,} layers; compared {compared}.").format(
            version=escape(verdict.version), layers=verdict.layers, compared=escape(compared)
        )
        if verdict.is_equal:
            self.told.setHtml(f"<p>{head}</p><p><b>{self.tr('All are equal.')}</b></p>")
            return
        titles = (self.tr("Layer"), self.tr("Quantity"), self.tr("Design"), escape(verdict.framework))
        rows = ["<tr>" + "".join(f'<th align="left">{title}</th>' for title in titles) + "</tr>"]
        for item in verdict.differences[:MAX_TOLD]:
            link = f'<a href="{escape(item.path)}">{escape(item.path)}</a>'
            cells = (link, item.quantity, _shown(item.design), _shown(item.framework))
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        self.told.setHtml(f'<p>{head}</p><table cellspacing="8">{"".join(rows)}</table>')

    def _go_to(self, url: QUrl) -> None:
        """Selects the layer of a row."""
        path = url.toString()
        rows = {entry.path: entry.place for entry in walk_entries(self._document.analysis.entries)}
        self._view_state.select((path_from(rows.get(path, path)),))


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    return " × ".join(map(str, value)) if isinstance(value, list) else f"{value:,}"
