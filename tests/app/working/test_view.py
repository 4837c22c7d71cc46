"""The working panel: what it says of a layer, a block, several, and the whole; and what it copies."""

from __future__ import annotations

import pytest
from hypothesis import given
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent, QTextCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import DARK, LIGHT, Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.working.lines import WorkingLine, sum_line, working_lines
from cnnstudio.app.working.view import WorkingView
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.counting.quantity_places import SUMMED
from cnnstudio.core.counting.rows import BlockRow, Entry
from cnnstudio.core.counting.textbook import textbook_workings
from cnnstudio.core.counting.working import total_working, workings
from cnnstudio.core.network.design import Block, Design, ItemPath
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.merge import Add
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input, Opaque
from tests import hostile
from tests.app.conftest import document_of
from tests.examples import share
from tests.networks import MAP
from tests.strategies import designs

EXPLAINED = [quantity.key for quantity in QUANTITIES if quantity.has_working]
WRONG = Conv2D(name="wrong", filters=2, kernel_size=9)


def shown(document: Document, theme: Theme, qtbot: QtBot) -> tuple[WorkingView, ViewState]:
    state = ViewState(document, document)
    view = WorkingView(document, state, theme)
    qtbot.addWidget(view)
    view.resize(360, 600)
    view.show()
    qtbot.waitExposed(view)
    return view, state


@pytest.fixture
def state(alexnet: Document) -> ViewState:
    return ViewState(alexnet, alexnet)


@pytest.fixture
def view(alexnet: Document, state: ViewState, theme: Theme, qtbot: QtBot) -> WorkingView:
    """The working of AlexNet, in sight."""
    first = WorkingView(alexnet, state, theme)
    qtbot.addWidget(first)
    first.resize(360, 600)
    first.show()
    qtbot.waitExposed(first)
    return first


def said(view: WorkingView) -> list[str]:
    return [line for line in view.text.toPlainText().split("\n") if line.strip()]


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def point_of(view: WorkingView, text: str) -> QPoint:
    """A point on the first place of a text."""
    cursor = view.text.document().find(text)
    assert not cursor.isNull(), text
    view.text.setTextCursor(cursor)
    view.text.ensureCursorVisible()
    cursor.setPosition(cursor.selectionStart() + 1)
    cursor.clearSelection()
    return view.text.cursorRect(cursor).center()


# What is said.


def test_the_quantity_in_question_comes_first_as_formula_substitution_and_value(
    view: WorkingView, state: ViewState
) -> None:
    state.select((("Conv-2",),))
    state.set_quantity("weights")
    assert view.subject == "Conv-2"
    assert said(view)[:5] == [
        "Conv2D, 96 × 27 × 27 → 256 × 27 × 27",
        "Weights",
        "W = Kh · Kw · C · N",
        "= 5 × 5 × 96 × 256",
        "= 614,400",
    ]


def test_the_value_is_the_largest_and_in_the_accent(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    state.set_quantity("weights")
    sizes: dict[str, tuple[float, QColor]] = {}
    block = view.text.document().begin()
    while block.isValid():
        cursor = QTextCursor(block)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        sizes.setdefault(block.text(), (cursor.charFormat().fontPointSize(), cursor.charFormat().foreground().color()))
        block = block.next()
    size, colour = sizes["= 614,400"]
    assert colour.name() == LIGHT.accent
    assert size == max(size for size, _ in sizes.values())
    assert size > 2 * view.font().pointSizeF()


def test_subscripts_are_subscripts_and_symbols_italic(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    state.set_quantity("weights")
    cursor = view.text.document().find("Kh · Kw")
    cursor.setPosition(cursor.selectionStart() + 1)
    assert cursor.charFormat().fontItalic()
    cursor.setPosition(cursor.position() + 1)
    assert cursor.charFormat().verticalAlignment() == cursor.charFormat().VerticalAlignment.AlignSubScript


def test_the_other_quantities_stand_below(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    lines = said(view)
    for name in ("Output height", "Weights", "Biases", "MACs", "Receptive field, height and width"):
        assert name in lines
    assert "Oh = ⌊ (Ih − Kh + 2 · Ph) / Sh ⌋ + 1 = ⌊ (27 − 5 + 2 × 2) / 1 ⌋ + 1 = 27" in lines


def test_an_output_has_a_number_for_each_axis(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    state.set_quantity("output")
    assert [line.working.name for line in view.question] == ["output height", "output width", "output channels"]


def test_shapes_are_in_the_chosen_order(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    state.set_channels_last(True)
    assert said(view)[0] == "Conv2D, 27 × 27 × 96 → 27 × 27 × 256"


def test_for_nothing_selected_it_is_the_total(view: WorkingView, alexnet: Document) -> None:
    (line,) = view.question
    assert line.working == total_working(alexnet.analysis, "parameters")
    assert said(view)[:3] == [
        "whole network, 14 layers",
        "Total parameters",
        "Conv-1 + Conv-2 + Conv-3 + Conv-4 + Conv-5 + FC-1 + FC-2 + FC-3",
    ]
    assert "= 62,378,344" in said(view)


def test_several_layers_are_summed_up(view: WorkingView, state: ViewState) -> None:
    state.select((("FC-1",), ("FC-2",), ("MaxPool-1",)))
    assert view.subject == "3 selected"
    assert said(view)[2:5] == ["FC-1 + FC-2", "= 37,752,832 + 16,781,312", "= 54,534,144"]


def test_a_block_is_the_sum_of_what_it_holds_times_its_repeats(resnet: Document, theme: Theme, qtbot: QtBot) -> None:
    view, state = shown(resnet, theme, qtbot)
    state.select((("layer1",),))
    assert said(view)[0].startswith("Block × 2, ")
    assert said(view)[2:4] == [
        "repeats · (conv1 + bn1 + conv2 + bn2)",
        "= 2 × (36,864 + 128 + 36,864 + 128)",
    ]


def test_a_layer_of_a_repeated_block_says_that_it_is_one_of_several(
    resnet: Document, theme: Theme, qtbot: QtBot
) -> None:
    view, state = shown(resnet, theme, qtbot)
    state.select((("layer1", "conv1"),))
    assert said(view)[0].endswith(", one of 2 repeats")


def test_layers_of_the_same_name_are_told_apart_by_their_places(resnet: Document, theme: Theme, qtbot: QtBot) -> None:
    view, state = shown(resnet, theme, qtbot)
    state.select((("conv1",), ("layer1", "conv1")))
    assert said(view)[2] == "conv1 + layer1/conv1"


def test_frozen_and_stored_numbers_are_listed_where_there_are_any(resnet: Document, theme: Theme, qtbot: QtBot) -> None:
    view, state = shown(resnet, theme, qtbot)
    state.select((("conv1",),))
    assert "State" not in said(view)
    state.select((("bn1",),))
    assert {"State", "Trainable parameters"} <= set(said(view))
    assert any("non-trainable parameters" in line.lower() for line in said(view))


# What is unknown.


def test_an_unknown_layer_says_so_and_why(theme: Theme, qtbot: QtBot) -> None:
    document = document_of(Design(layers=(MAP, WRONG, Dense(name="after", units=2))))
    view, state = shown(document, theme, qtbot)
    state.select((("wrong",),))
    assert said(view)[1:3] == ["Output", "unknown"]
    (problem,) = document.analysis.errors
    assert said(view)[3] == f"{problem.sentence} {problem.remedy}"
    state.select((("after",),))
    assert said(view)[3].startswith("its input is unknown, because of wrong: ")
    assert problem.sentence in said(view)[3]


def of(design: Design, *place: str) -> str:
    """The reason why a layer is unknown."""
    analysis = analyze(design)
    entry = next(entry for entry in walk_entries(analysis.entries) if entry.place == "/".join(place))
    (line,), _ = working_lines((entry,), analysis, "output")
    assert line.working.number is None
    return line.working.reason


def test_the_reason_is_followed_along_connections_and_not_along_the_list() -> None:
    good = Conv2D(name="good", filters=4, kernel_size=1, inputs=("image",))
    unrelated = Conv2D(name="unrelated", filters=2, kernel_size=99, inputs=("image",))
    join = Add(name="join", inputs=("wrong", "good"))
    design = Design(layers=(MAP, WRONG, good, unrelated, join))
    assert of(design, "join").startswith("its input is unknown, because of wrong: ")


def test_the_reason_is_found_in_and_behind_a_repeated_block() -> None:
    block = Block(name="stage", repeat=3, layers=(WRONG, Conv2D(name="inner", filters=4, kernel_size=1)))
    design = Design(layers=(MAP, block, Flatten(name="after")))
    assert of(design, "after").startswith("its input is unknown, because of stage/wrong: ")
    assert of(design, "stage", "inner").startswith("its input is unknown, because of stage/wrong: ")


def test_without_a_size_of_the_input_it_says_that_the_rest_depends_on_it() -> None:
    free = Input(name="image", size=(None, None), channels=3)
    design = Design(layers=(free, Flatten(name="flat"), Dense(name="fc", units=4)))
    assert [of(design, name) for name in ("image", "flat")] == ["depends on the input size"] * 2


def test_its_head_says_it_too(theme: Theme, qtbot: QtBot) -> None:
    free = Input(name="image", size=(None, None), channels=3)
    document = document_of(Design(layers=(free, Flatten(name="flat"))))
    state = ViewState(document)
    view = WorkingView(document, state, theme)
    qtbot.addWidget(view)
    view.show()
    state.select((("flat",),))
    assert said(view)[0] == "Flatten, depends on the input size → depends on the input size"


def test_a_sum_with_an_unknown_part_says_at_least(theme: Theme, qtbot: QtBot) -> None:
    block = Block(name="stage", layers=(Conv2D(name="fine", filters=2, kernel_size=1), WRONG))
    document = document_of(Design(layers=(MAP, block)))
    view, state = shown(document, theme, qtbot)
    assert "at least: 1 layer not counted" in said(view)
    state.select((("stage",),))
    assert "at least: 1 layer not counted" in said(view)
    state.select((("image",), ("stage",)))
    assert "at least: stage unknown" in said(view)


def test_a_total_is_not_blamed_for_what_another_one_lacks() -> None:
    layers = (MAP, Opaque(name="foreign", channels=4, size=(8, 8), parameters=20))
    analysis = analyze(Design(layers=layers))
    assert sum_line((), analysis, "parameters").working.reason == ""
    assert sum_line((), analysis, "macs").working.reason == "at least: MACs of 1 layer unknown"


# The same numbers as everywhere.


@share(1 / 2)
@given(designs())
def test_every_line_has_the_number_of_the_engine(design: Design) -> None:
    analysis = analyze(design)
    for quantity in EXPLAINED:
        for line in all_lines((), analysis, quantity):
            assert line.working.value == QUANTITY[line.key].known(analysis)
    for entry in walk_entries(analysis.entries):
        if isinstance(entry, BlockRow):
            found = {line.key: line.working.value for line in all_lines((entry,), analysis, "macs")}
            known = {quantity.key: quantity.known(entry, analysis) for quantity in SUMMED}
            assert found == {key: value for key, value in known.items() if value or not QUANTITY[key].if_any}


def all_lines(entries: tuple[Entry, ...], analysis: Analysis, quantity: str) -> tuple[WorkingLine, ...]:
    question, others = working_lines(entries, analysis, quantity)
    return (*question, *others)


@pytest.mark.parametrize("quantity", EXPLAINED)
def test_no_number_of_a_layer_is_lost_but_what_goes_without_saying(alexnet: Document, quantity: str) -> None:
    for row in alexnet.analysis.rows:
        lines = all_lines((row,), alexnet.analysis, quantity)
        # What is 0 shares a line, which names all of it.
        zeros = "".join(line.working.name for line in lines if line.working.value == 0)
        shared = {working.key for working in workings(row) if working.value == 0 and working.name in zeros}
        missing = {working.key for working in workings(row)} - {line.working.key for line in lines} - shared
        assert missing <= {"state", "trainable", "non_trainable", "reused"}
        assert {line.working.value for line in lines if line.key == quantity} >= {
            working.value for working in textbook_workings(row, alexnet.analysis) if working.key == quantity
        }


def test_what_is_0_stands_in_one_line(view: WorkingView, state: ViewState) -> None:
    state.select((("MaxPool-1",),))
    state.set_quantity("output")
    assert [line for line in said(view) if "biases" in line.lower()] == [
        "Parameters, weights, biases, MACs, FLOPs and parameter bytes"
    ]


# Choosing.


def test_a_click_on_a_line_makes_it_the_question(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    QTest.mouseClick(view.text.viewport(), Qt.MouseButton.LeftButton, pos=point_of(view, "Biases"))
    assert state.quantity == "biases"
    assert said(view)[1:4] == ["Biases", "B = N", "= 256"]


def test_every_line_can_be_clicked(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    state.set_quantity("parameters")
    keys = []
    for number in range(13):
        state.set_quantity("parameters")
        view.text.anchorClicked.emit(QUrl(f"#{number}"))
        keys.append(state.quantity)
    expected = ["parameters", *["output"] * 3, "weights", "biases", "macs", "flops", "activations"]
    assert keys == [*expected, "activation_bytes", "parameter_bytes", "kept_bytes", "receptive_field"]


def test_a_quantity_that_a_sum_does_not_have_leaves_the_parameters(view: WorkingView, state: ViewState) -> None:
    state.set_quantity("receptive_field")
    assert said(view)[1] == "Total parameters"


def test_an_edit_is_shown_a_moment_later_and_copied_at_once(
    view: WorkingView, state: ViewState, alexnet: Document, qtbot: QtBot
) -> None:
    state.select((("FC-3",),))
    alexnet.apply(edits.set_field(alexnet.design, [("FC-3",)], "units", 10))
    qtbot.waitUntil(lambda: "= 40,970" in said(view))
    alexnet.undo_stack.undo()
    view.copy_text()
    assert "4,097,000" in clipboard()
    assert "= 4,097,000" in said(view)


def test_out_of_sight_it_rests_and_is_right_when_it_is_seen_again(view: WorkingView, state: ViewState) -> None:
    before = said(view)
    view.hide()
    state.select((("FC-3",),))
    assert said(view) == before
    view.show()
    assert view.subject == "FC-3"


# Copying.


def test_copy_is_the_plain_working(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    state.set_quantity("weights")
    view.copy_button.click()
    assert clipboard() == "weights = W = K_h · K_w · C · N = 5 × 5 × 96 × 256 = 614,400"
    view.latex_button.click()
    assert clipboard() == (
        r"\text{weights} = W = K_{h} \cdot K_{w} \cdot C \cdot N = 5 \times 5 \times 96 \times 256 = 614{,}400"
    )


def test_several_numbers_are_copied_as_several_lines(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    state.set_quantity("output")
    view.copy_text()
    assert [line.split(" = ")[0] for line in clipboard().split("\n")] == [
        *("output height", "output width", "output channels"),
    ]


def test_the_copy_key_copies_the_working_or_what_is_selected(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    state.set_quantity("biases")
    QTest.keyClick(view.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard() == "biases = B = N = 256"
    view.text.setTextCursor(view.text.document().find("614,400"))
    QTest.keyClick(view.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard() == "614,400"


def test_a_line_has_a_menu_of_its_own_with_its_terms(view: WorkingView, state: ViewState) -> None:
    menu = view.menu_at(point_of(view, "Total biases"))
    copy, _, large, *_ = menu.actions()
    copy.trigger()
    assert clipboard().startswith("total biases = Conv-1 + Conv-2 + ")
    large.trigger()
    assert state.quantity == "biases"
    assert not view.menu_at(point_of(view, "Total biases")).actions()[2].isEnabled()


def test_beside_the_lines_the_menu_is_about_the_size_only(view: WorkingView) -> None:
    texts = [action.text() for action in view.menu_at(point_of(view, "whole network")).actions()]
    assert texts == ["Larger", "Smaller", "Normal size"]


# Size and look.


def largest(view: WorkingView) -> float:
    cursor = view.text.document().find("= 62,378,344")
    return cursor.charFormat().fontPointSize()


def test_ctrl_and_the_wheel_make_it_larger(view: WorkingView) -> None:
    before = largest(view)
    place = QPointF(20, 20)
    event = QWheelEvent(
        place,
        QPointF(view.text.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.text.viewport(), event)
    assert largest(view) == pytest.approx(before * 1.21, rel=0.02)
    view.zoom(0)
    assert largest(view) == before
    view.zoom(1000)
    assert largest(view) <= before * 5


def test_it_grows_with_the_text_and_follows_the_theme(view: WorkingView, theme: Theme) -> None:
    theme.apply()
    before = largest(view)
    theme.set_text_scale(2)
    assert largest(view) == pytest.approx(2 * before, rel=0.02)
    theme.set_mode("dark")
    assert view.text.document().find("62,378,344").charFormat().foreground().color().name() == DARK.accent


def test_everything_is_named_for_assistive_technology(view: WorkingView) -> None:
    named = (view.text, view.copy_button, view.latex_button)
    assert all(widget.accessibleName() for widget in named)
    assert all(widget.focusPolicy() & Qt.FocusPolicy.TabFocus for widget in named)


# What nobody expects.


def test_an_empty_design_has_a_total_of_0(theme: Theme, qtbot: QtBot) -> None:
    view, _ = shown(document_of(Design(name="Nothing")), theme, qtbot)
    assert (view.subject, said(view)[:3]) == ("Nothing", ["whole network, 0 layers", "Total parameters", "0"])


def test_a_thousand_layers_are_summed_up_in_short(theme: Theme, qtbot: QtBot) -> None:
    layers = (MAP, *(Conv2D(name=f"c{i}", filters=4, kernel_size=1) for i in range(1_000)))
    view, _ = shown(document_of(Design(layers=layers)), theme, qtbot)
    assert said(view)[2].endswith("+ ⋯ + c999")
    assert "= 20,000" in said(view)


@pytest.mark.parametrize("name", hostile.NAMES)
def test_names_are_shown_as_they_are(name: str, theme: Theme, qtbot: QtBot) -> None:
    document = document_of(Design(name=name, layers=(MAP, Dense(name=name, units=1))))
    view, state = shown(document, theme, qtbot)
    shown_name = view.text.toPlainText().split("Total parameters\n")[1].split("\n= 257")[0]
    assert squeezed(shown_name) == squeezed(name)
    state.select(((name,),))
    assert view.subject == name


def squeezed(text: str) -> str:
    """Without spaces, which rich text draws together."""
    return "".join(text.split())


def test_a_path_is_never_wrong_after_the_selected_layer_is_gone(
    view: WorkingView, state: ViewState, alexnet: Document
) -> None:
    path: ItemPath = ("FC-3",)
    state.select((path,))
    alexnet.apply(edits.remove(alexnet.design, [path]))
    assert path not in state.selection
    assert view.subject != "FC-3"


def test_symbols_tell_their_meaning_under_the_pointer(view: WorkingView, state: ViewState) -> None:
    state.select((("Conv-2",),))
    state.set_quantity("weights")
    place = point_of(view, "Kh")
    assert view.text.meaning_at(place) == view.text.meaning_at(place - QPoint(4, 0)) == "kernel size"
    assert view.text.meaning_at(point_of(view, "W = ")) == "weights"
    assert view.text.meaning_at(point_of(view, "Conv2D")) == ""
    pointer = QHelpEvent(QEvent.Type.ToolTip, place, view.text.viewport().mapToGlobal(place))
    QApplication.sendEvent(view.text.viewport(), pointer)
    assert QToolTip.text() == "kernel size"
    QToolTip.hideText()
