"""The chart panel: loading, choosing, following the document and the selection, and saving pictures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import LIGHT, Theme
from cnnstudio.app.chart.bar_plot import BarPlot
from cnnstudio.app.chart.panel import ChartPanel
from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.core import edits
from cnnstudio.core.counting.quantities import QUANTITY
from cnnstudio.core.network.design import Design
from cnnstudio.drawings.chart.bar import METRICS
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Input
from tests.app.conftest import document_of

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def state(resnet: Document) -> ViewState:
    """The view state of ResNet-18."""
    return ViewState(resnet, resnet)


def unstarted(document: Document, theme: Theme, qtbot: QtBot, state: ViewState | None = None) -> ChartPanel:
    panel = ChartPanel(document, state or ViewState(document, document), theme)
    qtbot.addWidget(panel)
    panel.resize(700, 340)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def started(document: Document, theme: Theme, qtbot: QtBot, state: ViewState | None = None) -> ChartPanel:
    panel = unstarted(document, theme, qtbot, state)
    panel.start()
    qtbot.waitUntil(lambda: panel.plot is not None)
    return panel


@pytest.fixture
def panel(resnet: Document, state: ViewState, theme: Theme, qtbot: QtBot) -> ChartPanel:
    """ResNet-18, drawn."""
    return started(resnet, theme, qtbot, state)


def plot_of(panel: ChartPanel) -> BarPlot:
    assert panel.plot is not None
    return panel.plot


def labels(panel: ChartPanel) -> list[str]:
    return [bar.label for bar in plot_of(panel).bars]


# Loading.


def test_the_panel_is_imported_without_the_chart_library() -> None:
    script = (
        "import sys, cnnstudio.app.chart.panel\nprint([name for name in ('pyqtgraph', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_until_it_is_started_it_says_that_the_chart_is_coming(resnet: Document, theme: Theme, qtbot: QtBot) -> None:
    panel = unstarted(resnet, theme, qtbot)
    assert panel.message == "The chart is being prepared…"
    panel.start()
    panel.start()
    qtbot.waitUntil(lambda: panel.plot is not None)
    assert len(panel.findChildren(BarPlot)) == 1
    assert panel.message == ""


def test_a_library_that_cannot_be_loaded_is_said(
    resnet: Document, theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cnnstudio.app.chart.bar_plot", None)
    panel = unstarted(resnet, theme, qtbot)
    panel.start()
    qtbot.waitUntil(lambda: panel.message.startswith("The chart cannot be drawn"))
    assert panel.plot is None
    panel.tools.log.trigger()


def test_a_panel_that_is_closed_while_it_loads_does_no_harm(resnet: Document, theme: Theme, qtbot: QtBot) -> None:
    panel = ChartPanel(resnet, ViewState(resnet, resnet), theme)
    panel.start()
    panel.deleteLater()
    qtbot.wait(60)


# What is drawn.


def test_blocks_are_folded_as_in_the_list(panel: ChartPanel, state: ViewState) -> None:
    assert labels(panel)[5:8] == ["layer1 × 2", "layer2", "layer3"]
    state.set_open(("layer1",), is_open=True)
    assert labels(panel)[5:8] == ["layer1 × 2", "conv1", "bn1"]
    state.set_open(("layer1",), is_open=False)
    assert labels(panel)[5:8] == ["layer1 × 2", "layer2", "layer3"]


def test_by_layer_every_layer_has_a_bar(panel: ChartPanel, resnet: Document) -> None:
    panel.tools.by_layer.trigger()
    assert len(labels(panel)) == resnet.analysis.totals.layers
    panel.tools.by_block.trigger()
    assert "layer2" in labels(panel)


@pytest.mark.parametrize("metric", METRICS)
def test_each_metric_is_drawn_and_is_the_quantity_in_question(
    panel: ChartPanel, resnet: Document, state: ViewState, metric: str
) -> None:
    panel.tools.set_metric("weights" if metric != "weights" else "biases")
    panel.tools.set_metric(metric)
    assert sum(bar.value or 0 for bar in plot_of(panel).bars) == QUANTITY[metric].known(resnet.analysis)
    assert state.quantity == metric


def test_linear_and_log_are_one_switch(panel: ChartPanel) -> None:
    lengths = plot_of(panel).items["dense"].opts["width"]
    assert list(lengths) == [513_000.0]
    panel.tools.log.trigger()
    assert not panel.tools.linear.isChecked()
    assert list(plot_of(panel).items["dense"].opts["width"]) == pytest.approx([5.71], abs=0.01)


def test_layers_with_0_can_be_left_out(panel: ChartPanel) -> None:
    panel.tools.leaves_out_zeros.trigger()
    assert labels(panel) == ["conv1", "bn1", "layer1 × 2", "layer2", "layer3", "layer4", "fc"]


def test_where_all_is_left_out_that_is_said(theme: Theme, qtbot: QtBot) -> None:
    document = document_of(Design(layers=(Input(name="image", size=(4, 4), channels=3),)))
    panel = started(document, theme, qtbot)
    panel.tools.leaves_out_zeros.trigger()
    assert panel.message == "Every layer is 0 for this metric."


def test_an_empty_design_invites_to_add_layers(theme: Theme, qtbot: QtBot) -> None:
    document = document_of(Design())
    panel = started(document, theme, qtbot)
    assert panel.message == "Add layers to see their cost."
    document.apply(edits.insert(document.design, ((), 0), [Input(name="image", size=(4, 4), channels=3)]))
    assert panel.message == ""
    assert labels(panel) == ["image"]


def test_the_legend_names_the_families_that_are_seen(panel: ChartPanel) -> None:
    families = ("convolution", "pooling", "dense", "normalization", "activation", "structure", "block")
    assert panel.legend.families == families
    assert panel.legend.accessibleDescription().startswith("Convolution, Pooling, Dense")


def test_the_legend_wraps_where_it_is_narrow(panel: ChartPanel) -> None:
    wide, narrow = panel.legend.heightForWidth(900), panel.legend.heightForWidth(200)
    assert 0 < wide < narrow


# Following.


def test_it_follows_an_edit_an_undo_and_a_redo(panel: ChartPanel, resnet: Document) -> None:
    def value() -> int | None:
        return next(bar.value for bar in plot_of(panel).bars if bar.label == "fc")

    before = value()
    resnet.apply(edits.set_field(resnet.design, [("fc",)], "units", 10))
    assert value() == 5_130
    resnet.undo_stack.undo()
    assert value() == before
    resnet.undo_stack.redo()
    assert value() == 5_130


def test_out_of_sight_it_rests_and_is_right_when_it_is_seen_again(panel: ChartPanel, resnet: Document) -> None:
    panel.hide()
    before = plot_of(panel).bars
    resnet.apply(edits.remove(resnet.design, [("fc",)]))
    assert plot_of(panel).bars is before
    panel.show()
    assert "fc" not in labels(panel)


def test_a_click_selects_everywhere_and_asks_for_the_metric(panel: ChartPanel, state: ViewState) -> None:
    panel.tools.set_metric("macs")
    state.set_quantity("weights")
    row = labels(panel).index("layer2")
    QTest.mouseClick(
        plot_of(panel).canvas.viewport(), Qt.MouseButton.LeftButton, pos=plot_of(panel).row_rect(row).center()
    )
    assert state.selection == (("layer2",),)
    assert state.quantity == "macs"


def test_a_selection_made_elsewhere_is_a_band(panel: ChartPanel, state: ViewState) -> None:
    state.select((("conv1",),))
    row = labels(panel).index("conv1")
    plot = plot_of(panel)
    colour = plot.canvas.grab().toImage().pixelColor(plot.canvas.width() - 2, plot.row_rect(row).center().y())
    assert colour.name() == LIGHT.selection


def test_a_double_click_opens_a_block_everywhere(panel: ChartPanel, state: ViewState) -> None:
    plot = plot_of(panel)
    plot.zoom(0.5)
    row = labels(panel).index("layer4")
    QTest.mouseDClick(plot.canvas.viewport(), Qt.MouseButton.LeftButton, pos=plot.row_rect(row).center())
    assert state.is_open(("layer4",))
    assert labels(panel)[row + 1] == "first"


def test_switches_go_where_it_is_narrow_and_stay_in_the_menu(panel: ChartPanel) -> None:
    def shown() -> int:
        return sum(switch.isVisible() for switch in panel.tools.switches)

    panel.resize(900, 300)
    assert shown() == 3
    panel.resize(280, 300)
    assert shown() == 0
    assert panel.tools.log in panel.tools.menu.actions()
    assert panel.tools.by_layer in panel.tools.menu.actions()


# Saving.


def test_a_picture_is_a_png_at_twice_its_size_with_every_bar(panel: ChartPanel, tmp_path: Path) -> None:
    assert panel.save_picture(tmp_path / "chart.png")
    image = QImage(str(tmp_path / "chart.png"))
    assert image.width() == 2 * 960
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert {LIGHT.surface, LIGHT.families["convolution"], LIGHT.families["dense"]} <= colours


def test_a_drawing_is_an_svg_with_the_words_of_the_design(panel: ChartPanel, tmp_path: Path) -> None:
    assert panel.save_picture(tmp_path / "chart.SVG")
    text = (tmp_path / "chart.SVG").read_text("utf-8")
    ElementTree.fromstring(text)
    assert "ResNet-18" in text
    assert "Parameters: 11,689,512 in all, PyTorch counting" in text


def test_a_picture_can_be_saved_before_anything_is_drawn(
    resnet: Document, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    panel = unstarted(resnet, theme, qtbot)
    assert panel.save_picture(tmp_path / "chart.svg")
    assert "layer4" in (tmp_path / "chart.svg").read_text("utf-8")


def test_a_picture_that_cannot_be_saved_is_refused_with_the_reason(
    panel: ChartPanel, resnet: Document, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(resnet.refused) as refused:
        assert not panel.save_picture(tmp_path / "missing" / "chart.png")
    (sentence,) = refused.args
    assert sentence.endswith("chart.png: No such file or directory.")


def test_a_chart_too_tall_for_a_png_is_refused_and_saved_as_svg(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    first = Input(name="image", size=(8, 8), channels=4)
    layers = (first, *(Conv2D(name=f"c{i}", filters=4, kernel_size=1) for i in range(1_600)))
    document = document_of(Design(layers=layers))
    panel = started(document, theme, qtbot)
    with qtbot.waitSignal(document.refused) as refused:
        assert not panel.save_picture(tmp_path / "chart.png")
    assert refused.args == ["1,601 bars are too many for a legible PNG; save an SVG, or fold blocks."]
    assert panel.save_picture(tmp_path / "chart.svg")
    assert not (tmp_path / "chart.png").exists()


@pytest.mark.parametrize(
    ("typed", "kind", "saved"),
    [("a", "Picture (*.png)", "a.png"), ("a", "Drawing (*.svg)", "a.svg"), ("v1.2", "Picture (*.png)", "v1.2.png")],
)
def test_the_file_gets_the_suffix_of_its_kind(
    panel: ChartPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, kind: str, saved: str
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / typed), kind))
    panel.tools.save_picture.trigger()
    assert [path.name for path in tmp_path.glob("*.*g")] == [saved]


def test_a_dialog_that_is_cancelled_saves_nothing(
    panel: ChartPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    panel.tools.save_picture.trigger()
    assert not list(tmp_path.glob("*.*g"))


def test_the_top_ten_are_the_largest_layers_by_their_paths(panel: ChartPanel) -> None:
    panel.tools.top.trigger()
    assert len(panel._bars) == 10
    assert panel._bars[0].within.startswith("layer4/")
    panel.tools.in_order.trigger()
    assert labels(panel)[0] == "image"
