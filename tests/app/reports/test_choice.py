"""The remembered choices of a report: all of it, and nothing that is not known any more."""

from __future__ import annotations

import pytest

from cnnstudio.app.reports.choice import ReportChoice, choice_from_text, report_request, usual_paper
from cnnstudio.reports.content.report import MAX_ROOM
from tests.networks import builtin

USUAL = ReportChoice()


def test_everything_comes_back() -> None:
    choice = ReportChoice(
        form="tex",
        parts=("chart", "table"),
        columns=("layer", "macs"),
        expand=True,
        depth=2,
        has_formulas=False,
        room=20,
        working="all",
        metric="macs",
        is_log=True,
        diagram="volumes",
        worksheet="key",
        blank=("macs",),
        convention="keras",
        is_dated=True,
        paper="letter",
        light="dark",
        is_fragment=True,
    )
    assert choice_from_text(choice.to_text(), USUAL) == choice


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"paper": "a5"}', '{"expand": 3}', '{"columns": 7}', "\x00"])
def test_what_cannot_be_read_is_forgotten(text: str) -> None:
    assert choice_from_text(text, USUAL) == USUAL


def test_what_is_not_known_any_more_is_left_out() -> None:
    kept = ReportChoice(
        columns=("gone", "macs"), parts=("gone", "note"), metric="gone", convention="gone", blank=("x",)
    )
    found = choice_from_text(kept.to_text(), USUAL)
    assert (found.columns, found.parts, found.metric, found.convention, found.blank) == (
        ("macs",),
        ("note",),
        "parameters",
        "",
        (),
    )
    assert choice_from_text(ReportChoice(columns=("gone",)).to_text(), USUAL).columns == USUAL.columns


def test_the_title_belongs_to_one_report_and_room_has_a_bound() -> None:
    found = choice_from_text(ReportChoice(title="Sheet 3", room=10_000).to_text(), USUAL)
    assert (found.title, found.room) == ("", MAX_ROOM)


def test_blocks_that_are_closed_are_worked_out_as_one_line() -> None:
    analysis = builtin("resnet-18")
    opened = report_request(analysis, ReportChoice(working="all")).working
    closed = report_request(analysis, ReportChoice(working="all", depth=0)).working
    assert [entry.place for entry in closed if entry] == [entry.place for entry in analysis.entries]
    assert len(opened) > len(closed)
    every = report_request(analysis, ReportChoice(working="all", depth=0, expand=True))
    assert (every.depth, len(every.working)) == (None, len(analysis.rows) + 1)


def test_paper() -> None:
    assert (usual_paper("US"), usual_paper("DE"), usual_paper("")) == ("letter", "a4", "a4")
