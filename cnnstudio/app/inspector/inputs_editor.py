"""The editor of a layer's inputs: typed by name, or picked from a list of what there is, with the shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.inspector.field_controls import FieldLine, Tail
from cnnstudio.app.inspector.field_editor import FieldTarget
from cnnstudio.app.inspector.typed_editors import LineEditor
from cnnstudio.authoring.input_choices import InputChoice
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.field_text import field_text
from cnnstudio.core.network.fields import Field

MAX_ROWS: Final = 14
ARROW: Final = 14
ROW_PADDING: Final = 9
_MAX_NAME_WIDTH: Final = 260
_NAME = Qt.ItemDataRole.UserRole


class EditedItem:
    """The facts that the editor needs about the item whose inputs it edits."""

    def __init__(
        self,
        before: str,
        implied: str,
        shape_text: str,
        many: bool,
        choices: Callable[[], tuple[InputChoice, ...]],
        words: Callable[[Shape | None], str],
    ) -> None:
        self.before = before
        self.implied = implied
        self.shape_text = shape_text
        self.many = many
        self.choices = choices
        self.words = words


class InputsEditor(LineEditor):
    """Names of inputs. Empty, the layer before, which stands there in grey; the arrow opens a list to pick from."""

    is_live = False

    def __init__(self, field: Field, target: FieldTarget, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(field, target, theme, parent)
        self._wiring: EditedItem | None = None
        self._tail = _Tail(theme, self.line)
        self._tail.opened.connect(self.open_list)
        self.line.set_tail(self._tail)
        self.line.opens_list = True
        self.line.opened.connect(self.open_list)
        self.popup: InputPopup | None = None

    def follow_wiring(self, wiring: EditedItem) -> None:
        """Takes over what is known of another item, or of the same one after an edit."""
        self._wiring = wiring
        if wiring.shape_text != self._tail.shape.text():
            self._tail.shape.setText(wiring.shape_text)
            self.line.place_tail()
        self._set_placeholder(self._placeholder())

    def _placeholder(self) -> str:
        return self._wiring.implied if self._wiring else ""

    def apply_theme(self) -> None:
        super().apply_theme()
        self._tail.apply_theme()
        self.line.place_tail()

    def open_list(self) -> None:
        """Shows what there is to pick from, below the line."""
        if self._wiring is None:
            return
        self.popup = InputPopup(self._theme, self._wiring, self._value, self)
        self.popup.picked.connect(self._on_picked)
        self.popup.show_below(self.line)

    def _on_picked(self, names: tuple[str, ...]) -> None:
        self._set_text(field_text(self.field, names))
        self._offer(names)


class _Tail(Tail):
    """The shape that flows in, in grey, and the arrow that opens the list."""

    opened = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.shape = QLabel(self)
        self.shape.setTextFormat(Qt.TextFormat.PlainText)
        self.arrow = QToolButton(self)
        self.arrow.setIcon(icon("chevron-down", theme, "muted"))
        self.arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.arrow.setCursor(Qt.CursorShape.ArrowCursor)
        self.arrow.setAccessibleName(self.tr("Pick the inputs"))
        self.arrow.setToolTip(self.tr("Pick from a list (Down)"))
        self.arrow.setStyleSheet("QToolButton { border: none; padding: 0; background: transparent; }")
        self.arrow.clicked.connect(self.opened)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 5, 0)
        row.setSpacing(4)
        row.addWidget(self.shape)
        row.addWidget(self.arrow)
        self.apply_theme()

    def set_short(self, is_short: bool) -> None:
        self.shape.setVisible(not is_short)

    def apply_theme(self) -> None:
        """Applies the colours of the theme."""
        # A label inside a line takes the colour of the line unless it is given one.
        self.shape.setStyleSheet(f"color: {self._theme.tokens.muted};")
        self.shape.setFont(self._theme.number_font(0.92))
        side = round(ARROW * self._theme.text_scale)
        self.arrow.setIconSize(QSize(side, side))


class _PickList(QTreeWidget):
    """A list whose Space picks and whose Enter picks and closes."""

    taken = Signal(bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.taken.emit(event.key() != Qt.Key.Key_Space)
        else:
            super().keyPressEvent(event)


class InputPopup(QFrame):
    """The list to pick from: what fits, then the rest. One input is picked by a click, several are ticked."""

    picked = Signal(tuple)

    def __init__(self, theme: Theme, wiring: EditedItem, chosen: Any, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        # Made anew each time it opens: the layers that can be picked change with every edit.
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._theme = theme
        self._wiring = wiring
        self._chosen: list[str] = list(chosen) if isinstance(chosen, tuple) else []
        self.list = _PickList(self)
        self._set_up_list()
        self._fill()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        tokens = theme.tokens
        self.setStyleSheet(f"InputPopup {{ background: {tokens.surface}; border: 1px solid {tokens.outline}; }}")
        column.addWidget(self.list)

    def _set_up_list(self) -> None:
        self.list.setAccessibleName(self.tr("Inputs to pick from"))
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        self.list.itemClicked.connect(lambda item, _column: self._on_chosen(item))
        self.list.taken.connect(lambda is_done: self._on_chosen(self.list.currentItem(), is_done=is_done))

    def _fill(self) -> None:
        choices = self._wiring.choices()
        if not self._wiring.many:
            text = self.tr("the layer before: {name}").format(name=self._wiring.before or "–")
            self._add(text, "", "").setFirstColumnSpanned(True)
        for title, group in (
            (self.tr("Fitting"), [choice for choice in choices if choice.fits]),
            (self.tr("Not fitting"), [choice for choice in choices if not choice.fits]),
        ):
            if group:
                self._add_title(title)
            for choice in group:
                self._add(choice.name, self._wiring.words(choice.shape), choice.name)
        self._select_current()

    def _add_title(self, title: str) -> None:
        item = self._row(title, "")
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFirstColumnSpanned(True)
        item.setForeground(0, self._theme.colour("muted"))
        item.setFont(0, self._theme.text_font(0.9, bold=True))

    def _row(self, text: str, shape: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self.list, [text, shape])
        item.setSizeHint(0, QSize(0, self.fontMetrics().height() + ROW_PADDING))
        return item

    def _add(self, text: str, shape: str, name: str) -> QTreeWidgetItem:
        item = self._row(text, shape)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        item.setData(0, _NAME, name)
        item.setToolTip(0, plain_tip(text))
        item.setForeground(1, self._theme.colour("muted"))
        item.setFont(1, self._theme.number_font())
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if self._wiring.many:
            ticked = name in self._chosen
            item.setCheckState(0, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        return item

    def rows(self) -> list[QTreeWidgetItem]:
        """All rows, titles too."""
        items = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item for item in items if item is not None]

    def _select_current(self) -> None:
        pickable = [item for item in self.rows() if item.flags() & Qt.ItemFlag.ItemIsSelectable]
        wanted = self._chosen[:1] or [""]
        current = next((item for item in pickable if item.data(0, _NAME) == wanted[0]), None)
        if current is not None or pickable:
            self.list.setCurrentItem(current or pickable[0])

    def show_below(self, line: FieldLine) -> None:
        """Opens under a line, as wide as it, or above it where the screen ends."""
        self.list.resizeColumnToContents(1)
        row = self.list.sizeHintForRow(0)
        rows = min(MAX_ROWS, max(1, self.list.topLevelItemCount()))
        letters = self.fontMetrics()
        names = max(letters.horizontalAdvance(item.text(0)) for item in self.rows())
        width = max(line.width(), min(_MAX_NAME_WIDTH, names) + self.list.columnWidth(1) + 4 * row)
        self.resize(width, rows * row + 12)
        corner = line.mapToGlobal(QPoint(line.width() - width, line.height() + 2))
        screen = line.screen().availableGeometry()
        # A list below the screen could not be clicked.
        if corner.y() + self.height() > screen.bottom():
            corner.setY(line.mapToGlobal(QPoint(0, 0)).y() - self.height() - 2)
        corner.setX(max(screen.left(), corner.x()))
        self.move(corner)
        self.show()
        self.list.setFocus()

    def _on_chosen(self, item: QTreeWidgetItem | None, *, is_done: bool = False) -> None:
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsSelectable:
            return
        name = str(item.data(0, _NAME))
        if not self._wiring.many:
            self.picked.emit((name,) if name else ())
            self.close()
            return
        if is_done:
            self.close()
            return
        if name in self._chosen:
            self._chosen.remove(name)
        else:
            self._chosen.append(name)
        ticked = name in self._chosen
        item.setCheckState(0, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self.picked.emit(tuple(self._chosen))
