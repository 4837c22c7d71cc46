"""The choices for a report: remembered from one report to the next. Knows no Qt."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import Struct, structs

from cnnstudio.core.arithmetic.convention import CONVENTIONS
from cnnstudio.core.counting.columns import COLUMN, REPORT_COLUMNS
from cnnstudio.core.counting.quantity_places import placed
from cnnstudio.drawings.chart.bar import METRICS
from cnnstudio.drawings.diagram import Style
from cnnstudio.reports.content.manuscript import Light, Page, Paper
from cnnstudio.reports.content.report import GIVABLE, PARTS, USUAL_PARTS, WORKSHEET_COLUMNS

WORKINGS: Final = ("none", "selected", "all")
SHEETS: Final = ("none", "sheet", "key")
USUAL_BLANKS: Final = tuple(quantity.key for quantity in placed("worksheet"))
LETTER_COUNTRIES: Final = ("US", "CA", "MX", "PH", "CL", "CO", "VE")
"""Countries that use Letter paper."""


class ReportChoice(Struct, frozen=True, kw_only=True):
    """The form, what is in the report, and how it is laid out.

    `columns` are keys in the order of the table, `working` whose working is shown, `worksheet` whether it is one or
    its key, `given` what it tells, and `blank` what is left out of it. An empty `convention` is the design's own.
    """

    form: str = "pdf"
    parts: tuple[str, ...] = USUAL_PARTS
    columns: tuple[str, ...] = REPORT_COLUMNS
    expand: bool = False
    working: Literal["none", "selected", "all"] = "none"
    metric: str = "parameters"
    is_log: bool = False
    diagram: Style = "boxes"
    worksheet: Literal["none", "sheet", "key"] = "none"
    given: tuple[str, ...] = WORKSHEET_COLUMNS
    blank: tuple[str, ...] = USUAL_BLANKS
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
        """The choice as the settings keep it."""
        return msgspec.json.encode(self).decode()


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
        convention=kept.convention if kept.convention in CONVENTIONS else "",
    )


def usual_paper(country: str) -> Paper:
    """The paper of a country, by its two letters."""
    return "letter" if country in LETTER_COUNTRIES else "a4"
