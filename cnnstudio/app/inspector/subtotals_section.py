"""The subtotals of a design by kind of layer or by stage, for the inspector when nothing is selected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.app.appearance.labels import tinted
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.reports.content.subtotals import By, Subtotal, subtotals

MAX_LINES: Final = 60
"""Subtotals that are listed; a report has them all."""
ZERO_WIDTH_SPACE: Final = "\u200b"
NO_BREAK: Final = "\u00a0"
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=_)")
"""The places between the words of a name such as MultiHeadAttention."""
AFTER_EDIT_MS: Final = 50
"""The delay after the other views with which the sums follow an edit."""


class SubtotalsSection(QFrame):
    """Layers, parameters and MACs of each kind of layer, or of each stage."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._analysis: Analysis | None = None
        self._title = QLabel(self.tr("Subtotals"), self)
        self.by = QComboBox(self)
        self.by.addItem(self.tr("By kind"), "kind")
        self.by.addItem(self.tr("By stage"), "stage")
        self.by.setAccessibleName(self.tr("Subtotals by kind or by stage"))
        self.by.currentIndexChanged.connect(lambda _index: self._refresh())
        self.lines = QLabel(self)
        self.lines.setTextFormat(Qt.TextFormat.RichText)
        self.lines.setWordWrap(True)
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lines.setAccessibleName(self.tr("Subtotals"))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(AFTER_EDIT_MS)
        self._pause.timeout.connect(self._refresh)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.by)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.addLayout(head)
        column.addWidget(self.lines)
        self.apply_theme()

    def show_analysis(self, analysis: Analysis) -> None:
        """Shows the sums of an analysis, a moment after it."""
        if analysis is not self._analysis:
            self._analysis = analysis
            self._pause.start()

    def _refresh(self) -> None:
        self._pause.stop()
        if self._analysis is not None and self.isVisible():
            by: By = "stage" if self.by.currentData() == "stage" else "kind"
            found = subtotals(self._analysis, by)
            self.lines.setText(self._table(found))
            # Read aloud, a table without its columns says nothing.
            self.lines.setAccessibleDescription("; ".join(map(self._spoken, found[:MAX_LINES])))

    def _spoken(self, subtotal: Subtotal) -> str:
        layers, parameters, macs = _numbers(subtotal)
        words = self.tr("{name}: layers {layers}, parameters {parameters}, MACs {macs}")
        return words.format(name=subtotal.name, layers=layers, parameters=parameters, macs=macs)

    def _table(self, found: list[Subtotal]) -> str:
        muted = self._theme.tokens.muted
        head = "".join(
            f'<td align="right" style="color:{muted}; padding-left:6px">{text}</td>'
            for text in (self.tr("Parameters"), self.tr("MACs"))
        )
        rows = [f"<tr><td></td>{head}</tr>", *[_row(subtotal, muted) for subtotal in found[:MAX_LINES]]]
        more = len(found) - MAX_LINES
        rest = f"<p>{self.tr('and {count} more').format(count=f'{more:,}')}</p>" if more > 0 else ""
        return f'<table width="100%" cellspacing="0" cellpadding="1">{"".join(rows)}</table>{rest}'

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pause.start()

    def apply_theme(self) -> None:
        """Applies the colours of the theme."""
        self.setStyleSheet(f"SubtotalsSection {{ border: none; border-top: 1px solid {self._theme.tokens.hairline}; }}")
        tinted(self._title, self._theme.tokens.muted)
        self.lines.setFont(self._theme.number_font())
        self._refresh()


def _row(subtotal: Subtotal, muted: str) -> str:
    layers, *sums = _numbers(subtotal)
    cells = "".join(f'<td align="right" style="padding-left:6px; white-space:nowrap">{text}</td>' for text in sums)
    # A long name breaks between its words, or it would push every figure of the inspector out of sight.
    name = _WORDS.sub(ZERO_WIDTH_SPACE, subtotal.name)
    # The number of layers has no column: in a narrow dock there is none left.
    return f'<tr><td>{escape(name)} <span style="color:{muted}">×{NO_BREAK}{layers}</span></td>{cells}</tr>'


def _numbers(subtotal: Subtotal) -> Iterator[str]:
    yield f"{subtotal.layers:,}"
    yield subtotal.text("parameters")
    # In short, as in the status line: the exact figures of two quantities find no room beside each other.
    bound = "≥ " if subtotal.unknown["macs"] else ""
    yield bound + QUANTITY["macs"].unit.short(subtotal.sums["macs"])
