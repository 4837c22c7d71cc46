"""The list of problems: where each leads, what its buttons do, and that one press is one step."""

from __future__ import annotations

import random
from threading import Thread, current_thread, main_thread
from typing import Any

import pytest
from msgspec import structs
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.problems import view
from cnnstudio.app.problems.model import PROBLEM_ROLE, ProblemListModel
from cnnstudio.app.problems.view import ProblemsView, RemedyButtons
from cnnstudio.authoring.remedies.catalogue import ACCEPTING, Remedy, remedies_for
from cnnstudio.core import edits
from cnnstudio.core.network.design import Block, Design, find, path_text
from cnnstudio.core.network.problem import Problem
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.normalization import BatchNorm
from cnnstudio.layers.reshaping import Crop
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
LAYERS = (
    Input(name="image", size=(224, 224), channels=3),
    Conv2D(name="conv1", filters=96, kernel_size=11, stride=4),
    BatchNorm(name="bn1"),
    Block(name="stage", repeat=2, layers=(Conv2D(name="a/b", filters=96, kernel_size=3, groups=7),)),
    Dense(name="fc", units=10, inputs=("bn1",)),
)


class Bench:
    """A list of problems on a document, and what came of it."""

    def __init__(self, design: Design, theme: Theme, qtbot: QtBot) -> None:
        self.document: Document = document_of(design)
        self.state = ViewState(self.document)
        self.view = ProblemsView(self.document, self.state, theme)
        self.tester = QAbstractItemModelTester(self.view.model, FATAL)
        self.counts: list[tuple[int, int]] = []
        self.view.count_changed.connect(lambda errors, warnings: self.counts.append((errors, warnings)))
        self.view.resize(900, 300)
        qtbot.addWidget(self.view)
        self.view.show()

    @property
    def rows(self) -> list[str]:
        """The list as text: how bad, where, by which rule."""
        model = self.view.model
        problems: list[Problem] = [model.index(row).data(PROBLEM_ROLE) for row in range(model.rowCount())]
        return [f"{problem.severity} {problem.path or '-'} {problem.rule}" for problem in problems]

    @property
    def selected(self) -> list[str]:
        return [path_text(path) for path in self.state.selection]

    def index(self, rule: str) -> QModelIndex:
        row = next(row for row, text in enumerate(self.rows) if text.endswith(f" {rule}"))
        return self.view.model.index(row)

    def buttons(self, rule: str, qtbot: QtBot) -> RemedyButtons:
        qtbot.waitUntil(lambda: self.view.buttons_at(self.index(rule).row()) is not None)
        buttons = self.view.buttons_at(self.index(rule).row())
        assert buttons is not None
        return buttons


@pytest.fixture
def bench(theme: Theme, qtbot: QtBot) -> Bench:
    return Bench(Design(layers=LAYERS), theme, qtbot)


def test_errors_come_first_then_the_order_of_the_network(bench: Bench) -> None:
    assert bench.rows == [
        "error stage/a\\/b multiple",
        "warning conv1 unused-input",
        "warning conv1 bias-before-norm",
        "warning fc dense-on-map",
        "warning stage unused",
    ]


def test_a_row_says_in_words_how_bad_it_is(bench: Bench) -> None:
    told = [bench.view.model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in (0, 1)]
    assert told[0].startswith("Error: stage/a\\/b: ")
    assert told[1].startswith("Warning: conv1: ")
    for row in range(5):
        problem: Problem = bench.view.model.index(row).data(PROBLEM_ROLE)
        tip = bench.view.model.index(row).data(Qt.ItemDataRole.ToolTipRole)
        assert problem.sentence in tip
        assert problem.remedy in tip


def test_a_click_and_enter_lead_to_the_layer(bench: Bench) -> None:
    listed = bench.view.list
    point = listed.visualRect(bench.index("dense-on-map")).topLeft()
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert bench.selected == ["fc"]
    listed.setCurrentIndex(bench.index("multiple"))
    QTest.keyClick(listed, Qt.Key.Key_Return)
    assert bench.selected == ["stage/a\\/b"]
    assert bench.state.is_open(("stage",))


def test_a_button_applies_a_remedy_as_one_step(bench: Bench, qtbot: QtBot) -> None:
    buttons = bench.buttons("bias-before-norm", qtbot)
    assert buttons.texts == ("Drop the bias", ACCEPTING)
    buttons.first.click()
    assert getattr(find(bench.document.design, ("conv1",)), "bias", True) is False
    assert bench.document.undo_stack.count() == 1
    assert bench.state.selection == (("conv1",),)
    assert "warning conv1 bias-before-norm" not in bench.rows
    bench.document.undo_stack.undo()
    assert "warning conv1 bias-before-norm" in bench.rows


def test_a_remedy_is_not_one_step_with_what_was_typed_before(bench: Bench, qtbot: QtBot) -> None:
    bench.document.apply(edits.set_field(bench.document.design, [("stage", "a/b")], "groups", 5))
    buttons = bench.buttons("multiple", qtbot)
    buttons.first.click()
    assert bench.document.undo_stack.count() == 2


def test_a_problem_that_reads_otherwise_loses_the_button_that_no_longer_suits(bench: Bench, qtbot: QtBot) -> None:
    assert bench.buttons("multiple", qtbot).texts == ("Use 8 groups", "Use 6 groups")
    bench.document.apply(edits.set_field(bench.document.design, [("stage", "a/b")], "groups", 5))
    assert bench.view.buttons_at(0) is None
    assert bench.buttons("multiple", qtbot).texts == ("Use 6 groups", "Use 4 groups")


def test_the_remedies_of_many_layers_are_found_in_a_thread(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "MAX_AT_ONCE", 0)
    threads: list[Thread] = []

    def noted(*given: Any) -> tuple[Remedy, ...]:
        threads.append(current_thread())
        return remedies_for(*given)

    monkeypatch.setattr(view, "remedies_for", noted)
    bench = Bench(Design(layers=LAYERS), theme, qtbot)
    qtbot.waitUntil(lambda: all(bench.view.buttons_at(row) for row in range(bench.view.model.rowCount())))
    buttons = bench.view.buttons_at(0)
    assert buttons is not None
    texts = [remedy.text for remedy in bench.view.remedies_at(0)]
    assert list(buttons.texts) == texts
    assert main_thread() not in threads
    count, before = len(threads), bench.document.design
    assert bench.view.apply(bench.view.model.problem_at(0), texts[0])
    assert len(threads) == count
    assert bench.document.design != before


def test_other_remedies_are_in_a_menu(bench: Bench, qtbot: QtBot) -> None:
    buttons = bench.buttons("unused-input", qtbot)
    # The smaller one leaves alone what the dense layer costs.
    assert buttons.first.text() == "Use an input of 223"
    actions = buttons.more.menu().actions()
    assert [action.text() for action in actions] == ["Use an input of 223", "Use an input of 227", ACCEPTING]
    actions[1].trigger()
    assert getattr(find(bench.document.design, ("image",)), "size", None) == (227, 227)


def test_in_a_narrow_row_all_remedies_are_in_the_menu(bench: Bench, qtbot: QtBot) -> None:
    buttons = bench.buttons("bias-before-norm", qtbot)
    qtbot.waitUntil(buttons.first.isVisible)
    bench.view.resize(120, 300)
    qtbot.waitUntil(lambda: not buttons.first.isVisible())
    qtbot.waitUntil(buttons.more.isVisible)
    assert [action.text() for action in buttons.more.menu().actions()] == ["Drop the bias", ACCEPTING]


def test_a_warning_is_accepted_everywhere_in_the_design_and_comes_back_by_undo(bench: Bench, qtbot: QtBot) -> None:
    before = bench.rows
    bench.buttons("bias-before-norm", qtbot).chosen.emit(ACCEPTING)
    assert bench.document.design.accepted == ("bias-before-norm",)
    assert bench.rows == [row for row in before if "bias-before-norm" not in row]
    assert bench.document.undo_stack.undoText() == "Accept bias-before-norm"
    bench.document.undo_stack.undo()
    assert bench.rows == before


def test_control_and_enter_apply_the_first_remedy(bench: Bench) -> None:
    bench.view.list.setCurrentIndex(bench.index("dense-on-map"))
    QTest.keyClick(bench.view.list, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [item.name for item in bench.document.design.layers][-2:] == ["flatten_1", "fc"]


def test_without_a_certain_remedy_there_is_no_button(theme: Theme, qtbot: QtBot) -> None:
    layers = (Input(name="image", size=(8, 8), channels=3), Crop(name="crop", cropping=4))
    bench = Bench(Design(layers=layers), theme, qtbot)
    qtbot.waitUntil(lambda: bench.view.buttons_at(0) is not None)
    assert bench.rows == ["error crop crop"]
    buttons = bench.view.buttons_at(0)
    assert buttons is not None
    assert [buttons.first.isVisible(), buttons.more.isVisible(), buttons.help.isVisible()] == [False, False, True]
    bench.view.list.setCurrentIndex(bench.index("crop"))
    QTest.keyClick(bench.view.list, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert bench.document.undo_stack.count() == 0


def test_two_budgets_that_are_broken_are_two_rows_through_every_edit(theme: Theme, qtbot: QtBot) -> None:
    budgets = ("parameters <= 50", "macs <= 50", "activations <= 50")
    bench = Bench(Design(layers=LAYERS[:2], budgets=budgets), theme, qtbot)
    bench.document.apply(edits.set_field(bench.document.design, [("conv1",)], "filters", 5))
    told = [bench.view.model.problem_at(row).sentence.partition(":")[0] for row in range(3)]
    assert told == [f"the budget {text} is broken" for text in budgets]
    bench.document.apply(edits.set_design(bench.document.design, "budgets", budgets[1:]))
    assert len(bench.rows) == len(bench.document.analysis.problems) == 3
    bench.document.undo_stack.undo()
    assert len(bench.rows) == len(bench.document.analysis.problems) == 4


def test_an_outdated_button_does_nothing_wrong(bench: Bench, qtbot: QtBot) -> None:
    buttons = bench.buttons("unused", qtbot)
    problem = bench.view.model.problem_at(bench.index("unused").row())
    bench.document.apply(edits.remove(bench.document.design, [("fc",)]))
    before = bench.document.design
    assert bench.view.apply(problem, buttons.texts[0]) is False
    assert bench.document.design == before


def test_the_counts_are_told_when_they_change(bench: Bench) -> None:
    assert bench.view.counts == (1, 4)
    bench.document.apply(edits.set_field(bench.document.design, [("stage", "a/b")], "groups", 1))
    bench.document.apply(edits.set_field(bench.document.design, [("fc",)], "units", 7))
    bench.document.undo_stack.undo()
    bench.document.undo_stack.undo()
    assert bench.counts == [(0, 4), (1, 4)]


def test_an_empty_design_is_a_problem_with_a_remedy(theme: Theme, qtbot: QtBot) -> None:
    bench = Bench(Design(), theme, qtbot)
    assert bench.rows == ["warning - empty"]
    bench.view.go_to(bench.view.model.index(0))
    assert bench.state.selection == ()
    bench.buttons("empty", qtbot).first.click()
    assert [item.type_name for item in bench.document.design.layers] == ["Input"]
    assert bench.counts == [(0, 0)]


def test_rows_that_stay_keep_their_buttons_and_the_current_row(bench: Bench, qtbot: QtBot) -> None:
    buttons = bench.buttons("dense-on-map", qtbot)
    bench.view.list.setCurrentIndex(bench.index("dense-on-map"))
    bench.document.apply(edits.set_field(bench.document.design, [("stage", "a/b")], "groups", 1))
    assert bench.rows[0] == "warning conv1 unused-input"
    assert bench.view.list.currentIndex() == bench.index("dense-on-map")
    assert bench.buttons("dense-on-map", qtbot) is buttons


def test_only_rows_in_sight_are_worked_out(theme: Theme, qtbot: QtBot) -> None:
    pairs = [(Conv2D(name=f"c{i}", filters=4, kernel_size=1), BatchNorm(name=f"n{i}")) for i in range(60)]
    layers = (Input(name="image", size=(8, 8), channels=3), *(layer for pair in pairs for layer in pair))
    bench = Bench(Design(layers=layers), theme, qtbot)
    qtbot.waitUntil(lambda: bench.view.buttons_at(0) is not None)
    QTest.qWait(50)
    assert len(bench.rows) == 60
    assert bench.view.buttons_at(59) is None
    bench.view.list.scrollToBottom()
    qtbot.waitUntil(lambda: bench.view.buttons_at(59) is not None)


def test_it_is_drawn_in_both_themes_and_with_large_text(bench: Bench, theme: Theme, qtbot: QtBot) -> None:
    bench.buttons("unused-input", qtbot)
    for mode, colour in (("light", theme.tokens.surface), ("dark", "#24282e")):
        theme.set_mode("dark" if mode == "dark" else "light")
        theme.apply()
        theme.set_text_scale(1.5)
        image = bench.view.grab().toImage()
        assert image.pixelColor(image.width() // 2, image.height() - 2).name() == colour
    assert bench.view.list.sizeHintForRow(0) >= 2 * bench.view.fontMetrics().height()
    QApplication.setFont(QFont())


@pytest.mark.usefixtures("qapp")
def test_the_model_follows_any_list() -> None:
    dice = random.Random(3)
    # Several of them have place and rule in common, as two budgets that are broken.
    every = tuple(Problem("error", f"layer{at // 3}", dice.choice("ab"), "s.", "r.") for at in range(12))
    model = ProblemListModel(())
    tester = QAbstractItemModelTester(model, FATAL)
    for _ in range(200):
        problems = tuple(
            structs.replace(problem, sentence=dice.choice(["s.", "t."]))
            for problem in dice.sample(every, dice.randint(0, 12))
        )
        model.show_problems(problems)
        assert tuple(model.problem_at(row) for row in range(model.rowCount())) == problems
    assert tester.model() is model
