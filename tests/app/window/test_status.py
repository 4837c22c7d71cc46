"""The status line: the totals, the convention, and whether there are problems, in words as well as in colour."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.window import status
from cnnstudio.app.window.status import StatusLine
from cnnstudio.core import edits
from cnnstudio.core.network.memory_setting import Setting


class EventCounter(QObject):
    """Counts events of one kind."""

    def __init__(self, kind: QEvent.Type) -> None:
        super().__init__()
        self.kind = kind
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == self.kind
        return False


def line_of(document: Document, qtbot: QtBot) -> StatusLine:
    line = StatusLine(document, Theme("light"))
    line.resize(1400, 30)
    qtbot.addWidget(line)
    line.show()
    return line


def text_of(line: StatusLine, name: str) -> str:
    if name == "Totals":
        return " ".join(part.text for part in line.totals.shown)
    # By the name of the object: one for those who listen would take the place of the text.
    return next(child for child in line.findChildren(QLabel) if child.objectName() == name.lower()).text()


def test_totals_of_alexnet(alexnet: Document, qtbot: QtBot) -> None:
    line = line_of(alexnet, qtbot)
    totals = text_of(line, "Totals")
    assert totals.startswith("Parameters 62,378,344 MACs 1.135 G FLOPs 2.271 G")
    assert totals.endswith("PyTorch counting")
    assert text_of(line, "Problems") == "No problems"


def test_an_error_is_told_in_words_and_totals_are_at_least(alexnet: Document, qtbot: QtBot) -> None:
    line = line_of(alexnet, qtbot)
    alexnet.apply(edits.set_field(alexnet.design, [("Conv-3",)], "kernel_size", 99))
    assert text_of(line, "Problems") == "1 error"
    assert text_of(line, "Totals").startswith("Parameters at least 23,740,392 MACs at least 574.2 M")
    alexnet.undo_stack.undo()
    assert text_of(line, "Problems") == "No problems"
    assert text_of(line, "Totals").startswith("Parameters 62,378,344 (was at least 23,740,392) MACs 1.135 G")


def test_the_convention_says_what_it_counts(resnet: Document, qtbot: QtBot) -> None:
    line = line_of(resnet, qtbot)
    assert text_of(line, "Totals").endswith(
        "PyTorch counting: 9,600 numbers that are stored and not learned not included"
    )
    resnet.apply(edits.set_design(resnet.design, "convention", "keras"))
    assert text_of(line, "Totals").endswith("Keras counting: 9,600 numbers that are stored and not learned included")


def test_what_finds_no_room_stands_in_the_tip(alexnet: Document, qtbot: QtBot) -> None:
    line = line_of(alexnet, qtbot)
    shown = []
    for width in (1400, 760, 640, 560, 440):
        line.resize(width, 30)
        QCoreApplication.processEvents()
        shown.append(len(line.totals.shown))
    assert shown == sorted(shown, reverse=True)
    assert (shown[0], shown[-1]) == (6, 2)
    assert text_of(line, "Totals") == "Parameters 62,378,344 MACs 1.135 G"
    assert "Parameter memory" in line.totals.toolTip()
    assert "Parameter memory" in line.totals.accessibleDescription()
    assert line.minimumSizeHint().width() < 400
    line.resize(1400, 30)
    QCoreApplication.processEvents()
    assert text_of(line, "Totals").endswith("PyTorch counting")


def test_an_edit_does_not_lay_out_the_line(alexnet: Document, qtbot: QtBot) -> None:
    line = line_of(alexnet, qtbot)
    QCoreApplication.processEvents()
    laid_out = EventCounter(QEvent.Type.LayoutRequest)
    line.installEventFilter(laid_out)
    before = line.totals.shown
    alexnet.apply(edits.set_field(alexnet.design, [("Conv-3",)], "filters", 1_000))
    QCoreApplication.processEvents()
    assert line.totals.shown != before
    assert laid_out.count == 0


def test_a_click_asks_for_the_working_of_a_total(alexnet: Document, qtbot: QtBot) -> None:
    line = line_of(alexnet, qtbot)
    wanted: list[str] = []
    line.total_requested.connect(wanted.append)
    for x in range(0, line.totals.width(), 4):
        QTest.mouseClick(line.totals, Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
    assert list(dict.fromkeys(wanted)) == ["parameters", "macs", "flops", "parameter_bytes", "activation_bytes"]


def test_accepted_warnings_are_counted_but_are_no_problems(alexnet: Document, qtbot: QtBot) -> None:
    line = line_of(alexnet, qtbot)
    alexnet.apply(edits.set_field(alexnet.design, [("image",)], "size", (224, 224)))
    assert text_of(line, "Problems") == "4 warnings"
    alexnet.apply(edits.set_design(alexnet.design, "accepted", ["unused-input"]))
    assert text_of(line, "Problems") == "No problems (4 accepted)"


def test_what_the_last_edit_changed_is_told_with_what_it_was(alexnet: Document, qtbot: QtBot) -> None:
    line = line_of(alexnet, qtbot)
    assert "was" not in text_of(line, "Totals")
    alexnet.apply(edits.set_field(alexnet.design, [("FC-1",)], "units", 100))
    line.resize(2400, 30)
    assert "Parameters" in text_of(line, "Totals")
    assert "(was 62,378,344)" in text_of(line, "Totals")
    assert "Activation memory" in text_of(line, "Totals")
    told = []
    for width in range(2400, 600, -20):
        line.resize(width, 30)
        told.append(text_of(line, "Totals").count("(was "))
    assert told == sorted(told, reverse=True)
    assert set(told) == {5, 4, 3, 2, 1, 0}, "one gives way after the other"
    assert "(was 62,378,344)" in line.totals.toolTip()
    alexnet.apply(edits.rename(alexnet.design, ("FC-1",), "first"))
    line.resize(2400, 30)
    assert "was" not in text_of(line, "Totals")


def test_the_memory_of_many_layers_is_told_once_it_is_found(
    resnet: Document, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    resnet.apply(edits.set_memory(resnet.design, Setting(gpu="8GB")))
    at_once = text_of(line_of(resnet, qtbot), "Totals")
    monkeypatch.setattr(status, "MAX_AT_ONCE", 1)
    line = line_of(resnet, qtbot)
    qtbot.waitUntil(lambda: text_of(line, "Totals") == at_once)
    resnet.apply(edits.set_field(resnet.design, [("fc",)], "units", 10))
    assert "Memory … of 8.00 GiB" in text_of(line, "Totals")
    qtbot.waitUntil(lambda: "…" not in text_of(line, "Totals"))


@pytest.mark.parametrize("at_once", [0, 100])
def test_memory_that_cannot_be_found_is_unknown(
    alexnet: Document, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    def refuse(*_given: object) -> str:
        raise ValueError("too many layers")

    monkeypatch.setattr(status, "MAX_AT_ONCE", at_once)
    monkeypatch.setattr(status, "model_of", refuse)
    alexnet.apply(edits.set_memory(alexnet.design, Setting()))
    line = line_of(alexnet, qtbot)
    qtbot.waitUntil(lambda: "Memory unknown" in text_of(line, "Totals"))
