"""The memory view: never stale, its selection shared, its choices remembered, its answer for a card."""

from __future__ import annotations

from threading import Event

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.memory import panel
from cnnstudio.app.memory.content import content_of
from cnnstudio.app.memory.panel import MemoryPanel
from cnnstudio.app.memory.timeline import outline
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.edits import insert, set_field, set_memory
from cnnstudio.core.network.memory_setting import Setting
from cnnstudio.formats.builtin import open_design
from cnnstudio.layers.structure import Opaque


class Case:
    """A document with its memory, shown."""

    def __init__(self, stem: str, theme: Theme, settings: Settings, qtbot: QtBot) -> None:
        self.document = Document(open_design(stem))
        self.state = ViewState(self.document)
        self.panel = MemoryPanel(self.document, self.state, theme, settings)
        self.qtbot = qtbot
        qtbot.addWidget(self.panel)
        self.panel.resize(700, 500)
        self.panel.show()
        self.wait()

    def wait(self) -> None:
        """Until what is shown is the design as it is."""
        self.qtbot.waitUntil(lambda: self.panel.is_current)

    @property
    def low(self) -> int:
        """The low end of the peak that is shown."""
        assert self.panel.content is not None
        return self.panel.content.estimate.low


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The look of the application."""
    assert qapp is not None
    return Theme("light")


@pytest.fixture
def shown(theme: Theme, settings: Settings, qtbot: QtBot) -> Case:
    """The memory of ResNet-18."""
    return Case("resnet-18", theme, settings, qtbot)


def test_it_follows_edits_and_choices(shown: Case) -> None:
    before = shown.low
    shown.document.apply(set_field(shown.document.design, [("conv1",)], "filters", 128))
    assert not shown.panel.is_current
    shown.wait()
    shown.document.undo_stack.undo()
    shown.wait()
    assert shown.low == before
    shown.panel.tools.batch.setValue(64)
    shown.wait()
    assert shown.low > 1.5 * before


def test_the_answer_is_that_for_the_card(shown: Case) -> None:
    tools = shown.panel.tools
    answers = []
    for card in ("141 GB", "1GB", "RTX 4090", "no card"):
        tools.card.setEditText(card)
        tools.changed.emit()
        shown.wait()
        answers.append(shown.panel.answer.text())
    assert "141 GB" in answers[0]
    assert ">fits<" in answers[0]
    assert ">does not fit<" in answers[1]
    assert "RTX 4090" in answers[2]
    assert answers[3].startswith("a card is given by its memory")


def test_a_click_on_the_timeline_selects_the_layer_at_the_peak(shown: Case) -> None:
    content, timeline = shown.panel.content, shown.panel.timeline
    assert content is not None
    width = timeline.width() - 24
    place = 12 + int((content.peak + 0.5) / len(content.levels) * width)
    QTest.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(place, timeline.height() // 2))
    (path,) = shown.state.selection
    assert path == content.item_at(content.peak)
    shown.state.select((("conv1",),))
    assert "kept for backward" in shown.panel.working.text()
    assert "because bn1 needs it" in shown.panel.working.text()


def test_choices_are_kept_with_the_design_and_undone(shown: Case) -> None:
    document, tools = shown.document, shown.panel.tools
    assert document.design.memory is None
    tools.batch.setValue(7)
    tools.optimizer.setCurrentIndex(tools.optimizer.findData("fused adam"))
    assert document.design.memory == Setting(batch=7, fused=True, gpu="8 GB")
    document.undo_stack.undo()
    assert document.design.memory is None
    assert not document.is_modified
    chosen = Setting(batch=3, optimizer="sgd", precision="bf16", mode="inference", gpu="RTX 4090")
    document.apply(set_memory(document.design, chosen))
    shown.wait()
    assert tools.setting() == chosen
    assert shown.panel.answer.text().startswith("<b>RTX 4090")


def test_passing_through_the_field_of_the_card_is_no_choice(shown: Case) -> None:
    document, editor = shown.document, shown.panel.tools.card.lineEdit()
    assert editor is not None
    editor.editingFinished.emit()
    assert document.design.memory is None
    editor.setText("A10")
    editor.editingFinished.emit()
    editor.editingFinished.emit()
    assert document.design.memory == Setting(gpu="A10")
    assert document.undo_stack.count() == 1


def test_the_answer_for_another_card_is_never_read_as_one_for_this(
    theme: Theme, settings: Settings, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, gate = Case("densenet-121", theme, settings, qtbot), Event()
    assert large.panel.answer.text().startswith("<b>8 GB: <")
    monkeypatch.setattr(panel, "content_of", lambda *given: gate.wait() and content_of(*given))
    with qtbot.waitSignal(large.panel._background.done):
        large.document.apply(set_memory(large.document.design, Setting(gpu="H100")))
        qtbot.waitUntil(lambda: not large.panel.answer.isEnabled())
        assert large.panel.answer.text() == "<b>H100: …</b>"
        gate.set()
    assert large.panel.answer.text().startswith("<b>H100: <")


def test_of_levels_that_share_a_pixel_the_highest_is_drawn() -> None:
    assert list(outline((3, 1, 4, 1, 5), 10)) == [(at, at + 1, level) for at, level in enumerate((3, 1, 4, 1, 5))]
    assert list(outline((3, 1, 4, 1, 5), 2)) == [(0, 2, 3), (2, 4, 4), (4, 5, 5)]
    assert len(list(outline(tuple(range(25_001)), 600))) <= 1_200


def test_one_layer_whose_needs_are_unknown_is_one(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    shown = Case("lenet-5-modern", theme, settings, qtbot)
    shown.document.apply(insert(shown.document.design, ((), 2), (Opaque(channels=6, size=(28, 28), parameters=5),)))
    shown.wait()
    assert "what 1 layer needs is not known" in shown.panel.answer.text()


def test_choices_are_remembered(shown: Case, theme: Theme, settings: Settings) -> None:
    tools = shown.panel.tools
    tools.batch.setValue(7)
    tools.precision.setCurrentIndex(1)
    tools.mode.setCurrentIndex(1)
    tools.card.setCurrentIndex(0)
    assert not tools.optimizer.isEnabled()
    other = Document(open_design("lenet-5-modern"))
    again = MemoryPanel(other, shown.state, theme, settings)
    shown.qtbot.addWidget(again)
    assert again.tools.setting().words == ("7", "adam", "bf16", "inference", "4 GB")
    assert other.design.memory is None
    again.tools.choose(("many", "none", "", "", "8GB"))
    assert again.tools.setting().words == ("32", "sgd", "fp32", "train", "8GB")


def test_the_parts_of_the_bar_are_what_the_card_needs_at_most(shown: Case) -> None:
    content = shown.panel.content
    assert content is not None
    assert sum(part.size for part in content.parts) == content.on_card.need.high
    assert shown.panel.bar.accessibleDescription().startswith("Weights 44.6 MiB")
    assert shown.panel.bar.heightForWidth(300) > shown.panel.bar.heightForWidth(900)


def test_a_large_network_is_estimated_in_a_thread_while_the_tools_stay(
    theme: Theme, settings: Settings, qtbot: QtBot
) -> None:
    large = Case("densenet-121", theme, settings, qtbot)
    before = large.low
    with qtbot.waitSignal(large.panel._background.done):
        large.panel.tools.batch.setValue(64)
    assert large.panel.tools.batch.isEnabled()
    large.wait()
    assert large.panel.timeline.isEnabled()
    assert large.low > before
