"""The editors of the inspector: what is typed is set, or refused with a sentence, and never lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.inspector.field_editors import SwitchEditor
from cnnstudio.app.inspector.typed_editors import IntegerEditor, PaddingEditor
from cnnstudio.core import edits
from cnnstudio.core.network.design import Design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.starting import starting_layer
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of
from tests.app.inspector.inspector_bench import CONV, INNER, Bench


def test_a_typed_number_is_set_at_once_and_is_one_step(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("filters", "256")
    assert getattr(bench.item(CONV), "filters", 0) == 256
    assert bench.steps == ["Set filters of conv1 to 256"]
    bench.document.undo_stack.undo()
    assert bench.line("filters").text() == "64"


def test_arithmetic_is_worked_out_once_when_it_is_finished(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("filters", "/2")
    assert getattr(bench.item(CONV), "filters", 0) == 64
    bench.press("filters", Qt.Key.Key_Return)
    assert getattr(bench.item(CONV), "filters", 0) == 32
    assert bench.line("filters").text() == "32"
    assert bench.steps == ["Set filters of conv1 to 32"]


def test_arithmetic_that_leads_nowhere_says_why(bench: Bench) -> None:
    bench.select(CONV)
    bench.type("filters", "/3")
    bench.press("filters", Qt.Key.Key_Return)
    assert bench.editor("filters").refusal == "Filters must be a whole number, and 64 /3 is 21.3333."
    assert bench.steps == []


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
