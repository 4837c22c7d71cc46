"""`cnnstudio compare`: two or more designs side by side."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import columns_of, open_source, problem_lines
from cnnstudio.cli.paging import add_page_options, check_page_options
from cnnstudio.cli.parsing import Parser, design_parser
from cnnstudio.cli.saving import require_other
from cnnstudio.cli.terminal import painter, print_bytes, print_text, width_of
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN
from cnnstudio.reports.comparison.composition import compose_comparison, text_of
from cnnstudio.reports.comparison.request import ComparisonReport
from cnnstudio.reports.comparison.words import distinct_labels
from cnnstudio.reports.form_table import FORMS, ReportError


def run(words: list[str]) -> int:
    """Prints or writes the comparison; 0, or with `--exit-code` 1 where the designs differ, as git does.

    Raises UsageError if the designs cannot be written as asked.
    """
    options = _checked(command_parser().read(words))
    opened = [open_source(source) for source in options.file]
    analyses = tuple(design.analysis(options.convention) for design in opened)
    report = _report(analyses, options)
    try:
        _write(report, options)
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    for design, analysis in zip(opened, analyses, strict=True):
        for line in problem_lines(design, analysis, painter(sys.stderr)):
            print(line, file=sys.stderr)
    return 1 if options.exit_code and report.comparison.differs else 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = design_parser("compare", "Designs side by side: their totals, and what differs layer by layer.")
    parser.add_design("*", "design files, or names of built-in designs; all are aligned with the first")
    parser.add_file(
        "-o", "--output", metavar="FILE", help="a report, its format by its suffix; - or nothing is standard output"
    )
    parser.add_words("--format", ("pdf", *FORMS), metavar="FORMAT", help="the format, if no suffix says it")
    parser.add_words("--columns", COLUMN, metavar="A,B,...", help=f"columns to show, of: {', '.join(COLUMN)}")
    parser.add_argument("--expand", action="store_true", help="every layer of every repeat of every block")
    parser.add_argument("--only-differences", action="store_true", help="leave out the layers that are the same")
    parser.add_argument("--ignore-names", action="store_true", help="a layer that differs only in name is the same")
    parser.add_argument("--exit-code", action="store_true", help="exit status 1 if the designs differ, else 0")
    add_page_options(parser)
    return parser


def _checked(options: Namespace) -> Namespace:
    """The options, if they fit together; UsageError with what does not."""
    if len(options.file) < 2:
        raise UsageError("compare needs two designs or more. Type `cnnstudio compare --help` for help.")
    check_page_options(options)
    return options


def _report(analyses: tuple[Analysis, ...], options: Namespace) -> ComparisonReport:
    return ComparisonReport(
        analyses=analyses,
        labels=distinct_labels([analysis.design.name for analysis in analyses], options.file),
        columns=() if options.columns is None else columns_of(options.columns),
        expand=options.expand,
        names=not options.ignore_names,
        only_differences=options.only_differences,
        date=options.day,
        page=options.page,
    )


def _write(report: ComparisonReport, options: Namespace) -> None:
    """Prints the text without a file; else writes the form that is asked for."""
    if options.output in (None, "-") and options.format is None:
        print_text(text_of(report, painter(sys.stdout), width_of(sys.stdout)))
        return
    from cnnstudio.app.reports.forms import render, save_report
    from cnnstudio.cli.targets import STANDARD_OUTPUT, targets_of

    try:
        name = "-".join(Path(source).stem for source in options.file)
        (target,) = targets_of([name], options.output or STANDARD_OUTPUT, options.format, None)
        require_other(target.path, options.file, "comparison")
        content = render(compose_comparison(report), target.form)
        if target.path == STANDARD_OUTPUT:
            print_bytes(content)
        else:
            save_report(content, Path(target.path))
    except ReportError as error:
        raise UsageError(str(error)) from None
