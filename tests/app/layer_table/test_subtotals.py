"""The cost of a block, on its row in list, table and chart: the sum over every layer of every repeat."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.layer_list.model import LayerTreeModel
from cnnstudio.app.layer_list.row_painter import summary_of
from cnnstudio.app.layer_table.lines import repeated_lines
from cnnstudio.app.layer_table.model import LayerTableModel
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.counting.rows import BlockRow
from cnnstudio.core.network.design import Block, Design, ItemPath, walk
from cnnstudio.drawings.chart.bars import bars_of
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of, opened

QUANTITIES = ("parameters", "weights", "biases", "macs", "activation_bytes")
DESIGNS = ("resnet-50", "densenet-121", "mobilenet-v2", "googlenet", "shufflenet-v2-x1.0")
each_design = pytest.mark.parametrize("name", DESIGNS)


def sums_of(analysis: Analysis, quantity: str) -> dict[ItemPath, int]:
    """The sum over all rows of the expanded analysis inside each block."""
    sums: dict[ItemPath, int] = {}
    for line in repeated_lines(analysis):
        for depth in range(1, len(line.path)):
            block = line.path[:depth]
            sums[block] = sums.get(block, 0) + getattr(line.entry, quantity)
    return sums


@each_design
def test_in_the_table_and_in_the_chart(name: str, qapp: QApplication) -> None:
    document = opened(name, qapp)
    view_state = ViewState(document, document)
    for path, item in walk(document.design.layers):
        if isinstance(item, Block):
            view_state.set_open(path, is_open=True)
    analysis = document.analysis
    table = LayerTableModel(document, view_state, QUANTITIES, document)
    repeats = {path: item.repeat for path, item in walk(document.design.layers) if isinstance(item, Block)}
    for column, quantity in enumerate(QUANTITIES):
        # A block inside a repeated one stands there for its first pass; where passes are alike, they share the sum.
        sums = {path: total for path, total in sums_of(analysis, quantity).items() if len(path) == 1}
        assert sums
        bars = {bar.path: bar.value for bar in bars_of(analysis, view_state.is_open, quantity, "block")}
        for path, total in sums.items():
            cell = table.index(table.row_of(path), column)
            assert table.data(cell) == COLUMN[quantity].text(total, analysis)
            assert bars[path] == total
    assert set(repeats) >= {path for path in sums_of(analysis, "parameters") if len(path) == 1}


def repeated(filters: int) -> Design:
    conv = Conv2D(name="a", filters=filters, kernel_size=1, bias=False)
    inner = Block(name="inner", repeat=3, layers=(conv,))
    image = Input(name="image", size=(4, 4), channels=2)
    return Design(layers=(image, Block(name="outer", repeat=5, layers=(inner,))))


def test_repeats_multiply_also_inside_of_each_other() -> None:
    analysis = analyze(repeated(2))
    outer = analysis.entries[1]
    assert isinstance(outer, BlockRow)
    assert outer.totals.parameters == 5 * 3 * 2 * 2
    assert summary_of(outer.block, outer) == "× 5 · 1 layer · 60 parameters"


def test_in_the_tip_of_the_list(qapp: QApplication) -> None:
    document = document_of(repeated(2))
    document.setParent(qapp)
    model = LayerTreeModel(document, document)
    index = model.index_of_path(("outer",))
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "<qt>Parameters: 60, MACs: 960, layers: 15</qt>"
    assert model.index_of_path(("image",)).data(Qt.ItemDataRole.ToolTipRole) == ""


def test_what_is_not_known_is_not_summed(qapp: QApplication) -> None:
    conv = Conv2D(name="a", filters=2, kernel_size=9)
    design = Design(layers=(Input(name="image", size=(4, 4), channels=2), Block(name="b", layers=(conv,))))
    document = document_of(design)
    document.setParent(qapp)
    index = LayerTreeModel(document, document).index_of_path(("b",))
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "<qt>Parameters: unknown, MACs: unknown, layers: 1</qt>"
    entry = document.analysis.entries[1]
    assert summary_of(design.layers[1], entry) == "1 layer"
