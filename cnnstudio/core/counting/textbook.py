"""Workings as a textbook sets them: with left sides, `same` padding derived, and the forms of the usual courses.

After a Flatten a dense layer has W_cf = O² · N · F weights, after another dense layer W_ff = F₋₁ · F; a pooling window
is P_s. Source: "Number of Parameters and Tensor Sizes in a Convolutional Neural Network", learnopencv.com, 2018.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import structs

from cnnstudio.core.arithmetic.derivation import Working, product, renamed, square, symbol
from cnnstudio.core.arithmetic.shape import AXIS_NAMES, AXIS_WORDS, Shape, padding_workings
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.quantities import QUANTITIES, QUANTITY
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.counting.working import workings
from cnnstudio.core.network.problem import listed

_BY_PATH: Final = "rows by path"
_LEFT_SIDES: Final = {"weights": "W", "biases": "B"}
_AXES: Final = {
    f"output {word}": f"O{name}"
    for rank, names in AXIS_NAMES.items()
    for word, name in zip(AXIS_WORDS[rank], names, strict=True)
}


def textbook_workings(row: Row, analysis: Analysis) -> tuple[Working, ...]:
    """The working of every number of a row, as `workings` has them."""
    found = list(workings(row))
    if row.counts is None:
        return tuple(found)
    # With what else is in memory, before what an output sees.
    place = next((at for at, working in enumerate(found) if QUANTITY[working.key].group == "field"), len(found))
    found[place:place] = [quantity.explain(row, analysis) for quantity in QUANTITIES if quantity.explain is not None]
    suffix = ""
    if row.layer.type_name == "Dense":
        found, suffix = _dense(row, analysis, [_in_units(working) for working in found])
    if row.layer.family == "pooling":
        found = [_with_pool_size(working, row) for working in found]
    place = sum(working.key == "output" for working in found)
    padding = padding_workings(row.layer.padded_axes(row.taken_shapes[0])) if len(row.taken_shapes) == 1 else ()
    found = [*found[:place], *padding, *found[place:]]
    return tuple(_with_left_side(working, suffix) for working in found)


def zeros_joined(found: Iterable[Working]) -> tuple[Working, ...]:
    """One line for all counts that are 0: `weights, biases and MACs = 0`."""
    kept: list[Working] = []
    zeros: list[Working] = []
    for working in found:
        is_nothing = working.value == 0 and QUANTITY[working.key].rule is not None
        (zeros if is_nothing else kept).append(working)
    if len(zeros) < 2:
        return (*kept, *zeros)
    zeros.sort(key=lambda zero: zero.key != "parameters")
    reasons = dict.fromkeys(zero.reason for zero in zeros if zero.reason and not zero.has_formula)
    names = listed([zero.name for zero in zeros])
    return (*kept, structs.replace(zeros[0], name=names, number=0, reason="; ".join(reasons), symbol=""))


def _with_left_side(working: Working, suffix: str) -> Working:
    if not working.has_formula or working.symbol:
        return working
    left = _AXES.get(working.name, "") if working.key == "output" else _LEFT_SIDES.get(working.key, "")
    if not left:
        return working
    return structs.replace(working, symbol=left + (suffix if working.key in _LEFT_SIDES else ""))


def _with_pool_size(working: Working, row: Row) -> Working:
    """The working with P_s for the window of a pool, and P_s_h where its axes differ."""
    if working.number is None or QUANTITY[working.key].group == "field":
        return working
    size = getattr(row.layer, "pool_size", None)
    is_square = not isinstance(size, tuple) or len(set(size)) == 1

    def name(old: str) -> str:
        stem, _, axis = old.partition("_")
        return old if stem != "K" else "P_s" if is_square or not axis else f"P_s_{axis}"

    return structs.replace(working, number=renamed(working.number, name))


def _in_units(working: Working) -> Working:
    """The working of a dense layer with F for what it gives, as N is of the map that was flattened."""
    if working.number is None:
        return working
    return structs.replace(working, number=renamed(working.number, lambda old: "F" if old == "N" else old))


def _dense(row: Row, analysis: Analysis, found: list[Working]) -> tuple[list[Working], str]:
    """The workings of a dense layer by what its vector was made of, and the suffix of its weights."""
    source = _source(row, analysis)
    units = symbol("F", row.counts.output.channels if row.counts is not None else 0)
    if isinstance(source, Shape):
        sizes = [symbol(f"O{name}", size) for name, size in zip(AXIS_NAMES[source.rank], source.spatial, strict=True)]
        is_square = source.rank == 2 and len(set(source.spatial)) == 1
        area = square(symbol("O", source.spatial[0])) if is_square else product(sizes)
        each, suffix = area * symbol("N", source.channels), "_cf"
    elif source is not None:
        each, suffix = symbol("F_-1", source), "_ff"
    else:
        return found, ""
    has_bias = bool(row.counts and row.counts.biases)
    forms = {"weights": each * units, "parameters": (each + 1) * units if has_bias else each * units}
    return [_in_form(working, forms) for working in found], suffix


def _in_form(working: Working, forms: dict[str, int]) -> Working:
    """The working with another formula, if that comes to the same."""
    form = forms.get(working.key)
    return working if form is None or working.value != int(form) else structs.replace(working, number=form)


def _source(row: Row, analysis: Analysis) -> Shape | int | None:
    """The map that was flattened into the vector that a row takes, or the units that gave it; None for others."""
    current: Row | None = row
    while current is not None and len(current.inputs) == 1 and current.input_shapes[0] is not None:
        above = _row_at(current.inputs[0], analysis)
        if above is None or above.counts is None or above.counts.output.rank:
            return None
        given = above.input_shapes[0] if len(above.input_shapes) == 1 else None
        if above.layer.type_name == "Dense":
            return above.counts.output.channels
        # As many elements as the map has: a global pooling gives a vector too, but has one element for each channel.
        if given is not None and given.rank and above.counts.output.channels == given.elements:
            return given
        # Layers that keep the shape lie in between, such as an activation or dropout: the vector is made further up.
        if given != above.counts.output:
            return None
        current = above
    return None


def _row_at(path: str, analysis: Analysis) -> Row | None:
    # Kept by the analysis, as its cached properties are: each of thousands of dense layers asks for another one.
    rows = analysis.__dict__.setdefault(_BY_PATH, {})
    if not rows:
        for row in _rows(analysis.entries):
            rows.setdefault(row.path, row)
    found: Row | None = rows.get(path)
    return found


def _rows(entries: Iterable[object]) -> Iterator[Row]:
    for entry in entries:
        if isinstance(entry, Row):
            yield entry
        else:
            for passed in getattr(entry, "passes", ()):
                yield from _rows(passed.entries)
