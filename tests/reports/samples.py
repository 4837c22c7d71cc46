"""Reports to be written in every form: plain ones, worksheets with their keys, faulty ones, and hostile ones."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.columns import COLUMN, Column
from cnnstudio.core.network.design import Block, Design
from cnnstudio.formats.design_yaml import parse_design
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.structure import Identity, Input
from cnnstudio.reports.content.composition import compose
from cnnstudio.reports.content.manuscript import Manuscript
from cnnstudio.reports.content.report import ReportRequest, Worksheet, all_working, answer_working, worksheet_columns

DESIGNS = ("alexnet", "resnet-50", "mobilenet-v2", "u-net")
SUMMED = ("weights", "biases", "parameters", "macs")
FAULTY = """cnnstudio: 1
name: Faulty
layers:
- {type: Input, name: image, size: [8, 8], channels: 3}
- {type: Conv2D, name: conv, filters: 4, kernel_size: 3}
- {type: Conv2D, name: large, filters: 4, kernel_size: 99}
- {type: Flatten, name: flat}
- {type: Dense, name: fc, units: 10}
"""


def faulty() -> Analysis:
    """A network of which three layers are unknown."""
    return analyze(parse_design(FAULTY).design)


def columns(*keys: str) -> tuple[Column, ...]:
    """Columns by their keys."""
    return tuple(COLUMN[key] for key in keys)


def plain(analysis: Analysis, **options: Any) -> Manuscript:
    """A report on it."""
    return compose(ReportRequest(analysis=analysis, **options))


def with_working(analysis: Analysis, **options: Any) -> Manuscript:
    """A report with the working of everything."""
    return plain(analysis, working=all_working(analysis), **options)


def worksheet(analysis: Analysis, *blank: str, has_answers: bool = False, **options: Any) -> Manuscript:
    """A worksheet with blank columns, or its key."""
    return plain(
        analysis,
        worksheet=Worksheet(blank, has_answers=has_answers),
        columns=worksheet_columns(analysis, blank),
        working=answer_working(analysis, blank),
        **options,
    )


def named(name: str, note: str = "") -> Analysis:
    """A design, a block and a layer of that name, with that note."""
    conv = Conv2D(name=name, filters=2, kernel_size=3, note=note)
    block = Block(name=name, layers=(conv,), note=note)
    image = Input(name="image", size=(8, 8), channels=3)
    return analyze(Design(name=name, note=note, layers=(image, block, Identity(name="last", inputs=(name,)))))
