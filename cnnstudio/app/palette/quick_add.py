"""Adding layers without the mouse: type a few letters of a type, or a line of layers, and press Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPalette,
    QShowEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.icons import icon, paint_family
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.search.layer_search import Addable, found_entries
from cnnstudio.app.search.typed_draft import TypedLayer
from cnnstudio.app.search.typed_layers import read_line
from cnnstudio.formats.building_blocks import BuildingBlock
from cnnstudio.layers.families import BLOCKS

ROWS_SHOWN = 9
FOUND = Qt.ItemDataRole.UserRole
"""The role of what a row stands for."""
_ELIDED = Qt.TextElideMode.ElideRight
_ICON = 14
_MARGIN = 10
_MOVES = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})
Index = QModelIndex | QPersistentModelIndex


class QuickAdd(QDialog):
    """A search line over layer types and building blocks, the best match selected, or a line of layers with fields.

    Once accepted, `layers` are what was typed, where more was typed than the name of a type; else `chosen` is the name
    of the type, or the key of the building block. `rank` is the number of spatial axes where they go.
    """

    def __init__(
        self, theme: Theme, blocks: Sequence[BuildingBlock] = (), parent: QWidget | None = None, rank: int = 2
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        set_topic(self, "views/palette.md")
        self._blocks = blocks
        self._rank = rank
        self._read: tuple[TypedLayer, ...] = ()
        self.chosen = ""
        self.layers: tuple[TypedLayer, ...] = ()
        self.setWindowTitle(self.tr("Add layer"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(
            self.tr("Add layers: conv, residual, or conv 60 7x7 valid, pool 2, dense 250, softmax")
        )
        self.search.setAccessibleName(self.tr("Search layer types"))
        self.search.addAction(
            QAction(icon("search", theme, "faint"), "", self.search), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.textChanged.connect(self._on_searched)
        self.search.installEventFilter(self)
        self.list = self._made_list(theme)
        self.nothing = QLabel(self)
        self.nothing.setTextFormat(Qt.TextFormat.PlainText)
        self.nothing.setWordWrap(True)
        self.nothing.setContentsMargins(_MARGIN, 6, _MARGIN, 8)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.nothing.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        layout.addWidget(self.nothing)
        self.resize(round(640 * theme.text_scale), self.sizeHint().height())
        self._on_searched("")

    def _made_list(self, theme: Theme) -> QListView:
        types = QListView(self)
        types.setModel(QStandardItemModel(types))
        types.setItemDelegate(_Rows(theme, types))
        types.setUniformItemSizes(True)
        types.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        types.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The keyboard stays in the search line, which hands on the keys that are meant for the list.
        types.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        types.setMouseTracking(True)
        types.setAccessibleName(self.tr("Layer types that match"))
        types.setFixedHeight(ROWS_SHOWN * _row_height(theme))
        types.entered.connect(types.setCurrentIndex)
        types.clicked.connect(self._choose)
        return types

    def found(self) -> list[str]:
        """The names of the types that match, best first."""
        model = self.list.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def _on_searched(self, text: str) -> None:
        model = self.list.model()
        model.removeRows(0, model.rowCount())
        refusal = self._read_line(text)
        if len(self._read) > 1:
            self._append(Addable("", self.tr("Add {count} layers").format(count=len(self._read)), BLOCKS.key, ""))
        for layer in self._read:
            self._append(Addable("", layer.name, _family(layer), layer.words))
        for found in found_entries(text, self._blocks) if len(self._read) < 2 else ():
            self._append(found)
        self.nothing.setText(refusal)
        self.list.setCurrentIndex(model.index(0, 0))
        self.list.setVisible(model.rowCount() > 0)
        self.nothing.setVisible(model.rowCount() == 0)

    def _read_line(self, text: str) -> str:
        """Reads a line of layers, if it is one; returns the reason why it is not."""
        self._read = ()
        try:
            read = read_line(text, self._rank, self._blocks)
        except ValueError as error:
            # A word alone is a search that found nothing; only what looks like a line of layers is told what is wrong
            # with it.
            is_line = any(letter.isdigit() or letter in ",;=" for letter in text)
            return str(error) if is_line else self.tr("No layer type matches. Try a family, such as pooling or merge.")
        if len(read) > 1 or any(layer.said for layer in read):
            self._read = read
        return ""

    def _append(self, found: Addable) -> None:
        item = QStandardItem(found.name)
        text = ". ".join(filter(None, (found.name, found.help_line)))
        item.setData(text, Qt.ItemDataRole.AccessibleTextRole)
        item.setData(found, FOUND)
        model = self.list.model()
        if isinstance(model, QStandardItemModel):
            model.appendRow(item)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen = index.data(FOUND).key
            self.layers = () if self.chosen else self._read
            self.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keys that mean the list, while one types in the search line."""
        if watched is self.search and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        parent = self.parentWidget()
        if parent is not None:
            window = parent.window()
            corner = window.mapToGlobal(QPoint((window.width() - self.width()) // 2, window.height() // 6))
            self.move(corner)
        super().showEvent(event)
        self.search.setFocus()


def _family(layer: TypedLayer) -> str:
    return BLOCKS.key if isinstance(layer.item, BuildingBlock) else layer.item.family


def _row_height(theme: Theme) -> int:
    return QFontMetrics(theme.text_font()).height() + 12


class _Rows(QStyledItemDelegate):
    """The sign of the family, the name, and the first line of the help."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, _row_height(self._theme))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        found: Addable = index.data(FOUND)
        rect = option.rect
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("selection"))
            painter.drawRoundedRect(rect, 4, 4)
        side = round(_ICON * theme.text_scale)
        box = QRect(rect.left() + _MARGIN, rect.center().y() - side // 2, side, side)
        paint_family(painter, box, found.family, theme)
        text = rect.adjusted(_MARGIN + side + 8, 0, -_MARGIN, 0)
        painter.setFont(theme.text_font())
        painter.setPen(theme.colour("selection_text" if is_selected else "text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        name_width = round(142 * theme.text_scale)
        painter.drawText(text, middle, painter.fontMetrics().elidedText(found.name, _ELIDED, name_width))
        help_box = text.adjusted(round(150 * theme.text_scale), 0, 0, 0)
        painter.setPen(theme.colour("selection_muted" if is_selected else "muted"))
        shown = painter.fontMetrics().elidedText(found.help_line, _ELIDED, help_box.width())
        painter.drawText(help_box, middle, shown)
        painter.restore()
