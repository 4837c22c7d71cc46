"""`cnnstudio export`: a design as code or a file that a framework runs."""

from __future__ import annotations

import sys
from argparse import Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from cnnstudio.cli.failures import BadFile, UsageError
from cnnstudio.cli.opening import open_source
from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.terminal import print_bytes, print_text
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import Exported, ExportError, ExportOptions, Target
from cnnstudio.interface.exporting import WEIGHTS, deliver, options_for, require_alone, target_of
from cnnstudio.reports.data.json_data import json_text

STANDARD_OUTPUT = "-"
FORMATS = ("text", "json")
EXAMPLES = """examples:
  cnnstudio export resnet-50 --to pytorch            # source on standard output
  cnnstudio export resnet-50 --to keras -o net.py
  cnnstudio export my.yaml -o net.onnx               # the suffix says it
  cnnstudio export my.yaml -o net.onnx --weights seeded"""


def run(words: list[str]) -> int:
    """Writes the design as the target says it, or lists the targets; raises BadFile with all that it cannot say."""
    parser = command_parser()
    options = parser.read(words)
    if options.list:
        print_text(json_text(targets_data()) if options.format == "json" else targets_text())
        return 0
    if options.format is not None:
        raise UsageError("--format is the form of --list; --to names a target.")
    if options.file is None:
        parser.error("a design is missing")
    target, chosen = _chosen(options)
    analysis = open_source(options.file).analysis(None)
    try:
        exported = target.write(analysis, chosen)
    except ExportError as error:
        raise BadFile([f"{options.file}: {error}"]) from None
    _deliver(exported, target, options)
    return 0


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio export", description="A design as code or a file that a framework runs.")
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_design("?")
    parser.add_words("--to", TARGETS, metavar="TARGET", help=f"one of: {', '.join(TARGETS)}")
    parser.add_output("-o", "--output", metavar="FILE", help="the file to write; - is standard output")
    parser.add_argument("--flat", action="store_true", help="every layer of every repeat of every block written out")
    parser.add_argument("--class-name", default="", metavar="NAME", help="what the model's class or function is called")
    parser.add_words(
        "--weights", WEIGHTS, default="none", metavar="WHICH", help="none, or seeded: random, always the same"
    )
    parser.add_argument("--list", action="store_true", help="the targets, and what each can say")
    parser.add_choice("--format", FORMATS, metavar="FORMAT", help="of the list: text or json")
    return parser


def _chosen(options: Namespace) -> tuple[Target, ExportOptions]:
    """The target, and what is chosen for it; UsageError for what cannot be followed."""
    try:
        target = target_of(options.to, _output(options), _spelled)
        return target, options_for(target, options.flat, options.class_name, options.weights, _spelled)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _spelled(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _output(options: Namespace) -> Path | None:
    """The file to write; None for standard output."""
    return None if options.output in (None, STANDARD_OUTPUT) else Path(options.output)


def _deliver(exported: Exported, target: Target, options: Namespace) -> None:
    """Writes the file with what must lie beside it, or prints it; UsageError where that cannot be."""
    path = _output(options)
    if path is None and not target.is_text and sys.stdout.isatty():
        raise UsageError(f"a terminal cannot show {target.title}; give a file with -o.")
    try:
        if path is None:
            require_alone(exported, "give a file with -o")
            print_bytes(exported.content)
        else:
            deliver(exported, path, Path(options.file))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    except ValueError as error:
        raise UsageError(str(error)) from None


def targets_text() -> str:
    """Every target: its files and options, and what it cannot say."""
    texts = []
    for target in TARGETS.values():
        dialect = target.dialect
        options = ", ".join(f"--{name.replace('_', '-')}" for name in target.choices)
        texts.append(f"{target.key} ({', '.join(target.suffixes)}): {target.help}")
        texts.append(f"  for {dialect.version}; options: {options or 'none'}")
        texts.append(f"  says {len(dialect.types) - len(dialect.unsaid)} layer types")
        texts += [f"  not {row.layer}: {row.reason}" for row in dialect.unsaid]
    return "\n".join(texts) + "\n"


def targets_data() -> list[dict[str, Any]]:
    """The same as plain values."""
    return [
        {
            "target": target.key,
            "title": target.title,
            "suffixes": target.suffixes,
            "help": target.help,
            "framework": target.dialect.version,
            "options": target.choices,
            "layer_types": len(target.dialect.types) - len(target.dialect.unsaid),
            "unsaid": [{"type": row.layer, "reason": row.reason} for row in target.dialect.unsaid],
        }
        for target in TARGETS.values()
    ]
