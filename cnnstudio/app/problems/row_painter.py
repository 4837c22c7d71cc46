"""One row of the problem list: how bad, where, what, and below it what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from cnnstudio.app.appearance.icons import SEVERITY_SIGNS, paint_icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.problems.model import PROBLEM_ROLE, SEVERITIES_ROLE, SEVERITY_ROLE
from cnnstudio.core.network.problem import Problem

Index = QModelIndex | QPersistentModelIndex

GAP: Final = 8
LINE_GAP: Final = 3
MARGIN: Final = 7
SIGN: Final = 15


class ProblemRowDelegate(QStyledItemDelegate):
    """Draws two lines. The buttons of a row lie over its right end; `taken` says how wide they are."""

    def __init__(self, theme: Theme, taken: Callable[[int], int], parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._taken = taken

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        height = 2 * QFontMetrics(self._theme.text_font()).height() + LINE_GAP + 2 * MARGIN
        return QSize(1, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        painter.save()
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected:
            painter.fillRect(rect, self._theme.colour("selection"))
        painter.setPen(self._theme.colour("hairline"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        free = rect.adjusted(12, MARGIN, -max(self._taken(index.row()), 12), -MARGIN)
        self._paint_texts(painter, free, index, is_selected=is_selected)
        painter.restore()

    def _paint_texts(self, painter: QPainter, rect: QRect, index: Index, *, is_selected: bool) -> None:
        problem: Problem = index.data(PROBLEM_ROLE)
        bold = QFontMetrics(self._theme.text_font(bold=True))
        plain = QFontMetrics(self._theme.text_font())
        sign, token = SEVERITY_SIGNS[problem.severity]
        side = round(SIGN * self._theme.text_scale)
        height = plain.height()
        paint_icon(painter, QRect(rect.left(), rect.top() + (height - side) // 2, side, side), sign, self._theme, token)
        left = rect.left() + side + GAP
        self._line(painter, QRect(left, rect.top(), rect.right() - left, height), index.data(SEVERITY_ROLE), token)
        left += max(plain.horizontalAdvance(word) for word in index.data(SEVERITIES_ROLE)) + 2 * GAP
        first = QRect(left, rect.top(), rect.right() - left, height)
        where = bold.elidedText(problem.path, Qt.TextElideMode.ElideMiddle, first.width() // 3)
        self._line(painter, first, where, "text", bold=True)
        indent = bold.horizontalAdvance(where) + GAP if where else 0
        self._line(painter, first.adjusted(indent, 0, 0, 0), problem.sentence, "text")
        second = first.translated(0, height + LINE_GAP)
        self._line(painter, second, problem.remedy, "selection_muted" if is_selected else "muted")

    def _line(self, painter: QPainter, rect: QRect, text: str, token: str, *, bold: bool = False) -> None:
        font = self._theme.text_font(bold=bold)
        painter.setFont(font)
        painter.setPen(self._theme.colour(token))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
