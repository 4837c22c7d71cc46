"""Rails as they are painted: sharp at every scale of the screen, without seams, thicker where they stand out."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.layer_list.rail_nodes import NodeLook
from cnnstudio.app.layer_list.rail_painter import RailPainter
from cnnstudio.core.rails.rails import MAX_LANES, lay_out

pytestmark = pytest.mark.usefixtures("qapp")

HEIGHT = 25
SOURCES = ((), (0,), (1,), (2,), (3, 0), (4,))
"""A chain of six rows, with a connection past three of them."""
RATIOS = [1.0, 1.25, 1.5, 1.75, 2.0, 3.0]


class Sheet:
    """A picture of so many device pixels a pixel, painted on."""

    def __init__(self, ratio: float, mode: str = "light") -> None:
        self.theme = Theme("dark" if mode == "dark" else "light")
        self.painter = RailPainter(self.theme)
        self.painter.rails = lay_out(SOURCES)
        self.painter.height = HEIGHT
        self.ratio = ratio
        rows = len(SOURCES)
        self.image = QImage(round(60 * ratio), round(rows * HEIGHT * ratio), QImage.Format.Format_RGB32)
        self.image.setDevicePixelRatio(ratio)
        self.image.fill(self.theme.colour("surface"))
        self._paint(rows)

    def _paint(self, rows: int) -> None:
        painter = QPainter(self.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.painter.begin(painter)
        self.painter.paint_rails(painter, 0, rows - 1, 0)
        self.painter.paint_edges(painter, [edge for edge in self.painter.rails.edges if edge.source == 4], 0, rows, 0)
        painter.end()

    def colours_of_line(self, y: float) -> list[str]:
        """The colours from the left to the right, each once where it begins."""
        found: list[str] = []
        for x in range(self.image.width()):
            name = QColor(self.image.pixel(x, round(y * self.ratio))).name()
            if not found or found[-1] != name:
                found.append(name)
        return found

    def widths(self, y: float, colour: str) -> list[int]:
        """The length in device pixels of each run of a colour."""
        runs: list[int] = []
        before = ""
        for x in range(self.image.width()):
            name = QColor(self.image.pixel(x, round(y * self.ratio))).name()
            if name == colour:
                runs = [*runs[:-1], runs[-1] + 1] if before == colour else [*runs, 1]
            before = name
        return runs


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_lines_are_sharp(ratio: float, mode: str) -> None:
    sheet = Sheet(ratio, mode)
    surface = sheet.theme.tokens.surface
    colours = sheet.colours_of_line(2 * HEIGHT + 1)
    rail = colours[1]
    assert colours == [surface, rail, surface, rail, surface], "two rails, and nothing half as dark"
    assert len(set(sheet.widths(2 * HEIGHT + 1, rail))) == 1


@pytest.mark.parametrize("ratio", RATIOS)
def test_rows_meet_without_a_seam(ratio: float) -> None:
    sheet = Sheet(ratio)
    lane = round(sheet.painter.x_of(1) * ratio)
    rows = range(round(1.5 * HEIGHT * ratio), round(3.5 * HEIGHT * ratio))
    assert len({sheet.image.pixel(lane, y) for y in rows}) == 1


@pytest.mark.parametrize("ratio", RATIOS)
def test_what_stands_out_is_thicker_too(ratio: float) -> None:
    sheet = Sheet(ratio)
    rail = sheet.colours_of_line(2 * HEIGHT + 1)[1]
    accent = sheet.theme.tokens.accent
    (thick,) = sheet.widths(5 * HEIGHT + 1, accent)
    assert thick > sheet.widths(2 * HEIGHT + 1, rail)[0]


def test_a_node_that_is_selected_is_full_and_a_block_is_square() -> None:
    def corner_and_middle(look: NodeLook) -> tuple[str, str]:
        sheet = Sheet(1.0)
        painter = QPainter(sheet.image)
        sheet.painter.begin(painter)
        sheet.painter.paint_node(painter, 0, 0, look)
        painter.end()
        middle = sheet.painter.centre(0, 0).toPoint()
        return (
            QColor(sheet.image.pixel(middle.x() - 4, middle.y() - 4)).name(),
            QColor(sheet.image.pixel(middle.x(), middle.y())).name(),
        )

    tokens = Theme("light").tokens
    ring = corner_and_middle(NodeLook("convolution", False, False, False))
    full = corner_and_middle(NodeLook("convolution", False, True, False))
    square = corner_and_middle(NodeLook("block", True, False, False))
    assert ring[1] == tokens.surface
    assert full[1] == tokens.families["convolution"]
    assert square[1] == tokens.surface
    assert QColor(square[0]).lightness() < QColor(ring[0]).lightness(), "its corners are dark"


def test_many_rails_are_counted_beside_the_last_lane() -> None:
    sheet = Sheet(1.0)
    sheet.painter.rails = lay_out(((), *[(0,)] * (MAX_LANES + 3), tuple(range(1, MAX_LANES + 4))))
    sheet.image = QImage(160, 2 * HEIGHT, QImage.Format.Format_RGB32)
    before = QImage(sheet.image)
    before.fill(sheet.theme.colour("surface"))
    sheet.image.fill(sheet.theme.colour("surface"))
    painter = QPainter(sheet.image)
    sheet.painter.begin(painter)
    sheet.painter.paint_more(painter, 1, 2, 0)
    painter.end()
    assert sheet.image.copy(0, 0, 160, HEIGHT) != before.copy(0, 0, 160, HEIGHT), "in the first row in sight"
    lower = sheet.image.copy(0, HEIGHT, 160, HEIGHT)
    assert lower == before.copy(0, HEIGHT, 160, HEIGHT), "and not again while it stays so"
