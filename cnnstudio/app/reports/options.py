"""The options of a report: format, content and layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import structs
from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.translation import QT_TRANSLATE_NOOP
from cnnstudio.app.reports.choice import ReportChoice
from cnnstudio.app.reports.forms import FORMS
from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.columns import COLUMN, COLUMNS
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.drawings.chart.bar import METRICS
from cnnstudio.drawings.diagram import STYLES
from cnnstudio.reports.content.report import GIVABLE, MAX_ROOM, PARTS

ROOM: Final = 7
"""Pixels between the lines of a list."""
MAX_LINES: Final = 7
KEY: Final = Qt.ItemDataRole.UserRole
Pairs = Sequence[tuple[str, str]]
Options = Sequence[tuple[str | int | None, str]]
_TEXT_FORMS: Final = ("csv", "tsv", "json")
"""Forms that are tables of numbers: no parts, no paper."""
_PAPER_FORMS: Final = ("pdf", "tex")
_BLANKS: Final = tuple(key for key in COLUMN if key in QUANTITY and QUANTITY[key].has_working)
_TITLES: Final = {
    "none": QT_TRANSLATE_NOOP("ReportOptions", "None"),
    "selected": QT_TRANSLATE_NOOP("ReportOptions", "Of the selected layers"),
    "all": QT_TRANSLATE_NOOP("ReportOptions", "Of every layer"),
    "no_sheet": QT_TRANSLATE_NOOP("ReportOptions", "No, a report"),
    "sheet": QT_TRANSLATE_NOOP("ReportOptions", "Worksheet for students"),
    "key": QT_TRANSLATE_NOOP("ReportOptions", "Answer key"),
    "boxes": QT_TRANSLATE_NOOP("ReportOptions", "Boxes and edges"),
    "volumes": QT_TRANSLATE_NOOP("ReportOptions", "Feature maps as volumes"),
    "auto": QT_TRANSLATE_NOOP("ReportOptions", "As the reader's screen"),
    "light": QT_TRANSLATE_NOOP("ReportOptions", "Light"),
    "dark": QT_TRANSLATE_NOOP("ReportOptions", "Dark"),
}


def _title(key: str) -> str:
    return QCoreApplication.translate("ReportOptions", _TITLES[key])


class ReportOptions(QScrollArea):
    """Edits a choice. `changed` follows every change by the user; what does not concern a form is hidden with it."""

    changed = Signal()

    def __init__(
        self,
        choice: ReportChoice,
        theme: Theme,
        *,
        is_design: bool,
        has_selection: bool,
        table_columns: Sequence[str] = (),
        convention: str = "",
        is_fixed: bool = False,
        levels: int = 0,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """`convention` is the design's own; where it `is_fixed`, no other can be chosen."""
        super().__init__(parent)
        self._choice = structs.replace(choice, convention="") if is_fixed else choice
        self._theme = theme
        self._is_design = is_design
        self._table_columns = tuple(table_columns)
        self._has_selection = has_selection
        self._levels = levels
        self._rows: dict[str, list[QWidget]] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget(self)
        page.setObjectName("report_options")
        whole = QVBoxLayout(page)
        whole.setContentsMargins(14, 12, 14, 14)
        self._layout = QFormLayout()
        self._layout.setVerticalSpacing(8)
        self._layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._add_fields(convention, name)
        self.convention.setDisabled(is_fixed)
        whole.addLayout(self._layout)
        whole.addStretch(1)
        self.setWidget(page)
        self._show_fitting()

    # Putting together.

    def _add_fields(self, convention: str, name: str) -> None:
        choice = self._choice
        forms = [(form.key, f"{form.title} (.{form.key})") for form in FORMS.values()]
        self.form = self._add_choice("form", self.tr("Format"), forms, choice.form)
        self.title = QLineEdit(choice.title, self)
        self.title.setPlaceholderText(name)
        self.title.textChanged.connect(self._on_changed)
        self._add_row("title", self.tr("Title"), self.title)
        self._add_sheet(choice)
        self._add_columns()
        self.expand = self._add_switch("expand", self.tr("Every repeat of every block"), choice.expand)
        self.opened = self._add_choice("depth", self.tr("Blocks"), self._depths(), choice.depth)
        workings = [(key, _title(key)) for key in ("none", "selected", "all")]
        self.working = self._add_choice("working", self.tr("Working"), workings, choice.working)
        self.charted = self._add_choice("metric", self.tr("Chart"), tuple(METRICS.items()), choice.metric)
        self.is_log = self._add_switch("is_log", self.tr("Logarithmic chart"), choice.is_log)
        styles = [(key, _title(key)) for key in STYLES]
        self.diagram = self._add_choice("diagram", self.tr("Diagram"), styles, choice.diagram)
        own = self.tr("The design's ({name})").format(name=CONVENTIONS[convention].title) if convention else ""
        counts = [("", own), *((key, rule.title) for key, rule in CONVENTIONS.items())]
        self.convention = self._add_choice("convention", self.tr("Counting"), counts, choice.convention)
        papers = [("a4", "A4"), ("letter", "Letter")]
        self.paper = self._add_choice("paper", self.tr("Paper"), papers, choice.paper)
        lights = [(key, _title(key)) for key in ("auto", "light", "dark")]
        self.light = self._add_choice("light", self.tr("Colours"), lights, choice.light)
        self.is_fragment = self._add_switch("is_fragment", self.tr("Tables alone, for a document"), choice.is_fragment)
        self.is_dated = self._add_switch("is_dated", self.tr("With today's date"), choice.is_dated)

    def _add_sheet(self, choice: ReportChoice) -> None:
        """Adds what a worksheet tells and asks, and what a report has in its place."""
        sheets = [("none", _title("no_sheet")), ("sheet", _title("sheet")), ("key", _title("key"))]
        self.worksheet = self._add_choice("worksheet", self.tr("Worksheet"), sheets, choice.worksheet)
        self.parts = self._add_checks("parts", self.tr("Content"), tuple(PARTS.items()), choice.parts)
        givable = [(key, COLUMN[key].title) for key in GIVABLE]
        self.given = self._add_checks("given", self.tr("Given columns"), givable, choice.given)
        blanks = [(key, COLUMN[key].title) for key in _BLANKS]
        self.blank = self._add_checks("blank", self.tr("Blank columns"), blanks, choice.blank)
        self.has_formulas = self._add_switch("has_formulas", self.tr("Give the formulas"), choice.has_formulas)
        self.room = QSpinBox(self)
        self.room.setRange(0, MAX_ROOM)
        self.room.setValue(choice.room)
        self.room.setSuffix(self.tr(" lines"))
        self.room.valueChanged.connect(self._on_changed)
        self._add_row("room", self.tr("Room to work"), self.room)

    def _depths(self) -> list[tuple[int | None, str]]:
        """The depths to which blocks of this design can be opened, with their words."""
        depths: list[tuple[int | None, str]] = [(None, self.tr("All opened")), (0, self.tr("All closed"))]
        for depth in range(1, self._levels):
            text = self.tr("1 level opened") if depth == 1 else self.tr("{count} levels opened").format(count=depth)
            depths.append((depth, text))
        return depths

    def _add_row(self, key: str, title: str, field: QWidget) -> None:
        label = QLabel(title, self)
        label.setBuddy(field)
        field.setAccessibleName(title or field.accessibleName())
        self._layout.addRow(label, field)
        self._rows[key] = [label, field]

    def _add_choice(self, key: str, title: str, options: Options, current: str | int | None) -> QComboBox:
        box = _Box(self)
        for option, text in options:
            box.addItem(text, option)
        box.setCurrentIndex(max(0, box.findData(current)))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(14)
        box.currentIndexChanged.connect(self._on_changed)
        self._add_row(key, title, box)
        return box

    def _add_switch(self, key: str, title: str, is_on: bool) -> QCheckBox:
        box = QCheckBox(title, self)
        box.setChecked(is_on)
        box.toggled.connect(self._on_changed)
        self._layout.addRow(QWidget(self), box)
        self._rows[key] = [box]
        return box

    def _add_checks(self, key: str, title: str, options: Pairs, chosen: Sequence[str]) -> CheckList:
        checks = CheckList(options, chosen, self)
        checks.changed.connect(self._on_changed)
        self._add_row(key, title, checks)
        return checks

    def _add_columns(self) -> None:
        options = [(column.key, column.title) for column in COLUMNS]
        order = {key: place for place, key in enumerate(self._choice.columns)}
        options.sort(key=lambda pair: order.get(pair[0], len(order)))
        self.columns = CheckList(options, self._choice.columns, self, lines=8, can_move=True)
        self.columns.changed.connect(self._on_changed)
        self.columns.setToolTip(self.tr("Drag columns, or press Alt with an arrow, to put them in another order"))
        self.as_table = QPushButton(self.tr("As in the table"), self)
        self.as_table.setAutoDefault(False)
        self.as_table.clicked.connect(lambda: self.columns.choose(self._table_columns))
        both = QWidget(self)
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.columns)
        column.addWidget(self.as_table, 0, Qt.AlignmentFlag.AlignLeft)
        both.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.columns.setAccessibleName(self.tr("Columns"))
        self._add_row("columns", self.tr("Columns"), both)

    # What is chosen.

    @property
    def choice(self) -> ReportChoice:
        """The choice as it is now; what is hidden keeps what it was."""
        changes: dict[str, Any] = {
            key: getattr(self, key).currentData()
            for key in ("form", "worksheet", "working", "diagram", "convention", "paper", "light")
        }
        changes |= {"title": self.title.text().strip(), "room": self.room.value()}
        changes |= {"metric": self.charted.currentData(), "depth": self.opened.currentData()}
        switches = ("expand", "has_formulas", "is_log", "is_fragment", "is_dated")
        changes |= {key: getattr(self, key).isChecked() for key in switches}
        changes |= {key: getattr(self, key).chosen for key in ("parts", "given", "blank", "columns")}
        return structs.replace(self._choice, **changes)

    def _on_changed(self) -> None:
        self._show_fitting()
        self.changed.emit()

    def _show_fitting(self) -> None:
        form = self.form.currentData()
        sheet = str(self.worksheet.currentData()) if self._is_design else "none"
        is_data, is_sheet = form in _TEXT_FORMS, sheet != "none"
        drawn = () if is_data or is_sheet or not self._is_design else self.parts.chosen
        shown = {
            "title": self._is_design and not is_data,
            "worksheet": self._is_design,
            "parts": self._is_design and not is_data and not is_sheet,
            "given": is_sheet,
            "blank": is_sheet,
            "has_formulas": is_sheet,
            "room": is_sheet,
            "columns": self._is_design and not is_sheet and form != "json",
            "expand": self._is_design and not is_data,
            "depth": self._is_design and not is_data and self._levels > 0 and not self.expand.isChecked(),
            "working": self._is_design and not is_sheet and form not in ("csv", "tsv"),
            "metric": "chart" in drawn,
            "is_log": "chart" in drawn,
            "diagram": "diagram" in drawn,
            "convention": self._is_design,
            "paper": form in _PAPER_FORMS,
            "light": form == "html",
            "is_fragment": form == "tex",
            "is_dated": form not in ("csv", "tsv"),
        }
        for key, is_shown in shown.items():
            self._layout.setRowVisible(self._rows[key][-1], is_shown)
        self.as_table.setVisible(bool(self._table_columns))

    @property
    def reason(self) -> str:
        """The reason why there can be no report with this choice; empty if there can."""
        choice = self.choice
        is_sheet = choice.worksheet != "none" and self._is_design
        if is_sheet and not choice.given:
            return self.tr("Choose the columns to give.")
        if is_sheet and not choice.blank:
            return self.tr("Choose the columns to leave blank.")
        if self._is_design and not is_sheet and choice.form != "json" and not choice.columns:
            return self.tr("Choose at least one column.")
        if self._is_design and choice.working == "selected" and not is_sheet and not self._has_selection:
            return self.tr("No layer is selected whose working could be shown. Select layers in the window first.")
        return ""


class _Box(QComboBox):
    """A combo box whose value the wheel does not change: it scrolls the options."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class CheckList(QListWidget):
    """Texts with a box each; where they can be moved, their order counts."""

    changed = Signal()

    def __init__(
        self, options: Pairs, chosen: Sequence[str], parent: QWidget, *, lines: int = 0, can_move: bool = False
    ) -> None:
        super().__init__(parent)
        self._lines = lines or len(options)
        self._can_move = can_move
        self._is_choosing = False
        height = self.fontMetrics().height() + ROOM
        for key, text in options:
            item = QListWidgetItem(text, self)
            item.setData(KEY, key)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(flags | Qt.ItemFlag.ItemIsDragEnabled if can_move else flags)
            item.setCheckState(Qt.CheckState.Checked if key in chosen else Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(0, height))
        if can_move:
            self.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.setUniformItemSizes(True)
        self._row_height = height
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fit()
        self.itemChanged.connect(self._on_changed)
        self.model().rowsMoved.connect(self._on_changed)

    def _fit(self) -> None:
        shown = min(self._lines, MAX_LINES)
        self.setFixedHeight(shown * self._row_height + 2 * self.frameWidth() + 2)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of what is checked, from top to bottom."""
        items = [self.item(row) for row in range(self.count())]
        return tuple(str(item.data(KEY)) for item in items if item.checkState() == Qt.CheckState.Checked)

    def choose(self, keys: Sequence[str]) -> None:
        """Checks these, in this order from the top, and nothing else."""
        self._is_choosing = True
        items = {str(self.item(row).data(KEY)): row for row in range(self.count())}
        order = [*(key for key in keys if key in items), *(key for key in items if key not in keys)]
        taken = {key: self._taken(key) for key in order}
        for key, item in taken.items():
            self.addItem(item)
            item.setCheckState(Qt.CheckState.Checked if key in keys else Qt.CheckState.Unchecked)
        self._is_choosing = False
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt with an arrow moves the current line, where lines can be moved."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not event.modifiers() & Qt.KeyboardModifier.AltModifier or not self._can_move:
            super().keyPressEvent(event)
            return
        row = self.currentRow()
        if row >= 0 and 0 <= row + step < self.count():
            self.insertItem(row + step, self.takeItem(row))
            self.setCurrentRow(row + step)
            self.changed.emit()

    def _taken(self, key: str) -> QListWidgetItem:
        row = next(row for row in range(self.count()) if self.item(row).data(KEY) == key)
        return self.takeItem(row)

    def _on_changed(self, *_: object) -> None:
        if not self._is_choosing:
            self.changed.emit()
