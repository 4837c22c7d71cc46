"""The design file that a command writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cnnstudio.cli.failures import OutputError, UsageError
from cnnstudio.cli.terminal import print_text
from cnnstudio.core.network.design import Design
from cnnstudio.formats.design_yaml import design_text
from cnnstudio.formats.saving import output as output_file
from cnnstudio.formats.saving.output import write_output

STANDARD_OUTPUT = "-"


def require_other(output: str, sources: Iterable[str], what: str) -> None:
    """UsageError if a result would replace one of the designs that it is made of."""
    try:
        output_file.require_other(Path(output), map(Path, sources), what)
    except ValueError as error:
        raise UsageError(str(error)) from None


def save_design(design: Design, output: str, source: str) -> None:
    """Writes a design to a file, or for `-` to standard output.

    Raises UsageError if that would be written over what it was made of, OutputError if it cannot be written.
    """
    if output == STANDARD_OUTPUT:
        print_text(design_text(design))
        return
    require_other(output, [source], "design")
    try:
        write_output(Path(output), design_text(design).encode())
    except (OSError, ValueError) as error:
        raise OutputError(f"{output} cannot be written: {getattr(error, 'strerror', None) or error}.") from None
