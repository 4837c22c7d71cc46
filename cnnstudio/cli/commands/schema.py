"""`cnnstudio schema`: the JSON Schema of the design file, or of what is written as JSON."""

from __future__ import annotations

from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.terminal import print_text
from cnnstudio.formats.schema import design_schema
from cnnstudio.reports.comparison.schema import comparison_schema
from cnnstudio.reports.data.json_data import json_text
from cnnstudio.reports.data.json_schema import report_schema


def run(words: list[str]) -> int:
    """Prints the schema."""
    options = command_parser().read(words)
    schema = report_schema if options.report else comparison_schema if options.comparison else design_schema
    print_text(json_text(schema()))
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio schema", description="The JSON Schema of the design file.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--report", action="store_true", help="that of the report in JSON instead")
    which.add_argument("--comparison", action="store_true", help="that of the comparison in JSON instead")
    return parser
