"""The page a start without a file begins with: built-in designs, recent files, New and Open."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDropEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.icons import application_icon, icon
from cnnstudio.app.appearance.labels import tinted
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.document.file_drops import accept_copy, source_in
from cnnstudio.app.welcome.design_cards import CARD_GAP, CardsModel, CardsView, is_typed
from cnnstudio.formats.gallery import Gallery, gallery
from cnnstudio.layers.families import FAMILY

PATH = Qt.ItemDataRole.UserRole
SIDE_WIDTH = 290
Index = QModelIndex | QPersistentModelIndex


class WelcomePage(QWidget):
    """The page to begin on. The built-in designs are read one by one after the page has been seen."""

    design_chosen = Signal(str)
    file_chosen = Signal(Path)
    source_dropped = Signal(str)
    new_chosen = Signal()
    open_chosen = Signal()
    first_steps_chosen = Signal()

    def __init__(
        self, theme: Theme, recent: Sequence[Path], parent: QWidget | None = None, shown: Gallery | None = None
    ) -> None:
        """`shown` are the designs that it offers; all that are built in if they are not given."""
        super().__init__(parent)
        shown = shown or gallery()
        self._theme = theme
        self.setAcceptDrops(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._model = CardsModel(shown.paths, shown.groups, self)
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._load_next)
        self._was_painted = False
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._side(recent))
        layout.addLayout(self._designs(), 1)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    # Putting together.

    def _side(self, recent: Sequence[Path]) -> QWidget:
        self._sidebar = QFrame(self)
        self._sidebar.setAutoFillBackground(True)
        self._sidebar.setBackgroundRole(QPalette.ColorRole.Window)
        layout = QVBoxLayout(self._sidebar)
        layout.setContentsMargins(24, 28, 24, 20)
        layout.setSpacing(8)
        layout.addLayout(self._heading())
        layout.addSpacing(14)
        self.new_button = self._button(self.tr("New design"), "file-plus", "fill_text")
        self.new_button.setDefault(True)
        self.new_button.clicked.connect(self.new_chosen)
        self.open_button = self._button(self.tr("Open…"), "folder-open", "text")
        self.open_button.clicked.connect(self.open_chosen)
        layout.addWidget(self.new_button)
        layout.addWidget(self.open_button)
        self.first_steps_button = self._button(self.tr("First steps"), "circle-help", "text")
        self.first_steps_button.setToolTip(self.tr("A tour of the window in five steps, on a small design"))
        self.first_steps_button.clicked.connect(self.first_steps_chosen)
        layout.addWidget(self.first_steps_button)
        layout.addSpacing(18)
        self._recent_title = QLabel(self.tr("Recent files"), self)
        layout.addWidget(self._recent_title)
        self.recent = RecentFiles(recent, self._theme, self)
        self.recent.chosen.connect(self.file_chosen)
        self.recent.setVisible(bool(recent))
        layout.addWidget(self.recent, 1)
        self._hint = QLabel(self.tr("Files that you open or save are listed here. Or drop one on this page."), self)
        self._hint.setWordWrap(True)
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._hint.setVisible(not recent)
        layout.addWidget(self._hint)
        if not recent:
            layout.addStretch(1)
        return self._sidebar

    def _heading(self) -> QHBoxLayout:
        picture = QLabel(self)
        picture.setPixmap(application_icon().pixmap(QSize(44, 44), self.devicePixelRatioF()))
        self._title = QLabel(self.tr("CNN Studio"), self)
        self._tagline = QLabel(self.tr("Networks, and what they cost"), self)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._title)
        words.addWidget(self._tagline)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(picture)
        row.addLayout(words, 1)
        return row

    def _button(self, text: str, icon_name: str, token: str) -> QPushButton:
        return QPushButton(icon(icon_name, self._theme, token), text, self)

    def _designs(self) -> QVBoxLayout:
        self._designs_title = QLabel(self.tr("Built-in designs"), self)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search designs…"))
        self.search.setAccessibleName(self.tr("Search built-in designs"))
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)
        sign = QAction(icon("search", self._theme, "faint"), "", self.search)
        self.search.addAction(sign, QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._on_searched)
        self.search.installEventFilter(self)
        self.cards = CardsView(self._model, self._theme, self)
        self.cards.setAccessibleName(self.tr("Built-in designs"))
        self.cards.chosen.connect(self.design_chosen)
        self._bars = QLabel(self)
        self._bars.setTextFormat(Qt.TextFormat.RichText)
        self._bars.setWordWrap(True)
        self._bars.setContentsMargins(CARD_GAP // 2, 0, 18, 0)
        self._nothing = QLabel(self.tr("No built-in design matches."), self)
        self._nothing.setContentsMargins(CARD_GAP // 2, 0, 0, 0)
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.hide()
        head = QHBoxLayout()
        head.setContentsMargins(CARD_GAP // 2, 0, 18, 0)
        head.addWidget(self._designs_title, 1)
        head.addWidget(self.search)
        layout = QVBoxLayout()
        layout.setContentsMargins(28 - CARD_GAP // 2, 28, 6, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._bars)
        layout.addWidget(self._nothing)
        layout.addWidget(self.cards, 1)
        return layout

    # Following the theme, the search and the timer.

    def _on_theme(self) -> None:
        theme = self._theme
        self._title.setFont(theme.text_font(1.6, bold=True))
        self._tagline.setFont(theme.text_font(0.95))
        self._designs_title.setFont(theme.text_font(1.3, bold=True))
        self._recent_title.setFont(theme.text_font(bold=True))
        muted = QPalette(self.palette())
        muted.setColor(QPalette.ColorRole.WindowText, theme.colour("muted"))
        self._tagline.setPalette(muted)
        tinted(self._bars, theme.tokens.muted)
        self._bars.setFont(theme.text_font(0.92))
        self._bars.setText(self._bars_text())
        self._recent_title.setPalette(muted)
        self._sidebar.setFixedWidth(round(SIDE_WIDTH * max(1.0, theme.text_scale)))
        self.search.setFixedWidth(round(220 * theme.text_scale))
        side = round(16 * theme.text_scale)
        for button in (self.new_button, self.open_button, self.first_steps_button):
            button.setIconSize(QSize(side, side))

    def _bars_text(self) -> str:
        """The meaning of the little bars."""
        kinds = " &nbsp; ".join(
            f'<span style="color: {self._theme.family_colour(key).name()}">■</span> '
            f'<span style="color: {self._theme.tokens.muted}">{FAMILY[key].title.lower()}</span>'
            for key in ("convolution", "pooling", "dense")
        )
        told = self.tr("Each bar is a layer from the input on, as high as its map, on a logarithmic scale:")
        return f'<span style="color: {self._theme.tokens.muted}">{told}</span> &nbsp; {kinds}'

    def _on_searched(self, text: str) -> None:
        names = self.cards.show_matching(text)
        self._nothing.setVisible(not names)
        self.cards.setCurrentIndex(self.cards.first_shown() if text.strip() else QModelIndex())

    def _load_next(self) -> None:
        if not self._model.load_next():
            self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads from the search line to the cards, Enter chooses the first."""
        if watched is self.search and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down:
                self.cards.setFocus(Qt.FocusReason.TabFocusReason)
                self.cards.setCurrentIndex(self.cards.first_shown())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.search.text().strip():
                self.cards.choose(self.cards.first_shown())
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Whoever types searches, wherever the keyboard is on the page."""
        if is_typed(event):
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.setText(self.search.text() + event.text())
        else:
            super().keyPressEvent(event)

    # Dropped files, and source code from an editor or a browser.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if any(url.isLocalFile() for url in mime.urls()) or source_in(mime):
            accept_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        accept_copy(event)
        if text := source_in(event.mimeData()):
            # Later: what opening says or asks must not hold up the program that the drag came from.
            QTimer.singleShot(0, self, partial(self.source_dropped.emit, text))
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.file_chosen.emit(Path(url.toLocalFile()))


class RecentFiles(QListView):
    """Files by name, each with its folder. `chosen` carries a path."""

    chosen = Signal(Path)

    def __init__(self, paths: Sequence[Path], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        model = QStandardItemModel(self)
        for path in paths:
            item = QStandardItem(path.name)
            item.setData(path, PATH)
            item.setToolTip(plain_tip(str(path)))
            item.setData(
                self.tr("{name} in {folder}").format(name=path.name, folder=_folder(path)),
                Qt.ItemDataRole.AccessibleTextRole,
            )
            model.appendRow(item)
        self.setModel(model)
        self.setItemDelegate(_RecentRows(theme, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Recent files"))
        self.clicked.connect(self._choose)
        theme.changed.connect(self.doItemsLayout)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self.currentIndex())
        elif is_typed(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.data(PATH))


def _folder(path: Path) -> str:
    """The folder of a file, with `~` for the user's own."""
    try:
        return str(Path("~") / path.parent.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path.parent)


class _RecentRows(QStyledItemDelegate):
    """The file's name over its folder."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        theme = self._theme
        return QSize(0, QFontMetrics(theme.text_font()).height() + QFontMetrics(theme.text_font(0.9)).height() + 13)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        path: Path = index.data(PATH)
        state, rect = option.state, QRect(option.rect)
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if has_focus or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(theme.colour("accent") if has_focus else Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("selection"))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        inner = rect.adjusted(8, 5, -8, -5)
        painter.setFont(theme.text_font())
        painter.setPen(theme.colour("text"))
        name = painter.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, name)
        painter.setFont(theme.text_font(0.9))
        painter.setPen(theme.colour("muted"))
        folder = painter.fontMetrics().elidedText(_folder(path), Qt.TextElideMode.ElideMiddle, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom, folder)
        painter.restore()
