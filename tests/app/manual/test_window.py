"""The manual in its window: the page for what has the keyboard, links, search, history, colours of the theme."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.help_topics import FRONT_PAGE, set_topic, topic_of
from cnnstudio.app.appearance.theme import DARK, Theme
from cnnstudio.app.application import Studio
from cnnstudio.app.inspector.inspector import Inspector
from cnnstudio.app.manual.help_keys import HelpKeys
from cnnstudio.app.manual.html import html_of
from cnnstudio.app.manual.window import ManualWindow
from cnnstudio.app.problems.view import ProblemsView
from cnnstudio.app.window.docks import DOCKS
from cnnstudio.core.edits import set_field
from cnnstudio.manual.contents import Manual
from cnnstudio.manual.written import FRONT
from tests.app.conftest import opened_window


@pytest.fixture
def manual(theme: Theme, qtbot: QtBot) -> Iterator[ManualWindow]:
    """The window of the manual, at its front page."""
    window = ManualWindow(Manual(), theme)
    qtbot.addWidget(window)
    window.show_page()
    yield window
    window.close()


def text_of(window: ManualWindow) -> str:
    return window.page.toPlainText()


def test_front_page_is_the_one_that_parts_without_a_page_lead_to() -> None:
    assert FRONT == FRONT_PAGE


def test_every_part_of_a_window_has_a_page(studio: Studio) -> None:
    window = opened_window(studio)
    parts: list[QWidget] = [window.docks[spec.key] for spec in DOCKS if spec.key != "inspector"]
    parts += [window.center.panel.view(str(window.center.panel.tabs.tabData(at))) for at in range(4)]
    parts += [window.chart]
    for part in parts:
        path = topic_of(part)
        # A new part of the window needs a page of its name in docs/views, listed in docs/views/README.md.
        assert path.startswith("views/")
        assert studio.manual.page(path) is not None, path


def test_f1_shows_the_page_about_what_has_the_keyboard(studio: Studio, qtbot: QtBot) -> None:
    window = opened_window(studio)
    window.layers.setFocus()
    window.actions_of["manual"].trigger()
    shown = studio.manual_window
    assert shown is not None
    assert shown.page.path == "views/layers.md"
    window.view_state.select((("Conv-2",),))
    inspector = window.docks.view("inspector", Inspector)
    qtbot.waitUntil(lambda: topic_of(inspector) == "layers/Conv2D.md")
    inspector.head.help.click()
    assert shown.page.path == "layers/Conv2D.md"
    assert "kernel_size" in text_of(shown)


def test_a_question_mark_explains_each_problem(studio: Studio, qtbot: QtBot) -> None:
    window = opened_window(studio)
    window.document.apply(set_field(window.document.design, [("Conv-3",)], "kernel_size", 99))
    view = window.docks.view("problems", ProblemsView)
    qtbot.waitUntil(lambda: view.buttons_at(0) is not None)
    buttons = view.buttons_at(0)
    assert buttons is not None
    with qtbot.waitSignal(view.help_requested) as asked:
        buttons.help.click()
    assert asked.args == ["problems.md#window"]
    assert studio.manual_window is not None
    assert studio.manual_window.page.source().fragment() == "window"


def test_dialogs_have_the_key_too(qtbot: QtBot) -> None:
    asked: list[str] = []
    keys = HelpKeys(asked.append, QApplication.instance() or QWidget())
    dialog = QDialog()
    qtbot.addWidget(dialog)
    line = QLineEdit(dialog)
    set_topic(dialog, "views/report.md")
    dialog.show()
    qtbot.waitExposed(dialog)
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    QTest.keyClick(line, Qt.Key.Key_F1)
    assert asked == ["views/report.md"]
    keys.deleteLater()


def test_links_lead_on_and_back(manual: ManualWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    manual.page.anchorClicked.emit(QUrl("layers/README.html#fields-of-every-layer"))
    assert manual.page.path == "layers/README.md"
    manual.page.anchorClicked.emit(QUrl("Dense.html"))
    assert manual.page.path == "layers/Dense.md"
    assert [entry.text(0) for entry in manual.contents.selectedItems()] == ["Dense"]
    manual.page.anchorClicked.emit(QUrl("../glossary.html"))
    assert manual.page.path == "glossary.md"
    manual.page.backward()
    assert manual.page.path == "layers/Dense.md"
    manual.page.anchorClicked.emit(QUrl("https://example.org"))
    assert manual.page.path == "layers/Dense.md"
    assert opened == [QUrl("https://example.org")]
    manual.show_page("no/such.md")
    assert manual.page.path == FRONT


def test_a_search_leads_to_a_section(manual: ManualWindow, qtbot: QtBot) -> None:
    manual.search.setText("receptive field union")
    qtbot.waitUntil(lambda: manual.results.count() > 0)
    assert manual.results.isVisible()
    assert not manual.contents.isVisible()
    QTest.keyClick(manual.search, Qt.Key.Key_Return)
    assert manual.page.path == "conventions.md"
    manual.search.setText("nosuchwordatall")
    assert manual.results.count() == 0
    manual.search.clear()
    assert manual.contents.isVisible()


def test_pictures_are_no_wider_than_the_text(manual: ManualWindow) -> None:
    for path in ("pictures/studio-light.png", "layers/Conv2D.svg"):
        image: Any = manual.page.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl("/" + path))
        assert 100 < image.deviceIndependentSize().width() <= 720
    missing: Any = manual.page.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl("/no.png"))
    assert missing.isNull()


def test_the_page_follows_the_theme(manual: ManualWindow, theme: Theme) -> None:
    manual.show_page("glossary.md")
    theme.set_mode("dark")
    theme.apply()
    assert manual.page.path == "glossary.md"
    assert DARK.text in manual.page.document().defaultStyleSheet()
    assert "Glossary" in text_of(manual)


def test_html_has_anchors_and_escapes_what_looks_like_it() -> None:
    html = html_of("# A `b`\n\n[x](../y.md#z) <b>no</b>\n\n```\n1 < 2\n```\n")
    assert '<h1><a name="a-b">' in html
    assert 'href="../y.html#z"' in html
    assert "&lt;b&gt;no&lt;/b&gt;" in html
    assert "1 &lt; 2" in html
