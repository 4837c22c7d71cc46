"""Scaling: all widths, depths and sizes of a design times factors, in one edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Final

from msgspec import Struct, structs

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.core.counting.lookup import walk_entries
from cnnstudio.core.counting.rows import BlockRow
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.edits.fields import with_items
from cnnstudio.core.network.design import MAX_REPEATS, Block, Design, Item, ItemPath, find, path_from, path_text, walk
from cnnstudio.core.network.layer import MAX_SIZE
from cnnstudio.core.network.problem import Problem
from cnnstudio.core.scaling.widths import Width, width_field, widths_of

USUAL_MULTIPLE: Final = 8
MAX_FACTOR: Final = 1000
MAX_TOLD: Final = 3
"""Reasons that the sentence of a refusal holds."""
MIN_SHARE: Final = Fraction(9, 10)
"""Rounding takes away at most a tenth. Source: MobileNetV2, Sandler et al. 2018, in its authors' code."""
COMPOUND: Final = (Fraction("1.1"), Fraction("1.2"), Fraction("1.15"))
"""Factors of width, depth and size for each step. Source: EfficientNet, Tan and Le 2019, section 3.3."""


class Scaling(Struct, frozen=True, kw_only=True):
    """Factors for widths, depths and sizes; a `size` in elements takes the place of its factor.

    Widths are rounded to multiples of `multiple`, or of the part of it that divides the width now. `within` are the
    blocks and layers that are scaled, all of them if it is empty; the size is the input's in any case.
    """

    width: Fraction = Fraction(1)
    depth: Fraction = Fraction(1)
    resolution: Fraction = Fraction(1)
    size: int | None = None
    multiple: int = USUAL_MULTIPLE
    within: tuple[ItemPath, ...] = ()


def compound(steps: Fraction) -> Scaling:
    """Width, depth and size together, as EfficientNet scales them, so many steps at once."""
    width, depth, resolution = (
        Fraction(float(factor) ** float(steps)).limit_denominator(10_000) for factor in COMPOUND
    )
    return Scaling(width=width, depth=depth, resolution=resolution)


def factor_from(text: str) -> Fraction:
    """The factor that a text means: `0.5`, `1/2`, `2`; ValueError with one sentence for any other."""
    try:
        factor = Fraction(text.strip()) if len(text) < 20 and "e" not in text.lower() else Fraction(0)
    except (ValueError, ZeroDivisionError):
        factor = Fraction(0)
    if not Fraction(1, MAX_FACTOR) <= factor <= MAX_FACTOR:
        raise ValueError(
            f"a factor is a number from 1/{MAX_FACTOR:,} to {MAX_FACTOR:,}, such as 0.5, and received '{text}'"
        )
    return factor


def scale(analysis: Analysis, scaling: Scaling) -> Edit:
    """The design with its widths, depths and sizes times the factors; notes say what had to stay.

    Raises EditError where nothing is left to scale, where a layer could not be counted afterwards that can be now, and
    for a width where no layer has known sizes, or too many layers are there.
    """
    design, notes = analysis.design, list[str]()
    if scaling.width != 1:
        design, notes = _widened(analysis, scaling)
    if scaling.depth != 1:
        design, found = _deepened(analysis, design, scaling)
        notes += found
    if scaling.resolution != 1 or scaling.size is not None:
        design = _enlarged(design, scaling)
    _require_counted(analysis, design)
    if design == analysis.design and notes:
        raise EditError(" ".join(notes[:MAX_TOLD]))
    return Edit(design, label(scaling), scaling.within, tuple(notes))


def label(scaling: Scaling) -> str:
    """`Scale width × 0.5, depth × 2, size to 160`."""
    named = (("width", scaling.width), ("depth", scaling.depth), ("size", scaling.resolution))
    words = [f"{name} × {float(factor):g}" for name, factor in named if factor != 1]
    words = (
        words if scaling.size is None else [*(word for word in words if "size" not in word), f"size to {scaling.size}"]
    )
    return f"Scale {', '.join(words) or 'by 1'}"


def scaled_channels(width: Width, factor: Fraction, multiple: int) -> int:
    """The channels of a width times a factor: rounded, at least a step, and never by more than a tenth down."""
    if factor == 1:
        return width.channels
    step = lcm(width.multiple, gcd(multiple, width.channels))
    wanted = width.channels * factor
    rounded = max(1, int(wanted / step + Fraction(1, 2))) * step
    return rounded if rounded >= MIN_SHARE * wanted else rounded + step


def set_width(design: Design, width: Width, channels: int) -> Design:
    """The design with another number of channels in all layers of a width."""
    return with_items(design, _with_channels(design, width, channels))


def new_errors(before: Analysis, after: Analysis) -> tuple[Problem, ...]:
    """The errors of a changed design that it did not have: of other layers, or by other rules."""
    known = {(error.path, error.rule) for error in before.errors}
    return tuple(error for error in after.errors if (error.path, error.rule) not in known)


def repeatable(analysis: Analysis) -> tuple[ItemPath, ...]:
    """The blocks that can be passed more often: those repeated now, and those that give what they take.

    Of blocks inside each other it is the innermost.
    """
    found = dict.fromkeys(path_from(entry.place) for entry in walk_entries(analysis.entries) if _repeats(entry))
    return tuple(path for path in found if not any(other[: len(path)] == path and other != path for other in found))


def _repeats(entry: Any) -> bool:
    if not isinstance(entry, BlockRow):
        return False
    return entry.block.repeat > 1 or (entry.output_shape is not None and entry.input_shapes == (entry.output_shape,))


def _widened(analysis: Analysis, scaling: Scaling) -> tuple[Design, list[str]]:
    changes: dict[ItemPath, Item] = {}
    left: list[str] = []
    try:
        widths = widths_of(analysis)
    except ValueError as error:
        raise EditError(str(error)) from None
    for width in widths:
        chosen = [_is_within(owner, scaling.within) for owner in width.owners]
        if not any(chosen):
            continue
        if width.reason or not all(chosen):
            pairs = list(zip(width.owners, chosen, strict=True))
            first = next(owner for owner, is_chosen in pairs if is_chosen)
            others = [owner for owner, is_chosen in pairs if not is_chosen]
            reason = width.reason or f"it agrees with {path_text(others[0])}"
            left.append(f"{path_text(first)} stays as it is: {reason}.")
            continue
        changes |= _with_channels(analysis.design, width, scaled_channels(width, scaling.width, scaling.multiple))
    return with_items(analysis.design, changes), left


def _with_channels(design: Design, width: Width, channels: int) -> dict[ItemPath, Item]:
    if channels > MAX_SIZE:
        raise EditError(
            f"{path_text(width.owners[0])} would have {channels:,} channels, and at most {MAX_SIZE:,} are allowed."
        )
    changed: dict[ItemPath, Item] = {}
    for path in width.owners:
        item = find(design, path)
        values: dict[str, Any] = {width_field(item): channels}
        if path in width.grouped:
            values["groups"] = channels
        changed[path] = structs.replace(item, **values)
    return changed


def _deepened(analysis: Analysis, design: Design, scaling: Scaling) -> tuple[Design, list[str]]:
    changed: dict[ItemPath, Item] = {}
    for path in repeatable(analysis):
        block = find(design, path)
        if isinstance(block, Block) and _is_within(path, scaling.within):
            repeat = max(1, int(block.repeat * scaling.depth + Fraction(1, 2)))
            if repeat > MAX_REPEATS:
                raise EditError(
                    f"{'/'.join(path)} would repeat {repeat:,} times, and at most {MAX_REPEATS:,} are allowed."
                )
            changed[path] = structs.replace(block, repeat=repeat)
    if not changed:
        return design, ["No block repeats, and none gives what it takes, so the depth stays as it is."]
    return with_items(design, changed), []


def input_sizes(design: Design) -> dict[ItemPath, int]:
    """The first side that is given of each input that has one."""
    return {path: next(filter(None, sides)) for path, _, sides in _sized_inputs(design)}


def _sized_inputs(design: Design) -> Iterator[tuple[ItemPath, Item, tuple[int | None, ...]]]:
    for path, item in walk(design.layers):
        size = () if isinstance(item, Block) or item.max_inputs != 0 else getattr(item, "size", ())
        sides = size if isinstance(size, tuple) else (size,)
        if any(sides):
            yield path, item, sides


def _enlarged(design: Design, scaling: Scaling) -> Design:
    changed: dict[ItemPath, Item] = {}
    for path, item, sides in _sized_inputs(design):
        # A side that is not given stays so.
        new = tuple([side and _size(side, scaling, path) for side in sides])
        changed[path] = structs.replace(item, size=new if isinstance(getattr(item, "size", ()), tuple) else new[0])
    if not changed:
        raise EditError("no input has a size that could be scaled.")
    return with_items(design, changed)


def _size(side: int, scaling: Scaling, path: ItemPath) -> int:
    found = scaling.size or max(1, int(side * scaling.resolution + Fraction(1, 2)))
    if found > MAX_SIZE:
        raise EditError(_too_much(path, f"have a side of {found:,}", MAX_SIZE))
    return found


def _too_much(path: ItemPath, would: str, most: int) -> str:
    return f"{path_text(path)} would {would}, and at most {most:,} are allowed."


def _is_within(path: ItemPath, within: Iterable[ItemPath]) -> bool:
    chosen = [*within]
    return not chosen or any(path[: len(outer)] == outer for outer in chosen)


def _require_counted(before: Analysis, design: Design) -> None:
    """Raises EditError for a layer that cannot be counted any more."""
    for error in new_errors(before, analyze(design, before.convention)):
        raise EditError(f"the scaled design would not count: {error}")
