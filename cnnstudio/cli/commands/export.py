"""`cnnstudio export`: a design as code or a file that a framework runs."""

from __future__ import annotations

import os
import sys
from argparse import Namespace, RawDescriptionHelpFormatter
from pathlib import Path

from cnnstudio.cli.failures import BadFile, UsageError
from cnnstudio.cli.opening import open_source
from cnnstudio.cli.parsing import Parser, known
from cnnstudio.cli.terminal import print_bytes, print_text
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import Exported, ExportError, ExportOptions, Target
from cnnstudio.formats.saving.output import write_output

STANDARD_OUTPUT = "-"
WEIGHTS = ("none", "seeded")
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
        print_text(targets_text())
        return 0
    if options.file is None:
        parser.error("a design is missing")
    target = _target(options)
    chosen = _chosen(options, target)
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
    parser.add_argument("file", nargs="?", help="design file, or the name of a built-in design")
    parser.add_argument("--to", metavar="TARGET", help=f"one of: {', '.join(TARGETS)}")
    parser.add_argument("-o", "--output", metavar="FILE", help="the file to write; - is standard output")
    parser.add_argument("--flat", action="store_true", help="every layer of every repeat of every block written out")
    parser.add_argument("--class-name", default="", metavar="NAME", help="what the model's class or function is called")
    parser.add_argument("--weights", default="none", metavar="WHICH", help="none, or seeded: random, always the same")
    parser.add_argument("--list", action="store_true", help="the targets, and what each can say")
    return parser


def _target(options: Namespace) -> Target:
    """The target that is named, or that the suffix of the file says; UsageError if neither does."""
    if options.to is not None:
        return TARGETS[known(options.to, tuple(TARGETS), "target")]
    suffix = Path(options.output or "").suffix.lower()
    fitting = [target for target in TARGETS.values() if suffix in target.suffixes]
    if len(fitting) == 1:
        return fitting[0]
    names = [target.key for target in fitting] or list(TARGETS)
    what = f"'{suffix}' is the suffix of several targets; say" if fitting else "say"
    raise UsageError(f"{what} with --to which is meant: {', '.join(names)}.")


def _chosen(options: Namespace, target: Target) -> ExportOptions:
    weights = known(options.weights, WEIGHTS, "kind of weights")
    stated = {"flat": options.flat, "class_name": options.class_name, "weights": weights != "none"}
    for name, is_stated in stated.items():
        if is_stated and name not in target.choices:
            raise UsageError(f"--{name.replace('_', '-')} means nothing to {target.title}.")
    if options.class_name and not options.class_name.isidentifier():
        raise UsageError(f"--class-name needs a name that Python takes, and received '{options.class_name}'.")
    return ExportOptions(options.flat, options.class_name, "seeded" if weights == "seeded" else "none")


def _deliver(exported: Exported, target: Target, options: Namespace) -> None:
    """Writes the file with what must lie beside it, or prints it."""
    if options.output is None or options.output == STANDARD_OUTPUT:
        if not target.is_text and sys.stdout.isatty():
            raise UsageError(f"a terminal cannot show {target.title}; give a file with -o.")
        if exported.companions:
            raise UsageError("this file needs another beside it for its weights; give a file with -o.")
        print_bytes(exported.content)
        return
    path = Path(options.output)
    _require_other(path, options.file)
    try:
        for name, content in exported.companions_of(path.name):
            write_output(path.with_name(name), b"".join(content))
        write_output(path, exported.content_of(path.name))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise UsageError(f"{path} cannot be written: {reason}.") from None


def _require_other(path: Path, source: str) -> None:
    if os.path.exists(path) and os.path.exists(source) and os.path.samefile(path, source):
        raise UsageError(f"the export would be written over the design {path}; give it another name.")


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
