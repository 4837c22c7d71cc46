"""Texts that are laid out once: what is painted, and what is elided."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication

from cnnstudio.app.rows import text_cache as lettering
from cnnstudio.app.rows.text_cache import Lettering
from tests.hostile import NAMES

LINE = QRect(10, 5, 200, 24)


def painted(letters: Lettering, text: str, rect: QRect = LINE, *, at_right: bool = False) -> QImage:
    image = QImage(220, 34, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setFont(letters.font)
    letters.paint(painter, rect, text, at_right=at_right)
    painter.end()
    return image


def columns_of(image: QImage) -> list[int]:
    """The columns in which there is any ink."""
    return [
        x for x in range(image.width()) if any(image.pixelColor(x, y).lightness() < 200 for y in range(image.height()))
    ]


@pytest.fixture
def letters(qapp: QApplication) -> Lettering:
    return Lettering(QFont(qapp.font()))


def test_text_stands_at_its_side_of_the_line(letters: Lettering) -> None:
    at_left, at_right = columns_of(painted(letters, "55")), columns_of(painted(letters, "55", at_right=True))
    assert 10 <= at_left[0] < 16
    assert 203 < at_right[-1] <= 210
    assert at_left[-1] - at_left[0] == at_right[-1] - at_right[0]


def test_the_second_painting_looks_like_the_first(letters: Lettering) -> None:
    assert painted(letters, "62,378,344") == painted(letters, "62,378,344")


@pytest.mark.parametrize("name", NAMES)
def test_no_text_leaves_its_line(letters: Lettering, name: str) -> None:
    narrow = QRect(10, 5, 40, 24)
    ink = columns_of(painted(letters, name, narrow))
    assert not ink or (ink[0] >= 8 and ink[-1] <= 52)
    image = painted(letters, name, narrow)
    painter = QPainter(image)
    painter.setFont(letters.font)
    assert letters.paint(painter, narrow, name) <= max(narrow.width(), letters.width("…"))
    painter.end()


def test_widths_are_those_of_the_font(letters: Lettering) -> None:
    assert letters.width("Conv-1") == QFontMetricsF(letters.font).horizontalAdvance("Conv-1")


def test_markup_is_text(letters: Lettering) -> None:
    assert painted(letters, "<b>x</b>") != painted(letters, "x")


def test_more_texts_than_are_remembered(letters: Lettering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "MAX_TEXTS", 3)
    first = painted(letters, "0")
    for number in range(10):
        painted(letters, str(number), QRect(0, 0, 4, 20))
    assert painted(letters, "0") == first
