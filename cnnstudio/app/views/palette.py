"""The palette: every layer type by family, to be searched, dragged, or chosen from the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QMimeData,
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
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.document import Document
from cnnstudio.app.icons import family_icon, icon, paint_family
from cnnstudio.app.layer_search import found_types, help_line
from cnnstudio.app.models.layer_mime import LAYERS, layers_mime
from cnnstudio.app.theme import Theme
from cnnstudio.app.view_state import ViewState
from cnnstudio.layers import FAMILIES, LAYER_TYPES, PALETTE
from cnnstudio.layers.starting import starting_layer

TYPE_NAME = Qt.ItemDataRole.UserRole
"""The role under which an index holds the name of its layer type; a family has none."""

_MOVES = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})
_CHOOSES = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
Index = QModelIndex | QPersistentModelIndex


class PaletteView(QWidget):
    """A search field over the families of layer types. `chosen` carries the name of a layer type."""

    chosen = Signal(str)

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self.tree = _Tree(_TypesModel(theme, self), theme, self)
        self.tree.setAccessibleName(self.tr("Layer types"))
        self.tree.chosen.connect(self.chosen)
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

    def _on_searched(self, text: str) -> None:
        names = [layer_type.__name__ for layer_type in found_types(text)]
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


class _TypesModel(QStandardItemModel):
    """Families, and below them their layer types."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        for family, title in FAMILIES.items():
            head = QStandardItem(self.tr(title))
            head.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            for layer_type in PALETTE:
                if layer_type.family == family:
                    head.appendRow(_type_item(layer_type.__name__, head.text(), theme))
            self.appendRow(head)

    def mimeTypes(self) -> list[str]:
        return [LAYERS, "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        names = [index.data(TYPE_NAME) for index in indexes]
        return layers_mime(tuple(starting_layer(name) for name in names if name))

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction


def _type_item(name: str, family_title: str, theme: Theme) -> QStandardItem:
    layer_type = LAYER_TYPES[name]
    item = QStandardItem(family_icon(layer_type.family, theme), name)
    item.setData(name, TYPE_NAME)
    item.setToolTip(help_line(layer_type))
    item.setData(f"{name}, {family_title}", Qt.ItemDataRole.AccessibleTextRole)
    item.setData(help_line(layer_type), Qt.ItemDataRole.AccessibleDescriptionRole)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled)
    return item


class _Tree(QTreeView):
    """The families, unfolded. Enter or a double click chooses a type and unfolds a family."""

    chosen = Signal(str)

    def __init__(self, model: _TypesModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._folded: list[int] = []
        self.setModel(model)
        self.setItemDelegate(_Rows(theme, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setIconSize(QSize(14, 14))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.expandAll()
        self.doubleClicked.connect(self._on_double_clicked)
        theme.changed.connect(self.doItemsLayout)

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
        drag.setPixmap(self.drag_pixmap([str(index.data(TYPE_NAME)) for index in indexes]))
        drag.setHotSpot(QPoint(-10, drag.pixmap().height() // 2))
        drag.exec(Qt.DropAction.CopyAction)

    def drag_pixmap(self, names: Sequence[str]) -> QPixmap:
        """What hangs on the pointer: the sign and the name of the first type, and how many more there are."""
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
        paint_family(painter, QRect(8, (height - 14) // 2, 14, 14), LAYER_TYPES[names[0]].family, self._theme)
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
