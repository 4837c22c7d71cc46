"""Icons: every one can be drawn, in the colours of the theme, and follows it."""

from __future__ import annotations

import gc

import pytest
from msgspec import structs
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap

from cnnstudio import resources
from cnnstudio.app.appearance.icons import (
    MAX_PICTURES,
    application_icon,
    family_icon,
    icon,
    icon_names,
    paint_family,
    paint_icon,
)
from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.window.actions import ACTIONS
from cnnstudio.layers.families import FAMILY

pytestmark = pytest.mark.usefixtures("qapp")
SIGNS = tuple(FAMILY)


def image_of(drawn: QIcon, side: int = 16, mode: QIcon.Mode = QIcon.Mode.Normal) -> QImage:
    """The icon as it is drawn at a size."""
    return drawn.pixmap(QSize(side, side), 1.0, mode).toImage()


def ink(image: QImage) -> set[tuple[int, int]]:
    """The pixels that are more painted than not."""
    return {(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).alpha() > 127}


def colour_of(image: QImage) -> str:
    """The colour of the most solid pixel."""
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    best = max(pixels, key=QColor.alpha)
    return best.name()


def is_near(first: str, second: str) -> bool:
    """True if two colours are the same but for the rounding of half-transparent pixels."""
    return all(abs(a - b) <= 3 for a, b in zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True))


@pytest.mark.parametrize("name", icon_names())
def test_every_icon_is_drawn_in_the_colour_of_both_themes(theme: Theme, name: str) -> None:
    drawn = icon(name, theme)
    light = image_of(drawn, 32)
    assert len(ink(light)) > 20
    assert is_near(colour_of(light), theme.tokens.text)
    theme.set_mode("dark")
    dark = image_of(drawn, 32)
    assert ink(dark) == ink(light)
    assert is_near(colour_of(dark), theme.tokens.text)
    assert colour_of(dark) != colour_of(light)


def test_every_action_finds_its_icon() -> None:
    assert {spec.icon for spec in ACTIONS if spec.icon} <= set(icon_names())


def test_the_licence_lies_beside_the_icons() -> None:
    assert "ISC License" in resources.path("icons", "LICENSE").read_text("utf-8")


def test_a_token_is_a_colour(theme: Theme) -> None:
    assert is_near(colour_of(image_of(icon("triangle-alert", theme, "danger"), 32)), theme.tokens.danger)


def test_disabled_is_faint(theme: Theme) -> None:
    assert is_near(colour_of(image_of(icon("undo", theme), 32, QIcon.Mode.Disabled)), theme.tokens.faint)


def test_a_wrong_name_is_told_at_once(theme: Theme) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no icon 'no-such-icon\.svg'"):
        icon("no-such-icon", theme)


def test_icons_are_crisp_at_twice_the_size(theme: Theme) -> None:
    pixmap = icon("save", theme).pixmap(QSize(16, 16), 2.0)
    assert pixmap.size() == QSize(32, 32)
    assert pixmap.devicePixelRatio() == 2


def test_a_copy_outlives_the_first(theme: Theme) -> None:
    copy = QIcon(icon("plus", theme))
    copy.addPixmap(QPixmap(8, 8))  # which makes Qt ask for an engine of the copy's own
    gc.collect()
    assert ink(image_of(copy, 32))


@pytest.mark.parametrize("family", SIGNS)
def test_families_are_drawn_in_their_colour(theme: Theme, family: str) -> None:
    for mode in ("light", "dark"):
        theme.set_mode(mode)
        image = image_of(family_icon(family, theme), 14)
        assert len(ink(image)) >= 25
        assert is_near(colour_of(image), theme.tokens.families[family])


def test_families_differ_in_shape(theme: Theme) -> None:
    shapes = {family: ink(image_of(family_icon(family, theme), 14)) for family in SIGNS}
    for first in SIGNS:
        for second in SIGNS:
            if first < second:
                apart = len(shapes[first] ^ shapes[second]) / len(shapes[first] | shapes[second])
                assert apart > 0.3, (first, second)


def painted(side: int, rect: QRect, theme: Theme) -> QImage:
    """A picture with the sign of a family in a rectangle."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_family(painter, rect, "convolution", theme)
    painter.end()
    return image


def test_a_delegate_paints_into_the_middle_of_its_rectangle(theme: Theme) -> None:
    dots = ink(painted(40, QRect(10, 0, 14, 40), theme))
    assert dots
    assert all(10 <= x < 24 and 13 <= y < 27 for x, y in dots)


def test_a_delegate_paints_any_icon(theme: Theme) -> None:
    image = QImage(20, 20, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_icon(painter, QRect(2, 2, 16, 16), "info", theme, "accent")
    painter.end()
    assert ink(image)


def test_a_family_without_a_picture_is_told(theme: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILY, "dense", structs.replace(FAMILY["dense"], icon="magic"))
    with pytest.raises(FileNotFoundError, match=r"families/magic\.svg"):
        family_icon("dense", theme)


def test_the_program_has_an_icon() -> None:
    assert len(ink(application_icon().pixmap(64, 64).toImage())) > 1500


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_an_icon_is_painted_on_whatever_is_scaled_or_turned(theme: Theme, turn: int) -> None:
    image = QImage(64, 64, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.translate(32, 32)
    painter.rotate(turn)
    painter.scale(2, 2)
    paint_icon(painter, QRect(-16, -16, 32, 32), "triangle-alert", theme, "danger")
    painter.end()
    assert is_near(colour_of(image), theme.tokens.danger)


def test_many_sizes_are_not_all_kept(theme: Theme) -> None:
    for side in range(1, MAX_PICTURES + 20):
        icon("undo", theme).pixmap(side, side)
    assert len(theme.pictures) <= MAX_PICTURES
