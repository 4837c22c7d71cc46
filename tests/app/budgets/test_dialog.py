"""The dialog of Tools, Budgets, and what the line of status says of them."""

from __future__ import annotations

import pytest
from msgspec import structs
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.budgets import dialog as budgets
from cnnstudio.app.budgets.dialog import MAX_BUDGETS, BudgetsDialog
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.window.status import StatusLine
from cnnstudio.core.budgets.checking import Budget, budget_of
from cnnstudio.core.budgets.editing import set_budgets
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.edits import set_memory
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.formats.builtin import open_design


class Case:
    """The dialog on ResNet-18 with these budgets."""

    def __init__(self, qtbot: QtBot, *budgets: str) -> None:
        file = open_design("resnet-18")
        self.document = Document(structs.replace(file, design=structs.replace(file.design, budgets=budgets)))
        self.state = ViewState(self.document)
        self.dialog = BudgetsDialog(self.document, self.state, Theme("light"))
        self.qtbot = qtbot
        qtbot.addWidget(self.dialog)

    def line(self, row: int) -> list[str]:
        """The cells of a line."""
        cells = [self.dialog.table.item(row, column) for column in range(3)]
        return [cell.text() for cell in cells if cell is not None]

    def type(self, row: int, text: str) -> None:
        """Types over a budget."""
        cell = self.dialog.table.item(row, 0)
        assert cell is not None
        cell.setText(text)


def test_it_says_which_are_kept_and_what_to_shrink(qtbot: QtBot) -> None:
    case = Case(qtbot, "macs <= 2G", "parameters <= 5M")
    assert case.line(0) == ["macs <= 2G", "1,814,073,344", "kept"]
    assert case.line(1) == ["parameters <= 5M", "11,689,512", "broken"]
    qtbot.waitUntil(lambda: len(case.dialog.ranked) > 5)
    case.dialog.ranking.selectRow(0)
    assert case.state.selection == case.dialog.ranked[0].items
    assert case.dialog.ranked[0].working.endswith("= 0.66")


def test_budgets_are_edited_in_one_step_of_undo(qtbot: QtBot) -> None:
    case = Case(qtbot, "macs <= 2G")
    case.dialog.add_budget("parameters<=20M")
    case.type(0, "macs <= 1G")
    assert case.line(0)[2] == "broken"
    case.dialog.accept()
    assert case.document.design.budgets == ("macs <= 1G", "parameters <= 20M")
    assert [error.rule for error in case.document.analysis.errors] == ["budget"]
    assert case.document.undo_stack.count() == 1
    case.document.undo_stack.undo()
    assert case.document.analysis.errors == ()
    assert "macs <= 2G" in case.document.design.budgets


def test_what_is_no_budget_is_said_and_cannot_be_kept(qtbot: QtBot) -> None:
    case = Case(qtbot, "macs <= 2G")
    case.type(0, "mac <= 2G")
    assert case.line(0)[2] == "not understood"
    assert "Did you mean 'macs'?" in case.dialog.told.text()
    assert not case.dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    case.dialog.table.setCurrentCell(0, 0)
    case.dialog.remove_budget()
    case.dialog.accept()
    assert case.document.design.budgets == ()


def test_every_budget_of_a_design_is_shown_checked_once_and_kept(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    def noted(analysis: Analysis, text: str) -> Budget:
        checked.append(text)
        return budget_of(analysis, text)

    monkeypatch.setattr(budgets, "budget_of", noted)
    texts = tuple(f"macs <= {number}G" for number in range(1, MAX_BUDGETS + 11))
    case = Case(qtbot, *texts)
    assert case.dialog.texts == texts
    assert checked == list(texts)
    assert not case.dialog.add_button.isEnabled()
    case.type(0, "macs <= 900G")
    assert checked[len(texts) :] == ["macs <= 900G"]
    case.dialog.accept()
    assert case.document.design.budgets == ("macs <= 900G", *texts[1:])


def test_the_line_of_status_tells_of_memory_and_budgets_where_chosen(qtbot: QtBot) -> None:
    document = Document(open_design("resnet-18"))
    status = StatusLine(document, Theme("light"))
    qtbot.addWidget(status)
    status.resize(4_000, 30)
    status.totals.resize(4_000, 30)
    assert not {"memory", "budgets"} & {part.key for part in status.totals.shown}
    document.apply(set_memory(document.design, Setting(batch=8, precision="bf16", gpu="8GB")))
    document.apply(set_budgets(document.design, ["parameters <= 5M", "macs <= 2G", "layers < 100"]))
    texts = {part.key: part.text for part in status.totals.shown}
    assert texts["budgets"] == "Budgets 2 of 3"
    assert texts["memory"].startswith("Memory 3")
    assert texts["memory"].endswith("MiB of 8.00 GiB")
