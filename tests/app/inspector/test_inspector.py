"""The inspector: what it shows of a selection, of several layers, and how it follows the document."""

from __future__ import annotations

import random

import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.inspector.field_editor import FieldEditor
from cnnstudio.app.inspector.field_editors import SwitchEditor
from cnnstudio.app.inspector.field_form import FieldForm
from cnnstudio.app.inspector.subtotals_section import SubtotalsSection
from cnnstudio.app.inspector.typed_editors import LineEditor
from cnnstudio.core import edits
from cnnstudio.core.network.design import Design, Item, structure_faults, walk
from cnnstudio.core.network.fields import fields_of
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers import PALETTE
from cnnstudio.layers.activation import PReLU
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.dense import Dense
from cnnstudio.layers.starting import starting_layer
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of
from tests.app.inspector.inspector_bench import CONV, INNER, Bench

# What is shown.


def test_a_layer_shows_its_declared_fields_in_their_order(bench: Bench) -> None:
    bench.select(CONV)
    form = next(child for child in bench.inspector.findChildren(FieldForm) if child.isVisible())
    assert list(form.editors) == [field.name for field in fields_of(Conv2D) if field.name != "label"]
    assert bench.inspector.head.name.full_text == "conv1"
    assert bench.inspector.head.type.text() == "Conv2D"
    assert bench.line("kernel_size").text() == "7"
    assert bench.line("padding").text() == "3"
    assert bench.combo("activation").currentText() == "none"


@pytest.mark.parametrize("layer_type", PALETTE, ids=lambda layer_type: layer_type.__name__)
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


def test_one_parameter_is_one(bench: Bench) -> None:
    slope = PReLU(name="slope")
    bench.document.apply(edits.insert(bench.document.design, ((), 1), (slope,)))
    bench.select(("slope",))
    assert bench.inspector.facts.line.text().replace("\u00a0", " ").endswith("· 1 parameter")


def test_the_problems_of_a_layer_stand_below_it(bench: Bench) -> None:
    bench.select(INNER)
    bench.type("groups", "7")
    texts = [label.text() for label in bench.inspector.facts.findChildren(QLabel) if label.isVisible()]
    assert "Output and parameters are unknown" in texts
    assert any("64 is not a multiple of 7" in text for text in texts)


def test_below_an_input_without_a_size_it_says_what_depends_on_it(bench: Bench) -> None:
    bench.select(("image",))
    bench.type("size", "? × ?")
    told = bench.inspector.facts.line.text().replace("\u00a0", " ")
    assert told == "Output depends on the input size · 0 parameters"


def test_a_block_has_its_own_fields(bench: Bench) -> None:
    bench.select(("layer1",))
    names = [field.name for field in bench.inspector.subject.fields]
    assert names == [
        "name",
        "repeat",
        "time_distributed",
        "inputs",
        "further_inputs",
        "further_outputs",
        "shares",
        "note",
    ]
    bench.type("repeat", "3")
    assert getattr(bench.item(("layer1",)), "repeat", 0) == 3
    assert bench.line("inputs").text() == ""
    assert bench.line("inputs").placeholderText() == "maxpool"


def test_subtotals_by_kind_and_by_stage_stand_below_the_totals(bench: Bench, qtbot: QtBot) -> None:
    bench.select()
    shown = bench.inspector.subtotals
    qtbot.waitUntil(lambda: "Conv2D" in lines_of(shown))
    assert lines_of(shown)["Conv2D"] == ["20", "11,166,912", "1.814 G"]
    assert lines_of(shown)["Dense"] == ["1", "513,000", "512.0 k"]
    # The name takes the place of the text for those who listen; what follows it has the numbers.
    told = shown.lines.accessibleDescription().split("; ")
    assert "Conv2D: layers 20, parameters 11,166,912, MACs 1.814 G" in told
    shown.by.setCurrentIndex(shown.by.findData("stage"))
    assert lines_of(shown)["layer1"][1] == "147,968"
    bench.document.apply(edits.remove(bench.document.design, [("layer1",)]))
    bench.select()
    qtbot.waitUntil(lambda: "layer1" not in lines_of(shown))
    bench.select(CONV)
    assert not shown.isVisible()


def lines_of(shown: SubtotalsSection) -> dict[str, list[str]]:
    """The number of layers and the sums, by the name."""
    page = QTextDocument()
    page.setHtml(shown.lines.text())
    texts = [text for text in page.toPlainText().replace("\u200b", "").split("\n") if text]
    named = [text.rpartition(" ×") for text in texts[2::3]]
    figures = [texts[at + 1 : at + 3] for at in range(2, len(texts) - 2, 3)]
    return {name: [layers.strip(), *sums] for (name, _, layers), sums in zip(named, figures, strict=False)}


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


def test_arithmetic_changes_each_from_its_own_value(bench: Bench) -> None:
    bench.document.apply(edits.set_field(bench.document.design, [INNER], "filters", 32))
    bench.select(CONV, INNER)
    bench.type("filters", "*1.5")
    bench.press("filters", Qt.Key.Key_Return)
    assert [getattr(bench.item(path), "filters", 0) for path in (CONV, INNER)] == [96, 48]
    assert bench.steps[-1] == "Change filters of 2 layers by *1.5"


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


def test_what_only_measured_a_line_is_not_left_in_the_form(bench: Bench) -> None:
    bench.select(CONV, ("maxpool",), ("relu",))
    assert [field.name for field in bench.inspector.subject.fields] == ["trainable", "note"]
    form = next(form for form in bench.inspector.findChildren(FieldForm) if "trainable" in form.editors)
    form.apply_theme()
    assert not [child for child in form.children() if isinstance(child, QLineEdit)]


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


def test_larger_text_and_back_leaves_every_field_where_it_was(bench: Bench, theme: Theme) -> None:
    bench.select(CONV)
    theme.apply()
    QTest.qWait(20)
    page = bench.editor("filters").parentWidget()
    assert page is not None
    # The window of a test has grown with the letters, so that only its rows are compared.
    rows = [*page.findChildren(FieldEditor), *page.findChildren(QLabel)]
    before = [(row.y(), row.height()) for row in rows]
    for scale in (1.1, 1.21, 2.0, 1.0):
        theme.set_text_scale(scale)
        QTest.qWait(20)
    assert [(row.y(), row.height()) for row in rows] == before


def test_layers_of_several_types_have_only_what_they_share(bench: Bench) -> None:
    bench.select(CONV, ("relu",), ("maxpool",))
    page = bench.editor("note").parentWidget()
    assert page is not None
    editors = page.findChildren(FieldEditor)
    assert [editor.field.name for editor in editors] == ["trainable", "note"]
    # Nothing else lies above their titles.
    lines = [line for line in page.findChildren(QLineEdit) if line.isVisible()]
    assert [line for line in lines if not any(editor.isAncestorOf(line) for editor in editors)] == []


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


@pytest.mark.parametrize("stem", ["vit-b-16", "inception-v3-aux", "mobilevit-s"])
def test_the_subtotals_push_no_figure_out_of_sight(stem: str, theme: Theme, qtbot: QtBot) -> None:
    bench = Bench(document_of(open_design(stem).design), theme, qtbot)
    shown = bench.inspector.subtotals
    qtbot.waitUntil(lambda: bool(shown.lines.text()))
    # As narrow as a small screen makes it, beside its scroll bar.
    bench.inspector.resize(bench.inspector.minimumWidth(), 300)
    QApplication.processEvents()
    scroll = bench.inspector.findChild(QScrollArea)
    assert isinstance(scroll, QScrollArea)
    assert shown.width() <= scroll.viewport().width()
