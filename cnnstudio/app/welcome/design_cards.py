"""The built-in designs as cards in groups: name, source, silhouette and cost, read one after the other while the page
is idle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log2
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QResizeEvent, QTextLayout
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.formats import read_file
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.gallery import DesignGroup
from cnnstudio.layers.families import FAMILY

CARD = Qt.ItemDataRole.UserRole
MAX_BARS = 46
MIN_WIDTH = 290
MAX_NOTE_LINES = 3
SHAPING = frozenset({"computes", "rearranges", "passes"})
"""Effects of the families that a silhouette shows."""
CARD_GAP = 12
_PAD = 14
Index = QModelIndex | QPersistentModelIndex


class SilhouetteBar(Struct, frozen=True):
    """One bar of a silhouette: the family of the layer, and how large its output is, from 0 to 1."""

    family: str
    height: float


class Card(Struct, frozen=True):
    """The content of a design's card; all but the name is empty until the design has been read."""

    stem: str
    path: Path
    name: str
    note: str = ""
    numbers: str = ""
    silhouette: tuple[SilhouetteBar, ...] = ()

    def matches(self, text: str) -> bool:
        """True if every word of the text is in its name, its file name or its note."""
        hay = f"{self.name} {self.stem} {self.note}".lower()
        hay += hay.replace("-", "").replace(" ", "")
        return all(word in hay for word in text.lower().split())


def silhouette(analysis: Analysis) -> tuple[SilhouetteBar, ...]:
    """The sizes of the maps along a network, on a logarithmic scale; of a long one only every second layer, or third.

    Layers that by their nature leave the size as it is are left out, and so are side branches that pool to a point.
    """
    found = [
        (row.layer.family, max(row.output_shape.spatial, default=1))
        for row in analysis.rows
        if row.output_shape is not None and FAMILY[row.layer.family].effect in SHAPING
    ]
    last_map = max((place for place, (_, size) in enumerate(found) if size > 1), default=0)
    kept = [(family, size) for place, (family, size) in enumerate(found) if size > 1 or place > last_map]
    largest = log2(max((size for _, size in kept), default=1) + 1)
    step = max(1, -(-len(kept) // MAX_BARS))
    return tuple(SilhouetteBar(family, log2(size + 1) / largest) for family, size in kept[::step])


class CardsModel(QAbstractListModel):
    """The cards, those of each group below its title. `load_next` reads one more design, until it says False."""

    def __init__(
        self, paths: dict[str, Path], groups: Sequence[DesignGroup] = (), parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._rows: list[Card | str] = []
        for group in groups or [DesignGroup("", tuple(paths))]:
            self._rows += [group.title] if group.title else []
            self._rows += [Card(stem, paths[stem], stem) for stem in group.stems if stem in paths]
        self._loaded = 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        card = self._rows[index.row()]
        if isinstance(card, str):
            texts = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return card if role in texts else None
        if role == Qt.ItemDataRole.DisplayRole:
            return card.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(card.note)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (card.name, card.numbers, card.note) if part)
        return card if role == CARD else None

    def load_next(self) -> bool:
        """Reads the next design. Returns False if none was left."""
        while self._loaded < len(self._rows):
            row = self._loaded
            self._loaded += 1
            card = self._rows[row]
            if isinstance(card, Card):
                self._rows[row] = self._read(card)
                self.dataChanged.emit(self.index(row), self.index(row))
                return True
        return False

    def _read(self, card: Card) -> Card:
        try:
            design = read_file(card.path).design
            analysis = analyze(design)
            bars = silhouette(analysis)
        except (FileError, ValueError):
            return Card(card.stem, card.path, card.name, self.tr("This design cannot be read."))
        parameters, macs = (
            QUANTITY[key].total(analysis).text(QUANTITY[key].unit.short) for key in ("parameters", "macs")
        )
        numbers = self.tr("{parameters} parameters · {macs} MACs").format(parameters=parameters, macs=macs)
        # The last line says the parameters.
        full = QUANTITY["parameters"].total(analysis).text(QUANTITY["parameters"].unit.full)
        note = design.note.partition("\n")[0].removesuffix(f"; {full} parameters")
        return Card(card.stem, card.path, design.name, note, numbers, bars)


class CardsView(QListView):
    """Cards in as many columns as there is room for, below the titles of their groups.

    `chosen` carries the short name of a design. Letters are left to the page, which searches for them.
    """

    chosen = Signal(str)

    def __init__(self, model: CardsModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._search = ""
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self._cell, self.columns = QSize(MIN_WIDTH, 0), 1
        self.setItemDelegate(_CardDelegate(theme, self.cell, self))
        self.setModel(model)
        self.clicked.connect(self.choose)
        model.dataChanged.connect(self._on_loaded)
        theme.changed.connect(self._fit_columns)

    def choose(self, index: Index) -> None:
        """Says that a design is wanted."""
        if index.isValid():
            self.chosen.emit(index.data(CARD).stem)

    def show_matching(self, text: str) -> list[str]:
        """Hides the cards that do not match, and titles without cards; the short names of those that do."""
        self._search = text.strip()
        names: list[str] = []
        title, has_cards = -1, False
        for row in range(self.model().rowCount()):
            card: Card | None = self.model().index(row, 0).data(CARD)
            if card is None:
                self._hide_title(title, is_hidden=not has_cards)
                title, has_cards = row, False
                continue
            is_match = card.matches(self._search)
            self.setRowHidden(row, not is_match)
            if is_match:
                names.append(card.stem)
                has_cards = True
        self._hide_title(title, is_hidden=not has_cards)
        return names

    def _hide_title(self, row: int, *, is_hidden: bool) -> None:
        if row >= 0:
            self.setRowHidden(row, is_hidden)

    def first_shown(self) -> QModelIndex:
        """The first card that is not hidden."""
        model = self.model()
        rows = (row for row in range(model.rowCount()) if not self.isRowHidden(row))
        return model.index(next((row for row in rows if model.index(row, 0).data(CARD)), -1), 0)

    def cell(self) -> QSize:
        """The room of a card with the gap beside and below it; that of a title is as wide as all columns."""
        return self._cell

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.choose(self.currentIndex())
        elif is_typed(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_columns()
        super().resizeEvent(event)

    def _fit_columns(self) -> None:
        # As if there were a scroll bar, so that its coming and going does not change the columns.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self.verticalScrollBar())
        width = self.maximumViewportSize().width() - bar - 2
        columns = max(1, width // round(MIN_WIDTH * self._theme.text_scale))
        self._cell = QSize(width // columns, card_height(self._theme) + CARD_GAP)
        self.columns = columns
        self.scheduleDelayedItemsLayout()

    def _on_loaded(self, first: QModelIndex, _last: QModelIndex, _roles: Sequence[int] = ()) -> None:
        if self._search:
            self.show_matching(self._search)


def is_typed(event: QKeyEvent) -> bool:
    """True if a key writes something, as it does in a line that searches."""
    modifiers = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return event.text().isprintable() and bool(event.text().strip()) and not modifiers


def card_height(theme: Theme) -> int:
    """The height of a card: the name, its note, the silhouette and the numbers."""
    name, line = QFontMetrics(theme.text_font(1.05, bold=True)), QFontMetrics(theme.text_font(0.92))
    return 2 * _PAD + name.height() + (MAX_NOTE_LINES + 1) * line.height() + _bars_height(theme) + 18


def _bars_height(theme: Theme) -> int:
    return round(32 * theme.text_scale)


class _CardDelegate(QStyledItemDelegate):
    """Paints one card, or the title of a group."""

    def __init__(self, theme: Theme, cell: Callable[[], QSize], parent: CardsView) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cell = cell
        self._view = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        cell = self._cell()
        if index.data(CARD) is not None:
            return cell
        height = QFontMetrics(self._theme.text_font(1.05, bold=True)).height()
        return QSize(self._view.columns * cell.width(), height + (CARD_GAP if index.row() == 0 else 2 * CARD_GAP))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        card: Card | None = index.data(CARD)
        rect = QRect(option.rect).adjusted(CARD_GAP // 2, 0, -(CARD_GAP // 2), -CARD_GAP)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if card is None:
            self._paint_title(painter, rect, str(index.data()))
        else:
            self._paint_card(painter, rect, card, option)
        painter.restore()

    def _paint_title(self, painter: QPainter, rect: QRect, title: str) -> None:
        painter.setFont(self._theme.text_font(1.05, bold=True))
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, title)

    def _paint_card(self, painter: QPainter, rect: QRect, card: Card, option: QStyleOptionViewItem) -> None:
        self._paint_ground(painter, rect, option)
        inner = rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        inner = self._paint_line(painter, inner, card.name, "text", 1.05, is_bold=True)
        note = QRect(inner.left(), inner.top() + 2, inner.width(), self._note_height())
        self._paint_note(painter, note, card.note)
        bars = QRect(inner.left(), note.bottom() + 9, inner.width(), _bars_height(self._theme))
        self._paint_bars(painter, bars, card.silhouette)
        inner.setTop(bars.bottom() + 9)
        self._paint_line(painter, inner, card.numbers, "text", 0.92)

    def _note_height(self) -> int:
        return MAX_NOTE_LINES * QFontMetrics(self._theme.text_font(0.92)).height()

    def _paint_note(self, painter: QPainter, rect: QRect, note: str) -> None:
        """The note in as many lines as it needs, the last one elided where they do not do."""
        painter.setFont(self._theme.text_font(0.92))
        painter.setPen(self._theme.colour("muted"))
        metrics = painter.fontMetrics()
        layout = QTextLayout(note, painter.font())
        layout.beginLayout()
        for number in range(MAX_NOTE_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(rect.width())
            is_last = number == MAX_NOTE_LINES - 1
            text = (
                note[line.textStart() :] if is_last else note[line.textStart() : line.textStart() + line.textLength()]
            )
            shown = metrics.elidedText(text.strip(), Qt.TextElideMode.ElideRight, rect.width())
            place = QRect(rect.left(), rect.top() + number * metrics.height(), rect.width(), metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
        layout.endLayout()

    def _paint_ground(self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem) -> None:
        state = option.state
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(self._theme.colour("accent" if has_focus else "outline" if is_hovered else "hairline"))
        painter.setBrush(self._theme.colour("raised" if is_hovered or has_focus else "surface"))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)

    def _paint_line(
        self, painter: QPainter, rect: QRect, text: str, token: str, scale: float, *, is_bold: bool = False
    ) -> QRect:
        """Paints one line at the top of the rectangle; what is left below it."""
        painter.setFont(self._theme.number_font(scale, bold=is_bold))
        painter.setPen(self._theme.colour(token))
        metrics = painter.fontMetrics()
        line = QRect(rect.left(), rect.top(), rect.width(), metrics.height())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
        return rect.adjusted(0, metrics.height(), 0, 0)

    def _paint_bars(self, painter: QPainter, rect: QRect, bars: tuple[SilhouetteBar, ...]) -> None:
        """The silhouette: how the maps shrink from the input on, each layer in the colour of its family."""
        if not bars:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        pitch = min(rect.width() / len(bars), 12.0)
        for place, bar in enumerate(bars):
            colour = QColor(self._theme.family_colour(bar.family))
            colour.setAlphaF(0.35 if FAMILY[bar.family].effect == "passes" else 0.85)
            painter.setBrush(colour)
            height = max(2.0, bar.height * rect.height())
            left = rect.left() + place * pitch
            painter.drawRoundedRect(QRectF(left, rect.bottom() + 1 - height, max(1.5, pitch - 1.5), height), 1, 1)
