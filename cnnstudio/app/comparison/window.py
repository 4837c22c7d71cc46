"""The window of a comparison: it follows the edits of both designs, and shares its selection with their windows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QComboBox, QLabel, QMainWindow, QToolBar, QWidget

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.comparison.subjects import ComparedDesign
from cnnstudio.app.comparison.view import ComparisonView
from cnnstudio.app.platform.background import Background
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.comparison.comparison import Comparison, compare
from cnnstudio.core.counting.columns import COLUMN, COLUMNS
from cnnstudio.core.network.design import path_text, walk
from cnnstudio.reports.comparison.request import ComparisonReport
from cnnstudio.reports.comparison.terminal_text import comparison_title, short_labels
from cnnstudio.reports.comparison.words import distinct_labels

SETTLED_MS: Final = 120
"""The delay after which the comparison follows an edit; a long network must not wait for it at every key."""
MAX_AT_ONCE: Final = 2_500
"""Lines of both designs together that are compared before anybody notices; for more there is a thread."""
QUANTITIES: Final = tuple(column.key for column in COLUMNS if column.summed is not None)


class ComparisonWindow(QMainWindow):
    """Compares two designs. `report_requested` carries what is to be reported."""

    report_requested = Signal(object)

    def __init__(
        self, subjects: tuple[ComparedDesign, ComparedDesign], settings: Settings, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        set_topic(self, "views/comparison.md")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._subjects = subjects
        self._settings = settings
        self._theme = theme
        self._is_selecting = False
        self.view = ComparisonView(theme, self)
        self.setCentralWidget(self.view)
        self._add_tools()
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self.refresh)
        self._background = Background(self, (ValueError,))
        self._background.done.connect(self._show)
        self._background.failed.connect(self._refuse)
        self.view.selected.connect(self._on_selected_here)
        for subject in subjects:
            subject.setParent(self)
            subject.changed.connect(self._settled.start)
            if subject.view_state is not None:
                subject.view_state.selection_changed.connect(self._on_selected_there)
        room = self.screen().availableSize()
        self.resize(min(1180, room.width()), min(760, room.height()))
        self.refresh()

    # Putting together.

    def _add_tools(self) -> None:
        bar = QToolBar(self.tr("Tools"), self)
        bar.setObjectName("comparison_tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(16, 16))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addToolBar(bar)
        self.only_differences = self._toggle("only_differences", self.tr("Only differences"), "Ctrl+D")
        self.expand = self._toggle("expand", self.tr("Every repeat"), "Ctrl+E")
        self.ignore_names = self._toggle("ignore_names", self.tr("Ignore names"), "Ctrl+I")
        self.only_differences.setToolTip(self.tr("Hide layers that are the same (Ctrl+D)"))
        self.expand.setToolTip(self.tr("List every layer of every repeat of every block (Ctrl+E)"))
        self.ignore_names.setToolTip(self.tr("Treat layers that differ only in name as the same (Ctrl+I)"))
        bar.addActions([self.only_differences, self.expand, self.ignore_names])
        bar.addSeparator()
        bar.addAction(self._action(self.tr("Previous"), "arrow-up", "Shift+F8", lambda: self.view.go_to_difference(-1)))
        bar.addAction(self._action(self.tr("Next"), "arrow-down", "F8", lambda: self.view.go_to_difference(1)))
        bar.addSeparator()
        self.swap = self._action(self.tr("Swap"), "refresh-cw", "Ctrl+Shift+X", self._swap)
        self.swap.setToolTip(self.tr("Swap the designs (Ctrl+Shift+X)"))
        bar.addAction(self.swap)
        self.report = self._action(self.tr("Report…"), "file-text", "Ctrl+Shift+E", self._report)
        bar.addAction(self.report)
        self._add_quantities()
        close = QAction(self.tr("Close window"), self)
        close.setShortcuts([QKeySequence("Ctrl+W"), QKeySequence("Esc")])
        close.triggered.connect(self.close)
        self.addAction(close)

    def _add_quantities(self) -> None:
        label = QLabel(self.tr("Compare") + " ", self)
        self.quantity = QComboBox(self)
        self.quantity.setAccessibleName(self.tr("Quantity that is compared line by line"))
        for key in QUANTITIES:
            self.quantity.addItem(COLUMN[key].title, key)
        self.quantity.setCurrentIndex(max(0, self.quantity.findData(self._settings.compared_quantity)))
        self.quantity.currentIndexChanged.connect(self._on_chosen)
        label.setBuddy(self.quantity)
        self.view.tools.addWidget(label)
        self.view.tools.addWidget(self.quantity)

    def _toggle(self, key: str, text: str, shortcut: str) -> QAction:
        action = QAction(text, self)
        action.setObjectName(key)
        action.setCheckable(True)
        action.setChecked(key in self._settings.comparison_toggles)
        action.setShortcut(QKeySequence(shortcut))
        action.toggled.connect(self._on_chosen)
        return action

    def _action(self, text: str, icon_name: str, shortcut: str, handler: object) -> QAction:
        action = QAction(icon(icon_name, self._theme), text, self)
        action.setShortcut(QKeySequence(shortcut))
        action.setToolTip(f"{text.rstrip('…')} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
        if callable(handler):
            action.triggered.connect(lambda _checked=False: handler())
        return action

    # Comparing.

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the designs."""
        return distinct_labels(
            [subject.name for subject in self._subjects], [subject.source for subject in self._subjects]
        )

    def refresh(self) -> None:
        """Compares anew: long designs in a thread, while what was there before stays in sight."""
        self._background.cancel()
        # What an edit left to be done is done now; later it would clear what is told of this.
        self._settled.stop()
        work = self._work()
        if self._lines() > MAX_AT_ONCE:
            self.statusBar().showMessage(self.tr("Comparing…"))
            self._background.start(work)
            return
        try:
            self._show(work())
        except ValueError as error:
            self._refuse(str(error))

    def _work(self) -> Callable[[], Comparison]:
        return partial(
            compare,
            [subject.analysis for subject in self._subjects],
            expand=self.expand.isChecked(),
            names=not self.ignore_names.isChecked(),
            quantities=(str(self.quantity.currentData()),),
        )

    def _lines(self) -> int:
        """The number of lines to compare."""
        analyses = [subject.analysis for subject in self._subjects]
        if self.expand.isChecked():
            return sum(analysis.totals.layers for analysis in analyses)
        return sum(1 for analysis in analyses for _ in walk(analysis.design.layers))

    def _show(self, comparison: Comparison) -> None:
        labels = self.labels
        self.statusBar().clearMessage()
        title = comparison_title(short_labels(labels)).replace("[*]", "[*][*]")
        self.setWindowTitle(f"{title} — CNN Studio")
        self.view.show_comparison(
            comparison,
            labels,
            quantity=str(self.quantity.currentData()),
            expand=self.expand.isChecked(),
            only_differences=self.only_differences.isChecked(),
        )
        self._on_selected_there()

    def _refuse(self, sentence: str) -> None:
        """Says what cannot be compared, and shows it folded again."""
        self.expand.setChecked(False)
        self.statusBar().showMessage(sentence[:1].upper() + sentence[1:])

    def _on_chosen(self) -> None:
        toggles = (self.only_differences, self.expand, self.ignore_names)
        self._settings.comparison_toggles = tuple(toggle.objectName() for toggle in toggles if toggle.isChecked())
        self._settings.compared_quantity = str(self.quantity.currentData())
        self.refresh()

    def _swap(self) -> None:
        self._subjects = (self._subjects[1], self._subjects[0])
        self.refresh()

    def _report(self) -> None:
        column = COLUMN[str(self.quantity.currentData())]
        self.report_requested.emit(
            ComparisonReport(
                analyses=tuple(subject.analysis for subject in self._subjects),
                labels=self.labels,
                columns=(COLUMN["output"], column),
                expand=self.expand.isChecked(),
                names=not self.ignore_names.isChecked(),
                only_differences=self.only_differences.isChecked(),
            )
        )

    # The selection is one in the windows of both designs and here.

    def _on_selected_here(self, places: list[list[str]]) -> None:
        self._is_selecting = True
        for subject, chosen in zip(self._subjects, places, strict=False):
            if subject.view_state is not None:
                paths = {path_text(path): path for path, _ in walk(subject.analysis.design.layers)}
                wanted = dict.fromkeys(paths[place] for place in chosen if place in paths)
                subject.view_state.select(tuple(wanted))
        self._is_selecting = False

    def _on_selected_there(self) -> None:
        if self._is_selecting:
            return
        for design, subject in enumerate(self._subjects):
            if subject.view_state is not None and subject.view_state.selection:
                self.view.select_places(design, [path_text(path) for path in subject.view_state.selection])
                return
