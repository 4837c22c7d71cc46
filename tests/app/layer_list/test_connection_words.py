"""Connections in words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from cnnstudio.app.document.document import Document
from cnnstudio.app.layer_list.connection_words import connection_words
from cnnstudio.app.layer_list.model import LayerTreeModel
from cnnstudio.core.network.design import Block, Design
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.reshaping import Flatten
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of

ITEMS = (
    Input(name="image", size=(8, 8), channels=3),
    Flatten(name="a"),
    Flatten(name="b"),
    Add(name="sum", inputs=("b", "image")),
)


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (0, ("goes to a and sum",)),
        (1, ("takes image", "goes to b")),
        (3, ("takes b and image",)),
    ],
)
def test_what_a_layer_takes_and_where_it_goes(index: int, words: tuple[str, ...]) -> None:
    assert connection_words(ITEMS, index) == words


def test_inside_a_block() -> None:
    items = (*ITEMS[1:3], Add(name="sum", inputs=("b", "input")))
    stage = Block(name="stage", layers=items)
    assert connection_words(items, 0, stage) == ("takes input", "goes to b")
    assert connection_words(items, 2, stage) == ("takes b and input", "is the output of stage")


@pytest.mark.parametrize(
    ("count", "words"),
    [(3, "takes a0, a1 and a2"), (4, "takes a0, a1, a2 and a3"), (9, "takes a0, a1, a2 and 6 more")],
)
def test_many(count: int, words: str) -> None:
    layers = tuple(Flatten(name=f"a{number}") for number in range(count))
    joined = Concat(name="all", inputs=tuple(layer.name for layer in layers))
    assert connection_words((*layers, joined), count) == (words,)


def test_the_list_says_them(resnet: Document) -> None:
    model = LayerTreeModel(resnet)
    spoken = model.index_of_path(("layer1", "add")).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "add, Add, output 64 × 56 × 56, takes bn2 and input, goes to relu2"
    assert (
        model.index_of_path(("layer1",))
        .data(Qt.ItemDataRole.AccessibleTextRole)
        .endswith("takes maxpool, goes to layer2")
    )


@pytest.mark.usefixtures("qapp")
def test_the_list_says_what_depends_on_the_input_size() -> None:
    free = Input(name="image", size=(None, None), channels=3)
    model = LayerTreeModel(document_of(Design(layers=(free, Flatten(name="flat")))))
    spoken = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert [words.split(", ")[2] for words in spoken] == ["output depends on the input size"] * 2
