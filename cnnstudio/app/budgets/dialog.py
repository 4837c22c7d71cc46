"""The dialog of Tools, Budgets: what a design is to keep, whether it does, and what to shrink where it does not."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec import Struct
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.background import Background
from cnnstudio.core.budgets.checking import Budget, budget_of
from cnnstudio.core.budgets.condition import Condition
from cnnstudio.core.budgets.editing import set_budgets
from cnnstudio.core.budgets.sensitivity import Sensitivity, sensitivities, untried
from cnnstudio.core.counting.analysis import Analysis

USUAL: Final = "parameters <= 5M"
MAX_BUDGETS: Final = 50
"""Lines up to which another can be added; a design that has more shows them all."""


class _Line(Struct, frozen=True):
    """A budget as it was typed, with what it comes to, or the sentence that refuses it."""

    text: str
    budget: Budget | None
    sentence: str


class BudgetsDialog(QDialog):
    """Edits budgets while it shows whether they are kept; OK makes them one step of undo."""

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_topic(self, "budgets.md")
        self._document, self._view_state, self._theme = document, view_state, theme
        self._lines: list[_Line] = []
        self._analysis: Analysis | None = None
        self.ranked: tuple[Sensitivity, ...] = ()
        self.setWindowTitle(self.tr("Budgets"))
        self.table, self.ranking = QTableWidget(0, 3), QTableWidget(0, 3)
        self.told, self.question = QLabel(), QLabel()
        self.add_button = QPushButton(self.tr("Add"))
        self.remove_button = QPushButton(self.tr("Remove"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._background = Background(self, (ValueError,))
        self._build()
        self._connect()
        self.resize(880, 560)
        for text in document.design.budgets:
            self._add_line(text)
        self.check()
        self.table.setCurrentCell(self.table.rowCount() - 1, 0)

    def _build(self) -> None:
        titles = (self.tr("Budget"), self.tr("Takes"), self.tr("State"))
        _prepare(self.table, titles, self.tr("Budgets"))
        self.table.setEditTriggers(QTableWidget.EditTrigger.AllEditTriggers)
        titles = (self.tr("Shrink"), self.tr("By a step"), self.tr("Sensitivity"))
        _prepare(self.ranking, titles, self.tr("What to shrink"))
        self.ranking.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.ranking.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        hint = QLabel(self.tr("Such as macs <= 300M, memory(32, adam, bf16) <= 8GB"))
        for label in (hint, self.told, self.question):
            label.setWordWrap(True)
        line = QHBoxLayout()
        line.addWidget(hint, 1)
        line.addWidget(self.add_button)
        line.addWidget(self.remove_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 2)
        layout.addLayout(line)
        layout.addWidget(self.told)
        layout.addWidget(self.question)
        layout.addWidget(self.ranking, 3)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.add_button.clicked.connect(lambda: self.add_budget(USUAL, edits=True))
        self.remove_button.clicked.connect(self.remove_budget)
        self.table.itemChanged.connect(self._on_edited)
        self.table.currentCellChanged.connect(lambda row, *_: self._rank(row))
        self.ranking.itemSelectionChanged.connect(self._on_ranked)
        self._background.done.connect(self._show_ranking)
        self._background.failed.connect(self.question.setText)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    # The budgets.

    @property
    def texts(self) -> tuple[str, ...]:
        """The budgets as they are typed."""
        cells = [self.table.item(row, 0) for row in range(self.table.rowCount())]
        return tuple(cell.text() for cell in cells if cell is not None and cell.text().strip())

    def add_budget(self, text: str, *, edits: bool = False) -> None:
        """Adds a line; `edits` lets one type over it at once."""
        row = self._add_line(text)
        self.check()
        self.table.setCurrentCell(row, 0)
        first = self.table.item(row, 0)
        if edits and first is not None:
            self.table.editItem(first)

    def _add_line(self, text: str) -> int:
        row = self.table.rowCount()
        self.table.blockSignals(True)
        self.table.insertRow(row)
        for column in range(3):
            cell = QTableWidgetItem(text if column == 0 else "")
            if column:
                cell.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            self.table.setItem(row, column, cell)
        self.table.blockSignals(False)
        return row

    def remove_budget(self) -> None:
        """Takes the current line away."""
        self.table.removeRow(self.table.currentRow())
        self.check()
        self._rank(self.table.currentRow())

    def _on_edited(self, cell: QTableWidgetItem) -> None:
        if cell.column() == 0:
            self.check()
            # After the editor has closed, which may hold the current line until then.
            QTimer.singleShot(0, self, lambda: self._rank(self.table.currentRow()))

    def check(self) -> None:
        """Holds every line against the design as it is; those that stayed as they were are known."""
        cells = [self.table.item(row, 0) for row in range(self.table.rowCount())]
        texts = [cell.text() if cell else "" for cell in cells]
        analysis = self._document.analysis
        known = {line.text: line for line in self._lines} if analysis is self._analysis else {}
        known |= {text: _checked(analysis, text) for text in dict.fromkeys(texts) if text not in known}
        self._lines, self._analysis = [known[text] for text in texts], analysis
        self.table.blockSignals(True)
        for row, line in enumerate(self._lines):
            self._show_line(row, line)
        self.table.blockSignals(False)
        self.told.setText("\n".join(dict.fromkeys(line.sentence for line in self._lines if line.sentence)))
        self.told.setVisible(bool(self.told.text()))
        self.add_button.setEnabled(len(self._lines) < MAX_BUDGETS)
        self.remove_button.setEnabled(bool(self._lines))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not self.told.text())

    def _show_line(self, row: int, line: _Line) -> None:
        keeps = line.budget.keeps if line.budget else None
        words = {True: self.tr("kept"), False: self.tr("broken"), None: self.tr("may be broken")}
        token = {True: "good", False: "danger", None: "warning"}[keeps]
        taken = line.budget.taken if line.budget else ""
        state = words[keeps] if line.budget else self.tr("not understood") if line.sentence else ""
        state = self.tr("cannot be told") if line.budget and line.budget.reason else state
        for column, text in ((1, taken), (2, state)):
            cell = self.table.item(row, column)
            if cell is not None:
                cell.setText(text)
                cell.setForeground(self._theme.colour(token if column == 2 else "text"))

    # What to shrink.

    def _rank(self, row: int) -> None:
        """Finds what a budget depends on, in a thread: everything is counted once for each width and depth."""
        self.ranked = ()
        self.ranking.setRowCount(0)
        self._background.cancel()
        budget = self._lines[row].budget if 0 <= row < len(self._lines) else None
        if budget is None or budget.reason or budget.condition.relation not in ("<", "<="):
            self.question.setText("")
            return
        self.question.setText(self.tr("What {subject} depends on most:").format(subject=budget.condition.subject))
        self._background.start(partial(_ranking, self._document.analysis, budget.condition))

    def _show_ranking(self, found: tuple[tuple[Sensitivity, ...], int]) -> None:
        ranked, more = found
        self.ranked = ranked
        if more:
            told = self.tr("only what takes most was tried, {count} more were not.").format(count=f"{more:,}")
            self.question.setText(f"{self.question.text()} {told}")
        self.ranking.setRowCount(len(ranked))
        for row, item in enumerate(ranked):
            for column, text in enumerate((item.name, f"{item.old:,} → {item.new:,}", item.working)):
                cell = QTableWidgetItem(text)
                cell.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                self.ranking.setItem(row, column, cell)

    def _on_ranked(self) -> None:
        """Selects the layers of the chosen line everywhere."""
        row = self.ranking.currentRow()
        if 0 <= row < len(self.ranked):
            self._view_state.select(self.ranked[row].items)

    def accept(self) -> None:
        """Keeps the budgets with the design."""
        if self._document.attempt(lambda: set_budgets(self._document.design, self.texts)):
            super().accept()

    def done(self, result: int) -> None:
        self._background.cancel()
        super().done(result)


def _prepare(table: QTableWidget, titles: tuple[str, ...], name: str) -> None:
    table.setHorizontalHeaderLabels(list(titles))
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.verticalHeader().hide()
    table.setAccessibleName(name)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)


def _ranking(analysis: Analysis, condition: Condition) -> tuple[tuple[Sensitivity, ...], int]:
    """The numbers that a budget depends on, and how many were not tried."""
    return sensitivities(analysis, condition), untried(analysis, condition)


def _checked(analysis: Analysis, text: str) -> _Line:
    if not text.strip():
        return _Line(text, None, "")
    try:
        return _Line(text, budget_of(analysis, text), "")
    except ValueError as error:
        return _Line(text, None, str(error))
