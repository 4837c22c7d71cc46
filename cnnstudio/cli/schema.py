"""`cnnstudio schema`: the JSON Schema of the design file."""

from __future__ import annotations

import msgspec

from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.terminal import print_text
from cnnstudio.formats.schema import design_schema


def run(words: list[str]) -> int:
    """Prints the schema."""
    Parser("cnnstudio schema", description="The JSON Schema of the design file.").read(words)
    print_text(msgspec.json.format(msgspec.json.encode(design_schema()), indent=2).decode() + "\n")
    return 0
