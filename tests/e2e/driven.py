"""The studio as a test drives it: the real program, which also answers where things are on the screen.

Run as a process with a file to open; reads one question a line from standard input and answers one line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QApplication

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.application import Studio, make_application
from cnnstudio.app.layer_list.railed_list import RailedList
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.platform.settings_file import SettingsFile
from cnnstudio.core.network.design import ItemPath
from cnnstudio.formats.design_yaml import items_text


class Questions(QObject):
    """Questions from standard input, handed to the thread of the window."""

    asked = Signal(str)

    def listen(self) -> None:
        """Reads until the input ends."""
        for line in sys.stdin:
            self.asked.emit(line.strip())


class Guide:
    """Answers questions about one of the windows; at first about the first."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.window = studio.windows[0]

    def answer(self, question: str) -> object:
        """The place of something on the screen, or the content of the document.

        `list NAME`, `table NAME COLUMN`, `palette TYPE`: the middle of the row or cell, and its height; `rail
        NAME`: of the node beside the row; `box NAME`, `arrow NAME`: in the diagram; `names`: the names in the list,
        `boxes`: in the diagram; `text`: the layers as YAML; `selection`; `title`; `titles`: of all windows; `window
        NUMBER`: from now on the answers are about this one; `active`: the title of the window or dialog that has
        the keyboard; `ready`: true if it has the keyboard and all its docks; `settled`: true once what was typed
        and clicked before has been taken.
        """
        # Keys come from the display, the question does not: without this it would overtake them on a busy machine.
        QApplication.sync()
        kind, *rest = question.split()
        if kind == "settled":
            return QApplication.focusWindow() is not None
        if kind == "ready":
            return self.window.isActiveWindow() and all(dock.widget() for dock in self.window.docks)
        if kind == "active":
            active = QApplication.activeWindow()
            return "" if active is None or not active.isVisible() else active.windowTitle()
        if kind == "titles":
            return [window.windowTitle() for window in self._studio.windows]
        if kind == "window":
            self.window = self._studio.windows[int(rest[0])]
            return int(self.window.winId())
        if kind == "open":
            self.window.view_state.set_open((rest[0],), is_open=True)
            return True
        if kind == "names":
            return [item.name for item in self.window.document.design.layers]
        if kind == "text":
            return items_text(self.window.document.design.layers)
        if kind == "selection":
            return [path[-1] for path in self.window.view_state.selection]
        if kind == "title":
            return [self.window.windowTitle(), self.window.isWindowModified()]
        if kind == "table":
            return self._cell(rest[0], rest[1])
        if kind == "rail":
            gutter = self.window.docks.view("layers", RailedList).gutter
            node = gutter.mapToGlobal(gutter.node_at(tuple(rest[0].split("/"))))
            return [node.x(), node.y(), gutter.row_height]
        if kind in ("box", "arrow", "boxes"):
            return self._in_diagram(kind, tuple(rest[0].split("/")) if rest else ())
        if kind == "list":
            layers = self.window.layers
            return _middle(layers, layers.layer_model.index_of_path(tuple(rest[0].split("/"))))
        return self._palette(rest[0])

    def _cell(self, name: str, column: str) -> object:
        grid = self.window.table.grid
        keys = [shown.key for shown in grid.layers.columns]
        index = grid.layers.index(grid.layers.row_of((name,)), keys.index(column))
        grid.scrollTo(index)
        return _middle(grid, index)

    def _in_diagram(self, kind: str, path: ItemPath) -> object:
        view = self.window.center.diagram.view
        content = view.content
        assert content is not None
        if kind == "boxes":
            return [path[-1] for path in content.areas]
        left, top, width, height = (content.marks if kind == "arrow" else content.areas)[path]
        place = QPointF(left + width * (0.7 if kind == "arrow" else 0.5), top + height / 2)
        point = view.viewport().mapToGlobal(view.mapFromScene(place))
        return [point.x(), point.y(), round(height)]

    def _palette(self, type_name: str) -> object:
        view = self.window.docks["palette"].findChild(QAbstractItemView)
        assert isinstance(view, QAbstractItemView)
        model = view.model()
        match = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
        index = model.match(model.index(0, 0), Qt.ItemDataRole.DisplayRole, type_name, 1, match)[0]
        view.scrollTo(index)
        return _middle(view, index)


def _middle(view: QAbstractItemView, index: QModelIndex) -> list[int]:
    rect = view.visualRect(index)
    point = view.viewport().mapToGlobal(QPoint(min(rect.left() + 60, rect.center().x()), rect.center().y()))
    return [point.x(), point.y(), rect.height()]


def main(path: Path, settings: Path) -> int:
    """Opens the file and answers until the input ends or the window closes."""
    application = make_application(sys.argv[:1])
    theme = Theme()
    theme.set_mode("light")
    theme.apply()
    studio = Studio(Settings(SettingsFile(settings)), theme)
    window = studio.open(path)
    assert window is not None
    window.setGeometry(20, 40, 1340, 820)
    guide = Guide(studio)
    questions = Questions()
    questions.asked.connect(lambda question: print(json.dumps(guide.answer(question)), flush=True))
    threading.Thread(target=questions.listen, daemon=True).start()
    QApplication.processEvents()
    print(json.dumps("ready"), flush=True)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
