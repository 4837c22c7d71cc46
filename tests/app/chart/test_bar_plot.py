"""The bar plot: what is drawn where, and what the mouse, the wheel and the keys do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import DARK, LIGHT, Theme
from cnnstudio.app.chart.bar_plot import BarPlot
from cnnstudio.core.network.design import ItemPath
from cnnstudio.drawings.chart.bar import Bar

SIZE = (640, 300)
AXIS = 20
"""So much at least the numbers below the bars take."""
LAYERS = (
    Bar(("image",), "image", "structure", 0, 0.0),
    Bar(("conv",), "conv", "convolution", 3_000, 0.3),
    Bar(("wrong",), "wrong", "dense", None, None),
    Bar(("stage",), "stage × 2", "block", 4_000, 0.4, parts=(("convolution", 3_000), ("pooling", 1_000))),
    Bar(("fc",), "fc", "dense", 3_000, 0.3),
)
LEFT, CTRL, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Paths = tuple[ItemPath, ...]


def many(count: int) -> tuple[Bar, ...]:
    return tuple(Bar((f"c{i}",), f"c{i}", "convolution", i + 1, 0.1) for i in range(count))


@pytest.fixture
def plot(qtbot: QtBot, theme: Theme) -> BarPlot:
    """A plot in sight, with a few bars."""
    shown = BarPlot(theme)
    qtbot.addWidget(shown)
    shown.resize(*SIZE)
    shown.show()
    qtbot.waitExposed(shown)
    shown.show_bars(LAYERS, "parameters", is_log=False, whole="10,000")
    return shown


@pytest.fixture
def chosen(plot: BarPlot) -> list[Paths]:
    """The selections that the plot asks for; as a window does, they are shown at once."""
    wanted: list[Paths] = []

    def select(paths: Paths) -> None:
        wanted.append(paths)
        plot.show_selection(paths)

    plot.selection_requested.connect(select)
    return wanted


def click(plot: BarPlot, row: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(plot.canvas.viewport(), LEFT, modifiers, plot.row_rect(row).center())


def press(plot: BarPlot, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(plot.canvas, key, modifiers)


def turn(plot: BarPlot, notches: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    place = QPointF(200, 20)
    event = QWheelEvent(
        place,
        QPointF(plot.canvas.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.canvas.viewport(), event)


def colour_at(plot: BarPlot, row: int, part: float) -> QColor:
    """The colour in the middle of a row, at a part of the axis from its start to the end of the longest bar."""
    start = plot.view_box.mapViewToScene(QPointF(0, 0)).x()
    end = plot.view_box.mapViewToScene(QPointF(4_000, 0)).x()
    place = QPoint(round(start + (end - start) * part), plot.row_rect(row).center().y())
    return plot.canvas.grab().toImage().pixelColor(place)


# What is drawn.


def test_lengths_equal_the_values_in_one_item_a_family(plot: BarPlot) -> None:
    lengths = {family: list(item.opts["width"]) for family, item in plot.items.items()}
    assert lengths == {"convolution": [3_000.0, 3_000.0], "pooling": [1_000.0], "dense": [3_000.0]}
    assert list(plot.items["pooling"].opts["x0"]) == [3_000.0]


def test_log_lengths_are_powers_of_ten_drawn_by_hand(plot: BarPlot) -> None:
    bars = tuple(structs.replace(LAYERS[1], value=value) for value in (10, 1_000, 1, 0))
    plot.show_bars(bars, "parameters", is_log=True)
    assert list(plot.items["convolution"].opts["width"]) == pytest.approx([1.0, 3.0, 0.0])
    assert plot.view_box.viewRange()[0][1] < 6


def test_bars_are_seen_in_the_colours_of_their_families(plot: BarPlot) -> None:
    assert colour_at(plot, 1, 0.5) == QColor(LIGHT.families["convolution"])
    assert colour_at(plot, 3, 0.5) == QColor(LIGHT.families["convolution"])
    assert colour_at(plot, 3, 0.9) == QColor(LIGHT.families["pooling"])
    assert colour_at(plot, 4, 0.7) == QColor(LIGHT.families["dense"])
    assert colour_at(plot, 4, 0.8) == QColor(LIGHT.surface)


def test_0_draws_nothing(plot: BarPlot) -> None:
    assert colour_at(plot, 0, 0.003) == QColor(LIGHT.surface)


def test_unknown_is_hatched_and_not_empty(plot: BarPlot) -> None:
    image = plot.canvas.grab().toImage()
    rect = plot.row_rect(2)
    start = round(plot.view_box.mapViewToScene(QPointF(0, 0)).x())
    colours = {image.pixelColor(start + 10 + x, rect.center().y() + y).name() for x in range(30) for y in range(-2, 3)}
    assert {LIGHT.surface, LIGHT.faint} <= colours


def test_a_value_too_small_to_be_seen_is_still_a_line(plot: BarPlot) -> None:
    plot.show_bars((LAYERS[1], structs.replace(LAYERS[4], value=1)), "parameters", is_log=False)
    start = round(plot.view_box.mapViewToScene(QPointF(0, 0)).x())
    middle = plot.row_rect(1).center().y()
    assert plot.canvas.grab().toImage().pixelColor(start, middle) == QColor(LIGHT.families["dense"])


def test_the_theme_is_switched_live(plot: BarPlot, theme: Theme) -> None:
    theme.apply()
    theme.set_mode("dark")
    assert colour_at(plot, 1, 0.5) == QColor(DARK.families["convolution"])
    assert colour_at(plot, 4, 0.8) == QColor(DARK.surface)


def test_larger_text_makes_higher_rows(plot: BarPlot, theme: Theme) -> None:
    theme.apply()
    before = plot.row_rect(0).height()
    theme.set_text_scale(2)
    assert plot.row_rect(0).height() > 1.5 * before


def test_the_selection_is_a_band_over_the_whole_row(plot: BarPlot) -> None:
    plot.show_selection((("fc",),))
    image = plot.canvas.grab().toImage()
    bands = [image.pixelColor(plot.canvas.width() - 2, plot.row_rect(row).center().y()).name() for row in range(5)]
    assert bands == [LIGHT.surface] * 4 + [LIGHT.selection]


def test_no_menu_of_the_library_is_offered(plot: BarPlot) -> None:
    assert plot.view_box.menu is None


def test_an_edit_changes_only_the_items_concerned(plot: BarPlot, monkeypatch: pytest.MonkeyPatch) -> None:
    items = dict(plot.items)
    touched: list[str] = []
    for family, item in items.items():
        set_options = item.setOpts

        def spy(*, own: str = family, then: Callable[..., None] = set_options, **options: object) -> None:
            touched.append(own)
            then(**options)

        monkeypatch.setattr(item, "setOpts", spy)
    plot.show_bars((*LAYERS[:4], structs.replace(LAYERS[4], value=5)), "parameters", is_log=False)
    assert touched == ["dense"]
    assert plot.items == items
    assert list(items["dense"].opts["width"]) == [5.0]


def test_a_family_that_is_gone_has_no_bars(plot: BarPlot) -> None:
    plot.show_bars(LAYERS[:2], "parameters", is_log=False)
    assert list(plot.items["dense"].opts["width"]) == []
    assert list(plot.items["convolution"].opts["width"]) == [3_000.0]


def test_no_bars_at_all(plot: BarPlot) -> None:
    plot.show_bars((), "parameters", is_log=False)
    press(plot, Qt.Key.Key_Down)
    assert plot.canvas.accessibleDescription() == ""
    assert not plot.scroll_bar.isVisible()


@pytest.mark.parametrize("value", [1, 999, 10**12, 10**40])
def test_any_value_leaves_room_for_its_text(plot: BarPlot, value: int) -> None:
    plot.show_bars((structs.replace(LAYERS[1], value=value),), "parameters", is_log=False)
    pixels = plot.view_box.mapViewToScene(QPointF(value, 0)).x()
    assert plot.canvas.width() * 0.3 < pixels < plot.canvas.width() - 60


@pytest.mark.parametrize("width", [120, 160, 300, 2_000])
def test_any_width_keeps_bars_inside(plot: BarPlot, width: int) -> None:
    plot.resize(width, 200)
    plot.canvas.grab()
    assert plot.view_box.mapViewToScene(QPointF(4_000, 0)).x() <= plot.canvas.width()


# Many rows.


def test_a_thousand_layers_keep_the_height_of_rows_and_scroll(plot: BarPlot) -> None:
    before = plot.row_rect(0).height()
    plot.show_bars(many(1_000), "parameters", is_log=False)
    assert plot.row_rect(0).height() == before
    assert plot.scroll_bar.isVisible()
    assert plot.scroll_bar.maximum() == 1_000 * before - plot.scroll_bar.pageStep()


def test_the_wheel_scrolls_and_with_ctrl_makes_rows_higher(plot: BarPlot) -> None:
    plot.show_bars(many(100), "parameters", is_log=False)
    height = plot.row_rect(0).height()
    turn(plot, -1)
    assert plot.row_rect(3).top() == 0
    turn(plot, 1)
    turn(plot, 2, CTRL)
    assert plot.row_rect(0).height() > height
    turn(plot, -60, CTRL)
    assert 4 < plot.row_rect(0).height() < height
    plot.zoom(0)
    assert plot.row_rect(0).height() == height


def test_bars_lie_where_rows_do_after_scrolling_and_zooming(plot: BarPlot) -> None:
    plot.show_bars(many(100), "parameters", is_log=False)
    plot.zoom(1.3)
    plot.scroll_bar.setValue(517)
    middle = plot.view_box.mapViewToScene(QPointF(0, 30.5)).y()
    assert middle == pytest.approx(plot.row_rect(30).center().y() + 0.5, abs=1)


def test_a_selected_bar_stays_in_sight_when_there_is_less_room(plot: BarPlot) -> None:
    plot.show_bars(many(100), "parameters", is_log=False, whole="")
    plot.show_selection((("c40",),))
    plot.resize(SIZE[0], SIZE[1] // 2)
    QTest.qWait(1)
    rect = plot.row_rect(40)
    assert rect.top() >= 0
    assert rect.bottom() < plot.canvas.viewport().height() - AXIS


def test_selecting_elsewhere_scrolls_to_the_bar(plot: BarPlot) -> None:
    plot.show_bars(many(100), "parameters", is_log=False)
    plot.show_selection((("c70",),))
    assert plot.canvas.rect().contains(plot.row_rect(70).adjusted(0, 0, -1, 0))


# Selecting.


@pytest.mark.parametrize("row", range(5))
def test_a_click_selects_its_layer(plot: BarPlot, chosen: list[Paths], row: int) -> None:
    click(plot, row)
    assert chosen == [(LAYERS[row].path,)]


def test_shift_extends_and_ctrl_toggles(plot: BarPlot, chosen: list[Paths]) -> None:
    click(plot, 1)
    click(plot, 3, SHIFT)
    click(plot, 2, CTRL)
    assert chosen[1:] == [(("conv",), ("wrong",), ("stage",)), (("conv",), ("stage",))]


def test_a_click_below_the_rows_selects_nothing(plot: BarPlot, chosen: list[Paths]) -> None:
    QTest.mouseClick(plot.canvas.viewport(), LEFT, pos=QPoint(100, plot.row_rect(5).bottom() + 40))
    assert chosen == [()]


def test_the_keys_walk_through_the_bars(plot: BarPlot, chosen: list[Paths]) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Home):
        press(plot, key)
    assert [paths[0][0] for paths in chosen] == ["image", "conv", "fc", "fc", "stage", "image"]
    press(plot, Qt.Key.Key_Down, SHIFT)
    assert chosen[-1] == (("image",), ("conv",))
    press(plot, Qt.Key.Key_A, CTRL)
    assert chosen[-1] == tuple(bar.path for bar in LAYERS)


def test_the_keys_go_on_from_a_selection_made_elsewhere(plot: BarPlot, chosen: list[Paths]) -> None:
    plot.show_selection((("wrong",),))
    press(plot, Qt.Key.Key_Down)
    assert chosen == [(("stage",),)]


def test_the_keys_stay_with_the_selected_layer_when_bars_are_put_before_it(plot: BarPlot, chosen: list[Paths]) -> None:
    plot.show_selection((("conv",),))
    plot.show_bars((*many(3), *LAYERS), "parameters", is_log=False)
    press(plot, Qt.Key.Key_Down)
    assert chosen == [(("wrong",),)]


def test_page_keys_move_by_what_is_in_sight(plot: BarPlot, chosen: list[Paths]) -> None:
    plot.show_bars(many(100), "parameters", is_log=False)
    plot.show_selection((("c0",),))
    press(plot, Qt.Key.Key_PageDown)
    (((name,),),) = chosen
    assert 3 < int(name[1:]) < 20
    press(plot, Qt.Key.Key_PageUp)
    assert chosen[-1] == (("c0",),)


def test_a_block_is_folded_by_a_double_click_and_by_the_keys(plot: BarPlot) -> None:
    wanted: list[tuple[ItemPath, bool]] = []
    plot.fold_requested.connect(lambda path, opens: wanted.append((path, opens)))
    QTest.mouseDClick(plot.canvas.viewport(), LEFT, pos=plot.row_rect(3).center())
    QTest.mouseDClick(plot.canvas.viewport(), LEFT, pos=plot.row_rect(1).center())
    plot.show_selection((("stage",),))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Return):
        press(plot, key)
    assert wanted == [(("stage",), opens) for opens in (True, True, False, True)]


# Words.


def test_pointing_at_a_bar_tells_name_value_and_share(plot: BarPlot) -> None:
    QTest.mouseMove(plot.canvas.viewport(), plot.row_rect(3).center())
    assert (
        QToolTip.text()
        == "<b>stage × 2</b><br>Parameters: 4,000<br>40.0 % of 10,000<br>Convolution 75.0 %, Pooling 25.0 %"
    )
    QTest.mouseMove(plot.canvas.viewport(), plot.row_rect(0).center())
    assert QToolTip.text() == "<b>image</b><br>Parameters: 0<br>0.0 % of 10,000"


def test_unknown_and_its_share_are_said_to_be_unknown(plot: BarPlot) -> None:
    assert plot.describe(LAYERS[2]) == "<b>wrong</b><br>Parameters: unknown"
    assert "Share unknown" in plot.describe(structs.replace(LAYERS[1], share=None))


def test_a_repeated_layer_says_of_how_many_it_is_one(plot: BarPlot) -> None:
    assert plot.describe(structs.replace(LAYERS[1], times=3)).endswith("<br>One of 3 repeats")


def test_that_1_has_no_length_on_a_log_axis_is_said(plot: BarPlot) -> None:
    bar = structs.replace(LAYERS[1], value=1)
    plot.show_bars((bar,), "parameters", is_log=True, whole="1")
    assert plot.describe(bar).endswith("1 has no length on a logarithmic axis.")


def test_names_cannot_break_out_of_the_tip(plot: BarPlot) -> None:
    name = "<img src=x>" + "n" * 300
    text = plot.describe(structs.replace(LAYERS[1], label=name))
    assert "<img" not in text
    assert len(text) < 200


def test_assistive_technology_hears_where_the_keyboard_is(plot: BarPlot, chosen: list[Paths]) -> None:
    press(plot, Qt.Key.Key_End)
    assert chosen
    assert plot.canvas.accessibleName() == "Chart"
    assert plot.canvas.accessibleDescription() == "fc: 3,000 · 30.0 %"
