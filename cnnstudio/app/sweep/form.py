"""The form of a sweep: the fields that are varied, how they are combined, and what the variants are to meet."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.labels import tinted
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.sweep.axis_line import AxisLine
from cnnstudio.authoring.retyping import change_type
from cnnstudio.core.budgets.condition import condition_from
from cnnstudio.core.network.design import Design, ItemPath, find, path_text
from cnnstudio.core.sweeps.axis import parse_axis, varied_fields
from cnnstudio.core.sweeps.space import MAX_VARIANTS, Sample, Space

FACTORS: Final = "*0.5, *1, *2"
SIDE_STEP: Final = 32
CONDITIONS_EXAMPLE: Final = "parameters < 5M; memory(32, adam, bf16) <= 8GB"
GAP: Final = 8
USUAL_SAMPLE: Final = 1_000


class SweepForm(QWidget):
    """Asks what to count; `changed` follows every change of it, and `run_requested` the wish to begin."""

    changed = Signal()
    run_requested = Signal()

    def __init__(self, theme: Theme, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._design = theme, design
        self.lines: list[AxisLine] = []
        self._place = QVBoxLayout()
        self._place.setSpacing(4)
        self.add = QPushButton(icon("plus", theme), self.tr("Vary another field"))
        self.way, self.count, self.seed, self.conditions = QComboBox(), QSpinBox(), QSpinBox(), QLineEdit()
        self.memory = QCheckBox(self.tr("Memory"))
        self.told = QLabel()
        self.told.setWordWrap(True)
        self._fill()
        self._build()
        self.add.clicked.connect(lambda: self.add_line())
        self.way.currentIndexChanged.connect(self._on_changed)
        for box in (self.count, self.seed):
            box.valueChanged.connect(self._on_changed)
        self.memory.toggled.connect(self._on_changed)
        self.conditions.textChanged.connect(self._on_changed)
        self.conditions.returnPressed.connect(self.run_requested)
        theme.changed.connect(self._on_changed)

    def _fill(self) -> None:
        for text, key in (
            (self.tr("every value with every other"), "crossed"),
            (self.tr("first with first, second with second"), "paired"),
            (self.tr("some by chance"), "random"),
            (self.tr("some, spread evenly (Latin hypercube)"), "latin"),
        ):
            self.way.addItem(text, key)
        self.way.setAccessibleName(self.tr("Combination of the values"))
        self.count.setRange(1, MAX_VARIANTS)
        self.count.setValue(USUAL_SAMPLE)
        self.count.setGroupSeparatorShown(True)
        self.count.setAccessibleName(self.tr("Variants"))
        self.seed.setRange(0, 999_999)
        self.seed.setPrefix(self.tr("seed "))
        self.seed.setToolTip(self.tr("Another seed draws other variants; the same one the same"))
        self.memory.setToolTip(
            self.tr("Columns for what training keeps and for its peak, in the setting of the design; takes longer")
        )
        self.conditions.setPlaceholderText(CONDITIONS_EXAMPLE)
        self.conditions.setAccessibleName(self.tr("Conditions"))

    def _build(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(GAP)
        where = QLabel(self.tr("Only where"))
        where.setBuddy(self.conditions)
        for widget in (self.add, self.way, self.count, self.seed):
            below.addWidget(widget)
        below.addSpacing(GAP)
        below.addWidget(where)
        below.addWidget(self.conditions, 1)
        below.addWidget(self.memory)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setSpacing(GAP)
        layout.addLayout(self._place)
        layout.addLayout(below)
        layout.addWidget(self.told)

    # What is asked.

    def add_line(self, layer: str = "", field: str = "", values: str = "") -> AxisLine:
        """Adds a field that is varied."""
        line = AxisLine(self._theme, self._design, self)
        if layer:
            line.show_axis(layer, field, values)
        line.changed.connect(self._on_changed)
        line.values.returnPressed.connect(self.run_requested)
        line.removal_requested.connect(lambda: self._remove(line))
        self.lines.append(line)
        self._place.addWidget(line)
        self._on_changed()
        return line

    def suggest(self, selection: tuple[ItemPath, ...]) -> None:
        """Begins with the first number of a layer that is selected, or else with the size of the input."""
        for path in selection[:1]:
            numbers = [field.name for field in varied_fields(find(self._design, path)) if field.kind == "integer"]
            if numbers:
                self.add_line(path_text(path), numbers[0], FACTORS)
                return
        if not self._design.layers:
            self.add_line()
            return
        first = self._design.layers[0]
        size = getattr(first, "size", None)
        side = max(size) if isinstance(size, tuple) and size else size if isinstance(size, int) else 0
        sides = [side + step * SIDE_STEP for step in (-2, -1, 0, 1, 2)]
        self.add_line(first.name, "size", ", ".join(str(side) for side in sides if side > 0) if side else "")

    def _remove(self, line: AxisLine) -> None:
        self.lines.remove(line)
        self._place.removeWidget(line)
        line.deleteLater()
        self._on_changed()

    def space(self) -> Space:
        """The space that is asked for; ValueError with the reason if there is none."""
        if not self._design.layers:
            raise ValueError(self.tr("the design has no layers that could be varied"))
        axes = tuple(parse_axis(self._design, line.text, change_type) for line in self.lines)
        texts = [text.strip() for text in self.conditions.text().split(";")]
        conditions = tuple(condition_from(text) for text in texts if text)
        way = str(self.way.currentData())
        sample = Sample(self.count.value(), self.seed.value(), way == "latin") if way in ("random", "latin") else None
        if sample is not None:
            sample = _within(sample, Space(self._design, axes, change_type, sample=Sample(1)).points)
        return Space(self._design, axes, change_type, way == "paired", sample, conditions, self.memory.isChecked())

    def _on_changed(self) -> None:
        """Says how many variants there are, or what is wrong."""
        is_drawn = self.way.currentData() in ("random", "latin")
        self.count.setVisible(is_drawn)
        self.seed.setVisible(is_drawn)
        try:
            space = self.space()
        except ValueError as error:
            sentence, first = str(error), str(error).partition(" ")[0]
            # `image.size:` is the name of what is varied, and stays as it is.
            self.told.setText(sentence if "." in first else sentence[:1].upper() + sentence[1:])
            tinted(self.told, self._theme.tokens.danger)
        else:
            self.told.setText("; ".join(self._numbers(space)))
            tinted(self.told, self._theme.tokens.muted)
        self.changed.emit()

    def _numbers(self, space: Space) -> tuple[str, str]:
        layers = len({path for axis in space.axes for path in axis.paths})
        variants, varied = self.tr("{n} variants").format(n=f"{space.size:,}"), self.tr("{n} layers are varied")
        return (
            self.tr("1 variant") if space.size == 1 else variants,
            self.tr("one layer is varied") if layers == 1 else varied.format(n=f"{layers:,}"),
        )


def _within(sample: Sample, points: int) -> Sample:
    """A sample of no more points than there are: whoever asks for a thousand of twelve wants all twelve."""
    return Sample(min(sample.count, points), sample.seed, sample.is_latin)
