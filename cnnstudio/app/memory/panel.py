"""The memory view: the answer for a card, what is in the peak, and live memory over the layers."""

from __future__ import annotations

from functools import partial
from html import escape

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.memory.bar import MemoryBar
from cnnstudio.app.memory.content import MemoryContent, content_of
from cnnstudio.app.memory.timeline import Timeline
from cnnstudio.app.memory.tools import USUAL, MemoryTools
from cnnstudio.app.platform.background import Background
from cnnstudio.app.platform.settings import Settings
from cnnstudio.core.edits.fields import set_memory
from cnnstudio.core.memory.fitting import CONTEXT_HIGH, reserved_high
from cnnstudio.core.memory.wording import gibibytes
from cnnstudio.core.network.design import ItemPath
from cnnstudio.core.network.memory_setting import Card, card_named

MARGIN = 12
MAX_AT_ONCE = 300
"""Layers up to which an estimate is made at once; that of more is made in a thread, and the window goes on."""
COLOURS = {"fits": "good", "may fit": "warning", "does not fit": "danger", "unknown": "muted"}


class MemoryPanel(QWidget):
    """The memory of a card that the design takes, found anew after every edit once it is seen."""

    def __init__(
        self,
        document: Document,
        view_state: ViewState,
        theme: Theme,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._view_state = document, view_state
        self._theme, self._settings = theme, settings
        self._is_stale, self._is_waiting = True, False
        self.content: MemoryContent | None = None
        self.tools = MemoryTools(self)
        self.answer, self.details, self.working = QLabel(), QLabel(), QLabel()
        self.bar, self.timeline = MemoryBar(theme), Timeline(theme)
        self._background = Background(self, (ValueError,))
        self._build()
        self._connect()
        self._follow_design()

    def _build(self) -> None:
        self.setAccessibleName(self.tr("Memory"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, MARGIN, 0, MARGIN // 2)
        layout.setSpacing(MARGIN // 2)
        for label in (self.answer, self.details, self.working):
            label.setContentsMargins(MARGIN, 0, MARGIN, 0)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tools.setContentsMargins(MARGIN, 0, MARGIN, 0)
        for widget in (self.tools, self.answer, self.bar, self.details):
            layout.addWidget(widget)
        layout.addWidget(self.timeline, 1)
        layout.addWidget(self.working)

    def _connect(self) -> None:
        self._document.changed.connect(lambda _old, _new: self._on_document())
        self._view_state.selection_changed.connect(self._show_selection)
        self._theme.changed.connect(self._show_texts)
        self._background.done.connect(self._show)
        self._background.failed.connect(self._refuse)
        self.tools.changed.connect(self._on_choice)
        self.timeline.layer_clicked.connect(self._on_layer)

    @property
    def is_current(self) -> bool:
        """True if what is shown is the design as it is."""
        return not self._is_stale

    # Following the document.

    def _on_document(self) -> None:
        self._follow_design()
        self._wait()

    def _follow_design(self) -> None:
        """Shows the setting that is kept with the design; without one, that which was chosen last."""
        kept = self._document.design.memory
        self.tools.choose(self._settings.memory_choice if kept is None else kept.words)

    def _on_choice(self) -> None:
        """Keeps what is chosen with the design, and for the next one."""
        try:
            setting = self.tools.setting()
        except ValueError as error:
            self._refuse(str(error))
            return
        self._settings.memory_choice = setting.words
        self._document.apply(set_memory(self._document.design, setting))

    def _wait(self) -> None:
        """Greys out an earlier estimate, and makes the new one after what happens now, once it is seen."""
        self._is_stale = True
        self._background.cancel()
        if not self._is_waiting and self.isVisible():
            self._is_waiting = True
            QTimer.singleShot(0, self, self._on_waited)

    def _on_waited(self) -> None:
        self._is_waiting = False
        if not self._is_stale or not self.isVisible():
            return
        try:
            setting = self.tools.setting()
            usual = card_named(USUAL[-1])
            work = partial(content_of, self._document.analysis, setting, usual)
            if self._document.analysis.totals.layers > MAX_AT_ONCE:
                self._await(setting.card or usual)
                self._background.start(work)
            else:
                self._show(work())
        except ValueError as error:
            self._refuse(str(error))

    def _await(self, card: Card) -> None:
        """Greys out the earlier estimate; one for another card would be read as the answer for this one."""
        self._grey_out(True)
        if self.content is None or self.content.on_card.card != card:
            self.answer.setText(f"<b>{escape(card.name)}: …</b>")

    def _grey_out(self, is_grey: bool) -> None:
        """Greys out what is older than the design; the tools stay, or typing a batch would be broken off."""
        for widget in (self.answer, self.bar, self.details, self.timeline, self.working):
            widget.setDisabled(is_grey)

    def _refuse(self, sentence: str) -> None:
        """The reason why there is no estimate."""
        self._show(None)
        self.answer.setText(escape(sentence))

    def _show(self, content: MemoryContent | None) -> None:
        self._is_stale = False
        self._grey_out(False)
        self.content = content
        self.bar.show_content(content)
        self.timeline.show_content(content)
        self._show_texts()
        self._show_selection()

    def _show_texts(self) -> None:
        content = self.content
        if content is None:
            self.answer.clear()
            self.details.clear()
            return
        colour = getattr(self._theme.tokens, COLOURS[content.on_card.verdict])
        verdict = {
            "fits": self.tr("fits"),
            "may fit": self.tr("may fit"),
            "does not fit": self.tr("does not fit"),
            "unknown": self.tr("unknown"),
        }[content.on_card.verdict]
        head = f"<b>{escape(content.on_card.card.name)}: <span style='color:{colour}'>{verdict}</span></b>"
        self.answer.setText(head + "&nbsp;&nbsp; " + escape(self._largest_text(content)))
        self.details.setText(escape(self._details_text(content)))

    def _largest_text(self, content: MemoryContent) -> str:
        if content.on_card.largest is None:
            unknown = content.model.unknown
            several = self.tr("what {count} layers need is not known").format(count=f"{unknown:,}")
            return self.tr("what 1 layer needs is not known") if unknown == 1 else several
        numbers = {"fits": f"{content.on_card.largest.fits:,}", "may_fit": f"{content.on_card.largest.may_fit:,}"}
        return self.tr("largest batch {fits}, perhaps up to {may_fit}").format(**numbers)

    def _details_text(self, content: MemoryContent) -> str:
        estimate = content.estimate
        bound = self.tr("at least") if content.model.unknown else self.tr("about")
        lines = [
            self.tr("Peak {bound} {low}, {place}; up to {high} with the largest workspaces.").format(
                bound=bound, low=gibibytes(estimate.low), place=content.peak_text, high=gibibytes(estimate.high)
            ),
            self.tr("Reserved up to {reserved}, and up to {context} for the CUDA context. PyTorch.").format(
                reserved=gibibytes(reserved_high(estimate.high)), context=gibibytes(CONTEXT_HIGH)
            ),
        ]
        if estimate.setting.trains:
            kept = estimate.kept.text(lambda number: f"{number:,}")
            lines.insert(0, self.tr("Kept for backward: {kept} bytes.").format(kept=kept))
        return " ".join(lines)

    # The selection, in both directions.

    def _show_selection(self) -> None:
        selection = self._view_state.selection
        self.timeline.mark(selection)
        content = self.content
        texts = [text for item in selection[:1] if content and (text := content.working_of(item))]
        self.working.setText(escape(texts[0]) if texts else "")
        self.working.setVisible(bool(texts))

    def _on_layer(self, item: ItemPath) -> None:
        self._view_state.select((item,))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._wait()
