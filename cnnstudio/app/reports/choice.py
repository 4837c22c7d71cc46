"""The choices for a report, of the dialog and of the command line, and the report that they ask for. Knows no Qt."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec
from msgspec import Struct, structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN, REPORT_COLUMNS, report_columns
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.core.counting.rows import Entry
from cnnstudio.drawings.chart.bar import METRICS
from cnnstudio.drawings.diagram import Style
from cnnstudio.reports.content.manuscript import Light, Page, Paper
from cnnstudio.reports.content.report import (
    GIVABLE,
    MAX_ROOM,
    PARTS,
    USUAL_PARTS,
    USUAL_ROOM,
    WORKSHEET_COLUMNS,
    ReportRequest,
    Worksheet,
    all_working,
    answer_working,
    worksheet_columns,
)

USUAL_BLANKS: Final = tuple(quantity.key for quantity in placed("worksheet"))
LETTER_COUNTRIES: Final = ("US", "CA", "MX", "PH", "CL", "CO", "VE")
"""Countries that use Letter paper."""


class ReportChoice(Struct, frozen=True, kw_only=True):
    """The form, what is in the report, and how it is laid out.

    `columns` are keys in the order of the table, `working` whose working is shown, `worksheet` whether it is one or
    its key, `given` what it tells, and `blank` what is left out of it. An empty `convention` is the design's own, and
    so is an empty `title`; `depth` is how many levels of blocks are opened, None for all.
    """

    form: str = "pdf"
    title: str = ""
    parts: tuple[str, ...] = USUAL_PARTS
    columns: tuple[str, ...] = REPORT_COLUMNS
    expand: bool = False
    depth: int | None = None
    working: Literal["none", "selected", "all"] = "none"
    metric: str = "parameters"
    is_log: bool = False
    diagram: Style = "boxes"
    worksheet: Literal["none", "sheet", "key"] = "none"
    given: tuple[str, ...] = WORKSHEET_COLUMNS
    blank: tuple[str, ...] = USUAL_BLANKS
    has_formulas: bool = True
    room: int = USUAL_ROOM
    convention: str = ""
    is_dated: bool = False
    paper: Paper = "a4"
    light: Light = "auto"
    is_fragment: bool = False

    @property
    def page(self) -> Page:
        """The layout of the page."""
        return Page(paper=self.paper, light=self.light, is_fragment=self.is_fragment)

    def to_text(self) -> str:
        """The choice as the settings keep it: without the title, which belongs to one report."""
        return msgspec.json.encode(structs.replace(self, title="")).decode()


def choice_from_text(text: str, usual: ReportChoice) -> ReportChoice:
    """The choice that was kept; the usual one, in whole or in part, where it is not known any more."""
    try:
        kept = msgspec.json.decode(text, type=ReportChoice)
    except (msgspec.DecodeError, ValueError):
        return usual
    columns = tuple(key for key in kept.columns if key in COLUMN)
    return structs.replace(
        kept,
        parts=tuple(key for key in kept.parts if key in PARTS),
        columns=columns or usual.columns,
        given=tuple(key for key in kept.given if key in GIVABLE) or usual.given,
        blank=tuple(key for key in kept.blank if key in COLUMN),
        metric=kept.metric if kept.metric in METRICS else usual.metric,
        room=max(0, min(MAX_ROOM, kept.room)),
        convention=kept.convention if kept.convention in CONVENTIONS else "",
    )


def usual_paper(country: str) -> Paper:
    """The paper of a country, by its two letters."""
    return "letter" if country in LETTER_COUNTRIES else "a4"


def report_request(
    analysis: Analysis,
    choice: ReportChoice,
    *,
    selected: tuple[Entry | None, ...] | None = None,
    day: date | None = None,
    lines: dict[str, int] | None = None,
) -> ReportRequest:
    """The report of a design that is chosen; `selected` are the entries whose working is wanted, if only of some."""
    sheet = None
    if choice.worksheet != "none":
        has_answers = choice.worksheet == "key"
        sheet = Worksheet(choice.blank, has_answers, choice.has_formulas, choice.room)
    is_usual = choice.columns == REPORT_COLUMNS
    columns = report_columns(analysis) if is_usual else tuple(COLUMN[key] for key in choice.columns)
    # Whoever wants every layer of every repeat has no blocks to open.
    depth = None if choice.expand else choice.depth
    return ReportRequest(
        analysis=analysis,
        title=choice.title,
        columns=columns if sheet is None else worksheet_columns(analysis, sheet.blank, choice.given),
        parts=tuple(key for key in PARTS if key in choice.parts),
        expand=choice.expand,
        depth=depth,
        working=_working(analysis, choice, sheet, depth) if selected is None else selected,
        metric=choice.metric,
        is_log=choice.is_log,
        diagram=choice.diagram,
        date=day,
        worksheet=sheet,
        lines=lines or {},
        page=choice.page,
    )


def _working(
    analysis: Analysis, choice: ReportChoice, sheet: Worksheet | None, depth: int | None
) -> tuple[Entry | None, ...]:
    if sheet is not None:
        return answer_working(analysis, sheet.blank, expand=choice.expand) if sheet.has_answers else ()
    return all_working(analysis, expand=choice.expand, depth=depth) if choice.working == "all" else ()
