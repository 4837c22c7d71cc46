"""The problems of the design: what is wrong where, a click leads to it, and a button puts right what is certain."""

from __future__ import annotations

from functools import partial
from typing import Final, cast

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tool_line import help_button
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.platform.background import Background
from cnnstudio.app.problems.model import ProblemListModel
from cnnstudio.app.problems.row_painter import ProblemRowDelegate
from cnnstudio.authoring.remedies.catalogue import ACCEPTING, Remedy, path_of, remedies_for
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.network.problem import Problem

MAX_PART_OF_ROW: Final = 0.4
MAX_AT_ONCE = 1_000
"""Layers up to which remedies are worked out between two events; for more, which takes seconds, in a thread."""
SETTLED_MS: Final = 120
"""The time for which the design must stay unchanged before remedies are worked out: nobody needs them between
keystrokes.
"""

_NO_BUTTONS: Final = cast(QWidget, None)
"""Qt's value for no widget; its type does not say so."""


class RemedyButtons(QWidget):
    """The remedies of one problem: a button for the first, and a menu with all where there are more, or little room.

    The last button leads to what the manual says of the problem.
    """

    chosen = Signal(str)

    def __init__(self, texts: tuple[str, ...], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.texts = texts
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 0, 8, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self.first = QPushButton(texts[0] if texts else "", self)
        self.first.clicked.connect(lambda: self.chosen.emit(texts[0]))
        self._row.addWidget(self.first)
        self.more = self._more_button(theme)
        self._row.addWidget(self.more)
        self.help = help_button(theme, self.tr("What this means"), self)
        self._row.addWidget(self.help)
        # It keeps its room, so that the buttons of all rows end in one line.
        policy = self.more.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.more.setSizePolicy(policy)

    def _more_button(self, theme: Theme) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon("ellipsis", theme, "muted"))
        button.setToolTip(self.tr("Remedies"))
        button.setAccessibleName(self.tr("Remedies"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton { padding: 4px; } QToolButton::menu-indicator { image: none; }")
        menu = QMenu(button)
        for text in self.texts:
            menu.addAction(text, partial(self.chosen.emit, text))
        button.setMenu(menu)
        return button

    @property
    def taken(self) -> int:
        """The width of the row that they take."""
        return self._row.sizeHint().width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # To accept a warning is a choice among others: only what puts it right has a button of its own.
        fits = self.first.sizeHint().width() < self.width() * MAX_PART_OF_ROW
        self.first.setVisible(bool(self.texts) and fits and self.texts[0] != ACCEPTING)
        self.more.setVisible(len(self.texts) > 1 or (bool(self.texts) and self.first.isHidden()))


class ProblemList(QListView):
    """The rows. Enter is `activated`, Ctrl+Enter asks for the first remedy."""

    remedy_requested = Signal(QModelIndex)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Qt would leave the buttons as wide as the list was before.
        self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.remedy_requested.emit(self.currentIndex())
        elif is_enter and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class ProblemsView(QWidget):
    """All problems of a document. `count_changed(errors, warnings)` lets its owner hide it when there are none.

    `help_requested` asks for a page of the manual.
    """

    count_changed = Signal(int, int)
    help_requested = Signal(str)

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._theme = theme
        self._counts = self.counts
        self._worked_out: set[Problem] = set()
        self._remedies: dict[Problem, tuple[Remedy, ...]] = {}
        """Those that a thread has found for the design as it is now."""
        self._background = Background(self)
        self.list = ProblemList(self)
        self.model = ProblemListModel(_errors_first(document.analysis.problems), self)
        self._set_up()
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self._work_out_next)
        self._background.done.connect(self._on_found)
        document.changed.connect(lambda _old, _new: self._follow())
        # A problem that reads otherwise may need another remedy; until that is known it has none.
        self.model.dataChanged.connect(lambda first, _last: self.list.setIndexWidget(first, _NO_BUTTONS))
        theme.changed.connect(self._apply_theme)
        self.list.verticalScrollBar().valueChanged.connect(lambda _value: self._settled.start(SETTLED_MS))
        self._settled.start(0)

    def _set_up(self) -> None:
        self.setObjectName("problems")
        self.list.setModel(self.model)
        self.list.setItemDelegate(ProblemRowDelegate(self._theme, self._taken, self.list))
        self.list.setAccessibleName(self.tr("Problems"))
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.clicked.connect(self.go_to)
        self.list.activated.connect(self.go_to)
        self.list.remedy_requested.connect(self._apply_first)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)

    @property
    def counts(self) -> tuple[int, int]:
        """The numbers of errors and of warnings."""
        errors = len(self._document.analysis.errors)
        return errors, len(self._document.analysis.problems) - errors

    def go_to(self, index: QModelIndex) -> None:
        """Selects the layer of a row everywhere."""
        path = path_of(self._document.design, self.model.problem_at(index.row()).path)
        if path is not None:
            self._view_state.select((path,))

    # Remedies.

    def remedies_at(self, row: int) -> tuple[Remedy, ...]:
        """The remedies of a row, for the design as it is now."""
        problem = self.model.problem_at(row)
        found = self._remedies.get(problem)
        return self._found(self._document.analysis, problem) if found is None else found

    def _found(self, analysis: Analysis, problem: Problem) -> tuple[Remedy, ...]:
        document = self._document
        remedies = remedies_for(analysis.design, analysis, problem)
        return tuple(remedy for remedy in remedies if not document.fixed or not document.forbids(remedy.make()))

    def apply(self, problem: Problem, text: str) -> bool:
        """Applies a remedy of a problem, worked out again for the current design. Returns True if it was applied."""
        design, analysis = self._document.design, self._document.analysis
        now = _same(problem, analysis.problems)
        known = self._remedies.get(problem)
        if known is None:
            known = remedies_for(design, analysis, now) if now else ()
        remedy = next((offered for offered in known if offered.text == text), None)
        return remedy is not None and self._document.attempt(remedy.make)

    def _apply_first(self, index: QModelIndex) -> None:
        remedies = self.remedies_at(index.row()) if index.isValid() else ()
        if remedies and remedies[0].text != ACCEPTING:
            self.apply(self.model.problem_at(index.row()), remedies[0].text)

    def buttons_at(self, row: int) -> RemedyButtons | None:
        """The buttons of a row, once they were worked out."""
        buttons = self.list.indexWidget(self.model.index(row))
        return buttons if isinstance(buttons, RemedyButtons) else None

    def _taken(self, row: int) -> int:
        """The width of a row that its buttons take."""
        buttons = self.buttons_at(row)
        return buttons.taken if buttons else 0

    def _work_out_next(self) -> None:
        """Works out the remedies of one visible row, so that the window never waits for all of them."""
        for row in self._visible_rows() if not self._background.is_running else ():
            problem = self.model.problem_at(row)
            if problem not in self._worked_out:
                # Before it is worked out: a remedy that raises an error must not be tried again without end.
                self._worked_out.add(problem)
                if self._document.analysis.totals.layers > MAX_AT_ONCE:
                    self._background.start(partial(self._found_for, self._document.analysis, problem))
                    return
                self._show_buttons(row, problem)
                self._settled.start(0)
                return

    def _found_for(self, analysis: Analysis, problem: Problem) -> tuple[Problem, tuple[Remedy, ...]]:
        return problem, self._found(analysis, problem)

    def _on_found(self, found: tuple[Problem, tuple[Remedy, ...]]) -> None:
        about, self._remedies[about] = found
        for row in self._visible_rows():
            problem = self.model.problem_at(row)
            if problem == about:
                self._show_buttons(row, problem)
        self._settled.start(0)

    def _visible_rows(self) -> range:
        count = self.model.rowCount()
        if not count or not self.isVisible():
            return range(0)
        height = max(1, self.list.sizeHintForRow(0))
        first = self.list.verticalScrollBar().value() // height
        return range(first, min(count, first + self.list.viewport().height() // height + 2))

    def _show_buttons(self, row: int, problem: Problem) -> None:
        texts = tuple(remedy.text for remedy in self.remedies_at(row))
        shown = self.buttons_at(row)
        if shown is not None and texts == shown.texts:
            return
        buttons = RemedyButtons(texts, self._theme, self.list.viewport())
        buttons.chosen.connect(lambda text: self.apply(problem, text))
        buttons.help.clicked.connect(lambda: self.help_requested.emit(page_about(problem)))
        self.list.setIndexWidget(self.model.index(row), buttons)
        self.list.viewport().update()

    def _show_menu(self, point: QPoint) -> None:
        index = self.list.indexAt(point)
        if not index.isValid():
            return
        problem = self.model.problem_at(index.row())
        menu = QMenu(self)
        menu.addAction(self.tr("Go to the layer"), partial(self.go_to, index)).setEnabled(bool(problem.path))
        menu.addAction(self.tr("What this means"), partial(self.help_requested.emit, page_about(problem)))
        remedies = self.remedies_at(index.row())
        if remedies:
            menu.addSeparator()
        for remedy in remedies:
            menu.addAction(remedy.text, partial(self.apply, problem, remedy.text))
        menu.exec(self.list.viewport().mapToGlobal(point))
        menu.deleteLater()

    # Following the document.

    def _follow(self) -> None:
        self._worked_out.clear()
        self._remedies.clear()
        self._background.cancel()
        self.model.show_problems(_errors_first(self._document.analysis.problems))
        self._settled.start(SETTLED_MS)
        if self.counts != self._counts:
            self._counts = self.counts
            self.count_changed.emit(*self._counts)

    def _apply_theme(self) -> None:
        self.list.doItemsLayout()
        self.list.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(600, 4 * max(30, self.list.sizeHintForRow(0)))


def _same(problem: Problem, problems: tuple[Problem, ...]) -> Problem | None:
    """The problem as it is now, though other numbers may stand in its sentence; None if it is gone."""
    alike = [found for found in problems if (found.path, found.rule) == (problem.path, problem.rule)]
    return problem if problem in alike else next(iter(alike), None)


def page_about(problem: Problem) -> str:
    """The place in the manual that explains a problem."""
    return f"problems.md#{problem.rule}"


def _errors_first(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.severity != "error"))
