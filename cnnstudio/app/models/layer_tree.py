"""The layers as a tree: the model behind the layer list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple, overload

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnstudio.app.connection_words import connection_words
from cnnstudio.app.document import Document
from cnnstudio.app.models.difference import Step, difference, moved
from cnnstudio.app.tips import plain_tip
from cnnstudio.core.analysis import Analysis
from cnnstudio.core.columns import COLUMN
from cnnstudio.core.design import Block, Item, ItemPath
from cnnstudio.core.problem import Problem
from cnnstudio.core.rows import BlockRow, Entry

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
FEW = 8
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
    """What the delegate asks for besides the text."""

    PATH = Qt.ItemDataRole.UserRole + 1
    ITEM = Qt.ItemDataRole.UserRole + 2
    ENTRY = Qt.ItemDataRole.UserRole + 3
    SEVERITY = Qt.ItemDataRole.UserRole + 4


class Node:
    """One item in the tree. Indices carry its number, never the object: Qt keeps no reference to one."""

    __slots__ = ("children", "entry", "item", "number", "parent", "row")

    def __init__(self, number: int, parent: Node | None, item: Item | None) -> None:
        self.number = number
        self.parent = parent
        self.item = item
        self.entry: Entry | None = None
        self.children: list[Node] = []
        self.row = 0

    @property
    def path(self) -> ItemPath:
        """The names that lead here."""
        if self.parent is None or self.item is None:
            return ()
        return (*self.parent.path, self.item.name)

    def renumber(self, start: int = 0) -> None:
        """Tells the children from `start` on which row they are in."""
        for row in range(start, len(self.children)):
            self.children[row].row = row


class ShownRow(NamedTuple):
    """What there is to paint of a row: its item, its entry, and the worst severity of its problems."""

    path: ItemPath
    item: Item | None
    entry: Entry | None
    severity: str
    has_rows: bool


class LayerTreeModel(QAbstractItemModel):
    """Shows the document's items, blocks as branches, and applies differences row by row."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._nodes: dict[int, Node] = {}
        self._last_number = 0
        self._root = self._nodes[0] = Node(0, None, None)
        self._severities: dict[str, str] = {}
        self._fill(self._root, document.design.layers)
        self._read(document.analysis)
        document.changed.connect(self._on_changed)

    # What Qt asks.

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        children = self._nodes[parent.internalId()].children
        if column != 0 or not 0 <= row < len(children):
            return QModelIndex()
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
            return self._spoken(node)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(node)
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
        """What there is to paint of a row."""
        node = self._node(index)
        return self._shown(node, node.path)

    def shown_from(self, index: Index, is_open: Callable[[ItemPath], bool]) -> Iterator[ShownRow]:
        """What there is to paint of a row and of all that are visible below it, given the blocks that are open.

        A view that asks row by row has Qt look for each of them, which takes longer than painting it.
        """
        node: Node | None = self._node(index)
        path = node.path if node is not None else ()
        while node is not None:
            if node.item is not None:
                yield self._shown(node, path)
            if node.children and (node is self._root or is_open(path)):
                node = node.children[0]
                path = (*path, node.item.name if node.item else "")
                continue
            while node.parent is not None and node.row + 1 == len(node.parent.children):
                node, path = node.parent, path[:-1]
            node = node.parent.children[node.row + 1] if node.parent is not None else None
            if node is not None and node.item is not None:
                path = (*path[:-1], node.item.name)

    def _shown(self, node: Node, path: ItemPath) -> ShownRow:
        entry = node.entry
        severity = self._severities.get(entry.place, "") if entry is not None else ""
        return ShownRow(path, node.item, entry, severity, bool(node.children))

    # Drag and drop.

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        from cnnstudio.app.models.layer_mime import LAYERS  # here and below: with the first drag, not at every start

        return [LAYERS, "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        from cnnstudio.app.models.layer_drops import dragged

        return dragged(self._document, [self._node(index).path for index in indexes])

    def canDropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        from cnnstudio.app.models.layer_drops import is_taken

        return is_taken(self._document, data, action, self._node(parent).path)

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Always False: the edit has done everything, and after True the view would delete what was dragged."""
        from cnnstudio.app.models.layer_drops import dropped

        node = self._node(parent)
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
        if len(paths) < FEW:
            return [index for path in paths if (index := self.index_of_path(path)).isValid()]
        nodes: dict[ItemPath, Node] = {}
        self._add_paths(self._root, (), nodes)
        return [self._index_of(nodes[path]) for path in paths if path in nodes]

    def _add_paths(self, node: Node, within: ItemPath, nodes: dict[ItemPath, Node]) -> None:
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

    def _node(self, index: Index) -> Node:
        """The node of an index; an invalid one has the number 0, as the root has."""
        return self._nodes.get(index.internalId(), self._root)

    def _index_of(self, node: Node) -> QModelIndex:
        return QModelIndex() if node.parent is None else self.createIndex(node.row, 0, node.number)

    # Following the document.

    def _on_changed(self, _old: Analysis, new: Analysis) -> None:
        self._follow(self._root, new.design.layers)
        for first, last in self._read(new):
            self.dataChanged.emit(self._index_of(first), self._index_of(last))

    def _follow(self, node: Node, items: tuple[Item, ...]) -> None:
        old = [child.item.name for child in node.children if child.item]
        for step in difference(old, [item.name for item in items]):
            self._take_step(node, step, items)
        for child, item in zip(node.children, items, strict=True):
            before, child.item = child.item, item
            if before is not item and (child.children or isinstance(item, Block)):
                self._follow(child, item.layers if isinstance(item, Block) else ())

    def _take_step(self, node: Node, step: Step, items: tuple[Item, ...]) -> None:
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

    def _move(self, node: Node, step: Step) -> None:
        parent = self._index_of(node)
        if self.beginMoveRows(parent, step.first, step.last, parent, step.target):
            node.children = moved(node.children, step)
            node.renumber()
            self.endMoveRows()

    def _shift(self, node: Node, step: Step) -> bool:
        """Moves what rows show instead of the rows, if no block is among them: a tree view would lay all rows out anew.

        The rows are told of as changed ones; what Qt keeps of an item, as its selection, goes along.
        """
        begin, end = min(step.first, step.target), max(step.last + 1, step.target)
        places = node.children[begin:end]
        if any(isinstance(place.item, Block) for place in places):
            return False
        leaving = moved(node.children, step)[begin:end]
        for place, item in zip(places, [left.item for left in leaving], strict=True):
            place.item = item
        goes_to = {left.number: place for left, place in zip(leaving, places, strict=True)}
        before = [index for index in self.persistentIndexList() if index.internalId() in goes_to]
        self.changePersistentIndexList(before, [self._index_of(goes_to[index.internalId()]) for index in before])
        return True

    def _fill(self, node: Node, items: tuple[Item, ...]) -> None:
        node.children = [self._made(node, item) for item in items]
        node.renumber()

    def _made(self, parent: Node, item: Item) -> Node:
        self._last_number += 1
        node = Node(self._last_number, parent, item)
        self._nodes[node.number] = node
        if isinstance(item, Block):
            self._fill(node, item.layers)
        return node

    def _forget(self, node: Node) -> None:
        del self._nodes[node.number]
        for child in node.children:
            self._forget(child)

    def _read(self, analysis: Analysis) -> list[tuple[Node, Node]]:
        """Takes the counts and the problems over. For each list the first and the last row that look different now."""
        before, self._severities = self._severities, _severities(analysis.problems)
        spans: list[tuple[Node, Node]] = []
        self._attach(self._root, analysis.entries, spans, before, all_anew=before != self._severities)
        return spans

    def _attach(
        self,
        node: Node,
        entries: tuple[Entry, ...],
        spans: list[tuple[Node, Node]],
        severities: dict[str, str],
        *,
        all_anew: bool,
    ) -> None:
        """Gives each node its entry; those of a block show its first pass. An entry that is the same looks the same.

        `severities` are those before.
        """
        anew: list[tuple[Node, Entry | None]] = []
        for row, child in enumerate(node.children):
            entry, before = entries[row] if row < len(entries) else None, child.entry
            if all_anew or entry is None or entry is not before:
                child.entry = entry
                anew.append((child, before))
            if child.children:
                passes = entry.passes if isinstance(entry, BlockRow) else ()
                self._attach(child, passes[0].entries if passes else (), spans, severities, all_anew=all_anew)
        # From both ends, as those between them are told of anyway.
        first = next((child for child, before in anew if self._looks_different(child, before, severities)), None)
        if first is not None:
            backwards = reversed(anew)
            last = next(child for child, before in backwards if self._looks_different(child, before, severities))
            spans.append((first, last))

    def _looks_different(self, node: Node, before: Entry | None, severities: dict[str, str]) -> bool:
        now = node.entry
        if now is None or before is None:
            return True
        return self._severities.get(now.place) != severities.get(before.place) or _look(now) != _look(before)

    # Words.

    def _spoken(self, node: Node) -> str:
        item = node.item
        if item is None:
            return ""
        shape = node.entry.output_shape if node.entry else None
        shape_words = self.tr("output {shape}").format(shape=shape) if shape else self.tr("output unknown")
        return ", ".join([item.name, item.type_name, shape_words, *self._wires(node)])

    def _wires(self, node: Node) -> tuple[str, ...]:
        """The connections in words."""
        if node.parent is None:
            return ()
        items = tuple(child.item for child in node.parent.children if child.item)
        return connection_words(items, node.row, node.parent.item.name if node.parent.item else "")

    def _tip(self, node: Node) -> str:
        place = node.entry.place if node.entry else None
        lines = [str(problem) for problem in self._document.analysis.problems if problem.path == place]
        if isinstance(node.entry, BlockRow):
            lines.append(self._subtotals(node.entry))
        if node.item is not None and node.item.note:
            lines.append(node.item.note)
        return plain_tip("\n".join(lines))

    def _subtotals(self, entry: BlockRow) -> str:
        """What a block costs, all its repeats together."""
        analysis = self._document.analysis
        text = self.tr("{parameters} parameters, {macs} MACs, layers: {layers}")
        return text.format(
            parameters=COLUMN["parameters"].cell(entry, analysis),
            macs=COLUMN["macs"].cell(entry, analysis),
            layers=f"{entry.totals.layers:,}",
        )


def _look(entry: Entry) -> tuple[object, ...]:
    """What the list shows of an entry."""
    if isinstance(entry, BlockRow):
        return entry.block, entry.output_shape, entry.totals
    return entry.layer, entry.output_shape


def _severities(problems: tuple[Problem, ...]) -> dict[str, str]:
    """The worst severity of each place."""
    worst: dict[str, str] = {}
    for problem in problems:
        if worst.get(problem.path) != "error":
            worst[problem.path] = problem.severity
    return worst
