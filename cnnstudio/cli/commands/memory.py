"""`cnnstudio memory`: the memory of a GPU that a training step or an inference takes, and whether it fits."""

from __future__ import annotations

import json
import sys
from argparse import Namespace, RawDescriptionHelpFormatter
from typing import Any

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.opening import open_source, problem_lines
from cnnstudio.cli.parsing import Parser, known
from cnnstudio.cli.terminal import painter, print_text
from cnnstudio.core.memory.fitting import WORDS, LargestBatch, Verdict, largest_batch, reserved_high, verdict_of
from cnnstudio.core.memory.model import Estimate, MemoryModel, model_of
from cnnstudio.core.memory.wording import memory_lines, place_of
from cnnstudio.core.network.memory_setting import (
    HOPPER_WORKSPACE,
    MAX_BATCH,
    MODES,
    OPTIMIZERS,
    PRECISIONS,
    Card,
    Setting,
    card_named,
)

FORMATS = ("text", "json")
EXAMPLES = """examples:
  cnnstudio memory resnet-50 --batch 32 --optimizer adam --precision bf16 --gpu 8GB
  cnnstudio memory my.yaml --mode inference --gpu "RTX 4090" --format json"""


def run(words: list[str]) -> int:
    """Prints the estimate, and the problems of the design on standard error.

    Raises UsageError for a design with too many layers.
    """
    options = _options(words)
    setting, card = _setting(options), _card(options.gpu)
    opened = open_source(options.file)
    analysis = opened.analysis(None)
    try:
        model = model_of(analysis, setting)
    except ValueError as error:
        raise UsageError(f"{options.file}: {error}.") from None
    estimate = model.estimate(setting, HOPPER_WORKSPACE if card is None or card.workspace is None else card.workspace)
    verdict = None if card is None else verdict_of(model, setting, card)
    largest = None if card is None else largest_batch(model, setting, card)
    if options.format == "json":
        print_text(json.dumps(_record(model, estimate, verdict, largest), indent=2) + "\n")
    else:
        lines = memory_lines(model, estimate)
        if card is not None and verdict is not None:
            lines += _card_lines(card, verdict, largest)
        print_text("\n".join(lines) + "\n")
    for line in problem_lines(opened, analysis, painter(sys.stderr)):
        print(line, file=sys.stderr)
    return 0


def _options(words: list[str]) -> Namespace:
    options = command_parser().read(words)
    known(options.optimizer, OPTIMIZERS, "optimizer")
    known(options.precision, PRECISIONS, "precision")
    known(options.mode, MODES, "mode")
    known(options.format, FORMATS, "format")
    return options


def command_parser() -> Parser:
    """The words that it takes."""
    parser = Parser("cnnstudio memory", description="What PyTorch holds in a GPU's memory, and whether it fits.")
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_argument("file", help="design file, or the name of a built-in design")
    parser.add_argument("--batch", type=_batch, default=32, metavar="N", help="examples at once; 32 unless said")
    parser.add_argument("--optimizer", default="adam", metavar="NAME", help=f"one of: {', '.join(OPTIMIZERS)}")
    parser.add_argument("--fused", action="store_true", help="the optimizer is a fused one, without temporaries")
    parser.add_argument(
        "--precision", default="fp32", metavar="NAME", help="fp32 (TF32 off), or autocast to bf16 or fp16"
    )
    parser.add_argument("--mode", default="train", metavar="NAME", help="train or inference")
    parser.add_argument("--gpu", metavar="CARD", help="its memory, such as 8GB, or its name, such as 'RTX 4090'")
    parser.add_argument("--format", default="text", metavar="FORMAT", help="text or json")
    return parser


def _batch(word: str) -> int:
    """A number of examples; raises UsageError for what is none."""
    if not word.isascii() or not word.isdigit() or len(word) > len(str(MAX_BATCH)) or not 1 <= int(word) <= MAX_BATCH:
        raise UsageError(f"--batch needs a number from 1 to {MAX_BATCH:,}, and received '{word}'.")
    return int(word)


def _setting(options: Namespace) -> Setting:
    return Setting(
        batch=options.batch,
        optimizer=options.optimizer,
        precision=options.precision,
        mode=options.mode,
        fused=options.fused,
    )


def _card(text: str | None) -> Card | None:
    try:
        return None if text is None else card_named(text)
    except ValueError as error:
        raise UsageError(f"--gpu: {error}") from None


def _record(
    model: MemoryModel, estimate: Estimate, verdict: Verdict | None, largest: LargestBatch | None
) -> dict[str, Any]:
    """The estimate in bytes; null for what is unknown, and for the answers that need a card."""
    is_known = not model.unknown
    return {
        "kept_bytes": estimate.kept.value if is_known else None,
        "static_bytes": estimate.static if is_known else None,
        "peak_low": estimate.low if is_known else None,
        "peak_high": estimate.high if is_known else None,
        "reserved_high": reserved_high(estimate.high) if is_known else None,
        "peak_at": place_of(model, estimate) if is_known else None,
        "verdict": verdict,
        "largest_batch": {
            "fits": None if largest is None else largest.fits,
            "may_fit": None if largest is None else largest.may_fit,
        },
    }


def _card_lines(card: Card, verdict: Verdict, largest: LargestBatch | None) -> list[str]:
    lines = ["", f"{card.name}: {verdict}, {WORDS[verdict]}"]
    if largest is not None:
        lines.append(f"Largest batch: {largest.fits:,} fits, {largest.may_fit:,} may fit")
    return lines
