"""The dialog of Tools, Scale: factors for width, depth and size, and the totals before and after, side by side."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from msgspec import structs
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.core.budgets.checking import counted
from cnnstudio.core.comparison.totals import ComparedTotal, compared_totals
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.scaling.scaling import USUAL_MULTIPLE, Scaling, compound, scale
from cnnstudio.reports.comparison.words import difference_text, ratio_text, total_text

MAX_FACTOR: Final = 100.0
MIN_FACTOR: Final = 0.01
MAX_STEPS: Final = 10.0
MAX_TOLD: Final = 4
PAUSE_MS: Final = 120
"""The pause in typing after which everything is counted again."""


class ScaleDialog(QDialog):
    """Shows what factors come to while they are chosen; OK makes it one step of undo."""

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_topic(self, "budgets.md#scaling")
        self._document, self._view_state, self._theme = document, view_state, theme
        self.edit: Edit | None = None
        self.setWindowTitle(self.tr("Scale"))
        self.steps = self._number(0.0, -MAX_STEPS, MAX_STEPS, self.tr("Compound steps"))
        self.width_factor, self.depth_factor, self.size_factor = (
            self._number(1.0, MIN_FACTOR, MAX_FACTOR, name)
            for name in (self.tr("Width"), self.tr("Depth"), self.tr("Size of the input"))
        )
        self.multiple = QSpinBox()
        self.multiple.setRange(1, 1024)
        self.multiple.setValue(USUAL_MULTIPLE)
        self.within = QComboBox()
        self.within.addItem(self.tr("Whole network"), ())
        if view_state.selection:
            self.within.addItem(self.tr("Selected layers and blocks"), view_state.selection)
        self.table = QTableWidget(0, 4)
        self.told = QLabel()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._build()
        self._connect()
        self.resize(640, 640)
        self.show_result()

    def _number(self, value: float, least: float, most: float, name: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(least, most)
        box.setDecimals(3)
        box.setSingleStep(0.1)
        box.setValue(value)
        box.setAccessibleName(name)
        return box

    def _build(self) -> None:
        for box in (self.width_factor, self.depth_factor, self.size_factor):
            box.setPrefix("× ")
        self.steps.setToolTip(self.tr("All three at once: width × 1.1, depth × 1.2 and size × 1.15 for each step"))
        form = QFormLayout()
        form.addRow(self.tr("Compound steps"), self.steps)
        form.addRow(self.tr("Width: filters and units"), self.width_factor)
        form.addRow(self.tr("Depth: repeats of blocks"), self.depth_factor)
        form.addRow(self.tr("Size of the input"), self.size_factor)
        form.addRow(self.tr("Round widths to multiples of"), self.multiple)
        form.addRow(self.tr("Widths and depths of"), self.within)
        titles = (self.tr("Before"), self.tr("After"), self.tr("Difference"), self.tr("Ratio"))
        self.table.setHorizontalHeaderLabels(list(titles))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setAccessibleName(self.tr("Totals before and after"))
        self.told.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.told)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.steps.valueChanged.connect(self._on_steps)
        for box in (self.width_factor, self.depth_factor, self.size_factor, self.multiple):
            box.valueChanged.connect(self._pause.start)
        self.within.currentIndexChanged.connect(self._pause.start)
        self._pause.timeout.connect(self.show_result)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _on_steps(self, steps: float) -> None:
        """Shows the factors that steps of compound scaling mean."""
        scaling = compound(Fraction(str(round(steps, 3))))
        factors = (scaling.width, scaling.depth, scaling.resolution)
        for box, factor in zip((self.width_factor, self.depth_factor, self.size_factor), factors, strict=True):
            box.setValue(float(factor))

    @property
    def scaling(self) -> Scaling:
        """The scaling that is chosen."""
        boxes = (self.width_factor, self.depth_factor, self.size_factor)
        # By their decimals, as they are seen: the float nearest to 1.1 is another number.
        width, depth, resolution = (Fraction(str(round(box.value(), 3))) for box in boxes)
        chosen = Scaling(width=width, depth=depth, resolution=resolution, multiple=self.multiple.value())
        return structs.replace(chosen, within=tuple(self.within.currentData()))

    def show_result(self) -> None:
        """Counts the scaled design, and shows it beside the one there is; a refusal leaves nothing to accept."""
        before = self._document.analysis
        try:
            self.edit = scale(before, self.scaling)
        except (EditError, ValueError) as error:
            self.edit = None
            self._show(before, before, str(error), is_wrong=True)
            return
        after = counted(self.edit.design, before.convention, before)
        notes = [*self.edit.notes[:MAX_TOLD]]
        if len(self.edit.notes) > MAX_TOLD:
            notes.append(self.tr("And {n} more stay as they are.").format(n=len(self.edit.notes) - MAX_TOLD))
        notes += [str(problem) for problem in after.problems if problem not in before.problems][:MAX_TOLD]
        self._show(before, after, " ".join(notes), is_wrong=False)

    def _show(self, before: Analysis, after: Analysis, text: str, *, is_wrong: bool) -> None:
        totals = compared_totals((before, after))
        self.table.setRowCount(len(totals))
        self.table.setVerticalHeaderLabels([total.quantity.title for total in totals])
        for row, total in enumerate(totals):
            for column, cell in enumerate(_cells(total)):
                item = QTableWidgetItem(cell)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self.told.setText(text)
        self.told.setStyleSheet(f"color: {self._theme.tokens.danger}" if is_wrong else "")
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(self.edit is not None and self.edit.design != self._document.design)

    def accept(self) -> None:
        """Scales the design, with what was typed last; where that is refused, the dialog stays and says why."""
        self._pause.stop()
        self.show_result()
        if self.edit is None:
            return
        connection = self._document.refused.connect(self.told.setText)
        is_done = self._document.apply(self.edit)
        self._document.refused.disconnect(connection)
        if is_done:
            super().accept()


def _cells(total: ComparedTotal) -> tuple[str, str, str, str]:
    return (total_text(total, 0), total_text(total, 1), difference_text(total, 1), ratio_text(total, 1))
