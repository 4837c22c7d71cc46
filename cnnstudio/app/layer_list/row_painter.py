"""One row of the layer list: icon, name, the hyperparameters that matter, the output shape, and a badge."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.app.appearance.icons import paint_family, paint_icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.model import LayerTreeModel
from cnnstudio.app.layer_list.nodes import ShownRow
from cnnstudio.app.rows.text_cache import Lettering
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.counting.rows import BlockRow, Entry, unknown_text
from cnnstudio.core.network.design import Block, Item
from cnnstudio.core.network.distribution import AT_EACH_STEP

Index = QModelIndex | QPersistentModelIndex

PARAMETERS: Final = QUANTITY["parameters"]
GAP: Final = 8
ICON: Final = 14
ARROW: Final = 12
"""Sides in pixels at text size 1."""
BADGES: Final[dict[str, tuple[str, str]]] = {
    "error": ("circle-x", "danger"),
    "warning": ("triangle-alert", "warning"),
    "unsayable": ("code-off", "warning"),
    "shared": ("link", "text"),
}


class LayerRowPainter:
    """Paints rows: the shape keeps its column, the rest shares what is left."""

    def __init__(self, view_state: ViewState, theme: Theme) -> None:
        self._view_state = view_state
        self._theme = theme
        theme.changed.connect(self._apply_theme)
        self._apply_theme()

    def _apply_theme(self) -> None:
        """Keeps fonts and colours: every row in sight is painted after every edit."""
        theme = self._theme
        self._icon, self._arrow = round(ICON * theme.text_scale), round(ARROW * theme.text_scale)
        self._numbers, self._texts = Lettering(theme.number_font()), Lettering(theme.text_font())
        self._names = Lettering(theme.text_font(bold=True))
        self.ground = theme.colour("surface")
        self._selection, self._text = theme.colour("selection"), theme.colour("text")
        self._muted, self._danger, self._accent = (theme.colour(name) for name in ("muted", "danger", "accent"))
        self._selected_muted = theme.colour("selection_muted")

    @property
    def name_inset(self) -> int:
        """Pixels between the left edge of a row and its name."""
        return self._icon + GAP

    def paint_row(self, painter: QPainter, rect: QRect, indent: int, row: ShownRow, *, selected: bool) -> None:
        """Paints one row into a rectangle; its text begins after the indent."""
        if row.item is None:
            return
        if selected:
            painter.fillRect(rect, self._selection)
        names = self._names if isinstance(row.item, Block) else self._texts
        inner = rect.adjusted(indent + 4, 0, -GAP, 0)
        inner = self._paint_badge(painter, inner, row.severity or self._mark_of(row))
        inner = self._paint_shape(
            painter, inner, row.entry, names.width(row.item.name), self._shape_ink(row, selected=selected)
        )
        inner = self._paint_icon(painter, inner, row.item)
        quiet = self._selected_muted if selected else self._muted
        self._paint_words(painter, inner, names, row.item, row.entry, quiet)

    def paint_arrow(self, painter: QPainter, rect: QRect, *, is_open: bool) -> None:
        """Paints what folds a block into the middle of the room before its row."""
        box = QRect(
            rect.center().x() - self._arrow // 2, rect.center().y() - self._arrow // 2, self._arrow, self._arrow
        )
        paint_icon(painter, box, "chevron-down" if is_open else "chevron-right", self._theme, "muted")

    def paint_focus(self, painter: QPainter, rect: QRect) -> None:
        """Marks the row where the keyboard is."""
        painter.setPen(self._accent)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_icon(self, painter: QPainter, rect: QRect, item: Item) -> QRect:
        box = QRect(rect.left(), rect.center().y() - self._icon // 2, self._icon, self._icon)
        paint_family(painter, box, item.family, self._theme)
        return rect.adjusted(self._icon + GAP, 0, 0, 0)

    def _paint_shape(self, painter: QPainter, rect: QRect, entry: Entry | None, name: float, ink: QColor) -> QRect:
        """A row too narrow for both shows its name, or as much of a long one as half of it takes."""
        shape = entry.output_shape if entry is not None else None
        text = unknown_text(entry) if entry is not None and shape is None else self._view_state.shape_text(shape)
        room = rect.width() - self._icon - 2 * GAP
        if self._numbers.width(text) + min(name, room / 2) > room:
            return rect
        painter.setFont(self._numbers.font)
        painter.setPen(ink)
        width = self._numbers.paint(painter, rect, text, at_right=True)
        return rect.adjusted(0, 0, -round(width) - GAP, 0)

    def _shape_ink(self, row: ShownRow, *, selected: bool) -> QColor:
        """Red where the fault lies, quiet below it.

        On the ground of a selection red is hard to read; the sign at the end of the row stays red.
        """
        if row.entry is not None and row.entry.output_shape is not None:
            return self._text
        if row.path in self._view_state.at_fault:
            return self._text if selected else self._danger
        return self._selected_muted if selected else self._muted

    def _mark_of(self, row: ShownRow) -> str:
        if row.path in self._view_state.unsayable:
            return "unsayable"
        return "shared" if row.entry is not None and row.entry.owner else ""

    def _paint_badge(self, painter: QPainter, rect: QRect, badge: str) -> QRect:
        """Every row keeps the room for a badge, so that shapes stay in one column."""
        if badge in BADGES:
            name, token = BADGES[badge]
            box = QRect(rect.right() - self._icon, rect.center().y() - self._icon // 2, self._icon, self._icon)
            paint_icon(painter, box, name, self._theme, token)
        return rect.adjusted(0, 0, -self._icon - 6, 0)

    def _paint_words(
        self, painter: QPainter, rect: QRect, names: Lettering, item: Item, entry: Entry | None, quiet: QColor
    ) -> None:
        painter.setFont(names.font)
        painter.setPen(self._text)
        width = names.paint(painter, rect, item.name)
        rest = rect.adjusted(round(width) + GAP, 0, 0, 0)
        if rest.width() > 24:
            painter.setFont(self._texts.font)
            painter.setPen(quiet)
            self._texts.paint(painter, rest, summary_of(item, entry))


class LayerRowDelegate(QStyledItemDelegate):
    """Says how high rows are, and makes the editor of a name; Qt has it paint what is dragged."""

    def __init__(self, painter: LayerRowPainter, layers: LayerTreeModel, view: QWidget) -> None:
        super().__init__(view)
        self._painter = painter
        self._layers = layers

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, QFontMetrics(option.font).height() + 11)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self._painter.paint_row(painter, option.rect, 0, self._layers.shown_at(index), selected=True)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAccessibleName(self.tr("Name of the layer"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(self._painter.name_inset, 1, -GAP, -1))


def summary_of(item: Item, entry: Entry | None = None) -> str:
    """The text beside the name: the hyperparameters that matter, and inputs that are named.

    Of a block, what it holds; and the parameters of all its repeats together, where they are known.
    """
    if isinstance(item, Block):
        count = len(item.layers)
        parts = [f"× {item.repeat}"] if item.repeat > 1 else []
        parts += [AT_EACH_STEP] if item.time_distributed else []
        parts.append(f"{count} layer" if count == 1 else f"{count} layers")
        total = PARAMETERS.total(entry) if isinstance(entry, BlockRow) else None
        if item.shares:
            parts.append(f"shares {item.shares}")
        elif total is not None and total.is_exact:
            parts.append(f"{PARAMETERS.unit.short(total.value)} {PARAMETERS.name}")
        return " · ".join(parts)
    parts = [item.summary()] if item.summary() else []
    activation = getattr(item, "activation", None)
    if activation and activation != "linear":
        parts.append(activation)
    if not parts:
        parts = [item.type_name]
    if item.shares:
        parts.append(f"shares {item.shares}")
    if item.inputs:
        parts.append(" + ".join(item.inputs))
    return " · ".join(parts)
