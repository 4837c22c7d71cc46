"""The one question about a file that leaves something open: which network, which values, which input size."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QWidget

from cnnstudio.formats.fault import OpenQuestion
from cnnstudio.formats.format import ReadOptions, input_size_from, is_settable


class AnswersDialog(QDialog):
    """Asks for what a file leaves open; `options` are the answers."""

    def __init__(self, question: OpenQuestion, options: ReadOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = options
        self.setWindowTitle(self.tr("Open source code"))
        sentence = QLabel(question.faults[0].sentence, self)
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        sentence.setWordWrap(True)
        self.network = QComboBox(self)
        self.network.addItems(list(question.choices))
        self.network.setCurrentText(question.network)
        answered = dict(options.arguments)
        self.arguments = {name: QLineEdit(answered.get(name, ""), self) for name in question.arguments}
        self.size_field = QLineEdit(self)
        self.size_field.setPlaceholderText("3 × 224 × 224")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(sentence)
        if len(question.choices) > 1:
            form.addRow(self.tr("&Network"), self.network)
        for name, field in self.arguments.items():
            form.addRow(name, field)
        if question.is_size_open or not question.arguments:
            form.addRow(self.tr("&Input size"), self.size_field)
        form.addRow(buttons)

    def options(self) -> ReadOptions:
        """The answers."""
        given = {name: field.text().strip() for name, field in self.arguments.items() if field.text().strip()}
        return ReadOptions(
            input_size=input_size_from(self.size_field.text()) or self._before.input_size,
            network=self.network.currentText() or self._before.network,
            arguments=tuple({**dict(self._before.arguments), **given}.items()),
            fold=self._before.fold,
        )


def ask(question: OpenQuestion, options: ReadOptions, parent: QWidget | None) -> ReadOptions | None:
    """The user's answers, None if they gave none."""
    dialog = AnswersDialog(question, options, parent)
    is_answered = dialog.exec() == QDialog.DialogCode.Accepted
    answers = dialog.options() if is_answered else None
    dialog.deleteLater()
    return answers


def arguments_in(text: str) -> tuple[tuple[str, str], ...] | None:
    """`num_classes=10, width=2` as names and values, None if it is something else."""
    pairs = [part.partition("=") for part in re.split(r"[,;](?=\s*[^,;=]+=)", text) if part.strip()]
    if not all(sign and is_settable(name.strip()) for name, sign, _ in pairs):
        return None
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def arguments_text(arguments: tuple[tuple[str, str], ...]) -> str:
    """Names and values as one types them."""
    return ", ".join(f"{name}={value}" for name, value in arguments)
