"""The layer list as a view: selection, names in place, folding, and drops as Qt delivers them."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QItemSelectionModel, QMimeData, QModelIndex, QPoint, Qt, QUrl
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.layer_mime import layers_mime
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.view import LayerList
from cnnstudio.app.layer_table.view import LayerTable
from cnnstudio.core import edits
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Block, Design, ItemPath, find, walk
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of
from tests.app.dragging import Copy, Move, drop, enter, move_over
from tests.app.drawing import draw_tree
from tests.app.layer_list.test_model import small, take_random_step

Indicator = QAbstractItemView.DropIndicatorPosition


class ListBench:
    """A list, shown, with what it shares."""

    def __init__(self, document: Document, qtbot: QtBot) -> None:
        self.document = document
        self.state = ViewState(document, document)
        self.list = LayerList(document, self.state, Theme("light"))
        qtbot.addWidget(self.list)
        self.list.resize(340, 300)
        self.list.show()

    @property
    def drawing(self) -> str:
        return draw_tree(self.list.layer_model)

    def index(self, *path: str) -> QModelIndex:
        return self.list.layer_model.index_of_path(path)

    def drop(
        self, mime: QMimeData, *path: str, below: bool = True, onto: bool = False, action: Qt.DropAction = Move
    ) -> bool:
        """A drag that comes over a row and is let go; whether it was taken."""
        rect = self.list.visualRect(self.index(*path))
        y = rect.center().y() if onto else rect.bottom() if below else rect.top()
        point = QPoint(rect.center().x(), y)
        keys = Qt.KeyboardModifier.ControlModifier if action == Copy else Qt.KeyboardModifier.NoModifier
        viewport = self.list.viewport()
        enter(viewport, mime, point, keys)
        is_taken = move_over(viewport, mime, point, action, keys).isAccepted()
        drop(viewport, mime, point, action, keys)
        return is_taken

    def dragged(self, *paths: tuple[str, ...]) -> QMimeData:
        return self.list.layer_model.mimeData([self.index(*path) for path in paths])


@pytest.fixture
def parts(qtbot: QtBot) -> ListBench:
    """`image`, the block `stage` with `a` and `r`, and `flat`."""
    return ListBench(small(), qtbot)


def test_selecting_here_selects_everywhere_in_the_order_of_the_list(parts: ListBench) -> None:
    model = parts.list.selectionModel()
    for path in (("flat",), ("image",)):
        model.select(parts.index(*path), QItemSelectionModel.SelectionFlag.Select)
    assert parts.state.selection == (("image",), ("flat",))


def test_selecting_elsewhere_opens_the_block_and_scrolls_there(parts: ListBench) -> None:
    parts.state.select((("stage", "r"),))
    assert parts.list.isExpanded(parts.index("stage"))
    assert parts.list.selectionModel().selectedRows() == [parts.index("stage", "r")]
    assert parts.list.currentIndex() == parts.index("stage", "r")
    assert parts.list.viewport().rect().contains(parts.list.visualRect(parts.index("stage", "r")))


def test_folding_goes_both_ways(parts: ListBench) -> None:
    parts.list.expand(parts.index("stage"))
    assert parts.state.is_open(("stage",))
    parts.state.set_open(("stage",), is_open=False)
    assert not parts.list.isExpanded(parts.index("stage"))


def test_there_is_always_a_current_row(parts: ListBench) -> None:
    assert parts.list.currentIndex() == parts.index("image")
    assert parts.state.selection == ()


def test_a_name_is_refused_in_place_and_the_row_stays(parts: ListBench) -> None:
    said: list[str] = []
    parts.document.refused.connect(said.append)
    assert not parts.list.model().setData(parts.index("flat"), "image")
    assert said == ["the name 'image' is taken; names are unique in a list."]
    assert parts.drawing == "image\nstage\n  a\n  r\nflat"


# Drops.


def test_a_drop_between_rows(parts: ListBench) -> None:
    assert parts.drop(parts.dragged(("flat",)), "image")
    assert parts.drawing == "image\nflat\nstage\n  a\n  r"
    parts.document.undo_stack.undo()
    assert parts.drawing == "image\nstage\n  a\n  r\nflat"


def test_a_drop_onto_a_block_is_into_it(parts: ListBench) -> None:
    assert parts.drop(parts.dragged(("flat",)), "stage", onto=True)
    assert parts.drawing == "image\nstage\n  a\n  r\n  flat"


def test_a_drop_that_links_uses_the_weights_again(parts: ListBench) -> None:
    parts.list.expand(parts.index("stage"))
    assert parts.drop(parts.dragged(("stage", "a")), "stage", action=Qt.DropAction.LinkAction)
    # Put above it, it is the first of the two, and has the weights.
    assert parts.drawing == "image\nstage\n  a_1\n  a\n  r\nflat"
    assert find(parts.document.design, ("stage", "a")).shares == "stage/a_1"


def test_a_drop_below_the_head_of_an_open_block_is_above_what_is_in_it(parts: ListBench) -> None:
    parts.list.expand(parts.index("stage"))
    assert parts.drop(parts.dragged(("flat",)), "stage")
    assert parts.drawing == "image\nstage\n  flat\n  a\n  r"
    parts.document.undo_stack.undo()
    assert parts.drop(parts.dragged(("flat",)), "stage", action=Copy)
    assert parts.drawing == "image\nstage\n  flat\n  a\n  r\nflat"


def test_a_drop_below_a_folded_block_is_behind_it(parts: ListBench) -> None:
    assert parts.drop(parts.dragged(("stage", "a")), "stage")
    assert parts.drawing == "image\nstage\n  r\na\nflat"


def test_a_drop_below_the_last_of_a_block_is_the_last_of_it(parts: ListBench) -> None:
    parts.list.expand(parts.index("stage"))
    assert parts.drop(parts.dragged(("flat",)), "stage", "r")
    assert parts.drawing == "image\nstage\n  a\n  r\n  flat"
    assert parts.drop(parts.dragged(("stage", "a")), "stage", below=False)
    assert parts.drawing == "image\na\nstage\n  r\n  flat"


def test_a_drop_of_several_keeps_their_order(parts: ListBench) -> None:
    assert parts.drop(parts.dragged(("flat",), ("image",)), "stage", below=False)
    assert parts.drawing.splitlines()[:2] == ["image", "flat"]


def test_a_block_is_not_dropped_into_itself(parts: ListBench) -> None:
    parts.list.expand(parts.index("stage"))
    assert not parts.drop(parts.dragged(("stage",)), "stage", "a")
    assert parts.drawing == "image\nstage\n  a\n  r\nflat"
    assert parts.document.undo_stack.count() == 0


def test_with_control_a_drop_copies(parts: ListBench) -> None:
    assert parts.drop(parts.dragged(("flat",)), "image", action=Copy)
    assert parts.drawing == "image\nflat_1\nstage\n  a\n  r\nflat"


def test_layers_of_another_window_are_copied_and_stay_there(parts: ListBench, qtbot: QtBot) -> None:
    other = ListBench(small(), qtbot)
    assert parts.drop(other.dragged(("stage",)), "flat", below=True)
    assert parts.drawing.splitlines()[-3:] == ["stage_1", "  a", "  r"]
    assert other.drawing == "image\nstage\n  a\n  r\nflat"


def test_a_layer_type_of_the_palette(parts: ListBench) -> None:
    assert parts.drop(layers_mime((Conv2D(name="", filters=3, kernel_size=1),)), "image", action=Copy)
    assert parts.drawing.splitlines()[1] == "conv2d_1"


def test_text_that_is_no_layers_is_refused_with_a_sentence(parts: ListBench) -> None:
    said: list[str] = []
    parts.document.refused.connect(said.append)
    mime = QMimeData()
    mime.setText("just text")
    parts.drop(mime, "image")
    assert said[0].startswith("what was dropped is not a list of layers:")
    assert parts.document.undo_stack.count() == 0


def test_files_are_left_to_the_window(parts: ListBench) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/tmp/net.yaml")])
    assert not parts.drop(mime, "image", action=Copy)
    assert parts.drawing == "image\nstage\n  a\n  r\nflat"


# Sizes and names that nobody expects.


def test_a_thousand_layers_selected_deleted_and_back(qtbot: QtBot) -> None:
    layers = (Input(name="image", size=(8, 8), channels=3), *(Flatten(name=f"f{n}") for n in range(999)))
    parts = ListBench(document_of(Design(layers=layers)), qtbot)
    parts.list.selectAll()
    assert len(parts.state.selection) == 1_000
    parts.document.apply(edits.remove(parts.document.design, parts.state.selection[1:]))
    assert parts.drawing == "image"
    parts.document.undo_stack.undo()
    assert parts.list.layer_model.rowCount() == 1_000
    assert len(parts.list.selectionModel().selectedRows()) == 1_000, "as before the deletion"


@pytest.mark.parametrize("width", [60, 340, 1200])
@pytest.mark.parametrize("name", ["😀" * 20, "n" * 300, "שלום עולם"])
def test_rows_are_drawn_at_any_width(qtbot: QtBot, width: int, name: str) -> None:
    parts = ListBench(document_of(Design(layers=(Input(name=name, size=(8, 8), channels=3),))), qtbot)
    parts.list.resize(width, 200)
    image = parts.list.grab().toImage()
    assert image.width() == width


@pytest.mark.parametrize("seed", range(3))
def test_what_is_selected_stays_selected_through_random_runs(resnet: Document, seed: int, qtbot: QtBot) -> None:
    """Whatever an edit does to the rows, list and table mark the same layers, and the list draws what it should."""
    parts = ListBench(resnet, qtbot)
    table = LayerTable(resnet, parts.state, Theme("light"))
    qtbot.addWidget(table)
    model, lines = parts.list.layer_model, table.grid.layers
    chance = random.Random(seed)
    for _ in range(60):
        paths = [path for path, _ in walk(resnet.design.layers)]
        parts.state.select(tuple(chance.sample(paths, min(len(paths), chance.choice([1, 2, 5])))))
        try:
            take_random_step(resnet, chance)
        except EditError:
            continue
        chosen = parts.list.selectionModel().selectedRows()
        assert {model.path_of(index) for index in chosen} == set(parts.state.selection)
        shown = {line.path for line in lines.lines} & set(parts.state.selection)
        assert {lines.path_of(index) for index in table.grid.selectionModel().selectedRows()} == shown


# Painting.


def deep_document() -> Document:
    """Blocks in blocks, with layers behind each, and one that holds nothing."""
    inner = Block(name="inner", layers=(Flatten(name="a"), Flatten(name="b")))
    outer = Block(name="outer", layers=(inner, Flatten(name="c"), Block(name="empty", layers=())))
    return document_of(
        Design(name="deep", layers=(Input(name="image", size=(8, 8), channels=3), outer, Flatten(name="d")))
    )


@pytest.mark.parametrize("opened", [(), (("outer",),), (("outer",), ("outer", "inner")), (("outer", "inner"),)])
def test_rows_are_painted_where_qt_has_them(opened: tuple[ItemPath, ...], qtbot: QtBot) -> None:
    parts = ListBench(deep_document(), qtbot)
    for path in opened:
        parts.state.set_open(path, is_open=True)
    model, index = parts.list.layer_model, parts.list.layer_model.index(0, 0)
    while index.isValid():
        rows = list(model.shown_from(index, parts.state.is_open))
        expected = [model.path_of(index)]
        below = parts.list.indexBelow(index)
        while below.isValid():
            expected.append(model.path_of(below))
            below = parts.list.indexBelow(below)
        assert [row.path for row in rows] == expected
        assert parts.list.visualRect(index).left() == parts.list.indentation() * len(rows[0].path)
        index = parts.list.indexBelow(index)


def test_the_row_of_the_keyboard_is_marked_where_it_is_not_the_selected_one(qtbot: QtBot) -> None:
    parts = ListBench(small(), qtbot)
    parts.list.setFocus()
    qtbot.waitUntil(parts.list.hasFocus)
    accent, selection = Theme("light").colour("accent"), Theme("light").colour("selection")

    def corner(*path: str) -> QColor:
        rect = parts.list.visualRect(parts.index(*path))
        return parts.list.viewport().grab().toImage().pixelColor(rect.topLeft())

    first, second = (item.name for item in parts.document.design.layers[:2])
    parts.state.select(((first,),))
    assert corner(first) == selection
    parts.list.selectionModel().setCurrentIndex(parts.index(second), QItemSelectionModel.SelectionFlag.NoUpdate)
    assert (corner(first), corner(second)) == (selection, accent)


def test_what_the_code_in_sight_cannot_say_has_a_mark_and_the_reason(parts: ListBench) -> None:
    before = parts.list.viewport().grab().toImage()
    parts.state.set_unsayable({("stage", "a"): "PyTorch: no such padding"})
    assert parts.list.viewport().grab().toImage() != before, "the block around it is marked, too"
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        assert "PyTorch: no such padding" in str(parts.index("stage", "a").data(role))
    parts.state.set_unsayable({})
    assert parts.list.viewport().grab().toImage() == before
