"""The manual in its window: the page for what has the keyboard, links, search, history, colours of the theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.appearance.help_topics import FRONT_PAGE, topic_of
from cnnstudio.app.appearance.theme import DARK, Theme
from cnnstudio.app.application import Studio
from cnnstudio.app.budgets.dialog import BudgetsDialog
from cnnstudio.app.comparison.choice_dialog import ComparisonChoice
from cnnstudio.app.comparison.subjects import ComparedDesign, OpenSubject
from cnnstudio.app.comparison.window import ComparisonWindow
from cnnstudio.app.document.recovery import Lost
from cnnstudio.app.document.recovery_dialog import RecoveryDialog
from cnnstudio.app.inspector.inspector import Inspector
from cnnstudio.app.manual.html import html_of
from cnnstudio.app.manual.window import ManualWindow
from cnnstudio.app.palette.quick_add import QuickAdd
from cnnstudio.app.problems.view import ProblemsView
from cnnstudio.app.reports.dialog import ReportDialog
from cnnstudio.app.scaling.dialog import ScaleDialog
from cnnstudio.app.search.find_layer import FindLayer
from cnnstudio.app.sweep.window import SweepWindow
from cnnstudio.app.verification.dialog import VerifyDialog
from cnnstudio.app.window import handlers
from cnnstudio.app.window.comparisons import show_comparison
from cnnstudio.app.window.docks import DOCKS
from cnnstudio.app.window.frame import WindowFrame
from cnnstudio.core.edits import set_field
from cnnstudio.formats.design_file import DesignFile
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


def f1_twice(studio: Studio, window: QWidget, qtbot: QtBot) -> str:
    """The page and heading that F1 leads to from what has the keyboard; the second press opens no other window."""
    qtbot.waitUntil(lambda: window.isActiveWindow() and window.focusWidget() is not None)
    for _ in range(2):
        window.activateWindow()
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_F1)
    own = window.findChildren(ManualWindow)
    assert len(own) == int(window.isModal())
    shown = own[0] if own else studio.manual_window
    assert shown is not None
    fragment = shown.page.source().fragment()
    return f"{shown.page.path}#{fragment}" if fragment else shown.page.path


def compare_with_itself(window: WindowFrame) -> None:
    """Opens the window of a comparison."""
    show_comparison(
        (OpenSubject(window.document, window.view_state, ""), ComparedDesign(window.document.opened, "")), window
    )


def offer_lost_work(window: WindowFrame) -> None:
    """Opens the dialog of lost work."""
    lost = Lost(Path("kept"), 0, 1, None, DesignFile(window.document.design))
    RecoveryDialog([lost], lambda _lost: None, window).open()


@pytest.mark.parametrize(
    ("show", "kind", "page"),
    [
        (handlers.verify_design, VerifyDialog, "export.md#verified-by-the-framework"),
        (handlers.scale_design, ScaleDialog, "budgets.md#scaling"),
        (handlers.show_budgets, BudgetsDialog, "budgets.md"),
        (handlers.show_sweep, SweepWindow, "sweep.md"),
        (lambda window: handlers.handlers(window)["report"](), ReportDialog, "views/report.md"),
        (lambda window: handlers.handlers(window)["add"](), QuickAdd, "views/palette.md"),
        (lambda window: handlers.handlers(window)["find"](), FindLayer, "views/layers.md"),
        (lambda window: window.compare_requested.emit(), ComparisonChoice, "views/comparison.md"),
        (compare_with_itself, ComparisonWindow, "views/comparison.md"),
        (offer_lost_work, RecoveryDialog, "views/welcome.md#unsaved-work"),
    ],
)
def test_f1_in_dialogs_and_other_windows_shows_the_page_about_them(
    studio: Studio,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    show: Callable[[WindowFrame], object],
    kind: type[QWidget],
    page: str,
) -> None:
    pages: list[str] = []

    def answered(dialog: QDialog) -> int:
        dialog.setModal(True)
        dialog.show()
        pages.append(f1_twice(studio, dialog, qtbot))
        dialog.reject()
        return 0

    for each in (QDialog, QuickAdd, FindLayer, ReportDialog, ComparisonChoice):
        monkeypatch.setattr(each, "exec", answered)
    window = opened_window(studio, "lenet-5-modern")
    show(window)
    for found in window.findChildren(kind) if not pages else ():
        pages.append(f1_twice(studio, found, qtbot))
        found.close()
    assert pages == [page]
    path, _, heading = page.partition("#")
    written = studio.manual.page(path)
    assert written is not None
    assert heading in {"", *written.anchors}


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
