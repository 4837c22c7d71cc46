"""The dialog of Tools, Scale."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document import document as module
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.scaling.dialog import ScaleDialog
from cnnstudio.core.budgets.editing import set_budgets
from cnnstudio.core.network.design import ItemPath
from cnnstudio.formats.builtin import open_design


def opened(qtbot: QtBot, stem: str, *selected: ItemPath) -> tuple[Document, ScaleDialog]:
    """The dialog on a built-in design."""
    document = Document(open_design(stem))
    state = ViewState(document)
    state.select(selected)
    dialog = ScaleDialog(document, state, Theme("light"))
    qtbot.addWidget(dialog)
    return document, dialog


def cell(dialog: ScaleDialog, title: str, column: int) -> str:
    """A cell of the table of totals."""
    row = [dialog.table.verticalHeaderItem(row).text() for row in range(dialog.table.rowCount())].index(title)
    found = dialog.table.item(row, column)
    return found.text() if found is not None else ""


def test_it_shows_before_and_after_and_scales_in_one_step(qtbot: QtBot) -> None:
    document, dialog = opened(qtbot, "resnet-18")
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()
    dialog.width_factor.setValue(0.5)
    dialog.depth_factor.setValue(2)
    qtbot.waitUntil(ok.isEnabled)
    assert (cell(dialog, "Parameters", 0), cell(dialog, "Layers", 1)) == ("11,689,512", "104")
    assert "fc stays as it is" in dialog.told.text()
    before = document.design
    dialog.accept()
    assert f"{document.analysis.totals.parameters:,}" == cell(dialog, "Parameters", 1)
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.design == before


def test_it_tells_which_budgets_the_scaled_design_breaks(qtbot: QtBot) -> None:
    document, dialog = opened(qtbot, "resnet-18")
    document.apply(set_budgets(document.design, ("parameters <= 12M",)))
    dialog.width_factor.setValue(2)
    dialog.show_result()
    assert "the budget parameters <= 12M is broken" in dialog.told.text()


def test_compound_steps_set_all_three(qtbot: QtBot) -> None:
    _, dialog = opened(qtbot, "efficientnet-b0")
    dialog.steps.setValue(2)
    factors = (dialog.width_factor.value(), dialog.depth_factor.value(), dialog.size_factor.value())
    assert factors == pytest.approx((1.21, 1.44, 1.322), abs=1e-3)


def test_the_selection_can_be_scaled_alone(qtbot: QtBot) -> None:
    document, dialog = opened(qtbot, "resnet-18", ("layer3",))
    dialog.within.setCurrentIndex(1)
    dialog.depth_factor.setValue(3)
    dialog.accept()
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "Scale depth × 3"


def test_a_refusal_is_said_and_leaves_nothing_to_accept(qtbot: QtBot) -> None:
    document, dialog = opened(qtbot, "u-net")
    dialog.size_factor.setValue(2)
    dialog.accept()
    assert "would not count" in dialog.told.text()
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    assert document.undo_stack.count() == 0


def test_what_the_document_refuses_leaves_the_dialog_open_and_says_why(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, dialog = opened(qtbot, "resnet-18")
    dialog.width_factor.setValue(2)
    monkeypatch.setattr(module, "excess", lambda _layers: "too much")
    dialog.show()
    dialog.accept()
    assert dialog.isVisible()
    assert dialog.told.text() == "The design would have too much."
    monkeypatch.undo()
    dialog.accept()
    assert not dialog.isVisible()
    assert document.undo_stack.count() == 1
