"""The tour of the window: its steps, what they notice, and where its card stands."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.tour.tour import Tour
from cnnstudio.app.window.guidance.first_steps import DESIGN
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core.edits import set_field


@pytest.fixture
def window(studio: Studio) -> MainWindow:
    """The window that the tour opens for itself."""
    studio.open_builtin("alexnet")
    studio.windows[0].actions_of["first_steps"].trigger()
    return studio.windows[-1]


def tour_of(window: MainWindow) -> Tour:
    tour = window.findChild(Tour)
    assert isinstance(tour, Tour)
    return tour


def test_it_takes_place_on_a_design_of_its_own(window: MainWindow, studio: Studio) -> None:
    assert len(studio.windows) == 2
    assert window.document.path is None
    assert window.document.design.name == "LeNet-5, modern"
    assert DESIGN == "lenet-5-modern"


def test_each_step_notices_that_it_was_done(window: MainWindow, qtbot: QtBot) -> None:
    tour = tour_of(window)
    seen = [tour.title.text()]

    def go_on(*, is_done: bool) -> None:
        assert tour.told.isVisibleTo(tour) == is_done
        tour.next.click()
        seen.append(tour.title.text())

    first = next(item.name for item in window.document.design.layers if item.type_name == "Conv2D")
    assert not tour.told.isVisibleTo(tour)
    window.view_state.select(((first,),))
    go_on(is_done=True)
    window.document.apply(set_field(window.document.design, [(first,)], "filters", 12))
    go_on(is_done=True)
    window.view_state.set_quantity("macs")
    go_on(is_done=True)
    assert window.docks["working"].isVisible()
    go_on(is_done=False)
    assert tour.next.text() == "Finish"
    assert [title[:6] for title in seen] == [f"{at} of 5" for at in range(1, 6)]
    tour.back.click()
    tour.next.click()
    tour.next.click()
    qtbot.waitUntil(lambda: window.findChild(Tour) is None)


def test_escape_ends_it_and_what_happens_then_is_no_matter(window: MainWindow, qtbot: QtBot) -> None:
    tour = tour_of(window)
    QTest.keyClick(tour.next, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(Tour) is None)
    window.view_state.select(((window.document.design.layers[0].name,),))
    window.resize(900, 600)


def test_it_ends_with_its_window_before_the_parts_are_taken_away(window: MainWindow) -> None:
    tour = tour_of(window)
    assert not tour.isHidden()
    window.close()
    assert tour.isHidden()
    assert tour.frame.isHidden()


def test_the_card_stands_beside_the_part_and_within_the_window(window: MainWindow, qtbot: QtBot) -> None:
    tour = tour_of(window)
    for _ in range(4):
        part = QRect(tour.frame.pos(), tour.frame.size())
        assert window.rect().contains(tour.geometry())
        assert not part.intersects(tour.geometry()) or tour.geometry().right() > window.width() - 20
        tour.next.click()
    for size in ((1000, 640), (1440, 900)):
        window.resize(*size)
        qtbot.waitUntil(lambda: window.rect().contains(tour.geometry()))


def test_it_can_be_begun_from_the_welcome_page(studio: Studio) -> None:
    studio.show_welcome()
    assert studio.welcome is not None
    studio.welcome.first_steps_chosen.emit()
    assert tour_of(studio.windows[0]).isVisibleTo(studio.windows[0])
