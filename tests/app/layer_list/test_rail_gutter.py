"""The rails beside the layer list: what they show, where, and that they follow design, folding and selection."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDragLeaveEvent, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Mode, Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.layer_mime import layers_mime
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.railed_list import RailedList
from cnnstudio.core import edits
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Design
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of
from tests.app.dragging import Copy, Move, drop, enter, move_over
from tests.app.layer_list.test_model import take_random_step


class Bench:
    """A list with its rails, shown."""

    def __init__(self, document: Document, qtbot: QtBot, height: int = 400, theme: Mode = "light") -> None:
        self.document = document
        self.state = ViewState(document, document)
        self.theme = Theme(theme)
        self.railed = RailedList(document, self.state, self.theme)
        self.list, self.gutter = self.railed.layers, self.railed.gutter
        qtbot.addWidget(self.railed)
        self.railed.resize(340, height)
        self.railed.show()
        qtbot.waitExposed(self.railed)

    @property
    def names(self) -> list[str]:
        return [path[-1] for path in self.gutter.graph.paths]

    def picture(self) -> QImage:
        return self.gutter.grab().toImage()

    def has_colour(self, token: str) -> bool:
        picture, wanted = self.picture(), self.theme.colour(token)
        return any(
            QColor(picture.pixel(x, y)) == wanted for x in range(picture.width()) for y in range(picture.height())
        )


@pytest.fixture
def bench(resnet: Document, qtbot: QtBot) -> Bench:
    return Bench(resnet, qtbot)


def test_rows_are_those_of_the_list(bench: Bench) -> None:
    assert bench.names[:6] == ["image", "conv1", "bn1", "relu", "maxpool", "layer1"]
    bench.state.set_open(("layer1",), is_open=True)
    assert bench.names[5:9] == ["layer1", "conv1", "bn1", "relu1"]
    bench.list.collapse(bench.list.layer_model.index_of_path(("layer1",)))
    assert "relu1" not in bench.names


def test_rows_follow_edits_and_undo(bench: Bench) -> None:
    bench.document.apply(edits.insert(bench.document.design, ((), 1), (Flatten(name="new"),)))
    assert bench.names[:3] == ["image", "new", "conv1"]
    bench.document.undo_stack.undo()
    assert bench.names[:2] == ["image", "conv1"]


def test_an_edit_of_numbers_leaves_the_rails_alone(bench: Bench) -> None:
    before = bench.gutter.graph
    bench.document.apply(edits.set_field(bench.document.design, [("conv1",)], "filters", 32))
    assert bench.gutter.graph is before
    bench.document.apply(edits.rename(bench.document.design, ("conv1",), "first"))
    assert bench.gutter.graph is not before


def test_each_node_is_beside_its_row(bench: Bench) -> None:
    bench.state.set_open(("layer1",), is_open=True)
    for path in (("image",), ("layer1",), ("layer1", "add"), ("fc",)):
        row = bench.list.visualRect(bench.list.layer_model.index_of_path(path))
        node = bench.gutter.node_at(path)
        assert row.top() < node.y() < row.bottom()
        assert bench.gutter.path_at(node.y()) == path


def test_nodes_scroll_with_the_list(resnet: Document, qtbot: QtBot) -> None:
    bench = Bench(resnet, qtbot, height=120)
    before = bench.gutter.node_at(("fc",))
    bench.list.scrollToBottom()
    moved = bench.list.verticalScrollBar().value()
    assert moved > 0
    assert bench.gutter.node_at(("fc",)) == before - QPoint(0, moved)


def test_below_the_last_row_is_nothing(bench: Bench) -> None:
    assert bench.gutter.path_at(399) == ()


def test_a_design_without_layers_has_no_rails(qtbot: QtBot) -> None:
    bench = Bench(document_of(Design()), qtbot)
    assert bench.gutter.path_at(10) == ()
    assert not bench.picture().isNull()


def test_the_rails_of_the_selected_layer_stand_out(bench: Bench) -> None:
    assert not bench.has_colour("accent")
    bench.state.select((("layer1", "add"),))
    assert bench.has_colour("accent")
    assert bench.has_colour("selection")
    bench.state.set_open(("layer1",), is_open=False)
    assert not bench.has_colour("accent"), "what is selected is folded away"


def test_no_more_room_than_the_lanes_need(qtbot: QtBot) -> None:
    chain = (Input(name="image", size=(8, 8), channels=3), *(Flatten(name=f"f{n}") for n in range(40)))
    bench = Bench(document_of(Design(layers=chain)), qtbot)
    narrow = bench.gutter.width()
    wide = tuple(Flatten(name=f"g{n}", inputs=("image",)) for n in range(30))
    joined = Concat(name="all", inputs=("f39", *(layer.name for layer in wide)))
    bench.document.apply(edits.insert(bench.document.design, ((), 99), (*wide, joined)))
    bench.gutter.refresh()
    assert narrow < bench.gutter.width() < 4 * narrow, "thirty rails do not push the names away"


def test_a_block_that_comes_back_is_as_open_as_it_was(bench: Bench) -> None:
    bench.state.set_open(("layer1",), is_open=True)
    bench.document.apply(edits.remove(bench.document.design, [("layer1",)]))
    bench.document.undo_stack.undo()
    assert bench.list.isExpanded(bench.list.layer_model.index_of_path(("layer1",)))


def test_an_open_block_stays_open_under_another_name(bench: Bench) -> None:
    bench.state.set_open(("layer1",), is_open=True)
    bench.document.apply(edits.rename(bench.document.design, ("layer1",), "stage"))
    assert bench.state.is_open(("stage",))
    assert bench.names[5:7] == ["stage", "conv1"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_theme_paints(resnet: Document, qtbot: QtBot, theme: Mode) -> None:
    bench = Bench(resnet, qtbot, theme=theme)
    assert bench.has_colour("surface")
    bench.theme.apply()
    bench.theme.set_text_scale(2.0)
    assert bench.gutter.width() > 60


# What is dragged over the gutter is dragged over the list.


def dropped(bench: Bench, mime: QMimeData, at: QPoint, action: Qt.DropAction) -> bool:
    """A drag that comes over the gutter and is let go; whether it was taken on the way."""
    enter(bench.gutter, mime, at)
    is_taken = move_over(bench.gutter, mime, at, action).isAccepted()
    let_go = drop(bench.gutter, mime, at, action)
    assert not (let_go.isAccepted() and action == Move), "whoever dragged would delete what it dragged"
    return is_taken


def test_a_layer_of_the_palette_dropped_on_the_gutter(bench: Bench) -> None:
    below_image = bench.gutter.node_at(("image",)) + QPoint(0, bench.gutter.row_height // 2 - 2)
    assert dropped(bench, layers_mime((Flatten(name="new"),)), below_image, Copy)
    assert bench.names[:3] == ["image", "new", "conv1"]


def test_rows_dropped_on_the_gutter_are_moved(bench: Bench) -> None:
    model = bench.list.layer_model
    mime = model.mimeData([model.index_of_path(("fc",))])
    above_conv = bench.gutter.node_at(("conv1",)) - QPoint(0, bench.gutter.row_height // 2 - 2)
    assert dropped(bench, mime, above_conv, Move)
    assert bench.names[:3] == ["image", "fc", "conv1"]


def test_files_are_left_to_the_window(bench: Bench) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("net.yaml")])
    assert not dropped(bench, mime, QPoint(5, 5), Copy)
    QApplication.sendEvent(bench.gutter, QDragLeaveEvent())
    assert bench.names[:2] == ["image", "conv1"]


def shown_paths(bench: Bench) -> list[tuple[str, ...]]:
    """The rows of the list from the top to the bottom, as the view has them."""
    view, paths = bench.list, []
    index = view.layer_model.index(0, 0)
    while index.isValid():
        paths.append(view.layer_model.path_of(index))
        index = view.indexBelow(index)
    return paths


@pytest.mark.parametrize("seed", range(3))
def test_the_rails_stay_beside_their_rows_whatever_happens(bench: Bench, seed: int) -> None:
    """Edits, undo and redo, blocks that open and fold, in any order."""
    chance = random.Random(seed)
    for _ in range(60):
        blocks = [bench.list.layer_model.path_of(index) for index in bench.list.layer_model.block_indexes()]
        try:
            if chance.random() < 0.4 and blocks:
                bench.state.set_open(chance.choice(blocks), is_open=chance.random() < 0.6)
            else:
                take_random_step(bench.document, chance)
        except EditError:
            continue
        assert list(bench.gutter.graph.paths) == shown_paths(bench)
