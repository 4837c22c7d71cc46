"""The actions on branches and blocks of one window: edits of the selection, with the questions they ask."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QWidget

from cnnstudio.app.appearance.questions import ask_number
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.editing.block_keeping import BlockKeeping
from cnnstudio.app.editing.building_blocks import BuildingBlocks
from cnnstudio.authoring.blocks.branches import add_residual, branch, concat_choices, concatenate
from cnnstudio.authoring.blocks.placing import saved_building
from cnnstudio.core import edits
from cnnstudio.core.counting.expansion import MAX_REPEATED
from cnnstudio.core.network.design import MAX_REPEATS, Block, Item, ItemPath, find


class Structuring:
    """The commands that make branches and blocks; each is one edit, refused with a sentence if it is not possible."""

    def __init__(
        self, document: Document, view_state: ViewState, blocks: BuildingBlocks, theme: Theme, owner: QWidget
    ) -> None:
        self._document = document
        self._keeping = BlockKeeping(blocks, owner)
        self._view_state = view_state
        self._theme = theme
        self._owner = owner

    def handlers(self) -> dict[str, Callable[[], object]]:
        """The handler of each action, by its key."""
        return {
            "group": self.group,
            "ungroup": self.ungroup,
            "repeat": self.repeat,
            "at_each_step": self.apply_at_each_step,
            "residual": self.add_residual,
            "branch": self.branch,
            "concatenate": self.concatenate,
            "save_block": self.save_block,
            "show_repeats": self.toggle_repeats,
        }

    def toggle_repeats(self) -> None:
        """Lists every repeat in table and chart, or each layer once; what would be too long is refused."""
        view_state, layers = self._view_state, self._document.analysis.totals.layers
        wanted = not view_state.shows_repeats
        view_state.set_shows_repeats(wanted)
        if wanted and not view_state.shows_repeats:
            view_state.set_shows_repeats(False)
            sentence = self._owner.tr("with every repeat there are {layers} layers, and at most {most} can be listed.")
            self._document.refused.emit(sentence.format(layers=f"{layers:,}", most=f"{MAX_REPEATED:,}"))

    def group(self) -> None:
        """Makes a block of the selection, and shows what is in it."""
        document = self._document
        if document.attempt(lambda: edits.group(document.design, self._view_state.selection)):
            for path in self._view_state.selection:
                self._view_state.set_open(path, is_open=True)

    def ungroup(self) -> None:
        """Dissolves the selected blocks."""
        self._document.attempt(lambda: edits.ungroup(self._document.design, self._view_state.selection))

    def repeat(self) -> None:
        """Asks how often, and repeats the selected block, or makes a repeated block of the selection."""
        document, selection = self._document, self._view_state.selection
        if not document.try_make(lambda: edits.repeat(document.design, selection, 1)):
            return
        times = self._asked_repeat()
        if times is not None:
            document.attempt(lambda: edits.repeat(document.design, selection, times))

    def apply_at_each_step(self) -> None:
        """Applies the selected block, or a block made of the selection, at each step, or no longer so."""
        self._document.attempt(lambda: edits.at_each_step(self._document.design, self._view_state.selection))

    def _asked_repeat(self) -> int | None:
        found = list(edits.chosen(self._document.design, self._view_state.selection).values())
        now = found[0].repeat if len(found) == 1 and isinstance(found[0], Block) else 1
        question = self._owner.tr("How often is '{name}' repeated?").format(name=found[0].name)
        if len(found) > 1:
            question = self._owner.tr("How often are these {count} layers repeated?").format(count=len(found))
        return ask_number(self._owner, self._owner.tr("Repeat"), question, max(2, now), MAX_REPEATS)

    def save_block(self) -> None:
        """Asks for a name, and keeps the selection as a building block."""
        analysis, selection = self._document.analysis, self._view_state.selection
        if self._document.try_make(lambda: saved_building(analysis, selection, "block")):
            found = list(edits.chosen(self._document.design, selection).values())
            proposal = found[0].name if len(found) == 1 else ""
            self._keeping.save(lambda name: saved_building(analysis, selection, name), proposal)

    def add_residual(self) -> None:
        """Adds what flows into the selection to what flows out of it."""
        self._document.attempt(lambda: add_residual(self._document.analysis, self._view_state.selection))

    def branch(self) -> None:
        """Puts the selected layers side by side, joined by a Concat."""
        self._document.attempt(lambda: branch(self._document.analysis, self._view_state.selection))

    def concatenate(self) -> None:
        """Joins the selected layers; one alone with another that is chosen from a list."""
        selection = self._view_state.selection
        other = self._asked_other(selection[0]) if len(selection) == 1 else ""
        if other is not None:
            self._document.attempt(lambda: concatenate(self._document.analysis, selection, other))

    def _asked_other(self, path: ItemPath) -> str | None:
        """The earlier layer that somebody chooses, None for none; "" where there is none to choose."""
        from cnnstudio.app.search.find_layer import FindLayer  # only wanted on demand

        design, parent = self._document.design, path[:-1]
        choices = {(*parent, choice.name): choice for choice in concat_choices(self._document.analysis, path)}
        if not choices:
            return ""

        def item_at(place: ItemPath) -> Item:
            return find(design, place if place[-1] != "input" else parent)

        def words(place: ItemPath) -> str:
            shape = self._view_state.shape_text(choices[place].shape)
            return shape if choices[place].fits else self._owner.tr("{shape}, another size").format(shape=shape)

        title = self._owner.tr("Concatenate {name} with").format(name=path[-1])
        dialog = FindLayer(self._theme, list(choices), item_at, self._owner, title, words)
        is_chosen = dialog.exec() == QDialog.DialogCode.Accepted and bool(dialog.chosen)
        dialog.deleteLater()
        return dialog.chosen[-1] if is_chosen else None
