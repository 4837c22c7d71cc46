"""The chart beside the table: bars that are read in one glance, and what chooses among them.

It imports no chart library until `start`, which the window calls once it has been seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.app.appearance.family_words import family_titles
from cnnstudio.app.appearance.panel import Panel
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.chart.lazy_library import ChartLibrary
from cnnstudio.app.chart.legend import ChartLegend
from cnnstudio.app.chart.tools import ChartTools
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.core.budgets.condition import tightest
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.network.design import ItemPath
from cnnstudio.drawings.chart.bar import METRICS, Bar
from cnnstudio.drawings.chart.bars import bars_of, ranked_bars
from cnnstudio.drawings.chart.svg import ChartWords, bar_chart_svg, families_in
from cnnstudio.formats.saving import write_atomically

if TYPE_CHECKING:
    from cnnstudio.app.chart.bar_plot import BarPlot

PICTURE_SUFFIXES: Final = (".png", ".svg")


class ChartPanel(QWidget):
    """Bars by layer or by block, of one metric, linear or logarithmic; a click selects everywhere."""

    settled = Signal()
    """The library has been loaded, or cannot be."""

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._theme = theme
        self._is_stale = True
        self._library: ChartLibrary | None = None
        self._bars: tuple[Bar, ...] = ()
        self.plot: BarPlot | None = None
        self.tools = ChartTools(theme, self)
        self._build()
        self.tools.changed.connect(self._refresh)
        self.tools.metric_chosen.connect(view_state.set_quantity)
        self.tools.save_requested.connect(self._ask_and_save)
        document.changed.connect(lambda _old, _new: self._refresh())
        view_state.folding_changed.connect(lambda _path, _is_open: self._refresh())
        view_state.repeats_changed.connect(self._on_repeats)
        self.tools.fix_layers(view_state.shows_repeats)
        view_state.selection_changed.connect(self._show_selection)

    def _build(self) -> None:
        self.setAccessibleName(self.tr("Chart"))
        self._placeholder = QLabel(self.tr("The chart is being prepared…"))
        self._placeholder.setObjectName("chart_placeholder")
        self._placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._placeholder.setWordWrap(True)
        self._placeholder.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._page = QWidget()
        self._page.setObjectName("chart_page")
        self._lines = QVBoxLayout(self._page)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self.legend = ChartLegend(self._theme)
        self._lines.addWidget(self.legend)
        self._pages = QStackedWidget()
        self._pages.setBackgroundRole(QPalette.ColorRole.Base)
        self._pages.setAutoFillBackground(True)
        self._pages.addWidget(self._placeholder)
        self._pages.addWidget(self._page)
        panel = Panel(self.tr("Chart"), self._pages, self._theme)
        # All the room beside the title is for the tools, and none for the panel's own stretch.
        panel.tools.insertWidget(1, self.tools, 1_000)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panel)

    # Loading the library.

    def start(self) -> None:
        """Loads the chart library between the events of the window, and draws when it is there."""
        if self._library is not None:
            return
        self._library = ChartLibrary(self)
        self._library.loaded.connect(self._on_loaded)
        self._library.failed.connect(self._on_failed)
        self._library.start()

    def _on_failed(self, reason: str) -> None:
        text = self.tr("The chart cannot be drawn, because its library cannot be loaded: {reason}")
        self._placeholder.setTextFormat(Qt.TextFormat.PlainText)
        self._placeholder.setText(text.format(reason=reason))
        self.settled.emit()

    def _on_loaded(self) -> None:
        from cnnstudio.app.chart.bar_plot import BarPlot

        self.plot = BarPlot(self._theme, self._page)
        self._lines.insertWidget(0, self.plot, 1)
        self.plot.selection_requested.connect(self._on_selection_requested)
        self.plot.fold_requested.connect(lambda path, opens: self._view_state.set_open(path, is_open=opens))
        self.tools.zoom_requested.connect(self.plot.zoom)
        self._refresh()
        self.settled.emit()

    @property
    def message(self) -> str:
        """The message in place of the chart; empty while the chart is shown."""
        return "" if self._pages.currentWidget() is self._page else self._placeholder.text()

    # Following the document.

    def _refresh(self) -> None:
        """Shows the design as it is, at once or when the panel is next seen."""
        # Nothing is counted for a panel that nobody sees; it is made up for when it is shown.
        self._is_stale = self.plot is None or not self.isVisible()
        if self.plot is None or self._is_stale:
            return
        self._count()
        tools = self.tools
        self.legend.show_families(tuple(families_in(self._bars)))
        whole = COLUMN[tools.chosen_metric].total_text(self._document.analysis)
        budget = tightest(self._document.design.budgets, tools.chosen_metric)
        self.plot.show_bars(self._bars, tools.chosen_metric, is_log=tools.is_log, whole=whole, budget=budget)
        self._placeholder.setText(self._empty_text())
        self._pages.setCurrentWidget(self._page if self._bars else self._placeholder)

    def _on_repeats(self) -> None:
        self.tools.fix_layers(self._view_state.shows_repeats)
        self._refresh()

    def _count(self) -> None:
        tools = self.tools
        if tools.is_ranked:
            self._bars = ranked_bars(self._document.analysis, tools.chosen_metric, tools.most)
            return
        bars = bars_of(self._document.analysis, self._view_state.is_open, tools.chosen_metric, tools.mode)
        if tools.leaves_out_zeros.isChecked():
            bars = tuple(bar for bar in bars if bar.value != 0)
        self._bars = bars

    def _empty_text(self) -> str:
        if self._document.design.layers:
            return self.tr("Every layer is 0 for this metric.")
        return self.tr("Add layers to see their cost.")

    def _show_selection(self) -> None:
        if self.plot is not None and not self._is_stale:
            self.plot.show_selection(self._view_state.selection)

    def _on_selection_requested(self, paths: tuple[ItemPath, ...]) -> None:
        self._view_state.set_quantity(self.tools.chosen_metric)
        self._view_state.select(paths)

    # Saving.

    def _ask_and_save(self) -> None:
        start = Path(self._document.path or self._document.design.name).with_suffix(PICTURE_SUFFIXES[0])
        filters = self.tr("Picture (*.png);;Drawing (*.svg)")
        name, chosen = QFileDialog.getSaveFileName(self, self.tr("Save picture"), str(start), filters)
        if not name:
            return
        path = Path(name)
        if path.suffix.lower() not in PICTURE_SUFFIXES:
            path = path.with_name(path.name + (".svg" if "svg" in chosen else ".png"))
        self.save_picture(path)

    def save_picture(self, path: Path) -> bool:
        """Saves the whole chart in light colours, as the suffix says. Returns True if that succeeded."""
        from cnnstudio.app.chart.picture import LIGHT_COLOURS, png_bytes

        self._count()
        svg = bar_chart_svg(
            self._bars, self.tools.chosen_metric, LIGHT_COLOURS, self._picture_words(), is_log=self.tools.is_log
        )
        # By our own SVG: pyqtgraph's exporter raises an error with recent versions of PySide6.
        content = svg.encode() if path.suffix.lower() == ".svg" else png_bytes(svg)
        if content is None:
            sentence = self.tr("{count} bars are too many for a legible PNG; save an SVG, or fold blocks.")
            self._document.refused.emit(sentence.format(count=f"{len(self._bars):,}"))
            return False
        try:
            write_atomically(path, content)
        except OSError as error:
            sentence = self.tr("The picture could not be saved as {file}: {reason}.")
            self._document.refused.emit(sentence.format(file=path, reason=error.strerror or error))
            return False
        return True

    def _picture_words(self) -> ChartWords:
        tools, analysis = self.tools, self._document.analysis
        title = METRICS[tools.chosen_metric]
        subtitle = self.tr("{metric}: {total} in all, {convention} counting").format(
            metric=title,
            total=COLUMN[tools.chosen_metric].total_text(analysis),
            convention=analysis.convention.title,
        )
        return ChartWords(self._document.design.name, subtitle, family_titles())

    # Size.

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 140)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._refresh()
            self._show_selection()
