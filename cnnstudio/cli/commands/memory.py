"""`cnnstudio memory`: the memory of a GPU that a training step or an inference takes, and whether it fits."""

from __future__ import annotations

import json
import sys
from argparse import BooleanOptionalAction, Namespace, RawDescriptionHelpFormatter
from typing import Any

from msgspec import structs

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import open_source, problem_lines
from cnnstudio.cli.parsing import Parser
from cnnstudio.cli.terminal import painter, print_text
from cnnstudio.core.memory.answer import Figures, answer_of
from cnnstudio.core.network.memory_setting import MAX_BATCH, MODES, OPTIMIZERS, PRECISIONS, Setting, card_named

FORMATS = ("text", "json")
EXAMPLES = """examples:
  cnnstudio memory resnet-50 --batch 32 --optimizer adam --precision bf16 --gpu 8GB
  cnnstudio memory my.yaml --mode inference --gpu "RTX 4090" --format json"""


def run(words: list[str]) -> int:
    """Prints the estimate, and the problems of the design on standard error.

    Raises UsageError for a design with too many layers.
    """
    options = _options(words)
    opened = open_source(options.file)
    analysis = opened.analysis(None)
    try:
        answer = answer_of(analysis, _setting(options, opened.file.design.memory or Setting()))
    except ValueError as error:
        raise UsageError(f"{options.file}: {error}.") from None
    if options.format == "json":
        print_text(json.dumps(_record(answer.figures()), indent=2) + "\n")
    else:
        print_text("\n".join(answer.lines()) + "\n")
    for line in problem_lines(opened, analysis, painter(sys.stderr)):
        print(line, file=sys.stderr)
    return 0


def _options(words: list[str]) -> Namespace:
    options = command_parser().read(words)
    if options.gpu is not None:
        _require_card(options.gpu)
    return options


def _require_card(text: str) -> None:
    try:
        card_named(text)
    except ValueError as error:
        raise UsageError(f"--gpu: {error}") from None


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser(
        "cnnstudio memory",
        description="What PyTorch holds in a GPU's memory, and whether it fits. What is not said is as the design "
        "keeps it under `memory`, or as usual.",
    )
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_design()
    parser.add_whole("--batch", 1, MAX_BATCH, help="examples at once; else as the design says, or 32")
    parser.add_choice("--optimizer", OPTIMIZERS, metavar="NAME", help=f"one of: {', '.join(OPTIMIZERS)}; else adam")
    parser.add_argument(
        "--fused", action=BooleanOptionalAction, help="the optimizer is a fused one, without temporaries; or is not"
    )
    parser.add_choice(
        "--precision", PRECISIONS, metavar="NAME", help="fp32 (TF32 off), or autocast to bf16 or fp16; else fp32"
    )
    parser.add_choice("--mode", MODES, metavar="NAME", help="train or inference; else train")
    parser.add_argument("--gpu", metavar="CARD", help="its memory, such as 8GB, or its name, such as 'RTX 4090'")
    parser.add_choice("--format", FORMATS, default="text", metavar="FORMAT", help="text or json")
    return parser


def _setting(options: Namespace, kept: Setting) -> Setting:
    """The setting that is kept with the design, with what the options say in its place."""
    stated = {name: getattr(options, name) for name in kept.__struct_fields__}
    return structs.replace(kept, **{name: value for name, value in stated.items() if value is not None})


def _record(figures: Figures) -> dict[str, Any]:
    """The figures in bytes; null for what is unknown, and for the answers that need a card."""
    record = structs.asdict(figures)
    record["largest_batch"] = {name: record.pop(name) for name in ("fits", "may_fit")}
    return record
