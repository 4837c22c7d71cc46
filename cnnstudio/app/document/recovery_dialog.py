"""Offers what a crash left behind: one list, from which each design is recovered, discarded, or left for later."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.questions import Button, ask
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.document.recovery import Lost
from cnnstudio.core.arithmetic.numerals import size_bytes
from cnnstudio.core.network.design import Block, walk

_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
_Role = QDialogButtonBox.ButtonRole


class RecoveryDialog(QDialog):
    """Lists lost work with its time and size. `recover` is called for what is recovered; Escape means Later."""

    def __init__(self, found: Sequence[Lost], recover: Callable[[Lost], None], parent: QWidget | None) -> None:
        super().__init__(parent)
        set_topic(self, "views/welcome.md#unsaved-work")
        self.setWindowTitle(self.tr("Recover work"))
        self._recover = recover
        self._rows: list[tuple[QTreeWidgetItem, Lost]] = []
        text = QLabel(self.tr("The program ended before this work was saved. What is left for later is offered again."))
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        self.list = self._made_list()
        for lost in found:
            self._add(lost)
        self.list.itemChanged.connect(self._show_availability)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._made_buttons())
        self.resize(640, 320)
        self.list.setCurrentItem(self._rows[0][0])
        self.list.setFocus()

    def _made_list(self) -> QTreeWidget:
        made = QTreeWidget(self)
        made.setAccessibleName(self.tr("Unsaved work"))
        made.setHeaderLabels([self.tr("Design"), self.tr("Last change"), self.tr("Size"), self.tr("File")])
        made.setRootIsDecorated(False)
        made.setUniformRowHeights(True)
        made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = made.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        return made

    def _add(self, lost: Lost) -> None:
        design = lost.design.design
        time = QLocale().toString(QDateTime.fromSecsSinceEpoch(int(lost.kept_at)), QLocale.FormatType.ShortFormat)
        count = sum(not isinstance(item, Block) for _, item in walk(design.layers))
        layers = self.tr("{count} layers").format(count=f"{count:,}") if count != 1 else self.tr("1 layer")
        size = f"{layers}, {size_bytes(lost.size_bytes)}"
        file = lost.file.name if lost.file is not None else self.tr("never saved")
        row = QTreeWidgetItem([design.name, time, size, file])
        row.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        row.setCheckState(0, _CHECKED)
        row.setToolTip(3, plain_tip(str(lost.file or "")))
        self.list.addTopLevelItem(row)
        self._rows.append((row, lost))

    def _made_buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.recover_button = self._button(box, self.tr("Recover"), _Role.AcceptRole, self._recover_checked)
        self.discard_button = self._button(box, self.tr("Discard"), _Role.DestructiveRole, self._discard_checked)
        self.later_button = self._button(box, self.tr("Later"), _Role.RejectRole, self.reject)
        self.recover_button.setDefault(True)
        return box

    def _button(
        self, box: QDialogButtonBox, text: str, role: QDialogButtonBox.ButtonRole, action: Callable[[], object]
    ) -> QPushButton:
        button = box.addButton(text, role)
        # Qt makes each button of a dialog a default when it has the focus, also the one that discards.
        button.setAutoDefault(False)
        button.clicked.connect(action)
        return button

    def _checked(self) -> list[Lost]:
        return [lost for row, lost in self._rows if row.checkState(0) == _CHECKED]

    def _show_availability(self) -> None:
        for button in (self.recover_button, self.discard_button):
            button.setEnabled(bool(self._checked()))

    def _recover_checked(self) -> None:
        """Recovers what is checked; the rest is offered again at the next start."""
        chosen = self._checked()
        self.accept()
        for lost in chosen:
            self._recover(lost)

    def _discard_checked(self) -> None:
        chosen = self._checked()
        if len(chosen) == 1:
            text = self.tr("Discard the unsaved work on '{name}' for good?").format(name=chosen[0].design.design.name)
        else:
            text = self.tr("Discard the unsaved work on {count} designs for good?").format(count=len(chosen))
        buttons, words = Button.Discard | Button.Cancel, {Button.Discard: self.tr("Discard")}
        if ask(self, self.windowTitle(), text, buttons, Button.Cancel, words) != Button.Discard:
            return
        for lost in chosen:
            lost.forget()
        gone = [row for row, lost in self._rows if lost in chosen]
        self._rows = [(row, lost) for row, lost in self._rows if row not in gone]
        for row in gone:
            self.list.takeTopLevelItem(self.list.indexOfTopLevelItem(row))
        self._show_availability()
        if not self._rows:
            self.reject()
