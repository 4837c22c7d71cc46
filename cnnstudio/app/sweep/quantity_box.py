"""A choice of one quantity of a sweep, for an axis or the colour of its chart."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QWidget

from cnnstudio.core.counting.quantity import Quantity


class QuantityBox(QComboBox):
    """Offers quantities, and keeps the chosen one as long as it is offered."""

    def __init__(self, usual: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._usual = usual
        self._offered: dict[str, Quantity] = {}
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)

    def offer(self, quantities: Sequence[Quantity]) -> None:
        """Offers these; where the chosen one is not among them, the usual one is chosen."""
        chosen = str(self.currentData())
        self._offered = {quantity.key: quantity for quantity in quantities}
        self.blockSignals(True)
        self.clear()
        for quantity in quantities:
            self.addItem(quantity.title, quantity.key)
        self.setCurrentIndex(self.findData(chosen if chosen in self._offered else self._usual))
        self.blockSignals(False)

    @property
    def quantity(self) -> Quantity:
        """The chosen quantity."""
        return self._offered[str(self.currentData())]
