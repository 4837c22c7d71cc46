"""The dialog of reports: what is chosen is what is made, seen, saved, copied, printed and remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QPageLayout, QWheelEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.app.application import Studio
from cnnstudio.app.comparison.subjects import OpenSubject, file_subject
from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.reports import job as report_job
from cnnstudio.app.reports.choice import ReportChoice, choice_from_text
from cnnstudio.app.reports.dialog import ReportDialog
from cnnstudio.app.reports.forms import FORMS
from cnnstudio.app.reports.opening import report_dialog
from cnnstudio.app.reports.options import CheckList
from cnnstudio.app.reports.pdf import Pages
from cnnstudio.app.reports.printing import paint_pages
from cnnstudio.app.reports.subjects import DesignSubject
from cnnstudio.app.window.comparisons import show_comparison
from cnnstudio.app.window.main_window import MainWindow
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.counting.columns import report_columns
from cnnstudio.drawings.colours import DARK_PAGE
from cnnstudio.formats.builtin import find_builtin, open_design
from cnnstudio.formats.design_yaml import read_design
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.manuscript import Manuscript
from cnnstudio.reports.content.report import ReportRequest
from tests.app.conftest import Answers, opened_window
from tests.app.drawing import need_letters_in_pictures

Button = QMessageBox.StandardButton


def usual_report(name: str) -> Manuscript:
    """The report on a built-in design that the dialog makes until something else is chosen."""
    analysis = analyze(open_design(name).design)
    return compose(ReportRequest(analysis=analysis, columns=report_columns(analysis)))


@pytest.fixture
def window(studio: Studio) -> MainWindow:
    """AlexNet, open."""
    return opened_window(studio, "alexnet")


def report_dialog_of(window: MainWindow) -> ReportDialog:
    """The dialog of reports for the design of a window."""
    subject = DesignSubject(window.document, window.view_state)
    return report_dialog(subject, tuple(window.table.column_keys), window.settings, window.theme, window)


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> Iterator[ReportDialog]:
    """Its reports, the preview made."""
    shown = report_dialog_of(window)
    shown.show()
    settle(shown, qtbot)
    yield shown
    shown.reject()


def settle(dialog: ReportDialog, qtbot: QtBot) -> None:
    """Waits until nothing is being made."""
    dialog._settled.stop()
    dialog.refresh()
    qtbot.waitUntil(lambda: dialog._preview_job is None and dialog._task is None)


def choose(dialog: ReportDialog, qtbot: QtBot, **options: str | int) -> None:
    for name, key in options.items():
        box = getattr(dialog.options, name)
        box.setCurrentIndex(box.findData(key))
    settle(dialog, qtbot)


def check(checks: CheckList, *keys: str) -> None:
    """Checks these and nothing else, each by itself as a user would."""
    for row in range(checks.count()):
        item = checks.item(row)
        is_wanted = item.data(Qt.ItemDataRole.UserRole) in keys
        item.setCheckState(Qt.CheckState.Checked if is_wanted else Qt.CheckState.Unchecked)


def saving_to(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> list[str]:
    """Answers the file dialog; what it suggested is kept."""
    suggested: list[str] = []

    def ask(_parent: object, _title: str, start: str, _filters: str) -> tuple[str, str]:
        suggested.append(start)
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return suggested


def save(dialog: ReportDialog, qtbot: QtBot) -> None:
    dialog.save_button.click()
    qtbot.waitUntil(lambda: dialog._task is None)


def wheel_over(widget: QWidget, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> QWheelEvent:
    """One notch of the wheel downwards."""
    place = QPointF(5, 5)
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    return QWheelEvent(place, widget.mapToGlobal(place), QPoint(), QPoint(0, -120), buttons, modifiers, phase, False)


# The preview.


def test_a_pdf_shows_its_pages(dialog: ReportDialog, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form="pdf")
    preview = dialog.preview
    assert preview.stack.currentWidget() is preview.pages
    assert preview.page_label.text() == f"Page 1 of {preview.pages.page_count}"
    image = preview.pages.grab().toImage()
    # Several heights, because a single one may lie between two lines of text.
    colours = {image.pixelColor(x, y).name() for y in range(190, 211, 5) for x in range(0, image.width(), 3)}
    assert "#ffffff" in colours
    assert len(colours) > 5, "letters are on it"


@pytest.mark.parametrize("form", ["html", "xlsx"])
def test_rich_forms_show_the_table(dialog: ReportDialog, form: str, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form=form)
    assert dialog.preview.stack.currentWidget() is dialog.preview.rich
    assert "62,378,344" in dialog.preview.rich.toPlainText()
    assert dialog.preview.note.text()


@pytest.mark.parametrize("form", ["tex", "md", "csv", "tsv", "json", "txt"])
def test_text_forms_show_their_text(dialog: ReportDialog, form: str, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form=form)
    assert dialog.preview.stack.currentWidget() is dialog.preview.text
    expected = FORMS[form].render(usual_report("alexnet")).decode()
    assert dialog.preview.text.toPlainText().splitlines() == expected.splitlines()


def test_turning_pages(studio: Studio, qtbot: QtBot) -> None:
    dialog = report_dialog_of(opened_window(studio, "resnet-50"))
    dialog.show()
    choose(dialog, qtbot, form="pdf")
    pages = dialog.preview.pages
    assert not dialog.preview.previous.isEnabled()
    dialog.preview.next.click()
    assert (pages.page, dialog.preview.page_label.text()) == (1, f"Page 2 of {pages.page_count}")
    QTest.keyClick(pages, Qt.Key.Key_End)
    assert pages.page == pages.page_count - 1
    assert not dialog.preview.next.isEnabled()
    QTest.keyClick(pages, Qt.Key.Key_Home)
    assert pages.page == 0
    dialog.reject()


def test_zooming(dialog: ReportDialog, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form="pdf")
    pages = dialog.preview.pages
    fitting = pages.zoom
    dialog.preview.larger.click()
    assert pages.zoom == pytest.approx(fitting * 1.25)
    assert dialog.preview.zoom_label.text() == f"{round(pages.zoom * 100)} %"
    assert pages.horizontalScrollBar().maximum() > 0
    QApplication.sendEvent(pages.viewport(), wheel_over(pages, Qt.KeyboardModifier.ControlModifier))
    assert pages.zoom == pytest.approx(fitting)
    for _ in range(20):
        dialog.preview.smaller.click()
    assert pages.zoom == pytest.approx(0.25)
    dialog.preview.fit.click()
    assert pages.zoom == pytest.approx(fitting)


def test_a_long_one_says_so_and_can_be_cancelled(
    dialog: ReportDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_job, "SLICE_SECONDS", 0.0)  # no step is ever taken
    dialog.options.form.setCurrentIndex(dialog.options.form.findData("pdf"))
    dialog.refresh()
    qtbot.waitUntil(dialog.preview.busy.isVisible)
    dialog.preview.cancel.click()
    assert "cancelled" in dialog.preview.message.text()
    assert not dialog.preview.busy.isVisible()


def test_the_preview_follows_changes_without_being_asked(dialog: ReportDialog, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form="md")
    dialog.options.convention.setCurrentIndex(dialog.options.convention.findData("keras"))
    qtbot.waitUntil(lambda: "Keras counting" in dialog.preview.text.toPlainText())


def test_in_the_dark_text_is_dark_and_paper_stays_white(dialog: ReportDialog, window: MainWindow, qtbot: QtBot) -> None:
    window.theme.apply()
    window.theme.set_mode("dark")
    choose(dialog, qtbot, form="html")
    muted = next(line for line in dialog.preview.rich.toHtml().splitlines() if "Input" in line)
    assert DARK_PAGE.muted in muted
    assert dialog.preview.rich.grab().toImage().pixelColor(4, 4).lightness() < 80
    choose(dialog, qtbot, form="pdf")
    image = dialog.preview.pages.grab().toImage()
    assert image.pixelColor(image.width() // 2, 20).name() == "#ffffff"


# What can be chosen.


def test_content_columns_and_repeats(dialog: ReportDialog, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form="md")
    check(dialog.options.parts, "table")
    check(dialog.options.columns, "layer", "macs")
    settle(dialog, qtbot)
    text = dialog.preview.text.toPlainText()
    assert "## Totals" not in text
    assert "| Layer | MACs |" in text


def test_columns_in_another_order(dialog: ReportDialog, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form="csv")
    columns = dialog.options.columns
    columns.setCurrentRow(0)
    QTest.keyClick(columns, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(columns, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert dialog.choice.columns[:3] == ("type", "layer", "settings")
    columns.model().moveRows(QModelIndex(), 2, 1, QModelIndex(), 0)
    assert dialog.choice.columns[:3] == ("settings", "type", "layer")
    settle(dialog, qtbot)
    assert dialog.preview.text.toPlainText().startswith("settings,type,layer,")
    parts = dialog.options.parts
    parts.setCurrentRow(0)
    QTest.keyClick(parts, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert dialog.choice.parts[0] == "note"


def test_the_columns_of_the_table(dialog: ReportDialog, window: MainWindow, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form="csv")
    dialog.options.as_table.click()
    assert dialog.choice.columns == window.table.column_keys
    settle(dialog, qtbot)
    assert dialog.preview.text.toPlainText().splitlines()[0] == ",".join(window.table.column_keys)


def test_the_working_of_the_selected_layers(window: MainWindow, qtbot: QtBot) -> None:
    window.view_state.select((("Conv-2",),))
    dialog = report_dialog_of(window)
    choose(dialog, qtbot, form="md", working="selected")
    text = dialog.preview.text.toPlainText()
    assert "### Conv" in text
    assert text.count("### ") == 1
    choose(dialog, qtbot, working="all")
    assert dialog.preview.text.toPlainText().count("### ") == 15
    dialog.reject()


def test_without_a_selection_there_is_nothing_to_work_out(dialog: ReportDialog, qtbot: QtBot) -> None:
    choose(dialog, qtbot, working="selected")
    assert "No layer is selected" in dialog.preview.message.text()
    assert not dialog.save_button.isEnabled()
    choose(dialog, qtbot, working="none")
    assert dialog.save_button.isEnabled()


def test_a_worksheet_and_its_key(dialog: ReportDialog, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form="md", worksheet="sheet")
    check(dialog.options.blank, "parameters")
    settle(dialog, qtbot)
    assert "Fill in the column Parameters." in dialog.preview.text.toPlainText()
    assert "34,944" not in dialog.preview.text.toPlainText()
    choose(dialog, qtbot, worksheet="key")
    assert "**34,944**" in dialog.preview.text.toPlainText()
    check(dialog.options.blank)
    settle(dialog, qtbot)
    assert "Choose the columns to leave blank." in dialog.preview.message.text()


def test_no_columns(dialog: ReportDialog, qtbot: QtBot) -> None:
    check(dialog.options.columns)
    settle(dialog, qtbot)
    assert dialog.preview.message.text() == "Choose at least one column."


def test_only_what_fits_the_form_is_shown(dialog: ReportDialog, qtbot: QtBot) -> None:
    options = dialog.options
    choose(dialog, qtbot, form="csv")
    assert options.columns.isVisible()
    assert not any(widget.isVisible() for widget in (options.paper, options.light, options.parts, options.working))
    choose(dialog, qtbot, form="html")
    assert options.light.isVisible()
    assert not options.paper.isVisible()
    choose(dialog, qtbot, form="tex")
    assert options.paper.isVisible()
    assert options.is_fragment.isVisible()


def test_the_diagram_in_either_style(dialog: ReportDialog, qtbot: QtBot) -> None:
    check(dialog.options.parts, "table")
    choose(dialog, qtbot, form="html")
    assert not dialog.options.diagram.isVisible()
    check(dialog.options.parts, "diagram")
    pictures = []
    for style in ("boxes", "volumes"):
        choose(dialog, qtbot, diagram=style)
        assert dialog.options.diagram.isVisible()
        pictures.append(dialog.preview.rich.grab().toImage())
    assert pictures[0] != pictures[1]


def test_title_depth_formulas_and_room_as_on_the_command_line(studio: Studio, qtbot: QtBot) -> None:
    dialog = report_dialog_of(opened_window(studio, "resnet-18"))
    dialog.show()
    choose(dialog, qtbot, form="txt", opened=0)
    text = dialog.preview.text.toPlainText()
    assert "layer1" in text
    assert "downsample" not in text
    dialog.options.expand.setChecked(True)
    assert not dialog.options.opened.isVisible()
    dialog.options.expand.setChecked(False)
    dialog.options.title.setText("Sheet 3")
    dialog.options.has_formulas.setChecked(False)
    dialog.options.room.setValue(3)
    choose(dialog, qtbot, worksheet="sheet")
    assert dialog.preview.text.toPlainText().startswith("Sheet 3: worksheet")
    sheet = dialog.choice
    assert (sheet.title, sheet.depth, sheet.has_formulas, sheet.room) == ("Sheet 3", 0, False, 3)
    dialog.reject()


def test_the_wheel_scrolls_the_options_and_changes_none(dialog: ReportDialog) -> None:
    before = dialog.choice
    dialog.resize(dialog.width(), 400)
    QApplication.processEvents()
    QApplication.sendEvent(dialog.options.form, wheel_over(dialog.options.form))
    assert dialog.choice == before
    assert dialog.options.verticalScrollBar().maximum() > 0


def test_too_much_to_list(studio: Studio, qtbot: QtBot) -> None:
    window = opened_window(studio, "resnet-18")
    for path in (("layer1",), ("layer2",), ("layer2", "rest")):
        window.document.apply(edits.set_field(window.document.design, [path], "repeat", 10_000))
    dialog = report_dialog_of(window)
    choose(dialog, qtbot, form="csv")
    assert "at most 30,000 can be listed" in dialog.preview.message.text()
    dialog.reject()


# Remembering.


def test_all_of_it_is_remembered(dialog: ReportDialog, window: MainWindow, qtbot: QtBot, settings: Settings) -> None:
    choose(dialog, qtbot, form="tex", paper="letter", working="all", charted="macs", convention="caffe")
    check(dialog.options.columns, "layer", "macs")
    for switch in (dialog.options.expand, dialog.options.is_log, dialog.options.is_fragment, dialog.options.is_dated):
        switch.setChecked(True)
    chosen = dialog.choice
    assert choice_from_text(settings.report_choice, ReportChoice()) == chosen
    dialog.reject()
    again = report_dialog_of(window)
    assert again.choice == chosen
    again.reject()


# Saving.


@pytest.mark.parametrize("form", FORMS)
def test_saves_every_form(
    dialog: ReportDialog, form: str, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    if form == "pdf":
        need_letters_in_pictures()
    choose(dialog, qtbot, form=form)
    suggested = saving_to(monkeypatch, tmp_path / f"out.{form}")
    save(dialog, qtbot)
    assert suggested == [str(Path.home() / f"alexnet.{form}")]
    content = (tmp_path / f"out.{form}").read_bytes()
    if form != "xlsx":
        assert content == FORMS[form].render(usual_report("alexnet"))
    assert dialog.status.full_text == f"Saved to {tmp_path / f'out.{form}'}"
    assert settings.report_folder == tmp_path


def test_the_suffix_says_the_form(
    dialog: ReportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(dialog, qtbot, form="pdf")
    saving_to(monkeypatch, tmp_path / "out.json")
    save(dialog, qtbot)
    assert json.loads((tmp_path / "out.json").read_text())["design"] == "AlexNet"


def test_a_name_without_suffix_gets_one_and_asks_before_it_replaces(
    dialog: ReportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: Answers
) -> None:
    choose(dialog, qtbot, form="txt")
    saving_to(monkeypatch, tmp_path / "v1.0")
    save(dialog, qtbot)
    assert (tmp_path / "v1.0.txt").exists()
    (tmp_path / "v1.0.txt").write_text("mine")
    answers.give(Button.No)
    save(dialog, qtbot)
    assert (tmp_path / "v1.0.txt").read_text() == "mine"


def test_a_cancelled_dialog_leaves_nothing(
    dialog: ReportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(tmp_path.rglob("*.*"))
    saving_to(monkeypatch, "")
    save(dialog, qtbot)
    assert list(tmp_path.rglob("*.*")) == before


def test_a_place_that_cannot_be_written_is_told(
    dialog: ReportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: Answers
) -> None:
    folder = tmp_path / "gone"
    saving_to(monkeypatch, folder / "out.pdf")
    answers.give(Button.Ok)
    dialog.save_button.click()
    qtbot.waitUntil(lambda: bool(answers.texts))
    assert answers.texts == [f"{folder / 'out.pdf'} cannot be written: No such file or directory."]
    assert not folder.exists()
    assert not dialog.open_button.isVisible()


def test_cancelling_while_it_is_made_writes_nothing(
    dialog: ReportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(dialog, qtbot, form="pdf")
    monkeypatch.setattr(report_job, "SLICE_SECONDS", 0.0)
    saving_to(monkeypatch, tmp_path / "out.pdf")
    dialog.save_button.click()
    assert not dialog.options.isEnabled()
    qtbot.waitUntil(dialog.preview.busy.isVisible)
    dialog.preview.cancel.click()
    assert dialog.options.isEnabled()
    assert dialog.save_button.isEnabled()
    assert not (tmp_path / "out.pdf").exists()


def test_what_was_saved_can_be_opened(
    dialog: ReportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []

    def open_first(url: QUrl) -> bool:
        opened.append(url)
        return len(opened) == 1

    monkeypatch.setattr(QDesktopServices, "openUrl", open_first)
    choose(dialog, qtbot, form="txt")
    saving_to(monkeypatch, tmp_path / "out.txt")
    save(dialog, qtbot)
    dialog.open_button.click()
    assert opened == [QUrl.fromLocalFile(str(tmp_path / "out.txt"))]
    dialog.open_button.click()
    assert dialog.status.full_text == "The system has no program for out.txt"


# The clipboard.


def test_rich_and_plain_text_are_copied(dialog: ReportDialog, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form="html")
    dialog.copy_button.click()
    qtbot.waitUntil(lambda: dialog.status.full_text == "Copied to the clipboard")
    data = QGuiApplication.clipboard().mimeData()
    assert "62,378,344" in data.html()
    assert data.text().startswith("AlexNet\n")


def test_of_a_text_the_text_is_copied(dialog: ReportDialog, qtbot: QtBot) -> None:
    choose(dialog, qtbot, form="tex")
    dialog.copy_button.click()
    qtbot.waitUntil(lambda: dialog.status.full_text == "Copied to the clipboard")
    assert QGuiApplication.clipboard().text().startswith("% AlexNet")
    assert not QGuiApplication.clipboard().mimeData().hasHtml()


# Printing.


def test_prints_the_pages_of_a_pdf(
    dialog: ReportDialog, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def execute(box: QPrintDialog) -> QDialog.DialogCode:
        box.printer().setOutputFileName(str(tmp_path / "printed.pdf"))
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(QPrintDialog, "exec", execute)
    dialog.print_button.click()
    qtbot.waitUntil(lambda: dialog.status.full_text == "Sent to the printer")
    assert (tmp_path / "printed.pdf").read_bytes().startswith(b"%PDF")


def test_nothing_is_printed_if_the_printer_is_not_chosen(
    dialog: ReportDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QPrintDialog] = []

    def refuse(box: QPrintDialog) -> QDialog.DialogCode:
        asked.append(box)
        return QDialog.DialogCode.Rejected

    monkeypatch.setattr(QPrintDialog, "exec", refuse)
    dialog.print_button.click()
    qtbot.waitUntil(lambda: bool(asked))
    assert dialog.status.full_text == ""


@pytest.mark.usefixtures("qapp")
def test_only_the_pages_asked_for(tmp_path: Path) -> None:
    pages = Pages(usual_report("resnet-50"))
    assert len(pages) > 3
    painted: list[int] = []

    class Counted(Pages):
        def __init__(self) -> None:
            self.__dict__.update(pages.__dict__)

        def paint(self, painter: object, number: int) -> None:
            painted.append(number)

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    printer.setPageLayout(pages.page_layout())
    printer.setFromTo(2, 3)
    assert paint_pages(Counted(), printer)
    assert painted == [1, 2]
    wanted = QPageLayout.Orientation.Landscape if pages.is_landscape else QPageLayout.Orientation.Portrait
    assert printer.pageLayout().orientation() == wanted


# How it is opened.


def test_the_actions_open_it(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, str, bool]] = []

    def execute(dialog: ReportDialog) -> int:
        shown.append((dialog.windowTitle(), dialog.choice.form, dialog.print_button.isDefault()))
        dialog.reject()
        return 0

    monkeypatch.setattr(ReportDialog, "exec", execute)
    window.settings.report_choice = ReportChoice(form="md").to_text()
    window.actions_of["report"].trigger()
    window.actions_of["print"].trigger()
    assert shown == [("Report", "md", False), ("Print", "pdf", True)]


def test_a_comparison_is_reported_as_its_window_shows_it(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []

    def execute(dialog: ReportDialog) -> int:
        dialog.show()
        choose(dialog, qtbot, form="md")
        texts.append(dialog.preview.text.toPlainText())
        assert not dialog.options.columns.isVisible()
        assert not dialog.options.worksheet.isVisible()
        dialog.reject()
        return 0

    monkeypatch.setattr(ReportDialog, "exec", execute)
    window = opened_window(studio, "vgg-16")
    path = find_builtin("vgg-19")
    assert path is not None
    subjects = (OpenSubject(window.document, window.view_state, "now"), file_subject(read_design(path), path))
    shown = show_comparison(subjects, window)
    shown.only_differences.trigger()
    shown.quantity.setCurrentIndex(shown.quantity.findData("macs"))
    shown.report.trigger()
    assert texts[0].startswith("# VGG-16 and VGG-19 compared\n")
    assert "| conv3\\_4 | Conv2D | 256 × 56 × 56 |  | 1,849,688,064 | **+1,849,688,064** |" in texts[0]
    assert "conv3\\_3" not in texts[0]


def test_closing_gives_up_what_is_being_made(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_job, "SLICE_SECONDS", 0.0)
    dialog = report_dialog_of(window)
    dialog.show()
    assert dialog._preview_job is not None
    dialog.reject()
    assert dialog._preview_job is None
    qtbot.wait(30)
