"""`cnnstudio budgets`: whether a design keeps its budgets, and what to shrink where it does not."""

from __future__ import annotations

import json
import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any

from msgspec import structs

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import open_source
from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.saving import STANDARD_OUTPUT, save_design
from cnnstudio.cli.terminal import print_text, width_of
from cnnstudio.core.budgets.checking import Budget, budgets_of
from cnnstudio.core.budgets.editing import set_budgets
from cnnstudio.core.budgets.sensitivity import Sensitivity, sensitivities, untried
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.edits import EditError
from cnnstudio.core.network.design import path_text
from cnnstudio.reports.terminal.fitting import TextTable, left_out_line
from cnnstudio.reports.terminal.table import plain_table

FORMATS = ("text", "json")
USUAL_TOP = 10
MAX_TOP = 1000
EXAMPLES = """examples:
  cnnstudio budgets my.yaml
  cnnstudio budgets mobilenet-v2 --budget 'macs <= 200M' --budget 'memory(32, adam, bf16) <= 8GB'
  cnnstudio budgets my.yaml --budget 'parameters <= 5M' -o budgeted.yaml"""


def run(words: list[str]) -> int:
    """Prints each budget and, unless it is kept, what it depends on most; 1 if one is broken, else 0.

    Raises UsageError for a budget that is none.
    """
    options = command_parser().read(words)
    opened = open_source(options.file)
    design = opened.file.design
    try:
        if options.budget:
            design = set_budgets(design, options.budget).design
        analysis = analyze(design)
        budgets = budgets_of(analysis)
        ranked = [_ranked(analysis, budget, told=options.all or not budget.keeps) for budget in budgets]
    except (EditError, ValueError) as error:
        raise UsageError(f"{options.file}: {error}") from None
    if options.output is not None:
        save_design(design, options.output, options.file)
    told = list(zip(budgets, ranked, strict=True))
    text = _json(told, options.top) if options.format == "json" else _text(analysis, told, options.top)
    print(text, end="", file=sys.stderr) if options.output == STANDARD_OUTPUT else print_text(text)
    return 1 if any(budget.keeps is False for budget in budgets) else 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio budgets", description="Whether a design keeps its budgets, and what to shrink.")
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_design()
    parser.add_argument(
        "--budget", action="append", metavar="CONDITION", help="a budget in place of those in the file; can be repeated"
    )
    parser.add_argument("--all", action="store_true", help="tell of budgets that are kept, too, what they depend on")
    parser.add_whole("--top", 1, MAX_TOP, default=USUAL_TOP, help=f"lines of each; else {USUAL_TOP}")
    parser.add_output("-o", "--output", metavar="DESIGN", help="the design file to write, with the budgets in it")
    parser.add_choice("--format", FORMATS, default="text", metavar="FORMAT", help="text or json")
    return parser


def _ranked(analysis: Analysis, budget: Budget, *, told: bool) -> tuple[Sensitivity, ...]:
    return sensitivities(analysis, budget.condition) if told and not budget.reason else ()


_Told = list[tuple[Budget, tuple[Sensitivity, ...]]]


def _text(analysis: Analysis, told: _Told, top: int) -> str:
    lines = [analysis.design.name]
    if not told:
        lines += ["", "No budgets. Give one by --budget 'parameters <= 5M', or in the file under budgets."]
    for budget, ranked in told:
        taken = f": {budget.reason}" if budget.reason else f", it takes {budget.taken}"
        lines += ["", f"{budget.condition.text}: {budget.state}{taken}"]
        if ranked:
            rows = [[item.name, f"{item.old:,} → {item.new:,}", item.working] for item in ranked[:top]]
            whole = TextTable(["Shrink", "By a step", "Sensitivity"], rows, [""] * 3, ["left"] * 3)
            table, left_out = whole.fitted(width_of(sys.stdout), (2,))
            lines += ["", *plain_table(table.header, table.rows, table.total, table.aligns)[:-2]]
            lines += left_out_line(left_out)
            if more := untried(analysis, budget.condition):
                lines += ["", f"Of so large a network only what takes most was tried; {more:,} more were not."]
    return "\n".join(lines) + "\n"


def _json(told: _Told, top: int) -> str:
    return json.dumps([_record(budget, ranked[:top]) for budget, ranked in told], indent=2) + "\n"


def _record(budget: Budget, ranked: tuple[Sensitivity, ...]) -> dict[str, Any]:
    return {
        "budget": budget.condition.text,
        "kept": budget.keeps,
        "low": budget.span.low,
        "high": budget.span.high,
        "reason": budget.reason or None,
        "shrink": [
            {**structs.asdict(item), "items": [path_text(path) for path in item.items], "sensitivity": item.value}
            for item in ranked
        ],
    }
