"""Layers dropped on the diagram: on a connection, after a box, into a block; and the sign of where they would go."""

from __future__ import annotations

from itertools import pairwise
from math import dist

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.diagram.drop_targets import corners
from cnnstudio.app.diagram.panel import DiagramPanel
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.layer_drops import dragged
from cnnstudio.app.document.layer_mime import layers_mime
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.network.design import Design, Item, ItemPath
from cnnstudio.layers.merge import Add
from cnnstudio.layers.normalization import BatchNorm
from tests.app.diagram.diagram_bench import middle, shown_with_state
from tests.app.dragging import Copy, Move, drop, enter, move_over
from tests.networks import chain, conv, design_of, drawn, relu, residual

pytestmark = pytest.mark.usefixtures("qapp")

NORM = BatchNorm(name="norm")


class DropBench:
    """A diagram to drop on."""

    def __init__(self, design: Design, theme: Theme, settings: Settings, qtbot: QtBot) -> None:
        self.panel, self.document, self.state = shown_with_state(design, theme, settings, qtbot)

    def edge(self, source: ItemPath, target: ItemPath) -> QPoint:
        """The middle of the longest piece of a connection, on the viewport."""
        content = self.panel.view.content
        assert content is not None
        edge = next(group for group in content.drawing.groups if (group.source, group.path) == (source, target))
        first, last = max(pairwise(corners(edge)), key=lambda ends: dist(*ends))
        return self.panel.view.mapFromScene(QPointF((first[0] + last[0]) / 2, (first[1] + last[1]) / 2))

    def drop(self, mime: QMimeData, at: QPoint, action: Qt.DropAction = Copy) -> str:
        """The design after a drop."""
        viewport = self.panel.view.viewport()
        assert enter(viewport, mime, at).isAccepted()
        assert move_over(viewport, mime, at, action).isAccepted()
        drop(viewport, mime, at, action)
        assert self.panel.view.drop_target is None
        return drawn(self.document.design)

    def move(self, *paths: ItemPath, to: QPoint) -> str:
        """The design after layers of it were dragged there."""
        return self.drop(dragged(self.document, paths), to, Move)


def bench_of(theme: Theme, settings: Settings, qtbot: QtBot, *items: Item) -> DropBench:
    return DropBench(design_of(*items), theme, settings, qtbot)


@pytest.fixture
def branches(theme: Theme, settings: Settings, qtbot: QtBot) -> DropBench:
    """A shortcut around a convolution: `image` feeds `a` and `sum`."""
    return bench_of(theme, settings, qtbot, conv("a"), Add(name="sum", inputs=("a", "image")), relu("out"))


def test_a_drop_on_a_connection_is_on_that_one_alone(branches: DropBench) -> None:
    on_shortcut = branches.edge(("image",), ("sum",))
    assert branches.drop(layers_mime((NORM,)), on_shortcut) == "image a norm<image sum<a,norm out"
    assert branches.state.selection == (("norm",),)
    assert branches.document.undo_stack.undoText() == "Insert norm between image and sum"
    branches.document.undo_stack.undo()
    assert drawn(branches.document.design) == "image a sum<a,image out"


def test_a_layer_is_moved_onto_a_connection(branches: DropBench) -> None:
    assert branches.move(("out",), to=branches.edge(("a",), ("sum",))) == "image a out sum<out,image"


def test_on_its_own_connection_a_layer_stays(branches: DropBench) -> None:
    before = branches.document.design
    branches.move(("a",), to=branches.edge(("a",), ("sum",)))
    assert branches.document.design is before
    assert not branches.document.is_modified


def test_a_merge_goes_above_what_the_connection_leads_to(branches: DropBench) -> None:
    at = branches.edge(("sum",), ("out",))
    assert branches.drop(layers_mime((Add(name="join"),)), at) == "image a sum<a,image join out"
    assert branches.document.analysis.errors


def test_a_drop_on_a_box_is_after_it(branches: DropBench) -> None:
    at = middle(branches.panel, ("a",))
    assert branches.drop(layers_mime((NORM,)), at) == "image a norm sum<norm,image out"


def test_a_drop_where_nothing_lies_is_at_the_end(branches: DropBench) -> None:
    assert branches.drop(layers_mime((NORM,)), QPoint(4, 480)) == "image a sum<a,image out norm"


def test_copies_of_the_own_layers_are_put_in_too(branches: DropBench) -> None:
    mime = dragged(branches.document, [("a",)])
    assert branches.drop(mime, branches.edge(("sum",), ("out",))) == "image a sum<a,image a_1 out"


def test_the_ways_into_and_out_of_a_block(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    bench = DropBench(residual(), theme, settings, qtbot)
    bench.state.set_open(("stage",), is_open=True)
    bench.panel.refresh()
    first = layers_mime((relu("first"),))
    shown = bench.drop(first, bench.edge(("stage",), ("stage", "a")))
    assert shown == "image stage×2(first a short<input norm sum<a,norm) flat"
    bench.panel.refresh()
    last = layers_mime((relu("last"),))
    assert bench.drop(last, bench.edge(("stage", "sum"), ("stage",))).endswith("sum<a,norm last) flat")


def test_a_block_is_not_moved_into_itself(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    bench = DropBench(residual(), theme, settings, qtbot)
    bench.state.set_open(("stage",), is_open=True)
    bench.panel.refresh()
    mime, viewport = dragged(bench.document, [("stage",)]), bench.panel.view.viewport()
    at = middle(bench.panel, ("stage", "a"))
    enter(viewport, mime, at)
    assert not move_over(viewport, mime, at, Move).isAccepted()
    assert bench.panel.view.drop_target is None


def test_the_sign_shows_where_and_goes_with_the_drag(branches: DropBench) -> None:
    viewport, mime = branches.panel.view.viewport(), layers_mime((NORM,))
    plain = viewport.grab().toImage()
    enter(viewport, mime, branches.edge(("image",), ("sum",)))
    target = branches.panel.view.drop_target
    assert target is not None
    assert target.connection is not None
    assert target.connection.source == "image"
    assert viewport.grab().toImage() != plain
    QApplication.sendEvent(viewport, QDragLeaveEvent())
    assert viewport.grab().toImage() == plain


def test_files_are_left_to_the_window(branches: DropBench) -> None:
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/tmp/net.yaml")])
    assert not enter(branches.panel.view.viewport(), files).isAccepted()


def test_text_that_is_no_list_of_layers_is_refused_with_a_sentence(branches: DropBench, qtbot: QtBot) -> None:
    text = QMimeData()
    text.setText("hello")
    with qtbot.waitSignal(branches.document.refused) as refused:
        branches.drop(text, branches.edge(("a",), ("sum",)))
    assert refused.args[0].startswith("what was dropped is not a list of layers")


def test_an_empty_diagram_takes_the_first_layers(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    bench = DropBench(Design(), theme, settings, qtbot)
    mime = layers_mime(chain().layers)
    assert enter(bench.panel, mime).isAccepted()
    drop(bench.panel, mime, action=Copy)
    assert drawn(bench.document.design) == "image conv relu flat"


def test_it_opens_at_what_is_selected(
    resnet: Document, state: ViewState, theme: Theme, settings: Settings, qtbot: QtBot
) -> None:
    state.select((("fc",),))
    panel = DiagramPanel(resnet, state, theme, settings)
    qtbot.addWidget(panel)
    panel.resize(700, 300)
    panel.show()
    qtbot.waitExposed(panel)
    assert panel.view.viewport().rect().contains(middle(panel, ("fc",)))
    panel.hide()
    state.select((("conv1",),))
    panel.show()
    assert panel.view.viewport().rect().contains(middle(panel, ("conv1",)))
