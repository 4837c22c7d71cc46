"""`cnnstudio compare`: two or more designs side by side."""

from __future__ import annotations

import sys
from pathlib import Path

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import columns_of, open_source, problem_lines
from cnnstudio.cli.parsing import Parser, design_parser
from cnnstudio.cli.terminal import painter, print_text
from cnnstudio.core.columns import COLUMN
from cnnstudio.reports.comparison_report import ComparisonReport, compose_comparison, text_of
from cnnstudio.reports.comparison_words import distinct_labels


def run(words: list[str]) -> int:
    """Prints or writes the comparison; 0, or with `--exit-code` 1 where the designs differ, as git does."""
    options = _parser().read(words)
    if len(options.file) < 2:
        raise UsageError("compare needs two designs or more. Type `cnnstudio compare --help` for help.")
    opened = [open_source(source) for source in options.file]
    analyses = tuple(one.analysis(options.convention) for one in opened)
    report = ComparisonReport(
        analyses=analyses,
        labels=distinct_labels([one.design.name for one in analyses], options.file),
        columns=() if options.columns is None else columns_of(options.columns),
        expand=options.expand,
        names=not options.ignore_names,
        only_differences=options.only_differences,
    )
    try:
        _write(report, options.output)
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    for one, analysis in zip(opened, analyses, strict=True):
        for line in problem_lines(one, analysis, painter(sys.stderr)):
            print(line, file=sys.stderr)
    return 1 if options.exit_code and report.comparison.differs else 0


def _write(report: ComparisonReport, output: str | None) -> None:
    """Writes the form that the file's suffix asks for; to the terminal without a file."""
    if output is None:
        print_text(text_of(report, painter(sys.stdout)))
        return
    from cnnstudio.app.report_forms import write_report
    from cnnstudio.reports.forms import ReportError

    try:
        write_report(compose_comparison(report), Path(output))
    except ReportError as error:
        raise UsageError(str(error)) from None


def _parser() -> Parser:
    parser = design_parser("compare", "Designs side by side: their totals, and what differs layer by layer.")
    parser.add_argument(
        "file", nargs="*", help="design files, or names of built-in designs; all are aligned with the first"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="a report instead, in the form that the suffix says")
    parser.add_argument("--columns", metavar="A,B,...", help=f"columns to show, of: {', '.join(COLUMN)}")
    parser.add_argument("--expand", action="store_true", help="every layer of every repeat of every block")
    parser.add_argument("--only-differences", action="store_true", help="leave out the layers that are the same")
    parser.add_argument("--ignore-names", action="store_true", help="a layer that is only called otherwise is the same")
    parser.add_argument("--exit-code", action="store_true", help="exit status 1 if the designs differ, else 0")
    return parser
