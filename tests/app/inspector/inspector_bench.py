"""An inspector on a document, and fingers to use it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.inspector.field_controls import FieldLine, FieldText
from cnnstudio.app.inspector.field_editor import FieldEditor
from cnnstudio.app.inspector.field_editors import ChoiceEditor
from cnnstudio.app.inspector.inspector import Inspector
from cnnstudio.app.inspector.typed_editors import LineEditor, LinesEditor
from cnnstudio.core.network.design import Item, ItemPath, find

CONV: ItemPath = ("conv1",)
INNER: ItemPath = ("layer1", "conv2")
SUM: ItemPath = ("layer1", "add")


class Bench:
    """An inspector on a document, and fingers to use it."""

    def __init__(self, document: Document, theme: Theme, qtbot: QtBot) -> None:
        self.document = document
        self.state = ViewState(document)
        self.inspector = Inspector(document, self.state, theme)
        self.inspector.resize(320, 700)
        qtbot.addWidget(self.inspector)
        self.inspector.show()
        QTest.qWait(1)

    def select(self, *paths: ItemPath) -> None:
        self.state.select(paths)
        QTest.qWait(1)

    def item(self, path: ItemPath) -> Item:
        return find(self.document.design, path)

    def editor(self, name: str) -> FieldEditor:
        editor = self.inspector.editor(name)
        assert editor is not None
        return editor

    def line(self, name: str) -> FieldLine:
        editor = self.editor(name)
        assert isinstance(editor, LineEditor)
        return editor.line

    def lines(self, name: str) -> FieldText:
        editor = self.editor(name)
        assert isinstance(editor, LinesEditor)
        return editor.lines

    def combo(self, name: str) -> QComboBox:
        editor = self.editor(name)
        assert isinstance(editor, ChoiceEditor)
        return editor.box

    def type(self, name: str, text: str) -> None:
        """Types over what is there."""
        line = self.line(name)
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)

    def press(self, name: str, key: Qt.Key, *, control: bool = False) -> None:
        modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(self.editor(name).control, key, modifier)

    @property
    def steps(self) -> list[str]:
        stack = self.document.undo_stack
        return [stack.text(at) for at in range(stack.index())]
