"""Totals side by side in one line: as many as there is room for, and a click leads to the working."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import escaped
from cnnstudio.app.rows.text_cache import Lettering
from cnnstudio.core.counting.quantity import ALWAYS

MARGIN: Final = 8
GAP: Final = 18


class Part(NamedTuple):
    """Words, the number that stands bold after them, and the key of its quantity; or words alone.

    `was` says the number before the last edit, quietly. Where there is no room those go first, one after the other from
    the last on, then the part that `stays` least, and one that is `ALWAYS` never.
    """

    words: str
    number: str = ""
    key: str = ""
    stays: int = ALWAYS
    was: str = ""

    @property
    def text(self) -> str:
        """`Parameters 62,378,344 (was 61,100,840)`."""
        return " ".join(filter(None, (self.words, self.number, self.was)))


class TotalsParts(QWidget):
    """Paints itself: a label would lay out its rich text, and the line around it, after every edit.

    Parts that find no room stand in the tip only: no text may widen the window.
    """

    total_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: tuple[Part, ...] = ()
        self._left_out: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMouseTracking(True)
        theme.changed.connect(self._apply_theme)
        self._apply_theme()

    def _apply_theme(self) -> None:
        self._words = Lettering(self._theme.text_font())
        self._numbers = Lettering(self._theme.text_font(bold=True))
        self._space = self._words.width(" \u00a0")
        self._text, self._quiet = self._theme.colour("text"), self._theme.colour("muted")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, round(self._words.height) + 2)

    def show_parts(self, parts: tuple[Part, ...], note: str) -> None:
        """Shows as many of the parts as there is room for; the tip says all of them, and a note."""
        if parts == self._parts:
            return
        self._parts = parts
        expendable = (number for number, part in enumerate(parts) if part.stays < ALWAYS)
        self._left_out = sorted(expendable, key=lambda number: parts[number].stays)
        told = "<br>".join(
            f"{escaped(part.words)} <b>{escaped(part.number)}</b> {escaped(part.was)}".rstrip() for part in parts
        )
        self.setToolTip(f"<qt>{told}<br><br>{escaped(note)}</qt>")
        self.setAccessibleDescription(", ".join(part.text for part in parts))
        self.update()

    @property
    def shown(self) -> tuple[Part, ...]:
        """The parts that find room."""
        return tuple(part for part, _ in self._places())

    def _places(self) -> Iterator[tuple[Part, QRect]]:
        """Each part that finds room, and where it stands."""
        parts, room = list(self._parts), self.width() - MARGIN
        widths = [self._width(part) for part in parts]
        for number in reversed(range(len(parts))):
            if sum(widths) <= room:
                break
            parts[number] = parts[number]._replace(was="")
            widths[number] = self._width(parts[number])
        kept = set(range(len(widths)))
        for number in self._left_out:
            if sum(widths[part] for part in kept) <= room:
                break
            kept.discard(number)
        left = MARGIN
        for number in sorted(kept):
            yield parts[number], QRect(left, 0, widths[number] - GAP, self.height())
            left += widths[number]

    def _width(self, part: Part) -> int:
        """The room that a part takes, with the gap after it."""
        number = self._space + self._numbers.width(part.number) if part.number else 0.0
        was = self._space + self._words.width(part.was) if part.was else 0.0
        return round(self._words.width(part.words) + number + was) + 1 + GAP

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for part, place in self._places():
            painter.setPen(self._text)
            painter.setFont(self._words.font)
            left = self._words.paint(painter, place, part.words) + self._space
            painter.setFont(self._numbers.font)
            left += self._numbers.paint(painter, place.adjusted(round(left), 0, 1, 0), part.number) + self._space
            if part.was:
                painter.setPen(self._quiet)
                painter.setFont(self._words.font)
                self._words.paint(painter, place.adjusted(round(left), 0, 1, 0), part.was)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_link = bool(self._key_at(event))
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        key = self._key_at(event)
        if key and event.button() == Qt.MouseButton.LeftButton:
            self.total_requested.emit(key)

    def _key_at(self, event: QMouseEvent) -> str:
        point = event.position().toPoint()
        return next((part.key for part, place in self._places() if place.contains(point)), "")
