"""The problems of small designs, as a person reads them."""

from __future__ import annotations

from cnnstudio.core.arithmetic.convention import ConventionKey
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design, Item


def said(*items: Item, convention: ConventionKey = "pytorch") -> list[str]:
    """The problems of a design as `severity path: sentence remedy`."""
    design = Design(layers=items, convention=convention)
    return [f"{problem.severity} {problem}" for problem in analyze(design).problems]
