"""A variant made by hand, by the edits that the window makes, and counted afresh."""

from __future__ import annotations

from fractions import Fraction

from cnnstudio.authoring.retyping import change_type
from cnnstudio.core import edits
from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Design, find
from cnnstudio.core.network.field_arithmetic import is_arithmetic
from cnnstudio.core.network.field_text import parse_field
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.scaling.scaling import Scaling, scale
from cnnstudio.core.sweeps.axis import Axis
from cnnstudio.core.sweeps.plan import MEASURED, SUMMED
from cnnstudio.core.sweeps.space import Space
from cnnstudio.core.sweeps.table import VariantRow


def by_hand(space: Space, values: tuple[str, ...]) -> Design:
    """The design with each axis set to its value; EditError where one is refused."""
    design = space.design
    pairs = sorted(zip(space.axes, values, strict=True), key=lambda pair: (pair[0].field != "type", not pair[0].scales))
    for axis, value in pairs:
        design = _set(design, axis, value)
    return design


def refusal_of(space: Space, values: tuple[str, ...]) -> str:
    """The reason why there is no such design; nothing if there is."""
    try:
        by_hand(space, values)
    except edits.EditError as error:
        return str(error)
    return ""


def _set(design: Design, axis: Axis, value: str) -> Design:
    if axis.field == "type":
        return change_type(design, axis.paths, value).design
    if axis.scales:
        width, depth = (Fraction(value[1:]) if axis.field == word else Fraction(1) for word in ("width", "depth"))
        return scale(analyze(design), Scaling(within=axis.paths, width=width, depth=depth)).design
    for path in axis.paths:
        declared = next((each for each in fields_of(type(find(design, path))) if each.name == axis.field), None)
        if declared is not None and is_arithmetic(declared, value):
            design = edits.work_out(design, (path,), axis.field, value).design
            continue
        try:
            parsed = value if declared is None else parse_field(declared, value)
        except ValueError as error:
            raise edits.EditError(str(error)) from None
        design = edits.set_field(design, (path,), axis.field, parsed).design
    return design


def assert_same(space: Space, row: VariantRow) -> None:
    """Fails unless a row says what the analysis of the same edits made by hand says, in everything."""
    values = space.values(space.picks(row.variant))
    refusal = refusal_of(space, values)
    if refusal:
        assert row.counted.numbers is None, values
        assert refusal in [problem.sentence for problem in row.problems]
        return
    analysis = analyze(by_hand(space, values))
    totals = {quantity.key: row.total(quantity) for quantity in SUMMED}
    assert totals == {quantity.key: quantity.total(analysis) for quantity in SUMMED}, values
    # Memory is unknown unless it is asked for.
    asked = [row.exact(quantity) for quantity in MEASURED]
    found = [total.value if total.is_exact else None for total in (quantity.total(analysis) for quantity in MEASURED)]
    assert asked == (found if space.has_memory else [None] * len(MEASURED)), values
    assert row.counted.output == analysis.entries[-1].output_shape, values
    assert row.problems == analysis.problems, values
