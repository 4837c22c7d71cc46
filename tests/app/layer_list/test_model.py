"""The model behind the layer list: drawings before and after, under Qt's own model tester."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QTreeView

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.layer_mime import layers_mime
from cnnstudio.app.layer_list.model import LayerTreeModel, Role
from cnnstudio.core import edits
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import Block, Design, Item, walk
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of
from tests.app.drawing import draw_tree

_Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
_ROOT = QModelIndex()


def small() -> Document:
    return document_of(
        Design(
            layers=(
                Input(name="image", size=(8, 8), channels=3),
                Block(
                    name="stage",
                    layers=(Conv2D(name="a", filters=3, kernel_size=1), Activation(name="r", function="relu")),
                ),
                Flatten(name="flat"),
            )
        )
    )


def modelled(document: Document) -> LayerTreeModel:
    model = LayerTreeModel(document)
    QAbstractItemModelTester(model, _Fatal, model)
    return model


@pytest.mark.usefixtures("qapp")
class TestDrawings:
    def test_as_opened(self) -> None:
        assert draw_tree(modelled(small())) == "image\nstage\n  a\n  r\nflat"

    def test_insert_into_a_block(self) -> None:
        document = small()
        model = modelled(document)
        document.apply(edits.insert(document.design, (("stage",), 1), (Flatten(name="new"),)))
        assert draw_tree(model) == "image\nstage\n  a\n  new\n  r\nflat"

    def test_move_out_of_a_block_and_undo(self) -> None:
        document = small()
        model = modelled(document)
        document.apply(edits.move(document.design, [("stage", "r")], ((), 3)))
        assert draw_tree(model) == "image\nstage\n  a\nflat\nr"
        document.undo_stack.undo()
        assert draw_tree(model) == "image\nstage\n  a\n  r\nflat"

    def test_rename_keeps_the_row(self) -> None:
        document = small()
        model = modelled(document)
        kept = QPersistentModelIndex(model.index_of_path(("stage", "a")))
        assert model.setData(model.index_of_path(("stage", "a")), "conv")
        assert kept.data() == "conv"
        assert draw_tree(model) == "image\nstage\n  conv\n  r\nflat"

    def test_a_move_keeps_selection_and_open_blocks(self) -> None:
        document = small()
        model = modelled(document)
        view = QTreeView()
        view.setModel(model)
        view.expand(model.index_of_path(("stage",)))
        view.selectionModel().select(model.index_of_path(("stage", "a")), QItemSelectionModel.SelectionFlag.Select)
        document.apply(edits.move(document.design, [("stage",)], ((), 3)))
        assert draw_tree(model) == "image\nflat\nstage\n  a\n  r"
        assert view.isExpanded(model.index_of_path(("stage",)))
        assert [model.path_of(index) for index in view.selectedIndexes()] == [("stage", "a")]

    def test_refused_name_changes_nothing(self) -> None:
        document = small()
        said: list[str] = []
        document.refused.connect(said.append)
        assert not modelled(document).setData(modelled(document).index(0, 0), "flat")
        assert said == ["the name 'flat' is taken; names are unique in a list."]
        assert document.undo_stack.count() == 0


@pytest.mark.usefixtures("qapp")
class TestDrops:
    def drop(
        self, document: Document, action: Qt.DropAction, paths: list[tuple[str, ...]], row: int, block: str = ""
    ) -> str:
        model = modelled(document)
        parent = model.index_of_path((block,)) if block else QModelIndex()
        mime = model.mimeData([model.index_of_path(path) for path in paths])
        if model.canDropMimeData(mime, action, row, 0, parent):
            assert model.dropMimeData(mime, action, row, 0, parent) is False, "the view would delete the layers"
        return draw_tree(model)

    def test_move(self) -> None:
        assert self.drop(small(), Qt.DropAction.MoveAction, [("flat",)], 1) == "image\nflat\nstage\n  a\n  r"

    def test_copy(self) -> None:
        after = self.drop(small(), Qt.DropAction.CopyAction, [("stage", "a")], 3)
        assert after == "image\nstage\n  a\n  r\nflat\na"

    def test_onto_a_block_is_to_its_end(self) -> None:
        after = self.drop(small(), Qt.DropAction.MoveAction, [("flat",)], -1, "stage")
        assert after == "image\nstage\n  a\n  r\n  flat"

    def test_a_block_into_itself_is_refused(self) -> None:
        after = self.drop(small(), Qt.DropAction.MoveAction, [("stage",)], 0, "stage")
        assert after == "image\nstage\n  a\n  r\nflat"

    def test_from_another_document_is_a_copy(self) -> None:
        document, other = small(), small()
        model = modelled(document)
        mime = LayerTreeModel(other).mimeData([LayerTreeModel(other).index(2, 0)])
        model.dropMimeData(mime, Qt.DropAction.MoveAction, 0, 0, _ROOT)
        assert draw_tree(model) == "flat_1\nimage\nstage\n  a\n  r\nflat"

    def test_text_of_an_editor(self) -> None:
        document = small()
        model = modelled(document)
        mime = layers_mime((Flatten(name="pasted"),))
        model.dropMimeData(mime, Qt.DropAction.CopyAction, 1, 0, _ROOT)
        assert draw_tree(model).splitlines()[1] == "pasted"

    def test_nonsense_is_refused_with_a_sentence(self) -> None:
        document = small()
        said: list[str] = []
        document.refused.connect(said.append)
        mime = layers_mime(())
        mime.setData("application/x-cnnstudio-layers", b"[nonsense")
        modelled(document).dropMimeData(mime, Qt.DropAction.CopyAction, 0, 0, _ROOT)
        assert said
        assert said[0].startswith("what was dropped is not a list of layers: not valid YAML")


@pytest.mark.usefixtures("qapp")
def test_severity_follows_the_problems() -> None:
    document = small()
    model = modelled(document)
    document.apply(edits.set_field(document.design, [("stage", "a")], "kernel_size", 99))
    assert model.index_of_path(("stage", "a")).data(Role.SEVERITY) == "error"
    document.undo_stack.undo()
    assert model.index_of_path(("stage", "a")).data(Role.SEVERITY) == ""


@pytest.mark.usefixtures("qapp")
def test_layers_that_change_places_take_what_qt_keeps_along() -> None:
    """No row moves, which would lay out a whole tree anew, unless a block is among them."""
    document = document_of(
        Design(layers=(Input(name="input", size=(8, 8), channels=3), *(Flatten(name=name) for name in "abcd")))
    )
    model = modelled(document)
    moves: list[object] = []
    model.rowsMoved.connect(moves.append)
    kept = {name: QPersistentModelIndex(model.index_of_path((name,))) for name in "abcd"}
    document.apply(edits.move(document.design, [("a",), ("b",)], ((), 4)))
    assert draw_tree(model) == "input\nc\na\nb\nd"
    assert {name: index.data() for name, index in kept.items()} == {name: name for name in "abcd"}
    assert [kept[name].row() for name in "cabd"] == [1, 2, 3, 4]
    document.undo_stack.undo()
    assert [kept[name].row() for name in "abcd"] == [1, 2, 3, 4]
    assert moves == []


@pytest.mark.usefixtures("qapp")
def test_a_block_tells_when_only_its_subtotals_change() -> None:
    document = small()
    model = modelled(document)
    told: list[int] = []
    model.dataChanged.connect(lambda top, bottom: told.extend(range(top.row(), bottom.row() + 1)))
    before = model.index_of_path(("stage",)).data(Role.ENTRY).totals.parameters
    document.apply(edits.set_field(document.design, [("image",)], "channels", 5))
    assert model.index_of_path(("stage",)).data(Role.ENTRY).totals.parameters != before
    assert model.index_of_path(("stage",)).row() in told


def expected(items: tuple[Item, ...], depth: int = 0) -> str:
    """The drawing that a design should give."""
    lines = []
    for item in items:
        lines.append("  " * depth + item.name)
        if isinstance(item, Block):
            lines.append(expected(item.layers, depth + 1))
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(3))
def test_long_random_runs(resnet: Document, seed: int) -> None:
    """Edits, undo and redo in any order: the tree always mirrors the design."""
    model = modelled(resnet)
    chance = random.Random(seed)
    for _ in range(80):
        try:
            take_random_step(resnet, chance)
        except EditError:
            continue
        assert draw_tree(model) == expected(resnet.design.layers)


def take_random_step(document: Document, chance: random.Random) -> None:
    design = document.design
    paths = [path for path, _ in walk(design.layers)]
    parents = [(), *(path for path, item in walk(design.layers) if isinstance(item, Block))]
    parent = chance.choice(parents)
    place = (parent, chance.randint(0, len(edits.items_of(design, parent))))
    some = chance.sample(paths, min(len(paths), chance.choice([1, 1, 2, 3])))
    kind = chance.choice(["remove", "move", "move", "duplicate", "insert", "undo", "undo", "redo", "rename"])
    match kind:
        case "remove":
            document.apply(edits.remove(design, some))
        case "move":
            document.apply(edits.move(design, some, place))
        case "duplicate" if len(paths) < 120:
            document.apply(edits.duplicate(design, some))
        case "insert" if len(paths) < 120:
            document.apply(edits.insert(design, place, (Block(layers=(Flatten(),)), Flatten())))
        case "rename":
            document.apply(edits.rename(design, some[0], f"n{chance.random()}"))
        case "undo":
            document.undo_stack.undo()
        case _:
            document.undo_stack.redo()
