"""The inspector: every field in its editor, every edit one step, nothing typed is lost."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.document import Document
from cnnstudio.app.theme import Theme
from cnnstudio.app.view_state import ViewState
from cnnstudio.app.views.field_controls import FieldLine, FieldText
from cnnstudio.app.views.field_editors import (
    ChoiceEditor,
    FieldEditor,
    IntegerEditor,
    LineEditor,
    LinesEditor,
    PaddingEditor,
    SwitchEditor,
)
from cnnstudio.app.views.inputs_editor import InputPopup, InputsEditor
from cnnstudio.app.views.inspector import Inspector
from cnnstudio.core import edits
from cnnstudio.core.design import Design, Item, ItemPath, find, structure_faults, walk
from cnnstudio.core.layer import fields_of
from cnnstudio.layers import PALETTE
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.starting import starting_layer
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of

CONV: ItemPath = ("conv1",)
INNER: ItemPath = ("layer1", "conv2")
SUM: ItemPath = ("layer1", "add")


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme("light")
    yield theme
    qapp.setStyleSheet("")


class Bench:
    """An inspector on a document, and fingers to use it."""

    def __init__(self, document: Document, theme: Theme, qtbot: QtBot) -> None:
        self.document = document
        self.state = ViewState(document)
        self.inspector = Inspector(document, self.state, theme)
        self.inspector.resize(320, 700)
        qtbot.addWidget(self.inspector)
        self.inspector.show()
        QTest.qWait(1)

    def select(self, *paths: ItemPath) -> None:
        self.state.select(paths)
        QTest.qWait(1)

    def item(self, path: ItemPath) -> Item:
        return find(self.document.design, path)

    def editor(self, name: str) -> FieldEditor:
        editor = self.inspector.editor(name)
        assert editor is not None
        return editor

    def line(self, name: str) -> FieldLine:
        editor = self.editor(name)
        assert isinstance(editor, LineEditor)
        return editor.line

    def lines(self, name: str) -> FieldText:
        editor = self.editor(name)
        assert isinstance(editor, LinesEditor)
        return editor.lines

    def combo(self, name: str) -> QComboBox:
        editor = self.editor(name)
        assert isinstance(editor, ChoiceEditor)
        return editor.box

    def type(self, name: str, text: str) -> None:
        """Types over what is there."""
        line = self.line(name)
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)

    def press(self, name: str, key: Qt.Key, *, control: bool = False) -> None:
        modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(self.editor(name).control, key, modifier)

    @property
    def steps(self) -> list[str]:
        stack = self.document.undo_stack
        return [stack.text(at) for at in range(stack.index())]


@pytest.fixture
def bench(resnet: Document, theme: Theme, qtbot: QtBot) -> Bench:
    return Bench(resnet, theme, qtbot)


# What is shown.


def test_a_layer_shows_its_declared_fields_in_their_order(bench: Bench) -> None:
    bench.select(CONV)
    shown = list(bench.inspector._form.editors)  # type: ignore[union-attr]
    assert shown == [field.name for field in fields_of(Conv2D)]
    assert bench.inspector.head.name.full_text == "conv1"
    assert bench.inspector.head.type.text() == "Conv2D"
    assert bench.line("kernel_size").text() == "7"
    assert bench.line("padding").text() == "3"
    assert bench.combo("activation").currentText() == "none"


@pytest.mark.parametrize("layer_type", PALETTE, ids=lambda one: one.__name__)
def test_every_layer_type_has_a_form_with_names_for_those_who_do_not_see_it(
    layer_type: type[Item], theme: Theme, qtbot: QtBot
) -> None:
    layer = structs.replace(starting_layer(layer_type.__name__), name="it")
    bench = Bench(document_of(Design(layers=(Input(name="image", channels=3), layer))), theme, qtbot)
    bench.select(("it",))
    for field in bench.inspector.subject.fields:
        editor = bench.editor(field.name)
        assert editor.control.accessibleName() == field.title
        assert editor.control.toolTip() == field.help
        assert editor.refusal == ""
    assert bench.document.undo_stack.count() == 0


def test_an_input_has_no_inputs_to_edit(bench: Bench) -> None:
    bench.select(("image",))
    assert bench.inspector.editor("inputs") is None


def test_below_the_fields_stands_what_comes_out(bench: Bench) -> None:
    bench.select(CONV)
    assert bench.inspector.facts.line.text().replace("\u00a0", " ") == "Output 64 × 112 × 112 · 9,408 parameters"
    bench.state.set_channels_last(True)
    assert "112 × 112 × 64" in bench.inspector.facts.line.text().replace("\u00a0", " ")
    bench.select(INNER)
    assert bench.inspector.facts.line.text().endswith("in each of 2 repeats")


def test_the_problems_of_a_layer_stand_below_it(bench: Bench) -> None:
    bench.select(INNER)
    bench.type("groups", "7")
    texts = [label.text() for label in bench.inspector.facts.findChildren(QLabel) if label.isVisible()]
    assert "Output and parameters are unknown" in texts
    assert any("64 is not a multiple of 7" in text for text in texts)


def test_a_block_has_its_own_fields(bench: Bench) -> None:
    bench.select(("layer1",))
    assert [field.name for field in bench.inspector.subject.fields] == ["name", "repeat", "inputs", "note"]
    bench.type("repeat", "3")
    assert getattr(bench.item(("layer1",)), "repeat", 0) == 3
    assert bench.line("inputs").text() == ""
    assert bench.line("inputs").placeholderText() == "maxpool"


def test_with_nothing_selected_it_is_the_design(bench: Bench) -> None:
    bench.select()
    assert bench.inspector.totals.isVisible()
    assert bench.inspector.totals.values["parameters"].text() == "11,689,512"
    bench.combo("convention").setCurrentIndex(1)
    bench.combo("convention").activated.emit(1)
    assert bench.document.design.convention == "keras"
    assert bench.inspector.totals.values["parameters"].text() == "11,699,112"
    bench.type("name", "Mine")
    assert bench.document.design.name == "Mine"
    assert bench.inspector.head.name.full_text == "Mine"
    assert bench.steps == ["Set convention to keras", "Set name to Mine"]


# Typing.


def test_a_typed_number_is_set_at_once_and_is_one_step(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("filters", "256")
    assert getattr(bench.item(CONV), "filters", 0) == 256
    assert bench.steps == ["Set filters of conv1 to 256"]
    bench.document.undo_stack.undo()
    assert bench.line("filters").text() == "64"


@pytest.mark.parametrize("number", [100, 4096, 1_000_000_000])
def test_no_number_up_to_the_bound_is_cut(bench: Bench, number: int) -> None:
    bench.select(CONV)
    bench.type("filters", str(number))
    assert getattr(bench.item(CONV), "filters", 0) == number


@pytest.mark.parametrize(
    ("key", "control", "value"),
    [
        (Qt.Key.Key_Up, False, 65),
        (Qt.Key.Key_Down, False, 63),
        (Qt.Key.Key_PageUp, False, 74),
        (Qt.Key.Key_Up, True, 128),
        (Qt.Key.Key_Down, True, 32),
    ],
)
def test_keys_count_double_and_halve(bench: Bench, key: Qt.Key, control: bool, value: int) -> None:
    bench.select(CONV)
    bench.press("filters", key, control=control)
    assert getattr(bench.item(CONV), "filters", 0) == value
    assert bench.line("filters").text() == str(value)


def test_keys_stop_at_the_bounds(bench: Bench) -> None:
    bench.select(CONV)
    for _ in range(3):
        bench.press("groups", Qt.Key.Key_Down)
        bench.press("groups", Qt.Key.Key_Down, control=True)
    assert getattr(bench.item(CONV), "groups", 0) == 1
    assert bench.editor("groups").refusal == ""
    assert bench.steps == []


def test_a_click_takes_a_power_of_two(bench: Bench) -> None:
    bench.select(CONV)
    editor = bench.editor("filters")
    assert isinstance(editor, IntegerEditor)
    links = editor.links
    assert links is not None
    assert links.numbers == (32, 64, 128)
    QTest.mouseClick(links, Qt.MouseButton.LeftButton, pos=links.rect_of(128).center())
    assert getattr(bench.item(CONV), "filters", 0) == 128
    assert links.numbers == (64, 128, 256)
    QTest.mouseClick(links, Qt.MouseButton.LeftButton, pos=links.rect_of(128).center())
    assert bench.steps == ["Set filters of conv1 to 128"]


def test_sizes_are_typed_as_people_write_them(bench: Bench) -> None:
    bench.select(CONV)
    for text in ("3 × 5", "3x5", "3, 5", "[3, 5]"):
        bench.type("kernel_size", text)
        assert getattr(bench.item(CONV), "kernel_size", 0) == (3, 5)
        bench.type("kernel_size", "7")
    bench.type("kernel_size", "3x5")
    assert bench.line("kernel_size").text() == "3x5"
    bench.line("stride").setFocus()
    assert bench.line("kernel_size").text() == "3 × 5"


def test_arrows_count_in_the_size_at_the_cursor(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("kernel_size", "3 × 5")
    bench.press("kernel_size", Qt.Key.Key_Up)
    assert getattr(bench.item(CONV), "kernel_size", 0) == (3, 6)
    bench.line("kernel_size").setCursorPosition(0)
    bench.press("kernel_size", Qt.Key.Key_Down)
    assert getattr(bench.item(CONV), "kernel_size", 0) == (2, 6)


def test_padding_is_typed_or_chosen(bench: Bench) -> None:
    bench.select(CONV)
    editor = bench.editor("padding")
    assert isinstance(editor, PaddingEditor)
    assert [editor.box.itemText(at) for at in range(2)] == ["valid", "same"]
    for text, value in (("same", "same"), ("0:1, 1:0", ((0, 1), (1, 0))), ("2", 2)):
        bench.type("padding", text)
        assert getattr(bench.item(CONV), "padding", 0) == value
    QTest.keyClick(editor.box, Qt.Key.Key_Up)
    assert getattr(bench.item(CONV), "padding", 0) == 3
    editor.box.setCurrentIndex(0)
    editor.box.textActivated.emit("valid")
    assert getattr(bench.item(CONV), "padding", 0) == "valid"


def test_decimals_are_stepped_by_the_last_one(bench: Bench) -> None:
    edit = edits.insert(bench.document.design, ((), 1), [starting_layer("Dropout")])
    bench.document.apply(edit)
    path = edit.focus[0]
    bench.select(path)
    bench.type("rate", "0.25")
    bench.press("rate", Qt.Key.Key_Up)
    assert getattr(bench.item(path), "rate", 0) == 0.26
    bench.type("rate", "1")
    assert bench.editor("rate").refusal == "Rate must be a number from 0 up to but not including 1, not 1."


def test_switches_and_choices_are_set(bench: Bench) -> None:
    bench.select(CONV)
    switch = bench.editor("bias")
    assert isinstance(switch, SwitchEditor)
    QTest.mouseClick(switch.box, Qt.MouseButton.LeftButton, pos=QPoint(8, switch.box.height() // 2))
    assert getattr(bench.item(CONV), "bias", None) is True
    box = bench.combo("activation")
    box.setCurrentText("relu")
    box.activated.emit(box.currentIndex())
    assert getattr(bench.item(CONV), "activation", None) == "relu"
    box.activated.emit(0)
    assert getattr(bench.item(CONV), "activation", "") is None


def test_the_wheel_scrolls_and_sets_nothing(bench: Bench) -> None:
    bench.select(CONV)
    for box in bench.inspector.findChildren(QComboBox):
        box.setFocus()
        nowhere, down = QPointF(5, 5), QPoint(0, -120)
        buttons, modifier = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        event = QWheelEvent(nowhere, nowhere, QPoint(), down, buttons, modifier, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(box, event)
    assert bench.steps == []


def test_the_wiring_of_a_filter_is_a_line_of_numbers(theme: Theme, qtbot: QtBot) -> None:
    layers = (Input(name="i", size=(8, 8), channels=4), Conv2D(name="c", filters=2, kernel_size=3))
    bench = Bench(document_of(Design(layers=layers)), theme, qtbot)
    bench.select(("c",))
    bench.lines("connections").setFocus()
    QTest.keyClicks(bench.lines("connections"), "0 1")
    assert bench.editor("connections").refusal.startswith("Connections needs one list for each of the 2 filters")
    QTest.keyClick(bench.lines("connections"), Qt.Key.Key_Return)
    QTest.keyClicks(bench.lines("connections"), "1, 2, 3")
    assert getattr(bench.item(("c",)), "connections", None) == ((0, 1), (1, 2, 3))
    assert bench.editor("connections").refusal == ""


def test_a_note_has_several_lines(bench: Bench) -> None:
    bench.select(CONV)
    note = bench.lines("note")
    note.setFocus()
    height = note.height()
    QTest.keyClicks(note, "one")
    QTest.keyClick(note, Qt.Key.Key_Return)
    QTest.keyClicks(note, "two")
    assert bench.item(CONV).note == "one\ntwo"
    assert note.height() > height
    assert len(bench.steps) == 1


# Refusals.


def test_a_refused_value_stays_with_its_sentence_and_escape_restores(bench: Bench) -> None:
    bench.select(CONV)
    before = bench.document.design
    bench.type("filters", "0")
    editor = bench.editor("filters")
    assert bench.line("filters").text() == "0"
    assert editor.refusal == "Filters must be 1 or more, not 0."
    sentence = next(label for label in editor.findChildren(QLabel) if label.objectName() == "refusal")
    assert sentence.isVisible()
    assert sentence.text() == editor.refusal
    assert bench.line("filters").accessibleDescription() == editor.refusal
    assert bench.document.design == before
    bench.press("filters", Qt.Key.Key_Escape)
    assert bench.line("filters").text() == "64"
    assert editor.refusal == ""
    assert not sentence.isVisible()


def test_what_only_the_layer_can_refuse_is_said_in_the_words_of_the_form(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("kernel_size", "3 × 5 × 7")
    assert bench.editor("kernel_size").refusal == (
        "Kernel size of a Conv2D needs one integer, or 2 for its 2 spatial axes, and received 3."
    )
    assert getattr(bench.item(CONV), "kernel_size", 0) == (3, 5)


def test_a_refused_value_goes_with_another_layer(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("filters", "0")
    bench.select(INNER)
    assert bench.line("filters").text() == "64"
    assert bench.editor("filters").refusal == ""


def test_half_typed_text_survives_an_edit_elsewhere(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("kernel_size", "3 ×")
    bench.document.apply(edits.set_field(bench.document.design, [CONV], "filters", 96))
    assert bench.line("kernel_size").text() == "3 ×"
    assert bench.line("kernel_size").hasFocus()
    assert bench.line("filters").text() == "96"
    bench.document.apply(edits.set_field(bench.document.design, [CONV], "kernel_size", 9))
    assert bench.line("kernel_size").text() == "9"
    assert bench.editor("kernel_size").refusal == ""


def test_cursor_and_focus_survive_an_edit(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("filters", "128")
    bench.line("filters").setCursorPosition(1)
    QTest.keyClicks(bench.line("filters"), "9")
    assert bench.line("filters").text() == "1928"
    assert bench.line("filters").cursorPosition() == 2
    assert bench.line("filters").hasFocus()


def test_undo_in_a_field_is_that_of_the_document(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("filters", "128")
    bench.press("filters", Qt.Key.Key_Z, control=True)
    assert getattr(bench.item(CONV), "filters", 0) == 64
    assert bench.line("filters").text() == "64"
    bench.type("filters", "x")
    bench.press("filters", Qt.Key.Key_Z, control=True)
    assert bench.line("filters").text() == "64"
    assert getattr(bench.item(CONV), "filters", 0) == 64


# Names and connections.


def test_a_name_is_set_when_it_is_finished_and_the_others_follow(bench: Bench) -> None:
    bench.select(SUM)
    bench.select(("layer1", "bn2"))
    bench.type("name", "norm")
    assert bench.item(("layer1", "bn2")).name == "bn2"
    bench.press("name", Qt.Key.Key_Return)
    QTest.qWait(5)
    assert bench.item(SUM).inputs == ("norm", "input")
    assert bench.state.selection == (("layer1", "norm"),)
    assert bench.inspector.head.name.full_text == "norm"
    assert bench.line("name").hasFocus()
    assert bench.steps == ["Rename bn2 to norm"]


def test_a_name_that_cannot_be_is_refused_while_it_is_typed(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("name", "bn1")
    assert bench.editor("name").refusal == "The name 'bn1' is taken; names are unique in a list."
    bench.press("name", Qt.Key.Key_Return)
    assert bench.steps == []
    assert bench.line("name").text() == "bn1"
    bench.press("name", Qt.Key.Key_Escape)
    assert bench.line("name").text() == "conv1"


def test_leaving_the_field_finishes_a_name(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("name", "stem")
    bench.line("filters").setFocus()
    QTest.qWait(5)
    assert bench.document.design.layers[1].name == "stem"


def popup_of(bench: Bench) -> InputPopup:
    editor = bench.editor("inputs")
    assert isinstance(editor, InputsEditor)
    editor.open_list()
    assert editor.popup is not None
    return editor.popup


def drawn(popup: InputPopup) -> list[str]:
    return [f"{row.text(0)} {row.text(1)}".strip() for row in popup.rows()]


def test_the_inputs_to_pick_from_are_those_that_fit_first(bench: Bench) -> None:
    bench.select(("layer2", "first", "add"))
    popup = popup_of(bench)
    assert drawn(popup) == [
        "Fitting",
        *("downsample_bn 128 × 28 × 28", "downsample 128 × 28 × 28", "bn2 128 × 28 × 28", "conv2 128 × 28 × 28"),
        *("relu1 128 × 28 × 28", "bn1 128 × 28 × 28", "conv1 128 × 28 × 28"),
        "Not fitting",
        "input 64 × 56 × 56",
    ]
    popup.close()


def test_several_inputs_are_ticked(bench: Bench) -> None:
    path = ("layer2", "first", "add")
    bench.select(path)
    popup = popup_of(bench)
    rows = {row.text(0): row for row in popup.rows()}
    popup.list.itemClicked.emit(rows["conv2"], 0)
    assert bench.item(path).inputs == ("bn2", "downsample_bn", "conv2")
    popup.list.itemClicked.emit(rows["bn2"], 0)
    popup.list.itemClicked.emit(rows["conv2"], 0)
    assert bench.item(path).inputs == ("downsample_bn", "conv2")
    assert bench.editor("inputs").refusal == "A Add needs at least 2 inputs, and inputs names 1."
    assert bench.line("inputs").text() == "downsample_bn"
    popup.list.itemClicked.emit(rows["relu1"], 0)
    assert bench.item(path).inputs == ("downsample_bn", "relu1")
    assert bench.editor("inputs").refusal == ""
    popup.close()


def test_one_input_is_picked(bench: Bench) -> None:
    bench.select(INNER)
    popup = popup_of(bench)
    assert drawn(popup)[0] == "the layer before: relu1"
    popup.list.setCurrentItem(next(row for row in popup.rows() if row.text(0) == "input"))
    QTest.keyClick(popup.list, Qt.Key.Key_Return)
    assert bench.item(INNER).inputs == ("input",)
    assert bench.line("inputs").text() == "input"
    popup = popup_of(bench)
    popup.list.itemClicked.emit(popup.rows()[0], 0)
    assert bench.item(INNER).inputs == ()
    assert bench.line("inputs").placeholderText() == "relu1"


def test_inputs_are_typed_too(bench: Bench) -> None:
    bench.select(SUM)
    bench.type("inputs", "bn1, nothing")
    assert bench.editor("inputs").refusal.startswith("Inputs names 'nothing', which is no layer of this list.")
    bench.type("inputs", "bn1, input")
    assert bench.editor("inputs").refusal == ""
    assert bench.steps == []
    bench.press("inputs", Qt.Key.Key_Return)
    assert bench.item(SUM).inputs == ("bn1", "input")


# Several at once.


def test_several_layers_of_a_type_are_edited_together(bench: Bench) -> None:
    bench.select(CONV, INNER)
    assert bench.inspector.head.name.full_text == "2 layers"
    assert bench.inspector.editor("name") is None
    assert bench.inspector.editor("inputs") is None
    assert bench.line("kernel_size").text() == ""
    assert bench.line("kernel_size").placeholderText() == "(different)"
    assert bench.line("filters").text() == "64"
    bench.type("kernel_size", "5")
    assert [getattr(bench.item(path), "kernel_size", 0) for path in (CONV, INNER)] == [5, 5]
    assert bench.steps == ["Set kernel size of 2 layers to 5"]


def test_layers_that_do_not_agree_show_it_in_every_editor(bench: Bench) -> None:
    edit = edits.set_field(bench.document.design, [INNER], "bias", True)
    edit = edits.set_field(edit.design, [INNER], "activation", "relu")
    bench.document.apply(edits.set_field(edit.design, [INNER], "note", "why"))
    bench.select(CONV, INNER)
    switch = bench.editor("bias")
    assert isinstance(switch, SwitchEditor)
    assert switch.box.checkState() == Qt.CheckState.PartiallyChecked
    assert bench.combo("activation").currentIndex() == -1
    assert bench.lines("note").placeholderText() == "(different)"
    steps = len(bench.steps)
    QTest.mouseClick(switch.box, Qt.MouseButton.LeftButton, pos=QPoint(8, switch.box.height() // 2))
    assert [getattr(bench.item(path), "bias", None) for path in (CONV, INNER)] == [True, True]
    assert len(bench.steps) == steps + 1


def test_leaving_a_field_that_differs_sets_nothing(bench: Bench) -> None:
    bench.select(CONV, INNER)
    for name in ("kernel_size", "stride", "padding"):
        bench.line(name).setFocus()
    bench.line("filters").setFocus()
    assert bench.steps == []


def test_layers_of_unlike_types_show_what_they_share(bench: Bench) -> None:
    bench.select(CONV, ("maxpool",))
    names = [field.name for field in bench.inspector.subject.fields]
    assert names == ["stride", "padding", "dilation", "trainable", "note"]
    assert bench.inspector.head.type.text() == "2 types"
    bench.type("stride", "none")
    assert bench.editor("stride").refusal.startswith("Stride must be a whole number")
    bench.type("stride", "3")
    assert [getattr(bench.item(path), "stride", 0) for path in (CONV, ("maxpool",))] == [3, 3]


# Following.


def test_another_layer_of_the_type_is_shown_in_the_same_editors(bench: Bench) -> None:
    bench.select(CONV)
    editor = bench.editor("filters")
    bench.state.select((INNER,))
    assert bench.editor("filters") is editor
    assert bench.inspector.head.name.full_text == "conv2"
    assert bench.line("kernel_size").text() == "3"
    bench.select(("bn1",))
    bench.select(CONV)
    assert bench.editor("filters") is editor


def test_a_hidden_inspector_catches_up(bench: Bench) -> None:
    bench.select(CONV)
    bench.inspector.hide()
    bench.select(("fc",))
    bench.inspector.show()
    assert bench.inspector.head.name.full_text == "fc"


def test_the_deletion_of_what_is_shown_leaves_what_is_selected_then(bench: Bench) -> None:
    bench.select(CONV)
    bench.document.apply(edits.remove(bench.document.design, [CONV]))
    QTest.qWait(5)
    assert bench.inspector.head.name.full_text == "bn1"
    bench.document.undo_stack.undo()
    QTest.qWait(5)
    assert bench.inspector.head.name.full_text == "conv1"


def test_tab_goes_down_the_rows(bench: Bench) -> None:
    bench.select(CONV)
    bench.inspector.focus_field("name")
    seen = []
    for _ in bench.inspector.subject.fields:
        focused = QApplication.focusWidget()
        assert isinstance(focused, QWidget)
        seen.append(focused.accessibleName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert seen == [field.title for field in bench.inspector.subject.fields]


def test_other_colours_and_larger_text_change_no_value(bench: Bench, theme: Theme) -> None:
    bench.document.apply(edits.set_field(bench.document.design, [CONV], "note", "kept"))
    bench.select(CONV)
    bench.type("filters", "0")
    before = bench.document.design
    for mode, scale in (("dark", 2.0), ("light", 1.0)):
        theme.set_mode("dark" if mode == "dark" else "light")
        theme.set_text_scale(scale)
        QTest.qWait(5)
    assert bench.document.design == before
    assert bench.lines("note").toPlainText() == "kept"
    assert bench.line("filters").text() == "0"
    bench.select()
    assert bench.lines("note").toPlainText() == before.note


def test_larger_text_cuts_no_field_off(bench: Bench, theme: Theme) -> None:
    bench.select(CONV)
    theme.apply()
    theme.set_text_scale(2.0)
    QTest.qWait(20)
    page = bench.editor("filters").parentWidget()
    assert page is not None
    for editor in page.findChildren(FieldEditor):
        right = editor.mapTo(bench.inspector, QPoint(editor.width(), 0)).x()
        assert right <= bench.inspector.width()
        assert editor.width() > 100


@pytest.mark.parametrize("name", ["🧠", "שלום", "x" * 300, "a, b", "<b>bold</b>"])
def test_any_name_is_shown_as_it_is(theme: Theme, qtbot: QtBot, name: str) -> None:
    layers = (Input(name="i", channels=3), Dense(name=name, units=2), Dense(name="last", units=2, inputs=(name,)))
    bench = Bench(document_of(Design(layers=layers)), theme, qtbot)
    bench.select((name,))
    assert bench.line("name").text() == name
    assert bench.inspector.head.name.full_text == name
    assert bench.inspector.width() == 320
    bench.select(("last",))
    bench.press("inputs", Qt.Key.Key_End)
    bench.press("inputs", Qt.Key.Key_Return)
    assert bench.item(("last",)).inputs == (name,)
    assert bench.steps == []


def test_whatever_is_typed_the_design_stays_valid(bench: Bench) -> None:
    dice = random.Random(7)
    texts = ["3", "0", "", "-1", "3 ×", "3 × 5", "same", "none", "0:1", "x", "999999999999", "conv1", "input", "1e9"]
    for _ in range(150):
        paths = [path for path, _ in walk(bench.document.design.layers)]
        bench.select(*dice.sample(paths, dice.choice([0, 1, 1, 1, 2])))
        editors = [bench.editor(field.name) for field in bench.inspector.subject.fields]
        editor = dice.choice(editors)
        control = editor.control
        control.setFocus()
        if isinstance(control, QCheckBox):
            control.click()
        elif isinstance(editor, LineEditor):
            editor.line.selectAll()
            QTest.keyClicks(editor.line, dice.choice(texts))
            QTest.keyClick(editor.line, dice.choice([Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Escape]))
        assert list(structure_faults(bench.document.design.layers)) == []
        if dice.random() < 0.2:
            bench.document.undo_stack.undo()
    while bench.document.undo_stack.canUndo():
        bench.document.undo_stack.undo()
    assert bench.document.design.name == "ResNet-18"
    assert bench.item(CONV) == Conv2D(name="conv1", filters=64, kernel_size=7, stride=2, padding=3, bias=False)
