"""The controls that fields are typed and chosen in; they know keys and looks, and nothing of designs."""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

_STEPS: Final = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
_ARROWS: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down)
_OPENING: Final = (Qt.Key.Key_Down, Qt.Key.Key_F4)
_MIN_LETTERS: Final = 8
_MARGIN_LETTERS: Final = 4
_MAX_LINES: Final = 8
_FRAME: Final = 3
"""A hairline at both ends, and the pixel without which Qt thinks that the last line does not fit."""


class Tail(QWidget):
    """A small widget at the right end of a line; short, it shows the least it can, or nothing."""

    def set_short(self, is_short: bool) -> None:
        """Takes less room, or as much as it likes."""


class FieldLine(QLineEdit):
    """A line that says what its keys mean: `stepped` by arrows, `scaled` by Ctrl with them, `restored` by Escape.

    `undone` and `redone` ask the document: a field has no history of its own. `opened` asks for a list to pick from.
    """

    stepped = Signal(int)
    scaled = Signal(bool)
    restored = Signal()
    undone = Signal()
    redone = Signal()
    left = Signal()
    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.has_steps = False
        self.opens_list = False
        self._tail: Tail | None = None
        self.textChanged.connect(self.place_tail)

    def set_tail(self, tail: Tail) -> None:
        """Puts a small widget at the right end; the text ends before it."""
        self._tail = tail
        tail.setParent(self)
        self.place_tail()

    def place_tail(self) -> None:
        """Makes room for the small widget, as far as the text leaves it."""
        tail = self._tail
        if tail is None:
            return
        metrics = self.fontMetrics()
        text = metrics.horizontalAdvance(self.text() or self.placeholderText())
        letter = metrics.averageCharWidth()
        room = self.width() - max(_MIN_LETTERS * letter, text + _MARGIN_LETTERS * letter)
        tail.set_short(False)
        if tail.sizeHint().width() > room:
            tail.set_short(True)
        width = tail.sizeHint().width()
        tail.setVisible(width > 0)
        tail.setGeometry(self.width() - width - 1, 1, width, self.height() - 2)
        self.setTextMargins(0, 0, width, 0)

    def event(self, event: QEvent) -> bool:
        return _keeps_arrow(event, self.opens_list) or super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place_tail()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if _is_shared_key(self, event):
            event.accept()
        elif self.has_steps and key in _STEPS and modifiers == Qt.KeyboardModifier.NoModifier:
            self.stepped.emit(_STEPS[key])
        elif self.has_steps and key in _ARROWS and modifiers == Qt.KeyboardModifier.ControlModifier:
            self.scaled.emit(key == Qt.Key.Key_Down)
        elif self.opens_list and key in _OPENING:
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class FieldText(QPlainTextEdit):
    """Several lines, as tall as its text; Tab leaves it. Its keys ask as those of `FieldLine` do."""

    restored = Signal()
    undone = Signal()
    redone = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line_height = 0
        self.setTabChangesFocus(True)
        # Undo is the document's: two histories would take back different things by the same key.
        self.setUndoRedoEnabled(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self.fit())

    def set_line_height(self, height: int) -> None:
        """Makes one line as tall as the other fields are, its text in the middle."""
        self._line_height = height
        self.document().setDocumentMargin(max(0, height - self.fontMetrics().lineSpacing() - _FRAME) // 2)
        self.fit()

    def fit(self) -> None:
        """Grows and shrinks with the lines, within reason."""
        policy = Qt.ScrollBarPolicy
        scrolls = self.document().size().height() > _MAX_LINES
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if scrolls else policy.ScrollBarAlwaysOff)
        if self.sizeHint().height() != self.height():
            self.setFixedHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        lines = max(1, min(_MAX_LINES, int(self.document().size().height())))
        first = self.document().firstBlock().layout()
        spacing = first.lineAt(0).height() if first.lineCount() else self.fontMetrics().lineSpacing()
        text = ceil(lines * spacing)
        around = 2 * int(self.document().documentMargin()) + _FRAME
        return QSize(super().sizeHint().width(), max(self._line_height, text + around))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_shared_key(self, event):
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


def _keeps_arrow(event: QEvent, opens_list: bool) -> bool:
    """Keeps Alt with an arrow, which opens a list, from the shortcut of the window that moves layers."""
    if not opens_list or event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.key() not in _ARROWS or not event.modifiers() & Qt.KeyboardModifier.AltModifier:
        return False
    event.accept()
    return True


def _is_shared_key(control: FieldLine | FieldText, event: QKeyEvent) -> bool:
    """Undo, redo and Escape, which mean the same in every field."""
    if event.matches(QKeySequence.StandardKey.Undo):
        control.undone.emit()
    elif event.matches(QKeySequence.StandardKey.Redo):
        control.redone.emit()
    elif event.key() == Qt.Key.Key_Escape:
        control.restored.emit()
    else:
        return False
    return True


class ChoiceBox(QComboBox):
    """A combo box whose value the wheel does not change: it scrolls the form. Arrows count in a number typed in it."""

    restored = Signal()

    def event(self, event: QEvent) -> bool:
        return _keeps_arrow(event, opens_list=True) or super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.lineEdit()
        is_plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        counts = any(letter.isdecimal() for letter in self.currentText()) and event.key() in _STEPS and is_plain
        if isinstance(line, FieldLine) and counts:
            line.keyPressEvent(event)
        elif line is None and event.key() == Qt.Key.Key_Escape:
            self.restored.emit()
        else:
            if line is not None and event.key() in _STEPS:
                self._go_to_text()
            super().keyPressEvent(event)

    def _go_to_text(self) -> None:
        """Lets keys go on from what the line says, and not from what was chosen last."""
        text = self.currentText()
        was_blocked = self.blockSignals(True)
        self.setCurrentIndex(self.findText(text, Qt.MatchFlag.MatchExactly))
        self.setEditText(text)
        self.blockSignals(was_blocked)
