"""`cnnstudio summary`: the layer table."""

from __future__ import annotations

import sys
from argparse import Namespace

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import columns_of, open_source, problem_lines
from cnnstudio.cli.parsing import Parser, add_depth, design_parser
from cnnstudio.cli.terminal import painter, print_text, width_of
from cnnstudio.core.counting.columns import COLUMN, summary_columns
from cnnstudio.reports.content.subtotals import BYS
from cnnstudio.reports.terminal.fitting import Room
from cnnstudio.reports.terminal.summary import FORMATS, Wish, subtotals_text


def run(words: list[str]) -> int:
    """Prints the layer table, and the problems on standard error.

    Raises UsageError if there are too many layers to list.
    """
    options = command_parser().read(words)
    form = FORMATS[options.format]
    chosen = None if options.columns is None else columns_of(options.columns)
    by = None if options.by is None else BYS[BYS.index(options.by)]
    _require_done(options)
    opened = open_source(options.file)
    analysis = opened.analysis(options.convention)
    wish = Wish(
        summary_columns(analysis) if chosen is None else chosen,
        options.expand,
        opened.file.lines,
        painter(sys.stdout),
        options.depth,
        room=Room(width_of(sys.stdout), chosen is None),
    )
    try:
        if by is None:
            text = form(analysis, wish)
        else:
            text = subtotals_text(analysis, by, options.format, wish.paint, wish.room)
    except ValueError as error:
        raise UsageError(f"{options.file}: {error}.") from None
    print_text(text)
    for line in problem_lines(opened, analysis, painter(sys.stderr)):
        print(line, file=sys.stderr)
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = design_parser("summary", "The layer table: shapes, weights, biases, parameters, MACs.")
    parser.add_design()
    parser.add_words("--columns", COLUMN, metavar="A,B,...", help=f"columns to show, of: {', '.join(COLUMN)}")
    parser.add_argument("--expand", action="store_true", help="every layer of every repeat of every block")
    add_depth(parser)
    parser.add_choice(
        "--by", BYS, "kind of subtotals", metavar="WHAT", help=f"subtotals instead of layers, by {' or '.join(BYS)}"
    )
    forms = ", ".join(FORMATS)
    parser.add_choice(
        "--format", FORMATS, default="text", metavar="FORMAT", help=f"{forms}; json and csv are always expanded"
    )
    return parser


def _require_done(options: Namespace) -> None:
    """UsageError for options that cannot be followed together."""
    if options.depth is not None and (options.expand or options.by is not None or options.format in ("json", "csv")):
        raise UsageError("--depth opens some blocks; it does not go with --expand or --by, nor with JSON and CSV.")
    if options.columns is not None and (options.by is not None or options.format == "json"):
        raise UsageError("--columns chooses columns of the layer table; it does not go with --by or JSON.")
