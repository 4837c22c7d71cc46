"""Asks what to compare a design with: its last saved version, another open design, a built-in one, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme

ROOM: Final = 8
"""Pixels between the lines."""
CHOICE: Final = Qt.ItemDataRole.UserRole


class SubjectChoice(Struct, frozen=True):
    """A choice of what to compare with: its kind, its name, and the number of a window or the path of a file."""

    kind: str
    name: str
    words: str = ""
    number: int = -1
    path: Path | None = None

    def matches(self, text: str) -> bool:
        """True if every word of the text is in the name."""
        hay = f"{self.name} {self.words}".casefold()
        hay += hay.replace("-", "").replace(" ", "")
        return all(word in hay for word in text.casefold().split())


_ICONS: Final = {"opened": "history", "saved": "history", "open": "layers", "builtin": "box"}


class ComparisonChoice(QDialog):
    """A search line over all that can be compared with. `chosen` is what was picked; a file is yet to be asked for."""

    def __init__(self, theme: Theme, title: str, choices: Sequence[SubjectChoice], parent: QWidget) -> None:
        super().__init__(parent)
        set_topic(self, "views/comparison.md")
        self.setWindowTitle(self.tr("Compare"))
        self.chosen: SubjectChoice | None = None
        self._theme = theme
        self._choices = choices
        heading = QLabel(self.tr("Compare '{name}' with").format(name=title), self)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setWordWrap(True)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText(self.tr("Search designs…"))
        self._search.setAccessibleName(self.tr("Search designs"))
        self._search.setClearButtonEnabled(True)
        sign = QAction(icon("search", theme, "faint"), "", self._search)
        self._search.addAction(sign, QLineEdit.ActionPosition.LeadingPosition)
        self.found = QListWidget(self)
        self.found.setAccessibleName(self.tr("What to compare with"))
        self.found.setIconSize(QSize(14, 14))
        layout = QVBoxLayout(self)
        layout.addWidget(heading)
        layout.addWidget(self._search)
        layout.addWidget(self.found, 1)
        layout.addWidget(self._buttons())
        self.resize(460, 440)
        self._search.textChanged.connect(self._show)
        self._search.returnPressed.connect(self._choose)
        self.found.itemActivated.connect(lambda _item: self._choose())
        self._show("")

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.file_button = QPushButton(icon("folder-open", self._theme), self.tr("File…"), self)
        self.file_button.setAutoDefault(False)
        self.file_button.clicked.connect(self._choose_file)
        box.addButton(self.file_button, QDialogButtonBox.ButtonRole.ActionRole)
        cancel = box.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setAutoDefault(False)
        self.compare_button = box.addButton(self.tr("Compare"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.compare_button.setDefault(True)
        cancel.clicked.connect(self.reject)
        self.compare_button.clicked.connect(self._choose)
        return box

    def _show(self, text: str) -> None:
        self.found.clear()
        titles = {"open": self.tr("Open designs"), "builtin": self.tr("Built-in designs")}
        kind = ""
        for choice in self._choices:
            if not choice.matches(text):
                continue
            if choice.kind != kind:
                kind = choice.kind
                if kind in titles:
                    self.found.addItem(self._heading(titles[kind]))
            self.found.addItem(self._made_row(choice))
        self._go(0, 1)
        self.compare_button.setEnabled(bool(self.found.selectedItems()))

    def _heading(self, text: str) -> QListWidgetItem:
        row = QListWidgetItem(text)
        row.setFlags(Qt.ItemFlag.NoItemFlags)
        row.setFont(self._theme.text_font(0.9, bold=True))
        row.setSizeHint(QSize(0, self.fontMetrics().height() + 2 * ROOM))
        return row

    def _made_row(self, choice: SubjectChoice) -> QListWidgetItem:
        words = f"   {choice.words}" if choice.words else ""
        row = QListWidgetItem(icon(_ICONS[choice.kind], self._theme, "muted"), f"{choice.name}{words}")
        row.setData(CHOICE, choice)
        row.setSizeHint(QSize(0, self.fontMetrics().height() + ROOM))
        return row

    def _choose(self) -> None:
        selected = self.found.selectedItems()
        if selected:
            self.chosen = selected[0].data(CHOICE)
            self.accept()

    def _choose_file(self) -> None:
        self.chosen = SubjectChoice("file", "")
        self.accept()

    def _go(self, row: int, step: int) -> None:
        """Makes the next row current that can be chosen."""
        while 0 <= row < self.found.count():
            if self.found.item(row).data(CHOICE) is not None:
                self.found.setCurrentRow(row)
                return
            row += step

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down move in the list while the search line keeps the keyboard."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self._go(self.found.currentRow() + step, step)
