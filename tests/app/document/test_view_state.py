"""State that views share beside the document."""

from __future__ import annotations

from msgspec import structs
from pytestqt.qtbot import QtBot

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.core import edits
from cnnstudio.core.edits import Edit


def count_by(state: ViewState, convention: str) -> None:
    """Switches the convention of the design."""
    document = state._document
    document.apply(Edit(structs.replace(document.design, convention=convention), "Count", ()))


def test_another_convention_that_writes_shapes_otherwise_tells_every_view(alexnet: Document, qtbot: QtBot) -> None:
    state = ViewState(alexnet)
    with qtbot.waitSignal(state.shape_order_changed, timeout=1000):
        count_by(state, "keras")
    assert state.is_channels_last


def test_a_convention_with_the_same_order_tells_nobody(alexnet: Document, qtbot: QtBot) -> None:
    state = ViewState(alexnet)
    with qtbot.assertNotEmitted(state.shape_order_changed):
        count_by(state, "caffe")


def test_a_chosen_order_stays_under_every_convention(alexnet: Document, qtbot: QtBot) -> None:
    state = ViewState(alexnet)
    state.set_channels_last(False)
    with qtbot.assertNotEmitted(state.shape_order_changed):
        count_by(state, "keras")
    assert not state.is_channels_last


def test_faults_lie_in_their_layer_and_the_blocks_around_it(resnet: Document) -> None:
    state = ViewState(resnet)
    assert state.at_fault == frozenset()
    resnet.apply(edits.set_field(resnet.design, [("layer1", "conv2")], "groups", 7))
    assert state.at_fault == {("layer1",), ("layer1", "conv2")}
    assert resnet.analysis.totals.uncounted, "what is below it is unknown, and not at fault"
    resnet.undo_stack.undo()
    assert state.at_fault == frozenset()
