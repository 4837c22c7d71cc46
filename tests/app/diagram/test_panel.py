"""The diagram panel: drawn when seen, as the document, the theme and the list are; labels; exported files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import DARK, LIGHT, Theme
from cnnstudio.app.appearance.tokens import Tokens
from cnnstudio.app.diagram.content import DiagramOptions, colours_of, content_of
from cnnstudio.app.diagram.panel import DiagramPanel
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core import edits
from cnnstudio.core.edits import Edit
from cnnstudio.core.network.design import Block, Design, find
from cnnstudio.drawings.diagram.graph import every_block
from cnnstudio.formats.design_yaml import design_text, parse_design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Identity, Input
from tests.app.diagram.diagram_bench import (
    FIRST,
    boxes,
    hidden_panel,
    middle,
    panel_of,
    shown_with_state,
    texts,
    things,
)
from tests.examples import share
from tests.hostile import NAMES
from tests.strategies import designs
from tests.svg import SVG

pytestmark = pytest.mark.usefixtures("qapp")


# Following.


def test_it_is_folded_as_the_list_is(panel: DiagramPanel, state: ViewState, qtbot: QtBot) -> None:
    assert ("layer1",) in boxes(panel)
    state.set_open(("layer2",), is_open=True)
    state.set_open(FIRST, is_open=True)
    qtbot.waitUntil(lambda: (*FIRST, "conv1") in boxes(panel))
    assert set(things(panel, "frame")) == {("layer2",), FIRST}
    state.set_open(("layer2",), is_open=False)
    qtbot.waitUntil(lambda: ("layer2",) in boxes(panel))
    assert not things(panel, "frame")


def test_it_follows_edits_undo_and_redo(panel: DiagramPanel, resnet: Document, qtbot: QtBot) -> None:
    resnet.attempt(lambda: edits.remove(resnet.design, (("maxpool",),)))
    qtbot.waitUntil(lambda: ("maxpool",) not in boxes(panel))
    resnet.undo_stack.undo()
    qtbot.waitUntil(lambda: ("maxpool",) in boxes(panel))
    resnet.attempt(lambda: edits.set_field(resnet.design, (("conv1",),), "filters", 48))
    qtbot.waitUntil(lambda: "48 × 112 × 112" in texts(panel))
    resnet.undo_stack.undo()
    qtbot.waitUntil(lambda: "64 × 112 × 112" in texts(panel))


def test_a_hidden_diagram_draws_nothing_until_it_is_seen(
    resnet: Document, state: ViewState, theme: Theme, settings: Settings, qtbot: QtBot
) -> None:
    panel = hidden_panel(resnet, state, theme, settings, qtbot)
    state.set_open(("layer1",), is_open=True)
    qtbot.wait(20)
    assert panel.view.shown == {}
    panel.show()
    assert ("layer1", "conv1") in boxes(panel)


def test_an_edit_of_a_number_keeps_every_item_where_it_is(panel: DiagramPanel, resnet: Document, qtbot: QtBot) -> None:
    before = {key: (item, item.thing.bounds) for key, item in panel.view.shown.items()}
    resnet.attempt(lambda: edits.set_field(resnet.design, (("fc",),), "units", 2000))
    qtbot.waitUntil(lambda: "2000" in texts(panel))
    assert {key: (item, item.thing.bounds) for key, item in panel.view.shown.items()} == before


@share(1 / 4)
@given(chain=st.lists(designs(), min_size=2, max_size=4), data=st.data())
def test_after_any_edits_it_shows_what_a_new_one_would(
    chain: list[Design], data: st.DataObject, theme: Theme, settings: Settings, qtbot: QtBot
) -> None:
    panel, document, state = shown_with_state(chain[0], theme, settings, qtbot)
    for design in chain[1:]:
        document.apply(Edit(design, "Replace", ()))
        for path in sorted(every_block(design)):
            state.set_open(path, is_open=data.draw(st.booleans()))
        panel.refresh()
        folded = [path for path in every_block(design) if not state.is_open(path)]
        fresh = content_of(
            document.analysis, folded, DiagramOptions(channels_last=state.is_channels_last), colours_of(LIGHT)
        )
        assert fresh is not None
        assert [item.thing for item in panel.view.shown.values()] == list(fresh.drawing.groups)
        assert set(panel.view.scene().items()) == set(panel.view.shown.values())
    panel.hide()


def test_shapes_are_in_the_order_of_the_window(panel: DiagramPanel, state: ViewState, qtbot: QtBot) -> None:
    state.set_channels_last(True)
    qtbot.waitUntil(lambda: "112 × 112 × 64" in texts(panel))


def test_it_follows_the_theme_and_the_size_of_texts(panel: DiagramPanel, theme: Theme, qtbot: QtBot) -> None:
    scale = panel.view.transform().m11()
    theme.set_mode("dark")
    theme.apply()
    theme.set_text_scale(1.5)
    qtbot.waitUntil(lambda: panel.view.backgroundBrush().color().name() == DARK.surface)
    assert panel.view.transform().m11() == pytest.approx(scale * 1.5)
    assert ("conv1",) in boxes(panel)


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_the_colours_are_those_of_the_window(tokens: Tokens) -> None:
    colours = colours_of(tokens)
    assert (colours.paper, colours.families) == (tokens.surface, tokens.families)


def test_an_empty_design_says_what_to_do(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    panel = panel_of(Design(), theme, settings, qtbot)
    assert panel.message == "Add layers to see the network."


def test_too_many_boxes_are_not_drawn_and_it_is_said(
    theme: Theme, settings: Settings, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnstudio.drawings.diagram.bounds.MAX_BOXES", 2)
    layers = (Input(name="image", size=(8, 8), channels=3), Identity(name="a"), Identity(name="b"))
    panel = panel_of(Design(layers=layers), theme, settings, qtbot)
    assert panel.message == "There are too many layers or connections to draw. Fold blocks in the layer list."


@pytest.mark.parametrize("name", [NAMES[0], NAMES[4], "n" * 300, "</script>&amp;", "[*]", "a/b"])
@pytest.mark.parametrize("style", ["boxes", "volumes"])
def test_any_name_is_painted(name: str, style: str, theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    layers = (Input(name="image", size=(8, 8), channels=3), Conv2D(name=name, filters=4, kernel_size=3))
    panel = panel_of(Design(name=name, layers=layers), theme, settings, qtbot)
    panel.tools.choose("volumes" if style == "volumes" else "boxes")
    qtbot.waitUntil(lambda: (name,) in boxes(panel))
    assert not panel.grab().isNull()
    assert "<script" not in things(panel, "box")[(name,)].toolTip()


# Style, labels, files.


def test_style_and_direction_are_remembered_each_for_itself(
    panel: DiagramPanel, settings: Settings, qtbot: QtBot
) -> None:
    assert (panel.tools.style_key, panel.tools.direction) == ("boxes", "down")
    panel.tools.volumes.trigger()
    assert (panel.tools.direction, settings.diagram) == ("right", ("volumes", "right"))
    panel.tools.down.trigger()
    panel.tools.boxes.trigger()
    panel.tools.right.trigger()
    panel.tools.volumes.trigger()
    assert settings.diagram == ("volumes", "down")
    panel.tools.boxes.trigger()
    assert settings.diagram == ("boxes", "right")
    qtbot.waitUntil(lambda: panel.view.sceneRect().width() > panel.view.sceneRect().height())


def test_where_it_is_narrow_the_switches_remain_in_the_menu(panel: DiagramPanel, qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    around.resize(700, 40)
    panel.tools.setParent(around)
    around.show()
    panel.tools.show()
    seen = []
    for width in (600, 240, 130):
        panel.tools.resize(width, 32)
        seen.append([switch.isVisible() for switch in panel.tools.switches])
    assert seen[0] == [True, True]
    assert seen[-1] == [False, False]
    assert {panel.tools.volumes, panel.tools.right} <= set(panel.tools.menu.actions())


def test_a_label_is_edited_and_restored(
    panel: DiagramPanel, resnet: Document, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.tools.choose("volumes")
    qtbot.waitUntil(lambda: bool(things(panel, "label")))
    asked: list[str] = []

    def answer(_parent: object, _title: str, _words: str, text: str) -> tuple[str, bool]:
        asked.append(text)
        return "stem\n7 × 7", True

    monkeypatch.setattr(QInputDialog, "getMultiLineText", answer)
    QTest.mouseDClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel, ("conv1",), "label"))
    assert asked == ["conv1\n7 × 7 / 2\n64 × 112 × 112"]
    qtbot.waitUntil(lambda: "stem" in texts(panel))
    assert "conv1" not in texts(panel)
    assert resnet.is_modified
    assert resnet.undo_stack.undoText() == "Label conv1 in the diagram"
    assert "label: " in design_text(resnet.design)
    assert parse_design(design_text(resnet.design), "test").design == resnet.design
    resnet.undo_stack.undo()
    qtbot.waitUntil(lambda: "conv1" in texts(panel))
    resnet.undo_stack.redo()
    qtbot.waitUntil(lambda: "stem" in texts(panel))
    resnet.apply(edits.rename(resnet.design, ("conv1",), "first"))
    panel.refresh()
    assert "stem" in texts(panel)
    panel.tools.drop_labels.trigger()
    qtbot.waitUntil(lambda: "first" in texts(panel))


def test_labels_of_a_block_and_of_what_is_in_it_are_restored_in_one_step(panel: DiagramPanel, resnet: Document) -> None:
    panel.tools.choose("volumes")
    before = resnet.design
    panel.set_label(("layer1",), "two blocks")
    panel.set_label(("layer1", "conv1"), "inner")
    panel.tools.drop_labels.trigger()
    assert resnet.design == before
    resnet.undo_stack.undo()
    assert find(resnet.design, ("layer1",)).label == "two blocks"
    assert find(resnet.design, ("layer1", "conv1")).label == "inner"


def test_a_label_needs_a_selected_volume(panel: DiagramPanel, resnet: Document, qtbot: QtBot) -> None:
    panel.tools.choose("volumes")
    with qtbot.waitSignal(resnet.refused) as refused:
        panel.tools.edit_label.trigger()
    assert refused.args == ["Select a volume of the diagram first to edit its label."]


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_it_is_exported_as_it_is_folded(
    panel: DiagramPanel, state: ViewState, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.set_open(("layer1",), is_open=True)
    target = tmp_path / f"net{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    panel.ask_and_save()
    content = target.read_bytes()
    if suffix == ".svg":
        said = ["".join(text.itertext()) for text in ElementTree.fromstring(content).iter(f"{SVG}text")]
        assert {"layer1", "conv2", "layer2"} <= set(said)
        assert "downsample" not in said
    elif suffix == ".png":
        assert not QImage.fromData(content).isNull()
    else:
        assert content.startswith(b"%PDF-")


def test_without_a_suffix_the_chosen_kind_gives_it(
    panel: DiagramPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = (str(tmp_path / "v1.5"), "Page (*.pdf)")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: chosen)
    panel.ask_and_save()
    assert [path.name for path in tmp_path.glob("v1.5*")] == ["v1.5.pdf"]


def test_a_file_that_cannot_be_written_is_told(
    panel: DiagramPanel, resnet: Document, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(resnet.refused) as refused:
        assert not panel.save(tmp_path / "none" / "a.svg")
    assert str(refused.args[0]).endswith("none/a.svg cannot be written: No such file or directory.")


def test_errors_are_marked_in_words(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    layers = (
        Input(name="image", size=(8, 8), channels=3),
        Block(name="stage", layers=(Conv2D(name="conv", filters=1, kernel_size=9),)),
    )
    panel = panel_of(Design(layers=layers), theme, settings, qtbot)
    assert {"error", "!", "unknown"} <= set(texts(panel))


def test_nothing_of_it_is_loaded_before_it_is_shown() -> None:
    code = (
        "import sys; from cnnstudio.app.window.main_window import MainWindow; "
        "late = ('graphlay', 'cnnstudio.drawings.diagram.boxes.layout', 'cnnstudio.app.diagram.panel'); "
        "sys.exit(any(name in sys.modules for name in late))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
