"""Widths and depths as axes of a sweep: `stage*.width=*0.5,*1,*2`, by the edit that scales a design."""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction
from typing import Final

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.edits.edit import EditError
from cnnstudio.core.network.design import Design, ItemPath
from cnnstudio.core.scaling.scaling import Scaling, factor_from, scale
from cnnstudio.core.scaling.widths import FIELDS

WIDTH: Final = "width"
SCALED: Final[dict[str, tuple[str, ...]]] = {WIDTH: FIELDS, "depth": ("repeat",)}
"""The words that stand in place of a field for a scaling, and the fields that it sets."""
_FACTOR: Final = re.compile(r"\s*([*×/÷])\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*", re.ASCII)


def factor_of(value: str) -> Fraction:
    """The factor that a value such as `*0.5` or `/2` means; ValueError with one sentence for any other."""
    match = _FACTOR.fullmatch(value)
    if match is None:
        raise ValueError(f"widths and depths are scaled by factors, such as *0.5 or *2, and received '{value}'")
    if match[1] in "*×":
        return factor_from(match[2])
    return 1 / factor_from(match[2])


def scaled(design: Design, word: str, within: Collection[ItemPath], value: str) -> Design:
    """The design with its widths or depths in some items times a factor; EditError with the reason if that cannot be.

    What has to agree with layers elsewhere stays as it is, as it does wherever a design is scaled.
    """
    try:
        factor = factor_of(value)
        scaling = (
            Scaling(within=tuple(within), width=factor)
            if word == WIDTH
            else Scaling(within=tuple(within), depth=factor)
        )
        return design if factor == 1 else scale(analyze(design), scaling).design
    except ValueError as error:
        raise EditError(str(error)) from None
