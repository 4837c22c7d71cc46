"""The palette: layer types by family and building blocks, to be searched, dragged, or chosen from the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QDrag,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.icons import icon, paint_family
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.editing.building_blocks import BuildingBlocks
from cnnstudio.app.palette.entries import FAMILY, IS_OWN, TYPE_NAME, PaletteModel
from cnnstudio.app.search.layer_search import found_entries
from cnnstudio.app.search.typed_layers import typed_layers

_MOVES = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})
_CHOOSES = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
Index = QModelIndex | QPersistentModelIndex

ICON = 14
"""The side of an icon at text size 1, in pixels."""


class PaletteView(QWidget):
    """A search field over layer types and building blocks.

    `chosen` carries the name of a layer type or the key of a building block, `line_chosen` the text of a search that
    says more than the type, such as tanh; `rename_requested` and `delete_requested` the key of one of the user's.
    """

    chosen = Signal(str)
    line_chosen = Signal(str)
    rename_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, blocks: BuildingBlocks, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blocks = blocks
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search layers…"))
        self.search.setAccessibleName(self.tr("Search layer types"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(
            QAction(icon("search", theme, "faint"), "", self.search), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.textChanged.connect(self._on_searched)
        self.search.installEventFilter(self)
        self.tree = _Tree(PaletteModel(blocks, theme, self), theme, self)
        self.tree.setAccessibleName(self.tr("Layer types"))
        self.tree.chosen.connect(self._on_chosen)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        # The search and the folding hold for what came anew, too.
        blocks.changed.connect(self._on_blocks_changed)
        self._nothing = QLabel(self.tr("No layer type matches."), self)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setContentsMargins(12, 4, 12, 0)
        self._nothing.hide()
        self.setFocusProxy(self.search)
        self._place_parts()

    def _place_parts(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(8, 8, 8, 6)
        head.addWidget(self.search)
        layout.addLayout(head)
        layout.addWidget(self._nothing)
        layout.addWidget(self.tree, 1)

    def shown_types(self) -> list[str]:
        """The names of the layer types that the search leaves."""
        return self.tree.shown_types()

    def _on_blocks_changed(self) -> None:
        if self.search.text():
            self._on_searched(self.search.text())

    def menu_of(self, index: Index) -> QMenu | None:
        """The menu of an entry; None for a heading."""
        key = index.data(TYPE_NAME)
        if not key:
            return None
        menu = QMenu(self)
        menu.addAction(self.tr("Add")).triggered.connect(lambda: self.chosen.emit(key))
        if index.data(IS_OWN):
            menu.addSeparator()
            menu.addAction(self.tr("Rename…")).triggered.connect(lambda: self.rename_requested.emit(key))
            menu.addAction(self.tr("Delete…")).triggered.connect(lambda: self.delete_requested.emit(key))
        # A menu has the view as its parent and would live as long as that, one more for each click.
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _on_chosen(self, key: str) -> None:
        text = self.search.text()
        says_more = any(layer.name == key and layer.said for layer in typed_layers(text))
        if says_more:
            self.line_chosen.emit(text)
        else:
            self.chosen.emit(key)

    def _show_menu(self, point: QPoint) -> None:
        menu = self.menu_of(self.tree.indexAt(point))
        if menu is not None:
            menu.popup(self.tree.viewport().mapToGlobal(point))

    def changeEvent(self, event: QEvent) -> None:
        """Another window, or another program, may have changed the user's building blocks meanwhile."""
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._blocks.refresh()
        super().changeEvent(event)

    def _on_searched(self, text: str) -> None:
        names = [found.key for found in found_entries(text, self._blocks.every())]
        self.tree.show_only(names, is_all=not text.strip())
        self._nothing.setVisible(not names)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys in the search field that mean the tree; the field keeps the focus, so that one can type on."""
        if watched is self.search and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVES:
                self.tree.keyPressEvent(event)
                return True
            if event.key() in _CHOOSES:
                self.tree.choose(self.tree.currentIndex())
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)


class _Tree(QTreeView):
    """The families, unfolded. Enter or a double click chooses a type and unfolds a family."""

    chosen = Signal(str)

    def __init__(self, model: PaletteModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._folded: list[int] = []
        self.setModel(model)
        self.setItemDelegate(_Rows(theme, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.expandAll()
        self.doubleClicked.connect(self._on_double_clicked)
        theme.changed.connect(self._apply_theme)
        self._apply_theme()

    def _apply_theme(self) -> None:
        side = round(ICON * self._theme.text_scale)
        self.setIconSize(QSize(side, side))
        self.doItemsLayout()

    def choose(self, index: Index) -> None:
        """Says that a type is wanted; unfolds or folds a family."""
        name = index.data(TYPE_NAME) if index.isValid() else None
        if name:
            self.chosen.emit(name)
        elif index.isValid():
            self.setExpanded(index, not self.isExpanded(index))

    def show_only(self, names: Sequence[str], *, is_all: bool) -> None:
        """Hides what is not among the names, and makes the first of them the current one."""
        wanted = set(names)
        self._remember_folding(is_all=is_all)
        for row in range(self.model().rowCount()):
            family = self.model().index(row, 0)
            types = [self.model().index(i, 0, family) for i in range(self.model().rowCount(family))]
            for i, index in enumerate(types):
                self.setRowHidden(i, family, index.data(TYPE_NAME) not in wanted)
            self.setRowHidden(row, QModelIndex(), not any(index.data(TYPE_NAME) in wanted for index in types))
        if not is_all and names:
            self.setCurrentIndex(self._index_of(names[0]))
        elif not names:
            self.setCurrentIndex(QModelIndex())

    def shown_types(self) -> list[str]:
        """The names of the types that are not hidden."""
        return [
            str(index.data(TYPE_NAME))
            for family in self._families()
            if not self.isRowHidden(family.row(), QModelIndex())
            for index in (self.model().index(i, 0, family) for i in range(self.model().rowCount(family)))
            if not self.isRowHidden(index.row(), family)
        ]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _CHOOSES:
            self.choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def startDrag(self, supported: Qt.DropAction) -> None:
        indexes = [index for index in self.selectedIndexes() if index.data(TYPE_NAME)]
        if not indexes:
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData(indexes))
        drag.setPixmap(self.drag_pixmap([str(index.data()) for index in indexes], str(indexes[0].data(FAMILY))))
        # Beside the pointer, as it would otherwise hide the place of the drop.
        drag.setHotSpot(QPoint(-10, drag.pixmap().height() // 2))
        drag.exec(Qt.DropAction.CopyAction)

    def drag_pixmap(self, names: Sequence[str], family: str) -> QPixmap:
        """The picture that hangs on the pointer: the sign and the name of the first entry, and how many more
        there are.
        """
        text = names[0] if len(names) == 1 else self.tr("{name} and {count} more")
        text = text.format(name=names[0], count=len(names) - 1)
        metrics = QFontMetrics(self.font())
        height = metrics.height() + 10
        size = QSize(metrics.horizontalAdvance(text) + height + 12, height)
        pixmap = QPixmap(size * self.devicePixelRatioF())
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.colour("selection"))
        painter.setPen(self._theme.colour("accent"))
        painter.drawRoundedRect(QRect(QPoint(), size).adjusted(1, 1, -1, -1), 5, 5)
        paint_family(painter, QRect(8, (height - 14) // 2, 14, 14), family, self._theme)
        painter.setPen(self._theme.colour("selection_text"))
        painter.setFont(self.font())
        painter.drawText(QRect(height + 2, 0, size.width(), height), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
        return pixmap

    def _on_double_clicked(self, index: QModelIndex) -> None:
        if index.data(TYPE_NAME):
            self.choose(index)

    def _remember_folding(self, *, is_all: bool) -> None:
        """Unfolds everything while one searches, and folds it again as it was afterwards."""
        if is_all:
            for row in self._folded:
                self.collapse(self.model().index(row, 0))
            self._folded = []
        else:
            self._folded += [family.row() for family in self._families() if not self.isExpanded(family)]
            self.expandAll()

    def _families(self) -> list[QModelIndex]:
        return [self.model().index(row, 0) for row in range(self.model().rowCount())]

    def _index_of(self, name: str) -> QModelIndex:
        found = self.model().match(
            self.model().index(0, 0), TYPE_NAME, name, 1, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
        )
        return found[0] if found else QModelIndex()


class _Rows(QStyledItemDelegate):
    """Rows with air; families quieter than what they hold."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(size.width(), QFontMetrics(self._theme.text_font()).height() + 7)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if not index.data(TYPE_NAME):
            palette: QPalette = option.palette
            palette.setColor(QPalette.ColorRole.Text, self._theme.colour("muted"))
            option.palette = palette
