"""The choices about memory: batch, optimizer, precision, training or inference, and the card."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from cnnstudio.core.arithmetic.numerals import whole_number
from cnnstudio.core.network.memory_setting import (
    CARDS,
    FUSED,
    MAX_BATCH,
    MODES,
    OPTIMIZERS,
    PRECISIONS,
    Setting,
)

MIN_WIDTH = 84
"""Pixels to which the choice of optimizers may shrink."""
ARROWS = 40
"""Pixels of a choice beside its text."""
USUAL = ("32", "adam", "fp32", "train", "8 GB")
SIZES = (4, 6, 8, 12, 16, 24, 40, 48, 80, 141)
"""The memories of cards, in GB, that can be chosen without a name."""


class MemoryTools(QWidget):
    """The tools of the memory view, in a line that gets narrower with it."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memory_tools")
        self._is_choosing = False
        self._known: tuple[str, ...] = ()
        self.batch = QSpinBox(self)
        self.batch.setRange(1, MAX_BATCH)
        self.batch.setPrefix(self.tr("batch "))
        self.batch.setAccessibleName(self.tr("Batch"))
        self.batch.setToolTip(self.tr("Examples at once"))
        self.batch.setKeyboardTracking(False)
        self.mode = self._choice(self.tr("Mode"), {"train": self.tr("Training"), "inference": self.tr("Inference")})
        self.optimizer = self._choice(
            self.tr("Optimizer"),
            {
                "sgd": "SGD",
                "momentum": self.tr("Momentum"),
                "adam": "Adam",
                "adamw": "AdamW",
                f"{FUSED}adam": self.tr("Adam, fused"),
                f"{FUSED}adamw": self.tr("AdamW, fused"),
            },
        )
        self.precision = self._choice(self.tr("Precision"), {key: key for key in PRECISIONS})
        self.precision.setToolTip(self.tr("fp32 with TF32 off, or autocast to 16 bits"))
        self.card = self._card_choice()
        self._lay_out()
        self.choose(USUAL)
        self.batch.valueChanged.connect(self._tell)
        for box in (self.mode, self.optimizer, self.precision, self.card):
            box.currentIndexChanged.connect(self._tell)
        editor = self.card.lineEdit()
        if editor is not None:
            editor.editingFinished.connect(self._tell)

    def _card_choice(self) -> QComboBox:
        """Cards by their memory and by their names; others can be typed."""
        box = self._choice(self.tr("Card"), {})
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        # As narrow as `141 GB`: a longer name is seen in the list.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(6)
        box.setToolTip(self.tr("A card by its memory, such as 8 GB, or by its name"))
        box.addItems([f"{size} GB" for size in SIZES])
        box.insertSeparator(len(SIZES))
        box.addItems([card.name for card in CARDS])
        return box

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        for widget in (self.batch, self.mode, self.optimizer, self.precision, self.card):
            line.addWidget(widget, 1 if widget is self.card else 0)
        for box, text in ((self.batch, "batch 999"), (self.precision, "bf16"), (self.card, "141 GB")):
            box.setMinimumWidth(box.fontMetrics().horizontalAdvance(text) + ARROWS)
        self.batch.setMaximumWidth(self.batch.fontMetrics().horizontalAdvance("batch 1000000") + ARROWS)
        for box in (self.batch, self.optimizer):
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.optimizer.setMinimumWidth(MIN_WIDTH)
        line.setStretchFactor(self.batch, 2)
        line.setStretchFactor(self.optimizer, 2)

    def choose(self, words: tuple[str, ...]) -> None:
        """Chooses what texts say, as `Setting.words` does; what is none of the choices is as usual. Tells nobody."""
        words = words if len(words) == len(USUAL) else USUAL
        batch, optimizer, precision, mode, card = words
        self._is_choosing = True
        self.batch.setValue(whole_number(batch, 1, MAX_BATCH) or int(USUAL[0]))
        self.optimizer.setCurrentIndex(max(0, self.optimizer.findData(optimizer)))
        self.precision.setCurrentIndex(max(0, self.precision.findData(precision)))
        self.mode.setCurrentIndex(max(0, self.mode.findData(mode)))
        self.card.setCurrentIndex(self.card.findText(card or USUAL[-1]))
        self.card.setEditText(card or USUAL[-1])
        self._show_optimizer()
        self._is_choosing, self._known = False, self._words()

    def setting(self) -> Setting:
        """The setting that is chosen; ValueError with one sentence for a card that is none."""
        optimizer, precision, mode = (str(box.currentData()) for box in (self.optimizer, self.precision, self.mode))
        name = optimizer.removeprefix(FUSED)
        return Setting(
            batch=self.batch.value(),
            optimizer=next(key for key in OPTIMIZERS if key == name),
            precision=next(key for key in PRECISIONS if key == precision),
            mode=next(key for key in MODES if key == mode),
            fused=optimizer != name,
            gpu=self.card.currentText().strip(),
        )

    def _choice(self, name: str, texts: dict[str, str]) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.setToolTip(name)
        for key, text in texts.items():
            box.addItem(text, key)
        return box

    def _words(self) -> tuple[str, ...]:
        boxes = (self.mode, self.optimizer, self.precision, self.card)
        return (str(self.batch.value()), *(box.currentText() for box in boxes))

    def _tell(self) -> None:
        """Tells of another choice: leaving the field of the card, in which nothing was typed, is none."""
        self._show_optimizer()
        words = self._words()
        if not self._is_choosing and words != self._known:
            self._known = words
            self.changed.emit()

    def _show_optimizer(self) -> None:
        """There is no optimizer in inference."""
        self.optimizer.setEnabled(self.mode.currentData() == "train")
