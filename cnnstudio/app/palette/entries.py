"""The entries of the palette: layer types by family, and below them the building blocks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QModelIndex, QObject, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from cnnstudio.app.appearance.icons import family_icon, icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.document.layer_mime import BUILDING, LAYERS, building_mime, layers_mime
from cnnstudio.app.editing.building_blocks import BuildingBlocks
from cnnstudio.app.search.layer_search import help_line
from cnnstudio.core.network.design import Design
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.building_blocks import BuildingBlock
from cnnstudio.layers import LAYER_TYPES, PALETTE
from cnnstudio.layers.families import BLOCKS, FAMILIES
from cnnstudio.layers.starting import starting_layer

TYPE_NAME = Qt.ItemDataRole.UserRole
"""The role under which an index holds the name of its layer type, or the key of its block; a heading has none."""
FAMILY = Qt.ItemDataRole.UserRole + 1
"""The role of the family whose sign an entry has: that of blocks for building blocks."""
IS_OWN = Qt.ItemDataRole.UserRole + 2
"""The role that tells of a building block whether it is the user's."""

_ENTRY = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
_HEADING = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class PaletteModel(QStandardItemModel):
    """Headings, and below them what can be dragged from the palette."""

    def __init__(self, blocks: BuildingBlocks, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._blocks = blocks
        self._theme = theme
        for family in FAMILIES:
            head = self._heading(self.tr(family.title))
            for layer_type in PALETTE:
                if layer_type.family == family.key:
                    head.appendRow(_type_item(layer_type, head.text(), theme))
        self._building = self._heading(self.tr("Building blocks"))
        self._fill_building()
        blocks.changed.connect(self._fill_building)

    def _heading(self, title: str) -> QStandardItem:
        head = QStandardItem(title)
        head.setFlags(_HEADING)
        self.appendRow(head)
        return head

    def _fill_building(self) -> None:
        self._building.removeRows(0, self._building.rowCount())
        for block in self._blocks.every():
            self._building.appendRow(_block_item(block, self._building.text(), self._theme))
        if self._blocks.faults:
            self._building.appendRow(self._faulty_item())

    def _faulty_item(self) -> QStandardItem:
        faults = self._blocks.faults
        text = self.tr("1 file cannot be read") if len(faults) == 1 else self.tr("{count} files cannot be read")
        item = QStandardItem(icon("triangle-alert", self._theme, "warning"), text.format(count=len(faults)))
        item.setToolTip(plain_tip("\n".join(faults)))
        item.setData("\n".join(faults), Qt.ItemDataRole.AccessibleDescriptionRole)
        item.setFlags(_HEADING)
        return item

    def mimeTypes(self) -> list[str]:
        return [LAYERS, BUILDING, "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        keys = [str(index.data(TYPE_NAME)) for index in indexes if index.data(TYPE_NAME)]
        if all(key in LAYER_TYPES for key in keys):
            return layers_mime(tuple(starting_layer(key) for key in keys))
        designs = [self._design_of(key) for key in keys]
        return building_mime(tuple(design for design in designs if design is not None))

    def _design_of(self, key: str) -> Design | None:
        if key in LAYER_TYPES:
            return Design(layers=(starting_layer(key),))
        block = self._blocks.find(key)
        return None if block is None else block.design

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction


def _type_item(layer_type: type[Layer], heading: str, theme: Theme) -> QStandardItem:
    name = layer_type.__name__
    return _item(name, name, help_line(layer_type), heading, layer_type.family, theme)


def _block_item(block: BuildingBlock, heading: str, theme: Theme) -> QStandardItem:
    item = _item(block.key, block.name, block.help_line, heading, BLOCKS.key, theme)
    item.setData(block.is_own, IS_OWN)
    item.setToolTip(plain_tip(block.help_line))
    return item


def _item(key: str, name: str, help_text: str, heading: str, family: str, theme: Theme) -> QStandardItem:
    item = QStandardItem(family_icon(family, theme), name)
    item.setData(key, TYPE_NAME)
    item.setData(family, FAMILY)
    item.setToolTip(help_text)
    item.setData(f"{name}, {heading}", Qt.ItemDataRole.AccessibleTextRole)
    item.setData(help_text, Qt.ItemDataRole.AccessibleDescriptionRole)
    item.setFlags(_ENTRY)
    return item
