"""The order of the table's columns as it was chosen, whatever a narrow table shows first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QTableView

from cnnstudio.app.layer_table.model import LayerTableModel


class ColumnOrder:
    """The order that was chosen, and for a while another one in which the most wanted columns come first."""

    def __init__(self, grid: QTableView, layers: LayerTableModel) -> None:
        self._header = grid.horizontalHeader
        self._layers = layers
        self._chosen: tuple[str, ...] = ()
        self._is_acting = False
        self._header().sectionMoved.connect(self._on_moved)

    @property
    def is_squeezed(self) -> bool:
        """True while the columns stand in another order than the chosen one."""
        return bool(self._chosen)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the columns in the order that was chosen."""
        return self._chosen or self._now()

    def _now(self) -> tuple[str, ...]:
        header, columns = self._header(), self._layers.columns
        return tuple(columns[header.logicalIndex(place)].key for place in range(len(columns)))

    def up_to_last(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The keys after the names up to the last of the wanted ones, in the chosen order."""
        keys = self.keys
        last = max((keys.index(key) for key in wanted if key in keys), default=0)
        return keys[1 : last + 1]

    def squeeze(self, is_narrow: bool, wanted: Sequence[str] = ("parameters", "macs")) -> None:
        """Puts the wanted columns right after the names, or all back to where they were."""
        if is_narrow and not self._chosen:
            chosen = self._now()
            first = [key for key in chosen if key in wanted]
            self._arrange((chosen[0], *first, *[key for key in chosen[1:] if key not in first]))
            self._chosen = chosen
        elif not is_narrow:
            self.release()

    def release(self) -> None:
        """Puts all columns back to where they were."""
        chosen, self._chosen = self._chosen, ()
        if chosen:
            self._arrange(chosen)

    def _arrange(self, keys: Sequence[str]) -> None:
        self._is_acting = True
        sections = {column.key: section for section, column in enumerate(self._layers.columns)}
        for place, key in enumerate(keys):
            self._header().moveSection(self._header().visualIndex(sections[key]), place)
        self._is_acting = False

    def _on_moved(self) -> None:
        # Whoever drags a column now wants this order.
        if not self._is_acting:
            self._chosen = ()
