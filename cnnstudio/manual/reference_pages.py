"""The pages for looking things up, made from the declarations of numbers, conventions, files and designs."""

from __future__ import annotations

from functools import cache
from typing import Final

from cnnstudio.core.arithmetic.convention import BIASES_OF_A_GATE, CONVENTIONS
from cnnstudio.core.arithmetic.derivation import symbol_text
from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.network.design import Block, Design
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.formats.building_blocks import builtin_blocks
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.gallery import builtin_groups
from cnnstudio.manual.layer_pages import field_table
from cnnstudio.manual.page import Page, code, table
from cnnstudio.reports.content.legend import SYMBOL_WORDS

CHAPTER: Final = "Reference"
COMPARED: Final = ("resnet-50", "mobilenet-v2", "lenet-5", "vgg-16")
"""Built-in designs by which the conventions are shown to differ, or not to."""


def reference_pages() -> tuple[Page, ...]:
    """Numbers, conventions, the fields of a file, built-in designs and building blocks."""
    return (
        Page("reference/numbers.md", "Numbers and symbols", CHAPTER, _numbers_text),
        Page("reference/conventions.md", "What each convention counts", CHAPTER, _conventions_text),
        Page("reference/fields.md", "Fields of a design file", CHAPTER, _fields_text),
        Page("reference/designs.md", "Built-in designs", CHAPTER, _designs_text),
        Page("reference/blocks.md", "Building blocks", CHAPTER, _blocks_text),
    )


def _numbers_text() -> str:
    rows = [(quantity.title, code(quantity.key), quantity.help) for quantity in QUANTITIES]
    symbols = [
        (code(symbol_text(name)), words)
        for name, words in sorted(SYMBOL_WORDS.items(), key=lambda pair: pair[0].lower())
    ]
    return "\n\n".join(
        (
            "# Numbers and symbols",
            "Every number that the studio counts, for one input. The names in the second column are those of "
            "`cnnstudio summary --columns`, of JSON and of CSV.",
            table(("number", "name", "what it is"), rows),
            "## Symbols in a working",
            "An index tells the axis: `K_h` is the kernel size along the height. A layer type may give a letter a "
            "meaning of its own, which its page says.",
            table(("symbol", "stands for"), symbols),
            "",
        )
    )


def _conventions_text() -> str:
    head = ("convention", "moving statistics are", "pooling rounds up by the rule of", "biases of a gate", "shapes")
    rows = [
        (
            item.title,
            "parameters" if item.counts_state else "apart",
            CONVENTIONS[item.rounding].title,
            str(BIASES_OF_A_GATE[item.rules]),
            item.shape_order,
        )
        for item in CONVENTIONS.values()
    ]
    return "\n\n".join(
        (
            "# What each convention counts",
            "\n".join(f"- {item.sentence}" for item in CONVENTIONS.values()),
            table(head, rows),
            "## The same designs, counted three ways",
            _compared_text(),
            "",
        )
    )


def _compared_text() -> str:
    """Parameters and MACs of some built-in designs by each convention."""
    keys = ("parameters", "macs")
    head = ("design", "number", *(item.title for item in CONVENTIONS.values()))
    rows: list[tuple[str, ...]] = []
    for stem in COMPARED:
        counted = [analyze(_design(stem), item) for item in CONVENTIONS.values()]
        rows += [
            (_design(stem).name, QUANTITY[key].title, *[_total(one_way, key) for one_way in counted]) for key in keys
        ]
    return table(head, rows)


def _total(analysis: Analysis, key: str) -> str:
    quantity = QUANTITY[key]
    return quantity.total(analysis).text(quantity.unit.full)


def _fields_text() -> str:
    return "\n\n".join(
        (
            "# Fields of a design file",
            "A design file is a YAML mapping with `cnnstudio: 1`, the fields of the design, and its layers. Each "
            "layer type has a page with its own fields; this page has the others.",
            "## Design",
            field_table(_without_layers(Design)),
            "## Block",
            "A block has `type: Block` and `layers` of its own.",
            field_table(_without_layers(Block)),
            "",
        )
    )


def _without_layers(kind: type[Design] | type[Block]) -> list[Field]:
    return [field for field in fields_of(kind) if field.name != "layers"]


def _designs_text() -> str:
    parts = ["# Built-in designs", "Their names work wherever a file does: `cnnstudio alexnet`."]
    for group in builtin_groups():
        rows = [_design_cells(stem) for stem in group.stems]
        parts += [f"## {group.title}", table(("name", "design", "parameters", "MACs", "source"), rows)]
    return "\n\n".join(parts) + "\n"


def _design_cells(stem: str) -> tuple[str, ...]:
    design = _design(stem)
    analysis = analyze(design)
    note = " ".join(design.note.split())
    return code(stem), design.name, _total(analysis, "parameters"), _total(analysis, "macs"), note


@cache
def _design(stem: str) -> Design:
    return open_design(stem).design


def _blocks_text() -> str:
    rows = [(block.name, block.help_line) for block in builtin_blocks()]
    return "\n\n".join(
        (
            "# Building blocks",
            "Several layers at once, in the palette below the layer types. A block adapts to the place where it is "
            "put. Keep blocks of your own by Layer, Save as building block.",
            table(("block", "what it is"), rows),
            "",
        )
    )
