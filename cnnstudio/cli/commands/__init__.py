"""One module a command, and the list of all."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """A command: its module, and its line in the help.

    The module's `run(words)` does it and returns the exit status; `command_parser()` declares its words. `finding` is
    what it may find and tell by the exit status 1; bad input is 2 for all of them.
    """

    module: str
    words: str
    help: str
    finding: str = ""


COMMANDS: dict[str, Command] = {
    "summary": Command("summary", "FILE", "the layer table: shapes, weights, biases, parameters, MACs"),
    "explain": Command("explain", "FILE [LAYER]", "the working of every number of a layer, or of the totals"),
    "compare": Command(
        "compare",
        "A B [C...]",
        "designs side by side: their totals, and what differs layer by layer",
        "--exit-code is given and the designs differ",
    ),
    "diagram": Command("diagram", "FILE", "the network drawn, as SVG, PNG or PDF"),
    "memory": Command("memory", "FILE --batch N --gpu CARD", "what training or inference holds in a GPU's memory"),
    "sweep": Command("sweep", "FILE --vary LAYER.FIELD=VALUES", "many variants counted: widths, depths, sizes, types"),
    "scale": Command("scale", "FILE --width 0.5 -o DESIGN", "a design made wider, deeper or larger, before and after"),
    "budgets": Command(
        "budgets",
        "FILE --budget 'macs <= 300M'",
        "budgets kept or broken, and what to shrink",
        "a budget is broken",
    ),
    "report": Command(
        "report", "FILE... -o OUT", "a report as web page, PDF, LaTeX, Markdown, workbook, CSV, JSON, text"
    ),
    "export": Command("export", "FILE --to TARGET", "code or a file that PyTorch, Keras or ONNX run"),
    "verify": Command(
        "verify", "FILE --with FRAMEWORK", "every row compared with PyTorch, Keras or onnxruntime", "anything differs"
    ),
    "check": Command("check", "FILE...", "problems of design files", "there is an error"),
    "import": Command(
        "importing",
        "FILE [-o DESIGN]",
        "a network of Keras, ONNX, PyTorch, Caffe or Darknet, or source code, as a design",
        "the source holds a number that does not fit",
    ),
    "designs": Command("designs", "", "the built-in designs; their names work wherever a file does"),
    "completion": Command("completion", "SHELL", "the script by which bash, zsh or fish completes the words of a call"),
    "schema": Command("schema", "", "the JSON Schema of the design file"),
}
"""Every command. Its module is loaded when it is called, so that none pays for another."""
