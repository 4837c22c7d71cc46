"""`cnnstudio report`: designs as web page, PDF, LaTeX, Markdown, workbook, CSV, JSON or text."""

from __future__ import annotations

import sys
from argparse import Namespace, RawDescriptionHelpFormatter
from pathlib import Path

from cnnstudio.app.reports.choice import ReportChoice, report_request
from cnnstudio.app.reports.forms import FORMS, save_report
from cnnstudio.cli.failures import BadFile, UsageError, one_line
from cnnstudio.cli.opening import Opened, columns_of, find_entry, open_source, problem_lines
from cnnstudio.cli.paging import add_page_options, check_page_options
from cnnstudio.cli.parsing import Parser, add_depth, design_parser, known
from cnnstudio.cli.progress import Progress
from cnnstudio.cli.targets import STANDARD_OUTPUT, ReportTarget, targets_of
from cnnstudio.cli.terminal import painter, print_bytes
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN, REPORT_COLUMNS, summary_columns
from cnnstudio.drawings.chart.bar import METRICS
from cnnstudio.drawings.diagram import STYLES
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.report import (
    MAX_ROOM,
    PARTS,
    USUAL_PARTS,
    USUAL_ROOM,
    WORKSHEET_COLUMNS,
    PartKey,
    ReportRequest,
)
from cnnstudio.reports.form_table import ReportError, form_named

EVERY_LAYER = "all"
EXAMPLES = """examples:
  cnnstudio report alexnet -o alexnet.pdf
  cnnstudio report resnet-50 -o resnet.html --diagram --working
  cnnstudio report alexnet -o sheet.pdf --worksheet output,parameters --key key.pdf
  cnnstudio report one.yaml two.yaml -o reports/ --format xlsx"""


def run(words: list[str]) -> int:
    """Writes a report for each design; 2 if one of them cannot be read, the others being written all the same.

    Raises UsageError for a report that cannot be made.
    """
    options = _checked(command_parser().read(words))
    try:
        targets = targets_of(options.file, options.output, options.format, options.key)
        _require_done(targets, options)
        return _write_all(targets, options)
    except ReportError as error:
        raise UsageError(str(error)) from None


def command_parser() -> Parser:
    """The words that it takes."""
    parser = design_parser("report", "Designs written out to be handed in, published or computed with.")
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_design("*", "design files, or names of built-in designs; - is standard input")
    parser.add_file(
        "-o",
        "--output",
        metavar="FILE",
        help=f"the report, its format by its suffix: {', '.join(FORMS)}; a folder for several, or a name with {{name}} "
        "for each design's; - is standard output",
    )
    parser.add_words("--format", FORMS, metavar="FORMAT", help="the format, if no suffix says it")
    parser.add_argument("--title", metavar="TEXT", help="instead of the name of the design")
    parser.add_words("--columns", COLUMN, metavar="A,B,...", help=f"columns of the table, of: {', '.join(COLUMN)}")
    parser.add_argument("--expand", action="store_true", help="every layer of every repeat of every block")
    add_depth(parser)
    _add_parts(parser)
    _add_teaching(parser)
    add_page_options(parser)
    return parser


def _add_parts(parser: Parser) -> None:
    parser.add_words("--parts", PARTS, metavar="A,B,...", help=f"what it holds, of: {', '.join(PARTS)}")
    parser.add_argument("--no-chart", action="store_true", help="leave the chart out")
    parser.add_choice(
        "--chart",
        METRICS,
        "quantity for a chart",
        metavar="QUANTITY",
        help=f"what the chart shows, one of: {', '.join(METRICS)}",
    )
    parser.add_argument("--log", action="store_true", help="a logarithmic chart")
    parser.add_choice(
        "--diagram",
        STYLES,
        "style of diagram",
        nargs="?",
        const=STYLES[0],
        metavar="STYLE",
        help=f"draw the network: {' or '.join(STYLES)}",
    )
    parser.add_argument(
        "--working",
        nargs="?",
        const=EVERY_LAYER,
        metavar="LAYER,...",
        help="the working of every number, of every layer or of these",
    )


def _add_teaching(parser: Parser) -> None:
    parser.add_words(
        "--worksheet", COLUMN, metavar="A,B,...", help="leave these columns blank, for students to fill in"
    )
    given = ", ".join(WORKSHEET_COLUMNS)
    parser.add_words(
        "--given", COLUMN, metavar="A,B,...", help=f"the columns that a worksheet gives; if left out, {given}"
    )
    parser.add_argument("--no-formulas", action="store_true", help="a worksheet that does not give the formulas")
    parser.add_whole(
        "--room", 0, MAX_ROOM, "lines", metavar="LINES", help=f"lines to work on, below a worksheet; {USUAL_ROOM}"
    )
    parser.add_file("--key", metavar="FILE", help="the answer key of the worksheet, with its working")


def _checked(options: Namespace) -> Namespace:
    """The options, if they fit together; UsageError with what does not."""
    check_page_options(options)
    if options.format is not None:
        options.format = _form_key(options.format)
    if not options.file:
        aside = " Write it before --working, --diagram and --date, which take the next word for their own."
        hint = aside if {options.working, options.diagram, options.date} != {None} else ""
        raise UsageError(f"report needs a design.{hint} Type `cnnstudio report --help` for help.")
    if options.output is None:
        raise UsageError("report needs a place to go, such as -o report.html. Type `cnnstudio report --help` for help.")
    if options.given is not None and options.worksheet is None:
        raise UsageError("--given names what a worksheet gives, and needs --worksheet with the blank columns.")
    if options.key is not None and options.worksheet is None:
        raise UsageError("--key is the answer key of a worksheet, and needs --worksheet with the blank columns.")
    return options


def _require_done(targets: list[ReportTarget], options: Namespace) -> None:
    """UsageError for an option that none of the reports could follow: what is asked for is done, or refused."""
    forms = {form for target in targets for _, form, _ in target.files()}
    parts = _parts(options)
    is_drawn, is_whole = options.worksheet is None and forms - _DATA, not options.fragment
    is_worked = is_whole and (options.worksheet is None or options.key is not None)
    for asked, done, sentence in (
        (options.no_formulas, options.worksheet, "--no-formulas is for worksheets; add --worksheet."),
        (options.room is not None, options.worksheet, "--room is for worksheets; add --worksheet."),
        (options.depth is not None, not options.expand and forms - _DATA, "--depth does not go with --expand or data."),
        (options.fragment, forms <= {"tex"}, "--fragment is for LaTeX; name reports that end in .tex."),
        (options.theme != "auto", "html" in forms, "--theme is for web pages; name a report that ends in .html."),
        (options.paper != "a4", is_whole and forms & {"pdf", "tex", "html"}, "--paper is for PDF and LaTeX."),
        (options.title, forms - _DATA, "CSV, TSV and JSON have no title."),
        (options.date is not None, is_whole and forms - {"csv", "tsv"}, "CSV, TSV and --fragment have no date."),
        (options.parts is not None, forms - _DATA, "--parts is for reports that are read; data are the table alone."),
        (
            options.chart is not None or options.log,
            is_drawn and is_whole and "chart" in parts,
            "there is no chart in this report.",
        ),
        (options.diagram is not None, is_drawn, "there is no diagram in this report."),
        (options.working is not None, forms - {"csv", "tsv"}, "CSV and TSV have no working."),
        (
            options.working is not None,
            is_worked,
            "--fragment and a worksheet have no working; a worksheet's --key has.",
        ),
        (options.columns is not None, forms - {"json"} or options.worksheet, "JSON has every quantity, not columns."),
    ):
        if asked and not done:
            raise UsageError(sentence)
    held = {"table", "kinds", "stages", "diagram"}
    if options.fragment and (not held & set(parts) or (options.parts is not None and not held >= set(parts))):
        raise UsageError("--fragment holds tables and the diagram; name only table, kinds, stages or diagram.")


_DATA = {"csv", "tsv", "json"}
"""Forms that hold numbers alone."""


def _form_key(name: str) -> str:
    try:
        return form_named(name, FORMS).key
    except ReportError as error:
        raise UsageError(str(error)) from None


def _write_all(targets: list[ReportTarget], options: Namespace) -> int:
    status = 0
    with Progress(len(targets), sys.stderr) as progress:
        for target in targets:
            progress.show(target.source)
            try:
                complaints = _write(target, options)
            except BadFile as error:
                complaints, status = str(error).splitlines(), 2
            progress.clear()
            for line in complaints:
                print(line, file=sys.stderr)
    return status


def _write(target: ReportTarget, options: Namespace) -> list[str]:
    """Makes the report of one design, and its key, and then writes both; its problems, one a line."""
    opened = open_source(target.source)
    analysis = opened.analysis(options.convention)
    try:
        made = [
            (path, _made(_report(opened, analysis, options, form, is_key=is_key), form))
            for path, form, is_key in target.files()
        ]
    except ValueError as error:
        raise UsageError(f"{one_line(target.source)}: {error}.") from None
    for path, content in made:
        if path == STANDARD_OUTPUT:
            print_bytes(content)
        else:
            save_report(content, Path(path))
    return problem_lines(opened, analysis, painter(sys.stderr))


def _made(report: ReportRequest, form: str) -> bytes:
    """The report in a form."""
    return FORMS[form].render(compose(report, is_read=form not in _DATA))


def _report(opened: Opened, analysis: Analysis, options: Namespace, form: str, *, is_key: bool) -> ReportRequest:
    choice = _choice(options, analysis, form, is_key=is_key)
    selected = None
    if options.working not in (None, EVERY_LAYER):
        names = options.working.split(",")
        selected = tuple(find_entry(analysis, name.strip(), opened.source) for name in names)
    return report_request(analysis, choice, selected=selected, day=options.day, lines=opened.file.lines)


def _choice(options: Namespace, analysis: Analysis, form: str, *, is_key: bool) -> ReportChoice:
    """The choices as the dialog of reports has them."""
    # Tables that programs read are those of the summary, which has columns of numbers.
    usual = REPORT_COLUMNS
    if form in ("csv", "tsv"):
        usual = tuple(column.key for column in summary_columns(analysis))
    columns = usual if options.columns is None else _keys(options.columns)
    given = options.given or options.columns
    return ReportChoice(
        form=form,
        title=options.title or "",
        parts=_parts(options),
        columns=columns,
        expand=options.expand,
        depth=options.depth,
        working="all" if options.working == EVERY_LAYER else "none",
        metric=options.chart or "parameters",
        is_log=options.log,
        diagram=STYLES[STYLES.index(options.diagram or STYLES[0])],
        worksheet="none" if options.worksheet is None else "key" if is_key else "sheet",
        given=_keys(given) if given else WORKSHEET_COLUMNS,
        blank=_keys(options.worksheet) if options.worksheet is not None else (),
        has_formulas=not options.no_formulas,
        room=USUAL_ROOM if options.room is None else options.room,
        paper=options.page.paper,
        light=options.page.light,
        is_fragment=options.page.is_fragment,
    )


def _keys(words: str) -> tuple[str, ...]:
    return tuple(column.key for column in columns_of(words))


def _parts(options: Namespace) -> tuple[PartKey, ...]:
    wanted: tuple[str, ...] = USUAL_PARTS
    if options.parts is not None:
        wanted = tuple(known(key.strip(), tuple(PARTS), "part of a report") for key in options.parts.split(","))
    hidden = ("chart",) if options.no_chart else ()
    added = ("diagram",) if options.diagram else ()
    return tuple(key for key in PARTS if key in (*wanted, *added) and key not in hidden)
