"""The diagram panel: the network drawn, folded as the layer list is, selected as it is, and saved as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.app.appearance.family_words import family_titles
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.diagram.content import Content, DiagramOptions, colours_of, content_of
from cnnstudio.app.diagram.drop_canvas import DropCanvas, drop, drop_action
from cnnstudio.app.diagram.drop_targets import DropTarget
from cnnstudio.app.diagram.files import DiagramError, save_diagram, suffix_of
from cnnstudio.app.diagram.tools import DiagramTools
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.counting.rows import unknown_text
from cnnstudio.core.network.design import ItemPath, find, walk
from cnnstudio.drawings.colours import LIGHT_PAGE
from cnnstudio.drawings.diagram import diagram_drawing
from cnnstudio.drawings.diagram.graph import Box, Graph, every_block, graph_of
from cnnstudio.drawings.diagram.volumes.places import label_of

if TYPE_CHECKING:
    from cnnstudio.core.edits import Edit


class DiagramPanel(QWidget):
    """A view of the network, its tools, and what is said where there is nothing to draw."""

    menu_requested = Signal(QPoint)

    def __init__(
        self,
        document: Document,
        view_state: ViewState,
        theme: Theme,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._theme = theme
        self._settings = settings
        self._is_stale = True
        self._is_waiting = False
        self._goes_there = bool(view_state.selection)
        self._toggled: ItemPath | None = None
        self._content: Content | None = None
        self.tools = DiagramTools(theme, self)
        self.tools.choose(*settings.diagram)
        self.view = DropCanvas(document, theme)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.setAccessibleName(self.tr("Diagram"))
        self._placeholder = QLabel()
        self._placeholder.setObjectName("diagram_placeholder")
        self._placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._placeholder.setWordWrap(True)
        self._placeholder.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._pages = QStackedWidget()
        self._pages.setBackgroundRole(QPalette.ColorRole.Base)
        self._pages.setAutoFillBackground(True)
        self._pages.addWidget(self._placeholder)
        self._pages.addWidget(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.setFocusProxy(self.view)
        self.setAcceptDrops(True)

    def _connect(self) -> None:
        document, view_state, tools, view = self._document, self._view_state, self.tools, self.view
        document.changed.connect(lambda _old, _new: self._wait())
        document.focused.connect(self._show_focus)
        view_state.folding_changed.connect(lambda _path, _is_open: self._wait())
        view_state.shape_order_changed.connect(self._wait)
        view_state.selection_changed.connect(self._show_selection)
        self._theme.changed.connect(self._apply_theme)
        tools.changed.connect(self._on_look)
        tools.fit_requested.connect(view.fit)
        tools.zoom_requested.connect(view.set_zoom)
        tools.overview_requested.connect(view.set_overview)
        tools.label_requested.connect(self._edit_selected_label)
        tools.labels_dropped.connect(self._drop_labels)
        tools.save_requested.connect(self.ask_and_save)
        view.selection_requested.connect(view_state.select)
        view.fold_requested.connect(self._fold)
        view.label_requested.connect(self._edit_label)
        view.menu_requested.connect(self.menu_requested)

    @property
    def message(self) -> str:
        """The message in place of the diagram; empty while it is shown."""
        return "" if self._pages.currentWidget() is self.view else self._placeholder.text()

    # Following the document.

    def _wait(self) -> None:
        """Shows the design as it is when all that happens now has happened, and not before it is seen."""
        self._is_stale = True
        # One edit may send several signals, and laying out a large network once is enough.
        if not self._is_waiting and self.isVisible():
            self._is_waiting = True
            QTimer.singleShot(0, self, self._on_waited)

    def _on_waited(self) -> None:
        self._is_waiting = False
        if self._is_stale and self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Draws the design as it is."""
        self._is_stale = False
        content = content_of(self._document.analysis, self._folded(), self._look(), colours_of(self._theme.tokens))
        self._content = content
        if content is None or not content.areas:
            self._placeholder.setText(self._empty_text(has_too_many=content is None))
            self._pages.setCurrentWidget(self._placeholder)
            return
        self._pages.setCurrentWidget(self.view)
        self.view.show_content(content, keeps=self._toggled)
        self._toggled = None
        self._tell_selection(goes_there=self._goes_there)
        self._goes_there = False

    def _empty_text(self, *, has_too_many: bool) -> str:
        if has_too_many:
            return self.tr("There are too many layers or connections to draw. Fold blocks in the layer list.")
        return self.tr("Add layers to see the network.")

    def _folded(self) -> frozenset[ItemPath]:
        is_open = self._view_state.is_open
        return frozenset(path for path in every_block(self._document.design) if not is_open(path))

    def _look(self) -> DiagramOptions:
        return DiagramOptions(self.tools.style_key, self.tools.direction, self._view_state.is_channels_last)

    def _on_look(self) -> None:
        self._settings.diagram = (self.tools.style_key, self.tools.direction)
        self.view.begin_again()
        self._wait()

    def _apply_theme(self) -> None:
        self.view.apply_theme()
        self._wait()

    def _fold(self, path: ItemPath, is_open: bool) -> None:
        self._toggled = path
        self._view_state.set_open(path, is_open=is_open)

    def _show_selection(self) -> None:
        """Shows what is selected and goes there; at once, or when what was opened for it is drawn."""
        if self._is_stale:
            self._goes_there = True
        else:
            self._tell_selection(goes_there=True)

    def _show_focus(self, focus: tuple[ItemPath, ...]) -> None:
        """Goes to what an edit concerned once it is drawn: it may have moved out of sight."""
        self._goes_there = self._goes_there or bool(focus)

    def _tell_selection(self, *, goes_there: bool) -> None:
        self.view.show_selection(self._view_state.selection, goes_there=goes_there)
        self.view.setAccessibleDescription(self._said())

    def _said(self) -> str:
        """The selection in words."""
        entries = self._view_state.selected_entries()
        if not entries:
            return ""
        first = entries[0]
        known = first.output_shape
        shape = self._view_state.shape_text(known) if known else unknown_text(first)
        return self.tr("{path}, output {shape}").format(path=first.place, shape=shape)

    # Labels of volumes.

    def _edit_selected_label(self) -> None:
        shown = self._content.labels if self._content is not None else {}
        path = next((path for path in self._view_state.selection if path in shown), None)
        if path is None:
            self._document.refused.emit(self.tr("Select a volume of the diagram first to edit its label."))
        else:
            self._edit_label(path)

    def _edit_label(self, path: ItemPath) -> None:
        original = self._original_label(path)
        text, is_done = QInputDialog.getMultiLineText(
            self,
            self.tr("Label in the diagram"),
            self.tr("Up to five lines; empty for the original label."),
            find(self._document.design, path).label or original,
        )
        if is_done:
            self.set_label(path, text)

    def set_label(self, path: ItemPath, text: str) -> None:
        """Writes another text at a volume, as an edit of the design; empty for the original."""
        label = text if text.strip() and text != self._original_label(path) else ""
        told = self.tr("Label {name} in the diagram").format(name=path[-1])
        self._document.attempt(lambda: self._labelling((path,), label, told))

    def _labelling(self, paths: Sequence[ItemPath], label: str, told: str) -> Edit:
        from cnnstudio.core.edits import Edit, set_field

        design = self._document.design
        for path in paths:
            design = set_field(design, [path], "label", label).design
        return Edit(design, told, tuple(paths))

    def _original_label(self, path: ItemPath) -> str:
        box = _box_at(graph_of(self._document.analysis, self._folded()), path)
        return "" if box is None else label_of(box, channels_last=self._view_state.is_channels_last)

    def _drop_labels(self) -> None:
        labelled = [path for path, item in walk(self._document.design.layers) if item.label]
        if labelled:
            told = self.tr("Restore the original labels")
            self._document.attempt(lambda: self._labelling(labelled, "", told))

    # Saving.

    def ask_and_save(self) -> None:
        """Asks for a file and exports the diagram as it is shown: its style, its direction, and what is folded."""
        start = Path(self._document.path or self._document.design.name.replace("/", "-")).with_suffix(".svg")
        filters = self.tr("Drawing (*.svg);;Page (*.pdf);;Picture (*.png)")
        name, chosen = QFileDialog.getSaveFileName(self, self.tr("Export diagram"), str(start), filters)
        if not name:
            return
        path = Path(name)
        try:
            suffix_of(path)
        except DiagramError:
            path = path.with_name(path.name + next(suffix for suffix in (".svg", ".pdf", ".png") if suffix in chosen))
        self.save(path)

    def save(self, path: Path) -> bool:
        """Exports the diagram in light colours, as the suffix says. Returns True if that succeeded."""
        look = self._look()
        try:
            drawing = diagram_drawing(
                self._document.analysis,
                LIGHT_PAGE,
                style=look.style,
                direction=look.way,
                folded=self._folded(),
                channels_last=look.channels_last,
                labels=None,
                legend=family_titles() if self.tools.legend.isChecked() else None,
            )
            save_diagram(drawing, path, self._document.design.name)
        except (DiagramError, ValueError) as error:
            self._document.refused.emit(str(error))
            return False
        self._document.noted.emit(self.tr("The diagram was exported as {file}.").format(file=path))
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Whoever comes from another view finds what is selected there.
        self._goes_there = self._goes_there or bool(self._view_state.selection)
        if self._is_stale:
            self.refresh()
        elif self._goes_there:
            self._goes_there = False
            self._tell_selection(goes_there=True)

    # Drops where nothing is drawn yet; the view takes its own.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        from cnnstudio.app.document.layer_mime import has_layers

        if self.message and has_layers(event.mimeData()):
            event.setDropAction(drop_action(self._document, event))
            event.accept()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        drop(self._document, event, DropTarget(((), len(self._document.design.layers))))


def _box_at(graph: Graph, path: ItemPath, depth: int = 1) -> Box | None:
    """The box at a path; None where it is folded away or does not exist."""
    for box in graph.boxes:
        if box.path == path[:depth]:
            if depth == len(path):
                return box
            return None if box.inside is None else _box_at(box.inside, path, depth + 1)
    return None
