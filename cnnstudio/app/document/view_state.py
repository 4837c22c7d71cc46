"""The state that the views of one window share: the selection, the quantity in question, what is folded, the shape
order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal

from cnnstudio.app.document.document import Document
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.expansion import MAX_REPEATED
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import Entry
from cnnstudio.core.network.design import ItemPath, find, path_from, path_text, walk


class ViewState(QObject):
    """Selected items, the quantity whose working is shown, and open blocks; every view reads and writes it here."""

    selection_changed = Signal()
    quantity_changed = Signal()
    folding_changed = Signal(object, bool)
    repeats_changed = Signal()
    shape_order_changed = Signal()
    """Shapes are written in another order: somebody chose one, or counts by another convention."""
    unsayable_changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._selection: tuple[ItemPath, ...] = ()
        self._quantity = "parameters"
        self._open: set[ItemPath] = set()
        self._wants_repeats = self._shows_repeats = False
        self._channels_last: bool | None = None
        self._unsayable: Mapping[ItemPath, str] = {}
        self._judged: Analysis | None = None
        self._at_fault: frozenset[ItemPath] = frozenset()
        self._told_channels_last = document.analysis.convention.channels_last
        document.focused.connect(self.select)
        document.changed.connect(self._on_changed)

    @property
    def selection(self) -> tuple[ItemPath, ...]:
        """The selected items, in the order of the list."""
        return self._selection

    def select(self, paths: tuple[ItemPath, ...]) -> None:
        """Selects items everywhere; blocks that hold them open."""
        paths = self._in_order(paths)
        for path in paths:
            # A layer inside a folded block has no row that could be selected.
            for depth in range(1, len(path)):
                self.set_open(path[:depth], is_open=True)
        if paths != self._selection:
            self._selection = paths
            self._document.focus = paths
            self.selection_changed.emit()

    @property
    def quantity(self) -> str:
        """The key of the quantity in question: `parameters`, `macs`, ... (see `quantities.QUANTITIES`)."""
        return self._quantity

    def set_quantity(self, key: str) -> None:
        """Shows the working of another quantity."""
        if key != self._quantity:
            self._quantity = key
            self.quantity_changed.emit()

    def is_open(self, path: ItemPath) -> bool:
        """True if a block shows its layers."""
        return path in self._open

    def set_open(self, path: ItemPath, *, is_open: bool) -> None:
        """Opens or folds a block everywhere."""
        if is_open == (path in self._open):
            return
        (self._open.add if is_open else self._open.discard)(path)
        self.folding_changed.emit(path, is_open)

    @property
    def shows_repeats(self) -> bool:
        """True if table and chart list every repeat of every layer; never with more than `MAX_REPEATED` layers."""
        return self._shows_repeats

    def set_shows_repeats(self, wanted: bool) -> None:
        """Lists every repeat, or each layer once; a design that grows too large is listed as before meanwhile."""
        self._wants_repeats = wanted
        self._follow_repeats()

    def _follow_repeats(self) -> None:
        shows = self._wants_repeats and self._document.analysis.totals.layers <= MAX_REPEATED
        if shows != self._shows_repeats:
            self._shows_repeats = shows
            self.repeats_changed.emit()

    @property
    def is_channels_last(self) -> bool:
        """True if shapes are shown as H × W × C; by default the convention decides."""
        chosen = self._channels_last
        return self._document.analysis.convention.channels_last if chosen is None else chosen

    @property
    def shape_order(self) -> str:
        """`channels_last` or `channels_first` if somebody chose, else `convention`."""
        return {True: "channels_last", False: "channels_first", None: "convention"}[self._channels_last]

    def set_channels_last(self, chosen: bool | None) -> None:
        """Chooses the order of shapes; None follows the convention."""
        if chosen != self._channels_last:
            self._channels_last = chosen
            self._tell_shape_order()

    def _tell_shape_order(self) -> None:
        self._told_channels_last = self.is_channels_last
        self.shape_order_changed.emit()

    def shape_text(self, shape: Shape | None) -> str:
        """A shape in the chosen order; `unknown` for None."""
        if shape is None:
            return "unknown"
        sizes = (*shape.spatial, shape.channels) if self.is_channels_last else shape.to_list()
        return " × ".join(map(str, sizes))

    def selected_entries(self) -> tuple[Entry, ...]:
        """The analysis entries of the selection, of the first pass where a block is repeated."""
        wanted = {path_text(path): None for path in self._selection}
        found: dict[str, Entry] = {}
        if wanted:
            for entry in walk_entries(self._document.analysis.entries):
                if entry.place in wanted and entry.place not in found:
                    found[entry.place] = entry
        return tuple(found[place] for place in wanted if place in found)

    @property
    def at_fault(self) -> frozenset[ItemPath]:
        """The items in which errors lie, and the blocks around them; all else that is unknown only lies below."""
        analysis = self._document.analysis
        if analysis is not self._judged:
            paths = [path_from(problem.path) for problem in analysis.errors]
            self._judged = analysis
            self._at_fault = frozenset(path[:depth] for path in paths for depth in range(1, len(path) + 1))
        return self._at_fault

    @property
    def unsayable(self) -> Mapping[ItemPath, str]:
        """The items that the framework of the code in sight cannot say, and the blocks around them, with the reason."""
        return self._unsayable

    def set_unsayable(self, reasons: Mapping[ItemPath, str]) -> None:
        """Marks the items that the code in sight cannot say; {} where there is code, or none is looked at."""
        around = {path[:depth]: reason for path, reason in reasons.items() for depth in range(1, len(path))}
        marked = {**around, **reasons}
        if marked != self._unsayable:
            self._unsayable = marked
            self.unsayable_changed.emit()

    def _in_order(self, paths: Iterable[ItemPath]) -> tuple[ItemPath, ...]:
        """Those of the paths that exist, in the order of the list."""
        wanted = set(paths)
        # Nearly every selection is of one item, for which the whole network need not be walked.
        if len(wanted) == 1:
            return tuple(path for path in wanted if self._exists(path))
        return tuple(path for path, _ in walk(self._document.design.layers) if path in wanted) if wanted else ()

    def _exists(self, path: ItemPath) -> bool:
        try:
            find(self._document.design, path)
        except KeyError:
            return False
        return True

    def _on_changed(self, _old: object, _new: object) -> None:
        self._follow_repeats()
        if self._told_channels_last != self.is_channels_last:
            self._tell_shape_order()
        # What was deleted or renamed is no longer there to be selected.
        kept = self._in_order(self._selection)
        if kept != self._selection:
            self._selection = kept
            self.selection_changed.emit()
