"""Connecting by dragging in the gutter, as the pointer's events arrive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.railed_list import RailedList
from cnnstudio.core import edits
from cnnstudio.core.network.design import Design, find
from cnnstudio.layers.merge import Add
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of
from tests.networks import conv

Left, Right, NoButton = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
Plain = Qt.KeyboardModifier.NoModifier
_Kind = QEvent.Type


def design(extra: int = 0) -> Design:
    """`image`, `a`, `b`, `add` of `b` and `image`, `end`, and some more."""
    return Design(
        layers=(
            Input(name="image", size=(8, 8), channels=4),
            conv("a"),
            conv("b"),
            Add(name="add", inputs=("b", "image")),
            conv("end"),
            *(Flatten(name=f"f{number}") for number in range(extra)),
        )
    )


class Hand:
    """A pointer over a list with its rails."""

    def __init__(self, document: Document, qtbot: QtBot) -> None:
        self.document = document
        self.state = ViewState(document, document)
        self.railed = RailedList(document, self.state, Theme("light"))
        self.gutter, self.drag = self.railed.gutter, self.railed.gutter.drag
        self.refused: list[str] = []
        self.noted: list[str] = []
        document.refused.connect(self.refused.append)
        document.noted.connect(self.noted.append)
        qtbot.addWidget(self.railed)
        self.railed.resize(340, 200)
        self.railed.show()

    def send(
        self, kind: QEvent.Type, point: QPoint, button: Qt.MouseButton = Left, keys: Qt.KeyboardModifier = Plain
    ) -> None:
        is_up = kind == _Kind.MouseButtonRelease
        moved = kind == _Kind.MouseMove
        event = QMouseEvent(
            kind,
            QPointF(point),
            QPointF(self.gutter.mapToGlobal(point)),
            NoButton if moved else button,
            NoButton if is_up else button,
            keys,
        )
        QApplication.sendEvent(self.gutter, event)

    def place(self, name: str) -> QPoint:
        return self.gutter.node_at((name,))

    def hold(self, source: str, target: str) -> None:
        """Drags from the node of a layer over the row of another, and holds."""
        begin, end = self.place(source), self.place(target) + QPoint(120, 3)
        self.send(_Kind.MouseButtonPress, begin)
        for part in (0.3, 0.7, 1.0):
            self.send(_Kind.MouseMove, (begin + (end - begin) * part))

    def let_go(self, target: str) -> None:
        self.send(_Kind.MouseButtonRelease, self.place(target) + QPoint(120, 3))

    def inputs(self, name: str) -> tuple[str, ...]:
        return find(self.document.design, (name,)).inputs


@pytest.fixture
def hand(qtbot: QtBot) -> Iterator[Hand]:
    yield Hand(document_of(design()), qtbot)
    assert QApplication.overrideCursor() is None, "the pointer looks as ever"


def test_a_drop_on_a_merge_adds_an_input(hand: Hand) -> None:
    hand.hold("a", "add")
    assert hand.drag.bubble.text == "Connect a to add"
    assert hand.drag.bubble.isVisible()
    hand.let_go("add")
    assert hand.inputs("add") == ("b", "image", "a")
    assert hand.document.undo_stack.undoText() == "Connect a to add"
    assert hand.document.undo_stack.count() == 1
    assert hand.state.selection == (("add",),)
    assert not hand.drag.bubble.isVisible()
    hand.document.undo_stack.undo()
    assert hand.inputs("add") == ("b", "image")


def test_a_drop_on_another_layer_replaces_its_input_and_says_so(hand: Hand) -> None:
    hand.hold("image", "b")
    assert hand.drag.bubble.text == "Connect image to b, in place of a"
    hand.let_go("b")
    assert hand.inputs("b") == ("image",)
    assert hand.noted == ["'b' took 'a' and now takes 'image'."]


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("end", "a", "'a' comes before 'end', and connections lead to later layers; move one of them first."),
        ("image", "add", "'add' takes 'image' already."),
        ("a", "image", "'image' comes before 'a', and connections lead to later layers; move one of them first."),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(hand: Hand, source: str, target: str, reason: str) -> None:
    hand.hold(source, target)
    assert hand.drag.bubble.text == reason
    cursor = QApplication.overrideCursor()
    assert cursor is not None
    assert cursor.shape() == Qt.CursorShape.ForbiddenCursor
    hand.let_go(target)
    assert hand.refused == [reason]
    assert hand.document.undo_stack.count() == 0
    assert hand.document.design == design()


def test_shapes_that_do_not_fit_are_told_before_the_drop(qtbot: QtBot) -> None:
    layers = (*design().layers, Flatten(name="flat"), Add(name="sum", inputs=("flat", "end")))
    hand = Hand(document_of(Design(layers=layers)), qtbot)
    hand.hold("a", "sum")
    assert hand.drag.bubble.text == "Connect a to sum; the shapes do not fit"
    hand.drag.cancel()


def test_escape_cancels(hand: Hand) -> None:
    hand.hold("a", "add")
    for kind in (_Kind.ShortcutOverride, _Kind.KeyPress):
        QApplication.sendEvent(hand.railed.layers, QKeyEvent(kind, Qt.Key.Key_Escape, Plain))
    assert not hand.drag.is_active
    hand.send(_Kind.MouseMove, hand.place("add"))
    hand.let_go("add")
    assert hand.document.design == design()
    assert hand.state.selection == ()


def test_a_drop_beside_the_list_or_on_itself_does_nothing(hand: Hand) -> None:
    hand.hold("a", "a")
    assert hand.drag.bubble.text == "Drop on a later layer to connect a"
    cursor = QApplication.overrideCursor()
    assert cursor is not None
    assert cursor.shape() == Qt.CursorShape.DragLinkCursor
    hand.let_go("a")
    hand.hold("a", "add")
    far = QPoint(2_000, 20)
    hand.send(_Kind.MouseMove, far)
    assert hand.drag.target == ()
    hand.send(_Kind.MouseButtonRelease, far)
    assert hand.document.design == design()
    assert hand.refused == []


def test_an_edit_from_elsewhere_ends_the_drag(hand: Hand) -> None:
    hand.hold("a", "add")
    hand.document.apply(edits.rename(hand.document.design, ("a",), "other"))
    assert not hand.drag.is_active
    hand.let_go("add")
    assert hand.inputs("add") == ("b", "image")


def test_a_window_that_goes_and_a_button_that_is_up_end_the_drag(hand: Hand) -> None:
    hand.hold("a", "add")
    hand.railed.hide()
    assert not hand.drag.is_active
    hand.railed.show()
    hand.hold("a", "add")
    hand.send(_Kind.MouseMove, hand.place("add"), NoButton)
    assert not hand.drag.is_active


def test_a_click_selects_the_row(hand: Hand) -> None:
    for name, keys in (("a", Plain), ("end", Qt.KeyboardModifier.ControlModifier)):
        hand.send(_Kind.MouseButtonPress, hand.place(name), keys=keys)
        hand.send(_Kind.MouseButtonRelease, hand.place(name), keys=keys)
    assert hand.state.selection == (("a",), ("end",))


def test_a_right_click_selects_the_row_and_asks_for_the_menu(hand: Hand) -> None:
    asked: list[QPoint] = []
    hand.railed.layers.menu_requested.connect(asked.append)
    place = hand.place("b")
    hand.send(_Kind.MouseButtonPress, place, Right)
    hand.send(_Kind.MouseButtonRelease, place, Right)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, hand.gutter.mapToGlobal(place))
    QApplication.sendEvent(hand.gutter, event)
    assert hand.state.selection == (("b",),)
    assert asked == [hand.gutter.mapToGlobal(place)]


def test_the_pointer_and_a_tip_tell_that_one_can_drag(hand: Hand) -> None:
    hand.send(_Kind.MouseMove, hand.place("add"), NoButton)
    assert hand.gutter.cursor().shape() == Qt.CursorShape.PointingHandCursor
    place = hand.place("add")
    QApplication.sendEvent(hand.gutter, QHelpEvent(_Kind.ToolTip, place, hand.gutter.mapToGlobal(place)))
    assert hand.gutter.tip_at(place.y()) == (
        "add: takes b and image, goes to end\nDrag from here to a later layer to connect it."
    )
    assert QToolTip.text() == plain_tip(hand.gutter.tip_at(place.y()))
    hand.send(_Kind.MouseMove, QPoint(5, 199), NoButton)
    assert hand.gutter.cursor().shape() == Qt.CursorShape.ArrowCursor
    QToolTip.hideText()


def test_the_list_scrolls_while_the_pointer_is_held_at_its_edge(qtbot: QtBot) -> None:
    hand = Hand(document_of(design(60)), qtbot)
    begin = hand.place("a")
    hand.send(_Kind.MouseButtonPress, begin)
    hand.send(_Kind.MouseMove, QPoint(begin.x(), 196))
    before = hand.drag.target
    qtbot.waitUntil(lambda: hand.railed.layers.verticalScrollBar().value() > 100)
    assert hand.drag.target > before
    assert hand.drag.target != before
    hand.drag.cancel()


def test_the_wheel_scrolls_what_is_under_the_pointer(qtbot: QtBot) -> None:
    hand = Hand(document_of(design(60)), qtbot)
    hand.hold("a", "add")
    bar = hand.railed.layers.verticalScrollBar()
    bar.setValue(4 * hand.gutter.row_height)
    assert hand.drag.target == ("f2",)
    assert hand.drag.bubble.text == "Connect a to f2, in place of f1"
    hand.drag.cancel()
    bar.setValue(0)
    assert not hand.drag.bubble.isVisible()


def test_names_of_any_kind(qtbot: QtBot) -> None:
    names = ("<b>&</b>", "שלום", "n" * 200)
    layers = (Input(name=names[0], size=(8, 8), channels=4), conv(names[1]), conv(names[2]))
    hand = Hand(document_of(Design(layers=layers)), qtbot)
    hand.hold(names[0], names[2])
    assert hand.drag.bubble.text == f"Connect <b>&</b> to {'n' * 15}…{'n' * 14}, in place of שלום"
    assert hand.drag.bubble.width() < 400
    hand.drag.cancel()
    assert "<b>" in hand.gutter.tip_at(hand.place(names[0]).y())
    assert "<b>" not in plain_tip(hand.gutter.tip_at(hand.place(names[0]).y()))


def test_what_is_drawn_meanwhile(hand: Hand) -> None:
    before = hand.railed.grab().toImage()
    hand.hold("a", "add")
    during = hand.railed.grab().toImage()
    hand.hold("a", "add")
    assert during != before
    hand.drag.cancel()
    assert hand.railed.grab().toImage().size() == before.size()
