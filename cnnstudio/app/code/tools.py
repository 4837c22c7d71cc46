"""The choices about the code: framework, blocks or every layer, search, copy and save."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tool_line import GAP, ToolLine
from cnnstudio.exports import TARGETS

TEXT_TARGETS = tuple(key for key, target in TARGETS.items() if target.is_text)
"""The targets that a person reads."""


class CodeTools(ToolLine):
    """The tools of the code view."""

    changed = Signal()
    """Another framework or form was chosen."""
    search_requested = Signal(str, bool)
    """A text to go to; True for the next place from here."""
    copy_requested = Signal()
    save_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("code_tools", parent)
        self.target = QComboBox(self)
        self.target.setAccessibleName(self.tr("Framework"))
        for key in TEXT_TARGETS:
            self.target.addItem(TARGETS[key].title, key)
        self.target.activated.connect(lambda _index: self.changed.emit())
        self.folded, self.flat = self.choices(self.tr("Blocks"), self.tr("Every layer"))
        self.folded.setToolTip(self.tr("A class or a function for each block"))
        self.flat.setToolTip(self.tr("Blocks and repeats written out"))
        for action in (self.folded, self.flat):
            action.triggered.connect(lambda: self.changed.emit())
        self.state = QLabel(self)
        self.state.setObjectName("code_state")
        # The name of the framework has the first claim to the room.
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Find in the code"))
        self.search.setAccessibleName(self.tr("Find in the code"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(170)
        self.search.textEdited.connect(lambda text: self.search_requested.emit(text, False))
        self.search.returnPressed.connect(lambda: self.search_requested.emit(self.search.text(), True))
        self._copy = self._button("copy", self.tr("Copy the code"), theme)
        self._copy.clicked.connect(lambda: self.copy_requested.emit())
        self._save = self._button("save", self.tr("Save the code…"), theme)
        self._save.clicked.connect(lambda: self.save_requested.emit())
        switch = self.switch((self.folded, self.flat))
        self.switches = [self.search, switch]
        self.line.addWidget(self.target)
        self.line.addWidget(switch)
        self.line.addWidget(self.state, 1)
        for widget in (self.search, self._copy, self._save):
            self.line.addWidget(widget)
        self.line.addWidget(
            self.menu_button(self._menu(theme), self.tr("More about the code"), self.tr("Code menu"), theme)
        )

    @property
    def key(self) -> str:
        """The key of the chosen target."""
        return str(self.target.currentData())

    @property
    def is_flat(self) -> bool:
        """True if blocks are written out."""
        return self.flat.isChecked()

    def choose(self, key: str) -> None:
        """Chooses a target."""
        self.target.setCurrentIndex(max(0, self.target.findData(key)))

    def tell(self, text: str) -> None:
        """Says in a word how the code stands to the design."""
        self.state.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        taken = self.target.sizeHint().width() + 3 * (self._copy.sizeHint().width() + GAP) + 2 * GAP
        for button in (self._copy, self._save):
            # The menu has both, too.
            button.setVisible(event.size().width() >= taken)
        self.show_switches(event.size().width() - taken)

    def add_search_key(self, view: QWidget) -> None:
        """Ctrl+F in the code goes to the search."""
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), view)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.search.setFocus)

    def _button(self, name: str, tip: str, theme: Theme) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name, theme))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _menu(self, theme: Theme) -> QMenu:
        menu = QMenu(self)
        menu.addActions([self.folded, self.flat])
        menu.addSeparator()
        menu.addAction(icon("copy", theme), self.tr("Copy the code")).triggered.connect(
            lambda: self.copy_requested.emit()
        )
        menu.addAction(icon("save", theme), self.tr("Save the code…")).triggered.connect(
            lambda: self.save_requested.emit()
        )
        return menu
