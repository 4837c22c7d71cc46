"""The head of the inspector, and what stands below its fields: the shape and the cost of a layer, or the totals."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.app.appearance.icons import SEVERITY_SIGNS, family_icon, icon
from cnnstudio.app.appearance.labels import ElidedLabel, tinted
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tool_line import help_button
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.network.problem import Problem

SIGN: Final = 15


class InspectorHead(QFrame):
    """Whose fields they are: sign and name at the left, the type at the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._family = ""
        self._sign = QLabel(self)
        self.name = ElidedLabel(self)
        self.type = QLabel(self)
        self.type.setTextFormat(Qt.TextFormat.PlainText)
        self.help = help_button(theme, self.tr("About this in the manual"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(7)
        row.addWidget(self._sign)
        row.addWidget(self.name, 1)
        row.addWidget(self.type)
        row.addWidget(self.help)
        self.apply_theme()

    def show_subject(self, family: str, name: str, type_text: str) -> None:
        """Names another subject; an empty family has no sign."""
        self.name.show_text(name)
        self.type.setText(type_text)
        if family != self._family:
            self._family = family
            self._show_sign()

    def _show_sign(self) -> None:
        self._sign.setVisible(bool(self._family))
        if self._family:
            side = round(SIGN * self._theme.text_scale)
            self._sign.setPixmap(
                family_icon(self._family, self._theme).pixmap(QSize(side, side), self.devicePixelRatio())
            )

    def apply_theme(self) -> None:
        """Applies the colours of the theme."""
        tokens = self._theme.tokens
        self.name.setFont(self._theme.text_font(bold=True))
        # First: a style sheet gives labels the colours of the palette again.
        self.setStyleSheet(f"InspectorHead {{ border: none; border-bottom: 1px solid {tokens.hairline}; }}")
        tinted(self.type, tokens.muted)
        self._show_sign()


class FactsSection(QFrame):
    """Below the fields: what comes out and what it costs, quietly; and what is wrong with it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._problems: tuple[Problem, ...] = ()
        self.line = QLabel(self)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setWordWrap(True)
        # A name would take the place of the text for whoever listens.
        self.line.setAccessibleDescription(self.tr("Output and parameters"))
        self.line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(7)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 9, 12, 12)
        column.setSpacing(9)
        column.addWidget(self.line)
        column.addLayout(self._grid)
        self.apply_theme()

    def show_facts(self, text: str, problems: tuple[Problem, ...]) -> None:
        """Shows the line of a layer and its problems."""
        self.line.setText(text)
        self.line.setVisible(bool(text))
        self.setVisible(bool(text or problems))
        if problems != self._problems:
            self._problems = problems
            self._show_problems()

    def _show_problems(self) -> None:
        while len(self._rows) < len(self._problems):
            self._add_row()
        for place, (sign, text) in enumerate(self._rows):
            is_used = place < len(self._problems)
            sign.setVisible(is_used)
            text.setVisible(is_used)
            if is_used:
                problem = self._problems[place]
                name, token = SEVERITY_SIGNS[problem.severity]
                sign.setPixmap(_pixmap(icon(name, self._theme, token), self, self._theme))
                sentence = f"{problem.sentence[:1].upper()}{problem.sentence[1:]} {problem.remedy}"
                text.setText(sentence.rstrip())

    def _add_row(self) -> None:
        sign, text = QLabel(self), QLabel(self)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        place = len(self._rows)
        self._grid.addWidget(sign, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, place, 1)
        self._rows.append((sign, text))

    def apply_theme(self) -> None:
        """Applies the colours of the theme."""
        self.setStyleSheet(f"FactsSection {{ border: none; border-top: 1px solid {self._theme.tokens.hairline}; }}")
        tinted(self.line, self._theme.tokens.muted)
        self.line.setFont(self._theme.number_font())
        self._show_problems()


class TotalsSection(QFrame):
    """The sums over the whole design, for the inspector when nothing is selected."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._titles: dict[str, QLabel] = {}
        self.values: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 10, 12, 12)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(1, 1)
        for quantity in placed("inspector"):
            self._add(quantity.key, quantity.title, quantity.help)
        self.apply_theme()

    def _add(self, key: str, title: str, help_text: str) -> None:
        name, value = QLabel(title, self), QLabel(self)
        name.setToolTip(help_text)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = len(self._titles)
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
        self._titles[key], self.values[key] = name, value

    def show_totals(self, analysis: Analysis) -> None:
        """Shows the sums of an analysis."""
        for quantity in placed("inspector"):
            text = quantity.total(analysis).text(quantity.unit.full)
            self.values[quantity.key].setText(text)
            self.values[quantity.key].setAccessibleName(f"{quantity.title}: {text}")

    def apply_theme(self) -> None:
        """Applies the colours of the theme."""
        self.setStyleSheet(f"TotalsSection {{ border: none; border-top: 1px solid {self._theme.tokens.hairline}; }}")
        for title, value in zip(self._titles.values(), self.values.values(), strict=True):
            tinted(title, self._theme.tokens.muted)
            value.setFont(self._theme.number_font())


def _pixmap(sign: QIcon, widget: QWidget, theme: Theme) -> QPixmap:
    side = round(SIGN * theme.text_scale)
    return sign.pixmap(QSize(side, side), widget.devicePixelRatio())
