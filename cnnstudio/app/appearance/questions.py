"""Questions and messages in a box. Their texts are plain: a file or design may be called `<b>`."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QInputDialog, QLabel, QMessageBox, QWidget

Button = QMessageBox.StandardButton


def ask(
    window: QWidget | None,
    title: str,
    text: str,
    buttons: Button,
    default: Button,
    words: Mapping[Button, str] | None = None,
) -> Button:
    """Asks and waits for the answer; Escape is Cancel, or No. `words` are other texts for the buttons."""
    box = _box(QMessageBox.Icon.Question, window, title, text)
    box.setStandardButtons(buttons)
    box.setDefaultButton(default)
    for button, word in (words or {}).items():
        box.button(button).setText(word)
    return Button(_answer(box))


def warn(window: QWidget | None, title: str, text: str, detail: str = "") -> None:
    """Tells of something that did not work; `detail` is shown on demand."""
    box = _box(QMessageBox.Icon.Warning, window, title, text)
    box.setDetailedText(detail)
    _answer(box)


def ask_number(window: QWidget, title: str, text: str, value: int, most: int) -> int | None:
    """Asks for a whole number from 1 on; None if the user cancels."""
    dialog = _line(window, title, text)
    dialog.setInputMode(QInputDialog.InputMode.IntInput)
    dialog.setIntRange(1, most)
    dialog.setIntValue(value)
    number = dialog.intValue() if dialog.exec() == QInputDialog.DialogCode.Accepted else None
    dialog.deleteLater()
    return number


def ask_text(window: QWidget, title: str, text: str, value: str) -> str | None:
    """Asks for one line of text; None if the user cancels."""
    dialog = _line(window, title, text)
    dialog.setTextValue(value)
    answer = dialog.textValue() if dialog.exec() == QInputDialog.DialogCode.Accepted else None
    dialog.deleteLater()
    return answer


def _line(window: QWidget, title: str, text: str) -> QInputDialog:
    dialog = QInputDialog(window)
    dialog.setWindowTitle(title)
    dialog.setLabelText(text)
    for label in dialog.findChildren(QLabel):
        label.setTextFormat(Qt.TextFormat.PlainText)
    return dialog


def _box(icon: QMessageBox.Icon, window: QWidget | None, title: str, text: str) -> QMessageBox:
    box = QMessageBox(window)
    box.setIcon(icon)
    box.setWindowTitle(title)
    # By default Qt guesses, and takes a text with a tag in it for HTML.
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    return box


def _answer(box: QMessageBox) -> int:
    for button in box.buttons():
        button.setIcon(QIcon())  # the style's own are tiny and say nothing that the word does not
    answer = box.exec()
    # The box has a parent, and would stay in memory with it after it was answered.
    box.deleteLater()
    return answer
