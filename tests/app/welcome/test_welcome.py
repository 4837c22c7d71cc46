"""The welcome page: built-in designs as cards, recent files, and a file dropped on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.app.welcome.design_cards import CARD, MAX_BARS, Card, CardsModel, CardsView, silhouette
from cnnstudio.app.welcome.page import RecentFiles, WelcomePage
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design
from cnnstudio.formats.builtin import builtin_paths, open_design
from cnnstudio.formats.gallery import builtin_groups
from tests.app.dragging import drop, enter

pytestmark = pytest.mark.usefixtures("qapp")
Key = Qt.Key
RECENT = (Path("/lab/networks/a.yaml"), Path("/lab/ü b/c.yaml"))


@pytest.fixture
def page(qtbot: QtBot) -> WelcomePage:
    """The page with two recent files, seen and fully loaded."""
    page = WelcomePage(Theme("light"), RECENT)
    qtbot.addWidget(page)
    page.resize(1000, 680)
    page.show()
    model = page.cards.model()
    last = model.index(model.rowCount() - 1, 0)
    qtbot.waitUntil(lambda: bool(last.data(CARD).numbers), timeout=20_000)
    return page


def cards_of(page: WelcomePage) -> dict[str, Card]:
    """The cards by their short names."""
    model = page.cards.model()
    rows = [model.index(row, 0).data(CARD) for row in range(model.rowCount())]
    return {card.stem: card for card in rows if isinstance(card, Card)}


def shown(view: CardsView) -> list[str]:
    """The short names of the cards that are not hidden."""
    return [text for text in listed(view) if not text.startswith("# ")]


def listed(view: CardsView) -> list[str]:
    """The same, with the titles of groups as `# For a course`."""
    indexes = [view.model().index(row, 0) for row in range(view.model().rowCount()) if not view.isRowHidden(row)]
    return [card.stem if (card := index.data(CARD)) else f"# {index.data()}" for index in indexes]


ORDER = [stem for group in builtin_groups() for stem in group.stems]


# The groups


def test_every_design_is_in_one_group() -> None:
    assert sorted(ORDER) == sorted(builtin_paths())
    assert [group.title for group in builtin_groups()][:2] == ["For a course", "Classics"]
    assert "More" not in [group.title for group in builtin_groups()]


def test_designs_stand_below_the_title_of_their_group(page: WelcomePage) -> None:
    assert listed(page.cards)[:4] == ["# For a course", "lenet-like-32x32", "alexnet", "cnn-100x100"]
    view = page.cards
    titles = [row for row in range(view.model().rowCount()) if view.model().index(row, 0).data(CARD) is None]
    for row in titles:
        title, card = (view.visualRect(view.model().index(place, 0)) for place in (row, row + 1))
        assert title.bottom() <= card.top()
        assert card.left() <= title.left() + 1


def test_a_search_keeps_the_titles_of_what_it_finds(page: WelcomePage) -> None:
    page.search.setText("audio")
    assert listed(page.cards) == ["# Sequences and volumes", "m5-audio"]
    page.search.clear()
    assert len([text for text in listed(page.cards) if text.startswith("# ")]) == len(builtin_groups())


@pytest.mark.parametrize("part", ["cards", "recent", "new_button"])
def test_whoever_types_searches(page: WelcomePage, part: str) -> None:
    widget: QWidget = getattr(page, part)
    widget.setFocus()
    QTest.keyClicks(widget, "u")
    assert page.search.text() == "u"
    assert page.search.hasFocus() or page.focusWidget() is page.search


# The cards


def test_every_builtin_design_has_a_card_with_its_numbers(page: WelcomePage) -> None:
    cards = cards_of(page)
    assert set(cards) == set(builtin_paths())
    assert cards["alexnet"].name == "AlexNet"
    assert cards["alexnet"].numbers == "62.38 M parameters · 1.135 G MACs"
    assert cards["alexnet"].note == "Krizhevsky et al. 2012 in one tower, 227 × 227"
    assert [card.stem for card in cards.values() if not card.silhouette or not card.numbers] == []


def test_nothing_is_read_before_the_page_is_seen(qtbot: QtBot) -> None:
    page = WelcomePage(Theme("light"), ())
    qtbot.addWidget(page)
    qtbot.wait(30)
    assert {card.numbers for card in cards_of(page).values()} == {""}


def test_one_step_reads_one_design(qtbot: QtBot) -> None:
    paths = dict(list(builtin_paths().items())[:2])
    model = CardsModel(paths)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    with qtbot.waitSignal(model.dataChanged):
        assert model.load_next()
    assert [bool(model.index(row).data(CARD).numbers) for row in (0, 1)] == [True, False]
    assert model.load_next()
    assert not model.load_next()


def test_a_design_that_cannot_be_read_is_told_on_its_card(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("cnnstudio: 1\nlayers: 7\n")
    model = CardsModel({"broken": tmp_path / "broken.yaml", "gone": tmp_path / "gone.yaml"})
    while model.load_next():
        pass
    for row in (0, 1):
        assert model.index(row).data(CARD).note == "This design cannot be read."


def test_an_incomplete_design_says_at_least(tmp_path: Path) -> None:
    text = (
        "cnnstudio: 1\nlayers:\n- {type: Input, channels: 3, size: 8}\n- {type: Conv2D, filters: 4, kernel_size: 9}\n"
    )
    (tmp_path / "small.yaml").write_text(text)
    model = CardsModel({"small": tmp_path / "small.yaml"})
    model.load_next()
    assert model.index(0).data(CARD).numbers == "at least 0 parameters · at least 0 MACs"


def test_a_silhouette_falls_with_the_maps() -> None:
    bars = silhouette(analyze(open_design("vgg-16").design))
    heights = [bar.height for bar in bars]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == 1
    assert (bars[0].family, bars[-1].family) == ("structure", "dense")


def test_a_silhouette_of_a_long_network_is_thinned_out() -> None:
    assert 10 < len(silhouette(analyze(open_design("densenet-201").design))) <= MAX_BARS


def test_nothing_has_no_silhouette() -> None:
    assert silhouette(analyze(Design())) == ()


def test_a_card_reads_itself_out(page: WelcomePage) -> None:
    text = page.cards.model().index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert text.startswith("AlexNet, 62.38 M parameters")


def test_a_click_chooses_a_design(page: WelcomePage, qtbot: QtBot) -> None:
    place = page.cards.visualRect(page.cards.model().index(2, 0)).center()
    with qtbot.waitSignal(page.design_chosen) as chosen:
        QTest.mouseClick(page.cards.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [ORDER[1]]


@pytest.mark.parametrize("width", [700, 1000, 1280, 1920])
def test_columns_fill_the_width(page: WelcomePage, width: int) -> None:
    page.resize(width, 680)
    QApplication.processEvents()
    view = page.cards
    rights = [view.visualRect(view.model().index(row, 0)).right() for row in range(view.model().rowCount())]
    assert max(rights) <= view.viewport().width()
    assert max(rights) > view.viewport().width() - 40


# Search and keyboard


def test_search_finds_names_and_notes(page: WelcomePage) -> None:
    page.search.setText("resnet 50")
    assert {"resnet-50", "resnet-50-keras", "wide-resnet-50-2"} <= set(shown(page.cards))
    assert "resnet-18" not in shown(page.cards)
    page.search.setText("lecun 1998")
    assert "lenet-5" in shown(page.cards)
    page.search.clear()
    assert shown(page.cards) == ORDER


def test_enter_in_the_search_chooses_the_first(page: WelcomePage, qtbot: QtBot) -> None:
    QTest.keyClicks(page.search, "u-net")
    with qtbot.waitSignal(page.design_chosen) as chosen:
        QTest.keyClick(page.search, Key.Key_Return)
    assert chosen.args == ["u-net"]


def test_a_search_without_a_match_chooses_nothing(page: WelcomePage, qtbot: QtBot) -> None:
    QTest.keyClicks(page.search, "qqq")
    with qtbot.assertNotEmitted(page.design_chosen):
        QTest.keyClick(page.search, Key.Key_Return)
    QTest.keyClick(page.search, Key.Key_Escape)
    assert page.search.text() == ""


def test_down_leads_to_the_cards_and_enter_chooses(page: WelcomePage, qtbot: QtBot) -> None:
    QTest.keyClick(page.search, Key.Key_Down)
    QTest.keyClick(page.cards, Key.Key_Right)
    with qtbot.waitSignal(page.design_chosen) as chosen:
        QTest.keyClick(page.cards, Key.Key_Return)
    assert chosen.args == [ORDER[1]]


def test_the_tab_key_reaches_every_part(page: WelcomePage) -> None:
    parts = (page.new_button, page.open_button, page.recent, page.search, page.cards)
    assert all(part.focusPolicy() & Qt.FocusPolicy.TabFocus for part in parts)
    assert all(part.accessibleName() for part in (page.recent, page.search, page.cards))


# New, open, recent, drop


def test_new_and_open(page: WelcomePage, qtbot: QtBot) -> None:
    with qtbot.waitSignals([page.new_chosen, page.open_chosen]):
        page.new_button.click()
        page.open_button.click()


def test_recent_files_are_chosen_by_click_and_key(page: WelcomePage, qtbot: QtBot) -> None:
    recent = page.recent
    assert recent.isVisible()
    first = recent.visualRect(recent.model().index(0, 0)).center()
    with qtbot.waitSignal(page.file_chosen) as chosen:
        QTest.mouseClick(recent.viewport(), Qt.MouseButton.LeftButton, pos=first)
    assert chosen.args == [RECENT[0]]
    recent.setCurrentIndex(recent.model().index(1, 0))
    with qtbot.waitSignal(page.file_chosen) as chosen:
        QTest.keyClick(recent, Key.Key_Return)
    assert chosen.args == [RECENT[1]]


def test_a_recent_file_tells_its_folder(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ada"))
    recent = RecentFiles([Path("/home/ada/nets/x.yaml")], Theme("light"))
    qtbot.addWidget(recent)
    index = recent.model().index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == f"x.yaml in {Path('~/nets')}"
    recent.grab()


def test_without_recent_files_there_is_a_hint(qtbot: QtBot) -> None:
    page = WelcomePage(Theme("dark"), ())
    qtbot.addWidget(page)
    page.show()
    assert not page.recent.isVisible()


def mime_of(*urls: str) -> QMimeData:
    """The data that a file manager drags."""
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    return mime


def test_a_dropped_file_is_opened_and_never_moved(page: WelcomePage, qtbot: QtBot) -> None:
    mime = mime_of("file:///lab/net%20%C3%BC.yaml", "https://example.org/x.yaml")
    entered = enter(page, mime)
    assert entered.isAccepted()
    assert entered.dropAction() == Qt.DropAction.CopyAction
    with qtbot.waitSignal(page.file_chosen) as chosen:
        dropped = drop(page, mime)
    assert chosen.args == [Path("/lab/net ü.yaml")]
    assert dropped.dropAction() == Qt.DropAction.CopyAction


def test_what_is_no_file_is_not_taken(page: WelcomePage) -> None:
    mime = mime_of("https://example.org/x.yaml")
    assert not enter(page, mime).isAccepted()


def test_the_page_follows_the_theme(qtbot: QtBot) -> None:
    theme = Theme("light")
    page = WelcomePage(theme, RECENT)
    qtbot.addWidget(page)
    page.resize(1000, 680)
    page.show()
    theme.set_mode("dark")
    theme.set_text_scale(2.0)
    theme.changed.emit()
    image = page.grab().toImage()
    assert not image.isNull()
