"""Random actions over the real window, as people do them; after each, what is shown is what a fresh count says."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from functools import cached_property
from itertools import islice
from typing import Final

from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QApplication

from cnnstudio.app.application import Studio
from cnnstudio.app.comparison.subjects import ComparedDesign, OpenSubject
from cnnstudio.app.document.layer_drops import dragged
from cnnstudio.app.document.layer_mime import building_mime, layers_mime
from cnnstudio.app.inspector.inspector import Inspector
from cnnstudio.app.inspector.typed_editors import LineEditor
from cnnstudio.app.layer_table.totals_line import TotalsModel
from cnnstudio.app.window.comparisons import show_comparison
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.authoring.connections import connect, connections
from cnnstudio.authoring.remedies.catalogue import remedies_for
from cnnstudio.authoring.retyping import change_type
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.counting.quantity_places import IN_STATUS
from cnnstudio.core.network.design import Block, ItemPath, find, structure_faults, walk
from cnnstudio.formats.design_yaml import design_text, parse_design
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.starting import starting_layer
from tests.app.dragging import Copy, Move, drop, enter, move_over

DESIGNS: Final = ("alexnet", "resnet-18", "u-net", "lenet-5", "two-stream", "googlenet", "m5-audio", "squeezenet-1.1")
MAX_ITEMS: Final = 150
"""A design that has grown beyond this is cut down: what is looked for are wrong numbers, not long waits."""
MAX_WINDOWS: Final = 3
MAX_TOLD: Final = 25
"""The number of last actions that a failure tells."""

ASKING_NOTHING: Final = (
    *("undo", "undo", "undo", "redo", "redo", "cut", "copy", "paste", "paste", "select_all", "select_alike", "delete"),
    *("duplicate", "group", "group", "ungroup", "residual", "residual", "branch", "move_up", "move_down"),
    *(
        "show_repeats",
        "fold_all",
        "unfold_all",
        "show_table",
        "show_diagram",
        "show_code",
        "show_memory",
        "fit_diagram",
    ),
    *("copy_table", "text_larger", "text_smaller", "text_normal", "next_panel", "previous_panel", "reset_layout"),
)
"""Keys of the actions of the menus that need no answer."""


class Soak:
    """A studio in which somebody does whatever comes to mind. `trail` tells the last actions."""

    def __init__(self, studio: Studio, seed: int) -> None:
        self.studio = studio
        self.chance = random.Random(seed)
        self.trail: deque[str] = deque(maxlen=MAX_TOLD)
        self.window = self._opened()

    def _opened(self) -> MainWindow:
        window = self.studio.open_builtin(self.chance.choice(DESIGNS))
        assert window is not None
        return window

    @cached_property
    def _actions(self) -> list[tuple[int, Callable[[], object]]]:
        return [
            (30, self.press),
            (20, self.select),
            (12, self.add),
            (12, self.drop_on_list),
            (8, self.drop_on_diagram),
            (10, self.connect),
            (8, self.repeat),
            (12, self.set_field),
            (5, self.change_type),
            (8, self.apply_remedy),
            (6, self.fold),
            (4, self.switch_convention),
            (4, self.sort_table),
            (2, self.switch_look),
            (2, self.compare),
            (2, self.open_or_close),
        ]

    def act(self) -> None:
        """Does one action, lets the window catch up, and checks what it shows."""
        weights, actions = zip(*self._actions, strict=True)
        action = self.chance.choices(actions, weights)[0]
        self.trail.append(f"{action.__name__} on {self.window.document.title}")
        action()
        if len(self.paths) > MAX_ITEMS:
            self.window.view_state.select(tuple(self.chance.sample(self.paths, len(self.paths) // 2)))
            self.window.editing.delete()
        QApplication.processEvents()
        self.check()

    def say(self, what: str) -> None:
        """Adds to what the trail tells of the last action."""
        self.trail[-1] += f": {what}"

    # What is there.

    @property
    def paths(self) -> list[ItemPath]:
        """All items of the design."""
        return [path for path, _ in walk(self.window.document.design.layers)]

    def some(self) -> list[ItemPath]:
        """One item or a few."""
        return self.chance.sample(self.paths, min(len(self.paths), self.chance.choice([1, 1, 1, 2, 3])))

    # What is done.

    def press(self) -> None:
        key = self.chance.choice(ASKING_NOTHING)
        self.say(key)
        self.window.handlers[key]()

    def select(self) -> None:
        self.window.view_state.select(tuple(self.some()))

    def add(self) -> None:
        blocks = [block.key for block in self.window.editing.blocks.every()]
        key = self.chance.choice([*LAYER_TYPES, *blocks])
        self.say(key)
        self.window.editing.add(key)

    def _dragged(self) -> tuple[QMimeData, Qt.DropAction]:
        """Layers of the design, a type of the palette, or a building block."""
        kind = self.chance.choice(("own", "own", "type", "type", "block"))
        self.say(kind)
        if kind == "own" and self.paths:
            return dragged(self.window.document, self.some()), self.chance.choice((Move, Move, Copy))
        if kind == "block":
            return building_mime((self.chance.choice(self.window.editing.blocks.every()).design,)), Copy
        return layers_mime((starting_layer(self.chance.choice(list(LAYER_TYPES))),)), Copy

    def drop_on_list(self) -> None:
        model, view = self.window.layers.layer_model, self.window.layers
        data, action = self._dragged()
        blocks = [path for path, item in walk(self.window.document.design.layers) if isinstance(item, Block)]
        parent = self.chance.choice([(), *blocks])
        index = model.index_of_path(parent) if parent else QModelIndex()
        if model.canDropMimeData(data, action, 0, 0, index):
            model.dropMimeData(data, action, self.chance.randint(0, model.rowCount(index)), 0, index)
        view.viewport().update()

    def drop_on_diagram(self) -> None:
        self.window.center.panel.show_view("diagram")
        QApplication.processEvents()
        viewport = self.window.center.diagram.view.viewport()
        data, action = self._dragged()
        at = QPoint(self.chance.randrange(viewport.width()), self.chance.randrange(viewport.height()))
        if enter(viewport, data, at).isAccepted() and move_over(viewport, data, at, action).isAccepted():
            drop(viewport, data, at, action)

    def connect(self) -> None:
        document = self.window.document
        if not self.paths:
            return
        source = self.chance.choice(self.paths)
        found = connections(document.analysis, source)
        if found:
            target = self.chance.choice(found).target
            document.attempt(lambda: connect(document.design, source, target))

    def repeat(self) -> None:
        document, times = self.window.document, self.chance.randint(1, 5)
        document.attempt(lambda: edits.repeat(document.design, self.window.view_state.selection, times))

    def set_field(self) -> None:
        """Types into a field of the inspector."""
        inspector = self.window.docks.view("inspector", Inspector)
        inspector.settle()
        editors = [inspector.editor(field.name) for field in inspector.subject.fields]
        lines = [editor.line for editor in editors if isinstance(editor, LineEditor)]
        if lines:
            line = self.chance.choice(lines)
            line.setText(
                self.chance.choice(("1", "3", "64", "2 3", "same", "*2", "/2", "0", "-1", "x", "", "7", "128"))
            )
            line.textEdited.emit(line.text())
            line.editingFinished.emit()

    def change_type(self) -> None:
        document, kind = self.window.document, self.chance.choice(list(LAYER_TYPES))
        document.attempt(lambda: change_type(document.design, self.window.view_state.selection, kind))

    def apply_remedy(self) -> None:
        document = self.window.document
        if document.analysis.problems:
            problem = self.chance.choice(document.analysis.problems)
            remedies = remedies_for(document.design, document.analysis, problem)
            if remedies:
                self.say(remedies[0].text)
                document.attempt(remedies[0].make)

    def fold(self) -> None:
        design = self.window.document.design
        for path in [path for path, item in walk(design.layers) if isinstance(item, Block)][:8]:
            self.window.view_state.set_open(path, is_open=self.chance.random() < 0.5)

    def switch_convention(self) -> None:
        self.window.look.set_convention(self.chance.choice(("pytorch", "keras", "caffe")))

    def sort_table(self) -> None:
        header = self.window.table.grid.horizontalHeader()
        header.sectionClicked.emit(self.chance.randrange(header.count()))

    def switch_look(self) -> None:
        self.window.look.set_theme_mode(self.chance.choice(("light", "dark")))
        self.window.look.toggle_shape_order()

    def compare(self) -> None:
        window = self.window
        before = ComparedDesign(window.document.opened, "as opened")
        shown = show_comparison((before, OpenSubject(window.document, window.view_state, "now")), window)
        QApplication.processEvents()
        shown.close()

    def open_or_close(self) -> None:
        """Another window is opened, or this one closed; the file format takes every design that comes about."""
        design = self.window.document.design
        assert parse_design(design_text(design), "soak").design == design
        if len(self.studio.windows) > 1:
            self.window.document.undo_stack.setClean()
            self.window.close()
            self.window = self.chance.choice(self.studio.windows)
        if len(self.studio.windows) < MAX_WINDOWS:
            self._opened()
        self.window = self.chance.choice(self.studio.windows)

    # What must be so.

    def check(self) -> None:
        """Compares what the window says with a fresh count of its design."""
        window, told = self.window, "\n".join(self.trail)
        document = window.document
        faults = list(structure_faults(document.design.layers))
        assert not faults, f"no file with this design could be read again: {faults}\n{told}"
        fresh = analyze(document.design)
        shown = window.status.totals.accessibleDescription()
        for place, quantity in enumerate(IN_STATUS):
            total = quantity.total(fresh)
            assert quantity.total(document.analysis) == total, f"{quantity.key} is {total}\n{told}"
            text = total.text(quantity.unit.short if place else quantity.unit.full)
            assert text in shown, f"the status line says {shown}, and not {text}\n{told}"
        assert document.analysis.problems == fresh.problems, told
        model = window.table.totals.model()
        assert isinstance(model, TotalsModel)
        for column in model.columns:
            if column.summed is not None:
                assert model.cell_text(column, is_first=False) == COLUMN[column.key].brief_total(fresh), told
        tree = window.layers.layer_model
        for path in islice(self.paths, MAX_ITEMS):
            index = tree.index_of_path(path)
            assert index.isValid(), f"{path} is not in the list\n{told}"
            assert tree.path_of(index) == path, told
        for path in window.view_state.selection:
            find(document.design, path)
