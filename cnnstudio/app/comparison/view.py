"""A comparison to look at: the totals on top, the layers line by line, and what differs marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.labels import tinted
from cnnstudio.app.appearance.panel import hairline
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.comparison.cell_painter import GAP, ICON, ComparisonCellDelegate, PaddedDelegate
from cnnstudio.app.comparison.model import ComparedColumn, ComparedTotalsModel, ComparisonModel
from cnnstudio.app.rows.cells import INDENT, PADDING
from cnnstudio.core.comparison.comparison import Comparison
from cnnstudio.reports.comparison.terminal_text import comparison_title, short_labels
from cnnstudio.reports.comparison.words import causes_sentences, setting_text, summary_sentence

Index = QModelIndex | QPersistentModelIndex
MEASURED = 200
MAX_NAME_WIDTH, MAX_WIDTH = 260, 200
ROW_HEIGHT = 25
MAX_FITTED = 5_000
"""Rows that are measured; in longer lists the later ones keep to one line, so that nobody waits."""
MIN_WORDS_WIDTH = 240
"""The width of the words of what differs, below which the table scrolls sideways."""


class ComparisonView(QWidget):
    """Shows a comparison. `selected(design, places)` says which layers were selected in it, for each design."""

    selected = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_selecting = False
        self.model = ComparisonModel(self)
        self.totals_model = ComparedTotalsModel(theme, self)
        self.title = QLabel(self)
        self.sentence = QLabel(self)
        self.settings_note = QLabel(self)
        self._nothing = QLabel(self.tr("No layer differs."), self)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for label in (self.title, self.sentence, self.settings_note):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.totals = _table(self.totals_model, self)
        self.totals.setAccessibleName(self.tr("Totals"))
        self.totals.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.grid = _Grid(self.model, self)
        self.grid.setItemDelegate(ComparisonCellDelegate(theme, self.model, self.grid))
        self.grid.setAccessibleName(self.tr("Layers of the designs, side by side"))
        self._lay_out()
        self.grid.selectionModel().selectionChanged.connect(self._on_selected)
        theme.changed.connect(self._apply_theme)
        self._apply_theme()

    def _lay_out(self) -> None:
        head = QWidget(self)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 12, 16, 10)
        words = QVBoxLayout()
        words.setSpacing(3)
        for label in (self.title, self.sentence, self.settings_note):
            words.addWidget(label)
        self.tools = QHBoxLayout()
        row.addLayout(words, 1)
        row.addLayout(self.tools)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(hairline(self))
        layout.addWidget(self.totals)
        layout.addWidget(hairline(self))
        layout.addWidget(self.grid, 1)
        layout.addWidget(self._nothing, 1)

    def _apply_theme(self) -> None:
        self.title.setFont(self._theme.text_font(1.25, bold=True))
        tinted(self.sentence, self._theme.tokens.muted)
        tinted(self.settings_note, self._theme.tokens.warning)
        tinted(self._nothing, self._theme.tokens.muted)
        height = round(ROW_HEIGHT * self._theme.text_scale)
        for table in (self.totals, self.grid):
            table.verticalHeader().setDefaultSectionSize(height)
        self._fit_totals()

    # Showing.

    def show_comparison(
        self, comparison: Comparison, labels: tuple[str, ...], *, quantity: str, expand: bool, only_differences: bool
    ) -> None:
        """Shows a comparison in the place of the one before."""
        before = self.model.columns
        # In full: it takes as many lines as it needs, and columns have room for short names only.
        self.title.setText(comparison_title(labels))
        labels = tuple(short_labels(labels))
        causes = causes_sentences(comparison, labels)
        self.sentence.setText("\n".join([summary_sentence(comparison, labels), *causes]))
        self.settings_note.setText(" ".join(setting_text(change, labels) for change in comparison.settings))
        self.settings_note.setVisible(bool(comparison.settings))
        self.totals_model.show(comparison, labels)
        self._is_selecting = True
        self.model.show(comparison, labels, quantity=quantity, is_expanded=expand, only_differences=only_differences)
        self._is_selecting = False
        if self.model.rows and not self.grid.currentIndex().isValid():
            # Screen readers want to know where they are.
            none = QItemSelectionModel.SelectionFlag.NoUpdate
            self.grid.selectionModel().setCurrentIndex(self.model.index(0, 0), none)
        self.grid.setVisible(bool(self.model.rows))
        self._nothing.setHidden(bool(self.model.rows))
        self._fit_columns(grows=before == self.model.columns)
        self._fit_totals()

    def _fit_columns(self, *, grows: bool) -> None:
        """Columns as wide as their texts want; the last one takes what is left. They never shrink under the eye."""
        header = self.grid.horizontalHeader()
        for section, column in enumerate(self.model.columns[:-1]):
            wanted = self._wanted_width(column)
            header.resizeSection(section, max(wanted, header.sectionSize(section)) if grows else wanted)
        self.fit_rows()

    def fit_rows(self) -> None:
        """Gives what differs as many lines as it needs, and at least the room that its title takes."""
        last = len(self.model.columns) - 1
        if last < 0:
            return
        header = self.grid.horizontalHeader()
        header.setMinimumSectionSize(self.grid.fontMetrics().averageCharWidth() * 2)
        metrics = QFontMetrics(self._theme.text_font())
        least = round(MIN_WORDS_WIDTH * self._theme.text_scale)
        room = max(least, self.grid.viewport().width() - header.sectionPosition(last))
        header.resizeSection(last, room)
        line = round(ROW_HEIGHT * self._theme.text_scale)
        for number, row in enumerate(self.model.rows[:MAX_FITTED]):
            text = self.model.words(row)
            height = line
            if metrics.horizontalAdvance(text) > room - 2 * PADDING:
                needed = metrics.boundingRect(0, 0, room - 2 * PADDING, 10_000, Qt.TextFlag.TextWordWrap, text)
                height = max(line, needed.height() + line - metrics.height())
            if self.grid.rowHeight(number) != height:
                self.grid.setRowHeight(number, height)

    def _wanted_width(self, column: ComparedColumn) -> int:
        if column.part == "sign":
            return 2 * PADDING + self.grid.fontMetrics().horizontalAdvance("≠") + 6
        metrics = QFontMetrics(self._theme.number_font(bold=column.part == "name"))
        title = QFontMetrics(self._theme.text_font(bold=True))
        widths = [title.horizontalAdvance(line) + 2 * PADDING + 8 for line in column.title.split("\n")]
        for row in self.model.rows[:MEASURED]:
            item = row.items[column.design] if column.part == "name" else None
            icon = ICON + GAP + INDENT * item.depth if item is not None else 0
            widths.append(metrics.horizontalAdvance(self.model.cell_text(row, column)) + icon + 2 * PADDING + 4)
        return min(
            max(widths), round((MAX_NAME_WIDTH if column.part == "name" else MAX_WIDTH) * self._theme.text_scale)
        )

    def _fit_totals(self) -> None:
        self.totals.resizeColumnsToContents()
        header, rows = self.totals.horizontalHeader(), self.totals_model.rowCount()
        for section in range(header.count()):
            header.resizeSection(
                section,
                min(header.sectionSize(section) + 2 * PADDING + 4, round(MAX_NAME_WIDTH * self._theme.text_scale)),
            )
        height = header.sizeHint().height() + rows * self.totals.verticalHeader().defaultSectionSize()
        bar = self.totals.horizontalScrollBar()
        self.totals.setFixedHeight(height + 2 + (bar.sizeHint().height() if header.length() > self.width() else 0))

    # The selection.

    def select_places(self, design: int, places: Sequence[str]) -> None:
        """Selects the lines of layers of one design, by their places, and brings the first one into view."""
        wanted = set(places)
        rows = [
            number
            for number, row in enumerate(self.model.rows)
            if (item := row.items[design]) is not None and item.entry.place in wanted
        ]
        last = self.model.columnCount() - 1
        chosen = QItemSelection()
        for row in rows:
            chosen.select(self.model.index(row, 0), self.model.index(row, last))
        self._is_selecting = True
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.grid.selectionModel().select(chosen, flag)
        self._is_selecting = False
        if rows:
            self.grid.scrollTo(self.model.index(rows[0], 0))

    def _on_selected(self) -> None:
        if self._is_selecting:
            return
        rows = [self.model.rows[index.row()] for index in self.grid.selectionModel().selectedRows()]
        designs = len(self.model.rows[0].items) if self.model.rows else 0
        self.selected.emit(
            [[item.entry.place for row in rows if (item := row.items[number]) is not None] for number in range(designs)]
        )

    def go_to_difference(self, step: int) -> None:
        """Selects the next line that differs, or the one before; from the last one it goes on with the first."""
        differing = [number for number, row in enumerate(self.model.rows) if row.kind != "same"]
        if not differing:
            return
        current = self.grid.currentIndex().row()
        if step > 0:
            row = next((number for number in differing if number > current), differing[0])
        else:
            row = next((number for number in reversed(differing) if number < current), differing[-1])
        self.grid.setCurrentIndex(self.model.index(row, 0))
        self.grid.selectRow(row)

    def copied(self) -> QMimeData:
        """The selected lines, or all of them, as tab-separated text."""
        rows = sorted(index.row() for index in self.grid.selectionModel().selectedRows())
        lines = [self.model.rows[number] for number in rows] or self.model.rows
        table = [[column.title for column in self.model.columns]]
        table += [[self.model.cell_text(row, column) for column in self.model.columns] for row in lines]
        data = QMimeData()
        data.setText("\n".join("\t".join(cells) for cells in table) + "\n")
        return data


class _Grid(QTableView):
    """The lines; Copy copies them."""

    def __init__(self, model: ComparisonModel, parent: ComparisonView) -> None:
        super().__init__(parent)
        self._view = parent
        _apply_theme_to_table(self, model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setHighlightSections(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Rows depend on the width alone, and fitting them changes the height: without this it would call itself.
        if event.size().width() != event.oldSize().width():
            self._view.fit_rows()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setMimeData(self._view.copied())
            return
        super().keyPressEvent(event)


def _table(model: ComparedTotalsModel, parent: QWidget) -> QTableView:
    table = QTableView(parent)
    _apply_theme_to_table(table, model)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.horizontalHeader().setHighlightSections(False)
    table.setItemDelegate(PaddedDelegate(table))
    return table


def _apply_theme_to_table(table: QTableView, model: ComparisonModel | ComparedTotalsModel) -> None:
    table.setModel(model)
    table.setShowGrid(False)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setWordWrap(False)
    table.setCornerButtonEnabled(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.setTabKeyNavigation(False)
