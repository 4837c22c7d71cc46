"""`cnnstudio compare`: two or more designs side by side."""

from __future__ import annotations

import sys

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import columns_of, open_source, problem_lines
from cnnstudio.cli.parsing import Parser, design_parser
from cnnstudio.cli.terminal import painter, print_text
from cnnstudio.core.columns import COLUMN
from cnnstudio.core.comparison import compare
from cnnstudio.reports.comparison_text import comparison_text
from cnnstudio.reports.comparison_words import distinct_labels

COLUMNS = "parameters"
"""What the terminal shows unless asked for something else; what differs besides stands below the line."""


def run(words: list[str]) -> int:
    """Prints the comparison; 0, or with `--exit-code` 1 where the designs differ, as git does."""
    options = _parser().read(words)
    if len(options.file) < 2:
        raise UsageError("compare needs two designs or more. Type `cnnstudio compare --help` for help.")
    opened = [open_source(source) for source in options.file]
    analyses = [one.analysis(options.convention) for one in opened]
    columns = columns_of(COLUMNS if options.columns is None else options.columns)
    try:
        comparison = compare(
            analyses, expand=options.expand, names=not options.ignore_names, quantities=[one.key for one in columns]
        )
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    labels = distinct_labels([one.design.name for one in analyses], options.file)
    wish = {"expand": options.expand, "only_differences": options.only_differences}
    print_text(comparison_text(comparison, labels, columns, paint=painter(sys.stdout), **wish))
    for one, analysis in zip(opened, analyses, strict=True):
        for line in problem_lines(one, analysis, painter(sys.stderr)):
            print(line, file=sys.stderr)
    return 1 if options.exit_code and comparison.differs else 0


def _parser() -> Parser:
    parser = design_parser("compare", "Designs side by side: their totals, and what differs layer by layer.")
    parser.add_argument(
        "file", nargs="*", help="design files, or names of built-in designs; all are aligned with the first"
    )
    parser.add_argument("--columns", metavar="A,B,...", help=f"columns to show, of: {', '.join(COLUMN)}")
    parser.add_argument("--expand", action="store_true", help="every layer of every repeat of every block")
    parser.add_argument("--only-differences", action="store_true", help="leave out the layers that are the same")
    parser.add_argument("--ignore-names", action="store_true", help="a layer that is only called otherwise is the same")
    parser.add_argument("--exit-code", action="store_true", help="exit status 1 if the designs differ, else 0")
    return parser
