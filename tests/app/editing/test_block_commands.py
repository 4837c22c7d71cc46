"""The commands that make branches and blocks: by action, with what they ask, and undone exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit, QListWidget, QWidget

from cnnstudio.app.application import Studio
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.model import LayerTreeModel
from cnnstudio.app.layer_table.model import LayerTableModel
from cnnstudio.app.search.find_layer import FindLayer
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.authoring.blocks.branches import add_residual, branch, concatenate
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.design import Block, Design, find, structure_faults, walk
from tests.app.conftest import document_of, select, window_of
from tests.app.drawing import draw_tree
from tests.examples import share
from tests.networks import drawn
from tests.strategies import designs

SMALL = """- {type: Input, name: image, size: [8, 8], channels: 4}
- {type: Conv2D, name: one, filters: 4, kernel_size: 3, padding: same}
- {type: Activation, name: two, function: relu}
- {type: Conv2D, name: three, filters: 8, kernel_size: 3, padding: same, stride: 2}
- {type: Flatten, name: four}
"""


@pytest.fixture
def window(studio: Studio) -> MainWindow:
    """Five layers."""
    return window_of(studio, SMALL)


def shown(window: MainWindow) -> str:
    return drawn(window.document.design)


def answer(act: Callable[[QWidget], object]) -> list[str]:
    """Does something with the next dialog, once it is there; the titles of the dialogs that came."""
    titles: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(20, look)
            return
        titles.append(dialog.windowTitle())
        act(dialog)

    QTimer.singleShot(0, look)
    return titles


def test_group_and_ungroup_by_action(window: MainWindow) -> None:
    select(window, "one", "two")
    window.actions_of["group"].trigger()
    assert shown(window) == "image block_1(one two) three four"
    assert window.view_state.selection == (("block_1",),)
    assert window.view_state.is_open(("block_1",))
    assert window.document.undo_stack.undoText() == "Group 2 layers as block_1"
    window.actions_of["ungroup"].trigger()
    assert shown(window) == "image one two three four"
    assert [path[-1] for path in window.view_state.selection] == ["one", "two"]
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert shown(window) == "image one two three four"


def test_what_cannot_be_grouped_is_said(window: MainWindow) -> None:
    select(window, "image", "one")
    window.actions_of["group"].trigger()
    assert window.statusBar().currentMessage() == (
        "Nothing flows into 'image', and a block needs an input; leave it outside the block."
    )
    assert not window.document.is_modified


def test_what_had_to_change_is_said(window: MainWindow) -> None:
    select(window, "one", "two", "three")
    window.actions_of["residual"].trigger()
    assert shown(window) == "image one two three shortcut<image add_1<three,shortcut four"
    assert window.statusBar().currentMessage() == (
        "'shortcut' (1 × 1 convolution, 8 filters, stride 2) brings the 4 × 8 × 8 of 'image' to 8 × 4 × 4."
    )
    # PyTorch has no same padding with a stride, which the layers of this design had before the edit.
    assert {problem.rule for problem in window.document.analysis.problems} == {"same-padding"}


def test_what_was_said_of_an_edit_goes_with_the_next(window: MainWindow) -> None:
    select(window, "one", "two", "three")
    window.actions_of["residual"].trigger()
    assert window.statusBar().currentMessage()
    window.document.undo_stack.undo()
    assert window.statusBar().currentMessage() == ""


def test_repeat_asks_how_often(window: MainWindow) -> None:
    select(window, "one", "two")

    def say_four(dialog: QWidget) -> None:
        assert isinstance(dialog, QInputDialog)
        assert dialog.labelText() == "How often are these 2 layers repeated?"
        dialog.setIntValue(4)
        dialog.accept()

    titles = answer(say_four)
    window.actions_of["repeat"].trigger()
    assert titles == ["Repeat"]
    assert shown(window) == "image block_1×4(one two) three four"
    answer(lambda dialog: dialog.close())
    window.actions_of["repeat"].trigger()
    assert shown(window) == "image block_1×4(one two) three four"


def test_repeat_of_what_cannot_be_a_block_does_not_ask(window: MainWindow) -> None:
    select(window, "image")
    window.actions_of["repeat"].trigger()
    assert window.statusBar().currentMessage().startswith("Nothing flows into 'image'")


def test_applied_at_each_step_and_once_again(window: MainWindow) -> None:
    select(window, "one", "two")
    window.actions_of["at_each_step"].trigger()
    assert shown(window) == "image block_1(one two) three four"
    block = window.document.design.layers[1]
    assert isinstance(block, Block)
    assert block.time_distributed
    assert window.document.undo_stack.undoText() == "Apply 2 layers at each step"
    window.actions_of["at_each_step"].trigger()
    assert not getattr(window.document.design.layers[1], "time_distributed", True)
    assert window.document.undo_stack.undoText() == "Apply block_1 once"


def test_branch_in_parallel(window: MainWindow) -> None:
    select(window, "one", "two")
    window.actions_of["branch"].trigger()
    assert shown(window) == "image one two one_1<image two_1 concat_1<two,two_1 three four"
    select(window, "two_1", "concat_1")
    window.actions_of["branch"].trigger()
    assert window.statusBar().currentMessage().startswith("'concat_1' joins several branches")


def test_concatenate_with_what_is_chosen(window: MainWindow) -> None:
    select(window, "two")
    rows: list[str] = []

    def choose_image(dialog: QWidget) -> None:
        assert isinstance(dialog, FindLayer)
        found, line = dialog.findChild(QListWidget), dialog.findChild(QLineEdit)
        assert isinstance(found, QListWidget)
        assert isinstance(line, QLineEdit)
        rows.extend(found.item(row).text() for row in range(found.count()))
        QTest.keyClicks(line, "image")
        QTest.keyClick(line, Qt.Key.Key_Return)

    titles = answer(choose_image)
    window.actions_of["concatenate"].trigger()
    assert titles == ["Concatenate two with"]
    assert rows == ["one   4 × 8 × 8", "image   4 × 8 × 8"]
    assert shown(window) == "image one two concat_1<two,image three four"


def test_concatenate_says_what_has_another_size_and_can_be_left(window: MainWindow) -> None:
    select(window, "three")
    rows: list[str] = []

    def look_and_leave(dialog: QWidget) -> None:
        found = dialog.findChild(QListWidget)
        assert isinstance(found, QListWidget)
        rows.extend(found.item(row).text() for row in range(found.count()))
        dialog.close()

    answer(look_and_leave)
    window.actions_of["concatenate"].trigger()
    assert rows[0] == "two   4 × 8 × 8, another size"
    assert not window.document.is_modified


def test_concatenate_of_several_asks_nothing(window: MainWindow) -> None:
    select(window, "one", "two")
    window.actions_of["concatenate"].trigger()
    assert shown(window) == "image one two concat_1<one,two three four"
    select(window, "image")
    window.actions_of["concatenate"].trigger()
    assert window.statusBar().currentMessage() == "Choose another layer to concatenate it with."


def some_edit(data: st.DataObject, design: Design) -> Edit:
    """A random structural edit; EditError where it is not possible."""
    paths = [path for path, _ in walk(design.layers)]
    some = data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3))
    parents = [(), *(path for path, item in walk(design.layers) if isinstance(item, Block))]
    parent = data.draw(st.sampled_from(parents))
    place = (parent, data.draw(st.integers(0, len(edits.items_of(design, parent)))))
    make: Callable[[], Edit] = data.draw(
        st.sampled_from(
            [
                lambda: edits.group(design, some),
                lambda: edits.ungroup(design, some),
                lambda: edits.repeat(design, some, 2),
                lambda: edits.move(design, some, place),
                lambda: edits.remove(design, some),
                lambda: edits.insert(design, place, [find(design, path) for path in some]),
                lambda: add_residual(analyze(design), some),
                lambda: branch(analyze(design), some),
                lambda: concatenate(analyze(design), some),
            ]
        )
    )
    return make()


@pytest.mark.usefixtures("qapp")
@given(data=st.data(), design=designs())
@share(1 / 2)
def test_any_sequence_of_structural_edits_is_shown_right_and_undone_exactly(
    data: st.DataObject, design: Design
) -> None:
    document = document_of(design)
    view_state = ViewState(document, document)
    tree, table = LayerTreeModel(document, document), LayerTableModel(document, view_state, parent=document)
    for model in (tree, table):
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    for path, item in walk(design.layers):
        if isinstance(item, Block):
            view_state.set_open(path, is_open=True)
    stages = [design]
    for _ in range(4):
        if not document.design.layers:
            break
        try:
            edit = some_edit(data, document.design)
        except EditError:
            continue
        document.apply(edit)
        assert list(structure_faults(document.design.layers)) == []
        assert draw_tree(tree) == outline(document.design)
        if document.design != stages[-1]:
            stages.append(document.design)
    for stage in reversed(stages[:-1]):
        document.undo_stack.undo()
        assert document.design == stage
        assert draw_tree(tree) == outline(stage)
    document.undo_stack.setIndex(document.undo_stack.count())
    assert document.design == stages[-1]


def outline(design: Design) -> str:
    return "\n".join("  " * (len(path) - 1) + path[-1] for path, _ in walk(design.layers))
