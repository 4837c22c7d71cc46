"""The report of an import as a panel that stays: a row leads to its layer, and the input size can be changed here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.document.background_reading import load_design
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.questions import arguments_in, arguments_text
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.core.arithmetic.numerals import exact
from cnnstudio.core.edits.edit import Edit
from cnnstudio.core.network.design import path_from
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.format import ReadOptions, input_size_from
from cnnstudio.formats.import_report import ImportedNetwork, ImportReport
from cnnstudio.formats.import_text import proof

_PATH = Qt.ItemDataRole.UserRole
MAX_ROWS = 500
"""Layers left out, and tensors, that are listed; the rest are counted."""


class ImportReportView(QWidget):
    """Shows what was understood of the file that a document was imported from."""

    def __init__(self, document: Document, view_state: ViewState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._view_state = view_state
        self._theme = theme
        self.proof = QLabel(self)
        self.proof.setTextFormat(Qt.TextFormat.PlainText)
        self.proof.setWordWrap(True)
        self.proof.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.network_field = QComboBox(self)
        self.arguments_field = QLineEdit(self)
        self.size_field = QLineEdit(self)
        self.again = QPushButton(self.tr("Import again"), self)
        self.rows = QTreeWidget(self)
        self._set_up()
        self.show_report()

    def _set_up(self) -> None:
        self.size_field.setPlaceholderText("3 × 224 × 224")
        self.size_field.setAccessibleName(self.tr("Input size: channels, height, width"))
        self.size_field.setToolTip(self.tr("Channels, height and width; the file is read again with this size"))
        self.size_field.setFixedWidth(self.size_field.fontMetrics().horizontalAdvance("0" * 20))
        self.network_field.setAccessibleName(self.tr("Network of the file"))
        self.arguments_field.setPlaceholderText("num_classes=10")
        self.arguments_field.setAccessibleName(self.tr("Values that the file leaves open"))
        self.arguments_field.setToolTip(self.tr("Names and values with commas between; the file is read again"))
        self.arguments_field.setFixedWidth(self.size_field.width())
        label = QLabel(self.tr("&Input size"), self)
        label.setBuddy(self.size_field)
        head = QHBoxLayout()
        head.setContentsMargins(10, 6, 8, 6)
        head.setSpacing(8)
        head.addWidget(self.proof, 1)
        for widget in (self.network_field, self.arguments_field, label, self.size_field, self.again):
            head.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.rows, 1)
        self.rows.setColumnCount(2)
        self.rows.setHeaderHidden(True)
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        self.rows.setIndentation(0)
        self.rows.setStyleSheet("QTreeWidget::item { padding: 3px 10px; }")
        self.rows.setAccessibleName(self.tr("Import report"))
        self.rows.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.rows.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.rows.header().setStretchLastSection(True)
        self.rows.itemClicked.connect(lambda item, _column: self._expose(item))
        self.rows.itemActivated.connect(lambda item, _column: self._expose(item))
        self._theme.changed.connect(self.show_report)
        self.again.clicked.connect(self.import_again)
        self.size_field.returnPressed.connect(self.import_again)
        self.arguments_field.returnPressed.connect(self.import_again)

    def show_report(self) -> None:
        """Shows the report of the document as it is now."""
        self.rows.clear()
        report = self._document.report
        self._show_choices(report)
        if report is None or not report.networks:
            self.proof.setText(self.tr("This design was not imported."))
            self.size_field.setEnabled(False)
            self.again.setEnabled(False)
            return
        network = report.networks[0]
        producer = report.producer or report.format
        self.proof.setText(f"{producer}: {proof(network)}")
        if network.input_shapes:
            self.size_field.setText(" × ".join(map(str, network.input_shapes[0])))
        can_change = len(network.input_shapes) > 0 and not network.tensors
        self.size_field.setEnabled(can_change)
        self.again.setEnabled(can_change)
        self._add_rows(network)

    def _show_choices(self, report: ImportReport | None) -> None:
        """Shows what source code can be asked for besides: another of its networks, and values that it leaves open."""
        self.network_field.clear()
        choices = report.choices if report is not None else ()
        self.network_field.addItems(list(choices))
        self.network_field.setVisible(len(choices) > 1)
        self.arguments_field.setVisible(report is not None and report.format == "python")
        if report is not None and report.networks:
            self.network_field.setCurrentText(report.networks[0].name)
            self.arguments_field.setText(arguments_text(report.arguments))

    def _add_rows(self, network: ImportedNetwork) -> None:
        for title, sentences in (
            (self.tr("Mistake"), network.faults),
            (self.tr("Assumed"), network.assumed),
            (self.tr("Replaced"), network.replaced),
            (self.tr("Note"), network.notes),
        ):
            for sentence in sentences:
                self._add(title, sentence)
        for left in network.left_out[:MAX_ROWS]:
            several = self.tr("{name}: {kind}, {numbers} parameters")
            words = self.tr("{name}: {kind}, 1 parameter") if left.parameters == 1 else several
            text = words.format(name=left.name, kind=left.kind, numbers=exact(left.parameters))
            self._add(self.tr("Left out"), text, left.name)
        for tensor in network.tensors[:MAX_ROWS]:
            self._add(self.tr("Tensor"), f"{tensor.name}  {' × '.join(map(str, tensor.shape)) or '1'}")
        more = max(0, len(network.left_out) - MAX_ROWS) + max(0, len(network.tensors) - MAX_ROWS)
        if more:
            self._add("", self.tr("and {count} more").format(count=f"{more:,}"))
        if not self.rows.topLevelItemCount():
            self._add("", self.tr("Nothing was assumed, replaced or left out."))

    def _add(self, title: str, text: str, place: str = "") -> None:
        item = QTreeWidgetItem([title, text])
        item.setToolTip(1, text)
        item.setForeground(0, self.palette().brush(QPalette.ColorRole.PlaceholderText))
        item.setData(0, _PATH, place)
        self.rows.addTopLevelItem(item)

    def _expose(self, item: QTreeWidgetItem) -> None:
        """Selects the layer that a row is about."""
        place = item.data(0, _PATH)
        if place:
            self._view_state.select((path_from(place),))

    def import_again(self) -> None:
        """Reads the file once more with what stands here, as one step of undo."""
        report = self._document.report
        sizes, arguments = input_size_from(self.size_field.text()), arguments_in(self.arguments_field.text())
        if report is None or sizes is None:
            self._document.refused.emit(self.tr("An input size is channels, height and width, such as 3 × 224 × 224."))
            return
        if arguments is None:
            sentence = self.tr("Values are given by their names, such as num_classes=10, width=2.")
            self._document.refused.emit(sentence)
            return
        network = self.network_field.currentText() or None
        before = report.networks[0]
        # Another network has an input of its own, unless its size is changed as well.
        keeps = sizes != before.input_shapes[0] or (network in (None, before.name) and arguments == report.arguments)
        options = ReadOptions(input_size=sizes if keeps else None, network=network, arguments=arguments)
        try:
            file = load_design(Path(report.source), self, options)
        except FileError as error:
            self._document.refused.emit(error.lines()[0])
            return
        if file is None:
            return
        self._document.report = file.report
        label = self.tr("Import again with {size}") if keeps else self.tr("Import again: {name}")
        label = label.format(size=" × ".join(map(str, sizes)), name=file.design.name)
        self._document.apply(Edit(file.design, label))
        self.show_report()
