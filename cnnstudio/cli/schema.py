"""`cnnstudio schema`: the JSON Schema of the design file, or of the report in JSON."""

from __future__ import annotations

from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.terminal import print_text
from cnnstudio.formats.schema import design_schema
from cnnstudio.reports.json_report import json_text
from cnnstudio.reports.json_schema import report_schema


def run(words: list[str]) -> int:
    """Prints the schema."""
    parser = Parser("cnnstudio schema", description="The JSON Schema of the design file.")
    parser.add_argument("--report", action="store_true", help="that of the report in JSON instead")
    options = parser.read(words)
    print_text(json_text(report_schema() if options.report else design_schema()))
    return 0
