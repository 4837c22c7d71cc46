"""Questions and messages in a box. Their texts are plain: a file or design may be called `<b>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QIcon
from PySide6.QtWidgets import (
    QGridLayout,
    QInputDialog,
    QLabel,
    QMessageBox,
    QSizePolicy,
    QSpacerItem,
    QWidget,
)

from cnnstudio.app.appearance.icons import icon_pixmap

Button = QMessageBox.StandardButton
BOX_ICON: Final = 2.2
"""The side of the sign in a box, in heights of a line."""
TITLE_LETTERS: Final = 40
"""The room in a title bar for the sign at its left, the program's name, and the buttons at its right."""
_SIGNS: Final = {
    QMessageBox.Icon.Question: ("info", "accent"),
    QMessageBox.Icon.Warning: ("triangle-alert", "warning"),
}


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
        # The dialog takes the least width of what is in it, and none of its own.
        label.setMinimumWidth(title_width(dialog, title))
    return dialog


def title_width(dialog: QWidget, title: str) -> int:
    """The width that a dialog needs for its title and the buttons beside it, within the screen."""
    metrics = QFontMetrics(dialog.font())
    wanted = metrics.horizontalAdvance(title) + TITLE_LETTERS * metrics.averageCharWidth()
    return min(wanted, dialog.screen().availableSize().width())


def _widen(box: QMessageBox, title: str) -> None:
    """Makes a box as wide as its title: it lays itself out and takes no least width."""
    layout = box.layout()
    if isinstance(layout, QGridLayout):
        spacer = QSpacerItem(title_width(box, title), 0, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        layout.addItem(spacer, layout.rowCount(), 0, 1, layout.columnCount())


def _box(icon: QMessageBox.Icon, window: QWidget | None, title: str, text: str) -> QMessageBox:
    box = QMessageBox(window)
    box.setIcon(icon)
    side = round(BOX_ICON * box.fontMetrics().height())
    box.setIconPixmap(icon_pixmap(*_SIGNS[icon], side, window))
    box.setWindowTitle(title)
    _widen(box, title)
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
