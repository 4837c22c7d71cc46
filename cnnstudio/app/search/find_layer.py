"""Finds a layer by name and goes there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.icons import family_icon
from cnnstudio.app.appearance.questions import title_width
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.search.found_row import NAME_ROLE, WORDS_ROLE, FoundRowDelegate
from cnnstudio.core.network.design import Item, ItemPath, path_text

MAX_SHOWN = 200


class FindLayer(QDialog):
    """A search line over the paths and types of items; `chosen` is the one that was picked.

    `words` says what is worth knowing of each, instead of its type.
    """

    def __init__(
        self,
        theme: Theme,
        paths: Sequence[ItemPath],
        item_at: Callable[[ItemPath], Item],
        parent: QWidget,
        title: str = "",
        words: Callable[[ItemPath], str] | None = None,
    ) -> None:
        super().__init__(parent)
        set_topic(self, "views/layers.md")
        self.setWindowTitle(title or self.tr("Find layer"))
        self._words = words
        self.chosen: ItemPath = ()
        self._theme = theme
        self._rows = [(path, item_at(path)) for path in paths]
        self._search = QLineEdit(self)
        self._search.setPlaceholderText(self.tr("Name or type…"))
        self._search.setAccessibleName(self.tr("Name or type of the layer"))
        self._found = QListWidget(self)
        self._found.setAccessibleName(self.tr("Layers found"))
        self._found.setItemDelegate(FoundRowDelegate(theme, self._found))
        self._found.setUniformItemSizes(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self._search)
        layout.addWidget(self._found, 1)
        self.resize(max(420, title_width(self, self.windowTitle())), 360)
        self._search.textChanged.connect(self._show)
        self._search.returnPressed.connect(self._choose)
        self._found.itemActivated.connect(lambda _item: self._choose())
        self._show("")

    def _show(self, text: str) -> None:
        wanted = text.casefold().split()
        ranked = [(rank, path, item) for path, item in self._rows if (rank := _rank(wanted, path, item)) is not None]
        ranked.sort(key=lambda row: row[0])
        self._found.clear()
        for _, path, item in ranked[:MAX_SHOWN]:
            self._found.addItem(self._made_row(path, item))
        self._found.setCurrentRow(0)

    def _made_row(self, path: ItemPath, item: Item) -> QListWidgetItem:
        words = self._words(path) if self._words is not None else item.type_name
        row = QListWidgetItem(family_icon(item.family, self._theme), f"{path_text(path)}   {words}")
        row.setData(Qt.ItemDataRole.UserRole, path)
        row.setData(NAME_ROLE, path_text(path))
        row.setData(WORDS_ROLE, words)
        return row

    def _choose(self) -> None:
        row = self._found.currentItem()
        if row is not None:
            self.chosen = tuple(row.data(Qt.ItemDataRole.UserRole))
            self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down move in the list while the search line keeps the keyboard."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        row = self._found.currentRow() + step
        self._found.setCurrentRow(max(0, min(self._found.count() - 1, row)))


def _rank(wanted: list[str], path: ItemPath, item: Item) -> int | None:
    """0 where the name is meant, 1 where it is in the path, 2 where the type helps, None where a word is missing."""
    name, place = path[-1].casefold(), path_text(path).casefold()
    if wanted == [name]:
        return 0
    if all(word in place for word in wanted):
        return 1
    words = f"{place} {item.type_name.casefold()}"
    return 2 if all(word in words for word in wanted) else None
