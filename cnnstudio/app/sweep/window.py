"""The window of a sweep: what is varied on top, the variants below as a table, and beside it as a scatter."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMainWindow,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.help_topics import set_topic
from cnnstudio.app.appearance.icons import icon
from cnnstudio.app.appearance.panel import hairline
from cnnstudio.app.appearance.questions import warn
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.platform.background import Background
from cnnstudio.app.sweep.content import picture_of
from cnnstudio.app.sweep.form import SweepForm
from cnnstudio.app.sweep.job import SweepJob
from cnnstudio.app.sweep.model import SweepModel
from cnnstudio.app.sweep.quantity_box import QuantityBox
from cnnstudio.app.sweep.scatter import Picture, Scatter
from cnnstudio.core.network.design import Design, ItemPath
from cnnstudio.core.sweeps.conditions import Aim
from cnnstudio.core.sweeps.plan import SUMMED, quantities_of
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import Chunk, Table, rows_of
from cnnstudio.formats.saving.output import write_output
from cnnstudio.reports.sweeps.records import Listing
from cnnstudio.reports.sweeps.writing import WRITERS, Unwritable

REFRESH_MS: Final = 400
"""The time between two pictures while rows come in."""
MAX_SORTED: Final = 200_000
"""Rows that are put into another order while somebody waits."""
MEASURED_ROWS: Final = 60
MANUAL_PAGE: Final = "sweep.md"
ALONG, UP, SHADE = "macs", "parameters", "activation_bytes"


class SweepWindow(QMainWindow):
    """Counts variants of a design as it was when the window was opened.

    `design_requested` carries a variant that is to be opened as a design of its own.
    """

    design_requested = Signal(object)

    def __init__(self, design: Design, selection: tuple[ItemPath, ...], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Sweep of {name} — CNN Studio").format(name=design.name).replace("[*]", "[*][*]"))
        set_topic(self, MANUAL_PAGE)
        self._theme, self._design = theme, design
        self._table, self._failure = Table(), ""
        self.form = SweepForm(theme, design, self)
        self.model = SweepModel(theme, self)
        self.grid, self.scatter = QTableView(self), Scatter(theme, self._describe, self)
        self.run = QPushButton(icon("sigma", theme), self.tr("Count"))
        self.cancel = QPushButton(icon("x", theme), self.tr("Cancel"))
        self.open_variant = QPushButton(icon("folder-open", theme), self.tr("Open variant"))
        self.save = QPushButton(icon("save", theme), self.tr("Save…"))
        self.progress, self.told = QProgressBar(), QLabel()
        self.along, self.up, self.shade = (QuantityBox(key) for key in (ALONG, UP, SHADE))
        self.log, self.most = QCheckBox(self.tr("log")), QCheckBox(self.tr("most is best"))
        self.log.setToolTip(self.tr("Logarithmic axes"))
        self.most.setToolTip(self.tr("The best variants have the least along and the most up, not the least of both"))
        self.job, self._background = SweepJob(self), Background(self)
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(REFRESH_MS)
        self._build()
        self._connect()
        self.form.suggest(selection)
        room = self.screen().availableSize()
        # A frame and a title come besides.
        self.resize(min(1280, room.width() - 16), min(760, room.height() - 48))
        first = self.form.lines[0].values
        first.setFocus()
        first.selectAll()
        self._follow()

    # Putting together.

    def _build(self) -> None:
        head = QWidget(self)
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.form)
        column.addLayout(self._make_tools())
        column.addWidget(hairline(head))
        self._dress_grid()
        halves = QSplitter(Qt.Orientation.Horizontal, self)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.grid)
        halves.addWidget(self._make_chart())
        halves.setSizes([600, 600])
        whole = QWidget(self)
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(halves, 1)
        self.setCentralWidget(whole)

    def _make_tools(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(12, 0, 12, 10)
        self.run.setDefault(True)
        self.progress.setTextVisible(False)
        self.progress.setMaximumWidth(160)
        self.progress.hide()
        line.setSpacing(8)
        for widget in (self.run, self.cancel, self.progress):
            line.addWidget(widget)
        line.addWidget(self.told, 1)
        for widget in (self.open_variant, self.save):
            line.addWidget(widget)
        return line

    def _make_chart(self) -> QWidget:
        chart = QWidget(self)
        line = QHBoxLayout()
        line.setContentsMargins(12, 6, 12, 4)
        line.setSpacing(8)
        for title, box in (
            (self.tr("Along"), self.along),
            (self.tr("Up"), self.up),
            (self.tr("Colour"), self.shade),
        ):
            box.offer(SUMMED)
            box.setAccessibleName(title)
            label = QLabel(title)
            label.setBuddy(box)
            line.addWidget(label)
            line.addWidget(box, 1)
            if box is self.up:
                line.addWidget(self.most)
        line.addWidget(self.log)
        layout = QVBoxLayout(chart)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addWidget(self.scatter, 1)
        return chart

    def _dress_grid(self) -> None:
        self.grid.setModel(self.model)
        self.grid.setShowGrid(False)
        self.grid.setFrameShape(QFrame.Shape.NoFrame)
        self.grid.setWordWrap(False)
        self.grid.setCornerButtonEnabled(False)
        self.grid.setTabKeyNavigation(False)
        self.grid.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.grid.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.grid.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.grid.setAccessibleName(self.tr("Variants"))
        header = self.grid.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        self.grid.verticalHeader().hide()

    def _connect(self) -> None:
        self.run.clicked.connect(self.start)
        self.form.run_requested.connect(self.start)
        self.form.changed.connect(self._follow)
        self.cancel.clicked.connect(self._on_cancelled)
        self.open_variant.clicked.connect(self._on_open)
        self.save.clicked.connect(self.ask_and_save)
        self.job.counted.connect(self._on_counted)
        self.job.failed.connect(self._on_failed)
        self.job.ended.connect(self._on_ended)
        self._refresh.timeout.connect(self._draw)
        self._background.done.connect(self._show_picture)
        for box in (self.along, self.up, self.shade):
            box.currentIndexChanged.connect(self._draw)
        self.log.toggled.connect(self._draw)
        self.most.toggled.connect(self._draw)
        self.scatter.variant_clicked.connect(self.show_variant)
        self.grid.activated.connect(lambda index: self.request_variant(self.model.variants[index.row()]))
        self.grid.selectionModel().currentRowChanged.connect(self._on_row)
        self.model.modelReset.connect(self._follow)
        self.grid.horizontalHeader().sectionClicked.connect(self._sort)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)

    # Counting.

    def start(self) -> None:
        """Counts what the form asks for, in the place of what was there before."""
        try:
            space = self.form.space()
        except ValueError:
            # The form says why.
            return
        self._background.cancel()
        for box in (self.along, self.up, self.shade):
            box.offer(quantities_of(space))
        self.model.begin(space)
        self._table, self._failure = self.model.table, ""
        self.grid.horizontalHeader().setSortIndicatorShown(False)
        self.progress.setRange(0, space.size)
        self.progress.setValue(0)
        self.scatter.mark(-1)
        self.job.start(space)
        self._follow()

    def _on_counted(self, chunk: Chunk) -> None:
        is_first = not len(self._table)
        self._table.add(chunk)
        self.model.add(list(rows_of(chunk)))
        self.progress.setValue(len(self._table))
        if is_first:
            self._fit_columns()
        if not self.picture_is_due:
            self._refresh.start()
        self._follow()

    def _on_failed(self, reason: str) -> None:
        """Keeps the reason, which is told beside what was counted until then."""
        self._failure = reason

    def _on_cancelled(self) -> None:
        self.job.cancel()
        self._on_ended()

    def _on_ended(self) -> None:
        self._draw()
        self._follow()

    def _follow(self) -> None:
        """Lets what can be done be done, and says how far the sweep has come."""
        is_running, space = self.job.is_running, self.model.space
        self.run.setEnabled(not is_running)
        self.cancel.setVisible(is_running)
        self.progress.setVisible(is_running)
        self.save.setEnabled(bool(len(self._table)) and not is_running)
        self.open_variant.setEnabled(self.grid.currentIndex().isValid())
        if space is not None:
            self._say(self._told(space))

    def _told(self, space: Space) -> str:
        done, shown = len(self._table), len(self.model.variants)
        words = self.tr("{done} of {size} variant") if space.size == 1 else self.tr("{done} of {size} variants")
        parts = [words.format(done=f"{done:,}", size=f"{space.size:,}")]
        if self._failure:
            parts.append(self._failure)
        if hidden := done - shown:
            single, more = self.tr("1 is left out by the conditions"), self.tr("{n} are left out by the conditions")
            parts.append(single if hidden == 1 else more.format(n=f"{hidden:,}"))
        best = self.scatter.picture.best if self.scatter.picture is not None else ()
        if best and not self.job.is_running:
            parts.append(self.tr("nothing beats {count} of them").format(count=f"{len(best):,}"))
        return "; ".join(parts)

    def _describe(self, variant: int) -> str:
        return "" if self.model.space is None else self.model.space.told(variant)

    def _say(self, sentence: str) -> None:
        self.told.setText(sentence)

    # Showing.

    def _fit_columns(self) -> None:
        """Columns as wide as their titles and first rows; the problems take what they need and no more."""
        metrics, header = self.grid.fontMetrics(), self.grid.horizontalHeader()
        rows = [self.model.row(line) for line in range(min(MEASURED_ROWS, len(self.model.variants)))]
        for section, column in enumerate(self.model.columns):
            texts = [column.title + "  ", *[column.text(row) for row in rows]]
            header.resizeSection(section, min(360, max(map(metrics.horizontalAdvance, texts)) + 24))

    @property
    def picture_is_due(self) -> bool:
        """True while points are looked for that are not in the chart yet."""
        return self._background.is_running or self._refresh.isActive()

    @property
    def aims(self) -> tuple[Aim, Aim]:
        """The best variants: with the least along, and with the least or the most up."""
        return Aim(self.along.quantity), Aim(self.up.quantity, self.most.isChecked())

    def _draw(self) -> None:
        """Finds the points in a thread; rows that come in meanwhile are in the next picture."""
        work = partial(picture_of, self._table.snapshot(), *self.aims, self.shade.quantity, is_log=self.log.isChecked())
        self._background.start(work)

    def _show_picture(self, picture: Picture) -> None:
        self.scatter.show_picture(picture)
        self.model.show_best(picture.best)
        self._follow()

    def _sort(self, section: int) -> None:
        header = self.grid.horizontalHeader()
        if self.job.is_running or len(self.model.variants) > MAX_SORTED:
            self._say(self.tr("Rows can be sorted when all are counted, up to {most}").format(most=f"{MAX_SORTED:,}"))
            return
        is_again = header.isSortIndicatorShown() and header.sortIndicatorSection() == section
        was_up = header.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        order = Qt.SortOrder.DescendingOrder if is_again and was_up else Qt.SortOrder.AscendingOrder
        header.setSortIndicatorShown(True)
        header.setSortIndicator(section, order)
        self.model.sort(section, order)

    def show_variant(self, variant: int) -> None:
        """Selects a variant that was clicked in the chart, and opens it."""
        line = self.model.line_of(variant)
        if line is not None:
            self.grid.setCurrentIndex(self.model.index(line, 0))
            self.grid.scrollTo(self.model.index(line, 0))
        self.request_variant(variant)

    def _on_row(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.scatter.mark(self.model.variants[current.row()] if current.isValid() else -1)
        self.open_variant.setEnabled(current.isValid())

    def _on_open(self) -> None:
        index = self.grid.currentIndex()
        if index.isValid():
            self.request_variant(self.model.variants[index.row()])

    def request_variant(self, variant: int) -> None:
        """Asks for a variant to be opened as a design of its own; says why where it is none."""
        space = self.model.space
        if space is None:
            return
        varied = space.variant(space.picks(variant))
        if varied.refusals:
            warn(self, self.tr("Not opened"), "\n".join(map(str, varied.refusals)))
            return
        self.design_requested.emit(space.named(variant, varied.design))

    # Saving.

    def ask_and_save(self) -> None:
        """Asks for a file and writes the rows to it."""
        kinds = ";;".join(f"{suffix[1:].upper()} (*{suffix})" for suffix in WRITERS)
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the rows"), f"{self._design.name} sweep.csv", kinds)
        if name:
            self.save_rows(Path(name))

    def save_rows(self, path: Path) -> None:
        """Writes the rows that are shown; a message says why where that cannot be."""
        space = self.model.space
        if space is None:
            return
        best = self.scatter.picture.best if self.scatter.picture is not None else ()
        writer, refusal = WRITERS.get(path.suffix.lower()), ""
        if writer is None:
            refusal = self.tr("The name ends in one of {suffixes}").format(suffixes=", ".join(WRITERS))
        else:
            try:
                write_output(path, writer(Listing(space, self._table, self.aims, best)))
            except Unwritable as error:
                refusal = str(error)
            except OSError as error:
                refusal = f"{path.name}: {error.strerror}"
        if refusal:
            warn(self, self.tr("Not saved"), f"{refusal}.")

    def closeEvent(self, event: QCloseEvent) -> None:
        self.job.cancel()
        self._background.cancel()
        super().closeEvent(event)
