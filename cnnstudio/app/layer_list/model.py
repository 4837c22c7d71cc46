"""The layers as a tree: the model behind the layer list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import overload

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnstudio.app.document.document import Document
from cnnstudio.app.layer_list.nodes import (
    Severities,
    ShownRow,
    TreeNode,
    attach_entries,
    shown_row,
    visible_from,
    worst_severities,
)
from cnnstudio.app.rows.steps import Step, difference, moved
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.network.design import Block, Item, ItemPath

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
MAX_SINGLE_UPDATES = 8
"""So many items are looked for one by one."""

_ANY_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEditable
    | Qt.ItemFlag.ItemIsDragEnabled
)
# Joined once: Qt asks for the flags of every row after each edit.
_BLOCK_FLAGS = _ANY_FLAGS | Qt.ItemFlag.ItemIsDropEnabled
_ROOT_FLAGS = Qt.ItemFlag.ItemIsDropEnabled
_LAYER_FLAGS = _ANY_FLAGS | Qt.ItemFlag.ItemNeverHasChildren


class Role(IntEnum):
    """The data roles that the delegate asks for besides the text."""

    PATH = Qt.ItemDataRole.UserRole + 1
    ITEM = Qt.ItemDataRole.UserRole + 2
    ENTRY = Qt.ItemDataRole.UserRole + 3
    SEVERITY = Qt.ItemDataRole.UserRole + 4


class LayerTreeModel(QAbstractItemModel):
    """Shows the document's items, blocks as branches, and applies differences row by row."""

    def __init__(
        self, document: Document, parent: QObject | None = None, *, remark: Callable[[ItemPath], str] = lambda _path: ""
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._remark = remark
        self._nodes: dict[int, TreeNode] = {}
        self._last_number = 0
        self._root = self._nodes[0] = TreeNode(0, None, None)
        self._severities: Severities = {}
        self._fill(self._root, document.design.layers)
        self._read(document.analysis)
        document.changed.connect(self._on_changed)

    # What Qt asks.

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        children = self._nodes[parent.internalId()].children
        # Qt also asks for indices that do not exist, while rows are inserted and removed.
        if column != 0 or not 0 <= row < len(children):
            return QModelIndex()
        # A number and never the node: Qt keeps no reference to an object, and a dead one led to another object.
        return self.createIndex(row, 0, children[row].number)

    @overload
    def parent(self, /) -> QObject | None: ...

    @overload
    def parent(self, child: Index, /) -> QModelIndex: ...

    def parent(self, child: Index | None = None, /) -> QObject | QModelIndex | None:
        if child is None:
            return super().parent()
        node = self._node(child).parent
        return self._index_of(node) if node is not None else QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:
        # Only the first column of a row has children, by the rules of QAbstractItemModelTester.
        return len(self._node(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        node = self._node(index)
        if node.item is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return node.item.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            from cnnstudio.app.layer_list.words import spoken  # here and below: when somebody asks

            return spoken(node, self._remark(node.path))
        if role == Qt.ItemDataRole.ToolTipRole:
            from cnnstudio.app.layer_list.words import tip

            return tip(node, self._document.analysis, self._remark(node.path))
        if role == Role.PATH:
            return node.path
        if role == Role.ITEM:
            return node.item
        if role == Role.ENTRY:
            return node.entry
        if role == Role.SEVERITY:
            return self._severities.get(node.entry.place, "") if node.entry else ""
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        from cnnstudio.core import edits

        path = self._node(index).path
        return self._document.attempt(lambda: edits.rename(self._document.design, path, str(value)))

    def flags(self, index: Index) -> Qt.ItemFlag:
        item = self._nodes[index.internalId()].item
        if item is None:
            return _ROOT_FLAGS
        return _BLOCK_FLAGS if isinstance(item, Block) else _LAYER_FLAGS

    def shown_at(self, index: Index) -> ShownRow:
        """The data to paint a row with."""
        node = self._node(index)
        return shown_row(node, node.path, self._severities)

    def shown_from(self, index: Index, is_open: Callable[[ItemPath], bool]) -> Iterator[ShownRow]:
        """The data to paint a row and all visible rows below it with, given the open blocks.

        A view that asks row by row has Qt look for each of them, which takes longer than painting it.
        """
        for node, path in visible_from(self._node(index), is_open):
            yield shown_row(node, path, self._severities)

    # Drag and drop.

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction | Qt.DropAction.LinkAction

    def mimeTypes(self) -> list[str]:
        from cnnstudio.app.document.layer_mime import LAYERS  # here and below: with the first drag, not at every start

        return [LAYERS, "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        from cnnstudio.app.document.layer_drops import dragged

        return dragged(self._document, [self._node(index).path for index in indexes])

    def canDropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        from cnnstudio.app.document.layer_drops import is_taken

        return is_taken(self._document, data, action, self._node(parent).path)

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Always False: the edit has done everything, and after True the view would delete what was dragged."""
        from cnnstudio.app.document.layer_drops import dropped

        node = self._node(parent)
        # Qt says -1 for a drop on the row itself: that is at the end of what is in it.
        place = (node.path, len(node.children) if row < 0 else row)
        self._document.attempt(lambda: dropped(self._document, data, action, place))
        return False

    # Finding rows.

    def index_of_path(self, path: ItemPath) -> QModelIndex:
        """The index of an item; an invalid one if it is not there."""
        node = self._root
        for name in path:
            found = next((child for child in node.children if child.item and child.item.name == name), None)
            if found is None:
                return QModelIndex()
            node = found
        return self._index_of(node)

    def indexes_of_paths(self, paths: Sequence[ItemPath]) -> list[QModelIndex]:
        """The indices of those items that are there; many are found in one pass."""
        if len(paths) < MAX_SINGLE_UPDATES:
            return [index for path in paths if (index := self.index_of_path(path)).isValid()]
        nodes: dict[ItemPath, TreeNode] = {}
        self._add_paths(self._root, (), nodes)
        return [self._index_of(nodes[path]) for path in paths if path in nodes]

    def _add_paths(self, node: TreeNode, within: ItemPath, nodes: dict[ItemPath, TreeNode]) -> None:
        for child in node.children:
            path = (*within, child.item.name if child.item else "")
            nodes[path] = child
            self._add_paths(child, path, nodes)

    def block_indexes(self) -> Iterator[QModelIndex]:
        """The indices of all blocks, those inside another after it."""
        waiting = [self._root]
        while waiting:
            for child in waiting.pop().children:
                if child.children:
                    yield self._index_of(child)
                    waiting.append(child)

    def path_of(self, index: Index) -> ItemPath:
        """The path of the item at an index; () for none."""
        return self._node(index).path

    def _node(self, index: Index) -> TreeNode:
        """The node of an index; an invalid one has the number 0, as the root has."""
        return self._nodes.get(index.internalId(), self._root)

    def _index_of(self, node: TreeNode) -> QModelIndex:
        return QModelIndex() if node.parent is None else self.createIndex(node.row, 0, node.number)

    # Following the document.

    def _on_changed(self, _old: Analysis, new: Analysis) -> None:
        self._follow(self._root, new.design.layers)
        for first, last in self._read(new):
            self.dataChanged.emit(self._index_of(first), self._index_of(last))

    def _follow(self, node: TreeNode, items: tuple[Item, ...]) -> None:
        old = [child.item.name for child in node.children if child.item]
        for step in difference(old, [item.name for item in items]):
            self._take_step(node, step, items)
        for child, item in zip(node.children, items, strict=True):
            before, child.item = child.item, item
            # A block that is the same object holds the same items: whole branches of the tree are skipped.
            if before is not item and (child.children or isinstance(item, Block)):
                self._follow(child, item.layers if isinstance(item, Block) else ())

    def _take_step(self, node: TreeNode, step: Step, items: tuple[Item, ...]) -> None:
        parent = self._index_of(node)
        if step.kind == "remove":
            self.beginRemoveRows(parent, step.first, step.last)
            for child in node.children[step.first : step.last + 1]:
                self._forget(child)
            del node.children[step.first : step.last + 1]
            node.renumber(step.first)
            self.endRemoveRows()
        elif step.kind == "insert":
            self.beginInsertRows(parent, step.first, step.last)
            node.children[step.first : step.first] = [
                self._made(node, item) for item in items[step.first : step.last + 1]
            ]
            node.renumber(step.first)
            self.endInsertRows()
        elif step.kind == "move" and not self._shift(node, step):
            self._move(node, step)

    def _move(self, node: TreeNode, step: Step) -> None:
        parent = self._index_of(node)
        # False where the rows would not move; between begin and end the model must not be touched then.
        if self.beginMoveRows(parent, step.first, step.last, parent, step.target):
            node.children = moved(node.children, step)
            node.renumber()
            self.endMoveRows()

    def _shift(self, node: TreeNode, step: Step) -> bool:
        """Moves what rows show instead of the rows, if no block is among them: a tree view would lay all rows out anew.

        The rows are reported as changed; what Qt keeps of an item, as its selection, goes along.
        """
        begin, end = min(step.first, step.target), max(step.last + 1, step.target)
        places = node.children[begin:end]
        # A block takes its children along, which the rows between could not show.
        if any(isinstance(place.item, Block) for place in places):
            return False
        leaving = moved(node.children, step)[begin:end]
        for place, item in zip(places, [left.item for left in leaving], strict=True):
            place.item = item
        goes_to = {left.number: place for left, place in zip(leaving, places, strict=True)}
        before = [index for index in self.persistentIndexList() if index.internalId() in goes_to]
        self.changePersistentIndexList(before, [self._index_of(goes_to[index.internalId()]) for index in before])
        return True

    def _fill(self, node: TreeNode, items: tuple[Item, ...]) -> None:
        node.children = [self._made(node, item) for item in items]
        node.renumber()

    def _made(self, parent: TreeNode, item: Item) -> TreeNode:
        # Numbers are never used twice: an index that somebody still holds must not lead to another item.
        self._last_number += 1
        node = TreeNode(self._last_number, parent, item)
        self._nodes[node.number] = node
        if isinstance(item, Block):
            self._fill(node, item.layers)
        return node

    def _forget(self, node: TreeNode) -> None:
        del self._nodes[node.number]
        for child in node.children:
            self._forget(child)

    def _read(self, analysis: Analysis) -> list[tuple[TreeNode, TreeNode]]:
        """Takes the counts and the problems over. For each list the first and the last row that look different now."""
        before, self._severities = self._severities, worst_severities(analysis.problems)
        return attach_entries(self._root, analysis.entries, before, self._severities)
