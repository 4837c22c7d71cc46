"""The editing actions of one window: edits on the selection, and the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.layer_mime import layers_in, layers_mime
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.editing.building_blocks import BuildingBlocks
from cnnstudio.app.search.typed_layers import typed_layers
from cnnstudio.authoring.blocks.placing import place_building, shape_at
from cnnstudio.authoring.retyping import change_type, types_beside
from cnnstudio.core import edits
from cnnstudio.core.edits import Edit, EditError, Place
from cnnstudio.core.network.design import Block, Design, Item, ItemPath, find, walk
from cnnstudio.core.network.distribution import step_axes_in
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.building_blocks import BuildingBlock
from cnnstudio.formats.fault import FileError
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.families import FAMILIES
from cnnstudio.layers.starting import starting_layer


class Editing:
    """The editing commands; each is one edit, refused with a sentence where it is not possible."""

    def __init__(self, document: Document, view_state: ViewState, blocks: BuildingBlocks, owner: QWidget) -> None:
        self.blocks = blocks
        self._document = document
        self._view_state = view_state
        self._owner = owner

    @property
    def place_after_selection(self) -> Place:
        """The place for a new layer: below the last selected item, or at the end."""
        selection = self._view_state.selection
        if not selection:
            return (), len(self._document.design.layers)
        last = selection[-1]
        return last[:-1], edits.index_of(self._document.design, last) + 1

    def add(self, key: str) -> None:
        """Puts a new layer of a type, or a building block, below the selection."""
        block, place = self.blocks.find(key), self.place_after_selection
        if block is not None:
            self._document.attempt(lambda: place_building(self._document.analysis, place, [block.design]))
        elif key in LAYER_TYPES:
            self.insert((starting_layer(key),), place)
        else:
            self._document.refused.emit(self._owner.tr("this building block no longer exists."))

    @property
    def rank_after_selection(self) -> int:
        """The number of spatial axes of what flows in there, of one step; 2 where that is not known, or a vector."""
        place = self.place_after_selection
        shape = shape_at(self._document.analysis, place)
        rank = 0 if shape is None else shape.rank - step_axes_in(self._document.design, place[0])
        return rank if rank > 0 else 2

    def add_line(self, text: str) -> None:
        """Puts the layers that a typed line names below the selection."""
        self.add_items([layer.item for layer in typed_layers(text, self.rank_after_selection)])

    def add_items(self, items: Sequence[Layer | BuildingBlock]) -> None:
        """Puts layers, and building blocks adapted to the place, one after the other below the selection."""
        place = self.place_after_selection
        layers = tuple(item for item in items if isinstance(item, Layer))
        if len(layers) == len(items):
            self.insert(layers, place)
            return
        designs = [item.design if isinstance(item, BuildingBlock) else Design(layers=(item,)) for item in items]
        self._document.attempt(lambda: place_building(self._document.analysis, place, designs))

    def insert(self, items: tuple[Item, ...], place: Place) -> None:
        """Puts items at a place."""
        self._document.attempt(lambda: edits.insert(self._document.design, place, items))

    def delete(self) -> None:
        """Deletes the selection."""
        self._on_selection(edits.remove)

    def duplicate(self) -> None:
        """Copies the selection below itself."""
        self._on_selection(edits.duplicate)

    def use_again(self) -> None:
        """Puts the selection below itself once more, with the same weights."""
        self._on_selection(edits.use_again)

    def unshare(self) -> None:
        """Gives the selection weights of its own."""
        self._on_selection(edits.unshare)

    def move(self, step: int) -> None:
        """Moves the selection up or down by a row."""
        self._document.attempt(lambda: edits.move_by(self._document.design, self._view_state.selection, step))

    def _on_selection(self, edit: Callable[[Design, tuple[ItemPath, ...]], Edit]) -> None:
        self._document.attempt(lambda: edit(self._document.design, self._view_state.selection))

    def copy(self) -> None:
        """Puts the selection on the clipboard as YAML text."""
        design = self._document.design
        items = tuple(edits.chosen(design, self._view_state.selection).values())
        if items:
            QGuiApplication.clipboard().setMimeData(layers_mime(items))

    def cut(self) -> None:
        """Copies the selection and deletes it."""
        self.copy()
        self.delete()

    def paste(self) -> None:
        """Puts the layers on the clipboard below the selection."""
        self._document.attempt(self._pasted)

    def _pasted(self) -> Edit:
        mime = QGuiApplication.clipboard().mimeData()
        try:
            items = layers_in(mime)
        except FileError as error:
            raise EditError(
                self._owner.tr("The clipboard holds no layers: {reason}").format(reason=error.faults[0].sentence)
            ) from None
        return edits.paste(self._document.design, self.place_after_selection, items)

    def select_all(self) -> None:
        """Selects every item of the design's own list."""
        self._view_state.select(tuple((item.name,) for item in self._document.design.layers))

    def select_alike(self) -> None:
        """Selects every item of the types that are selected, wherever it lies."""
        design = self._document.design
        types = {type(find(design, path)) for path in self._view_state.selection}
        self._view_state.select(tuple(path for path, item in walk(design.layers) if type(item) in types))

    def list_types(self, menu: QMenu) -> None:
        """Lists what the selected layers can be made of: the other types of their family first, then all families."""
        menu.clear()
        design, selection = self._document.design, self._view_state.selection
        items = [find(design, path) for path in selection]
        menu.setEnabled(bool(items) and not any(isinstance(item, Block) for item in items))
        if not menu.isEnabled():
            return
        for name in types_beside(items[0]):
            self._add_type(menu, name)
        menu.addSeparator()
        for family in FAMILIES:
            others = menu.addMenu(family.title)
            for name, layer_type in LAYER_TYPES.items():
                if layer_type.family == family.key:
                    self._add_type(others, name)

    def _add_type(self, menu: QMenu, name: str) -> None:
        menu.addAction(name).triggered.connect(
            lambda: self._document.attempt(lambda: change_type(self._document.design, self._view_state.selection, name))
        )

    def fold_all(self, *, is_open: bool) -> None:
        """Folds or unfolds every block."""
        for path, item in walk(self._document.design.layers):
            if isinstance(item, Block):
                self._view_state.set_open(path, is_open=is_open)
