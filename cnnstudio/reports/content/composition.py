"""Composes the manuscript of a report on one design."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from cnnstudio.core.arithmetic.derivation import Working, symbol_text
from cnnstudio.core.arithmetic.numerals import number_of
from cnnstudio.core.comparison.similarity import bare
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.core.counting.quantity_places import IN_HEADLINE
from cnnstudio.core.counting.rows import Entry, Row, unknown_text
from cnnstudio.core.counting.textbook import textbook_workings, zeros_joined
from cnnstudio.core.counting.working import goes_without_saying, joined_axes
from cnnstudio.core.network.design import ELEMENT_BYTES
from cnnstudio.core.network.layer import Layer
from cnnstudio.core.network.problem import Problem, listed
from cnnstudio.drawings.chart.bar import METRICS
from cnnstudio.drawings.colours import PageColours
from cnnstudio.drawings.diagram import diagram_drawing
from cnnstudio.drawings.diagram.bounds import require_drawable
from cnnstudio.drawings.diagram.drawing import Drawing
from cnnstudio.drawings.diagram.graph import every_block, graph_of
from cnnstudio.layers.families import FAMILY_TITLES
from cnnstudio.reports.content.chosen_bars import chosen_bars
from cnnstudio.reports.content.dates import date_text
from cnnstudio.reports.content.explanation import entry_title, flow_lines, readable_workings
from cnnstudio.reports.content.layer_table import layer_records, layer_table, subtotals_table
from cnnstudio.reports.content.legend import legend
from cnnstudio.reports.content.machine_report import machine_report
from cnnstudio.reports.content.manuscript import (
    Chart,
    Facts,
    Figure,
    Formulas,
    Manuscript,
    Part,
    Prose,
    Remarks,
    ReportedProblem,
    Section,
    Worked,
)
from cnnstudio.reports.content.memory_part import memory_part
from cnnstudio.reports.content.report import PARTS, PartKey, ReportRequest
from cnnstudio.reports.terminal.table import table_lines
from cnnstudio.reports.terminal.totals_text import one_line, totals_facts

MAX_EQUALS: Final = 12
"""Equal layers that are named."""
MAX_PROBLEMS: Final = 1_000
"""Problems that a report lists, of more than that the errors first."""
MAX_WORKED: Final = 1_200
"""Layers that differ up to which a report has the working of all: a PDF of it has some 900 pages."""
MAX_DRAWN: Final = 40
"""Lines of the table up to which a diagram shows what is in the blocks."""
DRAWN_WIDTH: Final = 900.0
"""Pixels that a row of volumes may take before it wraps: on paper the texts can still be read."""
_HIDDEN_IN_WORKSHEETS: Final = ("totals", "kinds", "stages", "chart", "memory", "diagram", "problems")
"""Parts that would give the answers away."""


def compose(report: ReportRequest, *, is_read: bool = True) -> Manuscript:
    """The manuscript of a report; of a worksheet or its key, if it is one. What is not read needs no sections."""
    design = report.analysis.design
    name = one_line(report.title or design.name)
    return Manuscript(
        title=_title(name, report),
        # On a sheet the date stands where the student would write it.
        date=None if report.worksheet is not None and not report.worksheet.has_answers else report.date,
        lead=tuple(_lead(report)),
        headline=_headline(report),
        sections=tuple(_sections(report)) if is_read else (),
        records=lambda: layer_records(report),
        data=lambda: machine_report(report),
        page=report.page,
    )


def _title(name: str, report: ReportRequest) -> str:
    if report.worksheet is None:
        return name
    return f"{name}: answer key" if report.worksheet.has_answers else f"{name}: worksheet"


def _lead(report: ReportRequest) -> Iterator[str]:
    """The note of the design, which may tell numbers, or what students are to do."""
    sheet = report.worksheet
    if "note" in report.parts and (sheet is None or sheet.has_answers):
        yield from (text for line in report.analysis.design.note.splitlines() if (text := one_line(line).strip()))
    if sheet is not None and not sheet.has_answers:
        titles = [column.title for column in report.columns if column.key in sheet.blank]
        yield f"Fill in the {'column' if len(titles) == 1 else 'columns'} {listed(titles)}."


def _headline(report: ReportRequest) -> tuple[tuple[str, str], ...]:
    if report.worksheet is not None or "totals" not in report.parts:
        return ()
    return tuple(
        (quantity.total(report.analysis).brief(quantity.unit.short), quantity.headline) for quantity in IN_HEADLINE
    )


def _sections(report: ReportRequest) -> Iterator[Section]:
    hidden = _HIDDEN_IN_WORKSHEETS if report.worksheet is not None else ()
    if report.worksheet is not None:
        yield Section("counting", "", tuple(_worksheet_head(report)))
    for key, title in PARTS.items():
        make = _MAKERS.get(key)
        if make is None or key not in report.parts or key in hidden:
            continue
        parts = tuple(make(report))
        if parts:
            yield Section(key, title, parts)
    working = tuple(_worked(report))
    if working:
        yield Section("working", "Working", working)


def _worksheet_head(report: ReportRequest) -> Iterator[Part]:
    """The lines for students' names, and what they need to know to answer."""
    sheet = report.worksheet
    if sheet is not None and not sheet.has_answers:
        day = date_text(report.date) if report.date else ""
        yield Facts((("Name", ""), ("Class", ""), ("Date", day), ("Points", "")))
    element = report.analysis.design.element_type
    is_sized = sheet is not None and any(key.endswith("_bytes") for key in sheet.blank)
    size = [("Element type", f"{element}, {ELEMENT_BYTES[element]} bytes for each number")] if is_sized else []
    yield Facts((*_inputs(report.analysis), *size, ("Convention", report.analysis.convention.sentence)))
    if sheet is not None and not sheet.has_answers and sheet.has_formulas:
        formulas = _formulas(report, set(sheet.blank))
        yield from (formulas,) if formulas.lines else ()


def _formulas(report: ReportRequest, blank: set[str]) -> Formulas:
    """The formulas by which blanks are filled in, without numbers, and what their symbols mean.

    For each type of layer those of its first one; others, as of a grouped convolution, name the layers they are for.
    """
    names: dict[tuple[str, str], dict[str, None]] = {}
    found: dict[tuple[str, str], tuple[Working, ...]] = {}
    symbols: dict[str, str] = {}
    for row in report.analysis.rows:
        workings = {_text(each): each for each in textbook_workings(row, report.analysis) if _has_formula(each, blank)}
        if not workings:
            continue
        key = row.layer.type_name, "; ".join(workings)
        if key not in found:
            found[key] = tuple(workings.values())
            _add_symbols(symbols, found[key], row.layer)
        names.setdefault(key, {})[row.layer.name] = None
    first = dict(reversed(names))
    titles: dict[tuple[str, str], str] = {}
    for key, of in names.items():
        kept = ", ".join(map(one_line, islice(of, MAX_EQUALS))) + (", …" if len(of) > MAX_EQUALS else "")
        titles[key] = key[0] if first[key[0]] == key[1] else f"{key[0]} ({kept})"
    told = "; ".join(f"{symbol_text(known)}: {words}" for words, known in symbols.items())
    pairs = [(title, key[1]) for key, title in titles.items()] + [("Symbols", told)] * bool(symbols)
    meanings = tuple((known, words) for words, known in symbols.items())
    return Formulas(tuple(pairs), tuple((title, found[key]) for key, title in titles.items()), meanings)


def _add_symbols(symbols: dict[str, str], workings: tuple[Working, ...], layer: Layer) -> None:
    """Adds what they mean; of one that means something else in another layer, for which type it is."""
    for known, words in legend(workings, layer):
        if words not in symbols:
            others = {name for names in symbols.values() for name in names.split(", ")}
            is_other = bool(others.intersection(known.split(", ")))
            symbols[f"{words} (of a {layer.type_name})" if is_other else words] = known


def _text(working: Working) -> str:
    """`O_h = floor((I_h − K_h + 2 · P_h) / S_h) + 1`, as text."""
    return f"{symbol_text(working.symbol) or working.name} = {working.steps()[0]}"


def _has_formula(working: Working, blank: set[str]) -> bool:
    return working.key in blank and working.is_computed


def _totals(report: ReportRequest) -> Iterator[Part]:
    analysis = report.analysis
    facts = [*_inputs(analysis), *_outputs(analysis), ("Layers", f"{analysis.totals.layers:,}")]
    yield Facts((*facts, *totals_facts(analysis), ("Convention", analysis.convention.sentence)))


def _inputs(analysis: Analysis) -> list[tuple[str, str]]:
    """The size of every input of the network."""
    rows = [entry for entry in analysis.entries if isinstance(entry, Row) and entry.layer.max_inputs == 0]
    names = [f" {one_line(row.layer.name)}" if len(rows) > 1 else "" for row in rows]
    return [(f"Input{name}", _shape(row, analysis)) for name, row in zip(names, rows, strict=True)]


def _outputs(analysis: Analysis) -> list[tuple[str, str]]:
    return [("Output", _shape(analysis.entries[-1], analysis))] if analysis.entries else []


def _shape(entry: Entry, analysis: Analysis) -> str:
    shape = entry.output_shape
    if shape is None:
        return unknown_text(entry)
    order = f" ({analysis.convention.shape_order})" if len(shape.spatial) == 2 else ""
    return analysis.convention.shape_text(shape) + order


def _table(report: ReportRequest) -> Iterator[Part]:
    yield layer_table(report)
    if report.worksheet is not None and not report.worksheet.has_answers and report.worksheet.room:
        yield Facts((("Working", ""), *((" ", ""),) * (report.worksheet.room - 1)))


def _kinds(report: ReportRequest) -> Iterator[Part]:
    yield subtotals_table(report, "kind")


def _stage_table(report: ReportRequest) -> Iterator[Part]:
    yield subtotals_table(report, "stage")


def _chart(report: ReportRequest) -> Iterator[Part]:
    bars, remark = chosen_bars(report.analysis, report.metric, depth=report.depth)
    if bars:
        title = f"{METRICS[report.metric]} by layer"
        total = COLUMN[report.metric].total_text(report.analysis)
        yield Chart(bars, report.metric, title, f"{total} in all{remark}", FAMILY_TITLES, report.is_log)


def _diagram(report: ReportRequest) -> Iterator[Part]:
    """The network drawn, its blocks folded where it has more layers than a page has room for.

    Raises ValueError where there is too much to be drawn even so.
    """
    analysis = report.analysis
    if not analysis.entries:
        return
    shown = sum(1 for _ in table_lines(analysis, expand=False))
    folded = every_block(analysis.design) if shown > MAX_DRAWN else ()
    # Here, where whoever composes expects it: a form draws when it comes to the figure.
    require_drawable(graph_of(analysis, folded))

    def shapes(colours: PageColours) -> Drawing:
        return diagram_drawing(
            analysis,
            colours,
            style=report.diagram,
            direction=None,
            folded=folded,
            channels_last=analysis.convention.channels_last,
            labels=None,
            legend=FAMILY_TITLES,
            wrap=DRAWN_WIDTH,
        )

    layers = number_of(analysis.totals.layers, "layer")
    yield Figure(shapes, f"The diagram of {one_line(analysis.design.name)}: {layers}, from the input to the output.")


def _problems(report: ReportRequest) -> Iterator[Part]:
    problems = report.analysis.problems
    told = [*report.analysis.errors, *[problem for problem in problems if problem.severity != "error"]]
    told = list(problems) if len(problems) <= MAX_PROBLEMS else told[:MAX_PROBLEMS]
    remarks = tuple(_remark(problem, report.lines.get(problem.path)) for problem in told)
    if remarks:
        yield Remarks(remarks)
    if len(problems) > len(remarks):
        yield Prose((f"And {len(problems) - len(remarks):,} more; `cnnstudio check` lists them all.",))


def _remark(problem: Problem, line: int | None) -> ReportedProblem:
    return ReportedProblem(
        problem.severity, one_line(problem.path), one_line(problem.sentence), one_line(problem.remedy), line
    )


def _worked(report: ReportRequest) -> Iterator[Worked]:
    """The workings asked for; in the key of a worksheet those of the blank columns alone."""
    wanted = set(report.worksheet.blank) if report.worksheet is not None else None
    if report.worksheet is not None and not report.worksheet.has_answers:
        return
    groups = list(_once(report.working))
    if len(groups) > MAX_WORKED:
        raise ValueError(
            f"the working has {len(groups):,} layers that differ, and at most {MAX_WORKED:,} are written out; "
            "name those that are wanted, or write JSON"
        )
    for entry, equals in groups:
        found = _chosen(entry, report, wanted)
        if found:
            symbols = tuple(legend(found, entry.layer)) if isinstance(entry, Row) else ()
            aside = (*map(one_line, flow_lines(entry, report.analysis)), *_equal_layers(equals))
            yield Worked(entry_title(entry, report.analysis), aside, found, symbols, not isinstance(entry, Row))


def _once(entries: tuple[Entry | None, ...]) -> Iterator[tuple[Entry | None, list[Row]]]:
    """Each entry with the layers that are set alike and receive the same shapes: these are worked out with it."""
    groups: dict[Any, tuple[Entry | None, list[Row]]] = {}
    for number, entry in enumerate(entries):
        key = (bare(entry.layer), entry.input_shapes) if isinstance(entry, Row) else number
        if key in groups and isinstance(entry, Row):
            groups[key][1].append(entry)
        else:
            groups[key] = (entry, [])
    yield from groups.values()


def _equal_layers(equals: list[Row]) -> Iterator[str]:
    if equals:
        paths = ", ".join(one_line(row.path) for row in equals[:MAX_EQUALS])
        more = f" and {len(equals) - MAX_EQUALS:,} more" if len(equals) > MAX_EQUALS else ""
        count = "1 equal layer" if len(equals) == 1 else f"{len(equals):,} equal layers"
        yield f"and {count}, but for what they see of the input: {paths}{more}"


def _chosen(entry: Entry | None, report: ReportRequest, wanted: set[str] | None) -> tuple[Working, ...]:
    found = readable_workings(entry, report.analysis)
    if wanted is not None:
        found = tuple(working for working in found if working.key in wanted)
    return zeros_joined(joined_axes(working for working in found if not goes_without_saying(working, found)))


_MAKERS: Final[dict[PartKey, Callable[[ReportRequest], Iterator[Part]]]] = {
    "totals": _totals,
    "kinds": _kinds,
    "stages": _stage_table,
    "table": _table,
    "chart": _chart,
    "memory": memory_part,
    "diagram": _diagram,
    "problems": _problems,
}
