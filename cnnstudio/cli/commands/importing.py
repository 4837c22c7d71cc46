"""`cnnstudio import`: a network that another program wrote, as a design, with the report of its import."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

from cnnstudio.cli.failures import BadFile, UsageError, one_line
from cnnstudio.cli.opening import STANDARD_INPUT, input_file, read_input
from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.saving import STANDARD_OUTPUT, save_design
from cnnstudio.cli.terminal import print_text
from cnnstudio.formats import format_of, read_file
from cnnstudio.formats.builtin import locate_design
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.fault import FileError
from cnnstudio.formats.format import ReadOptions, input_size_from, is_settable
from cnnstudio.formats.import_text import import_text
from cnnstudio.reports.data.json_data import json_text

FORMS = ("text", "json")


def run(words: list[str]) -> int:
    """Reads a foreign file, writes the design if asked to, and prints the report.

    Raises UsageError if the file is a design already.
    """
    options = command_parser().read(words)
    form = options.report
    wanted = ReadOptions(
        input_size=_sizes(options.input_size),
        network=options.network,
        arguments=tuple(_setting(text) for text in options.set or ()),
        fold=not options.no_fold,
    )
    if options.list:
        return _list(options.file, wanted, form)
    file = _read(options.file, wanted)
    if file.report is None:
        raise UsageError(f"{options.file} is a design already; every command takes it as it is.")
    if options.output is not None:
        save_design(file.design, options.output, options.file)
    text = json_text(file.report) if form == "json" else import_text(file.report, options.file)
    if options.output == STANDARD_OUTPUT:
        print(text, end="", file=sys.stderr)
    else:
        print_text(text)
    faults = [fault for network in file.report.networks for fault in network.faults]
    for fault in faults:
        print(f"{options.file}: {one_line(fault)}", file=sys.stderr)
    return 1 if faults else 0


def _list(source: str, options: ReadOptions, form: str) -> int:
    """Prints the networks of a file, one a line, or as JSON."""
    with input_file() if source == STANDARD_INPUT else nullcontext(locate_design(source)) as path:
        rows = _networks(path, options)
    if form == "json":
        print_text(json_text([{"name": name, "place": place, "arguments": missing} for name, place, missing in rows]))
        return 0
    width = max((len(name) for name, *_ in rows), default=0)
    for name, place, missing in rows:
        takes = f", takes {', '.join(missing)}" if missing else ""
        print_text(f"{name:<{width}}  {place}{takes}".rstrip() + "\n")
    return 0


def _networks(path: Path, options: ReadOptions) -> list[tuple[str, str, tuple[str, ...]]]:
    """The name of each network of a file, its place, and the arguments that it needs."""
    from cnnstudio.formats.source.files import networks_in

    try:
        if format_of(path).key == "python":
            return networks_in(path, options)
        report = read_file(path, options).report
    except FileError as error:
        raise BadFile(error.lines()) from None
    return [(network.name, "", ()) for network in report.networks] if report is not None else []


def _setting(text: str) -> tuple[str, str]:
    """`num_classes=10` as a name, or an expression of the source, and a value; UsageError for anything else."""
    name, sign, value = text.partition("=")
    if not sign or not is_settable(name.strip()):
        raise UsageError(f"--set is a name and a value, such as num_classes=10, and received '{text}'.")
    return name.strip(), value.strip()


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio import", description="A network that another program wrote, as a design.")
    parser.add_file("file", help="file of Keras, ONNX, PyTorch, Caffe or Darknet, or Python source; never executed")
    parser.add_output("-o", "--output", metavar="DESIGN", help="the design file to write; - for standard output")
    parser.add_argument("--input-size", metavar="C,H,W", help="the size of an input that the file leaves open")
    parser.add_argument("--network", metavar="NAME", help="one of the networks of Python source; --list names them")
    parser.add_argument(
        "--set", action="append", metavar="NAME=VALUE", help="a value that Python source leaves open; may be repeated"
    )
    parser.add_argument("--list", action="store_true", help="name the networks of the file, and import none")
    parser.add_choice(
        "--report",
        FORMS,
        "form of report",
        default="text",
        metavar="FORMAT",
        help=f"form of the report: {', '.join(FORMS)}",
    )
    parser.add_argument("--no-fold", action="store_true", help="one flat list, without blocks")
    return parser


def _read(source: str, options: ReadOptions) -> DesignFile:
    try:
        return read_input(options) if source == STANDARD_INPUT else read_file(locate_design(source), options)
    except FileError as error:
        raise BadFile(error.lines()) from None


def _sizes(text: str | None) -> tuple[int, ...] | None:
    """`3,224,224` or `3x224x224`; UsageError for anything else."""
    if text is None:
        return None
    sizes = input_size_from(text)
    if sizes is None:
        raise UsageError(f"--input-size is channels, height and width, such as 3,224,224, and received '{text}'.")
    return sizes
