"""The inspector under the keyboard and while the room changes: focus, arrows, heights, and what empty fields say."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnstudio.app.appearance.theme import DARK, Theme
from cnnstudio.core import edits
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.pooling import MaxPool2D
from cnnstudio.layers.reshaping import Upsample
from tests.app.inspector.inspector_bench import CONV, Bench

Key = Qt.Key


def test_the_keyboard_stays_when_another_form_comes(bench: Bench) -> None:
    """Adding a layer of another type selects it: its form takes the place of the one that has the keyboard."""
    bench.inspector.activateWindow()
    bench.select(CONV)
    bench.line("filters").setFocus()
    assert bench.line("filters").hasFocus()
    design = bench.document.design
    bench.document.apply(edits.insert(design, ((), 2), (Activation(name="new", function="relu"),)))
    QTest.qWait(5)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert bench.inspector.isAncestorOf(focus)
    assert bench.editor("name").isAncestorOf(focus) or bench.editor("note").isAncestorOf(focus)


def test_the_first_field_is_where_editing_begins(bench: Bench) -> None:
    bench.inspector.activateWindow()
    bench.select(CONV)
    bench.inspector.focus_first()
    assert bench.line("filters").hasFocus()


@pytest.mark.parametrize(("text", "key", "then"), [("same", Key.Key_Down, "1"), ("same", Key.Key_Up, "valid")])
def test_arrows_in_the_padding_go_on_from_what_it_says(bench: Bench, text: str, key: Key, then: str) -> None:
    bench.select(CONV)
    bench.type("padding", "3")
    bench.press("padding", Key.Key_Up)
    assert bench.line("padding").text() == "4"
    bench.type("padding", text)
    bench.press("padding", key)
    assert bench.line("padding").text() == then


def test_a_mixed_selection_leaves_the_note_a_line(bench: Bench) -> None:
    bench.select(CONV)
    line = bench.line("filters").height()
    bench.select(CONV, ("layer1",))
    assert [field.name for field in bench.inspector.subject.fields] == ["note"]
    assert bench.lines("note").height() >= line - 1


def test_no_field_is_squeezed_when_there_is_less_room(bench: Bench) -> None:
    bench.select(CONV)
    names = [field.name for field in bench.inspector.subject.fields]
    heights = [bench.editor(name).control.height() for name in names]
    bench.inspector.resize(320, 160)
    assert [bench.editor(name).control.height() for name in names] == heights


def test_trainable_is_offered_where_there_is_something_to_learn(bench: Bench) -> None:
    bench.select(("maxpool",))
    assert "trainable" not in [field.name for field in bench.inspector.subject.fields]
    bench.select(("bn1",))
    assert "trainable" in [field.name for field in bench.inspector.subject.fields]
    bench.select(("bn1",), ("relu",))
    assert "trainable" in [field.name for field in bench.inspector.subject.fields]


def test_empty_fields_say_what_happens(bench: Bench) -> None:
    added = (
        MaxPool2D(name="pool", pool_size=2),
        MaxPool2D(name="wide", pool_size=(2, 3)),
        Upsample(name="up", scale=2),
    )
    bench.document.apply(edits.insert(bench.document.design, ((), 5), added))
    bench.select(("pool",))
    assert bench.line("stride").placeholderText() == "2 (= pool size)"
    bench.type("pool_size", "4")
    assert bench.line("stride").placeholderText() == "4 (= pool size)"
    bench.select(("pool",), ("wide",))
    assert bench.line("stride").placeholderText() == "= pool size"
    bench.select(("up",))
    assert bench.line("size").placeholderText() == "by the scale"
    bench.select(CONV)
    assert bench.lines("connections").placeholderText() == "each filter sees every channel"


@pytest.mark.usefixtures("same_look")
def test_the_type_is_as_quiet_after_a_switch_to_dark(bench: Bench, theme: Theme) -> None:
    bench.select(CONV)
    theme.apply()
    theme.set_mode("dark")
    label = bench.inspector.head.type
    assert label.palette().color(QPalette.ColorRole.WindowText).name() == DARK.muted


@pytest.mark.usefixtures("same_look")
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_placeholders_are_read(bench: Bench, theme: Theme, mode: str) -> None:
    theme.apply()
    theme.set_mode(mode)
    bench.select(())
    for control in (bench.line("accepted"), bench.lines("note")):
        control.ensurePolished()
        shown = control.palette().color(QPalette.ColorRole.PlaceholderText)
        assert (shown.name(), shown.alpha()) == (theme.tokens.muted, 255)
