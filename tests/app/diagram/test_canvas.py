"""The diagram on its canvas: clicks, keys, wheel, drags, overview; what is selected and what is gone to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import LIGHT
from cnnstudio.app.diagram.content import Content, DiagramOptions, colours_of, content_of, neighbour
from cnnstudio.app.diagram.panel import DiagramPanel
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design
from cnnstudio.formats.builtin import open_design
from tests.app.diagram.diagram_bench import FIRST, boxes, click, middle, selected, texts, things

pytestmark = pytest.mark.usefixtures("qapp")


# Selection.


def test_a_click_selects_everywhere_and_with_ctrl_more(panel: DiagramPanel, state: ViewState) -> None:
    click(panel, middle(panel, ("conv1",)))
    assert selected(state) == [("conv1",)]
    click(panel, middle(panel, ("maxpool",)), Qt.KeyboardModifier.ControlModifier)
    assert selected(state) == [("conv1",), ("maxpool",)]
    assert [path for path, item in things(panel, "box").items() if item.is_marked] == selected(state)
    click(panel, QPoint(3, 3))
    assert selected(state) == []


def test_a_selection_elsewhere_is_shown_and_gone_to(panel: DiagramPanel, state: ViewState, qtbot: QtBot) -> None:
    path = ("layer4", "first", "conv2")
    state.select((path,))
    qtbot.waitUntil(lambda: path in boxes(panel))
    item = things(panel, "box")[path]
    assert item.is_marked
    seen = panel.view.mapToScene(panel.view.viewport().rect()).boundingRect()
    assert seen.contains(QRectF(*item.thing.bounds))
    assert "layer4/first/conv2" in panel.view.accessibleDescription()
    edges = [shown for shown in panel.view.shown.values() if shown.thing.kind == "edge" and shown.is_marked]
    assert {(edge.thing.source[-1], edge.thing.path[-1]) for edge in edges} == {("relu1", "conv2"), ("conv2", "bn2")}


def test_a_click_on_the_arrow_folds_and_opens_and_the_block_stays_where_it_is(
    panel: DiagramPanel, state: ViewState, qtbot: QtBot
) -> None:
    left, top, width, _ = things(panel, "box")[("layer1",)].thing.bounds
    click(panel, panel.view.mapFromScene(QPointF(left + width - 12, top + 14)))
    assert state.is_open(("layer1",))
    qtbot.waitUntil(lambda: ("layer1",) in things(panel, "frame"))
    left, top, _, _ = things(panel, "frame")[("layer1",)].thing.bounds
    before = panel.view.mapFromScene(QPointF(left, top))
    click(panel, panel.view.mapFromScene(QPointF(left + 10, top + 12)))
    assert not state.is_open(("layer1",))
    qtbot.waitUntil(lambda: ("layer1",) in boxes(panel))
    left, top, _, _ = things(panel, "box")[("layer1",)].thing.bounds
    assert abs(panel.view.mapFromScene(QPointF(left, top)).y() - before.y()) <= 2
    assert selected(state) == []


def test_folding_elsewhere_does_not_go_back_to_what_is_selected(
    panel: DiagramPanel, state: ViewState, qtbot: QtBot
) -> None:
    panel.view.set_zoom(2.0)
    state.select((("fc",),))
    panel.view.verticalScrollBar().setValue(0)
    panel.view.horizontalScrollBar().setValue(0)
    panel.view.fold_requested.emit(("layer1",), True)
    qtbot.waitUntil(lambda: ("layer1",) in things(panel, "frame"))
    seen = panel.view.mapToScene(panel.view.viewport().rect()).boundingRect()
    assert not seen.intersects(QRectF(*things(panel, "box")[("fc",)].thing.bounds))


def test_undo_goes_to_what_it_changes(panel: DiagramPanel, state: ViewState, resnet: Document, qtbot: QtBot) -> None:
    panel.view.set_zoom(2.0)
    state.select((("fc",),))
    resnet.attempt(lambda: edits.set_field(resnet.design, (("fc",),), "units", 2000))
    qtbot.waitUntil(lambda: "2000" in texts(panel))
    panel.view.verticalScrollBar().setValue(0)
    resnet.undo_stack.undo()
    qtbot.waitUntil(lambda: "2000" not in texts(panel))
    seen = panel.view.mapToScene(panel.view.viewport().rect()).boundingRect()
    assert seen.contains(QRectF(*things(panel, "box")[("fc",)].thing.bounds))


def test_a_double_click_opens_a_block(panel: DiagramPanel, state: ViewState) -> None:
    QTest.mouseDClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel, ("layer1",)))
    assert state.is_open(("layer1",))


# Keys, wheel and pointer.


def test_arrow_keys_walk_along_the_network(panel: DiagramPanel, state: ViewState) -> None:
    view = panel.view
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert selected(state) == [("image",)]
    for expected in ("conv1", "bn1", "relu"):
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert selected(state) == [(expected,)]
    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert selected(state) == [("bn1",), ("relu",)]


def test_arrow_keys_cross_branches(panel: DiagramPanel, state: ViewState, qtbot: QtBot) -> None:
    state.select(((*FIRST, "conv1"),))
    qtbot.waitUntil(lambda: (*FIRST, "conv1") in boxes(panel))
    QTest.keyClick(panel.view, Qt.Key.Key_Right)
    assert selected(state) == [(*FIRST, "downsample")]
    QTest.keyClick(panel.view, Qt.Key.Key_Left)
    assert selected(state) == [(*FIRST, "conv1")]


def test_space_folds_and_opens_the_selected_block(panel: DiagramPanel, state: ViewState) -> None:
    state.select((("layer1",),))
    QTest.keyClick(panel.view, Qt.Key.Key_Space)
    assert state.is_open(("layer1",))


def test_keys_magnify(panel: DiagramPanel) -> None:
    view = panel.view
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.zoom == 1.0
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom == pytest.approx(1.2)
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert view.zoom == pytest.approx(1.0)
    QTest.keyClick(view, Qt.Key.Key_9)
    seen = view.mapToScene(view.viewport().rect()).boundingRect()
    assert seen.adjusted(-2, -2, 2, 2).contains(view.sceneRect())


def wheel(panel: DiagramPanel, point: QPoint, delta: int, modifiers: Qt.KeyboardModifier) -> None:
    viewport = panel.view.viewport()
    event = QWheelEvent(
        QPointF(point),
        QPointF(viewport.mapToGlobal(point)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def test_the_wheel_scrolls_and_with_ctrl_magnifies_under_the_pointer(panel: DiagramPanel) -> None:
    view = panel.view
    view.set_zoom(1.0)
    start = view.verticalScrollBar().value()
    wheel(panel, QPoint(300, 200), -120, Qt.KeyboardModifier.NoModifier)
    assert view.verticalScrollBar().value() > start
    view.set_zoom(3.0)
    before = view.mapToScene(QPoint(300, 200))
    wheel(panel, QPoint(300, 200), 120, Qt.KeyboardModifier.ControlModifier)
    assert view.zoom == pytest.approx(3.6)
    after = view.mapToScene(QPoint(300, 200))
    assert (after - before).manhattanLength() < 2


def test_a_drag_moves_the_diagram_and_selects_nothing(panel: DiagramPanel, state: ViewState) -> None:
    view = panel.view
    view.set_zoom(2.0)
    start, port = view.verticalScrollBar().value(), view.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    for y in (280, 240, 200):
        QTest.mouseMove(port, QPoint(300, y))
        QApplication.sendEvent(port, _move(port.mapToGlobal(QPoint(300, y)), QPoint(300, y)))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert view.verticalScrollBar().value() > start
    assert selected(state) == []


def _move(global_point: QPoint, point: QPoint) -> QMouseEvent:
    left = Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    return QMouseEvent(QEvent.Type.MouseMove, QPointF(point), QPointF(global_point), left, left, none)


def test_the_overview_is_shown_where_only_a_part_is_seen_and_leads_there(panel: DiagramPanel) -> None:
    view = panel.view
    view.set_zoom(2.0)
    assert view.overview.isVisible()
    QTest.mouseClick(view.overview, Qt.MouseButton.LeftButton, pos=QPoint(12, view.overview.height() - 8))
    assert view.verticalScrollBar().value() > view.verticalScrollBar().maximum() * 0.8
    place = view.verticalScrollBar().value()
    for is_wanted in (False, True):
        panel.tools.overview.setChecked(is_wanted)
        assert view.overview.isVisible() is is_wanted
        assert (view.zoom, view.verticalScrollBar().value()) == (2.0, place)
    view.fit()
    assert not view.overview.isVisible()


def content(design: Design, *, style: str = "boxes") -> Content:
    look = DiagramOptions("volumes" if style == "volumes" else "boxes")
    found = content_of(analyze(design), (), look, colours_of(LIGHT))
    assert found is not None
    return found


@given(st.sampled_from(["googlenet", "u-net", "two-stream"]), st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]))
def test_a_neighbour_lies_where_it_was_looked_for(name: str, step: tuple[int, int]) -> None:
    shown = content(open_design(name).design)
    for path, (left, top, width, height) in shown.areas.items():
        found = neighbour(shown, path, step)
        if found is None:
            continue
        assert found not in shown.frames
        x, y, w, h = shown.areas[found]
        ahead = (x + w / 2 - left - width / 2) * step[0] + (y + h / 2 - top - height / 2) * step[1]
        assert ahead > 0
