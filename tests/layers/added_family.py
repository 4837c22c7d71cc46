"""One row for a family that nobody has heard of, and one layer type in it; then everything that shows families.

`forgotten` prints the name of each thing that does not know the new one. It is run in a Python of its own, as the row
has to be there before anything else is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnstudio.app.appearance.theme import Theme
    from cnnstudio.core.counting.analysis import Analysis

KEY, TITLE, LETTER, LIGHT, DARK = "quantum", "Quantum", "Q", "#b01234", "#f0abcd"
ROW = f'Family("{KEY}", "{TITLE}", "{LETTER}", "{LIGHT}", "{DARK}", "computes", stays_with=True, icon="dense"),'


def add_family() -> None:
    """Adds the row to the source of the table, and the type to the palette."""
    import cnnstudio.layers as layers
    from cnnstudio.core.arithmetic.shape import Shape
    from cnnstudio.core.network.layer import Counts, Layer, Scope

    name = "cnnstudio.layers.families"
    assert name not in sys.modules, "imported too early for the test"
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    start = "FAMILIES: Final = (\n"
    source = Path(spec.origin).read_text("utf-8")
    assert start in source
    module = sys.modules[name] = ModuleType(name)
    exec(source.replace(start, f"{start}    {ROW}\n"), module.__dict__)

    class Qubit(Layer, frozen=True, kw_only=True):
        """Learns two numbers a channel."""

        family = KEY

        def count(self, inputs: tuple[Shape, ...], scope: Scope) -> Counts:
            weights = 2 * scope.symbol("C", inputs[0].channels)
            return Counts(Shape(channels=inputs[0].channels, spatial=inputs[0].spatial), weights, 0, weights)

    layers.PALETTE = (Qubit, *layers.PALETTE)
    layers.LAYER_TYPES["Qubit"] = Qubit


def forgotten() -> None:
    """Prints the name of everything that does not know the family, one a line."""
    add_family()
    for name, knows in {**_drawn(), **_written(), **_designed(), **_shown()}.items():
        try:
            is_known = knows()
        except (KeyError, LookupError, OSError, AttributeError) as error:
            name, is_known = f"{name}: {error!r}", False
        if not is_known:
            print(name)


Checks = dict[str, Callable[[], bool]]


def _drawn() -> Checks:
    from cnnstudio.drawings.chart.bars import bars_of
    from cnnstudio.drawings.chart.svg import ChartWords, bar_chart_svg
    from cnnstudio.drawings.colours import CSS_PAGE, DARK_PAGE, LIGHT_PAGE, css_variables
    from cnnstudio.drawings.diagram import diagram_drawing
    from cnnstudio.drawings.diagram.svg import svg_of
    from cnnstudio.layers.families import FAMILY_TITLES

    def chart() -> str:
        bars = bars_of(_analysis(), lambda _path: True, "parameters", "layer")
        return bar_chart_svg(bars, "parameters", LIGHT_PAGE.chart, ChartWords("", "", FAMILY_TITLES))

    def diagram(style: str) -> str:
        drawing = diagram_drawing(
            _analysis(),
            LIGHT_PAGE,
            style="boxes" if style == "boxes" else "volumes",
            direction=None,
            folded=(),
            channels_last=False,
            labels=None,
            legend=FAMILY_TITLES,
        )
        return svg_of(drawing, "")

    def has_all(text: str) -> bool:
        return f">{LETTER}<" in text and f">{TITLE}<" in text and LIGHT in text

    return {
        "colours of a page": lambda: (LIGHT_PAGE.families[KEY], DARK_PAGE.families[KEY]) == (LIGHT, DARK),
        "variables of a style sheet": lambda: css_variables(LIGHT_PAGE)[CSS_PAGE.families[KEY][6:-1]] == LIGHT,
        "chart as SVG": lambda: has_all(chart()),
        "diagram of boxes": lambda: has_all(diagram("boxes")),
        "diagram of volumes": lambda: has_all(diagram("volumes")),
    }


def _written() -> Checks:
    from cnnstudio.app.reports.pdf.ink import colour_of
    from cnnstudio.reports.content.composition import compose
    from cnnstudio.reports.content.report import ReportRequest
    from cnnstudio.reports.form_table import FORMS

    def report(form: str) -> str:
        return (
            FORMS[form]
            .render(compose(ReportRequest(analysis=_analysis(), parts=("table", "chart", "diagram"))))
            .decode()
        )

    return {
        "web page": lambda: f"i.{KEY} {{" in report("html") and TITLE in report("html"),
        "LaTeX": lambda: all(sign in report("tex") for sign in (f"cnn-family-{KEY}", LIGHT[1:].upper(), TITLE)),
        "PDF": lambda: colour_of(KEY).name() == LIGHT,
    }


def _designed() -> Checks:
    from cnnstudio.authoring.blocks.branches import branch
    from cnnstudio.core.network.design import items_of
    from cnnstudio.layers.convolution import Conv2D

    def in_branches() -> bool:
        analysis = _analysis()
        names = [item.name for item in analysis.design.layers if isinstance(item, Conv2D) or item.family == KEY]
        edit = branch(analysis, [(name,) for name in names])
        return next(item.inputs for item in items_of(edit.design, ()) if item.family == KEY) == ()

    return {"branches": in_branches}


def _shown() -> Checks:
    from PySide6.QtWidgets import QApplication

    from cnnstudio.app.appearance.family_words import family_titles
    from cnnstudio.app.appearance.icons import family_icon
    from cnnstudio.app.appearance.theme import DARK as DARK_TOKENS
    from cnnstudio.app.appearance.theme import LIGHT as LIGHT_TOKENS
    from cnnstudio.app.appearance.theme import Theme
    from cnnstudio.app.application import make_application
    from cnnstudio.app.search.layer_search import found_types
    from cnnstudio.app.welcome.design_cards import silhouette

    application = make_application(["studio"])
    assert isinstance(application, QApplication)
    theme = Theme("light")
    return {
        "colours of the window": lambda: (LIGHT_TOKENS.family(KEY), DARK_TOKENS.family(KEY)) == (LIGHT, DARK),
        "icon": lambda: not family_icon(KEY, theme).pixmap(16, 16).isNull(),
        "titles in the chart": lambda: family_titles()[KEY] == TITLE,
        "search": lambda: [found.__name__ for found in found_types(TITLE.lower())] == ["Qubit"],
        "silhouettes": lambda: KEY in {bar.family for bar in silhouette(_analysis())},
        "palette": lambda: TITLE in _palette_titles(theme),
        "window": lambda: not list(_faults_of_a_window(theme)),
    }


def _palette_titles(theme: Theme) -> list[str]:
    from PySide6.QtCore import QObject

    from cnnstudio.app.editing.building_blocks import BuildingBlocks
    from cnnstudio.app.palette.entries import PaletteModel

    parent = QObject()
    model = PaletteModel(BuildingBlocks(Path("nowhere"), parent), theme, parent)
    return [model.item(row).text() for row in range(model.rowCount()) if model.item(row).rowCount()]


def _faults_of_a_window(theme: Theme) -> Iterator[str]:
    """Faults while a window with such a layer paints everything it has, and with that layer selected."""
    from PySide6.QtCore import QCoreApplication

    from cnnstudio.app.document.document import Document
    from cnnstudio.app.platform.settings import Settings
    from cnnstudio.app.window.main_window import MainWindow
    from cnnstudio.formats.design_file import DesignFile

    faults: list[str] = []
    sys.excepthook = lambda kind, error, _trace: faults.append(f"{kind.__name__}: {error}")
    theme.apply()
    window = MainWindow(Document(DesignFile(_analysis().design)), Settings(None), theme)
    window.show()
    window.view_state.select((("qubit",),))
    deadline = monotonic() + 10
    while not window.chart.legend.families and monotonic() < deadline:
        QCoreApplication.processEvents()
    window.grab()
    if KEY not in window.chart.legend.families:
        faults.append("legend of the chart")
    yield from faults


def _analysis() -> Analysis:
    from cnnstudio.core.counting.analysis import analyze
    from cnnstudio.core.network.design import Design
    from cnnstudio.layers import LAYER_TYPES
    from cnnstudio.layers.convolution import Conv2D
    from cnnstudio.layers.structure import Input

    layers = (
        Input(name="image", size=(16, 16), channels=3),
        Conv2D(name="conv", filters=4, kernel_size=3),
        LAYER_TYPES["Qubit"](name="qubit"),
        Conv2D(name="last", filters=4, kernel_size=3),
    )
    return analyze(Design(layers=layers))
