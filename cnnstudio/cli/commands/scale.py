"""`cnnstudio scale`: a design made wider, deeper or larger, and what that costs."""

from __future__ import annotations

import json
import sys
from argparse import Namespace, RawDescriptionHelpFormatter
from fractions import Fraction
from typing import Any

from msgspec import structs

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import Opened, open_source, problem_lines
from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.saving import STANDARD_OUTPUT, save_design
from cnnstudio.cli.terminal import painter, print_text, width_of
from cnnstudio.core.budgets.checking import counted
from cnnstudio.core.comparison.totals import ComparedTotal, compared_totals
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.design import find, path_from
from cnnstudio.core.network.layer import MAX_SIZE
from cnnstudio.core.scaling.scaling import USUAL_MULTIPLE, Scaling, compound, factor_from, scale
from cnnstudio.reports.comparison.words import difference_text, ratio_text, total_text
from cnnstudio.reports.terminal.fitting import TextTable, left_out_line
from cnnstudio.reports.terminal.table import plain_table

FORMATS = ("text", "json")
EXAMPLES = """examples:
  cnnstudio scale mobilenet-v2 --width 0.5 --size 160 -o small.yaml
  cnnstudio scale resnet-50 --within layer3 --within layer4 --width 0.75
  cnnstudio scale efficientnet-b0 --compound 1"""


def run(words: list[str]) -> int:
    """Prints the totals before and after, and writes the scaled design if asked to.

    Raises UsageError for a scaling that cannot be.
    """
    options = command_parser().read(words)
    opened = open_source(options.file)
    before = opened.analysis(None)
    try:
        edit = scale(before, _scaling(options, before))
    except (EditError, ValueError) as error:
        raise UsageError(f"{options.file}: {error}") from None
    after = counted(edit.design)
    if options.output is not None:
        save_design(edit.design, options.output, options.file)
    text = _json(edit, before, after) if options.format == "json" else _text(edit, before, after)
    if options.output == STANDARD_OUTPUT:
        print(text, end="", file=sys.stderr)
    else:
        print_text(text)
    for line in problem_lines(Opened("scaled", structs.replace(opened.file, lines={})), after, painter(sys.stderr)):
        print(line, file=sys.stderr)
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio scale", description="A design made wider, deeper or larger, and what that costs.")
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_design()
    parser.add_argument("--width", metavar="FACTOR", help="filters and units times a factor, such as 0.5")
    parser.add_argument("--depth", metavar="FACTOR", help="repeats of blocks times a factor")
    parser.add_argument("--resolution", metavar="FACTOR", help="the size of the input times a factor")
    parser.add_whole("--size", 1, MAX_SIZE, help="the size of the input, along every axis")
    parser.add_argument("--compound", metavar="STEPS", help="all three at once, as EfficientNet's steps do")
    parser.add_argument("--within", action="append", metavar="PATH", help="a block or layer to scale; all unless said")
    parser.add_whole(
        "--multiple",
        1,
        MAX_SIZE,
        default=USUAL_MULTIPLE,
        help=f"widths are rounded to multiples of N; {USUAL_MULTIPLE} unless said",
    )
    parser.add_output("-o", "--output", metavar="DESIGN", help="the design file to write; - for standard output")
    parser.add_choice("--format", FORMATS, default="text", metavar="FORMAT", help="text or json")
    return parser


def _scaling(options: Namespace, analysis: Analysis) -> Scaling:
    """The scaling that the options ask for; UsageError where they ask for none, or for two at once."""
    factors = (options.width, options.depth, options.resolution)
    given = [text for text in factors if text is not None]
    if options.compound is not None and (given or options.size is not None):
        raise UsageError("--compound sets width, depth and size itself; leave out the others.")
    if options.compound is None and not given and options.size is None:
        raise UsageError("scale needs --width, --depth, --resolution, --size or --compound.")
    width, depth, resolution = (Fraction(1) if text is None else factor_from(text) for text in factors)
    scaling = Scaling(width=width, depth=depth, resolution=resolution)
    if options.compound is not None:
        scaling = compound(_steps(options.compound))
    return structs.replace(
        scaling,
        size=options.size,
        multiple=options.multiple,
        within=tuple(_path(text, analysis) for text in options.within or ()),
    )


def _steps(text: str) -> Fraction:
    return factor_from(text) if not text.startswith("-") else -factor_from(text[1:])


def _path(text: str, analysis: Analysis) -> tuple[str, ...]:
    path = path_from(text)
    try:
        find(analysis.design, path)
    except KeyError:
        raise UsageError(f"there is no block and no layer '{text}'; give a path such as stage2/conv1.") from None
    return path


def _text(edit: Edit, before: Analysis, after: Analysis) -> str:
    rows = [_row(total) for total in compared_totals((before, after))]
    titles, aligns = ["", "Before", "After", "Difference", "Ratio"], ["left", *["right"] * 4]
    table, left_out = TextTable(titles, rows, [""] * 5, aligns).fitted(width_of(sys.stdout), (4, 3))
    lines = plain_table(table.header, table.rows, table.total, table.aligns)[:-2] + left_out_line(left_out)
    notes = ["", *edit.notes] if edit.notes else []
    return "\n".join([f"{before.design.name}: {edit.label}", "", *lines, *notes]) + "\n"


def _row(total: ComparedTotal) -> list[str]:
    numbers = [total_text(total, 0), total_text(total, 1), difference_text(total, 1), ratio_text(total, 1)]
    return [total.quantity.title, *numbers]


def _json(edit: Edit, before: Analysis, after: Analysis) -> str:
    totals: dict[str, Any] = {
        total.quantity.key: {"before": total.measures[0].value, "after": total.measures[1].value}
        for total in compared_totals((before, after))
    }
    return json.dumps({"scaling": edit.label, "totals": totals, "notes": list(edit.notes)}, indent=2) + "\n"
