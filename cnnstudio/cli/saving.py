"""The design file that a command writes."""

from __future__ import annotations

import os
from pathlib import Path

from cnnstudio.cli.failures import OutputError, UsageError
from cnnstudio.cli.terminal import print_text
from cnnstudio.core.network.design import Design
from cnnstudio.formats.design_yaml import design_text
from cnnstudio.formats.saving.output import write_output

STANDARD_OUTPUT = "-"


def save_design(design: Design, output: str, source: str) -> None:
    """Writes a design to a file, or for `-` to standard output.

    Raises UsageError if that would be written over what it was made of, OutputError if it cannot be written.
    """
    if output == STANDARD_OUTPUT:
        print_text(design_text(design))
        return
    if os.path.realpath(output) == os.path.realpath(source):
        raise UsageError(f"the design would be written over {source}; give it another name.")
    try:
        write_output(Path(output), design_text(design).encode())
    except (OSError, ValueError) as error:
        raise OutputError(f"{output} cannot be written: {getattr(error, 'strerror', None) or error}.") from None
