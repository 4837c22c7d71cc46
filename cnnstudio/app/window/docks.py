"""The docks of the window: where each stands, and how its view is made once the window has been painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QUndoView, QWidget

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.translation import QT_TRANSLATE_NOOP
from cnnstudio.app.layer_list.railed_list import RailedList
from cnnstudio.app.window.context import WindowContext
from cnnstudio.app.window.dock_widths import DockWidths, WantedWidth
from cnnstudio.app.window.narrow_window import NarrowWindow

Area = Qt.DockWidgetArea
View = TypeVar("View", bound=QWidget)


class DockSpec(Struct, frozen=True):
    """The declaration of one dock. `width` is what it reads best at, `least` what
    it needs for no name to be cut off; one that is not shown waits in the View menu."""

    key: str
    title: str
    area: Area
    make: Callable[[WindowContext, QWidget], QWidget]
    width: int = 0
    least: int = 0
    is_shown: bool = True


def _palette(context: WindowContext, dock: QWidget) -> QWidget:
    from cnnstudio.app.editing.block_keeping import BlockKeeping
    from cnnstudio.app.palette.view import PaletteView

    editing = context.editing()
    view = PaletteView(editing.blocks, context.theme, dock)
    view.chosen.connect(editing.add)
    view.line_chosen.connect(editing.add_line)
    keeping = BlockKeeping(editing.blocks, view)
    view.rename_requested.connect(keeping.rename)
    view.delete_requested.connect(keeping.delete)
    return view


def _layers(context: WindowContext, dock: QWidget) -> QWidget:
    return RailedList(context.document, context.view_state, context.theme, dock)


def _inspector(context: WindowContext, dock: QWidget) -> QWidget:
    from cnnstudio.app.inspector.inspector import Inspector

    view = Inspector(context.document, context.view_state, context.theme, dock)
    view.help_requested.connect(context.show_manual)
    return view


def _working(context: WindowContext, dock: QWidget) -> QWidget:
    from cnnstudio.app.working.view import WorkingView

    return WorkingView(context.document, context.view_state, context.theme, dock)


def _history(context: WindowContext, dock: QWidget) -> QWidget:
    view = QUndoView(context.document.undo_stack, dock)
    view.setEmptyLabel(QCoreApplication.translate("Docks", "As opened"))
    view.setAccessibleName(QCoreApplication.translate("Docks", "History"))
    return view


def _problems(context: WindowContext, dock: QWidget) -> QWidget:
    from cnnstudio.app.problems.view import ProblemsView

    view = ProblemsView(context.document, context.view_state, context.theme, dock)
    view.help_requested.connect(context.show_manual)
    return view


def _import_report(context: WindowContext, dock: QWidget) -> QWidget:
    from cnnstudio.app.import_report.view import ImportReportView

    return ImportReportView(context.document, context.view_state, context.theme, dock)


DOCKS: tuple[DockSpec, ...] = (
    DockSpec("palette", QT_TRANSLATE_NOOP("Docks", "Palette"), Area.LeftDockWidgetArea, _palette, width=194, least=194),
    DockSpec("layers", QT_TRANSLATE_NOOP("Docks", "Layers"), Area.LeftDockWidgetArea, _layers, width=338),
    DockSpec("inspector", QT_TRANSLATE_NOOP("Docks", "Inspector"), Area.RightDockWidgetArea, _inspector, width=304),
    DockSpec("working", QT_TRANSLATE_NOOP("Docks", "Working"), Area.RightDockWidgetArea, _working),
    DockSpec("history", QT_TRANSLATE_NOOP("Docks", "History"), Area.RightDockWidgetArea, _history, is_shown=False),
    DockSpec("problems", QT_TRANSLATE_NOOP("Docks", "Problems"), Area.BottomDockWidgetArea, _problems, is_shown=False),
    DockSpec(
        "import_report",
        QT_TRANSLATE_NOOP("Docks", "Import report"),
        Area.BottomDockWidgetArea,
        _import_report,
        is_shown=False,
    ),
)


class Docks:
    """The docks of one window, by key, in the order of their declaration. Views are made when they are asked for."""

    def __init__(self, window: QMainWindow, context: WindowContext) -> None:
        self._window = window
        self._context = context
        self._docks = {spec.key: self._added(spec) for spec in DOCKS}
        # The list is read from left to right: what can be added, what there is.
        window.splitDockWidget(self["palette"], self["layers"], Qt.Orientation.Horizontal)
        wanted = {spec.key: WantedWidth(spec.width, spec.least) for spec in DOCKS if spec.width}
        self.widths = DockWidths(window, self._docks, wanted, context.theme)
        self.narrow = NarrowWindow(window, self._docks, context.theme, self.widths.give_soon)

    def __getitem__(self, key: str) -> QDockWidget:
        return self._docks[key]

    def __iter__(self) -> Iterator[QDockWidget]:
        return iter(self._docks.values())

    def _added(self, spec: DockSpec) -> QDockWidget:
        dock = QDockWidget(QCoreApplication.translate("Docks", spec.title), self._window)
        # Qt saves and restores layouts by these names, and leaves out what has none.
        dock.setObjectName(f"dock_{spec.key}")
        set_topic(dock, f"views/{spec.key}.md")
        self._window.addDockWidget(spec.area, dock)
        if not spec.is_shown:
            dock.hide()
        return dock

    def view(self, key: str, kind: type[View]) -> View:
        """The view in a dock, made if it is not there yet. Raises TypeError if it is of another class."""
        view = self._made(next(spec for spec in DOCKS if spec.key == key))
        if not isinstance(view, kind):
            raise TypeError(f"the dock '{key}' holds a {type(view).__name__}")
        return view

    def makers(self) -> list[Callable[[], QWidget]]:
        """The makers of the views that do not exist yet."""
        return [partial(self._made, spec) for spec in DOCKS]

    def views(self, *areas: Area) -> list[QWidget]:
        """The views of the docks that are declared for these areas; of all without areas."""
        return [self._made(spec) for spec in DOCKS if not areas or spec.area in areas]

    def _made(self, spec: DockSpec) -> QWidget:
        dock = self._docks[spec.key]
        if dock.widget() is None:
            # In the dock from the start: under another parent it would be styled once more.
            dock.setWidget(spec.make(self._context, dock))
        return dock.widget()
