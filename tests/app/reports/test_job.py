"""Reports being made: in steps, to be cancelled at any moment, the same as those of the command line."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from cnnstudio.app.reports import job as report_job
from cnnstudio.app.reports.forms import FORMS
from cnnstudio.app.reports.job import Made, ReportJob, content_job, copy_job, pages_job, preview_job
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.drawings.colours import LIGHT_PAGE
from cnnstudio.formats.builtin import open_design
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.manuscript import Manuscript
from cnnstudio.reports.content.report import ReportRequest, all_working
from cnnstudio.reports.form_table import ReportError
from tests.app.drawing import need_letters_in_pictures


def manuscript(name: str = "alexnet", *, working: bool = False) -> Manuscript:
    analysis = analyze(open_design(name).design)
    return compose(ReportRequest(analysis=analysis, working=all_working(analysis) if working else ()))


def made_by(job: ReportJob, qtbot: QtBot) -> Made:
    with qtbot.waitSignal(job.done) as waiting:
        job.start()
    assert waiting.args is not None
    made = waiting.args[0]
    assert isinstance(made, Made)
    assert not job.is_running
    return made


@pytest.fixture
def parent(qapp: QObject) -> QObject:
    return QObject(qapp)


@pytest.mark.parametrize("form", FORMS)
def test_the_content_is_what_the_form_writes(form: str, qtbot: QtBot, parent: QObject) -> None:
    if form == "pdf":
        need_letters_in_pictures()
    made = made_by(content_job(manuscript, form, parent), qtbot)
    if form == "xlsx":
        assert made.content[:2] == b"PK"
    else:
        assert made.content == FORMS[form].render(manuscript())


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_a_preview(form: str, qtbot: QtBot, parent: QObject) -> None:
    made = made_by(preview_job(manuscript, form, LIGHT_PAGE, parent), qtbot)
    assert (made.pages is not None) == (form == "pdf")
    assert (made.rich is not None) == (form in ("html", "xlsx"))
    if form not in ("pdf", "html", "xlsx"):
        assert made.text == FORMS[form].render(manuscript()).decode()
    assert not made.is_cut


def test_a_long_preview_is_cut(qtbot: QtBot, parent: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_job, "MAX_TEXT_LINES", 5)
    monkeypatch.setattr(report_job, "MAX_PREVIEWED_LINES", 5)
    text = made_by(preview_job(manuscript, "md", LIGHT_PAGE, parent), qtbot)
    assert (text.is_cut, text.text.count("\n")) == (True, 5)
    rich = made_by(preview_job(manuscript, "html", LIGHT_PAGE, parent), qtbot)
    assert rich.is_cut


def test_what_is_copied(qtbot: QtBot, parent: QObject) -> None:
    made = made_by(copy_job(manuscript, "pdf", parent), qtbot)
    assert made.rich is not None
    assert "<table" in made.rich.html
    assert made.text == FORMS["txt"].render(manuscript()).decode()
    table = made_by(copy_job(manuscript, "xlsx", parent), qtbot)
    assert table.text == FORMS["tsv"].render(manuscript()).decode()
    plain = made_by(copy_job(manuscript, "tex", parent), qtbot)
    assert (plain.rich, plain.text) == (None, FORMS["tex"].render(manuscript()).decode())


def test_pages_for_a_printer(qtbot: QtBot, parent: QObject) -> None:
    pages = made_by(pages_job(lambda: manuscript("vgg-16"), parent), qtbot).pages
    assert pages is not None
    assert len(pages) >= 2


def test_events_go_on_between_the_steps(qtbot: QtBot, parent: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_job, "SLICE_SECONDS", 0.0)
    beats: list[int] = []
    timer = QTimer(parent)
    timer.timeout.connect(lambda: beats.append(1))
    job = content_job(lambda: manuscript("resnet-50", working=True), "pdf", parent)
    numbers: list[int] = []
    job.progressed.connect(numbers.append)
    monkeypatch.setattr(report_job, "SLICE_SECONDS", 0.001)
    timer.start(0)
    made = made_by(job, qtbot)
    assert made.pages is not None
    assert len(beats) > len(made.pages)
    assert max(numbers) == len(made.pages)


def test_the_thread_knows_no_qt(qtbot: QtBot, parent: QObject) -> None:
    names: list[str] = []

    def composed() -> Manuscript:
        names.append(threading.current_thread().name)
        return manuscript()

    made_by(pages_job(composed, parent), qtbot)
    assert names != [threading.main_thread().name]


def test_a_job_that_is_cancelled_says_nothing(qtbot: QtBot, parent: QObject) -> None:
    gate = threading.Event()

    def waiting() -> Manuscript:
        gate.wait(10)
        return manuscript()

    job = content_job(waiting, "html", parent)
    said: list[object] = []
    job.done.connect(said.append)
    job.failed.connect(said.append)
    job.start()
    job.cancel()
    gate.set()
    qtbot.wait(60)
    assert (said, job.is_running) == ([], False)


def test_a_job_that_is_cancelled_while_it_lays_out(
    qtbot: QtBot, parent: QObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_job, "SLICE_SECONDS", 0.0005)
    job = content_job(lambda: manuscript("resnet-50", working=True), "pdf", parent)
    said: list[object] = []
    job.done.connect(said.append)
    with qtbot.waitSignal(job.progressed):
        job.start()
    job.cancel()
    qtbot.wait(40)
    assert said == []


@pytest.mark.parametrize("error", [ReportError("it is not to be."), ValueError("too much of it")])
def test_a_refusal_is_told_in_its_sentence(error: Exception, qtbot: QtBot, parent: QObject) -> None:
    def refusing() -> Manuscript:
        raise error

    job = content_job(refusing, "html", parent)
    with qtbot.waitSignal(job.failed) as waiting:
        job.start()
    assert waiting.args == [str(error)]
