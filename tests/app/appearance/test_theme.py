"""The theme: colours one can read and tell apart, and an application that wears them at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from math import dist
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cnnstudio import resources
from cnnstudio.app.appearance import theme as theme_module
from cnnstudio.app.appearance.style_sheet import style_sheet
from cnnstudio.app.appearance.theme import DARK, LIGHT, MODES, Theme, Tokens, palette_of
from cnnstudio.app.appearance.tokens import contrast, mixed
from cnnstudio.app.comparison.cell_painter import INKS, TINT, TINTED
from cnnstudio.layers.families import FAMILY
from tests.places import ROOT

pytestmark = pytest.mark.usefixtures("qapp")
BOTH = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
GROUNDS = ("surface", "window", "raised", "field")


@pytest.fixture
def bare(qapp: QApplication) -> Iterator[QApplication]:
    """The application, which has its own clothes back after the test."""
    palette, font = QPalette(qapp.palette()), QFont(qapp.font())
    yield qapp
    qapp.setStyleSheet("")
    qapp.setPalette(palette)
    qapp.setFont(font)


class Desktop(QObject):
    """Stands for Qt's style hints, with a desktop that can be switched."""

    colorSchemeChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.scheme = Qt.ColorScheme.Unknown
        self.asked: list[Qt.ColorScheme | None] = []

    def colorScheme(self) -> Qt.ColorScheme:
        return self.scheme

    def setColorScheme(self, scheme: Qt.ColorScheme) -> None:
        self.asked.append(scheme)

    def unsetColorScheme(self) -> None:
        self.asked.append(None)

    def switch(self, scheme: Qt.ColorScheme) -> None:
        self.scheme = scheme
        self.colorSchemeChanged.emit()


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """A desktop of the test's own."""
    desktop = Desktop()
    monkeypatch.setattr(theme_module, "_hints", lambda: desktop)
    return desktop


def distance(first: str, second: str) -> float:
    """The perceived difference of two colours: their distance in CIELAB."""
    return dist(_lab(first), _lab(second))


def _lab(colour: str) -> tuple[float, float, float]:
    parts = [value / 255 for value in bytes.fromhex(colour[1:])]
    r, g, b = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


# The colours


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_mixed_lies_between() -> None:
    assert mixed("#000000", "#ff8040", 0.5) == "#804020"


@BOTH
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_read_easily(tokens: Tokens, ground: str) -> None:
    assert contrast(tokens.text, getattr(tokens, ground)) >= 7
    assert contrast(tokens.muted, getattr(tokens, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("token", ["accent", "danger", "warning", "good"])
def test_coloured_text_is_read(tokens: Tokens, token: str) -> None:
    for ground in GROUNDS:
        assert contrast(getattr(tokens, token), getattr(tokens, ground)) >= 4.5, ground


@BOTH
def test_text_on_the_tinted_rows_of_a_comparison_is_read(tokens: Tokens) -> None:
    for mark in TINTED:
        ground = mixed(tokens.surface, getattr(tokens, INKS[mark]), TINT)
        for ink in ("text", "muted", "danger", INKS[mark]):
            assert contrast(getattr(tokens, ink), ground) >= 4.5, (mark, ink)


@BOTH
def test_every_colour_that_is_on_a_button_is_read(tokens: Tokens) -> None:
    for part in (0.07, 0.13):
        assert contrast(tokens.text, mixed(tokens.window, tokens.text, part)) >= 4.5


def test_what_is_there_is_not_written_in_the_colour_of_what_is_disabled() -> None:
    pens = re.compile(r"""(?:(?:pen|colour|tinted)\([^\n]*|: )["']faint["']|tokens\.faint""")
    brushes = {"sweep/scatter.py", "chart/bar_items.py", "memory/bar.py", "appearance/theme.py", "appearance/icons.py"}
    app = ROOT / "cnnstudio" / "app"
    found = {path.relative_to(app).as_posix() for path in app.rglob("*.py") if pens.search(path.read_text("utf-8"))}
    assert found - brushes == set()


@BOTH
def test_text_on_colour_is_read(tokens: Tokens) -> None:
    assert contrast(tokens.selection_text, tokens.selection) >= 7
    assert contrast(tokens.selection_muted, tokens.selection) >= 4.5
    assert contrast(tokens.fill_text, tokens.fill) >= 4.5


@BOTH
def test_what_is_disabled_is_still_seen(tokens: Tokens) -> None:
    assert contrast(tokens.faint, tokens.surface) >= 3


@BOTH
def test_every_family_has_a_colour(tokens: Tokens) -> None:
    assert set(tokens.families) == set(FAMILY)


@BOTH
def test_families_stand_out(tokens: Tokens) -> None:
    for family, colour in tokens.families.items():
        for ground in ("surface", "window"):
            assert contrast(colour, getattr(tokens, ground)) >= 3, family
        assert contrast(colour, tokens.selection) >= 2.4, family


@BOTH
def test_families_are_told_apart(tokens: Tokens) -> None:
    for first, second in combinations(tokens.families, 2):
        assert distance(tokens.families[first], tokens.families[second]) >= 14, (first, second)


@BOTH
def test_the_palette_has_every_role(tokens: Tokens) -> None:
    palette = palette_of(tokens)
    for role in QPalette.ColorRole:
        if role not in (QPalette.ColorRole.NoRole, QPalette.ColorRole.NColorRoles):
            assert palette.isBrushSet(QPalette.ColorGroup.Active, role), role
    text = QPalette.ColorRole.Text
    assert palette.color(QPalette.ColorGroup.Disabled, text).name() == tokens.faint
    assert palette.color(QPalette.ColorGroup.Active, text).name() == tokens.text


@BOTH
def test_the_style_sheet_is_complete(tokens: Tokens) -> None:
    text = style_sheet(tokens, 1.0)
    assert "$" not in text
    assert text.count("{") == text.count("}")
    for name in re.findall(r"url\(controls:([^)]+)\)", text):
        assert resources.path("icons", "controls", name).is_file()


def test_lengths_grow_with_the_text_and_hairlines_do_not() -> None:
    large = style_sheet(LIGHT, 2.0)
    assert "QScrollBar:vertical { width: 20px; }" in large
    assert "QSplitter::handle:horizontal { width: 1px; }" in large
    assert "letter-spacing: 0.5px" in large


# The application


def test_nothing_is_worn_before_it_is_applied(bare: QApplication) -> None:
    theme = Theme()
    theme.set_mode("dark")
    assert theme.tokens is DARK
    assert bare.styleSheet() == ""


@pytest.mark.parametrize(("mode", "tokens"), [("light", LIGHT), ("dark", DARK)])
def test_the_application_wears_the_theme(bare: QApplication, mode: str, tokens: Tokens) -> None:
    theme = Theme()
    theme.set_mode(mode)
    theme.apply()
    assert bare.palette().color(QPalette.ColorRole.Window).name() == tokens.window
    assert tokens.hairline in bare.styleSheet()
    bare.setStyleSheet("")
    assert bare.style().name().lower() == "fusion"


@pytest.mark.usefixtures("bare")
def test_a_switch_is_told_once() -> None:
    theme = Theme("light")
    theme.apply()
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme.is_dark))
    theme.set_mode("dark")
    theme.set_mode("dark")
    assert told == [True]
    assert theme.tokens is DARK


@pytest.mark.usefixtures("bare")
def test_widgets_follow_a_switch(qtbot: QtBot) -> None:
    theme = Theme("light")
    theme.apply()
    label = QLabel("Conv2D")
    qtbot.addWidget(label)
    label.show()
    theme.set_mode("dark")
    assert label.palette().color(QPalette.ColorRole.WindowText).name() == DARK.text


def test_a_mode_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="a theme is one of system, light, dark, and received 'pink'"):
        Theme().set_mode("pink")


def test_the_modes_are_known() -> None:
    for mode in MODES:
        theme = Theme()
        theme.set_mode(mode)
        assert theme.mode == mode


@pytest.mark.usefixtures("desktop")
def test_an_unknown_desktop_is_light() -> None:
    assert not Theme().is_dark


def test_system_follows_the_desktop(bare: QApplication, desktop: Desktop) -> None:
    theme = Theme()
    theme.apply()
    desktop.switch(Qt.ColorScheme.Dark)
    assert theme.is_dark
    assert bare.palette().color(QPalette.ColorRole.Base).name() == DARK.surface
    desktop.switch(Qt.ColorScheme.Light)
    assert not theme.is_dark


@pytest.mark.usefixtures("bare")
def test_a_chosen_mode_stays_and_is_told_to_the_title_bar(desktop: Desktop) -> None:
    theme = Theme()
    theme.apply()
    theme.set_mode("light")
    desktop.switch(Qt.ColorScheme.Dark)
    assert not theme.is_dark
    theme.set_mode("system")
    assert theme.is_dark
    assert desktop.asked == [Qt.ColorScheme.Light, None]


# The fonts


def test_text_grows_within_reason(bare: QApplication) -> None:
    theme = Theme()
    theme.apply()
    usual = bare.font().pointSizeF()
    theme.set_text_scale(1.5)
    assert bare.font().pointSizeF() == pytest.approx(1.5 * usual)
    assert theme.text_font(2).pointSizeF() == pytest.approx(3 * usual)
    theme.set_text_scale(100)
    assert theme.text_scale == 3
    theme.set_text_scale(1.0)
    assert bare.font().pointSizeF() == pytest.approx(usual)


def test_numbers_have_figures_of_one_width() -> None:
    theme = Theme()
    font = theme.number_font(1.2, bold=True)
    assert font.bold()
    assert font.featureValue(QFont.Tag("tnum")) == 1
    assert not theme.text_font().isFeatureSet(QFont.Tag("tnum"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere fonts do not come by way of fontconfig")
def test_a_machine_without_fonts_still_shows_text(tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    code = (
        "from PySide6.QtGui import QFontInfo; from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from cnnstudio.app.appearance.theme import Theme\n"
        "Theme().apply(); print(QFontInfo(app.font()).family())"
    )
    environment = {**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "DejaVu Sans"
