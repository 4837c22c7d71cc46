"""The content of a report, before it is written in a format: sections of facts, tables, charts, drawings, problems and
workings.

Whatever is reported is composed into a `Manuscript`, and each form writes any manuscript. So one composition gives
every form, and one form serves every report. Texts are single lines without control characters; what else a design
can hold is in them, and each form makes it harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Literal, TypeVar

from msgspec import Struct

from cnnstudio.core.arithmetic.derivation import Working
from cnnstudio.core.arithmetic.measure import Bound
from cnnstudio.core.network.problem import Severity
from cnnstudio.drawings.chart.bar import Bar
from cnnstudio.drawings.colours import PageColours
from cnnstudio.drawings.diagram.drawing import Drawing
from cnnstudio.drawings.diagram.svg import svg_of

Paper = Literal["a4", "letter"]
Light = Literal["auto", "light", "dark"]
PAPERS: tuple[Paper, ...] = ("a4", "letter")
LIGHTS: tuple[Light, ...] = ("auto", "light", "dark")
Kind = Literal["text", "count", "bytes", "share"]
"""The kind of a column's values: words, a count, a size in bytes, or a part of 1."""
Tone = Literal["plain", "unknown", "blank", "answer", "changed"]
"""The tone of a cell: as it is, not known, left for the reader to fill in, the answer to that, or worth a look."""


class Page(Struct, frozen=True, kw_only=True):
    """Page options beside the words; each format uses those that concern it.

    `light` is for HTML: `auto` is light or dark as the reader's screen is. `is_fragment` is for LaTeX: the tables
    alone, to be put into a document of one's own.
    """

    paper: Paper = "a4"
    light: Light = "auto"
    is_fragment: bool = False


class TableField(Struct, frozen=True):
    """A column of a table: the key for machines, the title for people, and what its values are."""

    key: str
    title: str
    help: str = ""
    align: Literal["left", "right"] = "left"
    kind: Kind = "text"


class Cell(Struct, frozen=True, gc=False):
    """A cell: its text, the raw value behind it (None for unknown or nothing), how it is meant, and how it is known."""

    text: str
    value: int | float | str | bool | None = None
    tone: Tone = "plain"
    bound: Bound = "exact"


class TableLine(Struct, frozen=True):
    """A line of a table. `depth` says how deep it lies in blocks, `family` whose colour it has, if any."""

    cells: tuple[Cell, ...]
    kind: Literal["row", "block", "total"] = "row"
    depth: int = 0
    family: str = ""


class Table(Struct, frozen=True):
    """Lines under fields; `total` sums up the lines of depth 0 where a field is a count. `remarks` stand below it."""

    fields: tuple[TableField, ...]
    lines: tuple[TableLine, ...]
    total: TableLine | None = None
    remarks: tuple[str, ...] = ()
    caption: str = ""


class Prose(Struct, frozen=True):
    """Paragraphs."""

    paragraphs: tuple[str, ...]


class Facts(Struct, frozen=True):
    """Names and what there is to say of them, one a line; nothing where the reader is to write."""

    pairs: tuple[tuple[str, str], ...]


class Formulas(Facts, frozen=True):
    """Formulas without numbers by what they are for, and what their symbols mean; `pairs` says all of it as text."""

    lines: tuple[tuple[str, tuple[Working, ...]], ...]
    symbols: tuple[tuple[str, str], ...] = ()


class Chart(Struct, frozen=True):
    """A chart of bars. `metric` is the key of what they show, `families` the title of each family in it."""

    bars: tuple[Bar, ...]
    metric: str
    title: str
    remark: str
    families: dict[str, str]
    is_log: bool = False


class Figure(Struct, frozen=True):
    """A picture: `shapes` draws it in given colours; `words` say what it shows, to those who do not see it."""

    shapes: Callable[[PageColours], Drawing]
    words: str

    def svg(self, colours: PageColours) -> str:
        """The picture as SVG."""
        return svg_of(self.shapes(colours), self.words)


class ReportedProblem(Struct, frozen=True):
    """A problem of the design: where, what was received, and what to change."""

    severity: Severity
    place: str
    sentence: str
    remedy: str
    line: int | None = None


class Remarks(Struct, frozen=True):
    """Problems, in the order of the design."""

    remarks: tuple[ReportedProblem, ...]


class Worked(Struct, frozen=True):
    """The working of a layer, a block or the whole network. `has_names` says that its symbols are names of layers."""

    title: str
    aside: tuple[str, ...]
    workings: tuple[Working, ...]
    symbols: tuple[tuple[str, str], ...] = ()
    has_names: bool = False


Part = Prose | Facts | Formulas | Table | Chart | Figure | Remarks | Worked
AnyPart = TypeVar("AnyPart", Prose, Facts, Formulas, Table, Chart, Figure, Remarks, Worked)


class Section(Struct, frozen=True):
    """A part of a manuscript under a title of its own, or without one."""

    key: str
    title: str
    parts: tuple[Part, ...]


class Manuscript(Struct, frozen=True, kw_only=True):
    """All that a report says.

    `headline` has the few numbers that are set large, each with its words; the sections say them again. `records`
    is the table for CSV and TSV, and `data` what JSON holds: functions, as only those forms ask for them. Both may
    raise ValueError with a sentence where there is too much to be listed. `text` is plain text laid out by itself.
    """

    title: str
    subtitle: str = ""
    date: date | None = None
    lead: tuple[str, ...] = ()
    headline: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...]
    records: Callable[[], Table]
    data: Callable[[], Any]
    text: Callable[[], str] | None = None
    page: Page = Page()

    def parts(self, kind: type[AnyPart]) -> list[AnyPart]:
        """Every part of a kind, in order."""
        return [part for section in self.sections for part in section.parts if isinstance(part, kind)]
