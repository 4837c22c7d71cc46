"""The window of the manual: contents and search at the left, the page at the right."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QMainWindow,
    QSplitter,
    QToolBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.manual.found_list import PLACE, FoundList
from cnnstudio.app.manual.page_view import PageView
from cnnstudio.manual.contents import Manual
from cnnstudio.manual.page import Page
from cnnstudio.manual.searching import Index
from cnnstudio.manual.written import FRONT

WIDTH, HEIGHT = 1080, 780
SIDE: Final = 260
"""The width of the contents at first, at the usual size of text."""
_ROLE: Final = Qt.ItemDataRole.UserRole


class ManualWindow(QMainWindow):
    """Shows the manual. It stays one window, whoever asks for whatever page."""

    def __init__(self, manual: Manual, theme: Theme, owner: QWidget | None = None) -> None:
        """With an `owner` it closes with that, and is usable while that holds up other windows."""
        super().__init__(owner, Qt.WindowType.Window)
        self._manual = manual
        self._theme = theme
        self._index = Index()
        self._is_marking = False
        self._unread = list(manual.pages)
        self.setWindowTitle(self.tr("Manual — CNN Studio"))
        self.page = PageView(manual, theme, self)
        self.search = self._made_search()
        self.contents = self._made_contents()
        self.results = FoundList(theme, self)
        self.results.currentItemChanged.connect(self._on_result)
        self._nothing = QLabel(self.tr("Nothing in the manual has all these words."), self)
        self._nothing.setWordWrap(True)
        self._nothing.setContentsMargins(12, 8, 12, 8)
        self._place_parts()
        self._add_tools()
        self.page.shown.connect(self._mark_page)
        self._reading = QTimer(self)
        self._reading.timeout.connect(self._read_next)
        self._show_side("")
        self.page.apply_style()
        room = self.screen().availableSize()
        self.resize(min(WIDTH, room.width()), min(HEIGHT, room.height()))

    def show_page(self, path: str = FRONT) -> None:
        """Shows a page, `problems.md#window` at one of its headings, and comes to the front."""
        name, _, anchor = path.partition("#")
        self.page.show_page(name, anchor)
        self.show()
        self.raise_()
        self.activateWindow()
        self.page.setFocus()

    # Putting together.

    def _made_search(self) -> QLineEdit:
        search = QLineEdit(self)
        search.setPlaceholderText(self.tr("Search the manual…"))
        search.setAccessibleName(self.tr("Search the manual"))
        search.setClearButtonEnabled(True)
        search.addAction(
            QAction(icon("search", self._theme, "faint"), "", search), QLineEdit.ActionPosition.LeadingPosition
        )
        search.textChanged.connect(self._find)
        search.returnPressed.connect(self._open_first)
        return search

    def _made_contents(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setAccessibleName(self.tr("Contents"))
        tree.setHeaderHidden(True)
        tree.setUniformRowHeights(True)
        tree.setStyleSheet("QTreeView::item { padding: 2px; }")
        self._add_entry(tree.invisibleRootItem(), self._manual.pages[0])
        for chapter, pages in self._manual.chapters.items():
            heading = QTreeWidgetItem(tree, [chapter])
            heading.setFlags(heading.flags() & ~Qt.ItemFlag.ItemIsSelectable)
            for page in pages:
                self._add_entry(heading, page)
            heading.setExpanded(chapter in self._manual.guide)
        tree.currentItemChanged.connect(self._on_entry)
        tree.itemClicked.connect(lambda item, _column: item.setExpanded(not item.isExpanded()))
        return tree

    @staticmethod
    def _add_entry(heading: QTreeWidgetItem, page: Page) -> None:
        entry = QTreeWidgetItem(heading, [page.title])
        entry.setData(0, _ROLE, page.path)

    def _place_parts(self) -> None:
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(8, 8, 8, 6)
        head.addWidget(self.search)
        column.addLayout(head)
        for widget in (self._nothing, self.contents, self.results):
            column.addWidget(widget, 0 if widget is self._nothing else 1)
        splitter = QSplitter(self)
        splitter.addWidget(side)
        splitter.addWidget(self.page)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        width = round(SIDE * self._theme.text_scale)
        splitter.setSizes([width, WIDTH - width])
        self.setCentralWidget(splitter)

    def _add_tools(self) -> None:
        bar = QToolBar(self.tr("Tools"), self)
        bar.setObjectName("manual_tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(16, 16))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addToolBar(bar)
        back = self._action(self.tr("Back"), "arrow-left", "Alt+Left", self.page.backward)
        forward = self._action(self.tr("Forward"), "arrow-right", "Alt+Right", self.page.forward)
        for action, available in ((back, self.page.backwardAvailable), (forward, self.page.forwardAvailable)):
            action.setEnabled(False)
            available.connect(action.setEnabled)
        home = self._action(self.tr("Contents"), "list", "Alt+Home", lambda: self.show_page(FRONT))
        bar.addActions([back, forward, home])
        self.addAction(self._action(self.tr("Find"), "search", "Ctrl+F", self.search.setFocus))
        close = self._action(self.tr("Close window"), "x", "Ctrl+W", self.close)
        close.setShortcuts([QKeySequence("Ctrl+W"), QKeySequence("Esc")])
        self.addAction(close)

    def _action(self, text: str, icon_name: str, shortcut: str, handler: object) -> QAction:
        action = QAction(icon(icon_name, self._theme), text, self)
        action.setShortcut(QKeySequence(shortcut))
        action.setToolTip(f"{text} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
        if callable(handler):
            action.triggered.connect(lambda _checked=False: handler())
        return action

    # Contents.

    def _on_entry(self, entry: QTreeWidgetItem | None) -> None:
        path = entry.data(0, _ROLE) if entry is not None and not self._is_marking else None
        if path:
            self.page.show_page(path)

    def _mark_page(self, path: str) -> None:
        """Selects the page that is shown in the contents, its chapter unfolded."""
        page = self._manual.page(path)
        title = page.title if page is not None else ""
        found = self.contents.findItems(title, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
        entry = next((item for item in found if item.data(0, _ROLE) == path), None)
        if entry is not None and entry is not self.contents.currentItem():
            self._is_marking = True
            self.contents.setCurrentItem(entry)
            self._is_marking = False
            self.contents.scrollToItem(entry)

    # Search.

    def _find(self, query: str) -> None:
        if query and self._unread:
            self._reading.start(0)
        self._show_found(query)

    def _read_next(self) -> None:
        """Takes one page into the index, and shows what is found once all are in it."""
        if self._unread:
            self._index.add(self._unread.pop(0))
            return
        self._reading.stop()
        self._show_found(self.search.text())

    def _show_found(self, query: str) -> None:
        found = self._index.find(query)
        self.results.show_found(found)
        self._show_side(query.strip())
        self._nothing.setVisible(bool(query.strip()) and not found and not self._unread)

    def _show_side(self, query: str) -> None:
        self.contents.setVisible(not query)
        self.results.setVisible(bool(query))
        self._nothing.setVisible(False)

    def _on_result(self, entry: QListWidgetItem | None) -> None:
        if entry is not None:
            path, _, anchor = str(entry.data(PLACE)).partition("#")
            self.page.show_page(path, anchor)

    def _open_first(self) -> None:
        if self.results.count():
            self.results.setCurrentRow(0)
            self.results.setFocus()
