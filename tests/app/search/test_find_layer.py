"""Finding a layer by a few letters of its name or type."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.search.find_layer import MAX_SHOWN, FindLayer
from cnnstudio.core.network.design import Design, find, walk
from cnnstudio.layers.reshaping import Flatten
from tests.app.conftest import document_of

Key = Qt.Key


class Found:
    """The dialog over a document, shown."""

    def __init__(self, document: Document, qtbot: QtBot) -> None:
        design = document.design
        paths = [path for path, _ in walk(design.layers)]
        self._parent = QWidget()
        qtbot.addWidget(self._parent)
        self.dialog = FindLayer(Theme("light"), paths, lambda path: find(design, path), self._parent)
        self.dialog.show()
        line, shown = self.dialog.findChild(QLineEdit), self.dialog.findChild(QListWidget)
        assert isinstance(line, QLineEdit)
        assert isinstance(shown, QListWidget)
        self.line, self.list = line, shown

    def rows(self) -> list[str]:
        return [self.list.item(row).text().split()[0] for row in range(self.list.count())]


@pytest.fixture
def found(resnet: Document, qtbot: QtBot) -> Found:
    return Found(resnet, qtbot)


def test_all_layers_at_first_then_those_with_every_word(found: Found) -> None:
    assert found.rows()[:3] == ["image", "conv1", "bn1"]
    QTest.keyClicks(found.line, "layer1 CONV")
    assert found.rows() == ["layer1/conv1", "layer1/conv2"]
    QTest.keyClicks(found.line, " nothing")
    assert found.rows() == []


def test_types_are_found_too(found: Found) -> None:
    QTest.keyClicks(found.line, "dense")
    assert found.rows() == ["fc"]


def test_a_name_comes_before_a_type(found: Found) -> None:
    QTest.keyClicks(found.line, "conv2")
    rows = found.rows()
    assert rows[0] == "layer1/conv2"
    assert all(row.endswith("conv2") for row in rows[: rows.index("conv1")])


def test_enter_chooses_and_arrows_move(found: Found) -> None:
    QTest.keyClick(found.line, Key.Key_Up)
    QTest.keyClick(found.line, Key.Key_Down)
    QTest.keyClick(found.line, Key.Key_Down)
    QTest.keyClick(found.line, Key.Key_Up)
    QTest.keyClick(found.line, Key.Key_Return)
    assert found.dialog.chosen == ("conv1",)
    assert found.dialog.result() == FindLayer.DialogCode.Accepted


def test_enter_without_a_match_and_escape_choose_nothing(found: Found) -> None:
    QTest.keyClicks(found.line, "qqq")
    QTest.keyClick(found.line, Key.Key_Return)
    assert (found.dialog.chosen, found.dialog.isVisible()) == ((), True)
    QTest.keyClick(found.line, Key.Key_Escape)
    assert (found.dialog.chosen, found.dialog.isVisible()) == ((), False)


@pytest.mark.usefixtures("qapp")
def test_long_networks_show_the_first_of_many(qtbot: QtBot) -> None:
    layers = tuple(Flatten(name=f"f{n:04}") for n in range(1_000))
    found = Found(document_of(Design(layers=layers)), qtbot)
    assert len(found.rows()) == MAX_SHOWN
    QTest.keyClicks(found.line, "f0999")
    assert found.rows() == ["f0999"]
