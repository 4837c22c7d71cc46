"""Names and inputs in the inspector, which other layers depend on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnstudio.app.inspector.inputs_editor import InputPopup, InputsEditor
from tests.app.inspector.inspector_bench import CONV, INNER, SUM, Bench


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
    assert bench.editor("inputs").refusal == "An Add needs at least 2 inputs, and inputs names 1."
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
    assert bench.editor("inputs").refusal.startswith("Inputs names 'nothing', which is not a layer of this list.")
    bench.type("inputs", "bn1, input")
    assert bench.editor("inputs").refusal == ""
    assert bench.steps == []
    bench.press("inputs", Qt.Key.Key_Return)
    assert bench.item(SUM).inputs == ("bn1", "input")


def test_the_arrow_key_opens_the_list_and_not_another_row(bench: Bench) -> None:
    bench.select(INNER)
    editor = bench.editor("inputs")
    assert isinstance(editor, InputsEditor)
    bench.press("inputs", Qt.Key.Key_Down)
    assert editor.popup is not None
    QTest.keyClick(editor.popup.list, Qt.Key.Key_Escape)
    assert bench.item(INNER).inputs == ()


def test_alt_and_an_arrow_belong_to_the_list_and_not_to_the_window(bench: Bench) -> None:
    bench.select(INNER)
    for name, is_kept in (("inputs", True), ("padding", True), ("activation", True), ("filters", False)):
        control = bench.editor(name).control
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
        event.ignore()
        QApplication.sendEvent(control, event)
        assert event.isAccepted() is is_kept
